"""The life of a stack: up, depend, update, go back, scale, restart, go down."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.scenario.graphs import NEVER, ON_FAILURE, graph, service
from tests.scenario.invariants import check_nothing_left
from tests.scenario.platform import Platform, play

from longshore.model.ask import Cancel, Down, Restart, Rollback, Scale, Up
from longshore.model.change import Change
from longshore.model.clock import SECOND
from longshore.model.errors import Refused
from longshore.model.spec import Awaited, FailureAction, ServiceSpec, UpdateOrder, UpdatePolicy


async def unavailable(p: Platform, name: str, wanted: int, change: Change) -> tuple[int, int]:
    """Until a change is over: the most tasks that were not ready, and the most there were, at a time."""
    worst, most = 0, 0
    cloud = p.worlds.clouds["home"]
    while p.estate.changes.get(change.id).state == "applying":  # type: ignore[union-attr]
        ready = sum(t.ready for t in p.tasks(name))
        worst, most = max(worst, wanted - ready), max(most, len(cloud.census().containers))
        await p.news()
    return worst, most


def test_up_and_down_leave_nothing(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4")
        change = await p.up(graph(service("web", replicas=3), service("db", volumes=["data"])))
        assert change.state == "done", change.reason
        change = await p.over(await p.change(Down()))
        assert change.state == "done"
        check_nothing_left(p, volumes=1)
        change = await p.up(graph(service("web", replicas=3), service("db", volumes=["data"])))
        assert change.state == "done"
        await p.over(await p.change(Down()))
        change = await p.over(await p.change(Down(volumes=True)))
        assert change.state == "done"
        check_nothing_left(p)

    play(tmp_path, scene)


@pytest.mark.parametrize("order", [UpdateOrder.STOP_FIRST, UpdateOrder.START_FIRST])
@pytest.mark.parametrize(("parallelism", "delay"), [(1, 0), (2, 0), (1, 7), (0, 0)])
def test_a_rolling_update_goes_through_the_health_gate(
    tmp_path: Path, order: UpdateOrder, parallelism: int, delay: int
) -> None:
    policy = UpdatePolicy(parallelism=parallelism, delay=delay * SECOND, order=order)

    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4", health="3s")
        await p.up(graph(service("web", replicas=4, healthy=True, update=policy)))
        before = {t.id for t in p.tasks("web")}
        began = p.clock.now()
        change = await p.change(
            Up(graph=graph(service("web", replicas=4, image="app:2", healthy=True, update=policy)), inputs="")
        )
        worst, most = await unavailable(p, "web", 4, change)
        assert p.estate.changes.get(change.id).state == "done"  # type: ignore[union-attr]
        assert before.isdisjoint(t.id for t in p.tasks("web"))
        width = parallelism or 4
        if order is UpdateOrder.START_FIRST:
            assert worst == 0
            assert most == 4 + width
        else:
            assert worst == width
            assert most == 4
        batches = 4 // width
        took = (p.clock.now() - began) / SECOND
        assert took >= 3 * batches + delay * (batches - 1), "the gate and the delay take their time"
        assert took < 3 * batches + delay * (batches - 1) + 5

    play(tmp_path, scene)


def test_a_port_on_the_only_host_is_handed_over(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="1")
        await p.up(graph(service("web", ports=[80])))
        change = await p.up(graph(service("web", image="app:2", ports=[80])))
        assert change.state == "done", change.reason
        assert p.task("web").published

    play(tmp_path, scene)


def test_a_failing_update_pauses_and_leaves_the_others_running(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4")
        await p.up(graph(service("web", replicas=3)))
        change = await p.up(graph(service("web", replicas=3, image="app:2", SIM_START="fail")))
        assert change.state == "failed"
        assert "SIM_START" in change.reason
        await p.sleep(60)
        assert sum(t.ready for t in p.tasks("web")) == 2, "only the first was tried"
        change = await p.over(await p.change(Rollback()))
        assert change.state == "done"
        assert sum(t.ready for t in p.tasks("web")) == 3

    play(tmp_path, scene)


@pytest.mark.parametrize("order", [UpdateOrder.STOP_FIRST, UpdateOrder.START_FIRST])
@pytest.mark.parametrize(
    "ill", [{"SIM_START": "fail"}, {"SIM_HEALTH": "unhealthy"}, {"SIM_EXIT_CODE": "3", "SIM_EXIT_AFTER": "1"}]
)
def test_a_failing_update_goes_back_by_itself(
    tmp_path: Path, order: UpdateOrder, ill: dict[str, str]
) -> None:
    policy = UpdatePolicy(order=order, failure_action=FailureAction.ROLLBACK)

    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4")
        await p.up(graph(service("web", replicas=3, healthy=True, restart=ON_FAILURE, update=policy)))
        new = service("web", replicas=3, image="app:2", healthy=True, restart=ON_FAILURE, update=policy)
        change = await p.up(graph(replace(new, environment=ill)))
        assert change.state == "failed"
        assert "rolled back to generation 1" in change.reason
        await p.rest()
        assert p.stack().generation == 3
        assert p.stack().graph.services["web"].image.name == "app:1"
        assert sum(t.ready for t in p.tasks("web")) == 3
        assert "stack.rolled-back" in p.kinds()

    play(tmp_path, scene)


def test_a_service_waits_for_what_it_depends_on(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2", health="4s")
        migrate = service("migrate", restart=NEVER, after={"db": Awaited.HEALTHY}, SIM_EXIT_AFTER="5")
        web = service("web", after={"migrate": Awaited.COMPLETED, "cache": Awaited.STARTED})
        change = await p.up(graph(service("db", healthy=True), migrate, web, service("cache")))
        assert change.state == "done"
        started = {t.service: t.started_at for t in p.estate.tasks.values()}
        ready = {t.service: t.ready_at for t in p.estate.tasks.values()}
        ended = {t.service: t.ended_at for t in p.estate.tasks.values()}
        assert started["migrate"] >= ready["db"]
        assert started["web"] >= ended["migrate"] > 0
        await p.sleep(60)
        assert [t.state for t in p.estate.tasks.values() if t.service == "migrate"] == ["completed"]

    play(tmp_path, scene)


def test_a_migration_that_fails_fails_the_change_and_starts_nothing_after_it(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2")
        migrate = service("migrate", restart=NEVER, SIM_EXIT_CODE="3")
        change = await p.up(graph(migrate, service("web", after={"migrate": Awaited.COMPLETED})))
        assert change.state == "failed"
        assert "exited with 3" in change.reason
        assert not p.tasks("web")

    play(tmp_path, scene)


def test_a_crash_loop_backs_off_and_fails_the_change_with_a_reason(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2")
        change = await p.up(graph(service("web", SIM_EXIT_CODE="7")))
        assert change.state == "failed"
        assert "exit code 7" in change.reason
        assert change.remedy
        before = p.kinds().count("task.running")
        await p.sleep(600)
        tried = p.kinds().count("task.running") - before
        assert 1 <= tried <= 8, "doubling back-off, five minutes at most"

    play(tmp_path, scene)


@pytest.mark.parametrize(
    ("settings", "spec", "words"),
    [
        ({"missing": "app:1"}, service("web"), "image app:1 cannot be had"),
        ({}, service("web", replicas=3, ports=[80]), "port 80/tcp is taken"),
        ({}, service("web", SIM_START="fail"), "SIM_START"),
        ({}, service("web", memory=1 << 40), "needs 1 TiB"),
    ],
)
def test_what_cannot_run_says_why(
    tmp_path: Path, settings: dict[str, str], spec: ServiceSpec, words: str
) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2", settings=settings)
        plan = await p.plan(Up(graph=graph(spec), inputs=""))
        if plan.refusals:
            assert words in plan.refusals[0].words
            assert plan.refusals[0].remedies
            with pytest.raises(Refused, match="cannot be kept"):
                await p.change(Up(graph=graph(spec), inputs=""))
            return
        change = await p.up(graph(spec))
        assert change.state == "failed"
        assert words in change.reason

    play(tmp_path, scene)


def test_scaling_lasts_until_the_next_up(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4")
        shop = graph(service("web", replicas=2), service("db", volumes=["data"]))
        await p.up(shop)
        ids = {t.id for t in p.estate.tasks.values()}
        change = await p.over(await p.change(Scale(replicas={"web": 5})))
        assert change.state == "done"
        assert len(p.tasks("web")) == 5
        assert ids <= {t.id for t in p.estate.tasks.values()}, "scaling replaces nothing"
        await p.up(shop)
        assert len(p.tasks("web")) == 2
        assert {t.id for t in p.estate.tasks.values()} == ids

    play(tmp_path, scene)


def test_a_restart_keeps_the_tasks_and_follows_dependencies(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2")
        await p.up(graph(service("web", replicas=3), service("db")))
        await p.sleep(5)
        ids = {t.id for t in p.estate.tasks.values()}
        began = p.clock.now()
        change = await p.over(await p.change(Restart(services=("web",))))
        assert change.state == "done"
        assert {t.id for t in p.estate.tasks.values()} == ids
        assert all(t.started_at >= began for t in p.tasks("web"))
        assert all(t.started_at < began for t in p.tasks("db"))

    play(tmp_path, scene)


def test_rolling_back_goes_to_the_last_done_generation(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2")
        with pytest.raises(Refused):
            await p.change(Rollback())
        for image in ("app:1", "app:2", "app:3"):
            assert (await p.up(graph(service("web", image=image)))).state == "done"
        await p.over(await p.change(Rollback()))
        assert p.stack().graph.services["web"].image.name == "app:2"
        change = await p.up(graph(service("web", image="app:4", SIM_START="fail")))
        assert change.state == "failed"
        await p.over(await p.change(Rollback()))
        assert p.stack().graph.services["web"].image.name == "app:2", "a failed one does not count"
        await p.rest()

    play(tmp_path, scene)


def test_cancelling_freezes_what_there_is(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4")
        await p.up(graph(service("web", replicas=4)))
        slow = UpdatePolicy(delay=20 * SECOND)
        change = await p.change(
            Up(graph=graph(service("web", replicas=4, image="app:2", update=slow)), inputs="")
        )
        await p.sleep(30)
        await p.get(Cancel(project="default", stack="shop"), Change)
        assert p.estate.changes.get(change.id).state == "cancelled"  # type: ignore[union-attr]
        await p.sleep(5)
        ids = {t.id for t in p.tasks("web")}
        await p.sleep(200)
        assert {t.id for t in p.tasks("web")} == ids
        victim = p.tasks("web")[0]
        p.world_of(victim).remove_container(victim.id)
        await p.sleep(30)
        assert sum(t.ready for t in p.tasks("web")) == 4, "what there is goes on being healed"
        assert len({t.digest for t in p.tasks("web")}) == 2

    play(tmp_path, scene)


def test_cancelling_a_first_up_starts_nothing_more(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4", health="60s")
        web = service("web", after={"db": Awaited.HEALTHY})
        await p.change(Up(graph=graph(service("db", healthy=True), web), inputs=""))
        await p.sleep(10)
        await p.get(Cancel(project="default", stack="shop"), Change)
        await p.sleep(120)
        assert len(p.tasks("db")) == 1
        assert not p.tasks("web")

    play(tmp_path, scene)


def test_cancelling_can_revert(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4")
        await p.up(graph(service("web", replicas=4)))
        slow = UpdatePolicy(delay=20 * SECOND)
        await p.change(Up(graph=graph(service("web", replicas=4, image="app:2", update=slow)), inputs=""))
        await p.sleep(30)
        await p.get(Cancel(project="default", stack="shop", revert=True), Change)
        await p.rest()
        assert len({t.digest for t in p.tasks("web")}) == 1
        assert p.stack().graph.services["web"].image.name == "app:1"
        with pytest.raises(Refused):
            await p.get(Cancel(project="default", stack="shop"), Change)

    play(tmp_path, scene)


def test_removing_a_service_from_the_file_removes_its_tasks(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="2")
        await p.up(graph(service("web", after={"db": Awaited.STARTED}), service("db", volumes=["data"])))
        change = await p.up(graph(service("web")))
        assert change.state == "done"
        assert {t.service for t in p.estate.tasks.values()} == {"web"}
        assert "holding" not in str(p.estate.steps)
        await p.rest()
        change = await p.over(await p.change(Down(volumes=True)))
        check_nothing_left(p)

    play(tmp_path, scene)
