"""What follows on a plan: show it, ask, apply it, follow it to its end."""

from __future__ import annotations

import msgspec

from longshore.cli import planview, prose
from longshore.cli.follow import detached, follow, latest
from longshore.cli.session import Session
from longshore.cli.trim import Trimmed
from longshore.model.change import Change
from longshore.model.errors import Refused
from longshore.model.plan import Plan


def show(session: Session, raw: bytes, plan: Plan) -> int:
    """Show a plan and nothing more; returns the exit code, 3 where something is refused."""
    if session.json:
        session.write(raw)
    else:
        session.show(planview.plan(plan))
    return Refused.exit_code if plan.refusals else 0


def carry_out(session: Session, raw: bytes, plan: Plan, *, ask: bool, detach: bool) -> int:
    """Show a plan, ask, apply it, and follow it; returns the exit code.

    Raises:
        Refused: the answer is no, or the world has moved.
        Failed: the change failed.
    """
    if plan.empty or plan.refusals:
        code = show(session, raw, plan)
        if code:
            session.say("error: not all of it can be had, so nothing was done")
        return code
    if not session.json:
        session.show(planview.plan(plan))
    elif ask:
        session.err.print(Trimmed(planview.plan(plan)))
    if ask:
        name = prose.short(plan.hash)
        session.confirm("Apply this plan?", f"to do just this: longshore apply {name}; or say --yes")
    return apply(session, plan.hash, detach=detach)


def apply(session: Session, digest: str, *, detach: bool) -> int:
    """Apply a plan by its hash or the beginning of it, and follow it; returns the exit code.

    Raises:
        Refused: the world has moved, or the change was stopped.
        Failed: the change failed.
    """
    since = latest(session)
    began = session.now
    raw = session.client.post("/v1/changes", {"plan": digest})
    change = msgspec.json.decode(raw, type=Change)
    if detach:
        _tell(session, raw, detached(change.stack_name))
        return 0
    try:
        raw = follow(session, change, since)
    except KeyboardInterrupt:
        session.say(f"\n{detached(change.stack_name)}")
        return 130
    took = prose.length(session.now - began)
    _tell(session, raw, f"Done: {change.stack_name} is at generation {change.generation} ({took})")
    return 0


def costs_more(plan: Plan) -> bool:
    """Whether a plan buys something or raises the bill, so that even a small verb asks first."""
    more = any(nano > 0 for nano in plan.difference.amounts.values())
    return bool(plan.purchases) or more or plan.difference.unknown > 0


def _tell(session: Session, raw: bytes, words: str) -> None:
    """The change as JSON, or in a sentence."""
    if session.json:
        session.write(raw)
    else:
        session.say(words)
