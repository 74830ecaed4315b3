"""Placement: the greedy choice of hosts for identical replicas.

Replicas are placed one by one, each on the host that scores best then; as a host's score depends
on its own load only, a heap of the hosts' next scores gives the same sequence without looking at
all hosts again. Spread preferences choose the emptiest domain first, the host within it after.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

from longshore.model.decision import Candidate, Miss
from longshore.model.ids import HostId
from longshore.schedule.fleet import Bools, Fleet, Ints
from longshore.schedule.request import Request
from longshore.schedule.rules import Survey, broken_by, fact_of, survey

Score = tuple[int | float, ...]
"""Smaller is better; compared term by term, last the row."""

Terms = Callable[[Fleet, int, int, int], dict[str, int | float]]
"""Of fleet, row, replicas held there and replicas just taken: the terms of the row's score."""

Column = Ints | Bools | npt.NDArray[np.float64]

MISSES = 3
"""How many near misses a decision keeps."""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The hosts chosen, in order, one per replica (fewer than asked for where no more fit)."""

    hosts: tuple[HostId, ...]
    chosen: tuple[Candidate, ...]
    next_best: Candidate | None
    considered: int
    fit: int
    excluded: dict[str, int]
    misses: tuple[Miss, ...]


def place(fleet: Fleet, request: Request, count: int) -> Placed:
    """Choose hosts for `count` replicas; claims nothing."""
    found = survey(fleet, request)
    rows = np.flatnonzero(found.caps)
    picks, next_row = _pick(fleet, request, found.caps, rows, count)
    terms = STRATEGIES[request.strategy]
    counts = fleet.counts.get(request.service, {})
    per_row: dict[int, int] = {}
    for row in picks:
        per_row[row] = per_row.get(row, 0) + 1
    chosen = tuple(
        _candidate(fleet, terms, row, counts.get(row, 0), number) for row, number in list(per_row.items())[:8]
    )
    best = None if next_row is None else _candidate(fleet, terms, next_row, counts.get(next_row, 0), 0)
    return Placed(
        hosts=tuple(fleet.hosts[row].id for row in picks),
        chosen=chosen,
        next_best=best,
        considered=found.considered,
        fit=len(rows),
        excluded={name: int(mask.sum()) for name, mask in found.failing.items() if mask.any()},
        misses=nearest(fleet, request, found) if len(picks) < count else (),
    )


def nearest(fleet: Fleet, request: Request, found: Survey) -> tuple[Miss, ...]:
    """The hosts that broke the fewest rules, those with most room first."""
    broken = np.zeros(fleet.size, np.int64)
    for mask in found.failing.values():
        broken += mask
    rows = np.flatnonzero(broken)
    free = fleet.memory[: fleet.size] - fleet.memory_used[: fleet.size]
    order = rows[np.lexsort((rows, -free[rows], broken[rows]))][:MISSES]
    misses = []
    for row in order.tolist():
        rules, words = broken_by(fleet, row, request, found)
        host = fleet.hosts[row]
        misses.append(Miss(host=host.id, name=host.name, rules=rules, words=f"{host.name} {words}"))
    return tuple(misses)


def _pick(fleet: Fleet, request: Request, caps: Ints, rows: Ints, count: int) -> tuple[list[int], int | None]:
    """The rows chosen in order, and the row that would be next."""
    score = STRATEGIES[request.strategy]
    counts = fleet.counts.get(request.service, {})
    domains: dict[tuple[str, ...], list[Score]] = {}
    for row in _heads(fleet, request, rows, count):
        domain = tuple(fact_of(fleet.hosts[row], key) for key in request.spread)
        domains.setdefault(domain, []).append((*score(fleet, row, counts.get(row, 0), 0).values(), row))
    for heap in domains.values():
        heapq.heapify(heap)
    held = _held(fleet, request, counts)
    taken: dict[int, int] = {}
    picks: list[int] = []
    while domains:
        domain = _emptiest(domains, held)
        row = int(domains[domain][0][-1])
        if len(picks) == count:
            return picks, row
        picks.append(row)
        taken[row] = taken.get(row, 0) + 1
        for level in range(len(domain)):
            held[domain[: level + 1]] = held.get(domain[: level + 1], 0) + 1
        if taken[row] < caps[row]:
            terms = score(fleet, row, counts.get(row, 0) + taken[row], taken[row])
            heapq.heapreplace(domains[domain], (*terms.values(), row))
        else:
            heapq.heappop(domains[domain])
            if not domains[domain]:
                del domains[domain]
    return picks, None


def _heads(fleet: Fleet, request: Request, rows: Ints, count: int) -> list[int]:
    """The rows that can win: with one domain, the best `count` and the one that comes next.

    A host's score only gets worse by what it takes, or it goes on winning; so a host behind `count`
    better ones never has its turn.
    """
    if request.spread or len(rows) <= count + 1:
        return list(rows.tolist())
    held = np.zeros(fleet.size, np.int64)
    for row, number in fleet.counts.get(request.service, {}).items():
        held[row] = number
    terms = [rows, *reversed(ORDERS[request.strategy](fleet, rows, held[rows]))]
    best: Ints = rows[np.lexsort(terms)[: count + 1]]
    return list(best.tolist())


def _held(fleet: Fleet, request: Request, counts: dict[int, int]) -> dict[tuple[str, ...], int]:
    """Replicas that are there already, per domain and per prefix of it."""
    held: dict[tuple[str, ...], int] = {}
    if request.spread:
        for row, number in counts.items():
            domain = tuple(fact_of(fleet.hosts[row], key) for key in request.spread)
            for level in range(len(domain)):
                held[domain[: level + 1]] = held.get(domain[: level + 1], 0) + number
    return held


def _emptiest(
    domains: dict[tuple[str, ...], list[Score]], held: dict[tuple[str, ...], int]
) -> tuple[str, ...]:
    """The domain with the fewest replicas, level by level; equal ones by their best host."""
    if len(domains) == 1:
        return next(iter(domains))

    def emptiness(domain: tuple[str, ...]) -> tuple[tuple[int, ...], Score]:
        return tuple(held.get(domain[: i + 1], 0) for i in range(len(domain))), domains[domain][0]

    return min(domains, key=emptiness)


def _candidate(
    fleet: Fleet,
    terms: Callable[[Fleet, int, int, int], dict[str, int | float]],
    row: int,
    held: int,
    count: int,
) -> Candidate:
    host = fleet.hosts[row]
    found = {name: float(value) for name, value in terms(fleet, row, held, 0).items()}
    return Candidate(host=host.id, name=host.name, count=count, terms=found)


def spread(fleet: Fleet, row: int, held: int, taken: int) -> dict[str, int | float]:
    """Fewest replicas of this service, then fewest tasks; hosts still on their way last."""
    return {
        "on its way": int(not fleet.ready[row]),
        "replicas there": held,
        "tasks there": int(fleet.tasks[row]) + taken,
    }


def binpack(fleet: Fleet, row: int, held: int, taken: int) -> dict[str, int | float]:
    """The fullest host first: the least share of its room free; hosts still on their way last."""
    del held, taken
    cpu, memory = int(fleet.cpu[row]), int(fleet.memory[row])
    free_cpu = (cpu - int(fleet.cpu_used[row])) / cpu if cpu else 0.0
    free_memory = (memory - int(fleet.memory_used[row])) / memory if memory else 0.0
    # Rounded as NumPy does it, so that one host and all at once come to the same.
    share = round((free_cpu + free_memory) / 2 * 1e6) / 1e6
    return {"on its way": int(not fleet.ready[row]), "share free": share}


def cheapest(fleet: Fleet, row: int, held: int, taken: int) -> dict[str, int | float]:
    """Own hosts first, as they are paid for; then the cheaper lent ones; within that, spread."""
    own = bool(fleet.own[row])
    price = 0 if own else int(fleet.price[row])
    return {"lent": int(not own), "price": price, **spread(fleet, row, held, taken)}


STRATEGIES: dict[str, Terms] = {
    "cheapest": cheapest,
    "spread": spread,
    "binpack": binpack,
}
"""By name: the terms of a host's score if it took one more."""


def _spread_order(fleet: Fleet, rows: Ints, held: Ints) -> list[Column]:
    return [~fleet.ready[rows], held, fleet.tasks[rows]]


def _binpack_order(fleet: Fleet, rows: Ints, held: Ints) -> list[Column]:
    del held
    cpu, memory = fleet.cpu[rows], fleet.memory[rows]
    free_cpu = np.where(cpu, cpu - fleet.cpu_used[rows], 0) / np.maximum(cpu, 1)
    free_memory = np.where(memory, memory - fleet.memory_used[rows], 0) / np.maximum(memory, 1)
    return [~fleet.ready[rows], np.round((free_cpu + free_memory) / 2, 6)]


def _cheapest_order(fleet: Fleet, rows: Ints, held: Ints) -> list[Column]:
    own = fleet.own[rows]
    return [~own, np.where(own, 0, fleet.price[rows]), *_spread_order(fleet, rows, held)]


ORDERS: dict[str, Callable[[Fleet, Ints, Ints], list[Column]]] = {
    "cheapest": _cheapest_order,
    "spread": _spread_order,
    "binpack": _binpack_order,
}
"""The same terms over many rows at once, the first the most telling."""
