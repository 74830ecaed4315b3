"""Fragmentation: what of a host's free room those who may come could not use, after the FGD paper.

Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent"
(USENIX ATC 2023). For each target shape, weighed by how often it comes, the free cards of a host are
fragments where the shape does not fit there at all, and else those cards that are too full for it. A
replica goes where that sum grows least. Hosts without cards are measured alike: all that is free of them
(the mean of cpu and memory) is lost to a shape that does not fit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from longshore.schedule.cards import NO_CARD, tightest
from longshore.schedule.fleet import Fleet, Shape
from longshore.schedule.look import PARTS, Look
from longshore.schedule.request import CARD, Request
from longshore.schedule.tally import Bools, Ints

STEP = 20
"""Thousandths of a card: what differs by less is alike, and the fuller host gets it.

Without it, differences of no weight beat a host that would be filled. Of 10, 20, 40, 60 and 100, this
packed the trace of the paper best.
"""

WEIGHTS = 10_000
"""Targets' weights are whole parts of this, so that sums come out the same in any order."""

MOST_TARGETS = 160
"""The most common shapes that are looked at."""

KEPT_BYTES = 96 << 20
"""How much is kept of what was reckoned before."""

NEVER = np.iinfo(np.int64).max

FEW, BLOCK = 64, 1024
"""Hosts from which on it is worth looking for like ones, and how many are reckoned at once."""


class Targets(NamedTuple):
    """The shapes to keep room for: `cpu`, `memory` (shapes,); `weigh` (shapes, demands) their weights.

    `cards`, `share` (demands,): the different demands of cards among them, none among these.
    """

    cpu: Ints
    memory: Ints
    weigh: Ints
    cards: Ints
    share: Ints


class State(NamedTuple):
    """What is free of hosts: `cpu`, `memory` (hosts,), `cards` (hosts, cards), and their totals."""

    cpu: Ints
    memory: Ints
    cards: Ints
    total_cpu: Ints
    total_memory: Ints


def targets_of(fleet: Fleet) -> tuple[tuple[Shape, float], ...]:
    """The fleet's targets: those it was given, or the shapes of its tasks by how many there are."""
    if fleet.targets is not None:
        return fleet.targets
    counts = ((shape, _coarse(number)) for shape, number in fleet.shapes.items())
    common = sorted(counts, key=lambda entry: (-entry[1], entry[0]))[:MOST_TARGETS]
    return tuple((shape, float(number)) for shape, number in common)


def _coarse(number: int) -> int:
    """A number by its three highest bits, so that one task more seldom changes the targets."""
    shift = max(number.bit_length() - 3, 0)
    return number >> shift << shift


def fragments_made(look: Look) -> Ints:
    """By how much a replica more makes a host's fragments grow, in steps of a fiftieth of a card."""
    return _growth(look) // (STEP * WEIGHTS)


def fragments_share(look: Look) -> Ints:
    """The same within 0 and a million: no growth at all is in the middle, eight cards lost the end."""
    ends = 8 * CARD * WEIGHTS
    return (np.clip(_growth(look), -ends, ends) + ends) * PARTS // (2 * ends)


def least_fragmenting(look: Look, free: Ints) -> Bools:
    """The card on which a share makes the least fragments; whole cards are the first idle ones."""
    if look.request.gpu >= CARD:
        return tightest(free, look.request)
    state = _state_of(look)._replace(cpu=look.free("cpu"), memory=look.free("memory"), cards=free)
    return _after(_targets(look.fleet), state, look.request)[1]


def _growth(look: Look) -> Ints:
    """Fragments after a replica more, less those before; (n,) or (n, m), times `WEIGHTS`."""
    targets = _targets(look.fleet)
    if isinstance(look.taken, int):
        if look.taken == 0 and isinstance(look.at, slice):
            return _kept_growth(look, targets)
        number, rows = look.taken + 1, np.arange(look.fleet.size)[look.at]
    else:
        number, rows = look.taken.size, np.asarray(look.at).ravel()
    state = _state_of(look._replace(at=rows, taken=0))
    before = _fragments(targets, state, _usable(targets, state))
    columns = []
    for _ in range(number):
        after, _, state = _take(targets, state, look.request)
        columns.append(after - before)
        before = after
    if isinstance(look.taken, int):
        return columns[-1].reshape(rows.shape)
    return np.stack(columns, axis=1)


