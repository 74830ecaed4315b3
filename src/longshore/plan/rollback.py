"""Going back: what was wanted at the last generation that was done is wanted again."""

from __future__ import annotations

import msgspec

from longshore.model.decision import Decision, DecisionKind
from longshore.model.lifecycle import ChangeState, StackState
from longshore.model.spec import digest_of
from longshore.model.stack import Stack, Version
from longshore.plan.agenda import Subject
from longshore.plan.turn import Turn


def version_to_return_to(stack: Stack) -> Version | None:
    """The last done generation that is not what is wanted now; None if there is none."""
    wanted = digest_of(stack.graph) if stack.state is StackState.ACTIVE else ""
    for version in reversed(stack.history):
        if version.digest != wanted:
            return version
    return None


def roll_back(turn: Turn, stack: Stack, reason: str) -> None:
    """Want the last done generation again, as a new one; the open change has failed."""
    version = version_to_return_to(stack)
    if version is None:
        return
    decision = turn.decide(
        Decision(
            id=turn.decision_id(),
            at=turn.now,
            kind=DecisionKind.ROLLBACK,
            subject=stack.name,
            words=f"{reason}; back to generation {version.generation}",
            change=stack.change,
        )
    )
    change = None if stack.change is None else turn.estate.changes.get(stack.change)
    if change is not None and change.state is ChangeState.APPLYING:
        turn.estate.put(
            msgspec.structs.replace(
                change,
                state=ChangeState.FAILED,
                ended_at=turn.now,
                reason=f"{reason}; rolled back to generation {version.generation}",
                remedy=f"longshore explain {stack.name}",
            )
        )
        turn.note("change.failed", stack.name, reason, stack=stack.id, decision=decision)
    turn.note(
        "stack.rolled-back",
        stack.name,
        f"{reason}; back to generation {version.generation}",
        stack=stack.id,
        decision=decision,
    )
    turn.estate.put(
        msgspec.structs.replace(
            stack, generation=stack.generation + 1, graph=version.graph, changed_at=turn.now
        )
    )
    for key in turn.estate.services_of(stack.id):
        turn.touch(Subject.SERVICE, key)
    turn.touch(Subject.STACK, stack.id)
