"""A whole platform in one process, for the bench: real store, real engine, simulated clouds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from longshore.engine.loop import Engine
from longshore.engine.watch import Pace
from longshore.main import WallClock
from longshore.model.ask import Answer, Apply, Ask, Body, MakePlan, Up
from longshore.model.clock import SECOND
from longshore.model.cloud import Cloud, Pool
from longshore.model.ids import AskId, Ids
from longshore.model.money import parse_money
from longshore.model.plan import Plan
from longshore.model.spec import Attachment, Graph, ImageRef, NetworkSpec, Resources, ServiceSpec
from longshore.provider.docker.address import Address
from longshore.provider.registry import Registry
from longshore.store import Store

GIB = 1 << 30


class Platform(msgspec.Struct):
    """A running engine with its store, and a way to ask it."""

    engine: Engine
    store: Store
    clock: WallClock
    ids: Ids

    async def ask(self, body: Body) -> Answer:
        """Write an ask down and wait for its answer."""
        ask = Ask(id=AskId(self.ids.new("ask")), at=self.clock.now(), actor="bench", body=body)
        await asyncio.to_thread(self.store.append_ask, ask)
        while (answer := await asyncio.to_thread(self.store.answer, ask.id)) is None:
            await self.store.bell.wait(0.2)
        if answer.status:
            raise SystemExit(f"bench: refused: {bytes(answer.result).decode()[:600]}")
        return answer

    async def plan(self, graph: Graph) -> Plan:
        """Plan an up."""
        body = MakePlan(project="default", stack=graph.name, intent=Up(graph=graph, inputs="bench"))
        return msgspec.json.decode((await self.ask(body)).result, type=Plan)

    async def apply(self, plan: Plan) -> None:
        """Apply a plan; returns when the change is open."""
        await self.ask(Apply(plan=plan.hash))

    async def until_hosts(self, count: int) -> None:
        """Wait until so many hosts answer."""
        while sum(1 for h in self.engine.estate.hosts.values() if h.answers) < count:
            await self.store.bell.wait(0.05)

    async def until_settled(self, stacks: list[str]) -> None:
        """Wait until the changes of these stacks are over."""
        estate = self.engine.estate
        while True:
            found = [estate.stack_named("default", name) for name in stacks]
            changes = [estate.changes.get(s.change) for s in found if s is not None and s.change]
            if len(changes) == len(stacks) and all(c and c.state != "applying" for c in changes):
                return
            await self.store.bell.wait(0.2)


@asynccontextmanager
async def platform(folder: Path, *, hosts: int, cpu: int = 64, **settings: str) -> AsyncIterator[Platform]:
    """An engine over one simulated cloud of own hosts."""
    ids = Ids(time.time_ns() << 64)
    store = Store.open(str(folder / "bench.db"), cell=ids.new("cell"))
    clock = WallClock()
    provider = Registry(cell=store.cell, clock=clock, at_hand=Address())
    own = Cloud(
        name="own",
        driver="sim",
        own=True,
        price=parse_money("0.10"),
        settings={
            "hosts": str(hosts),
            "cpu": str(cpu),
            "memory": "256GiB",
            "latency": "0",
            "pull": "0",
            "health": "0",
            **settings,
        },
    )
    engine = Engine(
        store=store,
        provider=provider,
        clock=clock,
        ids=ids,
        blocking=asyncio.to_thread,
        pool=Pool(),
        clouds=(own,),
        pace=Pace(look=60 * SECOND),
    )
    running = asyncio.create_task(engine.run())
    try:
        yield Platform(engine, store, clock, ids)
    finally:
        running.cancel()
        await asyncio.wait([running])
        await provider.close()
        store.close()
        if not running.cancelled() and running.exception() is not None:
            raise SystemExit(f"bench: the engine failed: {running.exception()!r}")


def graph(name: str, services: int, replicas: int, *, networks: bool = True) -> Graph:
    """A stack of so many services, each small."""
    attached = (Attachment(network="default"),) if networks else ()
    return Graph(
        name=name,
        services={
            f"s{i}": ServiceSpec(
                name=f"s{i}",
                image=ImageRef(name="app:1", digest="sha256:" + "1" * 64),
                networks=attached,
                replicas=replicas,
                resources=Resources(cpu=100, memory=GIB // 8),
            )
            for i in range(services)
        },
        networks={"default": NetworkSpec(name=f"{name}_default")} if networks else {},
    )
