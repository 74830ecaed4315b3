"""Looking at hosts: what a strategy sees, and the terms a score is made of.

A score is a tuple of whole numbers, compared in order, smaller is better, and ties go to the lower row.
Whole, so that one host at a time and all at once come to the same to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from longshore.schedule.fleet import Fleet
from longshore.schedule.request import Request
from longshore.schedule.tally import Bools, Ints

N = TypeVar("N", bound=np.generic)

PARTS = 1_000_000
"""Shares are in millionths."""


class Look(NamedTuple):
    """Some hosts, each with so many replicas taken besides what the fleet has claimed.

    `at` indexes the fleet's arrays: a slice, rows (n,) or rows (n, 1); `taken` is a number, or (1, m), so
    that what is seen is (n, m).
    """

    fleet: Fleet
    request: Request
    at: slice | Ints
    taken: Ints | int = 0

    def of(self, array: npt.NDArray[N]) -> npt.NDArray[N]:
        """An array of the fleet at these hosts."""
        found: npt.NDArray[N] = array[self.at]
        return found

    @property
    def held(self) -> Ints | int:
        """Replicas of this service on each host."""
        tally = self.fleet.counts.get(self.request.service)
        if tally is None:
            return self.taken
        return tally.spread_over(self.fleet.size)[self.at] + self.taken

    def free(self, name: str) -> Ints:
        """What is free of a plain resource; less than nothing where a host shrank."""
        free = self.fleet.free[name][self.at]
        need = self.request.needs.get(name, 0)
        return free - self.taken * need if need else free


class Term(NamedTuple):
    """One term of a score, by the name under which it is explained.

    `column(look)` is int64 or bool, broadcast to the look's hosts and what they took, or one number for
    all. What it says of a host with j taken it says with none taken once j are claimed there. `standing`:
    it looks at facts and conditions of hosts only, neither at load nor at the request.
    """

    name: str
    column: Callable[[Look], Ints | Bools | int]
    standing: bool = False


def packed(columns: list[Ints | Bools | int], shape: tuple[int, ...], most: int = 62) -> Ints:
    """Columns as a new one that sorts as they do, the first the most telling; 0 or more, of `most` bits.

    Each gets as many bits as it needs; where these are too many they are replaced by their rank.
    """
    full = [column for column in columns if not isinstance(column, int)]
    if not full or 0 in shape:
        return np.zeros(shape, np.int64)
    key: Ints | None = None
    for column in full:
        low, high = int(column.min()), int(column.max())
        if low == high:
            continue
        width = (high - low).bit_length()
        most -= width
        if most < 0:
            return _ranked(full, shape)
        part: Ints = np.subtract(column, low, dtype=np.int64)
        key = part if key is None else (key << width) | part
    if key is None:
        return np.zeros(shape, np.int64)
    return key if key.shape == shape else np.array(np.broadcast_to(key, shape))


def listed(column: Ints | Bools | int, number: int) -> list[int]:
    """A term's column as plain numbers, one per host looked at."""
    if isinstance(column, int):
        return [column] * number
    found: list[int] = column.astype(np.int64, copy=False).ravel().tolist()
    return found if len(found) == number else found * number


def order_of(columns: list[Ints]) -> Ints:
    """The places of the entries of some columns (n,), sorted by the first, then the next, then by place."""
    number = len(columns[0])
    bits = max(number - 1, 0).bit_length()
    # As each entry ends in its own place, sorting them tells the places without looking them up.
    key = packed([*columns], (number,), 62 - bits)
    key <<= bits
    key |= np.arange(number)
    key.sort()
    key &= (1 << bits) - 1
    return key


def _ranked(columns: list[Ints | Bools], shape: tuple[int, ...]) -> Ints:
    """The place of each entry among all different ones."""
    flat = [np.broadcast_to(column, shape).ravel() for column in columns]
    order = np.lexsort(flat[::-1])
    steps = np.zeros(len(order), np.int64)
    for column in flat:
        sorted_ = column[order]
        steps[1:] |= sorted_[1:] != sorted_[:-1]
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.cumsum(steps)
    return ranks.reshape(shape)
