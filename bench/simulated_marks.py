"""Marks of planner, engine and store together, over simulated hosts."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path

import msgspec
from stage import Platform, graph, platform

from longshore.main import tune
from longshore.model.ask import MakePlan, Up
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.ids import ChangeId, Ids
from longshore.model.lifecycle import ChangeState, TaskState
from longshore.model.report import HostReport, HostSeen, Intended
from longshore.plan.converge import converge
from longshore.plan.estate import Estate
from longshore.plan.intake import take_in
from longshore.plan.propose import propose
from longshore.plan.turn import Turn


def plan_services() -> float:
    """Seconds for a plan of 50 services over 200 hosts, from the graph on: median of 7."""

    async def measure(stage: Platform) -> float:
        await stage.until_hosts(200)
        body = MakePlan(project="default", stack="app", intent=Up(graph=graph("app", 50, 3), inputs="x"))
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            plan = propose(stage.engine.estate, body, "bench", stage.clock.now())
            times.append(time.perf_counter() - begun)
            if plan.refusals or plan.effect.tasks_started != 150:
                raise SystemExit(f"bench: the plan is not what it should be: {plan.refusals}")
        return statistics.median(times)

    return _on(measure, hosts=200)


def idle_ratio() -> float:
    """An idle turn's cost at 10,000 hosts against 1,000, with every host just reporting.

    Hosts are looked at by the watch, which hands on only what is new; so an idle turn takes in
    nothing. To be honest about that, the turn here is given a full report of one host as well.
    """

    async def measure() -> float:
        with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
            async with platform(Path(small), hosts=1_000) as few, platform(Path(large), hosts=10_000) as many:
                await few.until_hosts(1_000)
                await many.until_hosts(10_000)
                costs: dict[int, list[float]] = {1_000: [], 10_000: []}
                for _ in range(30):
                    for stage, hosts in ((few, 1_000), (many, 10_000)):
                        costs[hosts] += [_idle_turn(stage.engine.estate, r) for r in _reports(stage)]
        return statistics.median(costs[10_000]) / statistics.median(costs[1_000])

    tune()
    return asyncio.run(measure())


def _reports(stage: Platform) -> list[HostReport]:
    """Full looks at twenty hosts that show nothing new."""
    return [
        HostReport(
            host=host.id,
            began=Micros(0),
            at=Micros(0),
            capacity=host.capacity,
            engine=host.engine,
            labels=host.labels,
        )
        for host in islice(stage.engine.estate.hosts.values(), 20)
    ]


def _idle_turn(estate: Estate, report: HostReport) -> float:
    """One turn that takes in a report with nothing new; microseconds."""
    begun = time.perf_counter()
    draft = estate.fork()
    turn = Turn(draft, Micros(time.time_ns() // 1000), Ids(1))
    take_in(turn, HostSeen(report=report))
    converge(turn)
    batch = turn.batch()
    estate.adopt(draft)
    length = time.perf_counter() - begun
    if not batch.empty:
        raise SystemExit(f"bench: an idle turn wrote {batch.puts}")
    return length * 1e6


def one_change() -> float:
    """Milliseconds from a failed task to its replacement's steps: 1,000 hosts, 10,000 tasks."""

    async def measure(stage: Platform) -> float:
        await stage.until_hosts(1_000)
        for name in ("a", "b"):
            await stage.apply(await stage.plan(graph(name, 50, 100)))
        await stage.until_settled(["a", "b"])
        estate = stage.engine.estate
        running = [t for t in estate.tasks.values() if t.state is TaskState.RUNNING]
        if len(running) != 10_000:
            raise SystemExit(f"bench: {len(running)} tasks run")
        return statistics.median(_one_change(estate, i) for i in range(9))

    return _on(measure, hosts=1_000)


def _one_change(estate: Estate, number: int) -> float:
    """A new image for one service of stack `a`; how long until the turn has its first steps."""
    stack = estate.stack_named("default", "a")
    assert stack is not None
    spec = stack.graph.services["s7"]
    changed = msgspec.structs.replace(spec, environment={"N": str(number + 1)})
    wanted = msgspec.structs.replace(stack.graph, services={**stack.graph.services, "s7": changed})
    change = Change(
        id=ChangeId(f"change-{number}"),
        stack=stack.id,
        stack_name="a",
        intent=Up(graph=wanted, inputs="y"),
        state=ChangeState.APPLYING,
        plan="",
        actor="bench",
        base=stack.generation,
        generation=0,
    )
    begun = time.perf_counter()
    turn = Turn(estate.fork(), Micros(time.time_ns() // 1000), Ids(1))
    take_in(turn, Intended(change=change, project="default"))
    converge(turn)
    length = time.perf_counter() - begun
    if not turn.steps:
        raise SystemExit("bench: the change led to no steps")
    return length * 1e3


def flood() -> float:
    """Tasks per second: 100,000 of 1,000 services asked for at once on 1,000 hosts, until all run.

    From the apply on, every intent and outcome durable before the next; the plan was made before.
    """

    async def measure(stage: Platform) -> float:
        await stage.until_hosts(1_000)
        plan = await stage.plan(graph("flood", 1_000, 100))
        begun = time.perf_counter()
        await stage.apply(plan)
        await stage.until_settled(["flood"])
        length = time.perf_counter() - begun
        running = sum(1 for t in stage.engine.estate.tasks.values() if t.ready)
        if running != 100_000:
            raise SystemExit(f"bench: {running} tasks run")
        return running / length

    return _on(measure, hosts=1_000)


def _on(measure: Callable[[Platform], Awaitable[float]], *, hosts: int) -> float:
    """Run a measure on a platform of its own."""

    async def run() -> float:
        tune()
        with tempfile.TemporaryDirectory() as folder:
            async with platform(Path(folder), hosts=hosts) as stage:
                return await measure(stage)

    return asyncio.run(run())
