"""When a change is over: not while what still moves may yet bring it to what was planned."""

from __future__ import annotations

import msgspec
from tests.plan.living import Life, estate_of, own_host
from tests.scenario.graphs import graph, service

from longshore.model.ask import Down, Up
from longshore.model.change import Change
from longshore.model.clock import SECOND, Micros
from longshore.model.holding import HoldingKind
from longshore.model.ids import service_key
from longshore.model.lifecycle import ChangeState, HoldingState, TaskState
from longshore.model.spec import Graph, UpdateOrder, UpdatePolicy
from longshore.plan.agenda import Agenda, Subject

GREEDY = UpdatePolicy(order=UpdateOrder.START_FIRST, parallelism=0, delay=3 * SECOND, monitor=SECOND)


def last_change(life: Life) -> Change:
    found = life.estate.changes.get(life.stack().change or "")
    assert found is not None
    return found


def web(image: str) -> Graph:
    return graph(service("web", replicas=3, cpu=750, image=image, update=GREEDY))


def test_it_does_not_fail_while_its_own_old_tasks_make_room() -> None:
    """Three new beside three old do not fit at once: the last waits for the first two to be done."""
    life = Life(estate_of([own_host(1)]))
    life.up(web("app:1"))
    plan = life.plan(Up(graph=web("app:2"), inputs=""))
    assert not plan.refusals
    life.up(web("app:2"))
    assert last_change(life).state is ChangeState.DONE
    assert {t.generation for t in life.tasks()} == {2}


def test_what_never_fitted_can_be_taken_out_of_the_file() -> None:
    """The refusal of a service that is wanted no longer fails nothing."""
    life = Life(estate_of([own_host(1)]))
    small = graph(service("web"))
    life.up(graph(service("web"), service("big", replicas=2, cpu=3000)))
    assert last_change(life).state is ChangeState.FAILED
    life.up(small)
    assert last_change(life).state is ChangeState.DONE
    assert not life.estate.tasks_of(service_key(life.stack().id, "big"))


def test_what_fits_nowhere_fails_once_all_else_is_at_rest() -> None:
    life = Life(estate_of([own_host(1)]))
    life.up(graph(service("big", cpu=5000), service("web", replicas=2)))
    change = last_change(life)
    assert change.state is ChangeState.FAILED
    assert change.reason.startswith("shop/big: 1 replica does not fit on the one host there is")
    assert [t.ready for t in life.tasks()] == [True, True]


def test_every_turn_begins_with_the_first_kind() -> None:
    """What a rehearsal works off on one estate, the engine works off on a new fork each turn."""
    agenda = Agenda()
    agenda.touch(Subject.CHANGE, "c")
    assert agenda.pop() == (Subject.CHANGE, "c")
    agenda.touch(Subject.CHANGE, "c")
    agenda.touch(Subject.SERVICE, "s")
    agenda.take_due(Micros(0))
    assert agenda.pop() == (Subject.SERVICE, "s")
    assert agenda.pop() == (Subject.CHANGE, "c")
    assert agenda.pop() is None


def test_a_withdrawal_that_ended_with_its_lost_host_keeps_no_task_waiting() -> None:
    life = Life(estate_of([own_host(1)]))
    life.up(graph(service("web", replicas=1)))
    network = next(h for h in life.estate.holdings.values() if h.kind is HoldingKind.NETWORK)
    life.change(Down())
    life.estate.put(msgspec.structs.replace(network, state=HoldingState.WITHDRAWING))
    life.up(graph(service("web", replicas=1)))
    assert [task.state for task in life.tasks("web")] == [TaskState.RUNNING]
