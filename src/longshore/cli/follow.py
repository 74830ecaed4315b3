"""Follows a change to its end, by the journal. Leaving early stops nothing but the looking."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.live import Live

from longshore.cli.client import Query
from longshore.cli.progress import Progress, line, picture, take
from longshore.cli.session import Session
from longshore.model.change import Change
from longshore.model.errors import Failed, LongshoreError, Refused, Unsure
from longshore.model.journal import Entry
from longshore.model.lifecycle import ChangeState


def latest(session: Session) -> int:
    """The number of the journal's last entry: what comes after it is news."""
    entries = msgspec.json.decode(session.client.get("/v1/journal", {"after": -1}), type=list[Entry])
    return entries[-1].seq if entries else 0


def follow(session: Session, change: Change, since: int) -> bytes:
    """Show a change until it ends; returns the JSON of the change as it ended.

    Raises:
        Failed: it failed.
        Refused: it was cancelled, or another took its place.
        Unsure: the server went away.
    """
    raw = _watch(session, change, since)
    ended = msgspec.json.decode(raw, type=Change)
    error = _unhappy(ended)
    if error is not None:
        raise error
    return raw


def detached(stack: str) -> str:
    """What to say to somebody who stops looking."""
    return f"The change goes on; to stop it: longshore cancel {stack}"


def _watch(session: Session, change: Change, since: int) -> bytes:
    """Read the journal until the change has ended; its last JSON."""
    began, progress = session.now, Progress()
    title = f"applying {change.stack_name}, generation {change.base} → {change.generation}"
    raw = _look(session, change)
    if raw is not None:
        return raw
    if not session.err.is_terminal:
        for entry in _entries(session, change, since):
            session.err.print(line(entry), soft_wrap=True)
            if entry.kind.startswith("change.") and (raw := _look(session, change)) is not None:
                return raw
        raise _silent(change)

    def show() -> object:
        return picture(progress, title, session.now - began)

    with Live(get_renderable=show, console=session.err, transient=True, refresh_per_second=8):  # type: ignore[arg-type]
        for entry in _entries(session, change, since):
            progress = take(progress, entry)
            if entry.kind.startswith("change.") and (raw := _look(session, change)) is not None:
                return raw
    raise _silent(change)


def _entries(session: Session, change: Change, since: int) -> Iterator[Entry]:
    """What the journal tells of the stack from now on."""
    query: Query = {"after": since, "stack": change.stack_name, "follow": True}
    for raw in session.client.lines("/v1/journal", query):
        yield msgspec.json.decode(raw, type=Entry)


def _look(session: Session, change: Change) -> bytes | None:
    """The change's JSON, if it has ended."""
    raw = session.client.get(f"/v1/changes/{change.id}")
    state = msgspec.json.decode(raw, type=Change).state
    return None if state is ChangeState.APPLYING else raw


def _unhappy(change: Change) -> LongshoreError | None:
    """The error that an end is, if it is one."""
    facts = {"change": msgspec.to_builtins(change)}
    reason = change.reason or "no reason was given"
    remedy = change.remedy or f"see what happened: longshore events --stack {change.stack_name}"
    match change.state:
        case ChangeState.DONE | ChangeState.APPLYING:
            return None
        case ChangeState.FAILED:
            words = f"the change of {change.stack_name} failed: {reason}"
            return Failed(words, code="change-failed", remedy=remedy, facts=facts)
        case ChangeState.CANCELLED:
            words = f"the change of {change.stack_name} was cancelled: {reason}"
            return Refused(words, code="change-cancelled", remedy=remedy, facts=facts)
        case ChangeState.SUPERSEDED:
            words = f"another change of {change.stack_name} took the place of this one: {reason}"
            return Refused(words, code="change-superseded", remedy=remedy, facts=facts)


def _silent(change: Change) -> Unsure:
    """The journal ended before the change did: the server is going down."""
    return Unsure(
        "the server stopped telling what happens; the change goes on when it is back",
        code="server-gone",
        remedy=f"longshore events -f --stack {change.stack_name}",
    )
