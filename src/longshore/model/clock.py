"""Time: int64 microseconds UTC, always an argument, never going back."""

from __future__ import annotations

from typing import NewType, Protocol

Micros = NewType("Micros", int)
"""Microseconds since 1970-01-01 UTC; as a length, microseconds."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class Clock(Protocol):
    """The only way for the shell to know the time and to wait."""

    def now(self) -> Micros:
        """The time now; never earlier than the answer before, whatever the wall clock does."""

    async def sleep(self, length: int) -> None:
        """Wait `length` microseconds (none or less: give way once)."""
