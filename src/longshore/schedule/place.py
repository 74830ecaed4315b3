"""Placement: the greedy choice of hosts for identical replicas, and why it is that.

Replicas are placed one by one, each on the host that scores best then; `merge` and `domains` find the same
sequence without looking at all hosts again. What hosts are compared by, in this order, smaller first:

1. what rules between domains prefer: within a soft skew; beside or away from its own; the emptiest domain;
2. what the request prefers of a host: soft constraints, taints, affinities (`prefer`);
3. its strategy's terms, or the mix it weighs (`strategies`);
4. the row.

A hard skew lets a replica only into domains where it makes them differ by no more than is allowed from the
emptiest; all domains count that have a host which passes the rules about what a host is (`Rule.standing`),
whatever its room. So a full domain holds the others back; one that is down does not.

For `least-fragmentation`, the shapes to keep room for are `fleet.targets`, else those of the fleet's tasks.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import NamedTuple

import msgspec
import numpy as np

from longshore.model.decision import Candidate, Miss
from longshore.model.ids import HostId
from longshore.schedule.domains import by_domains, keys_of
from longshore.schedule.fleet import Fleet
from longshore.schedule.look import Look
from longshore.schedule.merge import merged
from longshore.schedule.request import Request
from longshore.schedule.rules import Sifted, Survey, broken_by, impossible, sift, survey
from longshore.schedule.strategies import STRATEGIES, Score, score_of
from longshore.schedule.tally import Ints

__all__ = ["MISSES", "STRATEGIES", "Picked", "Placed", "nearest", "pick", "place"]

MISSES = 3
"""How many near misses a decision keeps."""

SHOWN = 8
"""How many hosts chosen a decision keeps."""


class Picked(NamedTuple):
    """`rows` (replicas,) in the order of placing, how hosts stood the rules, and the score."""

    rows: Ints
    sifted: Sifted
    score: Score


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The hosts chosen, in order, one per replica (fewer than asked for where no more fit), and their rows.

    `cards`: the GPU cards of each, where it takes any. `excluded`, `fit`, `considered`: hosts, as they stood
    before. `impossible`: how many of those considered could never take one, were they well and empty;
    `misses`: those nearest to taking one more than were placed. Both are looked for only where fewer were
    placed than asked for.
    """

    hosts: tuple[HostId, ...]
    chosen: tuple[Candidate, ...]
    next_best: Candidate | None
    considered: int
    fit: int
    excluded: dict[str, int]
    misses: tuple[Miss, ...]
    impossible: int = 0
    cards: tuple[tuple[int, ...], ...] = ()
    rows: tuple[int, ...] = ()


def place(fleet: Fleet, request: Request, count: int) -> Placed:
    """Choose hosts for `count` replicas; claims nothing.

    Raises:
        KeyError: there is no such strategy.
    """
    # One more than asked for: who would be next.
    picked = pick(fleet, request, count + 1)
    found: list[int] = picked.rows.tolist()
    rows = found[:count]
    missing = len(rows) < count
    # In the order in which they were first chosen.
    shown = list(islice(Counter(rows).items(), SHOWN))
    seen = _candidates(fleet, request, picked.score, [*shown, *((row, 0) for row in found[count:])])
    cards = cards_for(fleet, request, rows, picked.score)
    return Placed(
        hosts=tuple(map(fleet.ids.__getitem__, rows)),
        chosen=tuple(seen[: len(shown)]),
        next_best=seen[-1] if len(seen) > len(shown) else None,
        considered=picked.sifted.considered,
        fit=picked.sifted.fit,
        excluded=picked.sifted.excluded,
        misses=_misses(fleet, request, rows, cards) if missing else (),
        impossible=impossible(fleet, request) if missing else 0,
        cards=cards,
        rows=tuple(rows),
    )


def _misses(
    fleet: Fleet, request: Request, rows: list[int], cards: tuple[tuple[int, ...], ...]
) -> tuple[Miss, ...]:
    """Why no host takes the next replica, once those that fit are there."""
    if rows:
        fleet = fleet.fork()
        fleet.claim_many(request, np.array(rows), cards=cards)
    return nearest(fleet, request, survey(fleet, request))


def pick(fleet: Fleet, request: Request, count: int) -> Picked:
    """The same without words: the rows of up to `count` replicas."""
    sifted = sift(fleet, request)
    score = score_of(fleet, request)
    return Picked(_sequence(fleet, request, sifted, score, count), sifted, score)


def _sequence(fleet: Fleet, request: Request, sifted: Sifted, score: Score, count: int) -> Ints:
    """The rows of up to `count` replicas, in order."""
    if _huddles(fleet, request) and count > 1:
        first = _sequence(fleet, request, sifted, score, 1)
        only = np.zeros(fleet.size, np.bool_)
        only[first] = True
        sifted = sifted._replace(good=sifted.good & only)
    if keys_of(request):
        return by_domains(fleet, request, score.terms, sifted, count)
    return merged(fleet, request, score.terms, sifted.good, count, fills=score.fills)


def _huddles(fleet: Fleet, request: Request) -> bool:
    """Whether all replicas have to be on the one host that the first will choose."""
    own = (near for near in request.near if near.key == request.service)
    return not len(fleet.held(request.service).rows) and any(
        not (near.soft or near.anti or near.domain) for near in own
    )


def cards_for(fleet: Fleet, request: Request, rows: list[int], score: Score) -> tuple[tuple[int, ...], ...]:
    """The GPU cards of each replica on these rows, in order; none where it takes none."""
    if not request.gpu:
        return ()
    free: dict[int, Ints] = {}
    taken: dict[int, int] = {}
    found = []
    for row in rows:
        there = free.setdefault(row, fleet.cards[row : row + 1].copy())
        number = taken.get(row, 0)
        cards = score.cards(Look(fleet, request, np.array([row]), number), there)
        there -= cards * request.share
        taken[row] = number + 1
        found.append(tuple(np.flatnonzero(cards[0]).tolist()))
    return tuple(found)


def nearest(fleet: Fleet, request: Request, found: Survey) -> tuple[Miss, ...]:
    """The hosts that broke the fewest rules, those with most room first."""
    broken = np.zeros(fleet.size, np.int64)
    for mask in found.failing.values():
        broken += mask
    rows = np.flatnonzero(broken)
    free = fleet.free["memory"][: fleet.size]
    order = rows[np.lexsort((rows, -free[rows], broken[rows]))][:MISSES]
    misses = []
    for row in order.tolist():
        rules, words = broken_by(fleet, row, request, found)
        host = fleet.hosts[row]
        misses.append(Miss(host=host.id, name=host.name, rules=rules, words=f"{host.name} {words}"))
    return tuple(misses)


def _candidates(
    fleet: Fleet, request: Request, score: Score, entries: list[tuple[int, int]]
) -> list[Candidate]:
    """Hosts with the terms of their scores before anything is placed, and how many replicas they get."""
    if not entries:
        return []
    look = Look(fleet, request, np.array([row for row, _ in entries]))
    names = [term.name for term in score.terms]
    table = np.empty((len(entries), len(names)))
    for place, term in enumerate(score.terms):
        column = term.column(look)
        table[:, place] = column if isinstance(column, int) else column.ravel()
    return [
        Candidate(
            host=fleet.ids[row],
            name=fleet.hosts[row].name,
            count=count,
            terms=dict(zip(names, values, strict=True)),
        )
        for (row, count), values in zip(entries, table.tolist(), strict=True)
    ]
