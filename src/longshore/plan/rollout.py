"""Rollouts: how the tasks of a service are replaced when what they run changes, and when that fails."""

from __future__ import annotations

import msgspec

from longshore.model.clock import Micros
from longshore.model.spec import (
    FailureAction,
    UpdateOrder,
)
from longshore.model.stack import Rollout, Service
from longshore.plan.agenda import Subject
from longshore.plan.rollback import roll_back, version_to_return_to
from longshore.plan.slot import View, leaves, serves
from longshore.plan.task import stop_task


def roll(view: View) -> None:
    """Replace tasks of another spec, so many at a time, so long apart, behind the health gate."""
    stale = [
        n
        for n, slot in view.slots.items()
        if slot.current is None and len(slot.old) == 1 and not leaves(view, slot.old[0])
    ]
    memory = view.turn.estate.services.get(view.memory.key) or view.memory
    if not stale or memory.rollout is not Rollout.UPDATING:
        return
    policy = view.policy
    ready_at = max((s.current.ready_at for s in view.slots.values() if s.current), default=Micros(0))
    if ready_at > memory.batch_at:
        memory = msgspec.structs.replace(memory, batch_at=ready_at)
        view.turn.estate.put(memory)
    busy = sum(
        1
        for slot in view.slots.values()
        if not slot.completed and not slot.old and (slot.current is None or not serves(view, slot.current))
    ) + sum(1 for slot in view.slots.values() if slot.old and slot.current is not None)
    until = max(memory.retry_at, memory.batch_at + policy.delay if memory.batch_at else 0)
    if until > view.turn.now:
        _wait(view, memory, until)
        return
    room = (policy.parallelism or len(view.slots)) - busy
    batch = stale[: max(room, 0)]
    if not batch:
        return
    if policy.order is UpdateOrder.START_FIRST:
        view.turn.want(memory.key, (), batch)
        return
    for number in batch:
        for task in view.slots[number].old:
            stop_task(view.turn, task, "its service changed")


def _wait(view: View, memory: Service, until: int) -> None:
    """The next batch has its time: what fitted nowhere beside the one before is tried again then."""
    view.turn.look_again(until, Subject.SERVICE, memory.key)
    if memory.unplaced and not any(slot.empty for slot in view.slots.values()):
        view.turn.estate.put(msgspec.structs.replace(memory, waiting="", unplaced=0, refusal=None))


def act_on_failure(view: View, memory: Service) -> Rollout:
    """A rollout failed: go on, pause, or go back, as its policy says."""
    name = f"{view.stack.name}/{view.spec.name}"
    match view.policy.failure_action:
        case FailureAction.CONTINUE:
            return Rollout.UPDATING
        case FailureAction.ROLLBACK if version_to_return_to(view.stack) is not None:
            roll_back(view.turn, view.stack, f"the update of {name} failed: {memory.reason}")
            return Rollout.PAUSED
        case _:
            view.turn.note(
                "rollout.paused", name, f"the update is paused: {memory.reason}", stack=view.stack.id
            )
            return Rollout.PAUSED


def has_failed(view: View, memory: Service) -> bool:
    """Whether a rollout has more failures than its policy bears."""
    return memory.failures > view.policy.max_failure_ratio * view.spec.replicas
