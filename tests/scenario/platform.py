"""A whole platform in simulated time: a real store, a real engine, and clouds that outlive both.

`play` runs a scene against a `Platform`. The engine can be killed at any point, the worst ones
included: with steps written down but not begun, and with steps done but not yet recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec
from tests.scenario.invariants import Ledger
from typing_extensions import override

from longshore.engine.loop import Engine
from longshore.engine.watch import Pace
from longshore.model.ask import AddCloud, Answer, Apply, Ask, Body, Intent, MakePlan, Up
from longshore.model.batch import Batch, Kind
from longshore.model.change import Change
from longshore.model.clock import HOUR, SECOND, Clock, Micros
from longshore.model.cloud import Cloud, Pool
from longshore.model.errors import Failed, Refused
from longshore.model.host import Host
from longshore.model.ids import AskId, HostId, Ids, TaskId
from longshore.model.lifecycle import ChangeState, HostState, StackState
from longshore.model.plan import Plan
from longshore.model.seams import CloudDriver
from longshore.model.seams import Engine as RuntimeEngine
from longshore.model.spec import Graph
from longshore.model.stack import Stack
from longshore.model.task import Task
from longshore.plan.estate import Estate
from longshore.provider.simulator import SimClock, SimulatedCloud, run_virtual
from longshore.store import Store

P = ParamSpec("P")
T = TypeVar("T")

START = Micros(1_700_000_000_000_000)
IN_TIME = 600 * SECOND
"""How long a scene waits for something that is to happen by itself."""

QUICK = Pool(grace=20 * SECOND, settle=30 * SECOND, min_life=60 * SECOND)


class Died(BaseException):
    """The engine's process is gone, in the middle of what it did."""


class Worlds:
    """The provider: clouds by name, which stay while engines come and go."""

    def __init__(self, clock: Clock, cell: str) -> None:
        self.clouds: dict[str, SimulatedCloud] = {}
        self._clock = clock
        self._cell = cell
        self._engines: dict[tuple[str, HostId, str], RuntimeEngine] = {}

    def drivers(self) -> dict[str, str]:
        return {"sim": "simulated"}

    def cloud(self, name: str, driver: str, settings: dict[str, str]) -> CloudDriver:
        del driver
        if name not in self.clouds:
            self.clouds[name] = SimulatedCloud(name, settings, self._clock, self._cell)
        return self.clouds[name]

    def engine(self, cloud: str, host: HostId, address: str) -> RuntimeEngine:
        key = (cloud, host, address)
        if key not in self._engines:
            self._engines[key] = self.clouds[cloud].engine(host, address)
        return self._engines[key]

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.close()
        self._engines = {}


class Checked(Engine):
    """An engine whose estate is held against the invariants after every turn."""

    ledger: Ledger

    @override
    async def turn(self) -> None:
        await super().turn()
        self.ledger.check(self.estate)


