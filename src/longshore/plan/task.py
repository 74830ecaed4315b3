"""Tasks: what is seen of their containers, and the moves that follow from it."""

from __future__ import annotations

import msgspec

from longshore.model.clock import MINUTE, SECOND, Micros
from longshore.model.ids import ChangeId, DecisionId, HostId
from longshore.model.lifecycle import OCCUPYING, TASK_MOVES, Health, TaskState
from longshore.model.report import ContainerReport, ContainerState
from longshore.model.spec import RestartWhen, ServiceSpec
from longshore.model.step import RestartTask, StartTask, StopTask
from longshore.model.task import Task
from longshore.plan.agenda import Subject
from longshore.plan.turn import Turn

RESTARTS = 5
"""After so many restarts by the engine without becoming ready, a task has failed."""

LONGEST_BACK_OFF = 5 * MINUTE

PREEMPTED = "preempted by "
"""How the reason begins why a task went that made room for one of more priority."""

ENDED = frozenset({ContainerState.EXITED, ContainerState.DEAD})

STEADY = 30 * SECOND
"""A task that was ready for so long is replaced at once when it fails, as if it were its first time."""


def replace_task(turn: Turn, old: Task, new: Task) -> Task:
    """Write a task's next state, which must be a legal move, and touch what looks at it."""
    if new.state is not old.state and new.state not in TASK_MOVES[old.state]:
        msg = f"task {old.id}: no move from {old.state} to {new.state}"
        raise AssertionError(msg)
    turn.estate.put(new)
    turn.touch(Subject.SERVICE, new.key)
    if old.ready != new.ready or old.state is not new.state:
        turn.touch(Subject.CHANGE, _change(turn, new) or "")
        touch_dependents(turn, new)
        touch_pool(turn)
    if old.state in OCCUPYING and new.state not in OCCUPYING:
        touch_waiting(turn, new.host)
    return new


def drop_task(turn: Turn, task: Task) -> None:
    """Nothing is left of a task: forget it."""
    step = turn.estate.open_step(task.id)
    if step is not None:
        turn.estate.drop(step)
    turn.estate.drop(task)
    turn.touch(Subject.SERVICE, task.key)
    turn.touch(Subject.STACK, task.stack)
    turn.touch(Subject.CHANGE, _change(turn, task) or "")
    touch_dependents(turn, task)
    touch_waiting(turn, task.host)


def touch_dependents(turn: Turn, task: Task) -> None:
    """Services that wait for this task's service, or (going down) that it waits for, look again."""
    linked = turn.estate.links_of(task.stack).get(task.service)
    if linked is None:
        return
    if task.state not in {TaskState.STARTING, TaskState.RUNNING}:
        for name in linked.needs:
            turn.touch(Subject.SERVICE, f"{task.stack}/{name}")
    for name in linked.needed_by:
        turn.touch(Subject.SERVICE, f"{task.stack}/{name}")


def touch_waiting(turn: Turn, host: HostId) -> None:
    """There is more room on a host: who waits for room looks again."""
    for key in turn.estate.waiting():
        turn.touch(Subject.SERVICE, key)
    turn.touch(Subject.HOST, host)
    touch_pool(turn)


def touch_pool(turn: Turn) -> None:
    """Room or tasks changed: lent hosts may be able to go home now, or no longer."""
    if turn.estate.fleet.lent:
        for name in turn.estate.pools:
            turn.touch(Subject.POOL, name)


def name_of(turn: Turn, task: Task) -> str:
    """`STACK/SERVICE.N`."""
    stack = turn.estate.stacks.get(task.stack)
    return f"{stack.name if stack is not None else task.stack}/{task.service}.{task.slot}"


def spec_of(turn: Turn, task: Task) -> ServiceSpec | None:
    """What is wanted of the task's service now, if anything is."""
    stack = turn.estate.stacks.get(task.stack)
    return None if stack is None else stack.graph.services.get(task.service)


def is_checked(spec: ServiceSpec) -> bool:
    """Whether a service's containers have a health check of their own."""
    check = spec.healthcheck
    return check is not None and not check.disable and bool(check.test)