def _take(targets: Targets, state: State, request: Request) -> tuple[Ints, Bools, State]:
    """Fragments once a replica more is there, the cards it gets, and the state then."""
    after, cards = _after(targets, state, request)
    left = np.where(cards, state.cards - request.share, state.cards)
    return after, cards, _less(state, request)._replace(cards=left)


def _less(state: State, request: Request) -> State:
    return state._replace(cpu=state.cpu - request.cpu, memory=state.memory - request.memory)


def _after(targets: Targets, state: State, request: Request) -> tuple[Ints, Bools]:
    """Fragments once a replica more is there, and the cards (hosts, cards) that make them fewest."""
    less = _less(state, request)
    usable = _usable(targets, less)
    if not request.gpu or not state.cards.shape[1]:
        return _fragments(targets, less, usable), np.zeros(state.cards.shape, np.bool_)
    if request.gpu >= CARD:
        taken = tightest(state.cards, request)
        left = less._replace(cards=state.cards - taken * request.share)
        return _fragments(targets, left, usable), taken
    by_card = _fragments_by_card(targets, less, usable, request.share)
    chosen = by_card.argmin(axis=1)
    cards = (state.cards >= request.share) & (np.arange(state.cards.shape[1]) == chosen[:, None])
    return np.where(cards.any(axis=1), by_card.min(axis=1, initial=NEVER), 0), cards


def _fragments_by_card(targets: Targets, state: State, usable: Ints, share: int) -> Ints:
    """The fragments of each host if a share went on this card or that, (hosts, cards); else `NEVER`."""
    free = np.maximum(state.cards, 0)[:, None, :]
    left = state.cards[:, None, :] - share
    wanted, each = targets.cards[None, :, None], targets.share[None, :, None]
    # Of all cards one changes: what it was is taken off each sum, and what it is then is added.
    able, able_left = free >= each, left >= each
    number = able.sum(axis=2, keepdims=True) - able + able_left
    bad = np.where(able, 0, free)
    bad = bad.sum(axis=2, keepdims=True) - bad + np.where(able_left, 0, left)
    good = usable[:, :, None] * ((number >= wanted) & (wanted > 0))
    total = targets.weigh.sum(axis=0)[None, :, None]
    lost: Ints = (good * bad + (total - good) * (free.sum(axis=2, keepdims=True) - share)).sum(axis=1)
    lost[state.cards < share] = NEVER
    return lost


def _usable(targets: Targets, state: State) -> Ints:
    """Per host and demand of cards, the weight of the targets whose cpu and memory are free there."""
    fits = (state.cpu[:, None] >= targets.cpu) & (state.memory[:, None] >= targets.memory)
    # Whole numbers below 2^53: float products are exact, and quick.
    return (fits.astype(np.float64) @ targets.weigh.astype(np.float64)).astype(np.int64)


def _fragments(targets: Targets, state: State, usable: Ints) -> Ints:
    """The fragments of each host, times `WEIGHTS`."""
    free = np.maximum(state.cards, 0)
    carded = (state.cards != NO_CARD).any(axis=1)
    whole = np.where(carded, free.sum(axis=1), _plain_free(state))
    total = targets.weigh.sum(axis=0)
    # Per host, demand and card: whether a share of that demand could be on it.
    able = state.cards[:, None, :] >= targets.share[None, :, None]
    fits = (able.sum(axis=2) >= targets.cards) & (targets.cards > 0)
    # Who wants no card can use none: on hosts that have any, all of them are lost to it.
    fits |= (targets.cards == 0) & ~carded[:, None]
    bad = np.where(able, 0, free[:, None, :]).sum(axis=2)
    good = usable * fits
    lost: Ints = (good * bad + (total - good) * whole[:, None]).sum(axis=1)
    return lost


