"""Strategies as rows: one of the user's own is as exact as those built in; weights mix them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.schedule.drawing import WEB, Place, places, requests

from longshore.schedule.fleet import Fleet
from longshore.schedule.look import PARTS, Look, Term
from longshore.schedule.place import place
from longshore.schedule.request import Request
from longshore.schedule.rules import survey
from longshore.schedule.strategies import STRATEGIES, Strategy, terms_of
from longshore.schedule.tally import Ints


def _wave(look: Look) -> Ints:
    """Neither rising nor falling: it goes up and down with what is there."""
    return (look.of(look.fleet.tasks) + look.taken) * 7 % 5


WAVE = Strategy(terms=(Term("wave", _wave),), measure=lambda look: _wave(look) * (PARTS // 5))


def with_wave(p: Place) -> Fleet:
    fleet = Fleet({**STRATEGIES, "acme.wave": WAVE})
    for host in p.hosts:
        fleet.follow_host(host)
    for task in p.tasks:
        fleet.claim(task)
    return fleet


def one_by_one(fleet: Fleet, request: Request, count: int) -> list[int]:
    """The best of all that fit by their terms, claimed, and looked at again."""
    fleet = fleet.fork()
    rows: list[int] = []
    for _ in range(count):
        fitting = np.flatnonzero(survey(fleet, request).caps).tolist()
        if not fitting:
            break
        rows.append(min(fitting, key=lambda row: (*terms_of(fleet, request, row).values(), row)))
        fleet.claim_many(request, np.array(rows[-1:]))
    return rows


@settings(max_examples=200)
@given(places(), requests(), st.integers(1, 9), st.sampled_from([{}, {"acme.wave": 1.0, "binpack": 0.5}]))
def test_a_strategy_of_ones_own_is_exact(
    p: Place, request: Request, count: int, weights: dict[str, float]
) -> None:
    fleet = with_wave(p)
    asked = replace(request, strategy="acme.wave", weights=weights, spread=())
    found = place(fleet, asked, count)
    assert [fleet.rows[host] for host in found.hosts] == one_by_one(fleet, asked, count)


@settings(max_examples=100)
@given(places(), requests(), st.sampled_from(sorted(STRATEGIES)), st.integers(0, 9))
def test_measures_are_shares(p: Place, request: Request, strategy: str, taken: int) -> None:
    """What is mixed has to be of one size: from 0 to a million, but where a host shrank below its load."""
    fleet = p.fleet
    look = Look(fleet, request, slice(0, fleet.size), taken)
    fits = survey(fleet, request).caps > taken
    measure = np.broadcast_to(STRATEGIES[strategy].measure(look), (fleet.size,))[fits]
    assert ((measure >= 0) & (measure <= PARTS)).all()


def test_a_strategy_that_there_is_not() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        place(Place([], []).fleet, Request(service=WEB, strategy="nowhere"), 1)


def test_fleets_know_their_strategies_and_so_do_their_forks() -> None:
    fleet = with_wave(Place([], []))
    assert not place(fleet.fork(), Request(service=WEB, strategy="acme.wave"), 1).hosts
    with pytest.raises(KeyError):
        place(Fleet(), Request(service=WEB, strategy="acme.wave"), 1)
