"""Placement under rules about domains: zones, racks, whatever fact hosts share.

The order of hosts within a domain does not depend on the rules between domains. So hosts are grouped by
all facts that the rules name, each group has its own greedy sequence, and the heads of the sequences are
merged under the rules: emptiest domain first, no more than so much difference, at most one, all in one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from longshore.schedule import crowd
from longshore.schedule.fleet import Fleet
from longshore.schedule.look import Term, order_of
from longshore.schedule.merge import BEYOND, STEPS, Heads, curves_of, heads
from longshore.schedule.prefer import counts_by
from longshore.schedule.request import Request
from longshore.schedule.rules import Sifted, caps_of
from longshore.schedule.tally import Bools, Ints

SPARE = 2
"""By how many a group may be ahead of its even part before its sequence is too short and made again."""


class Groups(NamedTuple):
    """Hosts by domain: `of` (rows,) is each row's group, `domain` (groups, keys) its value of each fact.

    `able`: the rows that may take a replica; `of` is right for these only. `sizes` (groups,): how many of
    them each has, one at least.
    """

    able: Ints
    of: Ints
    domain: Ints
    sizes: Ints

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.domain)


class Sequences(NamedTuple):
    """All groups' greedy sequences, one after the other: entries (n,); `start` (groups + 1,) of each.

    `cut` (groups,): whether a group's sequence goes on beyond what is here.
    """

    rows: Ints
    scores: Ints
    start: Ints
    cut: Bools


def keys_of(request: Request) -> tuple[str, ...]:
    """The facts by which domains matter to a request, each once."""
    own = [near.domain for near in request.near if near.key == request.service and near.domain]
    return tuple(dict.fromkeys((*(skew.key for skew in request.skew), *request.spread, *own)))


def by_domains(fleet: Fleet, request: Request, terms: tuple[Term, ...], sifted: Sifted, count: int) -> Ints:
    """The rows of up to `count` replicas, in the order in which they are placed one by one."""
    keys = keys_of(request)
    good = sifted.good
    if count < 1 or not good.any():
        return np.zeros(0, np.int64)
    groups = _grouped(fleet, keys, good)
    front = heads(fleet, request, terms, good, spare=groups.number.bit_length())
    level = _levels(fleet, request, groups, keys, sifted) if _is_level(request) else None
    # Levels fill evenly: a group has its turn about as often as another.
    number = count if level is None else -(-count // groups.number) + SPARE
    while True:
        found = _sequences(fleet, request, terms, groups, front, min(number, count))
        if level is not None:
            rows, whole = _by_level(found, level, count)
        else:
            rows, whole = _Walk(fleet, request, groups, keys, sifted).take(found, count), True
        if whole or number >= count:
            return rows
        number *= STEPS


def _grouped(fleet: Fleet, keys: tuple[str, ...], good: Bools) -> Groups:
    """The groups of the hosts that may take a replica, and the number of each host's."""
    columns = [fleet.column(key) for key in keys]
    mixed, found = _mixed(fleet, keys)
    able = np.flatnonzero(good)
    sizes = np.bincount(mixed[able], minlength=len(found))
    there = np.flatnonzero(sizes)
    if len(there) < len(found):
        numbers = np.zeros(len(found), np.int64)
        numbers[there] = np.arange(len(there))
        mixed = numbers[mixed]
    domain = np.zeros((len(there), len(keys)), np.int64)
    rest = found[there]
    for place in range(len(keys) - 1, -1, -1):
        rest, domain[:, place] = np.divmod(rest, len(columns[place].values))
    return Groups(able, mixed, domain, sizes[there])


def _mixed(fleet: Fleet, keys: tuple[str, ...]) -> tuple[Ints, Ints]:
    """The values of some facts as one number per row, and all such numbers; kept until hosts change."""
    kept = fleet.kept.get(("mixed", keys))
    if isinstance(kept, tuple) and kept[0] == fleet.version:
        return kept[1], kept[2]
    size = fleet.size
    columns = [fleet.column(key) for key in keys]
    mixed = columns[0].codes[:size].astype(np.int64)
    for column in columns[1:]:
        mixed = mixed * len(column.values) + column.codes[:size]
    most = math.prod(len(column.values) for column in columns)
    found = np.arange(most) if most <= size else np.zeros(0, np.int64)
    if most > size:
        found, mixed = np.unique(mixed, return_inverse=True)
    fleet.kept["mixed", keys] = (fleet.version, mixed, found)
    return mixed, found


