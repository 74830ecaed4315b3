"""What a simulated cloud and its engines share: the world, its time, its luck, and who listens.

Every verb goes the same way: `reach` (time passes, and whatever keeps the call from arriving is
raised), the act (in one piece, nothing is awaited), `answer` (the world is written down, and the
answer may be lost).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import NoReturn

from longshore.model.clock import Clock, Micros
from longshore.model.errors import Failed, LongshoreError, Unreachable, Unsure
from longshore.model.ids import TaskId
from longshore.model.report import ContainerReport
from longshore.provider.simulator.chance import CALM, Chance, Fate, Mishap
from longshore.provider.simulator.settings import Settings
from longshore.provider.simulator.ticker import Ticker
from longshore.provider.simulator.world import CELL, Container, Machine, World, load, save

Feed = asyncio.Queue[ContainerReport | None]

_CLOUD_VERBS = frozenset({"offers", "create", "delete", "hosts"})
"""The verbs that a cloud answers itself; all others are its hosts' engines'."""


class Stage:
    """One simulated cloud's insides; `cell` is ours, the only one whose things are shown."""

    def __init__(self, name: str, settings: Settings, clock: Clock, cell: str) -> None:
        self.name = name
        self.settings = settings
        self.clock = clock
        self.cell = cell
        self.chance = Chance(name, settings)
        self.ticker = Ticker(clock)
        world = load(settings.state) if settings.state else None
        self.world = world or World(born=clock.now())
        self._feeds: defaultdict[str, list[Feed]] = defaultdict(list)
        self._held: defaultdict[str, list[ContainerReport]] = defaultdict(list)
        self._hung: defaultdict[str, list[asyncio.Future[None]]] = defaultdict(list)
        for begin, _ in settings.outage:
            self.ticker.at(self.world.born + begin, self._cut_when_out)

    async def reach(self, verb: str, subject: str, *, slow_back: bool = False) -> Fate:
        """Let a call arrive at the cloud: time passes, and what happened by itself has happened.

        `slow_back`: what makes the call slow is the way back, which is left to `come_back`.

        Raises:
            Unreachable: the cloud is out, or the call hung until `close`.
            Failed: it went wrong before anything was done.
        """
        fate = self.chance.fate(verb, subject)
        length = self.settings.latency
        if fate.slow:
            self.chance.fired[Mishap.SLOW] += 1
            length += 0 if slow_back else self.settings.slow_for
        if length:
            await self.clock.sleep(length)
        now = self.clock.now()
        self.ticker.catch_up(now)
        self.ticker.wake()
        if self.out(now) or fate.before is Mishap.OUTAGE:
            self.chance.fired[Mishap.OUTAGE] += 1
            raise unreachable_cloud(self.name)
        if fate is not CALM and fate.before is not None:
            await self._fail_before(fate.before, verb, subject)
        return fate

    async def come_back(self, fate: Fate) -> None:
        """Let a slow answer take its time: what it says is of before."""
        if fate.slow:
            await self.clock.sleep(self.settings.slow_for)

    async def _fail_before(self, kind: Mishap, verb: str, subject: str) -> None:
        """Hang, or fail and leave nothing. A host that will not boot goes wrong later."""
        if kind is Mishap.BOOT_FAIL:
            return
        self.chance.fired[kind] += 1
        if kind is Mishap.HANG:
            await self.hang("")
        raise Failed(
            f"simulated cloud {self.name}: {verb} {subject} failed ({kind}), and nothing was done",
            code="no-capacity" if kind is Mishap.NO_CAPACITY else f"{_side(verb)}-error",
            remedy="try again" if kind is Mishap.FAIL_BEFORE else "wait, or ask another cloud",
            facts={"cloud": self.name, "verb": verb, "subject": subject},
        )

    async def answer(self, fate: Fate, verb: str, subject: str) -> None:
        """Write the world down and let the answer go back.

        Raises:
            Unsure: it was done, and the answer was lost.
            Unreachable: it was done, and the call hung until `close`.
        """
        self.changed()
        if fate is CALM or fate.after is None:
            return
        self.chance.fired[fate.after] += 1
        if fate.after is Mishap.HANG_AFTER:
            await self.hang("")
        raise unsure(self.name, verb, subject)

    async def machine(self, foreign_id: str) -> Machine:
        """The machine a call is for, as soon as its engine answers.

        Raises:
            Unreachable: there is none, it boots, or it is down.
        """
        machine = self.world.machines.get(foreign_id)
        if machine is not None and machine.hung:
            self.chance.fired[Mishap.HOST_HUNG] += 1
            await self.hang(foreign_id)
        if machine is None or not self.up(machine):
            self.chance.fired[Mishap.HOST_DOWN] += 1
            raise unreachable_host(self.name, machine.name if machine is not None else foreign_id)
        return machine

    def up(self, machine: Machine) -> bool:
        """Whether a machine's engine can be reached, hung or not."""
        return not (machine.down or machine.cut or machine.deleted_at or machine.failed) and (
            machine.ready_at <= self.clock.now()
        )

    def out(self, now: Micros) -> bool:
        """Whether the cloud does not answer now."""
        if self.world.out:
            return True
        since = now - self.world.born
        return any(begin <= since < begin + length for begin, length in self.settings.outage)

    def changed(self) -> None:
        """The world changed: write it down where it is to survive."""
        if self.settings.state:
            save(self.settings.state, self.world)

    def repeated(self, verb: str, subject: str, where: str) -> None:
        """Note that something was done that had been done before."""
        self.world.twice.append(f"{verb} {subject} on {where}")

    def find(self, task: TaskId) -> tuple[Machine, Container]:
        """A task's container and its machine.

        Raises:
            KeyError: there is no such container.
        """
        machine = self.world.machines[self.world.where[task]]
        return machine, machine.containers[task]

    def subscribe(self, foreign_id: str) -> Feed:
        """A feed of what happens to containers of ours on a machine, from now on."""
        feed: Feed = asyncio.Queue()
        self._feeds[foreign_id].append(feed)
        self.ticker.wake()
        return feed

    def unsubscribe(self, foreign_id: str, feed: Feed) -> None:
        """End a feed. Of an ended one: nothing."""
        feeds = self._feeds.get(foreign_id, [])
        if feed in feeds:
            feeds.remove(feed)

    def publish(self, machine: Machine, container: Container) -> None:
        """Tell who listens that a container of ours changed; while the engine hangs, later."""
        feeds = self._feeds.get(machine.foreign_id)
        if not feeds or container.labels.get(CELL) != self.cell:
            return
        if machine.hung:
            self._held[machine.foreign_id].append(container.report)
            return
        for feed in feeds:
            feed.put_nowait(container.report)

    def cut_feeds(self, foreign_id: str) -> None:
        """Break all event streams of a machine."""
        self._held.pop(foreign_id, None)
        for feed in self._feeds.pop(foreign_id, []):
            feed.put_nowait(None)

    def cut_all_feeds(self) -> None:
        """Break all event streams of the cloud."""
        for foreign_id in list(self._feeds):
            self.cut_feeds(foreign_id)

    async def hang(self, foreign_id: str) -> None:
        """Wait until a machine's engine answers again; with no machine, for ever.

        Raises:
            Unreachable: at `close`.
        """
        future = asyncio.get_running_loop().create_future()
        self._hung[foreign_id].append(future)
        await future

    def unhang(self, foreign_id: str) -> None:
        """Let go on what hung at a machine, and tell what was held back."""
        for future in self._hung.pop(foreign_id, []):
            if not future.done():
                future.set_result(None)
        for report in self._held.pop(foreign_id, []):
            for feed in self._feeds.get(foreign_id, []):
                feed.put_nowait(report)

    async def close(self) -> None:
        """Break streams, let hung calls fail, end the ticker. The world stays; twice: nothing."""
        self.cut_all_feeds()
        for futures in self._hung.values():
            for future in futures:
                if not future.done():
                    future.set_exception(unreachable_cloud(self.name))
        self._hung.clear()
        await self.ticker.close()

    def _cut_when_out(self) -> None:
        if self.out(self.clock.now()):
            self.cut_all_feeds()


