"""A tally is a map from row to number, whatever is added and taken; and it never changes itself."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from longshore.schedule.tally import NOTHING, counted

ROWS = st.lists(st.integers(0, 30), min_size=1, max_size=20)


@given(st.lists(ROWS, max_size=8), st.integers(0, 30))
def test_it_counts_as_a_map_does(batches: list[list[int]], asked: int) -> None:
    tally, plain = NOTHING, Counter[int]()
    for batch in batches:
        before = dict(tally.items())
        bulk = tally.plus(*counted(np.array(batch)))
        one_by_one = tally
        for row in batch:
            one_by_one = one_by_one.plus_one(row, 1)
        assert dict(tally.items()) == before
        assert dict(bulk.items()) == dict(one_by_one.items())
        tally = bulk
        plain.update(batch)
    assert dict(tally.items()) == plain
    assert tally.get(asked) == plain[asked]
    assert tally.total == plain.total()
    assert list(tally.rows) == sorted(plain)
    assert tally.spread_over(31).tolist() == [plain[row] for row in range(31)]


@given(ROWS, ROWS)
def test_what_is_taken_away_is_gone(there: list[int], taken: list[int]) -> None:
    plain = Counter(there)
    tally = NOTHING.plus(*counted(np.array(there)))
    by_hand = tally
    for row in taken:
        by_hand = by_hand.plus_one(row, -1)
    rows, numbers = counted(np.array(taken))
    left = {row: number for row, number in (plain - Counter(taken)).items() if number}
    assert dict(tally.plus(rows, -numbers).items()) == left
    assert dict(by_hand.items()) == left
    assert dict(tally.items()) == plain
