"""The plain way, to measure against: a filter and a score for each host, for each task, in a Python loop.

What it does for one task: it goes over all hosts; leaves out a host that is not ready, does not
meet a constraint (one dictionary look-up each), has the port taken, has a replica where replicas
keep apart, is in a zone that would be more than the skew ahead of the emptiest, or has too
little cpu or memory free; gives each of the rest the score of `spread` (replicas of the service
there, then tasks there, then its row); takes the least; and counts the task there. So classic
Swarm, Nova and kube-scheduler go about it, without their network, locks and plugins. Hosts are
objects with slots and every fact is ready in memory, so that nothing is slower than need be.
"""

from __future__ import annotations

from collections.abc import Iterable

from workload import Wanted

from longshore.model.host import Host
from longshore.model.ids import ServiceKey


class Row:
    """A host as the loop knows it."""

    __slots__ = ("cpu", "facts", "memory", "ports", "ready", "replicas", "tasks", "zone")

    def __init__(self, host: Host) -> None:
        self.ready = host.usable
        self.cpu = host.capacity.cpu
        self.memory = host.capacity.memory
        self.zone = host.zone
        self.facts = {f"node.labels.{key}": value for key, value in host.labels.items()}
        self.facts["node.zone"] = host.zone
        self.ports: set[int] = set()
        self.replicas: dict[ServiceKey, int] = {}
        self.tasks = 0


def rows_of(hosts: Iterable[Host]) -> list[Row]:
    """The loop's picture of the hosts."""
    return [Row(host) for host in hosts]


def place_one(rows: list[Row], wanted: Wanted) -> int | None:
    """Place one task of this service and count it; the row it went to, None where nothing fits."""
    key, spec = wanted.key, wanted.spec
    resources, placement = spec.resources, spec.placement
    ports = [port.published for port in spec.ports]
    apart, skewed = bool(placement.affinities), bool(placement.skew)
    zones: dict[str, int] = {}
    if skewed:
        for row in rows:
            zones[row.zone] = zones.get(row.zone, 0) + row.replicas.get(key, 0)
    emptiest = min(zones.values(), default=0)
    best: tuple[int, int, int] | None = None
    for number, row in enumerate(rows):
        if not row.ready:
            continue
        if any((row.facts.get(c.key, "") == c.value) != c.equal for c in placement.constraints):
            continue
        if ports and any(port in row.ports for port in ports):
            continue
        held = row.replicas.get(key, 0)
        if (apart or ports) and held:
            continue
        if skewed and zones[row.zone] + 1 - emptiest > placement.skew[0].most:
            continue
        if row.cpu < resources.cpu or row.memory < resources.memory:
            continue
        score = (held, row.tasks, number)
        if best is None or score < best:
            best = score
    if best is None:
        return None
    _count(rows[best[2]], wanted)
    return best[2]


def take_over(rows: list[Row], wanted: Wanted, picks: Iterable[int]) -> None:
    """Count tasks that were placed elsewhere, so that both go on from the same."""
    for number in picks:
        _count(rows[number], wanted)


def _count(row: Row, wanted: Wanted) -> None:
    resources = wanted.spec.resources
    row.cpu -= resources.cpu
    row.memory -= resources.memory
    row.tasks += 1
    row.ports.update(port.published for port in wanted.spec.ports)
    row.replicas[wanted.key] = row.replicas.get(wanted.key, 0) + 1
