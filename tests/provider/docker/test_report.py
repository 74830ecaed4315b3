"""The engine's answers as our reports."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from longshore.model.holding import HoldingKind
from longshore.model.lifecycle import Health
from longshore.model.report import ContainerState, Held
from longshore.provider.docker.answers import Info, Inspected, Network, Volume
from longshore.provider.docker.report import arch, capacity, container_report, held, host_labels, micros


def seen(*, ports: dict[str, Any] | None = None, restarts: int = 0, **state: object) -> Inspected:
    answer = {
        "Id": "c1",
        "Name": "/shop-web-1",
        "RestartCount": restarts,
        "Config": {"Labels": {"io.longshore.task": "task-1"}},
        "NetworkSettings": {"Ports": ports, "Networks": None},
        "State": {"Status": "exited", "FinishedAt": "2026-01-02T03:04:06Z", **state},
    }
    return msgspec.json.decode(msgspec.json.encode(answer), type=Inspected)


STATES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "running": ({"Status": "running", "ExitCode": 0}, {"state": "running", "exit_code": None, "ended_at": 0}),
    "healthy": ({"Status": "running", "Health": {"Status": "healthy"}}, {"health": Health.HEALTHY}),
    "without a health check": ({"Status": "running", "Health": {"Status": "none"}}, {"health": Health.NONE}),
    "done": (
        {"ExitCode": 0},
        {"state": "exited", "exit_code": 0, "message": "", "ended_at": 1767323046000000},
    ),
    "failed": ({"ExitCode": 3}, {"message": "It ended with exit code 3. Last lines:\noh"}),
    "killed": ({"ExitCode": 137}, {"message": "It ended with exit code 137: killed. Last lines:\noh"}),
    "out of memory": (
        {"ExitCode": 137, "OOMKilled": True},
        {
            "oom": True,
            "message": "It used more memory than its limit and was killed (exit code 137). Last lines:\noh",
        },
    ),
    "not even started": (
        {"Status": "created", "ExitCode": 127, "Error": "no such program"},
        {"state": ContainerState.CREATED, "message": "no such program"},
    ),
    "between two lives": ({"Status": "restarting", "ExitCode": 1}, {"state": "restarting", "exit_code": 1}),
    "a word of podman's": ({"Status": "stopped", "ExitCode": 0}, {"state": "exited"}),
    "a word nobody knows": ({"Status": "new"}, {"state": "running"}),
}


@pytest.mark.parametrize("case", STATES)
def test_a_container(case: str) -> None:
    state, expected = STATES[case]
    report = container_report(seen(**state), "oh")
    assert {key: getattr(report, key) for key in expected} == expected
    assert report.task == "task-1"


def test_one_that_ended_badly_in_silence_says_that() -> None:
    assert container_report(seen(ExitCode=2)).message == "It ended with exit code 2; it wrote nothing."


def test_published_ports_are_those_bound_now() -> None:
    ports = {
        "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}],
        "9/udp": None,
    }
    report = container_report(seen(Status="running", ports=ports))
    assert report.published == ("0.0.0.0:8080->80/tcp", "[::]:8080->80/tcp")


TIMES = {
    "": 0,
    "0001-01-01T00:00:00Z": 0,
    "1970-01-01T00:00:01Z": 1_000_000,
    "2026-11-23T01:37:16.208593735Z": 1795397836208593,
    "2026-11-23T02:37:16.2+01:00": 1795397836200000,
}


@pytest.mark.parametrize("stamp", TIMES)
def test_the_engines_times(stamp: str) -> None:
    assert micros(stamp) == TIMES[stamp]


def test_the_host() -> None:
    info = msgspec.json.decode(
        b'{"NCPU":2,"MemTotal":1024,"Architecture":"aarch64","Labels":["disk=ssd","bare","x=a=b"]}', type=Info
    )
    assert (capacity(info).cpu, capacity(info).memory, arch(info)) == (2000, 1024, "arm64")
    assert host_labels(info) == {"disk": "ssd", "bare": "", "x": "a=b"}
    assert host_labels(Info()) == {}


def test_what_a_task_made_for_itself_is_not_a_holding() -> None:
    networks = [Network(id="1", name="b", labels={"io.longshore.stack": "s"}), Network(id="2", name="a")]
    volumes = [Volume(name="v", labels=None), Volume(name="f00", labels={"io.longshore.task": "t"})]
    assert held(networks, volumes) == (
        Held(kind=HoldingKind.NETWORK, name="a"),
        Held(kind=HoldingKind.NETWORK, name="b", stack="s"),
        Held(kind=HoldingKind.VOLUME, name="v"),
    )
