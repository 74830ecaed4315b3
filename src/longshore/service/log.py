"""Logs: the lines of several tasks as one stream.

Read once, the lines of all tasks are merged by their time; followed, they come as they come, and
tasks that are started later join in. A task whose log cannot be read is a line that says so: the
others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from longshore.model.errors import LongshoreError
from longshore.model.ids import TaskId
from longshore.model.lifecycle import TaskState
from longshore.model.stack import Stack
from longshore.model.task import Task
from longshore.service.desk import Desk
from longshore.service.name import PROJECT, check_service, find_stack, unknown
from longshore.service.relay import relay

LOOK_AGAIN = 1.0
"""Seconds after which a follower looks for new tasks unasked."""

WAITING_LINES = 1000
"""Lines held for a slow client before the tasks' streams have to wait."""

_WITH_CONTAINER = frozenset({TaskState.RUNNING, TaskState.STOPPING, TaskState.COMPLETED})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line with its task's name for people; `stream` is stdout, stderr, or error: no log to be had."""

    task: str
    text: str
    stream: str = "stdout"
    at: int = 0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whose lines: a stack's, one service's, or one slot's; the last `tail` of each task, -1 all."""

    stack: Stack
    service: str = ""
    slot: int = 0
    tail: int = -1

    def name_of(self, task: Task) -> str:
        """The task's name for people."""
        return f"{self.stack.name}/{task.service}.{task.slot}"


async def logs(
    desk: Desk,
    *,
    stack: str,
    service: str = "",
    slot: int = 0,
    tail: int = -1,
    follow: bool = False,
    project: str = PROJECT,
) -> AsyncGenerator[Line, None]:
    """What tasks wrote, and with `follow` what they write, without end.

    Raises:
        NotFound: `no-such-stack`, `no-such-service`, `no-such-task`.
    """
    found = await find_stack(desk, stack, project=project)
    if service:
        check_service(found.graph, found.name, service)
    wanted = Wanted(stack=found, service=service, slot=slot, tail=tail)
    tasks = await _tasks(desk, wanted)
    if follow:
        return _follow(desk, wanted)
    if slot and not tasks:
        raise unknown("task", f"{stack}/{service}.{slot}", ())
    return _merge(desk, wanted, tasks)


async def _tasks(desk: Desk, wanted: Wanted) -> list[Task]:
    """The tasks that have, or had, a container."""
    tasks = await desk.nouns(Task, stack=wanted.stack.id)
    return sorted(
        (
            task
            for task in tasks
            if wanted.service in {"", task.service}
            and wanted.slot in {0, task.slot}
            and (task.foreign_id or task.state in _WITH_CONTAINER)
        ),
        key=lambda task: (task.service, task.slot, task.id),
    )


async def _lines(
    desk: Desk, wanted: Wanted, task: Task, *, follow: bool, tail: int
) -> AsyncGenerator[Line, None]:
    """One task's lines; its errors as a line."""
    name = wanted.name_of(task)
    source = relay(desk.streams.logs(task.host, task.id, follow=follow, tail=tail))
    try:
        async with aclosing(source) as lines:
            async for line in lines:
                yield Line(task=name, text=line.text, stream=line.stream, at=line.at)
    except LongshoreError as error:
        yield Line(task=name, text=f"no log to be had: {error.message}", stream="error", at=desk.clock.now())


async def _merge(desk: Desk, wanted: Wanted, tasks: list[Task]) -> AsyncGenerator[Line, None]:
    """The lines of all tasks by time; each task's are in order already, so one line of each is held."""
    sources = [_lines(desk, wanted, task, follow=False, tail=wanted.tail) for task in tasks]
    try:
        heads = await asyncio.gather(*(anext(source, None) for source in sources))
        held = {index: head for index, head in enumerate(heads) if head is not None}
        while held:
            index = min(held, key=lambda i: (held[i].at, i))
            yield held.pop(index)
            head = await anext(sources[index], None)
            if head is not None:
                held[index] = head
    finally:
        for source in sources:
            await source.aclose()


async def _follow(desk: Desk, wanted: Wanted) -> AsyncGenerator[Line, None]:
    """The lines as they come. A scout looks for tasks, a reader per task fills the queue."""
    queue: asyncio.Queue[Line] = asyncio.Queue(WAITING_LINES)
    scout = asyncio.create_task(_scout(desk, wanted, queue))
    getter = asyncio.create_task(queue.get())
    try:
        while True:
            await asyncio.wait({getter, scout}, return_when=asyncio.FIRST_COMPLETED)
            if not getter.done():
                # The scout never ends by itself: it failed, and its error is the stream's.
                scout.result()
            yield getter.result()
            while not queue.empty():
                yield queue.get_nowait()
            getter = asyncio.create_task(queue.get())
    finally:
        getter.cancel()
        scout.cancel()
        await asyncio.gather(getter, scout, return_exceptions=True)


async def _scout(desk: Desk, wanted: Wanted, queue: asyncio.Queue[Line]) -> None:
    """Have a reader for every task, until cancelled; one that was started again is read on."""
    readers: dict[TaskId, asyncio.Task[int]] = {}
    begun: dict[TaskId, tuple[int, int]] = {}
    tail = wanted.tail
    try:
        while True:
            heard = desk.store.bell.rings
            for task in await _tasks(desk, wanted):
                run = (task.started_at, task.restarts)
                reader = readers.get(task.id)
                if reader is None:
                    since = 0
                elif reader.done() and begun[task.id] != run:
                    since = reader.result()
                else:
                    continue
                begun[task.id] = run
                reading = _read(desk, wanted, task, queue, tail=tail, since=since)
                readers[task.id] = asyncio.create_task(reading)
            # Whoever comes now was started while we were watching: all of it is new.
            tail = -1
            await desk.store.bell.wait(LOOK_AGAIN, heard)
    finally:
        for reader in readers.values():
            reader.cancel()
        await asyncio.gather(*readers.values(), return_exceptions=True)


async def _read(
    desk: Desk,
    wanted: Wanted,
    task: Task,
    queue: asyncio.Queue[Line],
    *,
    tail: int,
    since: int,
) -> int:
    """Put a task's lines later than `since` into the queue; gives the time of the last one."""
    last = since
    async with aclosing(_lines(desk, wanted, task, follow=True, tail=tail)) as lines:
        async for line in lines:
            if not since or line.at > since:
                await queue.put(line)
                last = max(last, line.at)
    return last
