"""The engine of one host, as the seams want it: `Runtime` and `ImageStreams` in one object.

Looking is cheap and exact: while a stream of events has been open without a break, what was seen of a
container is still so, and only one whose state differs in the list is inspected again. Streams are
generators: closing one lets go of its connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime

from longshore.model.clock import SECOND, Clock
from longshore.model.holding import HoldingKind
from longshore.model.ids import HostId, TaskId
from longshore.model.mesh import Admission, Membership, MeshAct
from longshore.model.report import ContainerReport, ContainerState, HostReport
from longshore.model.seams import ExecFrame, ExecInput, HoldingOrder, LogLine, MeshOrder, TaskOrder
from longshore.model.spec import Build, ImageRef, Pull
from longshore.provider.docker import builds, execs, holdings, images, mesh, tasks
from longshore.provider.docker.address import Address
from longshore.provider.docker.answers import Event, Info, Listed
from longshore.provider.docker.labels import TASK, filters
from longshore.provider.docker.logs import read_logs
from longshore.provider.docker.neighbours import Neighbours
from longshore.provider.docker.neighbours import images as images_held
from longshore.provider.docker.report import arch, capacity, container_state, held, host_labels
from longshore.provider.docker.streams import broken, gone, json_lines
from longshore.provider.docker.wire import Wire

_AT_ONCE = 8
"""Containers inspected at a time by one look: the engine locks each, and has steps to do as well."""

_LOOKING = 10 * SECOND
"""What a host may take to answer a look before it counts as silent: well below any grace."""

_CHANGES = [
    "create",
    "start",
    "restart",
    "die",
    "oom",
    "pause",
    "unpause",
    "rename",
    "health_status",
    "destroy",
]
"""The engine's events after which a container's report may differ."""


class DockerEngine:
    """A Docker Engine on a host, for one cell. An `Engine` of the seams."""

    def __init__(
        self, address: Address, *, cell: str, host: HostId, clock: Clock, depot: Address | None = None
    ) -> None:
        """Remember where the engine is; connect at the first verb.

        Args:
            address: Where it listens.
            cell: Our cell.
            host: The host it is on.
            clock: The only clock.
            depot: Another engine, near to it, that builds for it and whose images it may have.

        Raises:
            Invalid: the address's TLS files cannot be used.
        """
        self._wire = Wire(address)
        self._depot = None if depot is None else Wire(depot)
        self._neighbours = Neighbours(self._wire, cell)
        self._cell = cell
        self._host = host
        self._clock = clock
        self._looked = ""
        self._live: dict[str, ContainerReport] | None = None

    async def look(self) -> HostReport:
        """A full look. Repeating it is free."""
        began = self._clock.now()
        info, rows, networks, volumes, pulled, foreign = await asyncio.gather(
            self._wire.call("GET", "/info", Info, limit=_LOOKING),
            tasks.list_tasks(self._wire, self._cell, limit=_LOOKING),
            holdings.networks(self._wire, self._cell),
            holdings.volumes(self._wire, self._cell),
            images_held(self._wire),
            self._neighbours.reserve(),
        )
        limit = asyncio.Semaphore(_AT_ONCE)
        wanted = [row for row in rows if TASK in (row.labels or {})]
        found = await asyncio.gather(*(self._seen(row, limit) for row in wanted))
        self._looked = info.system_time
        return HostReport(
            host=self._host,
            began=began,
            at=self._clock.now(),
            containers=tuple(sorted((c for c in found if c is not None), key=lambda c: c.task)),
            held=held(networks, volumes),
            capacity=capacity(info),
            os=info.os_type,
            arch=arch(info),
            engine=f"docker {info.server_version}",
            labels=host_labels(info),
            foreign=foreign,
            images=pulled,
            mesh=await mesh.membership(self._wire, info),
        )

    def events(self) -> AsyncGenerator[ContainerReport, None]:
        """Changes of containers of ours since the last look (else from now on), until it breaks.

        A change is told once or more, always as the container is by then.
        """
        return self._changes(self._looked)

    async def provide(self, order: HoldingOrder) -> None:
        """Make or fetch it. Twice: once. `name-taken` where another cell or a person made it."""
        match order.kind:
            case HoldingKind.NETWORK:
                await holdings.make_network(self._wire, self._cell, order)
            case HoldingKind.VOLUME:
                await holdings.make_volume(self._wire, self._cell, order)
            case HoldingKind.IMAGE:
                await images.provide(self._wire, _image(order), self._depot)

    async def withdraw(self, order: HoldingOrder) -> None:
        """Remove it. Of one that is not there, not ours, or an image: nothing."""
        match order.kind:
            case HoldingKind.NETWORK:
                if order.network is None or not order.network.external:
                    await holdings.remove_network(self._wire, self._cell, order.name)
            case HoldingKind.VOLUME:
                if order.volume is None or not order.volume.external:
                    await holdings.remove_volume(self._wire, self._cell, order.name)
            case HoldingKind.IMAGE:
                # Images are a cache, and may be the user's own: they stay.
                return

    async def start(self, order: TaskOrder) -> ContainerReport:
        """Create and start. Twice for the same task: one container, started."""
        return await tasks.start_task(self._wire, self._cell, order)

    async def stop(self, task: TaskId, grace: int) -> None:
        """Stop within `grace` microseconds and remove. Of one that is not there: nothing."""
        await tasks.stop_task(self._wire, self._cell, task, grace)

    async def restart(self, task: TaskId, grace: int) -> ContainerReport:
        """Restart in place. Twice: twice."""
        self._forget(task)
        return await tasks.restart_task(self._wire, self._cell, task, grace)

    async def resolve(self, name: str, pull: Pull = Pull.MISSING) -> str:
        """The digest an image name means now: the engine's own, else a registry's."""
        if self._depot is not None and not await images.there(self._wire, name):
            return await images.resolve(self._depot, name)
        return await images.resolve(self._wire, name, pull)

    def build(
        self, name: str, build: Build, context: AsyncIterator[bytes], labels: dict[str, str]
    ) -> AsyncGenerator[str, None]:
        """Build from a tar stream and tag it `name`; yields lines of progress."""
        return builds.build_image(self._depot or self._wire, name, build, context, labels)

    async def admit(self, address: str, *, manager: bool) -> Admission:
        """What lets another host join the mesh that this one manages. Free to repeat."""
        return await mesh.admit(self._wire, address, manager=manager)

    async def tend(self, order: MeshOrder) -> Membership:
        """Do something to the mesh, and say how this host stands then. Twice: once."""
        match order.act:
            case MeshAct.FOUND | MeshAct.REVIVE:
                anew = order.act is MeshAct.REVIVE
                await mesh.found(self._wire, order.address, self._cell, anew=anew)
            case MeshAct.JOIN:
                if order.admission is not None:
                    await mesh.join(self._wire, order.address, order.admission)
            case MeshAct.PROMOTE | MeshAct.DEMOTE:
                await mesh.give_role(self._wire, order.node, manager=order.act is MeshAct.PROMOTE)
            case MeshAct.EXPEL:
                await mesh.expel(self._wire, order.node)
            case MeshAct.LEAVE:
                await mesh.leave(self._wire)
        return await mesh.membership(self._wire, await self._wire.call("GET", "/info", Info))

    def save(self, order: HoldingOrder) -> AsyncGenerator[bytes, None]:
        """An image as a tar, piece by piece. Free to repeat."""
        return images.save(self._wire, _image(order))

    async def load(self, order: HoldingOrder, content: AsyncIterator[bytes]) -> None:
        """Take in an image that another engine saved. Twice: once."""
        await images.load(self._wire, _image(order), content)

    async def logs(self, task: TaskId, *, follow: bool, tail: int) -> AsyncGenerator[LogLine, None]:
        """What a task wrote: the last `tail` lines (-1: all), then, if `follow`, what comes."""
        found = await tasks.find_task(self._wire, self._cell, task)
        container = await tasks.inspect(self._wire, found)
        if container is None:
            raise gone(task)
        async with aclosing(read_logs(self._wire, container, task, follow=follow, tail=tail)) as lines:
            async for line in lines:
                yield line

    async def execute(
        self,
        task: TaskId,
        command: tuple[str, ...],
        *,
        tty: bool,
        stdin: AsyncIterator[ExecInput] | None,
    ) -> AsyncGenerator[ExecFrame, None]:
        """Run a command in a task's container; the last frame has the exit code."""
        container = await tasks.find_task(self._wire, self._cell, task)
        run = execs.run(self._wire, self._clock, container, command, tty=tty, stdin=stdin)
        async with aclosing(run) as frames:
            async for frame in frames:
                yield frame

    async def close(self) -> None:
        """Let go of connections. Twice: nothing."""
        await self._wire.close()
        if self._depot is not None:
            await self._depot.close()

    def _forget(self, task: TaskId) -> None:
        """Its events may be on their way still when a look must tell whether we did it."""
        for container, seen in list((self._live or {}).items()):
            if seen.task == task and self._live is not None:
                del self._live[container]

    async def _seen(self, row: Listed, limit: asyncio.Semaphore) -> ContainerReport | None:
        live = self._live
        known = live.get(row.id) if live is not None else None
        if known is not None and known.state is container_state(row.state):
            return known
        async with limit:
            seen = await tasks.report(self._wire, row.id)
        if seen is not None and live is not None and live.get(row.id) is known:
            # Unless an event told something newer while we asked.
            live[row.id] = seen
        return seen

    async def _changes(self, since: str) -> AsyncGenerator[ContainerReport, None]:
        wanted = filters(self._cell, type=["container"], event=_CHANGES)
        query: dict[str, object] = {"filters": wanted}
        if since:
            query["since"] = _engine_time(since)
        live: dict[str, ContainerReport] = {}
        async with self._wire.open("GET", "/events", query=query, limit=None) as answer:
            self._live = live
            try:
                async for event in json_lines(answer, Event):
                    report = await self._told(event, live)
                    if report is not None:
                        yield report
            finally:
                if self._live is live:
                    self._live = None
        raise broken("that told of changes")

    async def _told(self, event: Event, live: dict[str, ContainerReport]) -> ContainerReport | None:
        task = (event.actor.attributes or {}).get(TASK)
        if not task:
            return None
        seen = await tasks.report(self._wire, event.actor.id)
        if seen is None:
            live.pop(event.actor.id, None)
            return ContainerReport(task=TaskId(task), foreign_id=event.actor.id, state=ContainerState.GONE)
        live[event.actor.id] = seen
        return seen


def _image(order: HoldingOrder) -> ImageRef:
    digest = order.name if order.name.startswith("sha256:") else ""
    return ImageRef(name=order.reference or order.name, digest=digest)


def _engine_time(stamp: str) -> str:
    """The engine's own time as its `since` wants it, seconds and nanoseconds: its clock is not ours."""
    whole = int(datetime.fromisoformat(stamp).timestamp())
    fraction = stamp.partition(".")[2].rstrip("Z")
    nanos = fraction[:9].ljust(9, "0") if fraction.isdigit() else "0" * 9
    return f"{whole}.{nanos}"
