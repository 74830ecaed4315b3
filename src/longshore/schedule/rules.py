"""The rules that exclude hosts, as rows: a mask over the fleet, and words for one host.

All rules a host breaks are known, not just the first; the survey counts each. Resources, ports
and the limit per host are also caps: how many replicas a host can still take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np

from longshore.model.host import Host, Quote
from longshore.model.ids import HostId
from longshore.model.lifecycle import HostState
from longshore.model.spec import Constraint
from longshore.schedule.fleet import Bools, Fleet, Ints
from longshore.schedule.request import Request

MANY = 1 << 40
"""More replicas than any host is asked to take."""


class Rule(NamedTuple):
    """`passes(fleet, request)`: bool per row; `words(fleet, row, request)`: why this row does not pass."""

    name: str
    passes: Callable[[Fleet, Request], Bools]
    words: Callable[[Fleet, int, Request], str]


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """Which hosts pass: `caps` (rows,) is how many replicas each can take, 0 where any rule fails.

    `failing`: rule name -> bool per row, of the rows that fail it.
    """

    caps: Ints
    failing: dict[str, Bools]
    considered: int


def survey(fleet: Fleet, request: Request) -> Survey:
    """Hold every host against every rule."""
    size = fleet.size
    known = fleet.known[:size]
    good = known.copy()
    failing: dict[str, Bools] = {}
    for rule in RULES:
        passes = rule.passes(fleet, request)
        if not passes.all():
            failing[rule.name] = ~passes & known
            good &= passes
    caps = np.where(good, _room(fleet, request), 0)
    if request.ports:
        caps = np.minimum(caps, 1)
    if request.max_per_host:
        caps = np.minimum(caps, np.maximum(request.max_per_host - _count(fleet, request), 0))
    return Survey(caps=caps, failing=failing, considered=int(known.sum()))


def _room(fleet: Fleet, request: Request) -> Ints:
    """How many replicas the free cpu and memory of each row take."""
    size = fleet.size
    caps = np.full(size, MANY, np.int64)
    if request.cpu:
        caps = np.minimum(caps, (fleet.cpu[:size] - fleet.cpu_used[:size]) // request.cpu)
    if request.memory:
        caps = np.minimum(caps, (fleet.memory[:size] - fleet.memory_used[:size]) // request.memory)
    return np.maximum(caps, 0)


def _count(fleet: Fleet, request: Request) -> Ints:
    """Tasks of this service per row."""
    counts = np.zeros(fleet.size, np.int64)
    for row, count in fleet.counts.get(request.service, {}).items():
        counts[row] = count
    return counts


def holds(constraint: Constraint, host: Host) -> bool:
    """Whether a host meets a constraint, in Swarm's grammar."""
    found = fact_of(host, constraint.key)
    return (found == constraint.value) is constraint.equal


def fact_of(host: Host, key: str) -> str:
    """What a host has under a constraint's key; empty where it has nothing."""
    for prefix in ("node.labels.", "engine.labels."):
        if key.startswith(prefix):
            return host.labels.get(key.removeprefix(prefix), "")
    match key:
        case "node.hostname" | "node.name":
            return host.name
        case "node.id":
            return host.id
        case "node.platform.os":
            return host.os
        case "node.platform.arch":
            return host.arch
        case "node.cloud":
            return host.cloud
        case "node.kind":
            return host.kind
        case _:
            return ""


def _cached(fleet: Fleet, key: object, test: Callable[[Host], bool]) -> Bools:
    """A mask over host facts, kept until a host's facts change."""
    mask = fleet.masks.get(key)
    if mask is None:
        mask = np.fromiter((test(host) for host in fleet.hosts), np.bool_, fleet.size)
        fleet.masks[key] = mask
    return mask


def _all(fleet: Fleet) -> Bools:
    return np.ones(fleet.size, np.bool_)


def _state(fleet: Fleet, request: Request) -> Bools:
    del request
    return fleet.usable[: fleet.size]


def _state_words(fleet: Fleet, row: int, request: Request) -> str:
    del request
    host = fleet.hosts[row]
    if host.lost:
        return "is lost"
    if host.silent_since:
        return "does not answer"
    if host.draining:
        return "is draining"
    return f"is {host.state}"


def _resources(fleet: Fleet, request: Request) -> Bools:
    if not (request.cpu or request.memory):
        return _all(fleet)
    return _room(fleet, request) > 0


def _resources_words(fleet: Fleet, row: int, request: Request) -> str:
    parts = []
    cpu = int(fleet.cpu[row] - fleet.cpu_used[row])
    memory = int(fleet.memory[row] - fleet.memory_used[row])
    if request.cpu > cpu:
        parts.append(f"needs {cores(request.cpu)}, has {cores(cpu)} of {cores(int(fleet.cpu[row]))} free")
    if request.memory > memory:
        total = size_words(int(fleet.memory[row]))
        parts.append(f"needs {size_words(request.memory)}, has {size_words(memory)} of {total} free")
    return " and ".join(parts)


