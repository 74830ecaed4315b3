"""What the watch hands on of its looks: what is news, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.scenario.platform import Worlds

from longshore.engine.watch import Pace, Watch
from longshore.model.clock import HOUR, SECOND, Micros
from longshore.model.host import Host
from longshore.model.ids import HostId
from longshore.model.lifecycle import HostState
from longshore.model.report import CloudSeen, HostSeen, HostSilent, Input
from longshore.provider.simulator import SimClock, SimulatedCloud, run_virtual

START = Micros(1_700_000_000_000_000)
PACE = Pace(look=10 * SECOND, limit=3 * SECOND, cloud=10 * SECOND)
HOST = Host(
    id=HostId("host-1"),
    name="home-1",
    cloud="home",
    own=True,
    state=HostState.READY,
    address="sim://home/home-1",
)


class Stand:
    """A watch of one host, and what it handed on."""

    def __init__(self) -> None:
        self.clock = SimClock()
        self.worlds = Worlds(self.clock, "cell-1")
        self.worlds.cloud("home", "sim", {"hosts": "1"})
        self.cloud: SimulatedCloud = self.worlds.clouds["home"]
        self.seen: list[Input] = []
        self.watch = Watch(provider=self.worlds, clock=self.clock, hand_on=self.seen.append, pace=PACE)
        self.watch.follow_host(HOST.id, HOST)

    def kinds(self) -> list[type[Input]]:
        return [type(s) for s in self.seen]


def play(scene: Callable[[Stand], Awaitable[None]]) -> None:
    async def main() -> None:
        stand = Stand()
        try:
            await scene(stand)
        finally:
            await stand.watch.close()
            await stand.worlds.close()
            await stand.cloud.close()

    run_virtual(main(), start=START, limit=2 * HOUR)


def test_a_look_that_shows_nothing_new_is_not_handed_on() -> None:
    async def scene(stand: Stand) -> None:
        await stand.clock.sleep(HOUR)
        assert stand.kinds() == [HostSeen]

    play(scene)


@pytest.mark.parametrize("why", ["stir", "look_soon"])
def test_the_next_look_is_news_where_something_was_done_or_is_in_doubt(why: str) -> None:
    async def scene(stand: Stand) -> None:
        await stand.clock.sleep(25 * SECOND)
        getattr(stand.watch, why)(HOST.id)
        await stand.clock.sleep(60 * SECOND)
        assert stand.kinds() == [HostSeen, HostSeen]
        last = stand.seen[-1]
        assert isinstance(last, HostSeen)
        assert last.report.began - START >= 25 * SECOND

    play(scene)


def test_a_look_can_be_asked_for_later_even_if_the_clock_is_set_back_meanwhile() -> None:
    async def scene(stand: Stand) -> None:
        await stand.clock.sleep(25 * SECOND)
        at = stand.clock.now() + 90 * SECOND
        stand.watch.look_soon(HOST.id, at)
        stand.clock.step_back(300 * SECOND)
        await stand.clock.sleep(600 * SECOND)
        last = stand.seen[-1]
        assert isinstance(last, HostSeen)
        assert len(stand.seen) == 2
        assert last.report.began >= at

    play(scene)


def test_one_slow_answer_is_no_silence_but_two_are() -> None:
    async def scene(stand: Stand) -> None:
        await stand.clock.sleep(5 * SECOND)
        stand.cloud.fail_next("look", "hang")
        await stand.clock.sleep(30 * SECOND)
        assert HostSilent not in stand.kinds()
        stand.cloud.hang_host("home-1")
        began = stand.clock.now()
        await stand.clock.sleep(30 * SECOND)
        silent = [s for s in stand.seen if isinstance(s, HostSilent)]
        assert len(silent) == 1
        assert silent[0].since >= began, "until then it answered, for all we know"
        stand.cloud.restore_host("home-1")
        await stand.clock.sleep(10 * SECOND)
        assert stand.kinds()[-1] is HostSeen

    play(scene)


def test_a_look_that_fails_leaves_its_news_to_the_next() -> None:
    async def scene(stand: Stand) -> None:
        await stand.clock.sleep(5 * SECOND)
        stand.cloud.fail_next("look", "hang")
        stand.watch.look_soon(HOST.id)
        await stand.clock.sleep(10 * SECOND)
        assert stand.kinds() == [HostSeen, HostSeen]

    play(scene)


def test_a_closed_watch_leaves_no_task_behind() -> None:
    async def scene(stand: Stand) -> None:
        stand.watch.look_soon(HOST.id, stand.clock.now() + HOUR)
        await stand.clock.sleep(SECOND)
        await stand.watch.close()
        await stand.cloud.close()
        await stand.clock.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        assert CloudSeen not in stand.kinds()

    play(scene)
