"""The tables. Each keeps what readers filter by as columns, and the whole as JSON in `doc`.

Types are those that SQLite and PostgreSQL both have: Text, BigInteger, LargeBinary. The migrations
say the same once more, step by step; a test compares the two.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from longshore.model.batch import Kind

HEAD = "0001"
"""The newest migration: a store at this revision is opened without loading Alembic (12 MB)."""

METADATA = MetaData()

# SQLite numbers rows by itself only where the type is spelt INTEGER, which there has 64 bits too.
Sequence = BigInteger().with_variant(Integer(), "sqlite")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How rows get into a table, and what a second put of the same key does.

    `replaced` are the columns it writes again; with none it changes nothing; None: it is an error.
    """

    table: Table
    replaced: tuple[str, ...] | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NounTable:
    """One kind of noun: its table, the columns between key and doc, and a noun's values for them.

    Values are plain str: the driver takes a slow way for anything else.
    """

    kind: Kind
    columns: tuple[str, ...]
    values: Callable[[Any], tuple[str, ...]]
    table: Table
    filling: Filling


def _noun(
    kind: Kind,
    columns: tuple[str, ...],
    values: Callable[[Any], tuple[str, ...]],
    *,
    fixed: tuple[str, ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
) -> NounTable:
    """A row of NOUN_TABLES. `fixed` columns never change while the key lives, so are not rewritten."""
    table = Table(
        kind.value,
        METADATA,
        Column("key", Text, primary_key=True),
        *(Column(name, Text, nullable=False) for name in columns),
        Column("doc", Text, nullable=False),
        *(Index(f"{kind}_by_{'_'.join(index)}", *index) for index in indexes),
    )
    replaced = (*(name for name in columns if name not in fixed), "doc")
    filling = Filling(table=table, replaced=replaced)
    return NounTable(kind=kind, columns=columns, values=values, table=table, filling=filling)


# `decision`, `refusal` and `plan` are what pruning must not take away from under a living noun.
# There is no index by host: tasks of one service are spread over hosts, so each commit would touch
# a page of it per task, which doubles the time of a commit; a scan of 100,000 tasks is bearable.
NOUN_TABLES: dict[Kind, NounTable] = {
    row.kind: row
    for row in (
        _noun(Kind.CLOUD, (), lambda _: ()),
        _noun(Kind.POOL, (), lambda _: ()),
        _noun(
            Kind.HOST,
            ("name", "cloud", "state", "decision"),
            lambda host: (host.name, host.cloud, host.state.value, host.decision or ""),
        ),
        _noun(
            Kind.STACK,
            ("project", "name", "state"),
            lambda stack: (stack.project, stack.name, stack.state.value),
        ),
        _noun(
            Kind.SERVICE,
            ("stack", "refusal"),
            lambda service: (service.key.partition("/")[0], service.refusal or ""),
        ),
        _noun(
            Kind.TASK,
            ("stack", "service", "host", "state", "decision"),
            lambda task: (task.stack, task.service, task.host, task.state.value, task.decision or ""),
            fixed=("stack", "service", "host"),  # placed once, never moved
            indexes=(("stack", "service"),),
        ),
        _noun(
            Kind.HOLDING,
            ("host", "stack", "state"),
            lambda holding: (holding.host, holding.stack or "", holding.state.value),
        ),
        _noun(
            Kind.CHANGE,
            ("stack", "state", "plan"),
            lambda change: (change.stack, change.state.value, change.plan),
            indexes=(("stack",),),
        ),
        _noun(
            Kind.STEP,
            ("change", "host", "decision"),
            lambda step: (step.change or "", step.action.host, step.decision or ""),
        ),
    )
}

ASK = Table(
    "ask",
    METADATA,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("doc", Text, nullable=False),
    sqlite_autoincrement=True,  # a pruned number is never given again, or its ask would be overlooked
)

ANSWER = Table(
    "answer",
    METADATA,
    Column("ask", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("doc", Text, nullable=False),
)

PLAN = Table(
    "plan",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("stack", Text, nullable=False),
    Column("doc", Text, nullable=False),
)

DECISION = Table(
    "decision",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("subject", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Index("decision_by_subject_at", "subject", "at"),
)

# The one writer numbers the entries itself, so that sequence is commit order on every database.
JOURNAL = Table(
    "journal",
    METADATA,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("stack", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Index("journal_by_stack_seq", "stack", "seq"),
    Index("journal_by_change_seq", "change", "seq"),
)

CONTENT = Table(
    "content",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

META = Table(
    "meta",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

ANSWERS = Filling(table=ANSWER, replaced=("at", "doc"))
PLANS = Filling(table=PLAN, replaced=("at", "stack", "doc"))
DECISIONS = Filling(table=DECISION, replaced=("at", "subject", "doc"))
ENTRIES = Filling(table=JOURNAL, replaced=None)
CONTENTS = Filling(table=CONTENT, replaced=())
METAS = Filling(table=META, replaced=("value",))