def stop_task(turn: Turn, task: Task, reason: str, *, decision: DecisionId | None = None) -> None:
    """Have a task end: at once where nothing was started, else by a step.

    A task with an open step is left until that has come out; the service looks again then.
    """
    step = turn.estate.open_step(task.id)
    if task.state is TaskState.PLACED:
        drop_task(turn, task)
        return
    if step is not None:
        return
    host = turn.estate.hosts.get(task.host)
    if host is None:
        drop_task(turn, task)
        return
    if not host.answers:
        if task.alive and host.lost:
            replace_task(turn, task, _ended(turn, task, TaskState.LOST, reason))
        return
    spec = spec_of(turn, task)
    # A lost task's container still runs, for all we know: while it is stopped it takes room again.
    ended = Micros(0) if task.state is TaskState.LOST else task.ended_at
    stopping = msgspec.structs.replace(task, state=TaskState.STOPPING, reason=reason, ended_at=ended)
    replace_task(turn, task, stopping)
    turn.step(
        StopTask(host=task.host, task=task.id, grace=spec.stop_grace if spec is not None else 10 * SECOND),
        name_of(turn, task),
        reason,
        change=_change(turn, task),
        decision=decision,
    )


def start_task(turn: Turn, task: Task, reason: str) -> None:
    """Start a task whose host holds all that it needs."""
    replace_task(turn, task, msgspec.structs.replace(task, state=TaskState.STARTING))
    turn.step(
        StartTask(
            host=task.host,
            task=task.id,
            stack=task.stack,
            service=task.service,
            slot=task.slot,
            digest=task.digest,
        ),
        name_of(turn, task),
        reason,
        change=_change(turn, task),
        decision=task.decision,
    )


def _change(turn: Turn, task: Task) -> ChangeId | None:
    stack = turn.estate.stacks.get(task.stack)
    return None if stack is None else stack.change


def lose_task(turn: Turn, task: Task, reason: str) -> None:
    """A task's host is lost, or its container was removed behind our back."""
    if task.state is TaskState.PLACED:
        drop_task(turn, task)
        return
    if TaskState.LOST not in TASK_MOVES[task.state]:
        return
    step = turn.estate.open_step(task.id)
    if step is not None:
        turn.estate.drop(step)
    replace_task(turn, task, _ended(turn, task, TaskState.LOST, reason))
    turn.note("task.lost", name_of(turn, task), reason, stack=task.stack)


def fail_task(turn: Turn, task: Task, reason: str) -> None:
    """A task failed: count it against its service, and back off."""
    replace_task(turn, task, _ended(turn, task, TaskState.FAILED, reason))
    turn.note("task.failed", name_of(turn, task), reason, stack=task.stack)
    count_failure(turn, task, reason)


def count_failure(turn: Turn, task: Task, reason: str) -> None:
    """One failure more of what is wanted now; doubling back-off, none after a steady life."""
    memory = turn.estate.services.get(task.key)
    if memory is None or memory.digest != task.digest:
        return
    steady = task.ready_at and turn.now - task.ready_at >= STEADY
    failures = 1 if steady else memory.failures + 1
    delay = 0 if task.ready_at and failures == 1 else min(SECOND << min(failures - 1, 20), LONGEST_BACK_OFF)
    retry = Micros(turn.now + delay)
    turn.estate.put(
        msgspec.structs.replace(memory, failures=failures, retry_at=retry, reason=reason, settled=False)
    )
    turn.touch(Subject.SERVICE, task.key)
    turn.touch(Subject.CHANGE, _change(turn, task) or "")


