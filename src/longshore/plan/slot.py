"""Slots: what each N of `STACK/SERVICE.N` has, and the view of a service that its rules share."""

from __future__ import annotations

from typing import NamedTuple

from longshore.model.ask import Rollback
from longshore.model.clock import SECOND, Micros
from longshore.model.host import Effect, Host
from longshore.model.lifecycle import TaskState
from longshore.model.spec import (
    ServiceSpec,
    UpdatePolicy,
    tolerates,
)
from longshore.model.stack import Service, Stack
from longshore.model.task import Task
from longshore.plan.agenda import Subject
from longshore.plan.task import is_checked
from longshore.plan.turn import Turn

PROOF = SECOND
"""How long a task without a health check has to run before its change is done: what dies at its very
start has died by then, on a busy machine too, and we have been told."""


WAITS = "waits for "
"""How the words begin when a service waits for those that it depends on."""


class Slot(NamedTuple):
    """What one slot has: the task that is as wanted, those that are not, and those that ended.

    `going`: a task of it is being stopped. What comes next waits for that: two at once may be at odds
    over a port, a volume, or the room.
    """

    current: Task | None
    old: tuple[Task, ...]
    completed: bool
    ended: tuple[Task, ...]
    going: bool

    @property
    def empty(self) -> bool:
        """Whether nothing is there, nothing comes, and nothing has to go first."""
        return self.current is None and not (self.completed or self.old or self.going)


class View(NamedTuple):
    """Everything the rules below look at."""

    turn: Turn
    stack: Stack
    spec: ServiceSpec
    memory: Service
    slots: dict[int, Slot]

    @property
    def policy(self) -> UpdatePolicy:
        """How tasks are replaced: forward, or back to what was."""
        change = None if self.stack.change is None else self.turn.estate.changes.get(self.stack.change)
        if change is None:
            return self.spec.update
        back = isinstance(change.intent, Rollback) or change.generation < self.stack.generation
        return self.spec.rollback if back else self.spec.update


def slots_of(turn: Turn, spec: ServiceSpec, memory: Service, tasks: list[Task]) -> dict[int, Slot]:
    """Sort the tasks into the wanted slots."""
    by_slot: dict[int, list[Task]] = {}
    for task in tasks:
        by_slot.setdefault(task.slot, []).append(task)
    slots = {}
    for number in range(1, spec.replicas + 1):
        current: Task | None = None
        old, ended = [], []
        done: list[Task] = []
        going = False
        for task in by_slot.get(number, ()):
            if task.state is TaskState.STOPPING:
                going = True
            elif task.state is TaskState.COMPLETED and task.digest == memory.digest:
                done.append(task)
            elif not task.alive:
                ended.append(task)
            elif task.digest == memory.digest and current is None and not leaving(turn, task):
                current = task
            else:
                old.append(task)
        # A job that had to leave its host may be done twice: once is enough.
        slots[number] = Slot(current, tuple(old), bool(done), (*ended, *done[:-1]), going)
    return slots


def leaving(turn: Turn, task: Task) -> bool:
    """Whether a task's host is to be left: it is drained, or has a taint that makes the task go.

    Its claim on a volume there keeps it (placing refuses).
    """
    host = turn.estate.hosts.get(task.host)
    return host is None or host.draining or (host.evicts and _evicted(turn, task, host))


def _evicted(turn: Turn, task: Task, host: Host) -> bool:
    stack = turn.estate.stacks.get(task.stack)
    spec = None if stack is None else stack.graph.services.get(task.service)
    return spec is not None and not all(
        tolerates(spec.placement.tolerations, taint)
        for taint in host.taints
        if taint.effect is Effect.NO_EXECUTE
    )


def leaves(view: View, task: Task) -> bool:
    """Whether a task is as wanted but for its host, which it has to leave."""
    return task.digest == view.memory.digest and leaving(view.turn, task)


def serves(view: View, task: Task) -> bool:
    """Whether a task is ready and has proven itself: what dies again and again looks ready in between."""
    return task.ready and proven(view.turn, view.spec, view.memory, [task])


def proven(turn: Turn, spec: ServiceSpec, memory: Service, tasks: list[Task]) -> bool:
    """Whether what runs without a health check has run long enough to believe it."""
    until = proven_at(spec, memory, tasks)
    if until <= turn.now:
        return True
    turn.look_again(Micros(until), Subject.SERVICE, memory.key)
    return False


def proven_at(spec: ServiceSpec, memory: Service, tasks: list[Task]) -> int:
    """When the last of these that are ready has run long enough; 0 where a health check tells."""
    if is_checked(spec):
        return 0
    return max((t.ready_at + _proof(spec, memory, t) for t in tasks if t.ready), default=0)


def _proof(spec: ServiceSpec, memory: Service, task: Task) -> int:
    """How long a task has to run to be believed: where one failed before, as long as after an update."""
    return max(PROOF, spec.update.monitor) if memory.failures or task.restarts else PROOF
