"""The bell wakes waiters at once, from any thread, and no ring is missed."""

from __future__ import annotations

import asyncio
import threading

from longshore.model.ask import Apply, Ask
from longshore.model.batch import Batch
from longshore.model.clock import Micros
from longshore.model.ids import AskId
from longshore.store import Bell, Store

LONG = 30.0
SHORT = 0.01


def test_a_ring_from_another_thread_wakes_all_waiters() -> None:
    async def main() -> list[int]:
        bell = Bell()
        waiters = [asyncio.create_task(bell.wait(LONG)) for _ in range(3)]
        await Bell().wait(0)
        await asyncio.to_thread(bell.ring)
        return await asyncio.gather(*waiters)

    assert asyncio.run(main()) == [1, 1, 1]


def test_a_ring_from_within_the_loop_wakes_too() -> None:
    async def main() -> int:
        bell = Bell()
        waiter = asyncio.create_task(bell.wait(LONG))
        await Bell().wait(0)
        bell.ring()
        return await waiter

    assert asyncio.run(main()) == 1


def test_waiters_of_several_loops_are_woken() -> None:
    bell, ready, heard = Bell(), threading.Barrier(3), []

    def wait() -> None:
        async def main() -> None:
            waiter = asyncio.create_task(bell.wait(LONG))
            await Bell().wait(0)
            ready.wait()
            heard.append(await waiter)

        asyncio.run(main())

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    ready.wait()
    bell.ring()
    for thread in threads:
        thread.join()
    assert heard == [1, 1]


def test_a_ring_between_looking_and_waiting_is_not_missed() -> None:
    async def main() -> int:
        bell = Bell()
        heard = bell.rings
        bell.ring()
        return await bell.wait(LONG, heard)

    assert asyncio.run(main()) == 1


def test_silence_ends_with_the_timeout_and_leaves_nothing() -> None:
    async def main() -> Bell:
        bell = Bell()
        assert await bell.wait(SHORT) == 0
        assert await bell.wait(0) == 0
        assert await bell.wait(-1, bell.rings) == 0
        return bell

    assert not asyncio.run(main())._waiters


def test_a_cancelled_waiter_and_a_closed_loop_do_no_harm() -> None:
    bell = Bell()

    async def main() -> None:
        waiter = asyncio.create_task(bell.wait(LONG))
        await Bell().wait(0)
        waiter.cancel()
        await asyncio.wait([waiter])

    asyncio.run(main())
    assert not bell._waiters
    loop = asyncio.new_event_loop()
    bell._waiters[loop, asyncio.Event()] = None
    loop.close()
    bell.ring()
    assert bell.rings == 1


def test_asks_and_commits_ring(store: Store) -> None:
    store.append_ask(Ask(id=AskId("ask-1"), at=Micros(1), actor="ann", body=Apply(plan="x")))
    assert store.bell.rings == 1
    store.commit(Batch(asks_until=1))
    assert store.bell.rings == 2
    store.commit(Batch())
    assert store.bell.rings == 2
