"""Containers of tasks on a real engine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from longshore.model.clock import SECOND, Clock
from longshore.model.errors import Failed, Unsure
from longshore.model.holding import HoldingKind
from longshore.model.ids import TaskId
from longshore.model.lifecycle import Health
from longshore.model.report import ContainerState
from longshore.model.seams import HoldingOrder, TaskOrder
from longshore.model.spec import (
    Attachment,
    FileMount,
    Healthcheck,
    ImageRef,
    Mount,
    MountKind,
    NetworkSpec,
    Port,
    Resources,
    RestartPolicy,
    RestartWhen,
    VolumeSpec,
)
from longshore.provider.docker import order as orders
from longshore.provider.docker import tasks
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.wire import Wire

Orders = Callable[..., TaskOrder]

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


async def said(engine: DockerEngine, task: TaskId) -> str:
    """What a task wrote until it ended: following tells the end, but may miss the very last words."""
    async for _ in engine.logs(task, follow=True, tail=-1):
        pass
    return "\n".join([line.text async for line in engine.logs(task, follow=False, tail=-1)])


async def raw(wire: Wire, name: str) -> dict[str, Any]:
    return await wire.call("GET", f"/containers/{name}/json", dict[str, Any])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_started_task_runs_and_carries_the_labels(
    engine: DockerEngine, order: Orders, wire: Wire
) -> None:
    wanted = order(labels={"shop.tier": "front"}, environment={"A": "1 2"})
    report = await engine.start(wanted)
    assert (report.task, report.state, report.exit_code) == (wanted.task, ContainerState.RUNNING, None)
    assert report.started_at > 0
    config = (await raw(wire, wanted.name))["Config"]
    # An image may bring labels of its own.
    assert config["Labels"].items() >= {**wanted.labels, "shop.tier": "front"}.items()
    assert config["Hostname"] == "web-1"
    assert "A=1 2" in config["Env"]


async def test_starting_twice_makes_one_container(
    engine: DockerEngine, order: Orders, cell: str, wire: Wire
) -> None:
    first = await engine.start(order())
    second = await engine.start(order())
    assert first.foreign_id == second.foreign_id
    assert len(await tasks.list_tasks(wire, cell)) == 1


async def test_a_start_broken_off_after_creation_is_finished(
    engine: DockerEngine, order: Orders, wire: Wire, network: NetworkSpec, cell: str
) -> None:
    extra = NetworkSpec(name=f"{cell}-two")
    await engine.provide(
        HoldingOrder(kind=HoldingKind.NETWORK, name=extra.name, labels={"io.longshore.cell": cell})
    )
    wanted = order(networks={"a": network, "b": extra})
    body = orders.container_body(wanted, wanted.spec.image.name)
    await wire.tell("POST", "/containers/create", query={"name": wanted.name}, body=body)
    assert [c.state for c in (await engine.look()).containers] == [ContainerState.CREATED]
    report = await engine.start(wanted)
    assert report.state is ContainerState.RUNNING
    found = await raw(wire, wanted.name)
    assert set(found["NetworkSettings"]["Networks"]) == {network.name, extra.name}


async def test_a_job_that_has_ended_is_not_run_again(engine: DockerEngine, order: Orders, wire: Wire) -> None:
    wanted = order(command=("echo", "once"))
    first = await engine.start(wanted)
    await wire.tell("POST", f"/containers/{first.foreign_id}/wait")
    second = await engine.start(wanted)
    assert (second.state, second.exit_code) == (ContainerState.EXITED, 0)
    assert await said(engine, wanted.task) == "once"


async def test_stopping_lets_the_task_end_and_leaves_nothing(
    engine: DockerEngine, order: Orders, cell: str, wire: Wire, clock: Clock
) -> None:
    wanted = order(mounts=(Mount(kind=MountKind.VOLUME, target="/scratch"),))
    await engine.start(wanted)
    anonymous = (await raw(wire, wanted.name))["Mounts"][0]["Name"]
    before = clock.now()
    await engine.stop(wanted.task, 20 * SECOND)
    assert clock.now() - before < 10 * SECOND
    assert await tasks.list_tasks(wire, cell) == []
    volumes = await wire.call("GET", "/volumes", dict[str, Any])
    assert anonymous not in [v["Name"] for v in volumes["Volumes"] or []]
    await engine.stop(wanted.task, 20 * SECOND)


async def test_a_task_deaf_to_sigterm_is_killed_after_its_grace(
    engine: DockerEngine, order: Orders, clock: Clock
) -> None:
    wanted = order(command=("sleep", "600"))
    await engine.start(wanted)
    before = clock.now()
    await engine.stop(wanted.task, SECOND)
    assert SECOND <= clock.now() - before < 10 * SECOND


async def test_a_paused_task_can_be_stopped(
    engine: DockerEngine, order: Orders, wire: Wire, cell: str
) -> None:
    wanted = order()
    report = await engine.start(wanted)
    await wire.tell("POST", f"/containers/{report.foreign_id}/pause")
    await engine.stop(wanted.task, 20 * SECOND)
    assert await tasks.list_tasks(wire, cell) == []


async def test_restarting_keeps_the_container(engine: DockerEngine, order: Orders) -> None:
    wanted = order()
    first = await engine.start(wanted)
    second = await engine.restart(wanted.task, SECOND)
    assert second.foreign_id == first.foreign_id
    assert second.state is ContainerState.RUNNING
    assert second.started_at > first.started_at


async def test_restarting_what_is_not_there_says_so(engine: DockerEngine, order: Orders) -> None:
    with pytest.raises(Failed) as caught:
        await engine.restart(order().task, SECOND)
    assert caught.value.code == "container-missing"


async def test_files_arrive_with_mode_and_owner_before_the_start(engine: DockerEngine, order: Orders) -> None:
    files = (
        FileMount(name="key", digest="d1", target="/run/secrets/key", secret=True, mode=0o400, uid=7, gid=8),
        FileMount(name="conf", digest="d2", target="/srv/deep/er/app.conf"),
    )
    command = (
        "sh",
        "-c",
        "stat -c '%a %u %g' /run/secrets/key; cat /srv/deep/er/app.conf; stat -c %a /srv/deep",
    )
    wanted = order(files=files, command=command, contents={"d1": b"k", "d2": b"x=1\n"})
    await engine.start(wanted)
    assert await said(engine, wanted.task) == "400 7 8\nx=1\n755"


async def test_mounts_of_each_kind(engine: DockerEngine, order: Orders, cell: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("from the host")
    volume = VolumeSpec(name=f"{cell}-data")
    await engine.provide(
        HoldingOrder(kind=HoldingKind.VOLUME, name=volume.name, labels={"io.longshore.cell": cell})
    )
    mounts = (
        Mount(kind=MountKind.VOLUME, source="data", target="/data"),
        Mount(kind=MountKind.BIND, source=str(tmp_path), target="/host", read_only=True),
        Mount(kind=MountKind.BIND, source=str(tmp_path / "made"), target="/made"),
        Mount(kind=MountKind.TMPFS, target="/quick", size=1 << 20),
    )
    command = (
        "sh",
        "-c",
        "cat /host/in; echo; touch /host/x 2>/dev/null || echo read-only; "
        "df -k --output=size /quick | tail -1; echo kept > /data/f",
    )
    wanted = order(mounts=mounts, volumes={"data": volume}, command=command)
    await engine.start(wanted)
    assert (await said(engine, wanted.task)).split() == ["from", "the", "host", "read-only", "1024"]
    assert (tmp_path / "made").is_dir()
    again = order("again", mounts=mounts[:1], volumes={"data": volume}, command=("cat", "/data/f"))
    await engine.start(again)
    assert await said(engine, again.task) == "kept"


async def test_limits_and_restart_policy_reach_the_engine(
    engine: DockerEngine, order: Orders, wire: Wire
) -> None:
    limits = Resources(cpu=100, memory=32 << 20, cpu_limit=500, memory_limit=64 << 20, pids_limit=50)
    wanted = order(resources=limits, restart=RestartPolicy(when=RestartWhen.ON_FAILURE))
    await engine.start(wanted)
    host = (await raw(wire, wanted.name))["HostConfig"]
    assert host["NanoCpus"] == 500_000_000
    assert (host["Memory"], host["MemoryReservation"]) == (64 << 20, 32 << 20)
    assert host["PidsLimit"] == 50
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}


async def test_tasks_find_each_other_by_service_alias_and_hostname(
    engine: DockerEngine, order: Orders, network: NetworkSpec
) -> None:
    served = order("db", networks={"default": network})
    served = msgspec.structs.replace(
        served,
        spec=msgspec.structs.replace(
            served.spec, networks=(Attachment(network="default", aliases=("database",)),)
        ),
    )
    await engine.start(served)
    command = ("sh", "-c", "for n in db database db-1; do getent hosts $n >/dev/null && echo $n; done")
    asking = order("web", networks={"default": network}, command=command)
    await engine.start(asking)
    assert await said(engine, asking.task) == "db\ndatabase\ndb-1"


async def test_published_ports_are_told_as_the_host_has_them(
    engine: DockerEngine, order: Orders, network: NetworkSpec
) -> None:
    port = free_port()
    ports = (Port(target=80, published=port, host_ip="127.0.0.1"), Port(target=81, host_ip="127.0.0.1"))
    report = await engine.start(order(ports=ports, networks={"default": network}))
    assert f"127.0.0.1:{port}->80/tcp" in report.published
    assert len(report.published) == 2


async def test_a_port_held_by_a_container_names_it(
    engine: DockerEngine, order: Orders, network: NetworkSpec, cell: str
) -> None:
    port = free_port()
    fields = {"ports": (Port(target=80, published=port),), "networks": {"default": network}}
    await engine.start(order("one", **fields))
    with pytest.raises(Failed) as caught:
        await engine.start(order("two", **fields))
    assert caught.value.code == "port-taken"
    assert f"Port {port} on this host is held by the container {cell}-one" in caught.value.message
    assert [c.task for c in (await engine.look()).containers] == [f"task-{cell}-one"]


async def test_a_port_held_by_a_program_says_how_to_find_it(
    engine: DockerEngine, order: Orders, network: NetworkSpec, wire: Wire, cell: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = (Port(target=80, published=port, host_ip="127.0.0.1"),)
        with pytest.raises(Failed) as caught:
            await engine.start(order(ports=ports, networks={"default": network}))
    assert caught.value.code == "port-taken"
    assert f"sport = :{port}" in caught.value.remedy
    assert await tasks.list_tasks(wire, cell) == []


REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a command that is not in the image": ({"command": ("nosuch",)}, "start-failed", "The command nosuch"),
    "a command that is no program": ({"command": ("/etc/passwd",)}, "start-failed", "permission denied"),
    "a user the image does not know": ({"user": "nobodyhere"}, "start-failed", "no user nobodyhere"),
    "a bind source that is missing": (
        {"mounts": (Mount(kind=MountKind.BIND, source="/nosuch", target="/x", create=False),)},
        "mount-missing",
        "The path /nosuch",
    ),
    "an image that is missing": ({"image": ImageRef(name="nosuch:1")}, "image-missing", "nosuch:1"),
    "a pinned image that is missing": (
        {"image": ImageRef(name="nosuch:1", digest="sha256:" + "1" * 64)},
        "image-missing",
        "nosuch:1",
    ),
    "a limit below what the engine takes": (
        {"resources": Resources(memory_limit=1000)},
        "bad-request",
        "Minimum memory limit",
    ),
    "no command at all": ({"entrypoint": (), "command": None}, "start-failed", "no command"),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_what_cannot_start_says_why_and_leaves_nothing(
    engine: DockerEngine, order: Orders, wire: Wire, cell: str, case: str
) -> None:
    fields, code, words = REFUSALS[case]
    with pytest.raises(Failed) as caught:
        await engine.start(order(**fields))
    assert caught.value.code == code
    assert words in caught.value.message
    assert caught.value.remedy
    assert await tasks.list_tasks(wire, cell) == []


async def test_a_missing_network_says_so(engine: DockerEngine, order: Orders, wire: Wire, cell: str) -> None:
    for wanted in (
        order(networks={"a": NetworkSpec(name="nosuch-net")}),
        order(networks={"a": NetworkSpec(name="bridge"), "b": NetworkSpec(name="nosuch-net")}),
    ):
        with pytest.raises(Failed) as caught:
            await engine.start(wanted)
        assert caught.value.code == "network-missing"
    assert await tasks.list_tasks(wire, cell) == []


async def test_a_missing_volume_is_not_made_in_silence(
    engine: DockerEngine, order: Orders, cell: str, wire: Wire
) -> None:
    mounts = (Mount(kind=MountKind.VOLUME, source="data", target="/data"),)
    with pytest.raises(Failed) as caught:
        await engine.start(order(mounts=mounts, volumes={"data": VolumeSpec(name=f"{cell}-gone")}))
    assert caught.value.code == "volume-missing"
    assert await tasks.list_tasks(wire, cell) == []


async def test_a_name_taken_by_others_is_left_alone(engine: DockerEngine, order: Orders, wire: Wire) -> None:
    wanted = order()
    body = {
        "Image": wanted.spec.image.name,
        "Cmd": ["sleep", "9"],
        "Labels": {"com.docker.compose.project": "theirs"},
    }
    await wire.tell("POST", "/containers/create", query={"name": wanted.name}, body=body)
    try:
        with pytest.raises(Failed) as caught:
            await engine.start(wanted)
        assert caught.value.code == "name-taken"
        assert "Docker Compose, for its project theirs" in caught.value.message
        await engine.stop(wanted.task, 0)
        assert (await raw(wire, wanted.name))["State"]["Status"] == "created"
    finally:
        await tasks.remove(wire, wanted.name)


async def test_a_task_that_ends_badly_tells_its_last_lines(
    engine: DockerEngine, order: Orders, wire: Wire
) -> None:
    command = (
        "sh",
        "-c",
        "exec >&2; for i in 1 2 3 4 5 6 7; do echo line $i; done; echo no database; exit 3",
    )
    wanted = order(command=command)
    started = await engine.start(wanted)
    await wire.tell("POST", f"/containers/{started.foreign_id}/wait")
    (report,) = (await engine.look()).containers
    assert (report.state, report.exit_code) == (ContainerState.EXITED, 3)
    assert min(report.started_at, report.ended_at) > 0
    assert report.message.startswith("It ended with exit code 3. Last lines:\n")
    assert report.message.endswith("no database")
    assert "line 2" not in report.message


async def test_a_task_over_its_memory_says_so(engine: DockerEngine, order: Orders, wire: Wire) -> None:
    wanted = order(command=("sh", "-c", "exec tail < /dev/zero"), resources=Resources(memory_limit=8 << 20))
    started = await engine.start(wanted)
    await wire.tell("POST", f"/containers/{started.foreign_id}/wait")
    (report,) = (await engine.look()).containers
    assert report.oom
    assert "more memory than its limit" in report.message


async def test_a_task_is_restarted_by_its_engine_up_to_its_bound(
    engine: DockerEngine, order: Orders, clock: Clock
) -> None:
    wanted = order(command=("false",), restart=RestartPolicy(when=RestartWhen.ON_FAILURE, max_attempts=1))
    await engine.start(wanted)
    (report,) = (await engine.look()).containers
    while report.state is not ContainerState.EXITED:
        await clock.sleep(SECOND // 10)
        (report,) = (await engine.look()).containers
    assert report.restarts == 1


async def test_health_is_told(engine: DockerEngine, order: Orders, clock: Clock) -> None:
    check = Healthcheck(test=("CMD", "true"), interval=SECOND // 10)
    report = await engine.start(order(healthcheck=check))
    assert report.health is Health.STARTING
    while report.health is Health.STARTING:
        await clock.sleep(SECOND // 10)
        (report,) = (await engine.look()).containers
    assert report.health is Health.HEALTHY


async def test_a_container_that_vanishes_before_its_report_is_unsure(wire: Wire) -> None:
    with pytest.raises(Unsure):
        await tasks._reported(wire, "0" * 64)
