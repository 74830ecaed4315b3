"""The lives of simulated containers, what events tell of them, and the bad days of their hosts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from msgspec import structs

from longshore.model.clock import HOUR, MINUTE, SECOND, Micros
from longshore.model.errors import Unreachable
from longshore.model.holding import HoldingKind
from longshore.model.ids import HostId, TaskId
from longshore.model.lifecycle import Health
from longshore.model.report import ContainerReport, ContainerState
from longshore.model.seams import HoldingOrder, TaskOrder
from longshore.model.spec import Healthcheck, ImageRef, RestartPolicy, RestartWhen, ServiceSpec
from longshore.provider.simulator import SimClock, SimulatedCloud, run_virtual

START = Micros(1_700_000_000_000_000)
CELL = {"io.longshore.cell": "here", "io.longshore.stack": "shop"}
NEVER = RestartPolicy(when=RestartWhen.NONE)

Scene = Callable[["Stand"], Awaitable[None]]


class Stand:
    """A cloud with an own host, its engine, and the clock."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.clock = SimClock()
        self.cloud = SimulatedCloud("sim", {"hosts": "2", "latency": "0", **settings}, self.clock, "here")
        self.engine = self.cloud.engine(HostId("host-1"), "sim://sim/sim-1")

    async def provide(self) -> None:
        """The image `web`."""
        digest = await self.engine.resolve("web")
        await self.engine.provide(HoldingOrder(kind=HoldingKind.IMAGE, name=digest, reference="web"))

    async def state(self, task: str = "t1") -> ContainerReport | None:
        report = await self.engine.look()
        return next((c for c in report.containers if c.task == task), None)


def play(settings: dict[str, str], scene: Scene) -> SimulatedCloud:
    """Play a scene in simulated time."""

    async def main() -> SimulatedCloud:
        stand = Stand(settings)
        try:
            await scene(stand)
        finally:
            await stand.engine.close()
            await stand.cloud.close()
        return stand.cloud

    return run_virtual(main(), start=START, limit=24 * HOUR)


def order(number: int = 1, restart: RestartPolicy = NEVER, **environment: str) -> TaskOrder:
    """A task of the image `web`."""
    spec = ServiceSpec(name="web", image=ImageRef(name="web"), environment=environment, restart=restart)
    return TaskOrder(
        task=TaskId(f"t{number}"),
        name=f"shop-web-{number}",
        hostname="web",
        spec=spec,
        networks={},
        volumes={},
        labels=CELL,
    )


def healthy(number: int = 1, **environment: str) -> TaskOrder:
    task = order(number, NEVER, **environment)
    spec = structs.replace(task.spec, healthcheck=Healthcheck(test=("CMD", "true")))
    return structs.replace(task, spec=spec)


@pytest.mark.parametrize(
    ("task", "after", "state", "health"),
    [
        (healthy(), 0, "running", "starting"),
        (healthy(), 4, "running", "healthy"),
        (healthy(SIM_HEALTH="never"), 60, "running", "starting"),
        (healthy(SIM_HEALTH="unhealthy"), 4, "running", "unhealthy"),
        (order(), 60, "running", "none"),
        (order(SIM_EXIT_CODE="0"), 1, "exited", "none"),
        (order(SIM_EXIT_CODE="3", SIM_EXIT_AFTER="5"), 4, "running", "none"),
        (order(SIM_EXIT_CODE="3", SIM_EXIT_AFTER="5"), 5, "exited", "none"),
        (order(SIM_EXIT_AFTER="500ms"), 1, "exited", "none"),
    ],
)
def test_a_container_lives_as_its_environment_says(
    task: TaskOrder, after: int, state: str, health: str
) -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        assert (await stand.engine.start(task)).state is ContainerState.RUNNING
        await stand.clock.sleep(after * SECOND)
        seen = await stand.state()
        assert seen is not None
        assert (seen.state, seen.health) == (state, health)
        if state == "exited":
            code = int(task.spec.environment.get("SIM_EXIT_CODE", "0"))
            assert seen.exit_code == code
            assert bool(seen.message) is bool(code)
            assert await stand.engine.start(task) == seen, "a job must not run twice"

    play({"health": "4s"}, scene)


@pytest.mark.parametrize(
    ("policy", "code", "ends", "restarts"),
    [
        (RestartPolicy(when=RestartWhen.NONE), 1, "exited", 0),
        (RestartPolicy(when=RestartWhen.ON_FAILURE), 0, "exited", 0),
        (RestartPolicy(when=RestartWhen.ON_FAILURE), 1, "exited", 3),
        (RestartPolicy(when=RestartWhen.ON_FAILURE, max_attempts=2), 1, "exited", 2),
        (RestartPolicy(when=RestartWhen.ANY, max_attempts=2), 0, "exited", 0),
        (RestartPolicy(when=RestartWhen.ANY), 0, "restarting", 13),
    ],
)
def test_its_engine_restarts_it_in_place(policy: RestartPolicy, code: int, ends: str, restarts: int) -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.engine.start(order(restart=policy, SIM_EXIT_CODE=str(code), SIM_EXIT_AFTER="1"))
        await stand.clock.sleep(5 * MINUTE)
        seen = await stand.state()
        assert seen is not None
        assert (seen.state, seen.restarts, seen.exit_code) == (ends, restarts, code)

    play({}, scene)


