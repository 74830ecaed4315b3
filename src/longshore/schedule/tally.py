"""Tallies: how many of something each host has, for the few hosts that have any.

A tally never changes, it is replaced; so forks share them, and a million tasks take a few bytes each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def counted(rows: Ints) -> tuple[Ints, Ints]:
    """The different rows, ascending, and how often each is there."""
    ordered = np.sort(rows)
    ends = np.concatenate((np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, [len(ordered)]))
    numbers = ends.copy()
    numbers[1:] -= ends[:-1]
    return ordered[ends - 1], numbers


class Tally(NamedTuple):
    """`rows` (n,) in ascending order, and `counts` (n,), all above 0."""

    rows: Rows
    counts: Rows

    def get(self, row: int, default: int = 0) -> int:
        """How many a row has."""
        at = int(self.rows.searchsorted(np.int32(row)))
        there = at < len(self.rows) and self.rows[at] == row
        return int(self.counts[at]) if there else default

    def items(self) -> Iterator[tuple[int, int]]:
        """The rows that have any, and how many."""
        return zip(self.rows.tolist(), self.counts.tolist(), strict=True)

    def values(self) -> list[int]:
        """How many the rows have that have any."""
        return list(self.counts.tolist())

    @property
    def total(self) -> int:
        """How many there are in all."""
        return int(self.counts.sum())

    def spread_over(self, size: int) -> Ints:
        """The counts of all rows, (size,)."""
        full = np.zeros(size, np.int64)
        full[self.rows] = self.counts
        return full

    def plus(self, rows: Ints, numbers: Ints) -> Tally:
        """With so many more (or less) on these rows, which are ascending and differ from each other."""
        if not len(self.rows):
            return Tally(rows.astype(np.int32), numbers.astype(np.int32))
        everything = np.concatenate((self.rows, rows.astype(np.int32)))
        counts = np.concatenate((self.counts, numbers.astype(np.int32)))
        order = np.argsort(everything, kind="stable")
        everything, counts = everything[order], counts[order]
        first = np.flatnonzero(np.concatenate(([True], everything[1:] != everything[:-1])))
        sums = np.add.reduceat(counts, first)
        kept = sums > 0
        return Tally(everything[first][kept], sums[kept])

    def plus_one(self, row: int, sign: int) -> Tally:
        """With one more (or less) on a row."""
        at = int(self.rows.searchsorted(np.int32(row)))
        if at == len(self.rows) or self.rows[at] != row:
            if sign < 0:
                return self
            new = np.array([row], np.int32)
            one = np.array([1], np.int32)
            return Tally(
                np.concatenate((self.rows[:at], new, self.rows[at:])),
                np.concatenate((self.counts[:at], one, self.counts[at:])),
            )
        if self.counts[at] + sign:
            counts = self.counts.copy()
            counts[at] += sign
            return Tally(self.rows, counts)
        return Tally(
            np.concatenate((self.rows[:at], self.rows[at + 1 :])),
            np.concatenate((self.counts[:at], self.counts[at + 1 :])),
        )


NOTHING = Tally(np.zeros(0, np.int32), np.zeros(0, np.int32))
"""Of what no host has any."""
