"""Logs of several tasks as one stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import msgspec
import pytest

if TYPE_CHECKING:
    from tests.service.conftest import ScriptedStreams

from longshore.model.batch import Batch, Kind
from longshore.model.clock import Micros
from longshore.model.ids import HostId, StackId, TaskId
from longshore.model.lifecycle import StackState, TaskState
from longshore.model.spec import Graph, ImageRef, ServiceSpec
from longshore.model.stack import Stack
from longshore.model.task import Task
from longshore.service.desk import Desk
from longshore.service.log import Line, logs

pytestmark = pytest.mark.anyio

STACK = Stack(
    id=StackId("stack-1"),
    project="default",
    name="shop",
    generation=1,
    state=StackState.ACTIVE,
    graph=Graph(name="shop", services={"web": ServiceSpec(name="web", image=ImageRef(name="nginx"))}),
)


def task(number: int, state: TaskState = TaskState.RUNNING) -> Task:
    return Task(
        id=TaskId(f"task-{number}"),
        stack=STACK.id,
        service="web",
        slot=number,
        digest="",
        generation=1,
        host=HostId("host-1"),
        state=state,
    )


def put(desk: Desk, *tasks: Task) -> None:
    puts = {Kind.STACK: {STACK.id: STACK}, Kind.TASK: {task.id: task for task in tasks}}
    desk.store.commit(Batch(puts=puts))  # type: ignore[arg-type]


async def texts(lines: AsyncGenerator[Line, None], count: int) -> list[str]:
    async with asyncio.timeout(2):
        return [(await anext(lines)).text for _ in range(count)]


async def test_lines_are_merged_by_time(desk: Desk, streams: ScriptedStreams) -> None:
    put(desk, task(1), task(2), task(3, TaskState.PLACED), task(4, TaskState.COMPLETED))
    streams.runs = {"task-1": [["a@1", "d@4", "d2@4"]], "task-2": [["b@2", "c@3"]], "task-4": [[]]}
    lines = [line async for line in await logs(desk, stack="shop")]
    assert [line.text for line in lines] == ["a", "b", "c", "d", "d2"]
    assert [line.task for line in lines] == [f"shop/web.{n}" for n in (1, 2, 2, 1, 1)]
    # What is only placed has no container, and so no log.
    assert [asked for asked, _, _ in streams.asked] == ["host-1/task-1", "host-1/task-2", "host-1/task-4"]


async def test_a_task_that_is_started_again_is_read_on(desk: Desk, streams: ScriptedStreams) -> None:
    put(desk, task(1))
    streams.runs = {"task-1": [["a@1", "b@2"], ["a@1", "b@2", "c@3"]]}
    lines = await logs(desk, stack="shop", follow=True, tail=5)
    assert await texts(lines, 2) == ["a", "b"]
    put(desk, msgspec.structs.replace(task(1), started_at=Micros(3), restarts=1))
    assert await texts(lines, 1) == ["c"]
    await lines.aclose()
    assert streams.asked == [("host-1/task-1", True, 5), ("host-1/task-1", True, -1)]


async def test_an_error_of_the_follower_is_not_swallowed(desk: Desk, streams: ScriptedStreams) -> None:
    put(desk, task(1))
    streams.runs = {"task-1": [[]]}
    lines = await logs(desk, stack="shop", follow=True)
    waiting = asyncio.create_task(texts(lines, 1))
    await desk.store.bell.wait(0.05)
    desk.store.close()
    desk.store.bell.ring()
    with pytest.raises(Exception, match="closed"):
        await waiting
