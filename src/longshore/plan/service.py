"""A service converges: the one path for creating, updating, healing, scaling and retiring its tasks.

Each slot (the N of `STACK/SERVICE.N`) is looked at by itself: what it has, what it should have,
and therefore which single move is next. There is no other way for a task to come or go.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from longshore.model.clock import Micros
from longshore.model.ids import ServiceKey
from longshore.model.lifecycle import ALIVE, Health, StackState, TaskState
from longshore.model.spec import (
    Awaited,
    RestartWhen,
    ServiceSpec,
    run_digest,
)
from longshore.model.stack import Rollout, Service, Stack
from longshore.model.step import RestartTask
from longshore.model.task import Task
from longshore.plan.agenda import Subject
from longshore.plan.rollout import act_on_failure, has_failed, roll
from longshore.plan.slot import WAITS, View, leaves, proven, serves, slots_of
from longshore.plan.task import PREEMPTED, is_checked, name_of, stop_task
from longshore.plan.turn import Turn


def converge_service(turn: Turn, key: ServiceKey) -> None:
    """Decide the next moves of one service."""
    turn.unwant(key)
    memory = turn.estate.services.get(key)
    if memory is None:
        return
    stack_id, _, name = key.rpartition("/")
    stack = turn.estate.stacks.get(stack_id)
    tasks = turn.estate.tasks_of(key)
    if stack is None:
        turn.estate.drop(memory)
        return
    spec = stack.graph.services.get(name)
    if spec is None or stack.state is not StackState.ACTIVE:
        _retire(turn, stack, name, tasks)
        return
    memory = _remember(turn, stack, spec, memory, tasks)
    if _on_course(turn, stack, spec, memory, tasks):
        return
    view = View(turn, stack, spec, memory, slots_of(turn, spec, memory, tasks))
    _reap(view)
    _stop_surplus(view, tasks)
    _stop_unhealthy(view)
    _give_way(view, tasks)
    _finish_replacements(view)
    _restart(view)
    _fill(view)
    roll(view)
    _judge(view)


def _remember(turn: Turn, stack: Stack, spec: ServiceSpec, memory: Service, tasks: list[Task]) -> Service:
    """Bring the memory up to what is wanted now; a new spec starts with a clean record."""
    if memory.generation == stack.generation:
        return memory
    digest = run_digest(spec, stack.graph)
    if digest == memory.digest:
        new = msgspec.structs.replace(memory, generation=stack.generation, settled=False)
        if memory.failures:
            new = msgspec.structs.replace(new, failures=0, retry_at=Micros(0))
    else:
        stale = any(t.alive and t.digest != digest for t in tasks)
        new = Service(
            key=memory.key,
            digest=digest,
            generation=stack.generation,
            rollout=Rollout.UPDATING if stale else Rollout.STEADY,
        )
    turn.estate.put(new)
    return new


def _on_course(turn: Turn, stack: Stack, spec: ServiceSpec, memory: Service, tasks: list[Task]) -> bool:
    """Whether all a service can do is wait: each slot has one task, as wanted, coming or there.

    The common case, told in one pass; it records how far the service is, as `_judge` does.
    """
    leaving = turn.estate.fleet.leaving or turn.estate.marks.evicting or turn.estate.marks.yielding
    if memory.rollout is not Rollout.STEADY or len(tasks) != spec.replicas or leaving:
        return False
    restarts = stack.restarts.get(spec.name, 0)
    ready = 0
    slots = set()
    for task in tasks:
        if task.digest != memory.digest or task.state not in ALIVE or task.restarted < restarts:
            return False
        if task.health is Health.UNHEALTHY or task.slot > spec.replicas:
            return False
        slots.add(task.slot)
        ready += task.ready
    if len(slots) != len(tasks):
        return False
    settled = ready == spec.replicas and proven(turn, spec, memory, tasks)
    if (ready, settled) != (memory.ready, memory.settled) or (settled and memory.waiting):
        new = msgspec.structs.replace(memory, ready=ready, settled=settled, waiting="", unplaced=0)
        turn.estate.put(new)
        if settled:
            turn.touch(Subject.CHANGE, stack.change or "")
    return True


def _retire(turn: Turn, stack: Stack, name: str, tasks: list[Task]) -> None:
    """The service is wanted no longer: its dependents go first, then its tasks, then its record."""
    if not tasks:
        memory = turn.estate.services.get(f"{stack.id}/{name}")
        if memory is not None and name not in stack.graph.services:
            turn.estate.drop(memory)
        elif memory is not None:
            turn.estate.put(Service(key=memory.key, settled=True))
        turn.touch(Subject.STACK, stack.id)
        turn.touch(Subject.CHANGE, stack.change or "")
        return
    dependents = [
        other
        for other, spec in stack.graph.services.items()
        if other != name and any(d.service == name for d in spec.depends_on)
    ]
    for other in dependents:
        left = turn.estate.tasks_of(ServiceKey(f"{stack.id}/{other}"))
        if any(t.alive or t.state is TaskState.STOPPING for t in left):
            return
    for task in tasks:
        if task.state is not TaskState.STOPPING:
            stop_task(turn, task, "its service is no longer wanted")


def _reap(view: View) -> None:
    """Ended tasks are kept to be looked at until their slot works again, or a later one ended too."""
    for slot in view.slots.values():
        works = slot.completed or (slot.current is not None and slot.current.ready)
        spare = slot.ended if works else slot.ended[:-1]
        for task in spare:
            stop_task(view.turn, task, "it ended, and was replaced")


def _stop_surplus(view: View, tasks: list[Task]) -> None:
    """Fewer replicas are wanted: the highest slots go; so do tasks of an older spec without a use."""
    for task in sorted(tasks, key=lambda t: -t.slot):
        if task.state is TaskState.STOPPING:
            continue
        if task.slot > view.spec.replicas:
            count = view.spec.replicas
            stop_task(view.turn, task, f"only {count} replica{'s are' if count != 1 else ' is'} wanted")
        elif task.state is TaskState.COMPLETED and task.digest != view.memory.digest:
            stop_task(view.turn, task, "its service changed")
    # Of several that are to be replaced one serves on meanwhile; others were overtaken on their way.
    for slot in view.slots.values():
        for task in sorted(slot.old, key=lambda t: not t.ready)[1:]:
            stop_task(view.turn, task, "its service changed again")
        if slot.completed:
            for task in (*slot.old, *([slot.current] if slot.current else ())):
                stop_task(view.turn, task, "another one has completed")


def _stop_unhealthy(view: View) -> None:
    """A task whose health check fails is replaced."""
    for slot in view.slots.values():
        task = slot.current
        if task is not None and task.state is TaskState.RUNNING and task.health is Health.UNHEALTHY:
            stop_task(view.turn, task, task.reason or "its health check fails")


def _give_way(view: View, tasks: list[Task]) -> None:
    """Tasks whose room was given to others of more priority go."""
    estate = view.turn.estate
    if not estate.marks.yielding:
        return
    for task in tasks:
        other = estate.tasks.get(estate.marks.yielding.get(task.id) or "")
        if other is not None and task.alive:
            name = name_of(view.turn, other).rpartition(".")[0]
            words = f"{PREEMPTED}{name} (priority {other.priority})"
            stop_task(view.turn, task, words, decision=other.decision)


def _finish_replacements(view: View) -> None:
    """Where the new task is ready, and not just for a moment, the old one goes."""
    for slot in view.slots.values():
        if slot.current is None or not slot.old or not serves(view, slot.current):
            continue
        for task in slot.old:
            stop_task(view.turn, task, "its replacement is ready")


def _restart(view: View) -> None:
    """Restart in place the tasks that have not had the restarts asked for, so many at a time."""
    wanted = view.stack.restarts.get(view.spec.name, 0)
    current = [slot.current for slot in view.slots.values() if slot.current is not None]
    due = [t for t in current if t.state is TaskState.RUNNING and t.restarted < wanted]
    if not due:
        return
    busy = sum(1 for t in current if t.restarted >= wanted and not t.ready)
    room = (view.spec.update.parallelism or len(current)) - busy
    for task in due:
        host = view.turn.estate.hosts.get(task.host)
        if view.turn.estate.open_step(task.id) is not None:
            room -= 1
        elif room > 0 and host is not None and host.answers:
            room -= 1
            view.turn.step(
                RestartTask(host=task.host, task=task.id, grace=view.spec.stop_grace, restarted=wanted),
                name_of(view.turn, task),
                "a restart was asked for",
                change=view.stack.change,
            )


def _fill(view: View) -> None:
    """Slots that have nothing get a task, once what they depend on is there and back-off is over."""
    empty = [n for n, slot in view.slots.items() if slot.empty]
    # A slot whose only task has to leave its host gets its successor first: new before old goes.
    moving = [
        n
        for n, slot in view.slots.items()
        if slot.current is None and len(slot.old) == 1 and leaves(view, slot.old[0])
    ]
    memory = view.turn.estate.services.get(view.memory.key) or view.memory
    if not empty and not moving:
        # A rollout whose new tasks fit nowhere beside the old ones says so itself.
        if memory.rollout is not Rollout.UPDATING:
            _set_waiting(view, "", unplaced=0)
        return
    started = any(slot.current is not None and slot.current.ready_at for slot in view.slots.values())
    blocked = "" if started else _blocked(view)
    if blocked:
        _set_waiting(view, blocked, unplaced=0)
        return
    if _gave_up(view, memory):
        _set_waiting(view, f"gave up after {memory.failures} failures: {memory.reason}", unplaced=0)
        return
    if memory.retry_at > view.turn.now:
        view.turn.look_again(memory.retry_at, Subject.SERVICE, memory.key)
        _set_waiting(view, f"backs off after {memory.failures} failures: {memory.reason}", unplaced=0)
        return
    view.turn.want(memory.key, empty, moving)


def _gave_up(view: View, memory: Service) -> bool:
    """Whether the restart policy allows no further try."""
    policy = view.spec.restart
    if policy.when is RestartWhen.NONE:
        return memory.failures > 0
    return bool(policy.max_attempts) and memory.failures > policy.max_attempts


def _blocked(view: View) -> str:
    """What a service's first tasks still wait for, in words; empty if nothing."""
    for dependency in view.spec.depends_on:
        other = view.stack.graph.services.get(dependency.service)
        if other is None:
            continue
        key = ServiceKey(f"{view.stack.id}/{dependency.service}")
        tasks = [t for t in view.turn.estate.tasks_of(key) if t.state is not TaskState.STOPPING]
        if not _reached(dependency.condition, other, tasks):
            return f"{WAITS}{dependency.service} ({dependency.condition})"
    return ""


