"""A simulated container engine: each verb twice, what it refuses, and its streams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from msgspec import structs

from longshore.model.clock import HOUR, SECOND, Micros
from longshore.model.errors import Failed, Unsure
from longshore.model.holding import HoldingKind
from longshore.model.ids import HostId, TaskId
from longshore.model.report import ContainerReport, ContainerState, Held
from longshore.model.seams import ExecInput, HoldingOrder, TaskOrder
from longshore.model.spec import (
    Attachment,
    Build,
    ImageRef,
    Mount,
    MountKind,
    NetworkSpec,
    Port,
    Resources,
    RestartPolicy,
    RestartWhen,
    ServiceSpec,
    VolumeSpec,
)
from longshore.provider.simulator import SimClock, SimulatedCloud, run_virtual
from longshore.provider.simulator.engine import SimulatedEngine

START = Micros(1_700_000_000_000_000)
CELL = {"io.longshore.cell": "here", "io.longshore.stack": "shop"}
NETWORK = HoldingOrder(kind=HoldingKind.NETWORK, name="shop_net", labels=CELL)
VOLUME = HoldingOrder(kind=HoldingKind.VOLUME, name="shop_data", labels=CELL)
NEVER = RestartPolicy(when=RestartWhen.NONE)

Scene = Callable[["Stand"], Awaitable[None]]


class Stand:
    """A cloud with an own host, its engine, and the clock."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.clock = SimClock()
        self.cloud = SimulatedCloud("sim", {"hosts": "2", "latency": "0", **settings}, self.clock, "here")
        self.engine = self.on(1)

    def on(self, number: int) -> SimulatedEngine:
        return self.cloud.engine(HostId(f"host-{number}"), f"sim://sim/sim-{number}")

    async def provide(self, engine: SimulatedEngine | None = None) -> None:
        """The image `web`, a network and a volume."""
        engine = engine or self.engine
        digest = await engine.resolve("web")
        await engine.provide(HoldingOrder(kind=HoldingKind.IMAGE, name=digest, reference="web"))
        await engine.provide(NETWORK)
        await engine.provide(VOLUME)

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


def order(number: int = 1, *, restart: RestartPolicy = NEVER, **environment: str) -> TaskOrder:
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


def with_spec(order: TaskOrder, spec: ServiceSpec) -> TaskOrder:
    return structs.replace(order, spec=spec)


def with_port(number: int, published: int, host_ip: str = "") -> TaskOrder:
    task = order(number)
    return with_spec(
        task, structs.replace(task.spec, ports=(Port(target=80, published=published, host_ip=host_ip),))
    )


def holding_all() -> TaskOrder:
    task = order()
    spec = structs.replace(
        task.spec,
        networks=(Attachment(network="net"),),
        mounts=(Mount(kind=MountKind.VOLUME, source="data", target="/data"),),
    )
    networks, volumes = {"net": NetworkSpec(name="shop_net")}, {"data": VolumeSpec(name="shop_data")}
    return structs.replace(task, spec=spec, networks=networks, volumes=volumes)


# Each verb twice.


def test_provided_twice_is_once_and_withdrawn_twice_too() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.provide()
        assert (await stand.engine.look()).held == (
            Held(kind=HoldingKind.NETWORK, name="shop_net", stack="shop"),
            Held(kind=HoldingKind.VOLUME, name="shop_data", stack="shop"),
        )
        for _ in range(2):
            await stand.engine.withdraw(NETWORK)
            await stand.engine.withdraw(VOLUME)
        assert (await stand.engine.look()).held == ()

    play({}, scene)


def test_started_twice_is_one_container_and_stopped_twice_is_none() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        first = await stand.engine.start(order())
        assert (first.state, first.started_at) == (ContainerState.RUNNING, START + SECOND)
        assert await stand.engine.start(order()) == first
        assert len(stand.cloud.census().containers) == 1
        assert stand.cloud.census().twice == ("start t1 on sim-1",)
        await stand.engine.stop(TaskId("t1"), 10 * SECOND)
        await stand.engine.stop(TaskId("t1"), 10 * SECOND)
        assert stand.cloud.census().containers == ()

    play({}, scene)


