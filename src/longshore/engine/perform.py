"""Perform: the one place where steps are done to the world. One exhaustive match over their kinds.

Steps queue per place (a host, or a cloud) and run so many at a time; whatever comes of one is
handed on as an outcome. An error that leaves doubt is not an error here: it is an outcome that says
so, and the next look settles it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import ParamSpec, Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec

from longshore.engine.carry import carry
from longshore.engine.job import Job, job_of
from longshore.model.clock import MINUTE, SECOND, Clock
from longshore.model.errors import Failed, Invalid, LongshoreError, NotFound, Refused
from longshore.model.holding import HoldingKind
from longshore.model.host import Host
from longshore.model.ids import StepId
from longshore.model.mesh import Membership, MeshAct
from longshore.model.report import Done, Doubtful, Missed, Outcome
from longshore.model.seams import CloudDriver, Engine, HoldingOrder, HostOrder, MeshOrder, Provider, TaskOrder
from longshore.model.spec import MountKind, NetworkSpec, VolumeSpec
from longshore.model.step import (
    Action,
    BuyHost,
    Provide,
    ReleaseHost,
    RestartTask,
    StartTask,
    Step,
    StopTask,
    TendMesh,
    Withdraw,
)
from longshore.plan.estate import Estate
from longshore.store.store import Store

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class Blocking(Protocol):
    """Runs a blocking call: in a thread in the real shell, in place in a simulated one."""

    def __call__(self, call: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[R]:
        """The call's answer."""
        ...


LIMIT = 2 * MINUTE
"""How long a step may take before it counts as doubtful: beyond what an engine that is well needs."""

PULL_LIMIT = 20 * MINUTE
"""The same for fetching an image, which may be large."""

ROLE_LIMIT = 10 * SECOND
"""How long a host is given to take on or lay down a role in its mesh."""

TICK = 5 * SECOND
"""How often what is under way is held against its limit."""

PER_PLACE = 8
"""Steps at a time on one host or cloud: enough to keep two cores of an engine busy."""


class Running:
    """A job under way: who does it, until when it may take, and whether it took longer."""

    __slots__ = ("deadline", "overdue", "worker")

    def __init__(self, worker: asyncio.Task[None], deadline: int) -> None:
        self.worker = worker
        self.deadline = deadline
        self.overdue = False