def see_container(turn: Turn, task: Task, seen: ContainerReport) -> None:
    """Take in what an engine shows of a task. The only place where that moves a task."""
    step = turn.estate.open_step(task.id)
    gone = seen.state is ContainerState.GONE
    # Done once and for all: that its container was cleared away changes nothing.
    if task.state is TaskState.COMPLETED:
        return
    # Already given up or ended: only whether something is left matters.
    if task.state in {TaskState.FAILED, TaskState.LOST, TaskState.STOPPING}:
        if gone and step is None:
            drop_task(turn, task)
        elif task.state is TaskState.LOST:
            stop_task(turn, task, "its host came back after it had been replaced")
        return
    # Placed, or being started: what was not made yet cannot have gone.
    if task.state is TaskState.PLACED or (gone and step is not None):
        return
    # A restart in place ends the container and starts it again: its outcome shows what came of it.
    if step is not None and isinstance(step.action, RestartTask) and seen.state in ENDED:
        return
    if gone:
        lose_task(turn, task, "its container was removed by somebody else")
        drop_task(turn, msgspec.structs.replace(task, state=TaskState.LOST))
        return
    if seen.state in {ContainerState.CREATED, ContainerState.REMOVING}:
        return
    if seen.state in ENDED:
        _see_end(turn, task, seen)
        return
    _see_life(turn, task, seen)


def _see_end(turn: Turn, task: Task, seen: ContainerReport) -> None:
    """A container ended for good: its engine will not start it again."""
    spec = spec_of(turn, task)
    task = msgspec.structs.replace(
        task, foreign_id=seen.foreign_id, exit_code=seen.exit_code, restarts=seen.restarts
    )
    long_lived = spec is not None and spec.restart.when is RestartWhen.ANY
    if seen.exit_code == 0 and not seen.oom and not long_lived:
        new = _ended(turn, task, TaskState.COMPLETED, "")
        replace_task(turn, task, new)
        turn.note("task.completed", name_of(turn, task), "exited with 0", stack=task.stack)
        return
    why = "ran out of memory" if seen.oom else f"exited with {seen.exit_code}"
    fail_task(turn, task, f"{why}: {seen.message}" if seen.message else why)


def _see_life(turn: Turn, task: Task, seen: ContainerReport) -> None:
    """A container runs, or is being restarted by its engine."""
    restarting = seen.state is ContainerState.RESTARTING
    kept_dying = restarting and seen.restarts >= RESTARTS
    health = Health.STARTING if restarting else seen.health
    if kept_dying:
        health = Health.UNHEALTHY
    was = (task.state, task.health, task.restarts, task.foreign_id, task.published, task.started_at)
    if was == (TaskState.RUNNING, health, seen.restarts, seen.foreign_id, seen.published, seen.started_at):
        return
    new = msgspec.structs.replace(
        task,
        state=TaskState.RUNNING,
        health=health,
        restarts=seen.restarts,
        foreign_id=seen.foreign_id,
        published=seen.published,
        started_at=seen.started_at or task.started_at,
        reason=_ill_words(seen) if health is Health.UNHEALTHY else "",
    )
    # One that was started again has to prove itself again.
    if new.ready and (not task.ready_at or new.started_at != task.started_at):
        new = msgspec.structs.replace(new, ready_at=turn.now)
    if new == task:
        return
    replace_task(turn, task, new)
    name = name_of(turn, task)
    if seen.restarts > task.restarts:
        turn.note("task.restarted", name, f"its engine restarted it ({seen.restarts})", stack=task.stack)
        turn.touch(Subject.SERVICE, task.key)
    if task.state is TaskState.STARTING:
        turn.note("task.running", name, "its container runs", stack=task.stack, host=task.host)
    if new.ready and not task.ready and new.health is Health.HEALTHY:
        turn.note("task.healthy", name, "its health check passes", stack=task.stack)
    if health is Health.UNHEALTHY and task.health is not Health.UNHEALTHY:
        turn.note("task.unhealthy", name, new.reason, stack=task.stack)
        count_failure(turn, new, new.reason)


def _ill_words(seen: ContainerReport) -> str:
    """Why a container that is there is of no use."""
    words = "its health check fails"
    if seen.state is ContainerState.RESTARTING:
        words = f"kept dying, {seen.restarts} restarts"
    return f"{words}: {seen.message}" if seen.message else words


def _ended(turn: Turn, task: Task, state: TaskState, reason: str) -> Task:
    return msgspec.structs.replace(task, state=state, reason=reason, ended_at=turn.now, health=Health.NONE)
