"""Asks, answers, plans, decisions, journal, contents: each verb does what it says."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest

from longshore.model.ask import AddCloud, Answer, Apply, Ask, Down, MakePlan, Up
from longshore.model.batch import Batch, Kind, Noun
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.cloud import Cloud
from longshore.model.decision import Candidate, Decision, DecisionKind
from longshore.model.ids import AskId, ChangeId, DecisionId, HostId, StackId, TaskId
from longshore.model.journal import Entry
from longshore.model.lifecycle import ChangeState, TaskState
from longshore.model.money import Money, Total
from longshore.model.plan import Plan, PlanStep
from longshore.model.spec import Graph, ImageRef, ServiceSpec
from longshore.model.task import Task
from longshore.store import Store


def an_ask(number: int, at: int = 1) -> Ask:
    return Ask(id=AskId(f"ask-{number}"), at=Micros(at), actor="ann", body=Apply(plan=f"{number:064x}"))


def an_entry(number: int, *, at: int = 1, stack: str = "", change: str | None = None) -> Entry:
    return Entry(
        at=Micros(at),
        kind="task.running",
        subject=f"shop/web.{number}",
        words="it runs",
        stack=stack,
        change=ChangeId(change) if change else None,
        facts={"number": number},
    )


def a_plan(hash_: str, at: int = 1) -> Plan:
    return Plan(
        hash=hash_,
        stack="shop",
        intent=Down(),
        generation=2,
        base=1,
        at=Micros(at),
        steps=(PlanStep(verb="stop", subject="shop/web.1", place="h1", reason="asked"),),
        price=Total.of([Money(5), None]),
        binding={"actions": ["stop"], "base": 1},
    )


def a_decision(number: int, *, at: int = 1, subject: str = "shop/web") -> Decision:
    return Decision(
        id=DecisionId(f"decision-{number}"),
        at=Micros(at),
        kind=DecisionKind.PLACE,
        subject=subject,
        words="h1 is the cheapest of 3",
        chosen=(Candidate(host="host-1", name="h1", terms={"price": 0.5}),),
    )


def a_task(number: int, decision: str | None = None) -> Task:
    return Task(
        id=TaskId(f"task-{number}"),
        stack=StackId("stack-1"),
        service="web",
        slot=number,
        digest="d",
        generation=1,
        host=HostId("host-1"),
        state=TaskState.RUNNING,
        decision=DecisionId(decision) if decision else None,
    )


def a_change(number: int, state: ChangeState, stack: str = "stack-1", plan: str = "") -> Change:
    return Change(
        id=ChangeId(f"change-{number:04}"),
        stack=StackId(stack),
        stack_name="shop",
        intent=Up(graph=Graph(name="shop"), inputs="i"),
        state=state,
        plan=plan,
        actor="ann",
        base=number,
        generation=number + 1,
        ceiling=Total(),
    )


def by_id(*changes: Change) -> dict[str, Noun]:
    return {change.id: change for change in changes}


def test_asks_are_numbered_in_order_and_appended_once(store: Store) -> None:
    spec = ServiceSpec(name="web", image=ImageRef(name="web"))
    plan = MakePlan(
        project="default",
        stack="shop",
        intent=Up(graph=Graph(name="shop", services={"web": spec}), inputs="i"),
    )
    asks = [
        an_ask(1),
        Ask(id=AskId("ask-2"), at=Micros(2), actor="bob", body=plan),
        Ask(
            id=AskId("ask-3"),
            at=Micros(3),
            actor="bob",
            body=AddCloud(cloud=Cloud(name="sim", driver="sim", price=Money(3))),
        ),
    ]
    assert [store.append_ask(ask) for ask in asks] == [1, 2, 3]
    assert store.append_ask(asks[1]) == 2
    numbered = [msgspec.structs.replace(ask, seq=seq) for seq, ask in enumerate(asks, 1)]
    assert store.asks_after(0) == numbered
    assert store.asks_after(1, limit=1) == numbered[1:2]
    assert store.asks_after(3) == []


def test_how_far_asks_were_taken_in_is_loaded_again(store: Store) -> None:
    assert store.load().asks_until == 0
    store.commit(Batch(asks_until=7))
    store.commit(Batch(entries=(an_entry(1),)))
    assert store.load().asks_until == 7


def test_an_answer_is_there_when_committed(store: Store) -> None:
    result = msgspec.Raw(b'{"code":"x","facts":{"n":1}}')
    answer = Answer(ask=AskId("ask-1"), at=Micros(5), status=3, result=result)
    assert store.answer("ask-1") is None
    store.commit(Batch(answers=(answer,)))
    found = store.answer("ask-1")
    assert found is not None
    assert bytes(found.result) == bytes(result)
    assert (found.ask, found.at, found.status) == ("ask-1", 5, 3)


def test_the_journal_is_numbered_in_commit_order(store: Store) -> None:
    entries = [an_entry(n, stack="ab"[n % 2], change="c1" if n > 2 else None) for n in range(6)]
    assert store.last_seq() == 0
    assert store.commit(Batch(entries=tuple(entries[:4]))) == 4
    assert store.commit(Batch(asks_until=1)) == 4
    assert store.commit(Batch()) == 4
    assert store.commit(Batch(entries=tuple(entries[4:]))) == 6
    numbered = [msgspec.structs.replace(entry, seq=seq) for seq, entry in enumerate(entries, 1)]
    assert store.last_seq() == 6
    assert store.journal() == numbered
    assert store.journal(after=4) == numbered[4:]
    assert store.journal(after=1, limit=2) == numbered[1:3]
    assert store.journal(stack="a") == numbered[0::2]
    assert store.journal(change="c1") == numbered[3:]
    assert store.journal(stack="b", change="c1", after=4) == numbered[5:]
    assert store.journal_tail(2) == numbered[4:]
    assert store.journal_tail(2, stack="a") == [numbered[2], numbered[4]]


def test_plans_are_found_by_prefix_newest_first(store: Store) -> None:
    old, new, other = a_plan("abc1", at=1), a_plan("abc2", at=2), a_plan("b%_3", at=3)
    store.commit(Batch(plans=(old, new)))
    store.commit(Batch(plans=(other,)))
    assert store.plan("abc") == [new, old]
    assert store.plan("abc1") == [old]
    assert store.plan("b%") == [other]
    assert store.plan("%") == []
    assert store.plan("_") == []
    assert store.plan("") == []
    assert store.plans(2) == [other, new]
    again = a_plan("abc1", at=9)
    store.commit(Batch(plans=(old, again)))
    assert store.plans(1) == [again]


def test_decisions_come_in_the_order_asked_or_newest_first(store: Store) -> None:
    decisions = [a_decision(n, at=n // 2, subject="shop/web" if n < 4 else "h1") for n in range(5)]
    store.commit(Batch(decisions=tuple(decisions)))
    assert store.decisions(["decision-3", "nothing", "decision-0"]) == [decisions[3], decisions[0]]
    assert store.decisions([]) == []
    assert store.decisions_of("shop/web", 3) == [decisions[3], decisions[2], decisions[1]]
    assert store.decisions_of("nobody") == []


def test_contents_are_kept_once(store: Store) -> None:
    store.put_contents({"d1": "grün\n", "d2": ""})
    store.put_contents({"d1": "grün\n", "d3": "x"})
    assert store.contents(["d1", "d2", "d4"]) == {"d1": "grün\n".encode(), "d2": b""}
    assert store.contents([]) == {}


def test_only_the_newest_finished_changes_are_loaded(store: Store) -> None:
    finished = [a_change(n, ChangeState.DONE) for n in range(60)]
    other = a_change(100, ChangeState.FAILED, stack="stack-2")
    still_open = a_change(1000, ChangeState.APPLYING)
    oldest_open = a_change(2000, ChangeState.APPLYING, stack="stack-2")
    store.commit(Batch(puts={Kind.CHANGE: by_id(*finished, other, still_open, oldest_open)}))
    assert store.load().nouns[Kind.CHANGE] == [*finished[10:], other, still_open, oldest_open]
    assert len(store.nouns(Kind.CHANGE)) == 63


def test_a_batch_is_whole_or_not_there(store: Store) -> None:
    bad = msgspec.structs.replace(an_entry(2), facts={"n": object()})
    tasks: dict[str, Noun] = {"task-1": a_task(1)}
    with pytest.raises(TypeError):
        store.commit(Batch(puts={Kind.TASK: tasks}, entries=(an_entry(1), bad), asks_until=5))
    assert store.load().asks_until == 0
    assert store.nouns(Kind.TASK) == []
    assert store.commit(Batch(puts={Kind.TASK: tasks}, entries=(an_entry(1),))) == 1


def test_pruning_takes_what_is_old_and_keeps_what_is_needed(store: Store) -> None:
    for number in (1, 2, 3):
        store.append_ask(an_ask(number, at=number))
    raw = msgspec.Raw(b"1")
    answers = tuple(Answer(ask=AskId(f"ask-{n}"), at=Micros(n), status=0, result=raw) for n in (1, 9))
    store.commit(
        Batch(
            puts={
                Kind.TASK: {"task-1": a_task(1, decision="decision-1")},
                Kind.CHANGE: by_id(a_change(1, ChangeState.DONE, plan="aa")),
            },
            decisions=(a_decision(1), a_decision(2), a_decision(3, at=9)),
            plans=(a_plan("aa"), a_plan("bb"), a_plan("cc", at=9)),
            answers=answers,
            entries=tuple(an_entry(n, at=n) for n in (1, 2, 3)),
            asks_until=2,
        )
    )
    store.prune(Micros(5))
    assert [ask.id for ask in store.asks_after(0)] == ["ask-3"], "it has not been taken in"
    assert store.answer("ask-1") is None
    assert store.answer("ask-9") is not None
    assert [plan.hash for plan in store.plans()] == ["cc", "aa"]
    assert [d.id for d in store.decisions_of("shop/web")] == ["decision-3", "decision-1"]
    assert [entry.seq for entry in store.journal()] == [3]
    assert store.commit(Batch(entries=(an_entry(4),))) == 4


def test_a_pruned_number_is_never_given_again(store: Store) -> None:
    """Else the engine, which has taken in asks up to it, would overlook the next ask."""
    store.append_ask(an_ask(1))
    store.commit(Batch(asks_until=1))
    store.prune(Micros(5))
    assert store.asks_after(0) == []
    assert store.append_ask(an_ask(2)) == 2


def test_pruning_goes_in_small_steps(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longshore.store.store.PRUNED_AT_ONCE", 7)
    store.commit(Batch(entries=tuple(an_entry(n, at=n) for n in range(1, 51))))
    store.prune(Micros(31))
    assert [entry.seq for entry in store.journal()] == list(range(31, 51))


def test_readers_see_the_last_commit_while_another_is_written(store: Store) -> None:
    store.commit(Batch(puts={Kind.TASK: {"task-1": a_task(1)}}))
    with store._database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM task")
        assert len(store.nouns(Kind.TASK)) == 1
    assert store.nouns(Kind.TASK) == []


def test_many_threads_may_ask_and_read_at_once(store: Store) -> None:
    def work(worker: int) -> None:
        for n in range(20):
            store.append_ask(an_ask(worker * 100 + n))
            store.asks_after(0)
            store.commit(Batch(entries=(an_entry(n),)))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ask.seq for ask in store.asks_after(0, limit=1000)] == list(range(1, 121))
    assert [entry.seq for entry in store.journal()] == list(range(1, 121))


def test_what_was_committed_is_there_after_opening_again(store: Store, path: Path) -> None:
    store.commit(Batch(puts={Kind.TASK: {"task-1": a_task(1)}}, entries=(an_entry(1),)))
    store.close()
    again = Store.open(str(path), cell="cell-2")
    try:
        assert again.cell == "cell-1"
        assert again.load().nouns[Kind.TASK] == [a_task(1)]
        assert again.commit(Batch(entries=(an_entry(2),))) == 2
    finally:
        again.close()
