"""What a request would rather have: terms that come before its strategy's, and exclude nobody."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from longshore.model.host import Effect, Taint
from longshore.model.ids import ServiceKey
from longshore.model.spec import tolerates
from longshore.schedule import standing
from longshore.schedule.facts import TAINTS
from longshore.schedule.fleet import Fleet
from longshore.schedule.look import Look, Term
from longshore.schedule.request import Near, Request
from longshore.schedule.tally import Ints


def terms_of(fleet: Fleet, request: Request) -> tuple[Term, ...]:
    """The terms for this request, in the order of their weight; none for what it does not ask for."""
    terms = []
    if any(constraint.soft for constraint in request.constraints):
        terms.append(Term("preferences unmet", _constraints_unmet))
    if any(_dislikes(taints) for taints in fleet.column(TAINTS).values):
        terms.append(Term("taints disliked", _taints_disliked))
    for near in request.near:
        own = near.key == request.service
        # Domains that its own replicas fill or empty are not a matter of one host: `domains` has them.
        if near.soft and not (own and near.domain):
            name = f"{'beside' if near.anti else 'not beside'} {near.key.rpartition('/')[2]}"
            terms.append(Term(name, _own_host(anti=near.anti) if own else _apart(near)))
    return tuple(terms)


def image_missing(look: Look) -> Ints | int:
    """1 where the image has to be pulled first; of no weight where no host holds it, or nobody asks."""
    held = [look.fleet.images[name] for name in look.request.images if name in look.fleet.images]
    if not held:
        return 0
    missing = np.ones(look.fleet.size, np.int64)
    for tally in held:
        missing[tally.rows] = 0
    return look.of(missing)


def _constraints_unmet(look: Look) -> Ints:
    """How many soft constraints a host does not meet."""
    unmet = np.zeros(look.fleet.size, np.int64)
    for constraint in look.request.constraints:
        if constraint.soft:
            unmet += ~standing.meets(look.fleet, constraint)
    return look.of(unmet)


def _dislikes(taints: object) -> bool:
    return isinstance(taints, tuple) and any(taint.effect is Effect.PREFER_NO_SCHEDULE for taint in taints)


def _taints_disliked(look: Look) -> Ints:
    """How many taints a host has that say `PreferNoSchedule`, and are not tolerated."""
    tolerations = look.request.tolerations

    def disliked(taints: object) -> int:
        there: tuple[Taint, ...] = taints if isinstance(taints, tuple) else ()
        soft = [taint for taint in there if taint.effect is Effect.PREFER_NO_SCHEDULE]
        return sum(not tolerates(tolerations, taint) for taint in soft)

    column = look.fleet.column(TAINTS)
    return column.table(("disliked", tolerations), disliked)[look.of(column.codes)]


def _own_host(*, anti: bool) -> Callable[[Look], Ints]:
    """Soft affinity to its own service on one host: by the replicas there, or that there is any."""
    if anti:
        return lambda look: np.zeros(1, np.int64) + look.held
    return lambda look: (np.asarray(look.held) == 0).astype(np.int64)


def _apart(near: Near) -> Callable[[Look], Ints]:
    """Soft affinity to another service: whether its domain has none of it, or how many it has."""

    def column(look: Look) -> Ints:
        there = look.of(count_beside(look.fleet, near))
        return there if near.anti else (there == 0).astype(np.int64)

    return column


def count_beside(fleet: Fleet, near: Near) -> Ints:
    """Per row the tasks of the affinity's service in its domain; none where a host lacks the fact."""
    tally = fleet.held(near.key)
    if not near.domain:
        return tally.spread_over(fleet.size)
    column = fleet.column(near.domain)
    sums = counts_by(fleet, near.key, near.domain)
    nowhere = column.place_of("")
    if nowhere >= 0:
        sums[nowhere] = 0
    return sums[column.codes[: fleet.size]]


def counts_by(fleet: Fleet, service: ServiceKey, key: str) -> Ints:
    """The tasks of a service per value of a fact, (values,)."""
    column = fleet.column(key)
    tally = fleet.held(service)
    found = np.bincount(column.codes[tally.rows], weights=tally.counts, minlength=len(column.values))
    return found.astype(np.int64)
