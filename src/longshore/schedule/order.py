"""The order of services that want places in one turn: priority, dominant share, age.

Who has more priority comes first. Among equals it is the turn of the project, and within it of the
stack, whose largest share of any resource is smallest for its weight: dominant resource fairness
(Ghodsi and others, NSDI 2011), with a whole service as the unit. Then who has waited longest.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from itertools import groupby

import msgspec

from longshore.model.host import Capacity
from longshore.model.ids import ServiceKey
from longshore.schedule.fleet import Fleet

Shares = tuple[float, ...]
"""Of the fleet's cpu and memory, 1.0 being all of it."""

NOTHING: Shares = (0.0, 0.0)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A service that wants places. `stack` is `PROJECT/STACK`; `demand` is what all its replicas ask for."""

    key: ServiceKey
    project: str
    stack: str
    priority: int = 0
    since: int = 0
    demand: Shares = NOTHING


def in_order(
    dues: Iterable[Due], held: Mapping[str, Shares], weights: Mapping[str, float]
) -> list[ServiceKey]:
    """The services in the order in which they are to be placed.

    `held`: what each project and each `PROJECT/STACK` has already. Equal in everything: as given.
    """
    ranked = sorted(dues, key=lambda due: -due.priority)
    shares = dict(held)
    keys: list[ServiceKey] = []
    for _, equals in groupby(ranked, key=lambda due: due.priority):
        keys.extend(_fairly(list(equals), shares, weights))
    return keys


def _fairly(dues: list[Due], shares: dict[str, Shares], weights: Mapping[str, float]) -> list[ServiceKey]:
    """Those of one priority: again and again the oldest of the stack, and project, with least.

    What they get is added to `shares`.
    """
    queues: dict[str, dict[str, list[Due]]] = {}
    for due in sorted(dues, key=lambda due: due.since):
        queues.setdefault(due.project, {}).setdefault(due.stack, []).append(due)
    heaps = {
        project: [_rank(stack, shares, weights, n) for n, stack in enumerate(stacks)]
        for project, stacks in queues.items()
    }
    for heap in heaps.values():
        heapq.heapify(heap)
    projects = [_rank(project, shares, weights, n) for n, project in enumerate(queues)]
    heapq.heapify(projects)
    keys: list[ServiceKey] = []
    while projects:
        _, place, project = projects[0]
        _, seat, stack = heaps[project][0]
        due = queues[project][stack].pop(0)
        keys.append(due.key)
        for name in (project, stack):
            had = shares.get(name, NOTHING)
            shares[name] = tuple(a + b for a, b in zip(had, due.demand, strict=True))
        _turn(heaps[project], _rank(stack, shares, weights, seat), left=bool(queues[project][stack]))
        _turn(projects, _rank(project, shares, weights, place), left=bool(heaps[project]))
    return keys


Rank = tuple[float, int, str]


def _rank(name: str, shares: Mapping[str, Shares], weights: Mapping[str, float], place: int) -> Rank:
    """A project's or stack's dominant share for its weight; then who was first to wait."""
    weight = weights.get(name, 1.0)
    return max(shares.get(name, NOTHING)) / weight if weight > 0 else float("inf"), place, name


def _turn(heap: list[Rank], rank: Rank, *, left: bool) -> None:
    """The first has had its turn: it goes to where it belongs now, or away if it has nothing left."""
    if left:
        heapq.heapreplace(heap, rank)
    else:
        heapq.heappop(heap)


def shares_of(fleet: Fleet, claims: Iterable[tuple[int, Capacity]]) -> Shares:
    """What so many times each of these claims is of the fleet's cpu and memory."""
    cpu = memory = 0
    for count, each in claims:
        cpu += count * each.cpu
        memory += count * each.memory
    all_cpu = int(fleet.total["cpu"][: fleet.size].sum())
    all_memory = int(fleet.total["memory"][: fleet.size].sum())
    return (cpu / all_cpu if all_cpu else 0.0, memory / all_memory if all_memory else 0.0)
