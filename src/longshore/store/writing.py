"""What is written: a turn's batch, asks, contents, and the taking away of what is old.

Every function works within the transaction of the connection it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, and_, func, insert, select, true

from longshore.model.ask import Ask
from longshore.model.batch import Batch, Kind, Noun
from longshore.model.clock import Micros
from longshore.model.journal import Entry
from longshore.store.filling import drop, fill
from longshore.store.reading import asks_until, last_seq
from longshore.store.schema import (
    ANSWER,
    ANSWERS,
    ASK,
    CONTENTS,
    DECISION,
    DECISIONS,
    ENTRIES,
    JOURNAL,
    METAS,
    NOUN_TABLES,
    PLAN,
    PLANS,
    NounTable,
)

_ENCODER = msgspec.json.Encoder()


def write_batch(connection: Connection, batch: Batch) -> int:
    """Write a batch: drops before puts, so that a key in both is put. Returns the newest seq."""
    newest = last_seq(connection)
    for kind, keys in batch.drops.items():
        drop(connection, NOUN_TABLES[kind].table, keys)
    for kind, nouns in batch.puts.items():
        noun_table = NOUN_TABLES[kind]
        fill(connection, noun_table.filling, _noun_rows(noun_table, nouns))
    fill(connection, DECISIONS, _last_of_each((d.id, d.at, d.subject, encode(d)) for d in batch.decisions))
    fill(connection, PLANS, _last_of_each((p.hash, p.at, p.stack, encode(p)) for p in batch.plans))
    fill(connection, ANSWERS, _last_of_each((a.ask, a.at, encode(a)) for a in batch.answers))
    fill(connection, ENTRIES, _entry_rows(batch.entries, newest))
    if batch.asks_until:
        fill(connection, METAS, [("asks_until", str(batch.asks_until))])
    return newest + len(batch.entries)


def write_ask(connection: Connection, ask: Ask) -> int:
    """Append an ask and return its seq; one that is there already keeps the seq it has."""
    known = connection.execute(select(ASK.c.seq).where(ASK.c.id == ask.id)).scalar()
    if known is not None:
        return int(known)
    row = insert(ASK).values(id=ask.id, at=ask.at, doc=encode(ask)).returning(ASK.c.seq)
    return int(connection.execute(row).scalar_one())


def write_contents(connection: Connection, contents: dict[str, str]) -> None:
    """Keep texts by digest; what is there already is the same, and stays."""
    fill(connection, CONTENTS, [(digest, text.encode()) for digest, text in contents.items()])


def write_cell(connection: Connection, cell: str) -> None:
    """Say once whose store this is."""
    fill(connection, METAS, [("cell", cell)])


def outdated(connection: Connection, before: Micros) -> list[tuple[Table, Sequence[object]]]:
    """The keys, per table, of what is older than `before` and no longer needed."""
    found: list[tuple[Table, Sequence[object]]] = []
    for table, needless in _prunable(connection):
        (key,) = table.primary_key.columns
        old = select(key).where(and_(table.c.at < before, needless)).order_by(key)
        found.append((table, connection.execute(old).scalars().all()))
    return found


def encode(value: object) -> str:
    """The JSON kept in `doc`; as text, so that a person can read it with any SQL tool."""
    return _ENCODER.encode(value).decode()


def _prunable(connection: Connection) -> list[tuple[Table, ColumnElement[bool]]]:
    """What may be taken away, table by table.

    An ask stays until it has been taken in. The last entry stays, because numbering goes on from
    it. A plan stays while its change is known, a decision while a noun gives it as its reason.
    """
    newest = select(func.max(JOURNAL.c.seq)).scalar_subquery()
    change = NOUN_TABLES[Kind.CHANGE].table
    reasons = [
        column
        for noun_table in NOUN_TABLES.values()
        for column in (noun_table.table.c.get("decision"), noun_table.table.c.get("refusal"))
        if column is not None
    ]
    return [
        (ASK, ASK.c.seq <= asks_until(connection)),
        (ANSWER, true()),
        (PLAN, PLAN.c.hash.not_in(select(change.c.plan))),
        (DECISION, and_(*(DECISION.c.id.not_in(select(column)) for column in reasons))),
        (JOURNAL, JOURNAL.c.seq < newest),
    ]


def _noun_rows(noun_table: NounTable, nouns: dict[str, Noun]) -> list[tuple[object, ...]]:
    values = noun_table.values
    # All at once, as JSON has no line breaks of its own: a sixth less time for a row than one by one.
    docs = _ENCODER.encode_lines(list(nouns.values())).decode().split("\n")
    return [(key, *values(noun), doc) for (key, noun), doc in zip(nouns.items(), docs, strict=False)]


def _entry_rows(entries: Sequence[Entry], newest: int) -> list[tuple[object, ...]]:
    return [
        (seq, entry.at, entry.stack, entry.change or "", encode(entry))
        for seq, entry in enumerate(entries, newest + 1)
    ]


def _last_of_each(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The rows without those that a later one of the same key replaces."""
    return list({row[0]: row for row in rows}.values())
