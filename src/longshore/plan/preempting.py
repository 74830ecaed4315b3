"""Preempting: room for a service of more priority is made by tasks of less, with least harm.

Who is preempted is stopped by its own service's next look: it sees that its room was given away. The
task it makes way for is placed at once, so that nobody else takes the room, and starts when it is free.
Priority has to be less, never equal: so what was preempted never preempts back.
"""

from __future__ import annotations

from longshore.model.ids import HostId, ServiceKey, StackId, TaskId
from longshore.model.lifecycle import TaskState
from longshore.model.spec import Preempt, ServiceSpec, volumes_of
from longshore.model.step import StopTask
from longshore.model.task import NO_CLAIM, Claim, Task
from longshore.plan.estate import Estate, claims
from longshore.plan.task import spec_of
from longshore.plan.turn import Turn
from longshore.schedule.fleet import Fleet
from longshore.schedule.place import place
from longshore.schedule.preempt import Raid, Victim, raid
from longshore.schedule.request import Request


def preempt(
    turn: Turn, spec: ServiceSpec, fleet: Fleet, request: Request, task: Task, count: int
) -> tuple[Raid, ...]:
    """Places for up to `count` replicas in the room of others; `task` is what one of them claims.

    None while what is being stopped already will make room: nobody goes for what comes anyway.
    """
    priority = spec.placement.priority
    if spec.placement.preempt is Preempt.NEVER or priority <= lowest(turn.estate):
        return ()
    if _comes_anyway(turn.estate, fleet, request, count):
        return ()

    def tasks_on(host: HostId) -> list[Task]:
        return [t for t in turn.estate.tasks_on(host) if claims(t)]

    def victims_on(host_id: HostId) -> list[Victim]:
        host = turn.estate.hosts.get(host_id)
        if host is None or not host.answers:
            return []
        return [
            Victim(task=t, weight=_weight(turn, t), cost=turn.now - (t.started_at or t.placed_at))
            for t in tasks_on(host_id)
            if t.priority < priority and _may_go(turn, t, request.service)
        ]

    return raid(fleet, request, task, count, tasks_on, victims_on)


def lowest(estate: Estate) -> int:
    """The lowest priority that any service has."""
    if not estate.marks.ranked:
        return 0
    return min(
        (s.placement.priority for stack in estate.stacks.values() for s in stack.graph.services.values()),
        default=0,
    )


def _comes_anyway(estate: Estate, fleet: Fleet, request: Request, count: int) -> bool:
    """Whether all would fit when those that are going have gone."""
    going = [
        task
        for step in estate.steps.values()
        if isinstance(step.action, StopTask) and (task := estate.tasks.get(step.action.task)) is not None
    ]
    going = [task for task in going if task.state is TaskState.STOPPING and claims(task)]
    if not going:
        return False
    trial = fleet.fork()
    for task in going:
        trial.claim(task, -1)
    return len(place(trial, request, count).hosts) == count


def _may_go(turn: Turn, task: Task, key: ServiceKey) -> bool:
    """Whether a task may be preempted: it keeps no volume, and does not make room for another already."""
    if not task.alive or task.key == key:
        return False
    if task.id in turn.estate.marks.yielding:
        return False
    spec = spec_of(turn, task)
    return spec is not None and not volumes_of(spec)


def _weight(turn: Turn, task: Task) -> int:
    """How many go with a task: of a gang, all."""
    return len(gang_of(turn, task))


def gang_of(turn: Turn, task: Task) -> tuple[TaskId, ...]:
    """The tasks that go when this one goes: itself, or all of its gang."""
    spec = spec_of(turn, task)
    if spec is None or not spec.placement.gang:
        return (task.id,)
    return tuple(t.id for t in turn.estate.tasks_of(task.key) if t.alive)


def claim_of(request: Request, spec: ServiceSpec) -> Task:
    """What a replica claims, as a task that is nowhere yet."""
    stack, _, name = request.service.rpartition("/")
    return Task(
        id=TaskId(""),
        stack=StackId(stack),
        service=name,
        slot=0,
        digest="",
        generation=0,
        host=HostId(""),
        state=TaskState.PLACED,
        cpu=request.cpu,
        memory=request.memory,
        ports=request.ports,
        more=more_of(request),
        priority=spec.placement.priority,
    )


def more_of(request: Request) -> Claim:
    """What a replica takes besides cpu, memory and ports; one value for all that take nothing."""
    claim = request.claim
    return NO_CLAIM if claim == NO_CLAIM else claim