class Platform:  # noqa: PLR0904 - small verbs and views, so that scenes can be read
    """One cell: its store, its clouds, and whichever engine runs it now."""

    def __init__(self, folder: Path, *, pool: Pool = QUICK, pace: Pace | None = None, ids: int = 1) -> None:
        self.clock = SimClock()
        self.path = folder / "cell.db"
        self.pool = pool
        self.pace = pace or Pace(look=10 * SECOND, limit=3 * SECOND, cloud=10 * SECOND)
        self.ids = Ids(ids << 64)
        self.worlds = Worlds(self.clock, "cell-1")
        self.ledger = Ledger(pool)
        self.fired: Counter[str] = Counter()
        self.full = 0
        self.asked = 0
        self.first: tuple[Cloud, ...] = ()
        self.die_at = ""
        self.died = asyncio.Event()
        self._store: Store | None = None
        self._engine: Checked | None = None
        self._running: asyncio.Task[None] | None = None

    # The engine's life

    async def start(self) -> None:
        """Open the store and start an engine on it."""
        if not self.path.exists():
            shutil.copyfile(empty_store(self.path.parent), self.path)
        self._store = Store.open(str(self.path), cell="cell-1")
        self.died.clear()
        self.full = 0
        self._engine = Checked(
            store=self._store,
            provider=self.worlds,
            clock=self.clock,
            ids=self.ids,
            blocking=self._in_place,
            pool=self.pool,
            clouds=self.first,
            pace=self.pace,
        )
        self._engine.ledger = self.ledger
        self._running = asyncio.create_task(self._run(self._engine), name="engine")
        while not (self._running.done() or any(True for _ in self.estate.pools)):
            await self.clock.sleep(0)

    async def _run(self, engine: Engine) -> None:
        try:
            await engine.run()
        except* Died:
            self.died.set()

    async def kill(self) -> None:
        """The engine's process ends, whatever it was doing."""
        assert self._running is not None
        assert self._store is not None
        self._running.cancel()
        # What the engine itself died of was said already, where it was waited for.
        await asyncio.wait([self._running])
        await self.worlds.close()
        self._store.close()
        self._running = None

    async def restart(self) -> None:
        """Kill it, and start another on the same world."""
        await self.kill()
        await self.start()

    async def die_in(self, moment: str, limit: int = 30 * SECOND) -> bool:
        """Die at the next `intent` (written down, not begun) or `outcome` (done, not written down)."""
        self.die_at = moment
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit / SECOND):
                await self.died.wait()
        self.die_at = ""
        return self.died.is_set()

    async def _in_place(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking call at once; commits may find the disk full, or be the engine's end."""
        batch = args[0] if args else None
        if getattr(call, "__name__", "") == "asks_after" and batch == self.asked:
            # Nothing was asked since: half the time of a scene would go into reading that.
            return []  # type: ignore[return-value]
        if not isinstance(batch, Batch):
            return call(*args, **kwargs)
        if self.full:
            self.full -= 1
            self.fired["disk full"] += 1
            raise Failed("the disk is full", code="disk-full")
        if self.die_at == "outcome" and Kind.STEP in batch.drops:
            self.fired["killed before an outcome was kept"] += 1
            raise Died
        done = call(*args, **kwargs)
        self.ledger.committed(batch)
        if self.die_at == "intent" and Kind.STEP in batch.puts:
            self.fired["killed after intents were kept"] += 1
            raise Died
        return done

    # What is there

    @property
    def estate(self) -> Estate:
        assert self._engine is not None
        return self._engine.estate

    @property
    def store(self) -> Store:
        assert self._store is not None
        return self._store

    @property
    def trouble(self) -> str:
        assert self._engine is not None
        return self._engine.trouble

    def stack(self, name: str = "shop") -> Stack:
        found = self.estate.stack_named("default", name)
        assert found is not None
        return found

    def tasks(self, service: str, stack: str = "shop") -> list[Task]:
        """A service's tasks that are of use, by slot."""
        found = self.estate.stack_named("default", stack)
        tasks = [] if found is None else list(self.estate.tasks_of(f"{found.id}/{service}"))  # type: ignore[arg-type]
        return sorted((t for t in tasks if t.alive), key=lambda t: (t.slot, t.placed_at))

    def task(self, service: str, slot: int = 1) -> Task:
        return next(t for t in self.tasks(service) if t.slot == slot)

    def host(self, name: str) -> Host:
        found = self.estate.host_named(name)
        assert found is not None
        return found

    def host_of(self, task: Task) -> str:
        found = self.estate.hosts.get(task.host)
        return "" if found is None else found.name

    def lent(self) -> list[Host]:
        return [h for h in self.estate.hosts.values() if not h.own]

    def world_of(self, task: Task) -> SimulatedCloud:
        """The cloud a task runs in."""
        host = self.estate.hosts.get(task.host)
        assert host is not None
        return self.worlds.clouds[host.cloud]

    def kinds(self) -> list[str]:
        """The kinds of all journal entries."""
        return [entry.kind for entry in self.store.journal(limit=1_000_000)]

    # Asking

    async def ask(self, body: Body, actor: str = "ann") -> Answer:
        """Ask, and wait for the answer."""
        ask = Ask(id=AskId(self.ids.new("ask")), at=self.clock.now(), actor=actor, body=body)
        self.asked = self.store.append_ask(ask)
        found: Answer | None = None
        deadline = self.clock.now() + IN_TIME
        while (found := self.store.answer(ask.id)) is None:
            self._still_running()
            assert self.clock.now() < deadline, f"no answer to {type(body).__name__}: {self.describe()}"
            await self.news()
        return found

    async def get(self, body: Body, kind: type[T]) -> T:
        """Ask, and wait for an answer of this kind.

        Raises:
            Refused: the answer is an error; its code and message are in it.
        """
        answer = await self.ask(body)
        if answer.status:
            error = msgspec.json.decode(answer.result)
            raise Refused(error["message"], code=error["code"], facts=error["facts"])
        return msgspec.json.decode(answer.result, type=kind)

    async def add(
        self,
        name: str,
        settings: dict[str, str] | None = None,
        *,
        own: bool = False,
        max_hosts: int = 0,
        **more: str,
    ) -> SimulatedCloud:
        """Add a simulated cloud, and wait until its own hosts serve."""
        settings = {**(settings or {}), **more}
        wanted = int(settings.get("hosts", "0"))
        cloud = Cloud(name=name, driver="sim", own=own, max_hosts=max_hosts, settings=settings)
        await self.get(AddCloud(cloud=cloud), Cloud)

        def seen() -> bool:
            hosts = [h for h in self.estate.hosts.values() if h.cloud == name]
            found = self.estate.clouds.get(name)
            ready = sum(h.state is HostState.READY for h in hosts) == wanted
            return found is not None and found.looked_at > 0 and ready

        await self.until(seen)
        return self.worlds.clouds[name]

    async def plan(self, intent: Intent, stack: str = "shop") -> Plan:
        return await self.get(MakePlan(project="default", stack=stack, intent=intent), Plan)

    async def change(self, intent: Intent, stack: str = "shop") -> Change:
        """Plan and apply; the change that was opened."""
        plan = await self.plan(intent, stack)
        return await self.get(Apply(plan=plan.hash), Change)

    async def up(self, graph: Graph) -> Change:
        """Plan, apply, and wait until the change is over."""
        change = await self.change(Up(graph=graph, inputs=""), graph.name)
        return await self.over(change)

    async def over(self, change: Change, limit: int = IN_TIME) -> Change:
        """Wait until a change is over."""

        def ended() -> bool:
            found = self.estate.changes.get(change.id)
            return found is not None and found.state is not ChangeState.APPLYING

        await self.until(ended, limit)
        found = self.estate.changes.get(change.id)
        assert found is not None
        return found

    # Waiting

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep(round(seconds * SECOND))

    async def until(self, true: Callable[[], bool], limit: int = IN_TIME) -> None:
        """Wait until something is so."""
        deadline = self.clock.now() + limit
        while not true():
            self._still_running()
            if self.clock.now() > deadline:
                raise AssertionError(f"not so after {limit // SECOND} s: {self.describe()}")
            await self.news()

    async def news(self) -> None:
        """Wait until the store has something new, or a moment."""
        await self.store.bell.wait(1.0)

    async def rest(self, limit: int = IN_TIME) -> None:
        """Wait until everything wanted is ready, and nothing is under way."""
        await self.until(self.resting, limit)

    def resting(self) -> bool:
        estate = self.estate
        open_ = any(c.state is ChangeState.APPLYING for c in estate.changes.values())
        moving = any(h.state is not HostState.READY for h in estate.hosts.values())
        unsettled = any(not s.settled for s in estate.services.values())
        retiring = any(s.state is StackState.RETIRING for s in estate.stacks.values())
        return not (open_ or moving or unsettled or retiring or any(True for _ in estate.steps))

    def _still_running(self) -> None:
        if self._running is not None and self._running.done() and not self.died.is_set():
            raise AssertionError(f"the engine ended: {self._running.exception()!r}")

    def describe(self) -> str:
        """What is not at rest, for a failure's message."""
        estate = self.estate
        lines = [f"t={(self.clock.now() - START) / SECOND:.1f}"]
        lines += [f"{c.intent} {c.state}: {c.reason}" for c in estate.changes.values() if not c.ended_at]
        lines += [
            f"host {h.name} {h.state} silent={bool(h.silent_since)} lost={h.lost} draining={h.draining}"
            for h in estate.hosts.values()
            if h.state is not HostState.READY or h.silent_since or h.draining
        ]
        lines += [str(s) for s in estate.services.values() if not s.settled]
        lines += [
            f"{t.service}.{t.slot} {t.state} {t.health} on {self.host_of(t)} {t.reason}"
            for t in estate.tasks.values()
        ]
        lines += [f"stack {s.name} {s.state} g{s.generation}" for s in estate.stacks.values()]
        lines += [f"step {s.action} {s.state} attempt {s.attempt}" for s in estate.steps.values()]
        lines += [f"{h.kind} {h.name} {h.state}" for h in estate.holdings.values() if h.state != "present"]
        return "\n  ".join(lines)

    def left(self, task: TaskId) -> bool:
        """Whether a task's container is there, in any cloud."""
        return any(c.task == task for w in self.worlds.clouds.values() for c in w.census().containers)


Scene = Callable[[Platform], Awaitable[None]]


def play(
    folder: Path,
    scene: Scene,
    *,
    pool: Pool = QUICK,
    pace: Pace | None = None,
    limit: int = 6 * HOUR,
    ids: int = 1,
) -> Platform:
    """Play a scene on a fresh platform, and check at the end that the census equals the estate."""

    async def main() -> Platform:
        platform = Platform(folder, pool=pool, pace=pace, ids=ids)
        await platform.start()
        try:
            await scene(platform)
            await platform.until(lambda: not any(True for _ in platform.estate.steps), 120 * SECOND)
            platform.ledger.check_end(platform)
        finally:
            await platform.kill()
            for world in platform.worlds.clouds.values():
                await world.close()
        return platform

    return run_virtual(main(), start=START, limit=limit)


_EMPTY: list[Path] = []


def empty_store(folder: Path) -> Path:
    """A store with nothing in it, made once: migrating takes longer than many a scene."""
    if not _EMPTY or not _EMPTY[0].exists():
        path = folder / "empty.db"
        Store.open(str(path), cell="cell-1").close()
        _EMPTY[:] = [path]
    return _EMPTY[0]
