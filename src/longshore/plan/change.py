"""A change converges: it is done when all is as wanted, failed when that will not come by itself."""

from __future__ import annotations

import msgspec

from longshore.model.change import Change
from longshore.model.ids import ChangeId, ServiceKey
from longshore.model.lifecycle import ChangeState, StackState, TaskState
from longshore.model.spec import RestartWhen, digest_of
from longshore.model.stack import Rollout, Service, Stack, Version
from longshore.plan.agenda import Subject
from longshore.plan.slot import WAITS, proven_at
from longshore.plan.turn import Turn

GIVE_UP = 3
"""After so many failures of a service in a row, its change has failed; healing goes on."""

KEPT = 2
"""Done generations that are kept: the one that is wanted, and the one to go back to."""


def converge_change(turn: Turn, change_id: ChangeId) -> None:
    """Decide whether a change is over."""
    change = turn.estate.changes.get(change_id)
    if change is None or change.state is not ChangeState.APPLYING:
        return
    stack = turn.estate.stacks.get(change.stack)
    if stack is None:
        end_change(turn, change, ChangeState.DONE, "nothing is left of the stack", "")
        return
    if stack.state is StackState.DOWN:
        end_change(turn, change, ChangeState.DONE, f"{stack.name} is down", "")
        return
    if stack.state is StackState.RETIRING:
        return
    # What it does not touch, and had no place before, keeps it from nothing.
    services = [
        s
        for key in turn.estate.services_of(stack.id)
        if (s := turn.estate.services.get(key)) and not _left_out(change, s)
    ]
    for service in services:
        why = _hopeless(turn, stack, service)
        if why:
            name = service.key.rpartition("/")[2]
            words = f"{stack.name}/{name}: {why}"
            end_change(turn, change, ChangeState.FAILED, words, f"longshore explain {stack.name}/{name}")
            return
    wanted = {s.key.rpartition("/")[2] for s in services} | set(change.without)
    ready = all(s.settled and s.generation == stack.generation for s in services)
    if ready and wanted == set(stack.graph.services):
        _done(turn, change, stack)


def _left_out(change: Change, service: Service) -> bool:
    """Whether a service is one that the change is done without, and still is stuck."""
    return service.key.rpartition("/")[2] in change.without and is_stuck(service)


def is_stuck(service: Service) -> bool:
    """Whether a service has replicas that fit nowhere, or waits for one that has."""
    return service.unplaced > 0 or service.waiting.startswith(WAITS)


def _hopeless(turn: Turn, stack: Stack, service: Service) -> str:
    """Why a service will not come to what is wanted without a person; empty if it may."""
    spec = stack.graph.services.get(service.key.rpartition("/")[2])
    if spec is None:
        # It is wanted no longer: that it fitted nowhere is past.
        return ""
    if service.unplaced:
        # What is on the move may yet make room: an old task goes when the new one is ready.
        return "" if _moving(turn, stack) else service.waiting
    if service.rollout is Rollout.PAUSED and service.failures:
        return f"the update is paused after {service.failures} failures: {service.reason}"
    if service.failures >= GIVE_UP:
        return f"{service.failures} tasks failed in a row: {service.reason}"
    if service.failures and spec.restart.when is RestartWhen.NONE:
        return service.reason
    return ""


def _moving(turn: Turn, stack: Stack) -> bool:
    """Whether a task of the stack is coming or going, or has yet to prove itself before another goes."""
    until = 0
    for key in turn.estate.services_of(stack.id):
        spec = stack.graph.services.get(key.rpartition("/")[2])
        memory, tasks = turn.estate.services.get(key), turn.estate.tasks_of(ServiceKey(key))
        if spec is None or memory is None:
            if tasks:
                return True
            continue
        if any(t.state is TaskState.STOPPING or (t.alive and not t.ready) for t in tasks):
            return True
        until = max(until, proven_at(spec, memory, tasks))
    if until <= turn.now:
        return False
    turn.look_again(until, Subject.CHANGE, stack.change or "")
    return True


def _done(turn: Turn, change: Change, stack: Stack) -> None:
    version = Version(generation=stack.generation, graph=stack.graph, digest=digest_of(stack.graph))
    history = (*(v for v in stack.history if v.digest != version.digest), version)[-KEPT:]
    turn.estate.put(msgspec.structs.replace(stack, history=history))
    end_change(turn, change, ChangeState.DONE, "everything is as the plan says", "")


def end_change(turn: Turn, change: Change, state: ChangeState, reason: str, remedy: str) -> None:
    """Close a change."""
    turn.estate.put(
        msgspec.structs.replace(change, state=state, ended_at=turn.now, reason=reason, remedy=remedy)
    )
    turn.note(f"change.{state}", change.stack_name, reason, stack=change.stack, change=change.id)
    turn.touch(Subject.STACK, change.stack)
    for host in turn.estate.hosts.values():
        if not host.own:
            turn.touch(Subject.POOL, "default")
            break
