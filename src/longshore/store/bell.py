"""The bell: wakes, at once, whoever in this process waits for something new in the store.

The hard part is not to miss a ring between looking and waiting. So rings are counted: take the
count, look, and wait with that count; if it rang meanwhile, the wait is over before it begins.
Waiters in other processes hear nothing and live by their timeouts.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading


class Bell:
    """Rung after every ask and commit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rings = 0
        self._waiters: dict[tuple[asyncio.AbstractEventLoop, asyncio.Event], None] = {}

    @property
    def rings(self) -> int:
        """How often it has rung so far."""
        return self._rings

    def ring(self) -> None:
        """Wake all waiters. From any thread, also that of a waiter's own loop; never blocks."""
        with self._lock:
            self._rings += 1
            waiters, self._waiters = self._waiters, {}
        for loop, event in waiters:
            # A loop that was closed under its waiter has nobody left to wake.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(event.set)

    async def wait(self, timeout: float, heard: int | None = None) -> int:  # noqa: ASYNC109 - the contract
        """Wait for a ring, at most `timeout` seconds.

        Args:
            timeout: seconds; none or less only gives way once.
            heard: the count of rings before the caller looked; None: only rings from now on matter.

        Returns:
            The count of rings, to be handed in as `heard` the next time.
        """
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            if heard is not None and heard != self._rings:
                return self._rings
            self._waiters[waiter] = None
        try:
            async with asyncio.timeout(timeout):
                await waiter[1].wait()
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._waiters.pop(waiter, None)
        return self._rings
