"""Priority: who is placed first, who gives way to whom, and gangs, which are placed whole or not at all."""

from __future__ import annotations

import msgspec
from tests.plan.living import Life, cloud, estate_of, own_host
from tests.scenario.graphs import graph, service

from longshore.model.ask import Down, Scale, Up
from longshore.model.change import Change
from longshore.model.decision import DecisionKind
from longshore.model.ids import ChangeId, service_key
from longshore.model.lifecycle import ChangeState, TaskState
from longshore.model.report import Intended
from longshore.model.spec import Graph, Preempt
from longshore.model.step import StartTask, StopTask


def batch(replicas: int = 4, **placement: object) -> Graph:
    return graph(service("work", replicas=replicas, cpu=1000, placement=placement), name="batch")


def urgent(replicas: int = 1, cpu: int = 1000, **placement: object) -> Graph:
    placement = {"priority": 100, **placement}
    return graph(service("web", replicas=replicas, cpu=cpu, placement=placement), name="shop")


def full(*, lends: bool = False, hosts: int = 2) -> Life:
    """Own hosts of four cores, all taken by the batch."""
    life = Life(estate_of([own_host(n) for n in range(1, hosts + 1)], [cloud()] if lends else []))
    life.up(batch(4 * hosts))
    assert len(life.tasks("work", "batch")) == 4 * hosts
    return life


def waiting(life: Life, name: str, service: str) -> int:
    memory = life.estate.services.get(service_key(life.stack(name).id, service))
    assert memory is not None
    return memory.unplaced


def test_what_has_more_priority_takes_the_room_of_what_has_less() -> None:
    life = full()
    plan = life.plan(Up(graph=urgent(), inputs=""))
    assert not plan.refusals
    assert plan.effect.tasks_stopped == 1
    assert len(plan.effect.tasks_down) == 1
    assert plan.binding["preempted"] == {"batch/work": 1}
    done = life.up(urgent())
    stops = [step for _, step in done.steps if isinstance(step.action, StopTask)]
    assert [step.reason for step in stops] == ["preempted by shop/web (priority 100)"]
    assert stops[0].decision in {d.id for d in done.decisions if d.kind is DecisionKind.PREEMPT}
    assert [t.state for t in life.tasks("web")] == [TaskState.RUNNING]
    assert len(life.tasks("work", "batch")) == 7
    assert waiting(life, "batch", "work") == 1
    assert not life.estate.marks.yielding


def test_it_starts_when_those_it_makes_way_for_it_have_gone() -> None:
    life = full()
    done = life.up(urgent())
    order = [
        type(step.action) for _, step in done.steps if step.subject == "shop/web.1" or "batch" in step.subject
    ]
    assert order == [StopTask, StartTask]


def test_what_gave_way_comes_again_when_there_is_room() -> None:
    life = full()
    life.up(urgent())
    life.change(Down(), "shop")
    assert len(life.tasks("work", "batch")) == 8
    assert not waiting(life, "batch", "work")


def test_buying_comes_before_preempting_unless_said() -> None:
    life = full(lends=True)
    assert life.plan(Up(graph=urgent(), inputs="")).purchases == {"east/small": 1}
    plan = life.plan(Up(graph=urgent(preempt=Preempt.FIRST), inputs=""))
    assert plan.binding["preempted"] == {"batch/work": 1}
    # What was bought is for the one that gave way.
    assert [s.reason.partition(" ")[0] for s in plan.steps if s.verb == "buy"] == ["batch/work"]


def test_equals_never_preempt_and_who_will_not_does_not() -> None:
    life = full()
    assert life.plan(Up(graph=urgent(priority=0), inputs="")).refusals
    assert life.plan(Up(graph=urgent(preempt=Preempt.NEVER), inputs="")).refusals


def test_who_keeps_a_volume_is_left_alone() -> None:
    life = Life(estate_of([own_host(1)]))
    life.up(graph(service("db", cpu=3000, volumes=["data"]), name="batch"))
    assert life.plan(Up(graph=urgent(cpu=2000), inputs="")).refusals


def test_the_lowest_go_first_and_as_few_as_will_do() -> None:
    life = Life(estate_of([own_host(1, cpu=4000), own_host(2, cpu=4000)]))
    low = service("low", cpu=1000, replicas=2, max_per_host=1, placement={"priority": -10})
    life.up(graph(low, service("mid", cpu=3000, replicas=2, max_per_host=1), name="batch"))
    done = life.up(urgent(cpu=1000))
    stops = [step.subject for _, step in done.steps if isinstance(step.action, StopTask)]
    assert len(stops) == 1
    assert stops[0].startswith("batch/low.")
    done = life.up(graph(service("big", cpu=4000, placement={"priority": 50}), name="big"))
    stops = sorted(s.subject.rpartition(".")[0] for _, s in done.steps if isinstance(s.action, StopTask))
    # Beside the urgent one four cores are free nowhere but on the other host, where all go.
    assert stops == ["batch/low", "batch/mid"]