def _plain_free(state: State) -> Ints:
    """Of a host without cards: the mean share of cpu and memory that is free, in thousandths."""
    cpu = np.where(state.total_cpu > 0, state.cpu * CARD // np.maximum(state.total_cpu, 1), 0)
    share = state.memory / np.maximum(state.total_memory, 1)
    memory = np.where(state.total_memory > 0, (share * CARD).astype(np.int64), 0)
    mean: Ints = np.maximum(cpu + memory, 0) // 2
    return mean


def _state_of(look: Look) -> State:
    fleet, at = look.fleet, look.at
    cpu, memory = fleet.total["cpu"][at], fleet.total["memory"][at]
    return State(
        cpu=fleet.free["cpu"][at],
        memory=fleet.free["memory"][at],
        cards=fleet.cards[at],
        total_cpu=cpu,
        total_memory=memory,
    )


def _targets(fleet: Fleet) -> Targets:
    """The targets as arrays; kept while they are the same."""
    shapes = targets_of(fleet)
    kept = fleet.kept.get("targets")
    if isinstance(kept, tuple) and kept[0] == shapes:
        found: Targets = kept[1]
        return found
    total = sum(weight for _, weight in shapes) or 1.0
    demands = sorted({_demand(shape.gpu) for shape, _ in shapes})
    weigh = np.zeros((len(shapes), len(demands)), np.int64)
    for row, (shape, weight) in enumerate(shapes):
        weigh[row, demands.index(_demand(shape.gpu))] = round(weight / total * WEIGHTS)
    targets = Targets(
        cpu=np.array([shape.cpu for shape, _ in shapes], np.int64),
        memory=np.array([shape.memory for shape, _ in shapes], np.int64),
        weigh=weigh,
        cards=np.array([cards for cards, _ in demands], np.int64),
        share=np.array([share for _, share in demands], np.int64),
    )
    fleet.kept["targets"] = (shapes, targets)
    return targets


def _demand(gpu: int) -> tuple[int, int]:
    """Cards, and what of each."""
    return -(-gpu // CARD), min(gpu, CARD)


def _kept_growth(look: Look, targets: Targets) -> Ints:
    """The growth of all hosts for this shape, reckoned again only for those whose state is another."""
    fleet, request = look.fleet, look.request
    state = _state_of(look)
    key = ("growth", request.cpu, request.memory, request.gpu)
    kept = fleet.kept.pop(key, None)
    size = len(state.cpu)
    if isinstance(kept, tuple) and kept[0] is targets and len(kept[1].cpu) == size:
        old: State = kept[1]
        growth: Ints = kept[2]
        other = (old.cpu != state.cpu) | (old.memory != state.memory) | (old.total_cpu != state.total_cpu)
        other |= old.total_memory != state.total_memory
        if state.cards.shape != old.cards.shape:
            other[:] = True
        else:
            other |= (old.cards != state.cards).any(axis=1)
        rows = np.flatnonzero(other)
        growth = growth.copy()
    else:
        rows, growth = np.arange(size), np.zeros(size, np.int64)
    part = State(*(array[rows] for array in state))
    growth[rows] = _growth_of(targets, part, request)
    state = State(*(array.copy() for array in state))
    fleet.kept[key] = (targets, state, growth)
    _forget(fleet, size * (state.cards.shape[1] + 5) * 8)
    return growth


def _growth_of(targets: Targets, state: State, request: Request) -> Ints:
    """The growth of each host; hosts in the same state are reckoned once."""
    if len(state.cpu) < FEW:
        return _after(targets, state, request)[0] - _fragments(targets, state, _usable(targets, state))
    joined = np.column_stack(state)
    _, first, same = np.unique(joined, axis=0, return_index=True, return_inverse=True)
    found = np.zeros(len(first), np.int64)
    # In blocks, as each takes hosts times demands times cards for a moment.
    for start in range(0, len(first), BLOCK):
        part = State(*(array[first[start : start + BLOCK]] for array in state))
        after = _after(targets, part, request)[0]
        found[start : start + BLOCK] = after - _fragments(targets, part, _usable(targets, part))
    return found[same.reshape(-1)]


def _forget(fleet: Fleet, each: int) -> None:
    """Drop what was kept longest ago, beyond what may be kept."""
    grown = [key for key in fleet.kept if isinstance(key, tuple) and key[0] == "growth"]
    for key in grown[: max(len(grown) - max(KEPT_BYTES // max(each, 1), 2), 0)]:
        del fleet.kept[key]
