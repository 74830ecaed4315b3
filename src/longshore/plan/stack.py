"""A stack converges: what it holds goes when it is needed no longer, and it is down when all is gone."""

from __future__ import annotations

import msgspec

from longshore.model.holding import Holding, HoldingKind
from longshore.model.ids import HostId, ServiceKey, StackId
from longshore.model.lifecycle import ChangeState, HoldingState, StackState
from longshore.model.stack import Stack
from longshore.plan.agenda import Subject
from longshore.plan.holding import withdraw
from longshore.plan.turn import Turn


def converge_stack(turn: Turn, stack_id: StackId) -> None:
    """Decide the next moves of one stack."""
    stack = turn.estate.stacks.get(stack_id)
    if stack is None:
        return
    holdings = list(turn.estate.holdings_of(stack_id))
    if stack.state is StackState.RETIRING:
        _retire(turn, stack, holdings)
        return
    if stack.state is StackState.DOWN:
        _clear(turn, stack, holdings)
        return
    if _open(turn, stack):
        return
    # At rest: networks that nothing of the stack uses any more are taken back.
    for holding in holdings:
        if holding.kind is HoldingKind.NETWORK and not _used(turn, stack, holding):
            withdraw(turn, holding, "nothing of the stack runs there")


def _open(turn: Turn, stack: Stack) -> bool:
    change = None if stack.change is None else turn.estate.changes.get(stack.change)
    return change is not None and change.state is ChangeState.APPLYING


def _used(turn: Turn, stack: Stack, holding: Holding) -> bool:
    """Whether a task of the stack is where a holding is."""
    return any(task.stack == stack.id for task in turn.estate.tasks_on(holding.host))


def _retire(turn: Turn, stack: Stack, holdings: list[Holding]) -> None:
    """Tasks go first (their services see to that), then networks, then volumes if that was asked for.

    A host that was given up keeps nobody waiting: what is there goes when it answers again.
    """
    tasks = [t for key in turn.estate.services_of(stack.id) for t in turn.estate.tasks_of(ServiceKey(key))]
    if any(not _given_up(turn, task.host) for task in tasks):
        return
    _clear(turn, stack, holdings)
    left = [h for h in holdings if _goes(stack, h) and turn.estate.holdings.get(h.key) is not None]
    if any(not _given_up(turn, holding.host) for holding in left):
        return
    # Its volumes are still to go where they could not be reached.
    later = stack.drop_volumes and bool(left)
    turn.estate.put(
        msgspec.structs.replace(stack, state=StackState.DOWN, drop_volumes=later, changed_at=turn.now)
    )
    kept = [h.name for h in turn.estate.holdings_of(stack.id) if h.state is HoldingState.PRESENT]
    words = f"it is down; kept: {', '.join(kept)}" if kept else "it is down; nothing is left"
    turn.note("stack.down", stack.name, words, stack=stack.id)
    turn.touch(Subject.CHANGE, stack.change or "")


def _clear(turn: Turn, stack: Stack, holdings: list[Holding]) -> None:
    """Take back what a stack that is down, or goes down, holds where no task of it is left."""
    for holding in holdings:
        if _goes(stack, holding) and not _used(turn, stack, holding):
            withdraw(turn, holding, "the stack goes down")


def _goes(stack: Stack, holding: Holding) -> bool:
    """Whether a holding goes with its stack: volumes do only if that was asked for."""
    return holding.kind is not HoldingKind.VOLUME or stack.drop_volumes


def _given_up(turn: Turn, host_id: HostId) -> bool:
    host = turn.estate.hosts.get(host_id)
    return host is None or host.lost
