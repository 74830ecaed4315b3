"""Bad days of the engine itself: killed at its worst moments, away for an hour, no disk, a wrong clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.scenario.graphs import MIB, graph, service
from tests.scenario.invariants import check_nothing_left
from tests.scenario.platform import Platform, play

from longshore.engine.watch import Pace
from longshore.model.ask import Down, Restart, Scale, Up
from longshore.model.clock import HOUR, SECOND
from longshore.model.journal import Entry

SHOP = graph(service("web", replicas=4), service("db", volumes=["data"]))
SMALL = {"flavors": "small:2:4GiB:0.02", "boot": "20s"}


@pytest.mark.parametrize("moment", ["intent", "outcome"])
@pytest.mark.parametrize("away", [0, 3600])
def test_killed_again_and_again_nothing_is_done_twice(tmp_path: Path, moment: str, away: int) -> None:
    """Every other commit is its last; each time a new engine goes on from what is written down."""

    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="3", start="500ms")
        change = await p.change(Up(graph=SHOP, inputs=""))
        deaths = 0
        # One that dies at each and every intent never comes to perform any: it is let live at last.
        while deaths < 4 and await p.die_in(moment, 5 * SECOND):
            deaths += 1
            await p.kill()
            await p.sleep(away)
            await p.start()
        assert deaths >= 3
        assert (await p.over(change)).state == "done"
        await p.rest()
        assert "host.stranger" not in p.kinds()
        assert len(p.worlds.clouds["home"].census().containers) == 5
        change = await p.change(Down(volumes=True))
        for _ in range(12):
            if not await p.die_in(moment, 5 * SECOND):
                break
            await p.restart()
        await p.over(change)
        check_nothing_left(p)

    play(tmp_path, scene)


def test_killed_while_buying_leaves_one_host(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        cheap = await p.add("cheap", SMALL, lag="4s")
        change = await p.change(Up(graph=graph(service("web", replicas=2, cpu=1000)), inputs=""))
        for _ in range(12):
            if not await p.die_in("outcome", 5 * SECOND):
                break
            await p.restart()
        assert (await p.over(change)).state == "done"
        assert len(cheap.census().hosts) == 1
        assert change.purchases == {"cheap/small": 1}

    play(tmp_path, scene)


def test_an_hour_of_absence_loses_nothing(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="4")
        await p.up(SHOP)
        before = {t.id for t in p.estate.tasks.values()}
        await p.kill()
        home.kill_container(p.task("web", 2).id)
        await p.clock.sleep(HOUR)
        await p.start()
        await p.sleep(120)
        await p.rest()
        assert {t.id for t in p.estate.tasks.values()} == before
        assert "host.lost" not in p.kinds()
        assert "task.lost" not in p.kinds()

    play(tmp_path, scene)


def test_what_went_wrong_while_we_were_away_is_mended(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="4")
        await p.up(SHOP)
        removed = p.task("web", 1)
        lost = p.host_of(p.task("web", 3))
        await p.kill()
        home.remove_container(removed.id)
        home.lose_host(lost)
        await p.clock.sleep(HOUR)
        await p.start()
        await p.until(lambda: p.host(lost).lost)
        await p.until(lambda: sum(t.ready for t in p.tasks("web")) == 4)
        assert not p.left(removed.id)
        kept = [e for e in p.store.journal(limit=10_000) if e.kind == "host.lost"]
        silent = next(e for e in p.store.journal(limit=10_000) if e.kind == "host.silent")
        assert kept[0].at - silent.at >= 10 * SECOND, "grace counts from our own first look"

    play(tmp_path, scene)


def test_a_full_disk_stops_everything_until_there_is_room(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="3")
        p.full = 20
        change = await p.change(Up(graph=SHOP, inputs=""))
        await p.until(lambda: not p.full)
        assert (await p.over(change)).state == "done"
        p.full = 5
        p.worlds.clouds["home"].remove_container(p.task("web", 1).id)
        await p.sleep(2)
        assert "disk is full" in p.trouble
        assert len(p.worlds.clouds["home"].census().containers) == 4, "nothing is begun that is not written"
        await p.until(lambda: not p.trouble and sum(t.ready for t in p.tasks("web")) == 4)

    play(tmp_path, scene)


@pytest.mark.parametrize("back", [1, 60, 7200])
def test_a_clock_set_back_changes_nothing(tmp_path: Path, back: int) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="4")
        await p.up(SHOP)
        p.clock.step_back(back * SECOND)
        p.worlds.clouds["home"].remove_container(p.task("web", 1).id)
        await p.sleep(back + 30)
        home.lose_host("home-1")
        await p.until(lambda: p.host("home-1").lost)
        times = [e.at for e in p.store.journal(limit=100_000)]
        assert times == sorted(times)
        home.restore_host("home-1")
        await p.until(lambda: p.host("home-1").answers)
        await p.rest()

    play(tmp_path, scene)


def test_calls_that_are_never_answered_are_given_up_and_looked_after(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="2")
        for verb in ("provide", "start", "stop", "withdraw"):
            home.fail_next(verb, "hang")
            home.fail_next(verb, "hang_after")
        change = await p.over(await p.change(Up(graph=graph(service("web", replicas=3)), inputs="")), HOUR)
        assert change.state == "done"
        change = await p.over(await p.change(Down()), HOUR)
        assert change.state == "done"
        check_nothing_left(p)

    play(tmp_path, scene)


def test_what_fails_for_ever_is_tried_ever_less_often(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="1")
        await p.up(graph(service("web")))
        home.fail_next("stop", "fail_before", 1000)
        await p.change(Down())
        await p.sleep(600)
        fired = home.fired["fail_before"]
        assert 5 <= fired <= 20, "at once, then after 1 s, 2 s, 4 s … and each minute at last"
        home._stage.chance._forced.clear()
        await p.until(lambda: p.stack().state == "down")

    play(tmp_path, scene)


def test_a_look_that_overlaps_a_start_takes_nothing_for_gone(tmp_path: Path) -> None:
    """Looks take 2 s and come one after another: most began before what they do not show was made."""

    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="2")
        home.fail_next("look", "slow", 10_000)
        home._stage.settings = replace(home._stage.settings, slow_for=2 * SECOND)
        for image in ("app:1", "app:2", "app:3", "app:4"):
            change = await p.up(graph(service("web", replicas=6, image=image, cpu=100)))
            assert change.state == "done"
        await p.rest()
        assert "task.lost" not in p.kinds()
        assert "network.gone" not in p.kinds()
        assert "host.stranger" not in p.kinds()

    play(tmp_path, scene, pace=Pace(look=SECOND // 10, limit=3 * SECOND))


def test_a_start_that_went_on_without_us_is_cleared_away_when_it_is_given_up(tmp_path: Path) -> None:
    """Killed while a container starts; the second try then fails, and leaves the first one's container."""

    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="1", memory="1GiB", start="5s")
        change = await p.change(Up(graph=graph(service("web", memory=800 * MIB)), inputs=""))
        await p.until(lambda: bool(home.census().containers))
        home.fail_next("start", "fail_before")
        await p.restart()
        await p.over(change)
        await p.rest()
        assert "nothing was done" in " ".join(e.words for e in p.store.journal(limit=1000))
        assert len(home.census().containers) == 1

    play(tmp_path, scene)


def test_the_same_day_twice_is_the_same_to_the_letter(tmp_path: Path) -> None:
    def journal(folder: str) -> list[Entry]:
        (tmp_path / folder).mkdir()
        kept: list[Entry] = []

        async def scene(p: Platform) -> None:
            home = await p.add("home", own=True, hosts="3", crash="0.3", fail_after="0.1", seed="4")
            await p.add("cheap", SMALL, jitter="0.5")
            for image in ("app:1", "app:2"):
                await p.up(graph(service("web", replicas=5, image=image)))
            home.lose_host("home-2")
            await p.sleep(90)
            await p.change(Scale(replicas={"web": 12}))
            await p.change(Restart())
            await p.restart()
            await p.sleep(120)
            home.restore_host("home-2")
            await p.sleep(60)
            kept.extend(p.store.journal(limit=100_000))

        play(tmp_path / folder, scene)
        return kept

    assert journal("one") == journal("two")
