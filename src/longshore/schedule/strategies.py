"""Strategies: by what terms hosts are compared, as rows.

A strategy that is not among these is one more row: an entry point of the group `longshore.strategies`
that names a `Strategy`; main hands the table to the fleet. Its terms have to be whole numbers that depend
on the host's own load only; then the greedy choice is exact, whatever they say.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

import numpy as np

from longshore.schedule import fragmentation, prefer
from longshore.schedule.cards import tightest
from longshore.schedule.facts import CURRENCY
from longshore.schedule.fill import share_free
from longshore.schedule.fleet import UNPRICED, Fleet
from longshore.schedule.look import PARTS, Look, Term, listed
from longshore.schedule.request import Request
from longshore.schedule.tally import Bools, Ints

Cards = Callable[[Look, Ints], Bools]
"""Of a look at rows and their free cards, (rows, cards): which cards a replica gets there."""


class Strategy(NamedTuple):
    """`terms`: the score. `measure`: the same as one number from 0 to a million, for mixing.

    `fills`: a host that takes a replica scores no worse by it, so it is filled before the next has its
    turn; a shortcut only. `cards`: which GPU cards a replica gets.
    """

    terms: tuple[Term, ...]
    measure: Callable[[Look], Ints | int]
    fills: bool = False
    cards: Cards = lambda look, free: tightest(free, look.request)


def _on_its_way(look: Look) -> Bools:
    return ~look.of(look.fleet.ready)


def _lent(look: Look) -> Bools:
    return ~look.of(look.fleet.own)


def _price(look: Look) -> Ints:
    """Own hosts are paid for; a lent one of unknown price comes behind all others."""
    return np.where(look.of(look.fleet.own), 0, look.of(look.fleet.price))


def _currency(look: Look) -> Ints:
    """Prices in different currencies are not compared: that of the oldest host comes first."""
    codes = look.of(look.fleet.column(CURRENCY).codes[: look.fleet.size].astype(np.int64))
    unknown = look.of(look.fleet.price) == UNPRICED
    return np.where(look.of(look.fleet.own), 0, np.where(unknown, 1 << 20, codes + 1))


def _replicas(look: Look) -> Ints | int:
    return look.held


def _tasks(look: Look) -> Ints:
    return look.of(look.fleet.tasks) + look.taken


def _draw(look: Look) -> Ints:
    """A number below 2^32 drawn by service, host and how many replicas that has: splitmix64."""
    seed = zlib.crc32(look.request.service.encode())
    rows = np.arange(look.fleet.size)[look.at].astype(np.uint64)
    mixed = (rows << np.uint64(20)) + np.asarray(look.held).astype(np.uint64)
    mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(32)).astype(np.int64)


def _price_share(look: Look) -> Ints:
    """The price as a share of the dearest host's."""
    known = look.fleet.price[: look.fleet.size]
    dearest = max(int(known[known < UNPRICED].max(initial=0)), 1)
    price = np.minimum(_price(look), dearest)
    return (price * (PARTS / dearest)).astype(np.int64)


def _crowd_share(look: Look) -> Ints:
    """Half n/(n+1) of its n replicas there, half the same of all tasks there."""
    held, tasks = np.asarray(look.held), _tasks(look)
    share: Ints = (PARTS // 2) * held // (held + 1) + (PARTS // 2) * tasks // (tasks + 1)
    return share


ON_ITS_WAY = Term("on its way", _on_its_way, standing=True)
LENT = Term("lent", _lent, standing=True)
PRICED_IN = Term("currency", _currency, standing=True)
PRICE = Term("price", _price, standing=True)
REPLICAS = Term("replicas there", _replicas)
IMAGE = Term("image to pull", prefer.image_missing)
TASKS = Term("tasks there", _tasks)
SHARE_FREE = Term("share free", share_free)
DRAWN = Term("drawn", _draw)
FRAGMENTS = Term("fragments made", fragmentation.fragments_made)

STRATEGIES: dict[str, Strategy] = {
    "cheapest": Strategy(
        terms=(LENT, PRICED_IN, PRICE, ON_ITS_WAY, REPLICAS, IMAGE, TASKS), measure=_price_share
    ),
    "spread": Strategy(terms=(ON_ITS_WAY, REPLICAS, IMAGE, TASKS), measure=_crowd_share),
    "binpack": Strategy(terms=(ON_ITS_WAY, SHARE_FREE, IMAGE), measure=share_free, fills=True),
    "random": Strategy(terms=(ON_ITS_WAY, DRAWN), measure=lambda look: _draw(look) * PARTS >> 32),
    "least-fragmentation": Strategy(
        terms=(ON_ITS_WAY, FRAGMENTS, SHARE_FREE),
        measure=fragmentation.fragments_share,
        cards=fragmentation.least_fragmenting,
    ),
}
"""By name. Own hosts first in `cheapest`, as they are paid for, then the cheaper lent ones."""


class Score(NamedTuple):
    """What hosts are compared by for one request."""

    terms: tuple[Term, ...]
    fills: bool
    cards: Cards


def score_of(fleet: Fleet, request: Request) -> Score:
    """The terms of a request's score: what it prefers first, then its strategy's, or the mix it weighs.

    Raises:
        KeyError: there is no strategy of that name.
    """
    table = strategies_of(fleet)
    preferred = prefer.terms_of(fleet, request)
    if request.weights:
        mixed = Term("weighed", lambda look: _mixed(look, table))
        heaviest = max(request.weights, key=lambda name: request.weights[name])
        return Score((*preferred, ON_ITS_WAY, mixed), fills=False, cards=table[heaviest].cards)
    strategy = table[request.strategy]
    return Score((*preferred, *strategy.terms), strategy.fills and not preferred, strategy.cards)


def strategies_of(fleet: Fleet) -> Mapping[str, Strategy]:
    """The strategies that there are, by name."""
    return STRATEGIES if fleet.strategies is None else cast("Mapping[str, Strategy]", fleet.strategies)


def _mixed(look: Look, table: Mapping[str, Strategy]) -> Ints:
    """The measures of the weighed strategies, times their weights in thousandths."""
    total: Ints = np.zeros(1, np.int64)
    for name, weight in look.request.weights.items():
        total = total + round(weight * 1000) * table[name].measure(look)
    return total


def terms_of(fleet: Fleet, request: Request, row: int, taken: int = 0) -> dict[str, int]:
    """One host's score, by term, for its next replica when it took so many."""
    look = Look(fleet, request, np.array([row]), taken)
    return {term.name: listed(term.column(look), 1)[0] for term in score_of(fleet, request).terms}


def terms_of_all(fleet: Fleet, request: Request) -> dict[str, list[int]]:
    """The scores of all hosts for their next replica, by term, then row."""
    look = Look(fleet, request, slice(0, fleet.size))
    return {term.name: listed(term.column(look), fleet.size) for term in score_of(fleet, request).terms}