def _reached(condition: Awaited, spec: ServiceSpec, tasks: list[Task]) -> bool:
    """Whether a dependency has come as far as was asked."""
    return sum(1 for t in tasks if _REACHED[condition](t)) >= spec.replicas


_REACHED: dict[Awaited, Callable[[Task], bool]] = {
    Awaited.STARTED: lambda t: t.state in {TaskState.RUNNING, TaskState.COMPLETED},
    Awaited.HEALTHY: lambda t: t.ready,
    Awaited.COMPLETED: lambda t: t.state is TaskState.COMPLETED,
}


def _judge(view: View) -> None:
    """Record how far the service is; end, pause or roll back a rollout."""
    memory = view.turn.estate.services.get(view.memory.key) or view.memory
    turn = view.turn
    current = [slot.current for slot in view.slots.values()]
    done = sum(1 for slot in view.slots.values() if slot.completed)
    ready = done + sum(1 for t in current if t is not None and t.ready)
    wanted = view.stack.restarts.get(view.spec.name, 0)
    # What was lost with its host, and replaced, keeps nobody waiting.
    there = sum(1 for t in turn.estate.tasks_of(memory.key) if t.state is not TaskState.LOST)
    alone = there == sum(1 for s in view.slots.values() if s.current is not None or s.completed)
    settled = (
        ready == view.spec.replicas
        and alone
        and proven(turn, view.spec, memory, [t for t in current if t is not None])
        and all(t is None or t.restarted >= wanted for t in current)
        and all(not slot.old for slot in view.slots.values())
    )
    rollout = memory.rollout
    if settled and rollout is not Rollout.STEADY:
        until = max((t.ready_at for t in current if t is not None), default=Micros(0))
        until = Micros(until + (0 if is_checked(view.spec) else view.policy.monitor))
        if until > turn.now:
            turn.look_again(until, Subject.SERVICE, memory.key)
            settled = False
        else:
            rollout = Rollout.STEADY
    if rollout is Rollout.UPDATING and has_failed(view, memory):
        rollout = act_on_failure(view, memory)
    new = msgspec.structs.replace(memory, ready=ready, settled=settled, rollout=rollout)
    if settled:
        new = msgspec.structs.replace(new, waiting="", unplaced=0, refusal=None)
    if new != memory:
        turn.estate.put(new)
        turn.touch(Subject.CHANGE, view.stack.change or "")


def _set_waiting(view: View, words: str, *, unplaced: int) -> None:
    """Record what the service waits for, if that is new."""
    memory = view.turn.estate.services.get(view.memory.key) or view.memory
    if (memory.waiting, memory.unplaced) != (words, unplaced):
        view.turn.estate.put(msgspec.structs.replace(memory, waiting=words, unplaced=unplaced, refusal=None))