def _sequences(
    fleet: Fleet, request: Request, terms: tuple[Term, ...], groups: Groups, front: Heads, number: int
) -> Sequences:
    """Up to `number` replicas of each group, in its greedy order."""
    rows, more = _front(groups, front, number)
    caps = np.minimum(caps_of(fleet, request, rows), number)
    of = groups.of[rows]
    steps = STEPS
    while True:
        curves = curves_of(fleet, request, terms, rows, caps, steps)
        entries = curves.places // curves.width
        order = order_of([of[entries], curves.worst])
        lengths = np.bincount(of[entries], minlength=groups.number)
        # Of each group those before `number`.
        order = order[np.arange(len(order)) - np.repeat(np.cumsum(lengths) - lengths, lengths) < number]
        chosen = entries[order]
        short = (np.bincount(chosen, minlength=len(rows)) == curves.width) & (caps > curves.width)
        if not short.any():
            break
        steps *= STEPS
    start = np.concatenate(([0], np.cumsum(np.minimum(lengths, number))))
    # Caps were cut at `number`: a group that filled it may have more.
    return Sequences(rows[chosen], curves.scores[order], start, (lengths >= number) | more)


def _front(groups: Groups, front: Heads, number: int) -> tuple[Ints, Bools]:
    """The rows with the `number` best heads of each group, ascending; and which groups have more."""
    sizes, able = groups.sizes, groups.able
    more = sizes > number
    if not more.any():
        return able, more
    taken = np.minimum(sizes, number)
    # Where each group begins among all able rows, less where it does among those taken.
    ahead = (np.cumsum(sizes) - sizes) - (np.cumsum(taken) - taken)
    key = groups.of[able] << (62 - front.spare)
    key |= front.key[able]
    key.sort()
    return np.sort(front.rows(key[np.repeat(ahead, taken) + np.arange(int(taken.sum()))])), more


# Rules that come to levels: a replica's turn is told by how many its domain has then


def _is_level(request: Request) -> bool:
    """Whether turns go by levels: emptiest first, or a difference of at most one in one kind of domain."""
    if any(near.key == request.service and near.domain for near in request.near):
        return False
    if not request.skew:
        return True
    only = request.skew[0]
    return len(request.skew) == 1 and not only.soft and only.most == 1 and request.spread in {(), (only.key,)}


class Levels(NamedTuple):
    """`held`: per level, the widest domains first, the replicas in each group's domain; `wide`: which it is.

    `least`: what the eligible domains that have no group hold at least, where domains may differ by one only:
    it bounds all others. None where nothing does.
    """

    held: list[Ints]
    wide: list[Ints]
    least: int | None


def _levels(fleet: Fleet, request: Request, groups: Groups, keys: tuple[str, ...], sifted: Sifted) -> Levels:
    """The levels of a request for which turns go by levels."""
    names = request.spread or tuple(skew.key for skew in request.skew)
    held, wide = _held_by_level(fleet, request, groups, keys, names)
    if not request.skew:
        return Levels(held, wide, None)
    key = request.skew[0].key
    counts = counts_by(fleet, request.service, key)
    there = crowd.eligible_domains(fleet, key, sifted.eligible).copy()
    there[groups.domain[:, keys.index(key)]] = False
    return Levels(held, wide, int(counts[there].min()) if there.any() else int(BEYOND))


def _held_by_level(
    fleet: Fleet, request: Request, groups: Groups, keys: tuple[str, ...], names: tuple[str, ...]
) -> tuple[list[Ints], list[Ints]]:
    """For the first fact, the first two, and so on: replicas in each group's domain, and a number for it."""
    held, wide = [], []
    tally = fleet.held(request.service)
    mine = np.zeros(groups.number, np.int64)
    theirs = np.zeros(len(tally.rows), np.int64)
    if len(names) == 1:
        codes = groups.domain[:, keys.index(names[0])]
        return [counts_by(fleet, request.service, names[0])[codes]], [codes]
    for name in names:
        column = fleet.column(name)
        mine = mine * len(column.values) + groups.domain[:, keys.index(name)]
        theirs = theirs * len(column.values) + column.codes[tally.rows]
        both = np.unique(np.concatenate((mine, theirs)), return_inverse=True)[1].reshape(-1)
        sums = np.bincount(both[groups.number :], weights=tally.counts, minlength=int(both.max()) + 1)
        held.append(sums[both[: groups.number]].astype(np.int64))
        wide.append(both[: groups.number])
    return held, wide


