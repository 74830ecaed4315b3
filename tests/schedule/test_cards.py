"""Cards: a share lies on the fullest card that will do, whole cards are idle ones, and counts are right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.model.ids import ServiceKey
from longshore.schedule.cards import NO_CARD, room_on, tightest, total_free
from longshore.schedule.request import Request

WEB = ServiceKey("stack-1/web")

CASES: dict[str, tuple[list[int], int, list[int], int]] = {
    "a share on the fullest that will do": ([1000, 400, 600], 500, [2], 3),
    "an exact fit": ([1000, 500, 600], 500, [1], 4),
    "the first of like ones": ([600, 600], 300, [0], 4),
    "a whole card is an idle one": ([999, 1000, 1000], 1000, [1], 2),
    "more than one is rounded up": ([1000, 1000, 1000], 1500, [0, 1], 1),
    "too few idle": ([1000, 900, NO_CARD], 2000, [], 0),
    "no card at all": ([NO_CARD, NO_CARD], 100, [], 0),
}
"""What is free, what is asked for, the cards it gets, and how many replicas fit."""


@pytest.mark.parametrize("name", CASES)
def test_cards_of_a_replica(name: str) -> None:
    free, gpu, cards, room = CASES[name]
    request = Request(service=WEB, gpu=gpu)
    there = np.array([free])
    assert np.flatnonzero(tightest(there, request)[0]).tolist() == cards
    assert room_on(there, request).tolist() == [room]
    assert total_free(there).tolist() == [sum(card for card in free if card > 0)]


@given(
    st.lists(st.sampled_from([NO_CARD, 0, 100, 250, 500, 999, 1000]), min_size=1, max_size=6),
    st.sampled_from([100, 250, 300, 500, 1000, 2000, 3000]),
)
def test_room_is_how_often_it_can_be_taken(free: list[int], gpu: int) -> None:
    request = Request(service=WEB, gpu=gpu)
    there = np.array([free])
    room = int(room_on(there, request)[0])
    for _ in range(room):
        taken = tightest(there, request)
        assert taken.sum() == request.cards
        there = there - taken * request.share
        assert ((there >= 0) | (np.array([free]) == NO_CARD)).all()
    assert not tightest(there, request).any()
