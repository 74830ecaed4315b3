"""What no plan ever does, at no time of its rehearsal: over random small estates, graphs and changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.drawing import WORLDS, graph_of, intent_of, life_of, lose
from tests.plan.living import Life, estate_of, own_host
from tests.scenario.graphs import graph, service
from tests.schedule.drawing import DRAWN, Digits

from longshore.govern.bill import BILLED, bill
from longshore.model.ask import Down, Up
from longshore.model.change import Change
from longshore.model.clock import SECOND
from longshore.model.cloud import Pool
from longshore.model.holding import HoldingKind
from longshore.model.ids import ChangeId, ServiceKey, StackId
from longshore.model.lifecycle import OCCUPYING, ChangeState, HoldingState, TaskState
from longshore.model.money import Total
from longshore.model.plan import Plan
from longshore.model.report import Intended
from longshore.model.spec import Graph, ServiceSpec, UpdateOrder, UpdatePolicy, volumes_of
from longshore.model.task import Task
from longshore.plan import rehearse as rehearsing
from longshore.plan.converge import converge
from longshore.plan.estate import Estate
from longshore.plan.turn import Turn
from longshore.schedule.standing import holds

Check = Callable[[Estate], None]


@contextmanager
def watched(*checks: Check) -> Iterator[None]:
    """Hold the estate against checks after every turn of the rehearsals within."""

    def and_check(turn: Turn) -> None:
        converge(turn)
        for check in checks:
            check(turn.estate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rehearsing, "converge", and_check)
        yield


# The rules


def no_host_is_overcommitted(estate: Estate) -> None:
    """Who waits for others to make way does not fit beside them, but has to without them."""
    waits = {task.id for task in estate.tasks.values() if task.after and task.state is TaskState.PLACED}
    _no_more_than_there_is(estate, waits)
    gone = {victim for waiter in estate.tasks.many(sorted(waits)) for victim in waiter.after}
    _no_more_than_there_is(estate, gone)


def _no_more_than_there_is(estate: Estate, left_out: Collection[str]) -> None:
    used: Counter[tuple[str, str]] = Counter()
    for task in estate.tasks.values():
        if task.state in OCCUPYING and not task.ended_at and task.id not in left_out:
            used[task.host, "cpu"] += task.cpu
            used[task.host, "memory"] += task.memory
            for port in task.ports:
                used[task.host, port] += 1
    for (host_id, what), amount in used.items():
        host = estate.hosts.get(host_id)
        assert host is not None
        room = {"cpu": host.capacity.cpu, "memory": host.capacity.memory}.get(what, 1)
        assert amount <= room, f"{host.name}: {amount} of {room} {what}"


def no_rule_is_broken(estate: Estate) -> None:
    """Constraints, the limit per host, and volumes, for all tasks of what is wanted now."""
    for stack in estate.stacks.values():
        for name, spec in stack.graph.services.items():
            key = ServiceKey(f"{stack.id}/{name}")
            memory = estate.services.get(key)
            tasks = [t for t in estate.tasks_of(key) if t.alive and memory and t.digest == memory.digest]
            for task in tasks:
                _on_its_place(estate, task, spec)
            per_host = Counter(t.host for t in tasks)
            limit = spec.placement.max_per_host
            assert not limit or max(per_host.values(), default=0) <= limit


def _on_its_place(estate: Estate, task: Task, spec: ServiceSpec) -> None:
    host = estate.hosts.get(task.host)
    assert host is not None
    assert all(holds(c, host) for c in spec.placement.constraints)
    held = {h.resource for h in estate.holdings_on(host.id) if h.kind is HoldingKind.VOLUME}
    assert set(volumes_of(spec)) <= held


def no_limit_is_passed(pool: Pool) -> Check:
    def check(estate: Estate) -> None:
        lent = [h for h in estate.hosts.values() if not h.own and h.state in BILLED]
        for found in estate.clouds.values():
            here = [h for h in lent if h.cloud == found.name]
            assert not found.max_hosts or len(here) <= found.max_hosts
            assert found.max_price is None or bill(here).within(Total.of([found.max_price]))
        assert not pool.max_hosts or len(lent) <= pool.max_hosts
        assert pool.max_price is None or bill(lent).within(pool.max_price)

    return check


def volumes(estate: Estate) -> set[str]:
    there = {HoldingState.PRESENT, HoldingState.WITHDRAWING}
    return {
        key
        for key, h in zip(estate.holdings, estate.holdings.values(), strict=True)
        if h.kind is HoldingKind.VOLUME and h.state in there
    }


def no_volume_goes(there: set[str]) -> Check:
    """Volumes that were there, and those made meanwhile, stay."""

    def check(estate: Estate) -> None:
        now = volumes(estate)
        assert there <= now, f"deleted unasked: {there - now}"
        there.update(now)

    return check


# The plans


@settings(max_examples=120)
@given(WORLDS)
def test_no_plan_overcommits_breaks_a_rule_passes_a_limit_or_deletes_a_volume(
    world: tuple[Digits, Digits, list[Digits]],
) -> None:
    life, pool = life_of(world[0])
    there: set[str] = set()
    with watched(
        no_host_is_overcommitted, no_rule_is_broken, no_limit_is_passed(pool), no_volume_goes(there)
    ):
        life.up(graph_of(world[1]))
        for d in world[2]:
            answering = [h for h in life.estate.hosts.values() if h.answers]
            if d.odds(3) and answering:
                lose(life, d.of(*answering))
            else:
                life.change(intent_of(d, life.stack().graph))
    assert volumes(life.estate) == there


def test_volumes_go_when_that_was_asked_for() -> None:
    life = Life(estate_of([own_host(1)]))
    life.up(graph(service("db", volumes=["data"])))
    assert len(volumes(life.estate)) == 1
    life.change(Down(volumes=True))
    assert not volumes(life.estate)


@settings(max_examples=80)
@given(st.integers(1, 6), st.integers(0, 3), st.sampled_from(list(UpdateOrder)), DRAWN)
def test_an_update_takes_down_no_more_than_its_parallelism(
    replicas: int, parallelism: int, order: UpdateOrder, d: Digits
) -> None:
    update = UpdatePolicy(parallelism=parallelism, order=order, monitor=SECOND, delay=d.of(0, SECOND))
    healthy, cpu = d.of(False, True), d.of(500, 1000, 1500)

    def version(number: int) -> Graph:
        return graph(
            service("web", replicas=replicas, image=f"app:{number}", update=update, healthy=healthy, cpu=cpu)
        )

    life = Life(estate_of([own_host(1), own_host(2, cpu=8000)]))
    life.up(version(1))
    ready = sum(t.ready for t in life.tasks())
    most = {"down": 0, "extra": 0}

    def count(estate: Estate) -> None:
        tasks = [t for t in estate.tasks.values() if t.alive]
        most["down"] = max(most["down"], ready - len({t.slot for t in tasks if t.ready}))
        most["extra"] = max(most["extra"], len(tasks) - ready)

    with watched(count, no_host_is_overcommitted):
        life.up(version(2))
    allowed = parallelism or replicas
    if order is UpdateOrder.START_FIRST:
        assert most["down"] == 0
        assert most["extra"] <= allowed
    else:
        assert most["down"] <= allowed
        assert most["extra"] <= 0
    if order is UpdateOrder.STOP_FIRST:
        assert {t.generation for t in life.tasks()} == {2}


@settings(max_examples=80)
@given(WORLDS)
def test_a_change_buys_no_more_than_its_plan_says(world: tuple[Digits, Digits, list[Digits]]) -> None:
    """Even where a host is lost between the plan and its end, so that more would be needed."""
    life, pool = life_of(world[0])
    asked = graph_of(world[1])
    plan = life.plan(Up(graph=asked, inputs=""))
    if world[2][0].odds(2):
        lose(life, world[2][0].of(*life.estate.hosts.values()))
    before = bill(h for h in life.estate.hosts.values() if not h.own)

    def within(estate: Estate) -> None:
        lent = [h for h in estate.hosts.values() if not h.own and h.state in BILLED]
        assert bill(lent).within(plan.ceiling.plus(before)), "above the ceiling"
        bought = Counter(f"{h.cloud}/{h.flavor}" for h in lent)
        assert not bought - Counter(plan.purchases), "more than was planned"

    with watched(within, no_limit_is_passed(pool), no_host_is_overcommitted):
        life.take(bounded(plan))


def bounded(plan: Plan) -> Intended:
    """The change that applying a plan opens."""
    change = Change(
        id=ChangeId("change-bounded"),
        stack=StackId(""),
        stack_name=plan.stack,
        intent=plan.intent,
        state=ChangeState.APPLYING,
        plan=plan.hash,
        actor="ann",
        base=plan.base,
        generation=plan.generation,
        ceiling=plan.ceiling,
        purchases=plan.purchases,
        without=plan.without,
    )
    return Intended(change=change, project="default")


@settings(max_examples=60)
@given(WORLDS)
def test_what_is_planned_is_what_comes(world: tuple[Digits, Digits, list[Digits]]) -> None:
    """Carried out in a world that did not move, a plan ends at its price and with its purchases."""
    life, _ = life_of(world[0])
    life.up(graph_of(world[1]))
    intent = intent_of(world[2][0], life.stack().graph)
    plan = life.plan(intent)
    again = life.plan(intent)
    assert plan == again
    done = life.take(bounded(plan))
    assert bill(done.end.hosts.values()) == plan.price
    bought = done.end.changes.get("change-bounded")
    assert bought is not None
    assert bought.bought == plan.purchases
    if plan.quiet and not plan.refusals:
        assert bought.state is ChangeState.DONE, bought.reason
