"""A simulated container engine on a simulated host: the `Engine` of the seams.

It is made lazily and holds nothing but its way to the machine, so a host may come, go and come again
behind it. Only what carries our cell's label is shown and touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from longshore.model.errors import Failed
from longshore.model.holding import HoldingKind
from longshore.model.ids import HostId, TaskId
from longshore.model.mesh import Admission, Membership
from longshore.model.report import ContainerReport, ContainerState, HostReport
from longshore.model.seams import ExecFrame, ExecInput, HoldingOrder, LogLine, MeshOrder, TaskOrder
from longshore.model.spec import Build, Pull
from longshore.provider.simulator import holding, life, mesh, streams
from longshore.provider.simulator.stage import (
    Feed,
    Stage,
    no_such_container,
    unreachable_host,
    unsure,
)
from longshore.provider.simulator.world import CELL, Container, Machine


class SimulatedEngine:
    """The engine of the machine that `address` (`sim://CLOUD/FOREIGN-ID`) names."""

    def __init__(self, stage: Stage, host: HostId, address: str) -> None:
        self._stage = stage
        self._host = host
        self._foreign_id = address.rpartition("/")[2]
        self._feeds: list[Feed] = []

    async def look(self) -> HostReport:
        """A full look. Repeating it is free."""
        stage = self._stage
        began = stage.clock.now()
        fate = await stage.reach("look", self._foreign_id, slow_back=True)
        machine = await stage.machine(self._foreign_id)
        cell = stage.cell
        report = HostReport(
            host=self._host,
            began=began,
            at=stage.clock.now(),
            containers=tuple(c.report for c in machine.containers.values() if c.labels.get(CELL) == cell),
            held=holding.held(machine, cell),
            capacity=machine.capacity,
            engine="simulator",
            labels=machine.labels,
            mesh=mesh.membership(stage, machine),
        )
        await stage.come_back(fate)
        return report

    def events(self) -> AsyncIterator[ContainerReport]:
        """Changes of containers of ours from now on, until the connection breaks (`Unreachable`)."""
        feed = self._stage.subscribe(self._foreign_id)
        self._feeds.append(feed)
        return self._events(feed)

    async def _events(self, feed: Feed) -> AsyncIterator[ContainerReport]:
        stage = self._stage
        try:
            machine = await stage.machine(self._foreign_id)
            if stage.out(stage.clock.now()):
                raise unreachable_host(stage.name, machine.name)
            while (report := await feed.get()) is not None:
                yield report
            raise unreachable_host(stage.name, machine.name)
        finally:
            stage.unsubscribe(self._foreign_id, feed)
            self._feeds.remove(feed)

    async def provide(self, order: HoldingOrder) -> None:
        """Make or fetch it. Twice: once. `name-taken` where another cell or a person made it."""
        stage = self._stage
        fate = await stage.reach("provide", order.name)
        machine = await stage.machine(self._foreign_id)
        if order.kind is HoldingKind.IMAGE:
            await self._fetch(machine, order)
        else:
            holding.make(stage, machine, order)
        await stage.answer(fate, "provide", order.name)

    async def _fetch(self, machine: Machine, order: HoldingOrder) -> None:
        stage = self._stage
        if order.name in machine.images:
            return
        reference = order.reference or order.name
        streams.check_image(stage, reference)
        length = stage.chance.length("pull", reference, stage.settings.pull)
        if length:
            await stage.clock.sleep(length)
            await stage.machine(self._foreign_id)
        machine.images[order.name] = reference

    async def withdraw(self, order: HoldingOrder) -> None:
        """Remove it. Of one that is not there: nothing. `in-use` where containers hold on to it."""
        stage = self._stage
        fate = await stage.reach("withdraw", order.name)
        machine = await stage.machine(self._foreign_id)
        holding.unmake(stage, machine, order)
        await stage.answer(fate, "withdraw", order.name)

    async def start(self, order: TaskOrder) -> ContainerReport:
        """Create and start. Twice for the same task: one container, started once, even if it has ended.

        Raises:
            Failed: `image-missing`, `network-missing`, `volume-missing`, `name-taken`, `port-taken`,
                `start-failed`; nothing was left.
        """
        stage = self._stage
        fate = await stage.reach("start", order.name)
        machine = await stage.machine(self._foreign_id)
        container = machine.containers.get(order.task)
        if container is None:
            container = life.create(stage, machine, order)
            fresh = True
        else:
            fresh = False
            stage.repeated("start", order.task, machine.name)
        if stage.settings.start:
            stage.changed()
            await self._starting(machine, container, order.name)
        if container.report.state is ContainerState.CREATED:
            self._run(machine, container, fresh=fresh)
        await stage.answer(fate, "start", order.name)
        return container.report

    async def _starting(self, machine: Machine, container: Container, name: str) -> None:
        """Let the time pass that a start takes; should the caller go, the start still goes on.

        Raises:
            Unsure: the machine or the container went meanwhile.
        """
        stage = self._stage
        length = stage.chance.length("start", name, stage.settings.start)
        try:
            await stage.clock.sleep(length)
        except asyncio.CancelledError:
            if container.report.state is ContainerState.CREATED:
                container.turn_at = stage.clock.now() + length
                life.schedule(stage, machine, container)
            raise
        if machine.containers.get(container.task) is not container or not stage.up(machine):
            raise unsure(stage.name, "start", name)

    def _run(self, machine: Machine, container: Container, *, fresh: bool) -> None:
        """Run it; what was made for a start that fails goes again, so that nothing is left."""
        stage = self._stage
        container.turn_at = 0
        try:
            life.run(stage, machine, container, stage.clock.now())
        except Failed:
            if fresh:
                life.remove(stage, machine, container, stage.clock.now())
                stage.changed()
            raise

    async def stop(self, task: TaskId, grace: int) -> None:  # noqa: ARG002  # it stops at once
        """Stop within `grace` microseconds and remove. Of one that is not there: nothing."""
        stage = self._stage
        fate = await stage.reach("stop", self._name(task))
        machine = await stage.machine(self._foreign_id)
        container = life.ours(stage, machine.containers.get(task))
        if container is not None:
            life.remove(stage, machine, container, stage.clock.now())
        await stage.answer(fate, "stop", task)

    async def restart(self, task: TaskId, grace: int) -> ContainerReport:  # noqa: ARG002  # as in stop
        """Restart in place. Twice: twice. Its engine's count of restarts begins anew, as Docker's does.

        Raises:
            Failed: `container-missing`: there is none; or what `start` raises.
        """
        stage = self._stage
        fate = await stage.reach("restart", self._name(task))
        machine = await stage.machine(self._foreign_id)
        container = life.ours(stage, machine.containers.get(task))
        if container is None:
            no_such_container(Failed, task, machine.name)
        container.turn_at = container.check_at = 0
        life.run(stage, machine, container, stage.clock.now())
        await stage.answer(fate, "restart", task)
        return container.report

    async def resolve(self, name: str, pull: Pull = Pull.MISSING) -> str:  # noqa: ARG002 - no registry here
        """The digest an image name means now: that of a build here, else the name's SHA-256."""
        await self._stage.reach("resolve", name)
        await self._stage.machine(self._foreign_id)
        return streams.check_image(self._stage, name)

    def build(
        self,
        name: str,
        build: Build,
        context: AsyncIterator[bytes],
        labels: dict[str, str],  # noqa: ARG002
    ) -> AsyncIterator[str]:
        """Take the tar stream; the image's digest is of its name and content. Labels are of no use here."""
        return streams.build(self._stage, self._foreign_id, name, build, context)

    async def admit(self, address: str, *, manager: bool) -> Admission:  # noqa: ARG002 - it knows its own
        """What lets another machine join the mesh that this one manages. Free to repeat."""
        await self._stage.reach("admit", self._foreign_id)
        return mesh.admit(self._stage, await self._stage.machine(self._foreign_id), manager=manager)

    async def tend(self, order: MeshOrder) -> Membership:
        """Do something to the mesh, and say how this machine stands then. Twice: once."""
        stage = self._stage
        fate = await stage.reach("tend", self._foreign_id)
        machine = await stage.machine(self._foreign_id)
        mesh.tend(stage, machine, order)
        await stage.answer(fate, "tend", self._foreign_id)
        return mesh.membership(stage, machine)

    def save(self, order: HoldingOrder) -> AsyncGenerator[bytes, None]:
        """An image that the machine has, as a few bytes that stand for it."""
        return streams.save(self._stage, self._foreign_id, order)

    async def load(self, order: HoldingOrder, content: AsyncIterator[bytes]) -> None:
        """Have an image that another machine has. Twice: once."""
        await streams.load(self._stage, self._foreign_id, order, content)

    def logs(self, task: TaskId, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        """A line for each thing that happened to the task; `follow` ends when its container does."""
        return streams.logs(self._stage, self._foreign_id, task, follow=follow, tail=tail)

    def execute(
        self,
        task: TaskId,
        command: tuple[str, ...],
        *,
        tty: bool,  # noqa: ARG002  # an echo looks the same on a terminal
        stdin: AsyncIterator[ExecInput] | None,
    ) -> AsyncIterator[ExecFrame]:
        """Echo the command, then what is typed; exits 0."""
        return streams.execute(self._stage, self._foreign_id, task, command, stdin=stdin)

    async def close(self) -> None:
        """Break this engine's event streams. Twice: nothing."""
        for feed in self._feeds:
            self._stage.unsubscribe(self._foreign_id, feed)
            feed.put_nowait(None)

    def _name(self, task: TaskId) -> str:
        """What chance knows a task by: its container's name, which repeats from run to run."""
        machine = self._stage.world.machines.get(self._foreign_id)
        container = machine.containers.get(task) if machine is not None else None
        return container.name if container is not None else task
