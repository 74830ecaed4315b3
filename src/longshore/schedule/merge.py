"""The exact greedy choice for identical replicas, as arrays.

Replicas are placed one by one, each on the host whose score is best then. As a score depends on the
host's own load only, each host offers a curve of scores, and the greedy choice is the merge of the
curves by their heads. A head that is behind another of its curve waits for it: replaced by the worst
score up to there, every curve rises, and sorting by (that, row, place on the curve) is the greedy order,
whatever the curves are. Only the hosts with the best heads, as many as replicas, can have their turn.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from longshore.schedule.fleet import Fleet
from longshore.schedule.look import Look, Term, order_of, packed
from longshore.schedule.request import Request
from longshore.schedule.rules import caps_of
from longshore.schedule.tally import Bools, Ints

BEYOND = np.int64(1 << 62)
"""Behind every score; as one bit, so that it is set without a branch."""

STEPS = 4
"""How much of each curve is looked at first, and by how much more each time that was too little."""


class Heads(NamedTuple):
    """`key` (rows,): each row's score for its next replica, and in the low `bits` the row.

    So no two are alike, and who finds the best has their rows at once. `BEYOND` and more may take none; the
    `spare` bits below that are for those who sort them by something else first.
    """

    key: Ints
    bits: int
    spare: int = 0

    def rows(self, key: Ints) -> Ints:
        """The rows that some of the keys are of."""
        return key & ((1 << self.bits) - 1)


def heads(fleet: Fleet, request: Request, terms: tuple[Term, ...], good: Bools, *, spare: int = 0) -> Heads:
    """What each row offers for the next replica."""
    size = fleet.size
    look = Look(fleet, request, slice(0, size))
    first = 0
    while first < len(terms) and terms[first].standing:
        first += 1
    columns: list[Ints | Bools | int] = [_ranks(look, terms[:first])] if first else []
    columns += [term.column(look) for term in terms[first:]]
    bits = (size - 1).bit_length()
    # In place: what these arrays cost is mostly the memory for new ones.
    key = packed(columns, (size,), 62 - bits - spare)
    key <<= bits
    key |= _rows(size)
    behind = (~good).astype(np.int64)
    behind <<= 62
    key |= behind
    return Heads(key, bits, spare)


@lru_cache(maxsize=4)
def _rows(size: int) -> Ints:
    """The numbers of all rows."""
    rows = np.arange(size)
    rows.flags.writeable = False
    return rows


def _ranks(look: Look, terms: tuple[Term, ...]) -> Ints:
    """Terms that do not follow load as one column of small numbers; kept until hosts change."""
    fleet = look.fleet
    name = ("ranks", *terms)
    kept = fleet.kept.get(name)
    if isinstance(kept, tuple) and kept[0] == fleet.version:
        ranks: Ints = kept[1]
        return ranks
    key = packed([term.column(look) for term in terms], (fleet.size,))
    ranks = np.unique(key, return_inverse=True)[1].reshape(-1).astype(np.int64)
    fleet.kept[name] = (fleet.version, ranks)
    return ranks


def best(found: Heads, count: int) -> Ints:
    """The rows of the `count` best heads, the best first only where one is asked for; else in any order."""
    key = found.key
    if count == 1:
        key = key[[key.argmin()]]
    elif count < len(key):
        key = np.partition(key, count - 1)[:count]
    return found.rows(key[key < BEYOND])


def merged(
    fleet: Fleet, request: Request, terms: tuple[Term, ...], good: Bools, count: int, *, fills: bool = False
) -> Ints:
    """The rows of up to `count` replicas, in the order in which they are placed one by one."""
    if count < 1 or not fleet.size:
        return np.zeros(0, np.int64)
    found = heads(fleet, request, terms, good)
    rows = best(found, count)
    if count == 1:
        return rows
    if fills:
        rows = found.rows(np.sort(found.key[rows]))
        return np.repeat(rows, np.minimum(caps_of(fleet, request, rows), count))[:count]
    rows = np.sort(rows)
    caps = np.minimum(caps_of(fleet, request, rows), count)
    if caps.max(initial=0) <= 1:
        return found.rows(np.sort(found.key[rows]))
    steps = STEPS * -(-count // max(len(rows), 1))
    while True:
        curves = curves_of(fleet, request, terms, rows, caps, steps)
        chosen = curves.places[order_of([curves.worst])[:count]] // curves.width
        cut = np.bincount(chosen, minlength=len(rows)) == curves.width
        if not (cut & (caps > curves.width)).any():
            return rows[chosen]
        steps *= STEPS


class Curves(NamedTuple):
    """The beginnings of curves, entry by entry, those of a row one after the other, up to its cap.

    `scores` (entries,); `worst`: that of the row's entries up to there; `places`: row and step of each, as
    row times `width` plus step.
    """

    scores: Ints
    worst: Ints
    places: Ints
    width: int


def curves_of(
    fleet: Fleet, request: Request, terms: tuple[Term, ...], rows: Ints, caps: Ints, steps: int
) -> Curves:
    """The beginnings of the curves of some rows, `steps` long or as long as the longest cap."""
    width = int(min(steps, caps.max(initial=1)))
    look = Look(fleet, request, rows[:, None], np.arange(width)[None, :])
    scores = packed([term.column(look) for term in terms], (len(rows), width))
    worst = np.maximum.accumulate(scores, axis=1)
    if caps.min(initial=width) >= width:
        return Curves(scores.ravel(), worst.ravel(), np.arange(scores.size), width)
    places = np.flatnonzero(np.arange(width) < caps[:, None])
    return Curves(scores.ravel()[places], worst.ravel()[places], places, width)
