"""Small estates that live by rehearsal alone: every step assumed, nothing performed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from longshore.model.ask import Intent, MakePlan, Up
from longshore.model.batch import Kind
from longshore.model.change import Change
from longshore.model.clock import SECOND, Micros
from longshore.model.cloud import Cloud, Pool
from longshore.model.host import Capacity, Host, Quote
from longshore.model.ids import ChangeId, HostId, StackId, service_key
from longshore.model.lifecycle import ChangeState, HostState
from longshore.model.money import Money
from longshore.model.plan import Plan
from longshore.model.report import Input, Intended
from longshore.model.spec import Graph
from longshore.model.stack import Stack
from longshore.model.task import Task
from longshore.plan.estate import Estate
from longshore.plan.propose import propose
from longshore.plan.rehearse import Rehearsal, rehearse
from longshore.plan.table import Table

GIB = 1 << 30
START = Micros(1_700_000_000_000_000)
POOL = Pool(grace=20 * SECOND, settle=30 * SECOND, min_life=60 * SECOND)
HOME = Cloud(name="home", driver="sim", own=True)


def own_host(number: int, *, cpu: int = 4000, memory: int = 8 * GIB, **labels: str) -> Host:
    return Host(
        id=HostId(f"host-{number:032x}"),
        name=f"h{number}",
        cloud="home",
        own=True,
        state=HostState.READY,
        capacity=Capacity(cpu=cpu, memory=memory),
        labels=labels,
        address=f"sim://home/h{number}",
        foreign_id=f"h{number}",
        price=Money(10_000_000),
        ready_at=START,
    )


def cloud(
    name: str = "east", *, price: int = 20_000_000, max_hosts: int = 0, order: int = 0, cpu: int = 4000
) -> Cloud:
    """A cloud with one flavor, `small`."""
    quote = Quote(
        cloud=name,
        flavor="small",
        capacity=Capacity(cpu=cpu, memory=8 * GIB),
        price=Money(price),
        boot=20 * SECOND,
        at=START,
    )
    return Cloud(name=name, driver="sim", order=order, max_hosts=max_hosts, offers=(quote,), looked_at=START)


def estate_of(hosts: Iterable[Host] = (), clouds: Iterable[Cloud] = (), *, pool: Pool = POOL) -> Estate:
    """An estate with nothing to do, as the store would give it."""
    estate = Estate()
    estate.load([HOME, *clouds, pool, *hosts])
    return rehearse(estate, START).end


def tables_of(estate: Estate) -> dict[Kind, Table[str, Any]]:
    """The tables of nouns, by kind."""
    return {kind: getattr(estate, f"{kind}s") for kind in Kind}


class Life:
    """An estate that goes on, change by change; `now` moves with it."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.now = START
        self._changes = 0

    def change(self, intent: Intent, name: str = "shop") -> Rehearsal:
        """Carry a change out, unbounded but for the standing limits."""
        self._changes += 1
        old = self.estate.stack_named("default", name)
        change = Change(
            id=ChangeId(f"change-{self._changes:032x}"),
            stack=StackId(""),
            stack_name=name,
            intent=intent,
            state=ChangeState.APPLYING,
            plan="",
            actor="ann",
            base=0 if old is None else old.generation,
            generation=0,
        )
        return self.take(Intended(change=change, project="default"))

    def up(self, graph: Graph) -> Rehearsal:
        return self.change(Up(graph=graph, inputs=""), graph.name)

    def take(self, *inputs: Input) -> Rehearsal:
        """Take inputs in, and come to rest."""
        self._changes += 1
        found = rehearse(self.estate, self.now, inputs=inputs, seed=100 + self._changes)
        self.estate = found.end
        self.now = Micros(self.now + found.length + SECOND)
        return found

    def plan(self, intent: Intent, name: str = "shop") -> Plan:
        return propose(self.estate, MakePlan(project="default", stack=name, intent=intent), "ann", self.now)

    def stack(self, name: str = "shop") -> Stack:
        found = self.estate.stack_named("default", name)
        assert found is not None
        return found

    def tasks(self, service: str = "web", name: str = "shop") -> list[Task]:
        """A service's tasks that are of use, by slot."""
        tasks = self.estate.tasks_of(service_key(self.stack(name).id, service))
        return sorted((t for t in tasks if t.alive), key=lambda t: t.slot)

    def put(self, noun: object, **fields: object) -> None:
        """Change a noun behind everybody's back, as healing or a person might."""
        self.estate.put(msgspec.structs.replace(noun, **fields))  # type: ignore[arg-type, type-var]
