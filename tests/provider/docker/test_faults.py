"""What engines were heard to say, and what we make of it."""

from __future__ import annotations

import pytest

from longshore.provider.docker.faults import _RULES, CODES, rejected

_OCI = "failed to create shim task: OCI runtime create failed: runc create failed: "

SAID = {
    "No such image: nosuch:1": (404, "image-missing", "no image nosuch:1"),
    "No such container: abc": (404, "container-missing", "no container abc"),
    "network shop_net not found": (404, "network-missing", "no network shop_net"),
    "get shop_data: no such volume": (404, "volume-missing", "no volume shop_data"),
    'Conflict. The container name "/web" is already in use by container "0a1b".': (
        409,
        "name-taken",
        "named web",
    ),
    "network with name net already exists": (409, "name-taken", "named net"),
    "remove data: volume is in use - [0a1b, 2c3d]": (409, "in-use", "0a1b, 2c3d"),
    "error while removing network: network net id 9170 has active endpoints": (403, "in-use", "network net"),
    "driver failed programming external connectivity on endpoint web (b11a): "
    "Bind for 0.0.0.0:8098 failed: port is already allocated": (500, "port-taken", "Port 8098"),
    "driver failed programming external connectivity on endpoint web (b11a): Error starting userland proxy: "
    "listen tcp4 0.0.0.0:8098: bind: address already in use": (500, "port-taken", "Port 8098"),
    "driver failed programming external connectivity on endpoint web (b11a): Error starting userland proxy: "
    "listen tcp4 10.9.9.9:80: bind: cannot assign requested address": (500, "address-missing", "10.9.9.9"),
    'invalid mount config for type "bind": bind source path does not exist: /srv/x': (
        400,
        "mount-missing",
        "/srv/x",
    ),
    "write /var/lib/docker/tmp/x: no space left on device": (500, "no-space", "full"),
    "could not find an available, non-overlapping IPv4 address pool among the defaults": (
        500,
        "no-addresses",
        "address range",
    ),
    'create x: error looking up volume plugin nosuch: plugin "nosuch" not found': (
        404,
        "driver-missing",
        "nosuch",
    ),
    "No command specified": (400, "start-failed", "no command"),
    "unable to find user bob: no matching entries in passwd file": (500, "start-failed", "user bob"),
    f'{_OCI}unable to start container process: exec: "x": executable file not found in $PATH: unknown': (
        400,
        "start-failed",
        "The command x cannot be run: executable file not found in $PATH.",
    ),
    f"{_OCI}something about cgroups: unknown": (500, "start-failed", "something about cgroups."),
    "client version 1.99 is too new. Maximum supported API version is 1.41": (400, "engine-too-old", "1.99"),
    "Minimum memory limit allowed is 6MB": (400, "bad-request", "Minimum memory"),
    "two lines\nof it": (400, "bad-request", "two lines\nof it."),
    "something broke": (500, "engine-error", "something broke"),
    "": (502, "engine-error", "502"),
}


@pytest.mark.parametrize("said", SAID)
def test_what_the_engine_says_becomes_a_code_and_a_remedy(said: str) -> None:
    status, code, words = SAID[said]
    error = rejected(status, said)
    assert error.code == code
    assert words in error.message
    assert error.remedy
    assert (error.facts["status"], error.facts["engine"]) == (status, said)


def test_a_taken_port_is_a_fact() -> None:
    error = rejected(500, "Bind for 0.0.0.0:8098 failed: port is already allocated")
    assert error.facts["port"] == 8098


def test_every_code_is_told_what_it_means() -> None:
    assert {rule.code for rule in _RULES} <= set(CODES)
    assert list(CODES) == sorted(CODES)
