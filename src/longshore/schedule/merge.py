"""The exact greedy choice for identical replicas, as arrays.

Replicas are placed one by one, each on the host whose score is best then. As a score depends on the
host's own load only, each host offers a curve of scores, and the greedy choice is the merge of the
curves by their heads. A head that is behind another of its curve waits for it: replaced by the worst
score up to there, every curve rises, and sorting by (that, row, place on the curve) is the greedy order,
whatever the curves are. Only the hosts with the best heads, as many as replicas, can have their turn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from longshore.schedule.fleet import Fleet
from longshore.schedule.look import Look, Term, packed
from longshore.schedule.request import Request
from longshore.schedule.rules import caps_of
from longshore.schedule.tally import Bools, Ints

BEYOND = np.iinfo(np.int64).max
"""Behind every score."""

STEPS = 4
"""How much of each curve is looked at first, and by how much more each time that was too little."""


def heads(fleet: Fleet, request: Request, terms: tuple[Term, ...], good: Bools) -> Ints:
    """Per row its score for the next replica, as one number; `BEYOND` where it may take none."""
    size = fleet.size
    look = Look(fleet, request, slice(0, size))
    first = 0
    while first < len(terms) and terms[first].standing:
        first += 1
    columns: list[Ints | Bools | int] = [_ranks(look, terms[:first])] if first else []
    columns += [term.column(look) for term in terms[first:]]
    key = packed(columns, (size,))
    if any(key is column for column in columns):
        key = key.copy()
    key[~good] = BEYOND
    return key


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


def best(key: Ints, count: int) -> Ints:
    """The rows of the `count` best heads, ties to the lower row; in the order of rows."""
    able = np.flatnonzero(key < BEYOND)
    if len(able) <= count:
        return able
    worst = np.partition(key, count - 1)[count - 1]
    better = np.flatnonzero(key < worst)
    equal = np.flatnonzero(key == worst)[: count - len(better)]
    return np.union1d(better, equal) if len(better) else equal


def merged(
    fleet: Fleet, request: Request, terms: tuple[Term, ...], good: Bools, count: int, *, fills: bool = False
) -> Ints:
    """The rows of up to `count` replicas, in the order in which they are placed one by one."""
    if count < 1 or not fleet.size:
        return np.zeros(0, np.int64)
    key = heads(fleet, request, terms, good)
    rows = best(key, count)
    if fills:
        rows = rows[np.argsort(key[rows], kind="stable")]
        caps = np.minimum(caps_of(fleet, request, rows), count)
        return np.repeat(rows, caps)[:count]
    if len(rows) == 1 or count == 1:
        caps = np.minimum(caps_of(fleet, request, rows[:1]), count)
        return np.repeat(rows[:1], caps)
    caps = np.minimum(caps_of(fleet, request, rows), count)
    steps = STEPS * -(-count // max(len(rows), 1))
    while True:
        curves = curves_of(fleet, request, terms, rows, caps, steps)
        order = np.argsort(np.maximum.accumulate(curves.scores, axis=1).ravel(), kind="stable")
        chosen = order[: min(count, curves.number)] // curves.width
        cut = np.bincount(chosen, minlength=len(rows)) == curves.width
        if not (cut & (caps > curves.width)).any():
            return rows[chosen]
        steps *= STEPS


class Curves(NamedTuple):
    """`scores` (rows, width): of each row for its next replicas, `BEYOND` past its cap; `number` before."""

    scores: Ints
    width: int
    number: int


def curves_of(
    fleet: Fleet, request: Request, terms: tuple[Term, ...], rows: Ints, caps: Ints, steps: int
) -> Curves:
    """The beginnings of the curves of some rows, `steps` long or as long as the longest cap."""
    width = int(min(steps, caps.max(initial=1)))
    look = Look(fleet, request, rows[:, None], np.arange(width)[None, :])
    scores = packed([term.column(look) for term in terms], (len(rows), width))
    past = np.arange(width) >= caps[:, None]
    scores = np.where(past, BEYOND, scores)
    return Curves(scores, width, int(np.minimum(caps, width).sum()))
