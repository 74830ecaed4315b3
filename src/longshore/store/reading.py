"""What is read. Every function works within the read transaction of the connection it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, case, func, or_, select, true

from longshore.model.ask import Answer, Ask
from longshore.model.batch import NOUNS, Kind, Noun
from longshore.model.decision import Decision
from longshore.model.errors import Failed
from longshore.model.journal import Entry
from longshore.model.lifecycle import ChangeState
from longshore.model.plan import Plan
from longshore.store.filling import SIZES
from longshore.store.schema import ANSWER, ASK, CONTENT, DECISION, JOURNAL, META, NOUN_TABLES, PLAN

KEPT_CHANGES = 50
"""How many finished changes of each stack an engine gets back at its start."""

_NOUN_DECODERS: dict[Kind, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(noun) for kind, noun in NOUNS.items()
}
_ASKS = msgspec.json.Decoder(Ask)
_ANSWERS = msgspec.json.Decoder(Answer)
_PLANS = msgspec.json.Decoder(Plan)
_DECISIONS = msgspec.json.Decoder(Decision)
_ENTRIES = msgspec.json.Decoder(Entry)

_T = TypeVar("_T")


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine starts from: all nouns by kind, each kind in the order of its keys.

    Of finished changes only the newest 50 of each stack. `asks_until`: asks up to this seq have
    been taken in.
    """

    nouns: dict[Kind, list[Noun]]
    asks_until: int


def load(connection: Connection) -> Loaded:
    """Everything an engine needs at its start, from one moment."""
    found: dict[Kind, list[Noun]] = {}
    for kind, noun_table in NOUN_TABLES.items():
        wanted = _recent_changes() if kind is Kind.CHANGE else select(noun_table.table.c.doc)
        found[kind] = _nouns(connection, kind, wanted.order_by(noun_table.table.c.key))
    return Loaded(nouns=found, asks_until=asks_until(connection))


def nouns(connection: Connection, kind: Kind, columns: dict[str, str]) -> list[Noun]:
    """The nouns whose columns have these values, by key."""
    noun_table = NOUN_TABLES[kind]
    unknown = sorted(columns.keys() - set(noun_table.columns))
    if unknown:
        msg = f"{kind} has no column {unknown[0]}; it has: {', '.join(noun_table.columns) or 'none'}"
        raise ValueError(msg)
    table = noun_table.table
    wanted = select(table.c.doc).order_by(table.c.key)
    return _nouns(connection, kind, wanted.where(*(table.c[c] == value for c, value in columns.items())))


def noun(connection: Connection, kind: Kind, key: str) -> Noun | None:
    """The noun of that key."""
    table = NOUN_TABLES[kind].table
    return next(iter(_nouns(connection, kind, select(table.c.doc).where(table.c.key == key))), None)


def asks_after(connection: Connection, seq: int, limit: int) -> list[Ask]:
    """The asks after `seq`, oldest first."""
    wanted = select(ASK.c.seq, ASK.c.doc).where(ASK.c.seq > seq).order_by(ASK.c.seq).limit(limit)
    return _numbered(connection, wanted, _ASKS, ASK)


def asks_until(connection: Connection) -> int:
    """Up to which seq asks have been taken in."""
    return int(meta(connection, "asks_until") or 0)


def answer(connection: Connection, ask: str) -> Answer | None:
    """What came of an ask; None while nothing has."""
    wanted = select(ANSWER.c.doc).where(ANSWER.c.ask == ask)
    return next(iter(_decoded(connection.execute(wanted).scalars(), _ANSWERS, ANSWER)), None)


def journal(connection: Connection, *, after: int, stack: str, change: str, limit: int) -> list[Entry]:
    """Entries after a seq in their order, of a stack or a change where one is given."""
    wanted = select(JOURNAL.c.seq, JOURNAL.c.doc).where(JOURNAL.c.seq > after, _of(stack, change))
    return _numbered(connection, wanted.order_by(JOURNAL.c.seq).limit(limit), _ENTRIES, JOURNAL)


def journal_tail(connection: Connection, count: int, stack: str) -> list[Entry]:
    """The last entries in their order."""
    wanted = select(JOURNAL.c.seq, JOURNAL.c.doc).where(_of(stack, ""))
    newest = wanted.order_by(JOURNAL.c.seq.desc()).limit(count)
    return _numbered(connection, newest, _ENTRIES, JOURNAL)[::-1]


