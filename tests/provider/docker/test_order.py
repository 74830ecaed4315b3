"""Orders in the engine's words."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from longshore.model.errors import Failed
from longshore.model.seams import TaskOrder
from longshore.model.spec import (
    Attachment,
    FileMount,
    Healthcheck,
    Mount,
    MountKind,
    NetworkSpec,
    Port,
    Protocol,
    Resources,
    RestartPolicy,
    RestartWhen,
    VolumeSpec,
)
from longshore.provider.docker.order import (
    container_body,
    endpoint,
    files_tar,
    further_networks,
    named_volumes,
    seconds,
)

Orders = Callable[..., TaskOrder]

_TMPFS = Mount(kind=MountKind.TMPFS, target="/run", size=5)
_BIND = Mount(kind=MountKind.BIND, source="/srv", target="/srv", read_only=True)

HOST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "never restarted": ({"restart": RestartPolicy(when=RestartWhen.NONE)}, {"RestartPolicy": {"Name": "no"}}),
    "restarted for ever": (
        {"restart": RestartPolicy(when=RestartWhen.ANY)},
        {"RestartPolicy": {"Name": "unless-stopped"}},
    ),
    "restarted at any end, with a bound": (
        {"restart": RestartPolicy(when=RestartWhen.ANY, max_attempts=4)},
        {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 4}},
    ),
    "restarted on failure, without a bound": (
        {"restart": RestartPolicy(when=RestartWhen.ON_FAILURE)},
        {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
    ),
    "limits": (
        {"resources": Resources(cpu_limit=250, memory_limit=1 << 30, memory=1 << 29, pids_limit=9)},
        {"NanoCpus": 250_000_000, "Memory": 1 << 30, "MemoryReservation": 1 << 29, "PidsLimit": 9},
    ),
    "a reservation above the limit": (
        {"resources": Resources(memory=1 << 30, memory_limit=1 << 29)},
        {"Memory": 1 << 29, "MemoryReservation": 1 << 29},
    ),
    "ports": (
        {
            "ports": (
                Port(target=80, published=8080),
                Port(target=80, host_ip="127.0.0.1"),
                Port(target=53, published=53, protocol=Protocol.UDP),
            )
        },
        {
            "PortBindings": {
                "80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "127.0.0.1", "HostPort": ""}],
                "53/udp": [{"HostIp": "", "HostPort": "53"}],
            }
        },
    ),
    "a bind whose source may be made": ({"mounts": (_BIND,)}, {"Binds": ["/srv:/srv:ro"], "Mounts": []}),
    "a bind whose source must be there": (
        {"mounts": (Mount(kind=MountKind.BIND, source="/a", target="/b", create=False),)},
        {"Mounts": [{"Type": "bind", "Source": "/a", "Target": "/b", "ReadOnly": False}], "Binds": []},
    ),
    "a bind with a colon": (
        {"mounts": (Mount(kind=MountKind.BIND, source="/a:b", target="/b"),)},
        {"Mounts": [{"Type": "bind", "Source": "/a:b", "Target": "/b", "ReadOnly": False}], "Binds": []},
    ),
    "a tmpfs": (
        {"mounts": (_TMPFS,)},
        {
            "Mounts": [
                {"Type": "tmpfs", "Target": "/run", "ReadOnly": False, "TmpfsOptions": {"SizeBytes": 5}}
            ]
        },
    ),
}


@pytest.mark.parametrize("case", HOST)
def test_the_host_config(order: Orders, case: str) -> None:
    fields, expected = HOST[case]
    body: Any = container_body(order(**fields), "sha256:1")
    assert {key: body["HostConfig"].get(key) for key in expected} == expected


BODY: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the image's own command": ({"command": None}, {"Cmd": None, "Entrypoint": None, "Image": "sha256:1"}),
    "an entrypoint taken away": ({"entrypoint": ()}, {"Entrypoint": [""]}),
    "an entrypoint": ({"entrypoint": ("a", "b")}, {"Entrypoint": ["a", "b"]}),
    "grace rounded up": ({"stop_grace": 1_200_000}, {"StopTimeout": 2}),
    "no health check, though the image has one": (
        {"healthcheck": Healthcheck(disable=True)},
        {"Healthcheck": {"Test": ["NONE"]}},
    ),
    "a health check": (
        {"healthcheck": Healthcheck(test=("CMD", "a"), interval=1, timeout=2, retries=3, start_period=4)},
        {
            "Healthcheck": {
                "Test": ["CMD", "a"],
                "Interval": 1000,
                "Timeout": 2000,
                "Retries": 3,
                "StartPeriod": 4000,
            }
        },
    ),
    "the rest": (
        {"user": "7:8", "working_dir": "/w", "environment": {"A": "b=c", "E": ""}},
        {"User": "7:8", "WorkingDir": "/w", "Env": ["A=b=c", "E="]},
    ),
}


@pytest.mark.parametrize("case", BODY)
def test_the_body(order: Orders, case: str) -> None:
    fields, expected = BODY[case]
    body = container_body(order(**fields), "sha256:1")
    assert {key: body.get(key) for key in expected} == expected


def test_our_labels_win(order: Orders) -> None:
    body: Any = container_body(order(labels={"a": "b", "io.longshore.cell": "forged"}), "x")
    assert body["Labels"]["a"] == "b"
    assert body["Labels"]["io.longshore.cell"] == order().labels["io.longshore.cell"]


def test_the_first_network_is_given_at_creation_and_the_others_later(order: Orders) -> None:
    networks = {"a": NetworkSpec(name="net-a"), "b": NetworkSpec(name="net-b")}
    wanted = order(networks=networks)
    body: Any = container_body(wanted, "x")
    assert body["HostConfig"]["NetworkMode"] == "net-a"
    assert body["NetworkingConfig"] == {"EndpointsConfig": {"net-a": {"Aliases": ["web", "web-1"]}}}
    assert further_networks(wanted) == ["net-b"]


def test_aliases_belong_to_their_network(order: Orders) -> None:
    networks = {"a": NetworkSpec(name="net-a"), "b": NetworkSpec(name="net-b")}
    attached = (Attachment(network="a", aliases=("x", "web")), Attachment(network="b"))
    wanted = order(networks=networks)
    wanted = replace(wanted, spec=replace(wanted.spec, networks=attached))
    assert endpoint(wanted, "net-a") == {"Aliases": ["web", "x", "web-1"]}
    assert endpoint(wanted, "net-b") == {"Aliases": ["web", "web-1"]}


@pytest.mark.parametrize("name", ["bridge", "host", "none"])
def test_the_engines_own_networks_know_no_aliases(order: Orders, name: str) -> None:
    body: Any = container_body(order(networks={"n": NetworkSpec(name=name, external=True)}), "x")
    assert body["HostConfig"]["NetworkMode"] == name
    assert "NetworkingConfig" not in body
    assert ("Hostname" in body) == (name != "host")


def test_only_named_volumes_must_be_there(order: Orders) -> None:
    mounts = (
        Mount(kind=MountKind.VOLUME, source="data", target="/d"),
        Mount(kind=MountKind.VOLUME, target="/scratch"),
        _BIND,
    )
    wanted = order(mounts=mounts, volumes={"data": VolumeSpec(name="shop_data")})
    assert named_volumes(wanted) == ["shop_data"]
    body: Any = container_body(wanted, "x")
    named, anonymous = body["HostConfig"]["Mounts"]
    assert named["Source"] == "shop_data"
    assert "Source" not in anonymous
    assert set(anonymous["VolumeOptions"]["Labels"]) == {"io.longshore.cell", "io.longshore.task"}


def test_files_are_packed_without_directories(order: Orders) -> None:
    files = (FileMount(name="a", digest="d", target="/run/secrets/a", mode=0o400, uid=5, gid=6),)
    with tarfile.open(fileobj=io.BytesIO(files_tar(order(files=files, contents={"d": b"xyz"})))) as tar:
        (entry,) = tar.getmembers()
    assert (entry.name, entry.mode, entry.uid, entry.gid, entry.size) == ("run/secrets/a", 0o400, 5, 6, 3)
    assert files_tar(order()) == b""


def test_a_file_that_a_tmpfs_would_hide_is_refused(order: Orders) -> None:
    files = (FileMount(name="a", digest="d", target="/run/secrets/a"),)
    with pytest.raises(Failed) as caught:
        container_body(order(files=files, mounts=(_TMPFS,)), "x")
    assert caught.value.code == "bad-request"


def test_seconds_are_never_less_than_asked_for() -> None:
    assert [seconds(n) for n in (0, 1, 1_000_000, 1_000_001)] == [0, 1, 1, 2]
