"""A service's options on a real engine: a container with many of them, seen from outside and within."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import msgspec
import pytest

from longshore.model.errors import Failed
from longshore.model.holding import HoldingKind
from longshore.model.options import BlockIo, Cpu, Device, Logging, Options, Rate, Ulimit
from longshore.model.seams import HoldingOrder, LogLine, TaskOrder
from longshore.model.spec import (
    Attachment,
    Mount,
    MountKind,
    NetworkSpec,
    Resources,
    RestartPolicy,
    RestartWhen,
    Subnet,
)
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.order import container_body
from longshore.provider.docker.wire import Wire

Orders = Callable[..., TaskOrder]

MANY = Options(
    hostname="box",
    domainname="example.org",
    dns=("192.0.2.53",),
    dns_options=("ndots:3",),
    dns_search=("example.com",),
    extra_hosts=("elsewhere:192.0.2.7",),
    init=True,
    stdin_open=True,
    stop_signal="SIGINT",
    group_add=("1234",),
    read_only=True,
    cap_add=("NET_ADMIN",),
    cap_drop=("MKNOD",),
    security_opt=("no-new-privileges:true",),
    devices=(Device(source="/dev/null", target="/dev/nowhere", permissions="rw"),),
    device_cgroup_rules=("c 1:3 mr",),
    sysctls={"net.ipv4.ip_unprivileged_port_start": "0"},
    ipc="shareable",
    shm_size=16 << 20,
    ulimits=(Ulimit(name="nofile", soft=1000, hard=2000),),
    oom_score_adj=200,
    cpu=Cpu(shares=512, cpuset="0"),
    logging=Logging(driver="json-file", options={"max-size": "1m"}),
)

ROWS: dict[str, tuple[Options, dict[str, Any]]] = {
    "what is left out is the engine's": (Options(), {}),
    "no init, though the engine has one by itself": (Options(init=False), {"Init": False}),
    "swap never": (
        Options(mem_swappiness=0, memswap_limit=-1),
        {"MemorySwappiness": 0, "MemorySwap": -1},
    ),
    "the kernel's shares": (
        Options(cpu=Cpu(shares=2, quota=3, period=4, rt_runtime=5, rt_period=6, cpuset="0-1")),
        {
            "CpuShares": 2,
            "CpuQuota": 3,
            "CpuPeriod": 4,
            "CpuRealtimeRuntime": 5,
            "CpuRealtimePeriod": 6,
            "CpusetCpus": "0-1",
        },
    ),
    "block devices": (
        Options(
            block_io=BlockIo(
                weight=300,
                weight_device=(Rate(path="/dev/a", rate=200),),
                device_read_bps=(Rate(path="/dev/a", rate=9),),
                device_write_iops=(Rate(path="/dev/b", rate=8),),
            )
        ),
        {
            "BlkioWeight": 300,
            "BlkioWeightDevice": [{"Path": "/dev/a", "Weight": 200}],
            "BlkioDeviceReadBps": [{"Path": "/dev/a", "Rate": 9}],
            "BlkioDeviceWriteIOps": [{"Path": "/dev/b", "Rate": 8}],
        },
    ),
    "namespaces of the host": (
        Options(
            pid="host", uts="host", userns="host", cgroup="private", cgroup_parent="/p", network_mode="host"
        ),
        {
            "PidMode": "host",
            "UTSMode": "host",
            "UsernsMode": "host",
            "CgroupnsMode": "private",
            "CgroupParent": "/p",
            "NetworkMode": "host",
        },
    ),
    "rights": (
        Options(privileged=True, oom_kill_disable=True, runtime="r", storage_opt={"size": "9G"}),
        {"Privileged": True, "OomKillDisable": True, "Runtime": "r", "StorageOpt": {"size": "9G"}},
    ),
    "where output goes": (
        Options(logging=Logging(driver="syslog", options={"tag": "x"})),
        {"LogConfig": {"Type": "syslog", "Config": {"tag": "x"}}},
    ),
}


@pytest.mark.parametrize("case", ROWS)
def test_options_in_the_engines_words(order: Orders, case: str) -> None:
    given, expected = ROWS[case]
    plain: Any = container_body(order(), "x")
    body: Any = container_body(order(options=given), "x")
    assert body["HostConfig"] == {**plain["HostConfig"], **expected}


@pytest.mark.parametrize(
    ("options", "hostname"),
    [
        (Options(), "web-1"),
        (Options(hostname="box"), "box"),
        (Options(uts="host"), None),
        (Options(network_mode="host"), None),
        (Options(network_mode="host", hostname="box"), "box"),
    ],
)
def test_a_host_that_is_shared_keeps_its_name(order: Orders, options: Options, hostname: str | None) -> None:
    assert container_body(order(options=options), "x").get("Hostname") == hostname


def test_mounts_with_more_said_of_them(order: Orders) -> None:
    mounts = (
        Mount(kind=MountKind.BIND, source="/a", target="/a", propagation="rshared", selinux="Z"),
        Mount(kind=MountKind.BIND, source="/b", target="/b", propagation="slave", create=False),
        Mount(kind=MountKind.VOLUME, target="/v", nocopy=True),
        Mount(kind=MountKind.TMPFS, target="/t", mode=0o1777),
        Mount(kind=MountKind.TMPFS, target="/run", size=9, options=("noexec", "uid=7")),
    )
    config: Any = container_body(order(mounts=mounts), "x")["HostConfig"]
    assert config["Binds"] == ["/a:/a:rw,rshared,Z"]
    bind, volume, tmpfs = config["Mounts"]
    assert bind["BindOptions"] == {"Propagation": "slave"}
    assert volume["VolumeOptions"]["NoCopy"] is True
    assert tmpfs["TmpfsOptions"] == {"Mode": 0o1777}
    assert config["Tmpfs"] == {"/run": "noexec,uid=7,size=9"}


LOOK = (
    "hostname -f; id -G; ls /dev/nowhere; cat /etc/hosts /etc/resolv.conf; ulimit -n; ulimit -Hn;"
    " cat /proc/sys/net/ipv4/ip_unprivileged_port_start; touch /x; stat -c %a /scratch;"
    " df /dev/shm | tail -1; cat /proc/1/comm /proc/self/oom_score_adj;"
    " trap 'echo told; exit 0' INT; echo ready; sleep 600 & wait"
)


async def _until(lines: AsyncIterator[LogLine], last: str) -> AsyncIterator[LogLine]:
    async for line in lines:
        yield line
        if line.text == last:
            return


@pytest.mark.engine
@pytest.mark.anyio
async def test_a_container_with_many_options_has_them(
    engine: DockerEngine, order: Orders, wire: Wire, network: NetworkSpec
) -> None:
    wanted = order(
        networks={"net": network},
        command=("sh", "-c", LOOK),
        options=MANY,
        resources=Resources(memory_limit=64 << 20),
        mounts=(Mount(kind=MountKind.TMPFS, target="/scratch", mode=0o1750, size=1 << 20),),
    )
    await engine.start(wanted)
    seen = await wire.call("GET", f"/containers/{wanted.name}/json", dict[str, Any])
    body: Any = container_body(wanted, "x")
    host = {**seen["HostConfig"]}
    for name in ("CapAdd", "CapDrop"):
        # The engine of today writes CAP_ before them.
        host[name] = [word.removeprefix("CAP_") for word in host[name]]
    for name, value in body["HostConfig"].items():
        if name not in {"Mounts", "Binds", "RestartPolicy", "PortBindings"}:
            assert host[name] == value, name
    assert (seen["Config"]["StopSignal"], seen["Config"]["OpenStdin"]) == ("SIGINT", True)
    async with aclosing(engine.logs(wanted.task, follow=True, tail=-1)) as lines:
        assert any([line.text == "ready" async for line in _until(lines, "ready")])
    await engine.restart(wanted.task, 5_000_000)
    said = "\n".join([line.text async for line in engine.logs(wanted.task, follow=False, tail=-1)])
    for words in (
        *("box.example.org", "1234", "/dev/nowhere", "192.0.2.7", "search example.com", "ndots:3"),
        *("1000\n2000\n0\n", "Read-only file system", "1750", "16384", "docker-init\n200", "told"),
    ):
        assert words in said, (words, said)


@pytest.mark.engine
@pytest.mark.anyio
async def test_a_container_with_a_terminal_writes_lines_like_any_other(
    engine: DockerEngine, order: Orders
) -> None:
    line = "x" * 20_000
    command = ("sh", "-c", f"tty; echo {line}; printf end")
    wanted = order(command=command, options=Options(tty=True), restart=RestartPolicy(when=RestartWhen.NONE))
    await engine.start(wanted)
    async for _ in engine.logs(wanted.task, follow=True, tail=-1):
        pass
    lines = [line async for line in engine.logs(wanted.task, follow=False, tail=-1)]
    assert (lines[0].text, lines[0].stream, lines[0].at > 0) == ("/dev/pts/0", "stdout", True)
    assert lines[-1].text == "end"


@pytest.mark.engine
@pytest.mark.anyio
async def test_a_log_that_is_kept_nowhere_says_so(engine: DockerEngine, order: Orders) -> None:
    wanted = order(options=Options(logging=Logging(driver="none")))
    await engine.start(wanted)
    with pytest.raises(Failed) as caught:
        await anext(aiter(engine.logs(wanted.task, follow=False, tail=-1)))
    assert caught.value.code == "logs-elsewhere"
    assert "logging:" in caught.value.remedy


@pytest.mark.engine
@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["none", "host"])
async def test_a_container_on_no_network_of_ours(engine: DockerEngine, order: Orders, mode: str) -> None:
    command = ("sh", "-c", "ls /sys/class/net | wc -l")
    wanted = order(command=command, options=Options(network_mode=mode))
    await engine.start(wanted)
    async for _ in engine.logs(wanted.task, follow=True, tail=-1):
        pass
    (line,) = [line async for line in engine.logs(wanted.task, follow=False, tail=-1)]
    assert (int(line.text) == 1) == (mode == "none")


@pytest.mark.engine
@pytest.mark.anyio
async def test_a_container_has_its_own_address_in_a_network_that_has_its_own(
    engine: DockerEngine, order: Orders, wire: Wire, cell: str
) -> None:
    subnet = Subnet(subnet="198.18.77.0/24", ip_range="198.18.77.128/25", reserved={"box": "198.18.77.9"})
    inner = NetworkSpec(name=f"{cell}-inner", subnets=(subnet,))
    labels = {"io.longshore.cell": cell, "io.longshore.stack": "stack-1"}
    made = HoldingOrder(kind=HoldingKind.NETWORK, name=inner.name, labels=labels, network=inner)
    await engine.provide(made)
    await engine.provide(made)
    attached = (Attachment(network="inner", address="198.18.77.53"),)
    wanted = order(networks={"inner": inner})
    wanted = msgspec.structs.replace(wanted, spec=msgspec.structs.replace(wanted.spec, networks=attached))
    await engine.start(wanted)
    seen = await wire.call("GET", f"/containers/{wanted.name}/json", dict[str, Any])
    assert seen["NetworkSettings"]["Networks"][inner.name]["IPAddress"] == "198.18.77.53"
    second = order("other", networks={"inner": inner})
    second = msgspec.structs.replace(second, spec=msgspec.structs.replace(second.spec, networks=attached))
    for again in (
        engine.start(second),
        engine.provide(msgspec.structs.replace(made, name=f"{cell}-two")),
    ):
        with pytest.raises(Failed) as caught:
            await again
        assert caught.value.code == "no-addresses"
