"""Whatever is put, dropped, forked and adopted: every index is what a look at all nouns would give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.living import cloud, own_host, tables_of
from tests.scenario.graphs import graph, service
from tests.schedule.drawing import DRAWN, Digits, Place
from tests.schedule.test_fleet import seen

from longshore.model.ask import Rollback
from longshore.model.batch import NOUNS, Kind, Noun, key_of
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.cloud import Pool
from longshore.model.holding import Holding, HoldingKind
from longshore.model.host import Host
from longshore.model.ids import ChangeId, StackId, StepId, TaskId, service_key
from longshore.model.lifecycle import (
    OCCUPYING,
    ChangeState,
    HoldingState,
    HostState,
    StackState,
    StepState,
    TaskState,
)
from longshore.model.stack import Service, Stack
from longshore.model.step import BuyHost, Provide, StartTask, Step, StopTask
from longshore.model.task import Task
from longshore.plan.estate import Estate, place_of, subject_of
from longshore.schedule.fleet import Fleet

N = TypeVar("N", bound=Noun)

HOSTS = [own_host(n) for n in (1, 2, 3)]
STACKS = [StackId("stack-1"), StackId("stack-2")]
GRAPHS = [graph(service("web"), service("db", volumes=["data"])), graph(service("web"), service("api"))]


def task(d: Digits) -> Task:
    """A task keeps its stack, service, host and claims for life; only its state moves."""
    number = d.of(*range(6))
    return Task(
        id=TaskId(f"task-{number}"),
        stack=STACKS[number % 2],
        service=["web", "db", "api"][number % 3],
        slot=number,
        digest="d",
        generation=1,
        host=HOSTS[number % 3].id,
        state=d.of(*TaskState),
        cpu=100 * number,
        memory=1000 * number,
        ports=("80/tcp",) if number == 1 else (),
        ended_at=Micros(d.of(0, 0, 7)),
    )


def step(d: Digits) -> Step:
    number = d.of(*range(6))
    host = HOSTS[number % 3].id
    actions = (
        StartTask(
            host=host, task=TaskId(f"task-{number}"), stack=STACKS[0], service="web", slot=1, digest="d"
        ),
        StopTask(host=host, task=TaskId(f"task-{number}"), grace=1),
        Provide(host=host, holding=HoldingKind.NETWORK, name=f"net-{number}"),
        BuyHost(host=host, name="h", cloud="east", quote=cloud("east").offers[0]),
    )
    return Step(
        id=StepId(f"step-{number}"),
        action=actions[number % 4],
        subject="s",
        reason="",
        at=Micros(0),
        state=d.of(*StepState),
    )


def host(d: Digits) -> Host:
    state = d.of(HostState.READY, HostState.BOOTING)
    return msgspec.structs.replace(d.of(*HOSTS), state=state, draining=d.of(False, True))


def stack(d: Digits) -> Stack:
    number = d.of(0, 1)
    return Stack(
        id=STACKS[number],
        project="default",
        name=f"shop-{number}",
        generation=1,
        state=StackState.ACTIVE,
        graph=d.of(*GRAPHS),
    )


def memory(d: Digits) -> Service:
    key = service_key(d.of(*STACKS), d.of("web", "db", "api"))
    return Service(key=key, unplaced=d.of(0, 2), waiting=d.of("", "room"))


def holding(d: Digits) -> Holding:
    number = d.of(*range(4))
    return Holding(
        host=d.of(*HOSTS).id,
        kind=d.of(*HoldingKind),
        name=f"net-{number}",
        state=d.of(*HoldingState),
        stack=(*STACKS, None, None)[number],
    )


def change(d: Digits) -> Change:
    return Change(
        id=ChangeId(f"change-{d.of(1, 2)}"),
        stack=STACKS[0],
        stack_name="shop",
        intent=Rollback(),
        state=ChangeState.APPLYING,
        plan="",
        actor="ann",
        base=0,
        generation=1,
    )


MAKERS: dict[Kind, Callable[[Digits], Noun]] = {
    Kind.CLOUD: lambda d: cloud(d.of("east", "west")),
    Kind.POOL: lambda d: Pool(name=d.of("default", "other")),
    Kind.HOST: host,
    Kind.STACK: stack,
    Kind.SERVICE: memory,
    Kind.TASK: task,
    Kind.HOLDING: holding,
    Kind.CHANGE: change,
    Kind.STEP: step,
}


def noun_of(d: Digits) -> Noun:
    """Any kind of noun, those with the most indexes most often."""
    return MAKERS[d.of(*Kind, Kind.TASK, Kind.TASK, Kind.STEP, Kind.HOLDING, Kind.SERVICE)](d)


class Mirror:
    """An estate, and the same nouns in plain maps."""

    def __init__(self) -> None:
        self.estate = Estate()
        self.nouns: dict[Kind, dict[str, Noun]] = {kind: {} for kind in Kind}
        for host in HOSTS:
            self.put(host)

    def fork(self) -> Mirror:
        other = Mirror.__new__(Mirror)
        other.estate = self.estate.fork()
        other.nouns = {kind: table.copy() for kind, table in self.nouns.items()}
        return other

    def act(self, d: Digits) -> None:
        noun = noun_of(d)
        kind = next(k for k, t in NOUNS.items() if isinstance(noun, t))
        there = self.nouns[kind].get(key_of(noun))
        if d.odds(4):
            self._drop(kind, there)
        else:
            self.put(_fitting(noun, there, self.nouns))

    def put(self, noun: Noun | None) -> None:
        if noun is None:
            return
        self.estate.put(noun)
        kind = next(k for k, t in NOUNS.items() if isinstance(noun, t))
        self.nouns[kind][key_of(noun)] = noun
        if isinstance(noun, Stack):
            # A stack brings its services' records with it.
            for name in noun.graph.services:
                key = service_key(noun.id, name)
                self.nouns[Kind.SERVICE].setdefault(key, Service(key=key))

    def _drop(self, kind: Kind, noun: Noun | None) -> None:
        if noun is None or (kind is Kind.HOST and self._busy(noun)):
            return
        self.estate.drop(noun)
        del self.nouns[kind][key_of(noun)]

    def _busy(self, host: Noun) -> bool:
        """Hosts go last: tasks and holdings are forgotten before."""
        assert isinstance(host, Host)
        there = [*self.nouns[Kind.TASK].values(), *self.nouns[Kind.HOLDING].values()]
        return any(n.host == host.id for n in there if isinstance(n, Task | Holding))

    def check(self) -> None:
        estate, nouns = self.estate, self.nouns
        for kind, table in tables_of(estate).items():
            assert dict(zip(table, table.values(), strict=True)) == nouns[kind], kind
        tasks, hosts = _all(nouns, Task), _all(nouns, Host)
        for stack in STACKS:
            keys = {s.key for s in _all(nouns, Service) if s.key.startswith(f"{stack}/")}
            assert set(estate.services_of(stack)) == keys
            held = {h.key for h in _all(nouns, Holding) if h.stack == stack}
            assert {h.key for h in estate.holdings_of(stack)} == held
            for name in ("web", "db", "api"):
                found = {t.id for t in tasks if t.key == f"{stack}/{name}"}
                assert {t.id for t in estate.tasks_of(service_key(stack, name))} == found
        for host in HOSTS:
            assert {t.id for t in estate.tasks_on(host.id)} == {t.id for t in tasks if t.host == host.id}
            held = {h.key for h in _all(nouns, Holding) if h.host == host.id}
            assert {h.key for h in estate.holdings_on(host.id)} == held
            assert estate.host_named(host.name) == nouns[Kind.HOST].get(host.id)
        steps = _all(nouns, Step)
        for place in (*(h.id for h in HOSTS), "east"):
            found_steps = {s.id for s in steps if s.state is StepState.UNSETTLED and place_of(s) == place}
            assert {s.id for s in estate.unsettled(place)} == found_steps
        for one in steps:
            assert estate.open_step(subject_of(one)) == one
        waiting = {s.key for s in _all(nouns, Service) if s.unplaced}
        assert set(estate.waiting()) == waiting
        for found_stack in _all(nouns, Stack):
            assert estate.stack_named("default", found_stack.name) == found_stack
            assert set(estate.links_of(found_stack.id)) == set(found_stack.graph.services)
        assert seen(estate.fleet) == seen(_rebuilt(estate, hosts, tasks))


def _fitting(noun: Noun, there: Noun | None, nouns: dict[Kind, dict[str, Noun]]) -> Noun | None:
    """What keeps to the estate's own rules: tasks stay where they are; steps take turns on a noun."""
    if isinstance(noun, Task):
        if isinstance(there, Task):
            return msgspec.structs.replace(there, state=noun.state, ended_at=noun.ended_at)
        return noun if noun.host in nouns[Kind.HOST] else None
    if isinstance(noun, Holding):
        return noun if noun.host in nouns[Kind.HOST] else None
    if isinstance(noun, Step):
        others = [s for s in _all(nouns, Step) if s.id != noun.id]
        return None if any(subject_of(s) == subject_of(noun) for s in others) else noun
    return noun


