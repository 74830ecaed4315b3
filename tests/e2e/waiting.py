"""Waiting, for tests at the edge: a condition with a deadline, asked again and again; never a fixed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE = 0.05
"""Seconds between two questions."""


def until(what: str, true: Callable[[], T], limit: float = 20.0) -> T:
    """Ask until the answer is true; returns it.

    Raises:
        AssertionError: it was not true within `limit` seconds; names `what` and the last answer.
    """
    # Real processes and a real engine: here the machine's clock is the clock.
    deadline = time.monotonic() + limit  # noqa: TID251
    while True:
        found = true()
        if found:
            return found
        if time.monotonic() > deadline:  # noqa: TID251
            raise AssertionError(f"not within {limit:g} s: {what}; last: {found!r}")
        time.sleep(PAUSE)  # noqa: TID251


def seconds() -> float:
    """The machine's steady clock, to measure by."""
    return time.monotonic()  # noqa: TID251
