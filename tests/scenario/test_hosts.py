"""Hosts come and go: bursting, coming home, losses, silence, draining; and the limits that hold."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from tests.scenario.graphs import GIB, MIB, graph, service
from tests.scenario.invariants import check_nothing_left
from tests.scenario.platform import Platform, play

from longshore.model.ask import Apply, AskWhatIf, Down, DrainHost, RemoveCloud, Scale, Up
from longshore.model.change import Change
from longshore.model.clock import HOUR, SECOND
from longshore.model.cloud import Cloud, Pool
from longshore.model.errors import Refused
from longshore.model.host import Host
from longshore.model.money import Money, Total
from longshore.model.plan import WhatIf
from longshore.model.spec import Constraint, UpdateOrder, UpdatePolicy

SMALL = {"flavors": "small:2:4GiB:0.02", "boot": "20s"}
DEAR = {"flavors": "small:2:4GiB:0.05", "boot": "5s"}


def test_bursting_takes_the_cheapest_cloud_and_comes_home_again(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2")
        await p.add("dear", DEAR)
        await p.add("cheap", SMALL)
        await p.up(graph(service("web", replicas=8, cpu=1000)))
        assert not p.lent(), "own machines first"
        plan = await p.plan(Scale(replicas={"web": 12}))
        assert plan.purchases == {"cheap/small": 2}
        assert plan.difference.amounts == {"EUR": 40_000_000}
        change = await p.over(await p.get(Apply(plan=plan.hash), Change))
        assert change.state == "done", change.reason
        assert [h.cloud for h in p.lent()] == ["cheap", "cheap"]
        await p.sleep(200)
        assert len(p.lent()) == 2, "there is no room at home"
        await p.over(await p.change(Scale(replicas={"web": 7})))
        await p.until(lambda: not p.lent())
        assert sum(t.ready for t in p.tasks("web")) == 7
        assert {p.host_of(t) for t in p.tasks("web")} == {"home-1", "home-2"}
        await p.over(await p.change(Down()))
        check_nothing_left(p)

    play(tmp_path, scene)


def test_tasks_come_home_when_there_is_room_new_before_old(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="2")
        await p.add("cheap", SMALL)
        home.lose_host("home-2")
        await p.until(lambda: p.host("home-2").lost)
        change = await p.up(graph(service("web", replicas=6, cpu=1000)))
        assert change.state == "done"
        assert len(p.lent()) == 1
        home.restore_host("home-2")
        fewest = 6
        while p.lent():
            fewest = min(fewest, sum(t.ready for t in p.tasks("web")))
            await p.news()
        assert fewest == 6, "new before old goes"
        assert "host.draining" in p.kinds()

    play(tmp_path, scene)


def test_no_flapping_over_an_hour_of_noise(tmp_path: Path) -> None:
    """Replicas go up and down around what fits at home, every 20 s: hosts are not bought each time."""
    dice = Random(7)

    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2")
        cheap = await p.add("cheap", SMALL)
        await p.up(graph(service("web", replicas=8, cpu=1000)))
        bought = set()
        ends = p.clock.now() + HOUR
        while p.clock.now() < ends:
            await p.over(await p.change(Scale(replicas={"web": dice.randint(7, 10)})))
            bought |= {h.id for h in p.lent()}
            await p.sleep(20)
        assert 1 <= len(bought) <= 12, f"{len(bought)} hosts were bought within an hour"
        await p.over(await p.change(Scale(replicas={"web": 6})))
        await p.until(lambda: not p.lent())
        assert not cheap.census().hosts

    play(tmp_path, scene, pool=Pool(grace=20 * SECOND))


def test_losing_a_host_replaces_its_tasks_elsewhere(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="5")
        await p.up(graph(service("web", replicas=5)))
        lost = next(t for t in p.tasks("web") if p.host_of(t) == "home-3")
        answer = await p.get(AskWhatIf(lose_hosts=("home-3",)), WhatIf)
        assert answer.effect.tasks_moved == (f"shop/web.{lost.slot}",)
        home.lose_host("home-3")
        await p.sleep(10)
        assert lost.id in {t.id for t in p.tasks("web")}, "its grace is not over"
        await p.until(
            lambda: (
                sum(t.ready for t in p.tasks("web")) == 5 and lost.id not in {t.id for t in p.tasks("web")}
            )
        )
        assert "home-3" not in {p.host_of(t) for t in p.tasks("web")}
        home.restore_host("home-3")
        await p.until(lambda: not p.host("home-3").lost)
        await p.rest()
        assert not p.left(lost.id), "the old container is cleared away when its host is back"

    play(tmp_path, scene)


def test_a_short_silence_changes_nothing(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="3")
        await p.up(graph(service("web", replicas=3)))
        ids = {t.id for t in p.estate.tasks.values()}
        home.hang_host("home-1")
        await p.until(lambda: p.host("home-1").silent_since > 0)
        await p.sleep(10)
        home.restore_host("home-1")
        await p.until(lambda: not p.host("home-1").silent_since)
        await p.sleep(60)
        assert {t.id for t in p.estate.tasks.values()} == ids

    play(tmp_path, scene)


def test_a_hung_host_is_unreachable_then_lost(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="4")
        await p.up(graph(service("web", replicas=4)))
        home.hang_host("home-1")
        await p.until(lambda: p.host("home-1").silent_since > 0)
        assert not p.host("home-1").lost
        await p.until(lambda: p.host("home-1").lost)
        await p.until(lambda: sum(t.ready for t in p.tasks("web")) == 4)
        home.restore_host("home-1")
        await p.until(lambda: not p.host("home-1").lost)
        await p.rest()

    play(tmp_path, scene)


def test_what_was_begun_on_a_host_that_is_given_up_is_not_done_later(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="3")
        await p.up(graph(service("web", replicas=3, cpu=10, memory=MIB)))
        home.hang_host("home-1")
        await p.change(Scale(replicas={"web": 60}))
        await p.until(lambda: p.host("home-1").lost)
        await p.until(lambda: sum(t.ready for t in p.tasks("web")) == 60)
        home.restore_host("home-1")
        await p.until(lambda: not p.host("home-1").lost)
        await p.sleep(60)
        await p.rest()
        assert not p.host("home-1").strangers
        assert len(home.census().containers) == 60

    play(tmp_path, scene)


def test_what_had_to_wait_for_a_silent_host_is_done_when_it_answers(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="2")
        await p.up(graph(service("web", replicas=4)))
        home.cut_host("home-1")
        await p.until(lambda: p.host("home-1").silent_since > 0)
        await p.change(Scale(replicas={"web": 0}))
        await p.sleep(2)
        home.restore_host("home-1")
        await p.rest()
        assert not home.census().containers
        assert not home.census().networks

    play(tmp_path, scene, pool=Pool(grace=120 * SECOND))


@pytest.mark.parametrize("volumes", [False, True])
def test_a_stack_goes_down_though_a_host_is_lost(tmp_path: Path, volumes: bool) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="3")
        await p.up(graph(service("web", replicas=3), service("db", volumes=["data"])))
        where = p.host_of(p.task("db"))
        home.lose_host(where)
        await p.until(lambda: p.host(where).lost)
        change = await p.over(await p.change(Down(volumes=volumes)))
        assert change.state == "done"
        home.restore_host(where)
        await p.until(lambda: p.host(where).answers and not list(p.estate.tasks))
        await p.until(lambda: not home.census().networks)
        await p.sleep(5)
        check_nothing_left(p, volumes=0 if volumes else 1)

    play(tmp_path, scene)


def test_more_than_a_third_of_a_cloud_silent_moves_nothing(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="6")
        await p.up(graph(service("web", replicas=6)))
        ids = {t.id for t in p.estate.tasks.values()}
        for number in (1, 2, 3):
            home.cut_host(f"home-{number}")
        await p.sleep(600)
        assert {t.id for t in p.estate.tasks.values()} == ids
        assert not any(h.lost for h in p.estate.hosts.values())
        for number in (2, 3):
            home.restore_host(f"home-{number}")
        await p.until(lambda: p.host("home-1").lost, 120 * SECOND)
        await p.until(lambda: sum(t.ready for t in p.tasks("web")) == 6)
        home.restore_host("home-1")
        await p.until(lambda: not p.host("home-1").lost)
        await p.rest()

    play(tmp_path, scene)


def test_hosts_lost_one_after_another_are_each_given_up(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="6")
        await p.up(graph(service("web", replicas=6)))
        for number in (1, 2, 3):
            home.lose_host(f"home-{number}")
            await p.until(lambda n=number: p.host(f"home-{n}").lost)  # type: ignore[misc]
        await p.until(lambda: sum(t.ready for t in p.tasks("web")) == 6)

    play(tmp_path, scene)


def test_a_task_with_data_waits_for_its_host(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="4")
        await p.up(graph(service("db", volumes=["data"], ports=[5432]), service("web", replicas=3)))
        host = p.host_of(p.task("db"))
        home.lose_host(host)
        await p.until(lambda: p.host(host).lost)
        await p.sleep(120)
        assert not p.tasks("db"), "its data is there and nowhere else"
        assert sum(t.ready for t in p.tasks("web")) == 3
        memory = p.estate.services.get(f"{p.stack().id}/db")
        assert memory is not None
        assert host in memory.waiting
        home.restore_host(host)
        await p.until(lambda: any(t.ready for t in p.tasks("db")))
        assert p.host_of(p.task("db")) == host
        await p.rest()
        assert len(home.census().volumes) == 1

    play(tmp_path, scene)


def test_a_container_removed_by_hand_comes_back_at_once(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="2")
        await p.up(graph(service("web", replicas=2)))
        victim = p.task("web", 1)
        home.remove_container(victim.id)
        began = p.clock.now()
        await p.until(lambda: sum(t.ready for t in p.tasks("web")) == 2 and p.task("web", 1).id != victim.id)
        assert p.clock.now() - began < SECOND
        home.kill_container(p.task("web", 1).id)
        await p.sleep(10)
        assert p.task("web", 1).restarts == 1, "its own engine restarts it"
        await p.rest()

    play(tmp_path, scene)


def test_draining_a_host_moves_its_tasks_new_before_old(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="3")
        await p.up(graph(service("web", replicas=3, healthy=True), service("db", volumes=["data"])))
        where = p.host_of(p.task("db"))
        other = next(f"home-{n}" for n in (1, 2, 3) if f"home-{n}" != where)
        await p.get(DrainHost(host=other), Host)
        fewest = 3
        while other in {p.host_of(t) for t in p.estate.tasks.values()}:
            fewest = min(fewest, sum(t.ready for t in p.tasks("web")))
            await p.news()
        assert fewest == 3
        await p.rest()
        await p.get(DrainHost(host=other, undo=True), Host)
        await p.over(await p.change(Scale(replicas={"web": 6})))
        assert other in {p.host_of(t) for t in p.tasks("web")}

    play(tmp_path, scene)


def test_apply_is_refused_when_the_world_has_moved(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="1")
        cheap = await p.add("cheap", SMALL)
        del home
        plan = await p.plan(Up(graph=graph(service("web", replicas=6, cpu=1000)), inputs=""))
        assert plan.purchases == {"cheap/small": 1}
        cheap.set_price("small", Money(90_000_000))
        await p.sleep(30)
        with pytest.raises(Refused, match="has moved since") as refused:
            await p.get(Apply(plan=plan.hash), Change)
        assert refused.value.code == "plan-moved"
        assert "price" in refused.value.facts["moved"]  # type: ignore[operator]
        again = await p.plan(Up(graph=graph(service("web", replicas=6, cpu=1000)), inputs=""))
        assert (await p.over(await p.get(Apply(plan=again.hash), Change))).state == "done"
        with pytest.raises(Refused) as refused:
            await p.get(Apply(plan=again.hash), Change)
        assert refused.value.code == "plan-moved", "it was applied already"

    play(tmp_path, scene)


def test_a_change_buys_no_more_than_its_plan_says(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        home = await p.add("home", own=True, hosts="2")
        cheap = await p.add("cheap", SMALL)
        change = await p.change(Up(graph=graph(service("web", replicas=10, cpu=1000)), inputs=""))
        assert change.purchases == {"cheap/small": 1}
        # An own machine falls away while it is applied: it stops and says why, rather than buy more.
        home.lose_host("home-1")
        change = await p.over(change)
        assert change.state == "failed"
        assert "the plan allows 1 of cheap/small" in change.reason
        await p.sleep(300)
        assert len(cheap.census().hosts) == 1

    play(tmp_path, scene)


def test_a_host_that_fails_to_boot_is_given_back_and_another_one_bought(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        cheap = await p.add("cheap", SMALL, max_hosts=1)
        cheap.fail_next("create", "boot_fail")
        cheap.fail_next("create", "no_capacity")
        change = await p.up(graph(service("web", replicas=2, cpu=1000)))
        await p.rest()
        assert change.state in {"done", "failed"}
        assert sum(t.ready for t in p.tasks("web")) == 2
        assert len(cheap.census().hosts) == 1

    play(tmp_path, scene)


def test_standing_limits_hold(tmp_path: Path) -> None:
    pool = Pool(
        grace=20 * SECOND,
        settle=30 * SECOND,
        min_life=60 * SECOND,
        max_hosts=3,
        max_price=Total(amounts={"EUR": 70_000_000}),
    )

    async def scene(p: Platform) -> None:
        await p.add("one", SMALL, max_hosts=1)
        await p.add("two", SMALL)
        plan = await p.plan(Up(graph=graph(service("web", replicas=7, cpu=1000)), inputs=""))
        assert plan.purchases == {"one/small": 1, "two/small": 2}
        assert plan.refusals[0].count == 1
        assert "not bought: one/small, one is limited to 1 hosts" in plan.refusals[0].words

    play(tmp_path, scene, pool=pool)


def test_a_lost_lent_host_is_given_back(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        cheap = await p.add("cheap", SMALL)
        await p.up(graph(service("web", replicas=4, cpu=1000)))
        lost = p.lent()[0]
        cheap.lose_host(lost.name)
        await p.until(lambda: p.estate.hosts.get(lost.id) is None)
        await p.rest()
        assert sum(t.ready for t in p.tasks("web")) == 4
        assert len(cheap.census().hosts) == 2

    play(tmp_path, scene)


def test_a_host_deleted_in_the_clouds_console_is_replaced(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        cheap = await p.add("cheap", SMALL)
        await p.up(graph(service("web", replicas=4, cpu=1000)))
        gone = p.lent()[0]
        cheap.remove_host(gone.name)
        await p.until(lambda: p.estate.hosts.get(gone.id) is None)
        await p.rest()
        assert sum(t.ready for t in p.tasks("web")) == 4

    play(tmp_path, scene)


def test_planning_while_a_host_boots_does_not_give_it_up(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("cheap", {**SMALL, "boot": "2m"})
        await p.change(Up(graph=graph(service("web", replicas=2, cpu=1000)), inputs=""))
        await p.sleep(30)
        plan = await p.plan(Up(graph=graph(service("api"), name="other"), inputs=""), "other")
        assert plan.purchases == {"cheap/small": 1}
        assert plan.quiet
        verbs = {s.verb for s in plan.steps}
        assert "give back" not in verbs
        await p.rest()

    play(tmp_path, scene)


def test_a_cloud_can_be_removed_once_it_is_empty(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="1")
        await p.add("cheap", SMALL)
        await p.up(graph(service("web", replicas=6, cpu=1000)))
        with pytest.raises(Refused, match="in use"):
            await p.get(RemoveCloud(name="cheap"), Cloud)
        await p.over(await p.change(Scale(replicas={"web": 2})))
        await p.get(RemoveCloud(name="cheap"), Cloud)
        await p.until(lambda: p.estate.clouds.get("cheap") is None)
        assert not p.worlds.clouds["cheap"].census().hosts

    play(tmp_path, scene)


def test_constraints_hold_through_updates_and_losses(tmp_path: Path) -> None:
    ssd = Constraint(key="node.labels.disk", value="ssd")

    async def scene(p: Platform) -> None:
        await p.add("plain", own=True, hosts="4")
        fast = await p.add("fast", own=True, hosts="4", labels="disk=ssd")
        policy = UpdatePolicy(order=UpdateOrder.START_FIRST)
        spec = service("db", replicas=3, constraints=[ssd], max_per_host=1, update=policy)
        await p.up(graph(spec))
        await p.up(
            graph(service("db", replicas=3, image="app:2", constraints=[ssd], max_per_host=1, update=policy))
        )
        fast.lose_host(p.host_of(p.task("db", 1)))
        await p.sleep(60)
        await p.rest()
        assert {h.cloud for t in p.tasks("db") if (h := p.estate.hosts.get(t.host))} == {"fast"}
        assert len({t.host for t in p.tasks("db")}) == 3

    play(tmp_path, scene)


def test_memory_is_never_overcommitted_by_an_update(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2", memory="2GiB")
        await p.up(graph(service("web", replicas=2, memory=GIB + 100 * MIB)))
        change = await p.up(graph(service("web", replicas=2, image="app:2", memory=GIB + 200 * MIB)))
        assert change.state == "done", change.reason

    play(tmp_path, scene)