def _by_level(found: Sequences, levels: Levels, count: int) -> tuple[Ints, bool]:
    """The merge of the groups' sequences by levels; and whether no sequence was cut too short for it."""
    lengths = np.diff(found.start)
    group = np.repeat(np.arange(len(lengths)), lengths)
    # The narrowest domains are the groups, whose order is settled; in a wider one it is what this comes to.
    place = np.arange(len(group)) - found.start[group]
    columns = [levels.held[-1][group] + place, found.scores, found.rows]
    for held, wide in zip(reversed(levels.held[:-1]), reversed(levels.wide[:-1]), strict=True):
        inside = wide[group]
        order = order_of([inside, *columns])
        first = np.searchsorted(inside[order], np.arange(int(wide.max()) + 1))
        level = np.empty(len(order), np.int64)
        level[order] = held[group[order]] + np.arange(len(order)) - first[inside[order]]
        columns = [level, *columns]
    order = order_of(columns)
    allowed = len(order)
    if levels.least is not None:
        # A domain that is full stays at its level; others go one beyond, and no further.
        full = np.where(found.cut, BEYOND, levels.held[0] + lengths)
        least = min(levels.least, int(full.min()))
        allowed = int(np.count_nonzero(columns[0] <= least))
    chosen = order[: min(count, allowed)]
    used = np.bincount(group[chosen], minlength=len(lengths))
    return found.rows[chosen], not (found.cut & (used == lengths)).any()


# Any rules, one replica at a time


class _Walk:
    """The merge of the groups' sequences under any rules between domains: for each replica, all groups."""

    def __init__(
        self, fleet: Fleet, request: Request, groups: Groups, keys: tuple[str, ...], sifted: Sifted
    ) -> None:
        self.groups = groups
        self.counts = [counts_by(fleet, request.service, key) for key in keys]
        self.bounds = [(keys.index(skew.key), skew.most, skew.soft) for skew in request.skew]
        self.eligible = [crowd.eligible_domains(fleet, key, sifted.eligible) for key in keys]
        self.nowhere = [fleet.column(key).place_of("") for key in keys]
        own = [near for near in request.near if near.key == request.service and near.domain]
        self.near = [(keys.index(near.domain), near) for near in own]
        self.joint: list[tuple[Ints, Ints]] = []
        for held, wide in zip(*_held_by_level(fleet, request, groups, keys, request.spread), strict=True):
            sums = np.zeros(int(wide.max()) + 1, np.int64)
            sums[wide] = held
            self.joint.append((wide, sums))

    def take(self, found: Sequences, count: int) -> Ints:
        """Up to `count` replicas, each from the group whose turn it is."""
        at, ends = found.start[:-1].copy(), found.start[1:]
        rows: list[int] = []
        while len(rows) < count:
            able = np.flatnonzero((at < ends) & self._allowed())
            if not len(able):
                break
            for column in self._costs():
                worth = column[able]
                able = able[worth == worth.min()]
            scores = found.scores[at[able]]
            able = able[scores == scores.min()]
            group = int(able[found.rows[at[able]].argmin()])
            rows.append(int(found.rows[at[group]]))
            at[group] += 1
            for place, counts in enumerate(self.counts):
                counts[self.groups.domain[group, place]] += 1
            for wide, sums in self.joint:
                sums[wide[group]] += 1
        return np.array(rows, np.int64)

    def _allowed(self) -> Bools:
        """Groups that may have one more."""
        allowed = np.ones(self.groups.number, np.bool_)
        for place, most, soft in self.bounds:
            if not soft:
                allowed &= self._excess(place, most) <= 0
        for place, near in self.near:
            if near.soft:
                continue
            counts, codes = self.counts[place], self.groups.domain[:, place]
            somewhere = codes != self.nowhere[place]
            if near.anti:
                allowed &= ~somewhere | (counts[codes] == 0)
            elif counts.any():
                allowed &= somewhere & (counts[codes] > 0)
        return allowed

    def _costs(self) -> list[Ints]:
        """What groups are compared by before their hosts are, the most telling first."""
        costs = [np.maximum(self._excess(place, most), 0) for place, most, soft in self.bounds if soft]
        for place, near in self.near:
            if near.soft:
                there = self.counts[place][self.groups.domain[:, place]]
                there = np.where(self.groups.domain[:, place] == self.nowhere[place], 0, there)
                costs.append(there if near.anti else (there == 0).astype(np.int64))
        return costs + [sums[wide] for wide, sums in self.joint]

    def _excess(self, place: int, most: int) -> Ints:
        """By how much one more in each group's domain is beyond what domains may differ by."""
        counts = self.counts[place]
        there = counts[self.eligible[place]]
        least = int(there.min()) if len(there) else 0
        return counts[self.groups.domain[:, place]] + 1 - least - most