def test_restarted_twice_is_twice() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        first = await stand.engine.start(order())
        await stand.clock.sleep(SECOND)
        for times in (1, 2):
            again = await stand.engine.restart(TaskId("t1"), SECOND)
            assert again.foreign_id == first.foreign_id
            assert again.started_at == first.started_at + times * SECOND
            await stand.clock.sleep(SECOND)
        with pytest.raises(Failed) as failed:
            await stand.engine.restart(TaskId("t9"), SECOND)
        assert failed.value.code == "container-missing"

    play({}, scene)


@pytest.mark.parametrize("fails", ["fail_after", "fail_before"])
def test_whatever_becomes_of_the_answer_a_look_tells(fails: str) -> None:
    done = fails == "fail_after"
    error = Unsure if done else Failed

    async def scene(stand: Stand) -> None:
        await stand.provide()
        for verb in ("start", "restart", "stop", "withdraw", "provide"):
            stand.cloud.fail_next(verb, fails)
        with pytest.raises(error):
            await stand.engine.start(order())
        assert (await stand.state() is not None) is done
        await stand.engine.start(order())
        await stand.clock.sleep(SECOND)
        with pytest.raises(error):
            await stand.engine.restart(TaskId("t1"), SECOND)
        seen = await stand.state()
        assert seen is not None
        assert (seen.started_at == stand.clock.now()) is done
        with pytest.raises(error):
            await stand.engine.stop(TaskId("t1"), SECOND)
        assert (await stand.state() is None) is done
        with pytest.raises(error):
            await stand.engine.withdraw(NETWORK)
        assert (len((await stand.engine.look()).held) == 1) is done
        await stand.engine.withdraw(NETWORK)
        with pytest.raises(error):
            await stand.engine.provide(NETWORK)
        assert (len((await stand.engine.look()).held) == 2) is done

    assert play({}, scene).fired == {fails: 5}


# What is refused, and leaves nothing.


@pytest.mark.parametrize(
    ("settings", "task", "code"),
    [
        ({}, structs.replace(order(), spec=ServiceSpec(name="x", image=ImageRef(name="x"))), "image-missing"),
        ({}, order(SIM_START="fail"), "start-failed"),
        ({}, with_port(2, 80), "port-taken"),
        ({}, with_port(2, 80, "127.0.0.1"), "port-taken"),
        ({}, structs.replace(holding_all(), networks={"net": NetworkSpec(name="no")}), "network-missing"),
        ({}, structs.replace(holding_all(), volumes={"data": VolumeSpec(name="no")}), "volume-missing"),
        ({}, structs.replace(order(), name="shop-web-9"), "name-taken"),
    ],
)
def test_a_start_that_fails_leaves_nothing(settings: dict[str, str], task: TaskOrder, code: str) -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.engine.start(with_port(9, 80))
        with pytest.raises(Failed) as failed:
            await stand.engine.start(task)
        assert failed.value.code == code
        assert [c.task for c in stand.cloud.census().containers] == ["t9"]

    play(settings, scene)


def test_ports_are_free_again_and_found_when_any_will_do() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.provide(stand.on(2))
        assert (await stand.engine.start(with_port(1, 80))).published == ("0.0.0.0:80->80/tcp",)
        assert (await stand.on(2).start(with_port(5, 80))).published == ("0.0.0.0:80->80/tcp",)
        await stand.engine.stop(TaskId("t1"), 0)
        assert (await stand.engine.start(with_port(2, 80, "10.0.0.1"))).published == ("10.0.0.1:80->80/tcp",)
        assert (await stand.engine.start(with_port(3, 80, "10.0.0.2"))).published == ("10.0.0.2:80->80/tcp",)
        assert (await stand.engine.start(with_port(4, 0))).published == ("0.0.0.0:32768->80/tcp",)

    play({}, scene)


def test_an_image_that_cannot_be_had_is_said() -> None:
    async def scene(stand: Stand) -> None:
        for _ in range(2):
            with pytest.raises(Failed) as failed:
                await stand.engine.resolve("ghost:1")
            assert failed.value.code == "image-missing"
        assert await stand.engine.resolve("web") == await stand.on(2).resolve("web")

    play({"missing": "ghost:1"}, scene)


