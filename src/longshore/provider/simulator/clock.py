"""Time that can be moved: an event loop that jumps to its next timer when nothing else is to do.

The hard part is to know when nothing is to do. Work in threads counts as something: while a thread
is at work, time stands still. Nothing to do and no timer either is a deadlock, and raises `Stuck`
instead of hanging; so does going on for longer than was allowed, and going round without time
moving on. Sockets and other real input are not waited for.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

from typing_extensions import override

from longshore.model.clock import SECOND, Micros

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_ROUNDS = 1_000_000
"""Rounds of the loop without time moving on before it counts as running in circles: far above what
100,000 tasks that start at the same time need, and found out within some ten seconds."""


class Stuck(RuntimeError):
    """Simulated time cannot go on: a deadlock, a circle, or the limit was reached."""


class _Jump(selectors.DefaultSelector):
    """A selector that does not wait, but moves the time on."""

    def __init__(self, limit: float) -> None:
        super().__init__()
        self.time = 0.0
        self.busy = 0
        self._limit = limit
        self._rounds = 0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.busy and timeout != 0:
            # A thread works for us: it will wake the loop, and until then no time passes.
            return super().select(None)
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            msg = "deadlock: nothing is scheduled, and every task waits for another"
            raise Stuck(msg)
        if timeout > 0:
            self._advance(timeout)
            return ready
        self._rounds += 1
        if self._rounds > _ROUNDS:
            msg = f"running in circles: {_ROUNDS:,} rounds at {self.time:.6f} s of simulated time"
            raise Stuck(msg)
        return ready

    def _advance(self, timeout: float) -> None:
        if self.time + timeout > self._limit:
            msg = f"not done after {self._limit:.0f} s of simulated time, the limit"
            raise Stuck(msg)
        self.time += timeout
        self._rounds = 0


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose `time()` begins at 0 and jumps to the next timer when nothing is ready.

    `start` is what `SimClock` takes 0 to be, `limit` the longest simulated time (both microseconds).
    """

    def __init__(self, *, start: Micros, limit: int) -> None:
        self.start = start
        self._jump = _Jump(limit / SECOND)
        super().__init__(self._jump)

    @override
    def time(self) -> float:
        """Simulated seconds since this loop was made."""
        return self._jump.time

    @override
    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As usual; simulated time stands still until the thread has answered."""
        future = super().run_in_executor(executor, func, *args)
        self._jump.busy += 1
        future.add_done_callback(self._answered)
        return future

    def _answered(self, _: asyncio.Future[T]) -> None:
        self._jump.busy -= 1


def run_virtual(coroutine: Coroutine[object, object, T], *, start: Micros, limit: int) -> T:
    """Run a coroutine to its end in simulated time, and leave no task behind.

    `start` is the time at which it begins, for a `SimClock()` made within; `limit` is how long it
    may go on in simulated time (both microseconds).

    Raises:
        Stuck: deadlock, the limit was reached, or time does not move on; with the tasks that wait.
    """
    loop = VirtualLoop(start=start, limit=limit)
    try:
        return loop.run_until_complete(coroutine)
    except Stuck as stuck:
        raise Stuck(f"{stuck}; waiting: {_waiting(loop)}") from None
    finally:
        _end(loop)


def _waiting(loop: VirtualLoop) -> str:
    """The tasks that wait, each with the line it waits at; at most ten, by name."""
    lines = []
    for task in sorted(asyncio.all_tasks(loop), key=asyncio.Task.get_name)[:10]:
        frames = task.get_stack(limit=1)
        place = f" at {frames[0].f_code.co_qualname}:{frames[0].f_lineno}" if frames else ""
        lines.append(f"{task.get_name()}{place}")
    return ", ".join(lines) or "none"


def _end(loop: VirtualLoop) -> None:
    """Cancel what is left, let it end, and close the loop."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    try:
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


class SimClock:
    """A `Clock` that goes with the running event loop's time; with a `VirtualLoop`, simulated time.

    Without a `start` it takes the `VirtualLoop`'s, else 0. The wall clock behind it can be set back;
    what it answers then stands still until the wall clock has caught up, and never goes back.
    """

    def __init__(self, start: Micros | None = None) -> None:
        self._start = start
        self._back = 0
        self._last = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> Micros:
        """The time now, in microseconds; outside an event loop, the last answer or the start."""
        loop = self._loop or self._bind()
        wall = self._start or 0
        if loop is not None:
            wall += round(loop.time() * SECOND) - self._back
        if wall > self._last:
            self._last = wall
        return Micros(self._last)

    async def sleep(self, length: int) -> None:
        """Wait `length` microseconds of the loop's time (none or less: give way once)."""
        # This is a Clock: what everybody else is to wait by.
        await asyncio.sleep(max(length, 0) / SECOND)  # noqa: TID251

    def step_back(self, length: int) -> None:
        """Set the wall clock back by `length` microseconds, as a person or a time server may."""
        self._back += length

    def _bind(self) -> asyncio.AbstractEventLoop | None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return None
        self._loop = loop
        if self._start is None and isinstance(loop, VirtualLoop):
            self._start = loop.start
        return loop
