"""Time that can be moved: it jumps, it never goes back, and it does not hang."""

from __future__ import annotations

import asyncio
import time

import pytest

from longshore.model.clock import HOUR, SECOND, Clock, Micros
from longshore.provider.simulator import SimClock, Stuck, run_virtual

START = Micros(1_700_000_000_000_000)


def test_a_day_passes_at_once_and_exactly() -> None:
    async def sleeper() -> list[int]:
        clock: Clock = SimClock()
        seen = [clock.now() - START]
        for length in (HOUR, 1, 333_333, 23 * HOUR):
            await clock.sleep(length)
            seen.append(clock.now() - START)
        return seen

    began = time.perf_counter()
    seen = run_virtual(sleeper(), start=START, limit=48 * HOUR)
    assert seen == [0, HOUR, HOUR + 1, HOUR + 333_334, 24 * HOUR + 333_334]
    assert time.perf_counter() - began < 1


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    async def main() -> list[int]:
        clock, woken = SimClock(), list[int]()

        async def sleeper(length: int) -> None:
            await clock.sleep(length)
            woken.append(clock.now() - START)

        await asyncio.gather(*(sleeper(length) for length in (3 * SECOND, SECOND, 2 * SECOND, SECOND)))
        return woken

    assert run_virtual(main(), start=START, limit=HOUR) == [SECOND, SECOND, 2 * SECOND, 3 * SECOND]


def test_timeouts_are_in_simulated_time() -> None:
    async def main() -> int:
        clock = SimClock()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await asyncio.Event().wait()
        return clock.now() - START

    assert run_virtual(main(), start=START, limit=HOUR) == 60 * SECOND


def test_time_stands_still_while_a_thread_works() -> None:
    async def main() -> int:
        clock = SimClock()
        other = asyncio.create_task(clock.sleep(HOUR))
        await asyncio.to_thread(sum, range(1000))
        at = clock.now() - START
        await other
        return at

    assert run_virtual(main(), start=START, limit=2 * HOUR) == 0


def test_a_deadlock_is_said_with_who_waits() -> None:
    async def waits_for_nothing() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match=r"deadlock.*waits_for_nothing"):
        run_virtual(waits_for_nothing(), start=START, limit=HOUR)


def test_the_limit_is_kept() -> None:
    async def for_ever() -> None:
        while True:
            await SimClock().sleep(SECOND)

    with pytest.raises(Stuck, match="limit"):
        run_virtual(for_ever(), start=START, limit=HOUR)


def test_what_is_left_is_cancelled() -> None:
    ended = []

    async def left() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("left")

    async def main() -> None:
        task = asyncio.create_task(left())
        await SimClock().sleep(1)
        assert not task.done()

    run_virtual(main(), start=START, limit=HOUR)
    assert ended == ["left"]


def test_a_clock_set_back_never_goes_back() -> None:
    async def main() -> list[int]:
        clock, seen = SimClock(), list[int]()
        await clock.sleep(10 * SECOND)
        seen.append(clock.now() - START)
        clock.step_back(5 * SECOND)
        for _ in range(4):
            seen.append(clock.now() - START)
            await clock.sleep(2 * SECOND)
        return seen

    stands = [10 * SECOND] * 4
    assert run_virtual(main(), start=START, limit=HOUR) == [*stands, 11 * SECOND]


def test_outside_a_loop_it_is_the_start() -> None:
    assert SimClock(START).now() == START


def test_on_a_real_loop_it_goes_with_it() -> None:
    async def main() -> int:
        clock = SimClock(START)
        before = clock.now()
        await clock.sleep(2_000)
        return clock.now() - before

    assert asyncio.run(main()) >= 2_000
