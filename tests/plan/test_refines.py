"""Performed refines assumed: each kind of step, done to a simulator without faults, ends in the nouns
that were assumed, but for unknowns, times, foreign ids and published ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar, get_args

import msgspec
import pytest
from tests.plan.living import POOL, START, tables_of
from tests.scenario.graphs import NEVER, graph, service

from longshore.engine.perform import Performer
from longshore.model.ask import Down, Intent, Restart, Scale, Up
from longshore.model.batch import Kind, key_of
from longshore.model.change import Change
from longshore.model.clock import HOUR, SECOND, Micros
from longshore.model.cloud import Cloud
from longshore.model.host import Host, Quote
from longshore.model.ids import ChangeId, HostId, Ids, StackId
from longshore.model.lifecycle import ChangeState
from longshore.model.mesh import Membership
from longshore.model.report import CloudSeen, HostSeen, Input, Intended, Outcome
from longshore.model.seams import Engine
from longshore.model.spec import Awaited
from longshore.model.step import Action, BuyHost, ReleaseHost, RestartTask, StartTask, Step
from longshore.model.task import Task
from longshore.plan.assume import assume
from longshore.plan.converge import converge
from longshore.plan.estate import Estate
from longshore.plan.intake import take_in
from longshore.plan.propose import VERBS
from longshore.plan.turn import Turn
from longshore.provider.simulator import SimClock, SimulatedCloud, run_virtual
from longshore.store import Store

P = ParamSpec("P")
T = TypeVar("T")

KINDS: tuple[type, ...] = get_args(Action)

CLOUDS = (
    Cloud(name="home", driver="sim", own=True, settings={"hosts": "1", "latency": "0", "mesh": "yes"}),
    Cloud(
        name="east",
        driver="sim",
        settings={"flavors": "small:4:8GiB:0.02", "boot": "20s", "latency": "0", "mesh": "yes"},
    ),
)

TIMES: dict[type, tuple[str, ...]] = {
    Cloud: ("looked_at",),
    Host: ("requested_at", "ready_at", "home_since", "idle_since", "silent_since"),
    Task: ("placed_at", "started_at", "ready_at", "ended_at"),
    Change: ("at", "ended_at"),
    Quote: ("at",),
}
"""Fields that are times: they need only agree in whether they are set."""

WORLDLY: dict[type, tuple[str, ...]] = {
    Host: ("foreign_id", "address", "engine"),
    Task: ("foreign_id", "published"),
    Membership: ("node", "mesh", "address", "members"),
}
"""Fields that only the world can tell."""

Nouns = dict[tuple[Kind, str], dict[str, object]]


def fields_of(value: msgspec.Struct) -> dict[str, object]:
    """A struct's fields without what may differ."""
    fields = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    for name in TIMES.get(type(value), ()):
        fields[name] = bool(fields[name])
    for name in WORLDLY.get(type(value), ()):
        del fields[name]
    return fields


def plain(value: object) -> object:
    """The same for whatever a field may hold."""
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    return fields_of(value) if isinstance(value, msgspec.Struct) else value


def nouns_of(estate: Estate) -> Nouns:
    return {
        (kind, key_of(noun)): fields_of(noun)
        for kind, table in tables_of(estate).items()
        for noun in table.values()
    }


class Provider:
    """Two simulated clouds without faults."""

    def __init__(self, clock: SimClock) -> None:
        self.clouds = {c.name: SimulatedCloud(c.name, c.settings, clock, "cell-1") for c in CLOUDS}

    def drivers(self) -> dict[str, str]:
        return {"sim": "simulated"}

    def cloud(self, name: str, driver: str, settings: dict[str, str]) -> SimulatedCloud:
        del driver, settings
        return self.clouds[name]

    def engine(self, cloud: str, host: HostId, address: str) -> Engine:
        return self.clouds[cloud].engine(host, address)

    async def close(self) -> None:
        for world in self.clouds.values():
            await world.close()


