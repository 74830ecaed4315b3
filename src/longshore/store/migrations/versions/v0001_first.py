"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_NOUNS: dict[str, tuple[str, ...]] = {
    "cloud": (),
    "pool": (),
    "host": ("name", "cloud", "state", "decision"),
    "stack": ("project", "name", "state"),
    "service": ("stack", "refusal"),
    "task": ("stack", "service", "host", "state", "decision"),
    "holding": ("host", "stack", "state"),
    "change": ("stack", "state", "plan"),
    "step": ("change", "host", "decision"),
}

_INDEXES: dict[str, tuple[str, tuple[str, ...]]] = {
    "task_by_stack_service": ("task", ("stack", "service")),
    "change_by_stack": ("change", ("stack",)),
    "decision_by_subject_at": ("decision", ("subject", "at")),
    "journal_by_stack_seq": ("journal", ("stack", "seq")),
    "journal_by_change_seq": ("journal", ("change", "seq")),
}


def upgrade() -> None:
    """Make all tables."""
    for table, columns in _NOUNS.items():
        op.create_table(table, _key("key"), *map(_text, columns), _text("doc"))
    op.create_table(
        "ask",
        sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text(), nullable=False, unique=True),
        _number("at"),
        _text("doc"),
        sqlite_autoincrement=True,
    )
    op.create_table("answer", _key("ask"), _number("at"), _text("doc"))
    op.create_table("plan", _key("hash"), _number("at"), _text("stack"), _text("doc"))
    op.create_table("decision", _key("id"), _number("at"), _text("subject"), _text("doc"))
    op.create_table(
        "journal",
        sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=False),
        _number("at"),
        _text("stack"),
        _text("change"),
        _text("doc"),
    )
    op.create_table("content", _key("digest"), sa.Column("data", sa.LargeBinary(), nullable=False))
    op.create_table("meta", _key("key"), _text("value"))
    for index, (table, columns) in _INDEXES.items():
        op.create_index(index, table, list(columns))


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