def last_seq(connection: Connection) -> int:
    """The seq of the newest entry."""
    return int(connection.execute(select(func.max(JOURNAL.c.seq))).scalar() or 0)


def plans(connection: Connection, prefix: str, limit: int | None) -> list[Plan]:
    """Plans whose hash begins so, newest first."""
    wanted = select(PLAN.c.doc).where(PLAN.c.hash.startswith(prefix, autoescape=True))
    newest = wanted.order_by(PLAN.c.at.desc(), PLAN.c.hash).limit(limit)
    return _decoded(connection.execute(newest).scalars(), _PLANS, PLAN)


def decisions(connection: Connection, ids: Sequence[str]) -> list[Decision]:
    """Decisions in the order of their ids as given, without those that are not there."""
    docs = _by_key(connection, DECISION, DECISION.c.doc, ids)
    return _decoded((docs[key] for key in ids if key in docs), _DECISIONS, DECISION)


def decisions_of(connection: Connection, subject: str, limit: int) -> list[Decision]:
    """The newest decisions about a subject, newest first."""
    wanted = select(DECISION.c.doc).where(DECISION.c.subject == subject)
    newest = wanted.order_by(DECISION.c.at.desc(), DECISION.c.id.desc()).limit(limit)
    return _decoded(connection.execute(newest).scalars(), _DECISIONS, DECISION)


def contents(connection: Connection, digests: Sequence[str]) -> dict[str, bytes]:
    """The bytes of these digests, without those that are not there."""
    return _by_key(connection, CONTENT, CONTENT.c.data, digests)


def meta(connection: Connection, key: str) -> str:
    """What the store knows of itself; empty where it does not."""
    return str(connection.execute(select(META.c.value).where(META.c.key == key)).scalar() or "")


def _recent_changes() -> Select[Any]:
    """All open changes, and the newest finished ones of each stack: ids sort by age."""
    change = NOUN_TABLES[Kind.CHANGE].table
    still_open = change.c.state == ChangeState.APPLYING.value
    place = func.row_number().over(
        partition_by=(change.c.stack, case((still_open, 1), else_=0)), order_by=change.c.key.desc()
    )
    ranked = select(change.c.key, place.label("place")).subquery()
    wanted = select(change.c.doc).join(ranked, ranked.c.key == change.c.key)
    return wanted.where(or_(still_open, ranked.c.place <= KEPT_CHANGES))


def _of(stack: str, change: str) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [true()]
    if stack:
        wanted.append(JOURNAL.c.stack == stack)
    if change:
        wanted.append(JOURNAL.c.change == change)
    return and_(*wanted)


def _nouns(connection: Connection, kind: Kind, wanted: Select[Any]) -> list[Noun]:
    return _decoded(connection.execute(wanted).scalars(), _NOUN_DECODERS[kind], NOUN_TABLES[kind].table)


def _numbered(
    connection: Connection, wanted: Select[Any], decoder: msgspec.json.Decoder[_T], table: Table
) -> list[_T]:
    """Values with the seq that the store gave them, which their docs do not know."""
    rows = connection.execute(wanted).all()
    values = _decoded((row.doc for row in rows), decoder, table)
    return [
        msgspec.structs.replace(value, seq=row.seq)  # type: ignore[type-var]
        for value, row in zip(values, rows, strict=True)
    ]


def _by_key(connection: Connection, table: Table, column: Column[Any], keys: Sequence[str]) -> dict[str, Any]:
    (key,) = table.primary_key.columns
    found: dict[str, Any] = {}
    for start in range(0, len(keys), SIZES[0]):
        wanted = select(key, column).where(key.in_(keys[start : start + SIZES[0]]))
        found.update((row[0], row[1]) for row in connection.execute(wanted))
    return found


def _decoded(docs: Iterable[str], decoder: msgspec.json.Decoder[_T], table: Table) -> list[_T]:
    try:
        return [decoder.decode(doc) for doc in docs]
    except msgspec.MsgspecError as error:
        raise Failed(
            f"a row of the table {table.name} cannot be read: {error}",
            code="store-corrupt",
            remedy="put back the last good copy of the store",
            facts={"table": table.name},
        ) from error