async def in_place(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    return call(*args, **kwargs)


class Stand:
    """Takes each step that the planner decides twice: assumed on a fork, and performed."""

    def __init__(self, store: Store) -> None:
        self.clock = SimClock()
        self.provider = Provider(self.clock)
        self.ids = Ids(1 << 64)
        self.outcomes: asyncio.Queue[Outcome] = asyncio.Queue()
        self.performer = Performer(
            provider=self.provider,
            store=store,
            clock=self.clock,
            cell="cell-1",
            blocking=in_place,
            hand_on=self.outcomes.put_nowait,
        )
        self.estate = Estate()
        self.estate.load([POOL, *CLOUDS])
        self.found: dict[type, list[tuple[Step, Nouns, Nouns]]] = {}

    async def live(self, *inputs: Input) -> None:
        """Take inputs in, and do what is decided until nothing is left to do."""
        waiting = list(inputs)
        while True:
            turn = self._turn(self.estate, waiting)
            converge(turn)
            waiting = []
            for step in turn.steps:
                if step.id in self.estate.steps:
                    await self._take(step)
            if self.estate.agenda.busy:
                continue
            due = self.estate.agenda.next_due()
            if due is None:
                return
            await self.clock.sleep(due - self.clock.now())

    async def change(self, intent: Intent) -> None:
        old = self.estate.stack_named("default", "shop")
        change = Change(
            id=ChangeId(self.ids.new("change")),
            stack=StackId(""),
            stack_name="shop",
            intent=intent,
            state=ChangeState.APPLYING,
            plan="",
            actor="ann",
            base=0 if old is None else old.generation,
            generation=0,
        )
        await self.live(Intended(change=change, project="default"))

    async def look(self, name: str) -> Input:
        """A look at a cloud."""
        began = self.clock.now()
        hosts, offers = await self.provider.clouds[name].hosts(), await self.provider.clouds[name].offers()
        return CloudSeen(cloud=name, began=began, at=self.clock.now(), hosts=hosts, offers=offers)

    async def look_at(self, host: Host) -> Input:
        """A look at a host."""
        report = await self.provider.engine(host.cloud, host.id, host.address).look()
        return HostSeen(report=msgspec.structs.replace(report, host=host.id))

    def _turn(self, estate: Estate, inputs: list[Input]) -> Turn:
        turn = Turn(estate, self.clock.now(), self.ids)
        for seen in inputs:
            take_in(turn, seen)
        return turn

    async def _take(self, step: Step) -> None:
        """One step, both ways; the performed one is what goes on."""
        assumed = self.estate.fork()
        ids = Ids(1 << 100)
        for at, seen in sorted(assume(assumed, step, self.clock.now()), key=lambda pair: pair[0]):
            take_in(Turn(assumed, Micros(at), ids), seen)
        self.performer.start(self.estate, [step])
        self._turn(self.estate, [await self.outcomes.get()])
        for seen in await self._then_seen(step):
            self._turn(self.estate, [seen])
        pair = (step, nouns_of(assumed), nouns_of(self.estate))
        self.found.setdefault(type(step.action), []).append(pair)

    async def _then_seen(self, step: Step) -> list[Input]:
        """What looks show, once a step has had the time to come to what it was for."""
        action = step.action
        if isinstance(action, BuyHost):
            await self.clock.sleep(action.quote.boot)
            seen = await self.look(action.cloud)
            self._turn(self.estate, [seen])
        elif isinstance(action, ReleaseHost):
            return [await self.look(action.cloud)]
        elif isinstance(action, StartTask | RestartTask):
            await self.clock.sleep(3 * SECOND)
        host = self.estate.hosts.get(action.host)
        assert host is not None
        return [await self.look_at(host)]


SHOP = graph(
    service("db", volumes=["data"], healthy=True),
    service("job", restart=NEVER, after={"db": Awaited.HEALTHY}, SIM_EXIT_AFTER="1"),
    service("web", replicas=2, cpu=1500, ports=[8080], after={"job": Awaited.COMPLETED}),
    service("api", replicas=3, cpu=1500, healthy=True),
)


@cache
def told() -> dict[type, list[tuple[Step, Nouns, Nouns]]]:
    """A story in which every kind of step is taken: per kind, the nouns assumed and performed."""

    async def story(store: Store) -> dict[type, list[tuple[Step, Nouns, Nouns]]]:
        stand = Stand(store)
        await stand.live(await stand.look("home"), await stand.look("east"))
        home = next(stand.estate.hosts.values())
        await stand.live(await stand.look_at(home))
        await stand.change(Up(graph=SHOP, inputs=""))
        await stand.change(Restart(services=("api", "web")))
        await stand.change(Scale(replicas={"web": 1}))
        await stand.change(Down(volumes=True))
        left = [table for table in (stand.estate.tasks, stand.estate.steps) if list(table)]
        assert not left, "everything was taken down"
        await stand.performer.close()
        await stand.provider.close()
        return stand.found

    with TemporaryDirectory() as folder:
        store = Store.open(str(Path(folder) / "cell.db"), cell="cell-1")
        try:
            return run_virtual(story(store), start=START, limit=24 * HOUR)
        finally:
            store.close()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_performed_refines_assumed(kind: type) -> None:
    pairs = told().get(kind, [])
    assert pairs, "the story has no step of this kind: tell it so that it does"
    for step, assumed, performed in pairs:
        assert differences(assumed, performed) == [], step


def differences(assumed: Nouns, performed: Nouns) -> list[str]:
    """What is not alike, field by field."""
    found = []
    for key in {**assumed, **performed}:
        left, right = assumed.get(key, {}), performed.get(key, {})
        found += [
            f"{key[0]} {name}: assumed {left.get(name)!r}, performed {right.get(name)!r}"
            for name in {**left, **right}
            if left.get(name) != right.get(name)
        ]
    return found


def test_plans_have_a_word_for_every_kind() -> None:
    assert set(VERBS) == set(KINDS)
    assert len(set(VERBS.values())) == len(KINDS)


def test_the_story_provides_and_withdraws_every_kind_of_holding() -> None:
    """Provide and Withdraw come in three sorts; the story must have met all that there are."""
    seen = {(kind.__name__, getattr(s.action, "holding", "")) for kind in KINDS for s, _, _ in told()[kind]}
    assert {("Provide", "image"), ("Provide", "network"), ("Provide", "volume")} <= seen
    assert {("Withdraw", "network"), ("Withdraw", "volume")} <= seen
