"""The schema: said twice (tables, migrations), and the same to PostgreSQL."""

from __future__ import annotations

import importlib
import io
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, LargeBinary, Table, Text, create_engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from longshore.store import Store
from longshore.store.database import Database
from longshore.store.filling import SIZES, statement
from longshore.store.migrate import migrate, migrations
from longshore.store.schema import (
    ANSWERS,
    CONTENTS,
    DECISIONS,
    ENTRIES,
    HEAD,
    METADATA,
    METAS,
    NOUN_TABLES,
    PLANS,
    Filling,
)

FILLINGS = [
    *(row.filling for row in NOUN_TABLES.values()),
    ANSWERS,
    PLANS,
    DECISIONS,
    ENTRIES,
    CONTENTS,
    METAS,
]
POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def test_the_newest_migration_is_the_head() -> None:
    script = ScriptDirectory.from_config(migrations())
    assert script.get_heads() == [HEAD]


def test_migrations_and_tables_say_the_same(store: Store, path: Path) -> None:
    store.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_asks_keep_counting_when_pruned(store: Store, path: Path) -> None:
    store.close()
    connection = sqlite3.connect(path)
    (text,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'ask'").fetchone()
    connection.close()
    assert "AUTOINCREMENT" in text


def test_a_migration_that_breaks_off_leaves_nothing(path: Path) -> None:
    path.touch()
    database = Database(path)

    def break_off() -> None:
        with database.writing() as connection:
            migrate(connection, "", path)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        break_off()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    database.close()


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_postgresql_takes_every_table(table: Table) -> None:
    text = str(CreateTable(table).compile(dialect=POSTGRESQL))
    assert "INTEGER" not in text, "ids have 64 bits"
    for index in table.indexes:
        assert str(CreateIndex(index).compile(dialect=POSTGRESQL))
    assert {type(column.type) for column in table.columns} <= {BigInteger, LargeBinary, Text}


def test_postgresql_takes_every_migration() -> None:
    text = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": text}
    )
    with Operations.context(context):
        for script in reversed(list(ScriptDirectory.from_config(migrations()).walk_revisions())):
            script.module.upgrade()
    for table in METADATA.tables.values():
        assert f"CREATE TABLE {table.name} " in text.getvalue()
    assert "seq BIGSERIAL NOT NULL" in text.getvalue()
    assert " INTEGER" not in text.getvalue()


@pytest.mark.parametrize("filling", FILLINGS, ids=lambda filling: filling.table.name)
def test_rows_are_put_by_a_text_both_databases_read(filling: Filling) -> None:
    """The only difference is how a value's place is written."""
    for size in SIZES:
        here = statement(filling, size, sqlite.dialect())
        there = statement(filling, size, POSTGRESQL)
        assert there == here.replace("?", "%s")
        assert here.count("?") == size * len(filling.table.columns) < 32_766


def test_no_name_needs_quotes() -> None:
    """`filling` writes names as they are."""
    reserved = importlib.import_module("sqlalchemy.dialects.postgresql.base").RESERVED_WORDS
    for table in METADATA.tables.values():
        for name in (table.name, *table.columns.keys()):
            assert name.isidentifier()
            assert name == name.lower()
            assert name not in reserved
