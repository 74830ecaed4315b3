"""What happens by itself later: one heap of due times, and one task that sleeps until the first.

The task starts when something is due and ends when nothing is; it never outlives `close`. Whoever is
about to look calls `catch_up` first, so nothing seen depends on whether the task had its turn.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable

from longshore.model.clock import Clock


class Ticker:
    """Calls functions at their times, in order of time and then of asking."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._task: asyncio.Task[None] | None = None
        self._until = 0
        self._firing = False

    def at(self, due: int, what: Callable[[], None]) -> None:
        """Call `what` at `due` (microseconds), or as soon as possible where that has passed."""
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, what))
        if self._task is None or due < self._until or self._task.done():
            self.wake()

    def wake(self) -> None:
        """Have the task running and sleep until the first due time; outside a loop: nothing yet."""
        if not self._heap or self._firing:
            return
        asleep = self._task is not None and not self._task.done()
        if asleep and self._until <= self._heap[0][0]:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._task is not None and asleep:
            self._task.cancel()
        self._until = self._heap[0][0]
        self._task = loop.create_task(self._run(), name="simulator ticker")

    def catch_up(self, now: int) -> None:
        """Call everything that is due by now; what that makes due by now as well."""
        if self._firing or not self._heap or self._heap[0][0] > now:
            return
        self._firing = True
        try:
            while self._heap and self._heap[0][0] <= now:
                heapq.heappop(self._heap)[2]()
        finally:
            self._firing = False
        self.wake()

    async def close(self) -> None:
        """End the task; what is due later stays noted. Twice: nothing."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            # Ours, unless we are being cancelled ourselves.
            if not task.cancelled():
                raise

    async def _run(self) -> None:
        while self._heap:
            self._until = self._heap[0][0]
            await self._clock.sleep(self._until - self._clock.now())
            self.catch_up(self._clock.now())
        self._task = None
