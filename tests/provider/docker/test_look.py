"""Looking, and hearing of changes, on a real engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from longshore.model.clock import SECOND, Clock
from longshore.model.report import ContainerReport, ContainerState
from longshore.model.seams import TaskOrder
from longshore.model.spec import Healthcheck
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.wire import QUICK, Wire

Orders = Callable[..., TaskOrder]

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


async def until(
    told: AsyncIterator[ContainerReport], state: ContainerState, **fields: object
) -> list[ContainerReport]:
    """What is told up to and with the first report of that state (and those fields)."""
    seen: list[ContainerReport] = []
    async with asyncio.timeout(20):
        async for report in told:
            seen.append(report)
            if report.state is state and all(getattr(report, k) == v for k, v in fields.items()):
                return seen
    raise AssertionError(seen)


async def test_a_look_tells_what_the_host_is(engine: DockerEngine, clock: Clock) -> None:
    before = clock.now()
    report = await engine.look()
    assert report.host == "host-1"
    assert before <= report.began <= report.at <= clock.now()
    assert report.capacity.cpu >= 1000
    assert report.capacity.cpu % 1000 == 0
    assert report.capacity.memory > 1 << 28
    assert (report.os, report.engine.split()[0]) == ("linux", "docker")
    assert report.arch in {"amd64", "arm64"}
    assert (report.containers, report.held) == ((), ())


async def test_every_change_is_told(engine: DockerEngine, order: Orders) -> None:
    await engine.look()
    wanted = order()
    async with aclosing(engine.events()) as told:
        await engine.start(wanted)
        assert (await until(told, ContainerState.RUNNING))[-1].task == wanted.task
        await engine.stop(wanted.task, 5 * SECOND)
        (*_, gone) = await until(told, ContainerState.GONE)
        assert gone.task == wanted.task


async def test_changes_between_the_look_and_the_stream_are_told_too(
    engine: DockerEngine, order: Orders
) -> None:
    await engine.look()
    await engine.start(order())
    async with aclosing(engine.events()) as told:
        await until(told, ContainerState.RUNNING)


async def test_health_changes_are_told(engine: DockerEngine, order: Orders) -> None:
    await engine.look()
    async with aclosing(engine.events()) as told:
        check = Healthcheck(test=("CMD", "test", "-e", "/tmp/sick"), interval=SECOND // 10, retries=1)
        wanted = order(healthcheck=check)
        await engine.start(wanted)
        await until(told, ContainerState.RUNNING, health="unhealthy")
        frames = [f async for f in engine.execute(wanted.task, ("touch", "/tmp/sick"), tty=False, stdin=None)]
        assert frames[-1].exit_code == 0
        await until(told, ContainerState.RUNNING, health="healthy")


async def test_other_peoples_containers_are_not_told(engine: DockerEngine, order: Orders, wire: Wire) -> None:
    await engine.look()
    async with aclosing(engine.events()) as told:
        body = {"Image": order().spec.image.name, "Cmd": ["true"]}
        await wire.tell("POST", "/containers/create", query={"name": f"{order().name}-not"}, body=body)
        await wire.tell("DELETE", f"/containers/{order().name}-not")
        await engine.start(order())
        seen = await until(told, ContainerState.RUNNING)
        assert {report.task for report in seen} == {order().task}


async def test_a_look_beside_a_stream_of_changes_is_exact(
    engine: DockerEngine, order: Orders, wire: Wire, clock: Clock
) -> None:
    wanted = order()
    await engine.look()
    heard: list[ContainerReport] = []

    async def listen() -> None:
        async with aclosing(engine.events()) as told:
            async for report in told:
                heard.append(report)  # noqa: PERF401 - others read it meanwhile

    listening = asyncio.create_task(listen())
    try:
        first = await engine.start(wanted)
        while not any(report.state is ContainerState.RUNNING for report in heard):
            await clock.sleep(SECOND // 100)
        assert (await engine.look()).containers == (first,)
        # Behind our back, within the engine: a look finds the new start, not what it knew.
        await wire.tell("POST", f"/containers/{first.foreign_id}/kill")
        async with asyncio.timeout(10):
            while (await engine.look()).containers[0].state is not ContainerState.EXITED:
                await clock.sleep(SECOND // 100)
        second = await engine.restart(wanted.task, SECOND)
        assert (await engine.look()).containers == (second,)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_looks_ask_only_for_what_they_do_not_know(
    engine: DockerEngine, order: Orders, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        await engine.start(order(name))
    asked: list[str] = []
    call = engine._wire.call

    async def counted(
        method: str,
        path: str,
        into: type[object],
        *,
        query: dict[str, object] | None = None,
        limit: int = QUICK,
    ) -> object:
        asked.append(path)
        return await call(method, path, into, query=query, limit=limit)

    monkeypatch.setattr(engine._wire, "call", counted)
    stream = engine.events()
    listening = asyncio.ensure_future(anext(stream))
    while engine._live is None:
        await clock.sleep(SECOND // 100)
    seen = (await engine.look()).containers
    ours = {f"/containers/{container.foreign_id}/json" for container in seen}
    assert ours <= set(asked)
    asked.clear()
    await engine.look()
    # Lists are asked for each time; of what is foreign, only what came since.
    assert not ours & set(asked)
    assert {path for path in asked if path.count("/") == 1 or path.endswith("/json")} >= {"/info"}
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await stream.aclose()
    asked.clear()
    await engine.look()
    assert ours <= set(asked)


async def test_a_look_tells_the_images_and_what_others_reserve(engine: DockerEngine, order: Orders) -> None:
    await engine.start(order("a"))
    report = await engine.look()
    assert report.images is not None
    assert any(name.startswith("sha256:") for name in report.images)
    assert report.foreign.memory >= 0
    assert not report.foreign.cpu