def _constraints(fleet: Fleet, request: Request) -> Bools:
    mask = _all(fleet)
    for constraint in request.constraints:
        mask &= _cached(fleet, str(constraint), lambda host, c=constraint: holds(c, host))  # type: ignore[misc]
    return mask


def _constraints_words(fleet: Fleet, row: int, request: Request) -> str:
    broken = [c for c in request.constraints if not holds(c, fleet.hosts[row])]
    return ", ".join(f"{c} (it has {fact_of(fleet.hosts[row], c.key) or 'none'})" for c in broken)


def _platform(fleet: Fleet, request: Request) -> Bools:
    if not request.platform:
        return _all(fleet)
    return _cached(
        fleet, ("platform", request.platform), lambda host: runs(request.platform, host.os, host.arch)
    )


def runs(platform: str, system: str, arch: str) -> bool:
    """Whether a host of this system and architecture runs `OS/ARCH[/VARIANT]` (or just `ARCH`)."""
    parts = platform.split("/")
    return parts[0] in {arch, system} if len(parts) == 1 else parts[:2] == [system, arch]


def _platform_words(fleet: Fleet, row: int, request: Request) -> str:
    host = fleet.hosts[row]
    return f"is {host.os}/{host.arch}, not {request.platform}"


def _ports(fleet: Fleet, request: Request) -> Bools:
    mask = _all(fleet)
    for port in request.ports:
        for row in fleet.ports.get(port, ()):
            mask[row] = False
    return mask


def _ports_words(fleet: Fleet, row: int, request: Request) -> str:
    taken = [port for port in request.ports if row in fleet.ports.get(port, ())]
    return f"port {', '.join(taken)} is taken there"


def _volumes(fleet: Fleet, request: Request) -> Bools:
    if request.pinned is None:
        return _all(fleet)
    mask = np.zeros(fleet.size, np.bool_)
    for host in request.pinned:
        row = fleet.rows.get(host)
        if row is not None:
            mask[row] = True
    return mask


def _volumes_words(fleet: Fleet, row: int, request: Request) -> str:
    del row
    names = [fleet.hosts[fleet.rows[h]].name for h in request.pinned or () if h in fleet.rows]
    return f"does not hold its volume, which is on {', '.join(names) or 'no one host'}"


def _per_host(fleet: Fleet, request: Request) -> Bools:
    if not request.max_per_host:
        return _all(fleet)
    return _count(fleet, request) < request.max_per_host


def _per_host_words(fleet: Fleet, row: int, request: Request) -> str:
    return f"has {fleet.counts.get(request.service, {}).get(row, 0)} of at most {request.max_per_host}"


def _client(fleet: Fleet, request: Request) -> Bools:
    if not request.client_bound:
        return _all(fleet)
    return _cached(fleet, "client", is_client)


def is_client(host: Host) -> bool:
    """Whether this host is the machine that the server itself runs on."""
    return host.labels.get("longshore.client") == "true"


def _client_words(fleet: Fleet, row: int, request: Request) -> str:
    del fleet, row, request
    return "is not the machine whose folders it mounts"


def _own(fleet: Fleet, request: Request) -> Bools:
    return fleet.own[: fleet.size] if request.own_only else _all(fleet)


def _own_words(fleet: Fleet, row: int, request: Request) -> str:
    del fleet, row, request
    return "is not your own"


RULES: tuple[Rule, ...] = (
    Rule("health", _state, _state_words),
    Rule("constraints", _constraints, _constraints_words),
    Rule("platform", _platform, _platform_words),
    Rule("volumes", _volumes, _volumes_words),
    Rule("client", _client, _client_words),
    Rule("own", _own, _own_words),
    Rule("ports", _ports, _ports_words),
    Rule("max-per-host", _per_host, _per_host_words),
    Rule("resources", _resources, _resources_words),
)


def broken_by(fleet: Fleet, row: int, request: Request, found: Survey) -> tuple[tuple[str, ...], str]:
    """The names of all rules a host breaks, and the sentence that says how."""
    rules = [rule for rule in RULES if rule.name in found.failing and found.failing[rule.name][row]]
    return tuple(r.name for r in rules), "; ".join(r.words(fleet, row, request) for r in rules)


def booting(host: Host) -> bool:
    """Whether a host is still on its way."""
    return host.state in {HostState.REQUESTED, HostState.BOOTING}


def cores(milli: int) -> str:
    """`1.5 cpus`."""
    return f"{milli / 1000:g} cpu{'' if milli == 1000 else 's'}"


UNITS = (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def size_words(number: int) -> str:
    """`2.1 GiB`."""
    for unit, scale in UNITS:
        if abs(number) >= scale:
            return f"{number / scale:.4g} {unit}"
    return f"{number} B"


def fact_of_quote(quote: Quote, key: str) -> str:
    """What a host of this offer will have under a constraint's key, as far as that is known."""
    host = Host(
        id=HostId(""),
        name="",
        cloud=quote.cloud,
        own=False,
        state=HostState.REQUESTED,
        kind=quote.kind,
        labels=quote.labels,
        os=quote.os,
        arch=quote.arch,
    )
    return fact_of(host, key)