def test_nothing_thrashes() -> None:
    life = full()
    life.up(urgent(2))
    before = {t.id for t in life.estate.tasks.values()}
    done = life.take()
    assert not done.steps
    assert {t.id for t in life.estate.tasks.values()} == before


def test_of_a_gang_all_go() -> None:
    life = full(hosts=1)
    life.change(Scale(replicas={"work": 2}), "batch")
    life.up(
        graph(service("pair", cpu=1000, replicas=2, placement={"gang": True, "priority": -1}), name="duo")
    )
    done = life.up(urgent())
    stops = sorted(step.subject for _, step in done.steps if isinstance(step.action, StopTask))
    assert stops == ["duo/pair.1", "duo/pair.2"]
    assert waiting(life, "duo", "pair") == 2


def test_a_gang_is_placed_whole_or_not_at_all() -> None:
    life = Life(estate_of([own_host(1)], [cloud(max_hosts=1)]))
    gang = graph(service("work", replicas=9, cpu=1000, placement={"gang": True}), name="batch")
    plan = life.plan(Up(graph=gang, inputs=""), "batch")
    assert [(r.subject, r.count) for r in plan.refusals] == [("batch/work", 9)]
    assert "all or none" in plan.refusals[0].words
    assert not plan.purchases, "nothing is bought for part of a gang"
    eight = msgspec.structs.replace(gang.services["work"], replicas=8)
    plan = life.plan(Up(graph=graph(eight, name="batch"), inputs=""), "batch")
    assert not plan.refusals
    assert plan.purchases == {"east/small": 1}


def test_a_gang_with_a_volume_comes_to_a_host_that_takes_it_whole() -> None:
    life = Life(estate_of([own_host(1, cpu=2000), own_host(2, cpu=4000)]))
    gang = service("work", replicas=3, cpu=1000, volumes=["data"], placement={"gang": True})
    life.up(graph(gang, name="batch"))
    assert len(life.tasks("work", "batch")) == 3
    assert len({t.host for t in life.tasks("work", "batch")}) == 1


def test_a_gang_preempts_for_all_or_for_none() -> None:
    life = full(hosts=1)
    assert life.plan(Up(graph=urgent(5, gang=True), inputs="")).effect.tasks_stopped == 0
    plan = life.plan(Up(graph=urgent(4, gang=True), inputs=""))
    assert plan.effect.tasks_stopped == 4
    assert not plan.refusals


def test_in_one_turn_priority_comes_first() -> None:
    life = Life(estate_of([own_host(1, cpu=2000)]))
    both = graph(
        service("a", cpu=2000), service("b", cpu=2000, placement={"priority": 1, "preempt": Preempt.NEVER})
    )
    life.up(both)
    assert len(life.tasks("b")) == 1
    assert not life.tasks("a")


def test_a_change_is_done_without_what_fitted_nowhere_before() -> None:
    life = Life(estate_of([own_host(1), own_host(2)]))
    life.up(graph(service("db", cpu=1000), service("web", cpu=500)))
    db = service("db", cpu=9000)
    life.up(graph(db, service("web", cpu=500)))
    assert waiting(life, "shop", "db") == 1
    plan = life.plan(Scale(replicas={"web": 2}))
    assert plan.without == ("db",)
    assert not plan.refusals
    assert any("not touched" in words for words in plan.warnings)
    # What touches nothing is about what has no place.
    assert life.plan(Up(graph=graph(db, service("web", cpu=500)), inputs="")).refusals
    # And it is done so, not given up for what it does not touch.
    life.take(
        Intended(
            change=Change(
                id=ChangeId("change-without"),
                stack=life.stack().id,
                stack_name="shop",
                intent=plan.intent,
                state=ChangeState.APPLYING,
                plan=plan.hash,
                actor="ann",
                base=plan.base,
                generation=plan.generation,
                without=plan.without,
            ),
            project="default",
        )
    )
    change = life.estate.changes.get("change-without")
    assert change is not None
    assert change.state is ChangeState.DONE
    assert len(life.tasks("web")) == 2
    assert waiting(life, "shop", "db") == 1