def _all(nouns: dict[Kind, dict[str, Noun]], kind: type[N]) -> list[N]:
    return [n for table in nouns.values() for n in table.values() if isinstance(n, kind)]


def _rebuilt(estate: Estate, hosts: Iterable[Host], tasks: Iterable[Task]) -> Fleet:
    order = sorted(hosts, key=lambda h: estate.fleet.rows[h.id])
    return Place(order, [t for t in tasks if t.state in OCCUPYING and not t.ended_at]).fleet


@settings(max_examples=150)
@given(st.lists(DRAWN, max_size=40))
def test_indexes_equal_a_look_at_everything(drawn: list[Digits]) -> None:
    mirror = Mirror()
    for d in drawn:
        mirror.act(d)
    mirror.check()


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from([0, 0, 1, 2, "fork", "adopt", "load"]), DRAWN), max_size=30))
def test_forks_and_adoptions(drawn: list[tuple[int | str, Digits]]) -> None:
    """Up to two forks beside the main one, written in turn; one of them is adopted now and then."""
    main, forks = Mirror(), list[Mirror]()
    for what, d in drawn:
        match what:
            case "fork" if len(forks) < 2:
                forks.append(main.fork())
            case "adopt" if forks:
                chosen = forks.pop()
                main.estate.adopt(chosen.estate)
                main.nouns = chosen.nouns
                forks = []
            case "load" if not forks:
                loaded = Mirror()
                loaded.estate = Estate()
                for kind in Kind:
                    loaded.estate.load(main.nouns[kind].values())
                loaded.nouns = main.nouns
                assert not loaded.estate.written
                loaded.check()
            case int() as which if which and which <= len(forks):
                forks[which - 1].act(d)
            case 0 if not forks:
                main.act(d)
    main.check()
    for fork in forks:
        fork.check()


def test_what_was_written_is_remembered() -> None:
    mirror = Mirror()
    fork = mirror.estate.fork()
    assert fork.written == {}
    east = cloud("east")
    fork.put(east)
    fork.drop(HOSTS[2])
    assert fork.written == {Kind.CLOUD: {"east": east}, Kind.HOST: {HOSTS[2].id: None}}
    assert mirror.estate.clouds.get("east") is None
    assert mirror.estate.hosts.get(HOSTS[2].id) == HOSTS[2]
    assert HOSTS[2].id in mirror.estate.fleet.rows
