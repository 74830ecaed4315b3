"""Assume: what each kind of step would come to, if all goes well. One case per kind.

Performed refines assumed: against a world without faults, performing a step ends in the state that
is assumed here, but for unknowns, times and foreign ids.
"""

from __future__ import annotations

import msgspec

from longshore.model.clock import Micros
from longshore.model.holding import HoldingKind
from longshore.model.host import Host, Quote
from longshore.model.ids import HostId, StackId, TaskId
from longshore.model.lifecycle import Health, HostState, TaskState
from longshore.model.mesh import Membership, MeshAct, Standing
from longshore.model.report import (
    CloudSeen,
    ContainerReport,
    ContainerSeen,
    ContainerState,
    Done,
    HostReport,
    HostSeen,
    Input,
    LentHost,
)
from longshore.model.spec import Awaited, ServiceSpec
from longshore.model.step import (
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
from longshore.model.task import Task
from longshore.plan.estate import Estate
from longshore.plan.task import is_checked

ONE_SHOT = 1
"""How long (microseconds) a task that others wait for to complete is assumed to run."""


def assume(estate: Estate, step: Step, now: Micros) -> list[tuple[int, Input]]:
    """What will be seen of a step, and when: (time, input) pairs, the outcome first."""
    done = Done(step=step.id, at=now)
    match step.action:
        case BuyHost():
            return _bought(step.action, Done(step=step.id, at=now, foreign_id=f"new-{step.action.name}"), now)
        case ReleaseHost(host=host, cloud=cloud):
            return [(now, done), (now, _without(estate, cloud, host, now))]
        case StartTask(task=task) | RestartTask(task=task):
            found = estate.tasks.get(task)
            return [(now, done)] if found is None else _started(estate, found, done)
        case StopTask() | Provide() | Withdraw():
            return [(now, done)]
        case TendMesh():
            return [(now, msgspec.structs.replace(done, mesh=_tended(estate, step.action)))]


def under_way(estate: Estate, now: Micros) -> list[tuple[int, Input]]:
    """What will be seen of what was begun before, without any step being open: boots, checks, jobs."""
    seen: list[tuple[int, Input]] = []
    for host in estate.hosts.values():
        if host.state is HostState.BOOTING and host.quote is not None:
            answers = Micros(max(now, host.requested_at + host.quote.boot))
            seen.append((answers, booted(host.id, host.quote, answers)))
    for service in estate.services.values():
        stack, _, name = service.key.rpartition("/")
        if service.settled and not _awaited(estate, StackId(stack), name):
            continue
        for task in estate.tasks_of(service.key):
            if task.state is TaskState.RUNNING:
                seen.extend(_lives(estate, task, task.health, now))
    return seen


def _started(estate: Estate, task: Task, done: Done) -> list[tuple[int, Input]]:
    """A container runs at once."""
    spec = _spec(estate, task)
    health = Health.STARTING if spec is not None and is_checked(spec) else Health.NONE
    done = msgspec.structs.replace(done, container=_running(task.id, health, done.at))
    return [(done.at, done), *_lives(estate, task, health, done.at)]


def _lives(estate: Estate, task: Task, health: Health, now: Micros) -> list[tuple[int, Input]]:
    """A container that runs is healthy after its first check, and completes if that is waited for."""
    if _awaited(estate, task.stack, task.service):
        ended = ContainerReport(task=task.id, foreign_id="", state=ContainerState.EXITED, exit_code=0)
        return [(now + ONE_SHOT, ContainerSeen(host=task.host, container=ended))]
    spec = _spec(estate, task)
    if spec is None or spec.healthcheck is None or health is not Health.STARTING:
        return []
    later = Micros(now + spec.healthcheck.interval)
    return [(later, ContainerSeen(host=task.host, container=_running(task.id, Health.HEALTHY, later)))]


def _tended(estate: Estate, action: TendMesh) -> Membership:
    """How a host stands to its mesh after what is done to it."""
    host = estate.hosts.get(action.host)
    old = Membership() if host is None else host.mesh
    via = None if action.via is None else estate.hosts.get(action.via)
    match action.act:
        case MeshAct.FOUND | MeshAct.REVIVE:
            node = old.node or f"node-{action.host}"
            return Membership(
                standing=Standing.ACTIVE, node=node, mesh=f"mesh-{action.host}", manager=True, agrees=True
            )
        case MeshAct.JOIN:
            mesh = "" if via is None else via.mesh.mesh
            return Membership(standing=Standing.ACTIVE, node=f"node-{action.host}", mesh=mesh)
        case MeshAct.PROMOTE | MeshAct.DEMOTE if action.node == old.node:
            manages = action.act is MeshAct.PROMOTE
            return msgspec.structs.replace(old, manager=manages, agrees=manages, members=())
        case MeshAct.PROMOTE | MeshAct.DEMOTE | MeshAct.EXPEL:
            kept = tuple(m for m in old.members if m.node != action.node)
            return msgspec.structs.replace(old, members=kept)
        case MeshAct.LEAVE:
            return Membership()


def _spec(estate: Estate, task: Task) -> ServiceSpec | None:
    stack = estate.stacks.get(task.stack)
    return None if stack is None else stack.graph.services.get(task.service)


def _awaited(estate: Estate, stack_id: StackId, service: str) -> bool:
    """Whether another service waits for this one to complete."""
    stack, link = estate.stacks.get(stack_id), estate.links_of(stack_id).get(service)
    if stack is None or link is None:
        return False
    return any(
        d.service == service and d.condition is Awaited.COMPLETED
        for name in link.needed_by
        for d in stack.graph.services[name].depends_on
    )


def _running(task: TaskId, health: Health, now: Micros) -> ContainerReport:
    return ContainerReport(
        task=task,
        foreign_id="",
        state=ContainerState.RUNNING,
        health=health,
        started_at=now,
    )


def _bought(action: BuyHost, done: Done, now: Micros) -> list[tuple[int, Input]]:
    """A host answers after its boot time, as large as its flavor says."""
    ready = Micros(now + action.quote.boot)
    return [(now, done), (ready, booted(action.host, action.quote, ready))]


def booted(host: HostId, quote: Quote, at: Micros) -> HostSeen:
    """The first look at a host that was bought."""
    return HostSeen(
        report=HostReport(
            host=host,
            began=at,
            at=at,
            capacity=quote.capacity,
            os=quote.os,
            arch=quote.arch,
            labels=quote.labels,
        )
    )


def _without(estate: Estate, cloud: str, gone: str, now: Micros) -> CloudSeen:
    """A look at a cloud that lists all its hosts but one."""
    found = estate.clouds.get(cloud)
    return CloudSeen(
        cloud=cloud,
        began=now,
        at=now,
        hosts=tuple(_listed(h) for h in estate.hosts.values() if h.cloud == cloud and h.id != gone),
        offers=() if found is None else found.offers,
    )


def _listed(host: Host) -> LentHost:
    return LentHost(
        name=host.name,
        foreign_id=host.foreign_id,
        host="" if host.own else host.id,
        ready=True,
        address=host.address,
        region=host.region,
        zone=host.zone,
        labels=host.labels,
    )


HELD = {HoldingKind.NETWORK, HoldingKind.VOLUME}
"""The holdings that a look at a host lists."""