def test_what_others_made_is_not_ours() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        with pytest.raises(Failed) as failed:
            await stand.engine.provide(structs.replace(NETWORK, name="lan"))
        assert failed.value.code == "name-taken"
        external = NetworkSpec(name="lan", external=True)
        await stand.engine.provide(HoldingOrder(kind=HoldingKind.NETWORK, name="lan", network=external))
        with pytest.raises(Failed) as failed:
            await stand.engine.provide(
                structs.replace(NETWORK, name="no", network=structs.replace(external, name="no"))
            )
        assert failed.value.code == "external-missing"
        alien = structs.replace(order(), labels={"io.longshore.cell": "there"})
        await stand.engine.start(alien)
        await stand.engine.stop(TaskId("t1"), 0)
        assert (await stand.engine.look()).containers == ()
        assert len(stand.cloud.census().containers) == 1

    play({"external": "lan"}, scene)


def test_what_is_in_use_stays() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.engine.start(holding_all())
        for holding in (NETWORK, VOLUME):
            with pytest.raises(Failed) as failed:
                await stand.engine.withdraw(holding)
            assert failed.value.code == "in-use"
        await stand.engine.stop(TaskId("t1"), 0)
        await stand.engine.withdraw(NETWORK)
        await stand.engine.withdraw(VOLUME)

    play({}, scene)


def test_too_much_is_counted_not_refused() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        for number in (1, 2, 3):
            task = order(number)
            await stand.engine.start(
                with_spec(task, structs.replace(task.spec, resources=Resources(cpu=400)))
            )
        assert stand.cloud.census().overcommitted == 1
        await stand.engine.stop(TaskId("t3"), 0)
        await stand.engine.start(order(4))
        assert stand.cloud.census().overcommitted == 1

    play({"cpu": "1"}, scene)


# Streams.


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


def test_a_build_has_a_digest_of_name_and_content() -> None:
    async def scene(stand: Stand) -> None:
        build = Build(context="/shop")
        lines = [line async for line in stand.engine.build("shop/web", build, pieces(b"a", b"b"), CELL)]
        digest = await stand.on(2).resolve("shop/web")
        assert digest in lines[-1]
        assert digest != await stand.engine.resolve("web")
        spec = ServiceSpec(name="web", image=ImageRef(name="shop/web", digest=digest))
        await stand.engine.start(with_spec(order(), spec))
        async for _ in stand.engine.build("shop/web", build, pieces(b"ab"), CELL):
            pass
        assert await stand.engine.resolve("shop/web") == digest
        async for _ in stand.engine.build("shop/web", build, pieces(b"ac"), CELL):
            pass
        assert await stand.engine.resolve("shop/web") != digest

    play({"missing": "shop/web"}, scene)


def test_logs_have_a_tail_and_can_be_followed() -> None:
    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.engine.start(order(SIM_EXIT_CODE="2", SIM_EXIT_AFTER="60"))
        whole = [line.text async for line in stand.engine.logs(TaskId("t1"), follow=False, tail=-1)]
        last = [line.text async for line in stand.engine.logs(TaskId("t1"), follow=False, tail=1)]
        assert whole[-1:] == last == ["running"]
        follow = [line async for line in stand.engine.logs(TaskId("t1"), follow=True, tail=0)]
        assert [(line.stream, line.text.partition(",")[0]) for line in follow] == [("stderr", "exited")]
        assert stand.clock.now() == START + 61 * SECOND
        with pytest.raises(Failed) as failed:
            await anext(stand.engine.logs(TaskId("t9"), follow=False, tail=1))
        assert failed.value.code == "container-missing"

    play({}, scene)


def test_a_command_is_echoed_and_what_is_typed_too() -> None:
    async def typed() -> AsyncIterator[ExecInput]:
        yield ExecInput(data=b"hello")
        yield ExecInput(size=(24, 80))
        yield ExecInput(end=True)
        yield ExecInput(data=b"never")

    async def scene(stand: Stand) -> None:
        await stand.provide()
        await stand.engine.start(order(SIM_EXIT_AFTER="60"))
        frames = [
            frame async for frame in stand.engine.execute(TaskId("t1"), ("ls", "-l"), tty=True, stdin=typed())
        ]
        assert [frame.data for frame in frames] == [b"ls -l\n", b"hello", b""]
        assert [frame.exit_code for frame in frames] == [None, None, 0]
        await stand.clock.sleep(HOUR)
        with pytest.raises(Failed) as failed:
            await anext(stand.engine.execute(TaskId("t1"), ("ls",), tty=False, stdin=None))
        assert failed.value.code == "not-running"

    play({}, scene)