def test_a_start_that_takes_its_time_goes_on_without_us() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await stand.engine.start(order())
        seen = await stand.state()
        assert seen is not None
        assert seen.state is ContainerState.CREATED
        await stand.clock.sleep(3 * SECOND)
        seen = await stand.state()
        assert seen is not None
        assert seen.state is ContainerState.RUNNING

    play({"start": "3s"}, scene)


def test_crashes_come_within_half_a_minute_and_are_counted() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        for number in range(40):
            await stand.engine.start(order(number))
        await stand.clock.sleep(30 * SECOND)
        dead = [c for c in (await stand.engine.look()).containers if c.state is ContainerState.EXITED]
        assert len(dead) == stand.cloud.fired["crash"]
        assert 10 < len(dead) < 30
        assert all(c.exit_code == 1 and c.message for c in dead)

    play({"crash": "0.5"}, scene)


# Events.


async def collect(events: AsyncIterator[ContainerReport], into: list[ContainerReport]) -> None:
    """Follow events; what was seen so far shows while they go on."""
    async for report in events:
        into.append(report)  # noqa: PERF401  # it is read meanwhile


def test_events_tell_all_that_happens_until_the_host_is_lost() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        seen: list[ContainerReport] = []
        listener = asyncio.create_task(collect(stand.engine.events(), seen))
        await stand.engine.start(healthy())
        await stand.clock.sleep(2 * SECOND)
        stand.cloud.kill_container(TaskId("t1"))
        await stand.engine.stop(TaskId("t1"), 0)
        await stand.engine.start(order(2))
        stand.cloud.remove_container(TaskId("t2"))
        await stand.clock.sleep(1)
        assert [(r.task, r.state, r.health) for r in seen] == [
            ("t1", ContainerState.RUNNING, Health.STARTING),
            ("t1", ContainerState.RUNNING, Health.HEALTHY),
            ("t1", ContainerState.EXITED, Health.NONE),
            ("t1", ContainerState.GONE, Health.NONE),
            ("t2", ContainerState.RUNNING, Health.NONE),
            ("t2", ContainerState.GONE, Health.NONE),
        ]
        stand.cloud.lose_host("sim-1")
        with pytest.raises(Unreachable):
            await listener
        with pytest.raises(Unreachable):
            await anext(stand.engine.events())

    play({}, scene)


@pytest.mark.parametrize("how", ["outage", "cut", "close", "delete"])
def test_events_break_whatever_comes_between(how: str) -> None:
    async def scene(stand: Stand) -> None:
        listener = asyncio.create_task(collect(stand.engine.events(), []))
        await stand.clock.sleep(SECOND)
        match how:
            case "cut":
                stand.cloud.cut_host("sim-1")
            case "close":
                await stand.engine.close()
            case "delete":
                stand.cloud.remove_host("sim-1")
            case _:
                await stand.clock.sleep(MINUTE)
        with pytest.raises(Unreachable):
            await listener

    play({"outage": "30s+1s"} if how == "outage" else {}, scene)


def test_a_listener_that_goes_leaves_nothing_behind() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        listener = asyncio.create_task(collect(stand.engine.events(), []))
        await stand.clock.sleep(1)
        listener.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listener
        await stand.engine.start(order())
        await stand.engine.close()
        await stand.engine.close()

    play({}, scene)


# Bad days of a host.


def test_a_lost_host_comes_back_with_what_has_a_restart_policy() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.engine.start(order(1))
        await stand.engine.start(order(2, restart=RestartPolicy(when=RestartWhen.ANY)))
        stand.cloud.lose_host("sim-1")
        for _ in range(2):
            with pytest.raises(Unreachable):
                await stand.engine.look()
        assert len(await stand.cloud.hosts()) == 2
        stand.cloud.restore_host("sim-1")
        first, second = (await stand.engine.look()).containers
        assert (first.state, first.exit_code) == (ContainerState.EXITED, 137)
        assert second.state is ContainerState.RUNNING

    assert play({}, scene).fired == {"host_down": 2}


def test_a_host_that_is_cut_off_runs_on() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        started = await stand.engine.start(order())
        stand.cloud.cut_host("sim-1")
        with pytest.raises(Unreachable):
            await stand.engine.start(order(2))
        stand.cloud.restore_host("sim-1")
        assert (await stand.engine.look()).containers == (started,)

    play({}, scene)


def test_a_hung_engine_answers_when_it_is_well_again() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.engine.start(healthy())
        seen: list[ContainerReport] = []
        listener = asyncio.create_task(collect(stand.engine.events(), seen))
        await stand.clock.sleep(1)
        stand.cloud.hang_host("sim-1")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await stand.engine.look()
        late = asyncio.create_task(stand.engine.look())
        await stand.clock.sleep(MINUTE)
        assert not late.done()
        assert not seen, "events of a hung engine wait"
        stand.cloud.restore_host("sim-1")
        report = await late
        assert (report.at - report.began) == MINUTE
        assert [r.health for r in seen] == [Health.HEALTHY]
        listener.cancel()

    assert play({}, scene).fired == {"host_hung": 2}


def test_calls_that_hang_end_with_the_cloud() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        stand.cloud.fail_next("look", "hang")
        stand.cloud.fail_next("start", "hang_after")
        calls = [
            asyncio.ensure_future(stand.engine.look()),
            asyncio.ensure_future(stand.engine.start(order())),
        ]
        await stand.clock.sleep(HOUR)
        assert not any(call.done() for call in calls)
        assert await stand.state() is not None
        await stand.cloud.close()
        assert [type(e) for e in await asyncio.gather(*calls, return_exceptions=True)] == [Unreachable] * 2

    play({}, scene)