class Performer:
    """Runs jobs beside the turn."""

    def __init__(
        self,
        *,
        provider: Provider,
        store: Store,
        clock: Clock,
        cell: str,
        blocking: Blocking,
        hand_on: Callable[[Outcome], None],
    ) -> None:
        self._provider = provider
        self._store = store
        self._clock = clock
        self._cell = cell
        self._blocking = blocking
        self._hand_on = hand_on
        self._queues: dict[str, deque[Job]] = {}
        self._running: dict[str, int] = {}
        self._steps: dict[StepId, Running | None] = {}
        # In order, so that a simulated day ends in the same order each time.
        self._workers: dict[asyncio.Task[None], None] = {}
        self._ticking: asyncio.TimerHandle | None = None

    def start(self, estate: Estate, steps: list[Step]) -> None:
        """Queue steps whose intent is durable."""
        for step in steps:
            job = job_of(estate, step)
            self._steps[step.id] = None
            self._queues.setdefault(job.place, deque()).append(job)
            self._pump(job.place)

    def forget(self, steps: Iterable[str]) -> None:
        """Steps that are wanted no longer: those queued are not begun, those under way are cut off.

        A host that was given up must not be started on when it answers again.
        """
        for step in steps:
            running = self._steps.pop(StepId(step), None)
            if running is not None:
                running.worker.cancel()

    async def close(self) -> None:
        """Stop performing: what is under way is cut off, and settled at the next start."""
        self._steps.clear()
        for worker in list(self._workers):
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._ticking is not None:
            self._ticking.cancel()

    def _pump(self, place: str) -> None:
        """Have as many workers at a place as its queue needs and its cap allows."""
        while self._queues[place] and self._running.get(place, 0) < PER_PLACE:
            self._running[place] = self._running.get(place, 0) + 1
            worker = asyncio.create_task(self._work(place, self._queues[place].popleft()))
            self._workers[worker] = None
            worker.add_done_callback(self._workers.pop)

    async def _work(self, place: str, job: Job | None) -> None:
        """Do a place's jobs one after another, until none is left."""
        queue = self._queues[place]
        try:
            while job is not None:
                if job.step.id in self._steps:
                    await self._run(job)
                job = queue.popleft() if queue else None
        finally:
            self._running[place] -= 1
            if queue:
                self._pump(place)
            elif not self._running[place]:
                del self._running[place], self._queues[place]

    async def _run(self, job: Job) -> None:
        """Do a job, and hand on what came of it."""
        worker = asyncio.current_task()
        assert worker is not None
        running = Running(worker, self._clock.now() + _limit(job.step.action))
        self._steps[job.step.id] = running
        if self._ticking is None:
            self._tick()
        try:
            outcome = await self._outcome(job)
        except asyncio.CancelledError:
            if not running.overdue:
                raise
            worker.uncancel()
            outcome = Doubtful(step=job.step.id, at=self._clock.now(), reason="there was no answer in time")
        self._steps.pop(job.step.id, None)
        self._hand_on(outcome)

    def _tick(self) -> None:
        """Cut off what took too long. One timer for all steps: a timer each would cost more than the step."""
        now = self._clock.now()
        for running in self._steps.values():
            if running is not None and running.deadline < now and not running.overdue:
                running.overdue = True
                running.worker.cancel()
        busy = bool(self._steps)
        self._ticking = asyncio.get_running_loop().call_later(TICK / SECOND, self._tick) if busy else None

    async def _outcome(self, job: Job) -> Outcome:
        """Do it, and put what came of it in the words of the model."""
        try:
            return await self._perform(job)
        except (Failed, Refused, Invalid, NotFound) as error:
            return Missed(
                step=job.step.id,
                at=self._clock.now(),
                code=error.code,
                reason=error.message,
                remedy=error.remedy,
            )
        except LongshoreError as error:
            return Doubtful(step=job.step.id, at=self._clock.now(), reason=error.message)
        except Exception as error:
            log.exception("step %s", job.step.id)
            return Doubtful(step=job.step.id, at=self._clock.now(), reason=f"unforeseen: {error!r}")

    async def _perform(self, job: Job) -> Done:
        """One case per kind of step."""
        step, action = job.step, job.step.action
        match action:
            case BuyHost():
                lent = await self._cloud(job).create(
                    HostOrder(
                        host=action.host,
                        name=action.name,
                        quote=action.quote,
                        labels={"io.longshore.cell": self._cell, "io.longshore.host": action.host},
                    )
                )
                return Done(
                    step=step.id,
                    at=self._clock.now(),
                    foreign_id=lent.foreign_id,
                    address=lent.address,
                )
            case ReleaseHost(foreign_id=foreign_id):
                await self._cloud(job).delete(foreign_id)
            case Provide():
                await self._provide(job, self._holding(job, action))
            case Withdraw():
                order = HoldingOrder(kind=action.holding, name=action.name, stack=action.stack)
                await self._engine(job, job.via).withdraw(order)
            case TendMesh():
                return Done(step=step.id, at=self._clock.now(), mesh=await self._tend(job, action))
            case StartTask():
                order_ = await self._order(job, action)
                container = await self._engine(job).start(order_)
                return Done(step=step.id, at=self._clock.now(), container=container)
            case StopTask(task=task, grace=grace):
                await self._engine(job).stop(task, grace)
            case RestartTask(task=task, grace=grace):
                container = await self._engine(job).restart(task, grace)
                return Done(step=step.id, at=self._clock.now(), container=container)
        return Done(step=step.id, at=self._clock.now())

    async def _provide(self, job: Job, order: HoldingOrder) -> None:
        """Have it made or fetched; an image that no registry has may be on another host."""
        engine = self._engine(job, job.via)
        try:
            await engine.provide(order)
        except Failed as error:
            if error.code != "image-missing" or not job.others:
                raise
            for other in job.others:
                source = self._provider.engine(other.cloud, other.id, other.address)
                if await carry(source, engine, order):
                    return
            raise

    async def _tend(self, job: Job, action: TendMesh) -> Membership:
        """Do something to a mesh; a role takes its host a moment to take on."""
        host, via = self._engine(job), self._engine(job, job.via)
        assert job.host is not None
        order = MeshOrder(act=action.act, address=network_address(job.host.address), node=action.node)
        if action.act is MeshAct.JOIN and job.via is not None:
            admission = await via.admit(network_address(job.via.address), manager=False)
            seen = await host.tend(msgspec.structs.replace(order, admission=admission))
            # A plain member does not know the whole's id; the manager that let it in does.
            return msgspec.structs.replace(seen, mesh=job.via.mesh.mesh)
        if action.act not in {MeshAct.PROMOTE, MeshAct.DEMOTE, MeshAct.EXPEL}:
            return await host.tend(order)
        await via.tend(order)
        if not job.host.answers:
            return msgspec.structs.replace(job.host.mesh, manager=False, agrees=False, members=())
        until = self._clock.now() + ROLE_LIMIT
        while True:
            seen = (await host.look()).mesh
            wanted = action.act is MeshAct.PROMOTE
            own = action.act is not MeshAct.EXPEL and seen.node == action.node
            if not own or seen.manager is wanted or self._clock.now() > until:
                return msgspec.structs.replace(seen, mesh=seen.mesh or job.host.mesh.mesh)
            await self._clock.sleep(SECOND // 4)

    def _cloud(self, job: Job) -> CloudDriver:
        if job.cloud is None:
            raise NotFound("its cloud was removed", code="no-such-cloud")
        return self._provider.cloud(job.cloud.name, job.cloud.driver, job.cloud.settings)

    def _engine(self, job: Job, via: Host | None = None) -> Engine:
        host = via or job.host
        if host is None:
            raise NotFound("its host is gone", code="no-such-host")
        return self._provider.engine(host.cloud, host.id, host.address)

    def _holding(self, job: Job, action: Provide) -> HoldingOrder:
        graph = job.graph
        network = None if graph is None else graph.networks.get(action.resource)
        volume = None if graph is None else graph.volumes.get(action.resource)
        if job.external:
            network = NetworkSpec(name=action.name, external=True)
            volume = VolumeSpec(name=action.name, external=True)
        if job.via is not None and network is not None:
            network = msgspec.structs.replace(network, driver="overlay")
        return HoldingOrder(
            kind=action.holding,
            name=action.name,
            labels={**self._labels(job), "io.longshore.step": job.step.id},
            reference=action.reference,
            network=network if action.holding is HoldingKind.NETWORK else None,
            volume=volume if action.holding is HoldingKind.VOLUME else None,
            stack=action.stack,
        )

    async def _order(self, job: Job, action: StartTask) -> TaskOrder:
        """Everything the runtime needs to make a container."""
        spec, graph, stack = job.spec, job.graph, job.stack
        if spec is None or graph is None or stack is None:
            raise Refused("what it was to run is wanted no longer", code="superseded")
        contents: dict[str, bytes] = {}
        if spec.files:
            contents = await self._blocking(self._store.contents, [f.digest for f in spec.files])
        name = f"{stack.name}-{spec.name}-{action.slot}"
        return TaskOrder(
            task=action.task,
            name=f"{name}-{action.task[-8:]}",
            hostname=name,
            spec=spec,
            networks={a.network: graph.networks[a.network] for a in spec.networks},
            volumes={
                m.source: graph.volumes[m.source]
                for m in spec.mounts
                if m.kind is MountKind.VOLUME and m.source
            },
            labels={
                **self._labels(job),
                "io.longshore.service": spec.name,
                "io.longshore.slot": str(action.slot),
                "io.longshore.task": action.task,
                "io.longshore.step": job.step.id,
            },
            contents=contents,
            cards=job.cards,
        )

    def _labels(self, job: Job) -> dict[str, str]:
        labels = {"io.longshore.cell": self._cell}
        if job.stack is not None:
            labels |= {"io.longshore.project": job.stack.project, "io.longshore.stack": job.stack.name}
        return labels


def network_address(address: str) -> str:
    """Where other hosts reach a host: the name or number in its engine's address."""
    return urlsplit(address).hostname or ""


def _limit(action: Action) -> int:
    """How long a step may take, microseconds."""
    match action:
        case StopTask(grace=grace) | RestartTask(grace=grace):
            return LIMIT + grace
        case Provide(holding=HoldingKind.IMAGE):
            return PULL_LIMIT
        case _:
            return LIMIT