def unreachable_cloud(cloud: str) -> Unreachable:
    """The error of a cloud that does not answer."""
    return Unreachable(
        f"simulated cloud {cloud} does not answer",
        code="cloud-unreachable",
        remedy="wait: it is tried again",
        facts={"cloud": cloud},
    )


def unreachable_host(cloud: str, host: str) -> Unreachable:
    """The error of a host that does not answer."""
    return Unreachable(
        f"simulated host {host} of cloud {cloud} does not answer",
        code="engine-unreachable",
        remedy="wait: it is tried again",
        facts={"cloud": cloud, "host": host},
    )


def unsure(cloud: str, verb: str, subject: str) -> Unsure:
    """The error of an act whose answer was lost."""
    return Unsure(
        f"simulated cloud {cloud}: the answer to {verb} {subject} was lost",
        code=f"{_side(verb)}-silent",
        remedy="look what came of it",
        facts={"cloud": cloud, "verb": verb, "subject": subject},
    )


def no_such_container(error: type[LongshoreError], task: TaskId, host: str) -> NoReturn:
    """Say that a task has no container on a host."""
    raise error(
        f"task {task} has no container on host {host}",
        code="container-missing",
        remedy="look where it runs",
        facts={"task": task, "host": host},
    )


def _side(verb: str) -> str:
    return "cloud" if verb in _CLOUD_VERBS else "engine"
