"""Many rows into a table, by few statements.

The hard part is the interpreter's lock: the driver gives it up at every statement it steps through,
and beside a thread that computes, each time costs up to a switch interval to get it back. Row by row
a commit of 3,000 rows took 3 s so; with hundreds of rows to a statement it takes 0.1 s, and a
quarter less where nothing else runs. SQLAlchemy would spend more on each row than the database
does, so the rows go to the driver as they are.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect

from longshore.store.schema import Filling

SIZES = (256, 64, 16, 4, 1)
"""Rows to a statement: few sizes, so that each is prepared once; 256 rows stay below the least limit
of values to a statement (32,766 in SQLite)."""

_PLACES = {"qmark": "?", "format": "%s", "pyformat": "%s"}
"""How drivers write the place of a value."""


def fill(connection: Connection, filling: Filling, rows: Sequence[tuple[object, ...]]) -> None:
    """Put rows, each with all columns of the table in its order.

    Keys must not repeat: PostgreSQL refuses to replace a row twice in one statement.
    """
    start = 0
    for size in _pieces(len(rows)):
        values = tuple(itertools.chain.from_iterable(rows[start : start + size]))
        connection.exec_driver_sql(statement(filling, size, connection.dialect), values)
        start += size


def drop(connection: Connection, table: Table, keys: Sequence[object]) -> None:
    """Delete the rows of these primary keys; of those that are not there: nothing."""
    place = _PLACES[connection.dialect.paramstyle]
    start = 0
    for size in _pieces(len(keys)):
        connection.exec_driver_sql(_dropping(table, size, place), tuple(keys[start : start + size]))
        start += size


def statement(filling: Filling, size: int, dialect: Dialect) -> str:
    """The text that puts `size` rows: the form that SQLite and PostgreSQL share."""
    return _filling(filling, size, _PLACES[dialect.paramstyle])


def _pieces(count: int) -> Iterator[int]:
    for size in SIZES:
        times, count = divmod(count, size)
        yield from itertools.repeat(size, times)


# All names are plain words of the schema, so that no dialect has to quote them.


@functools.cache
def _dropping(table: Table, size: int, place: str) -> str:
    (key,) = table.primary_key.columns.keys()
    return f"DELETE FROM {table.name} WHERE {key} IN ({', '.join([place] * size)})"  # noqa: S608


@functools.cache
def _filling(filling: Filling, size: int, place: str) -> str:
    names = filling.table.columns.keys()
    row = f"({', '.join([place] * len(names))})"
    into = f"{filling.table.name} ({', '.join(names)})"
    insert = f"INSERT INTO {into} VALUES {', '.join([row] * size)}"  # noqa: S608
    if filling.replaced is None:
        return insert
    if not filling.replaced:
        return f"{insert} ON CONFLICT DO NOTHING"
    (key,) = filling.table.primary_key.columns.keys()
    replacing = ", ".join(f"{name} = excluded.{name}" for name in filling.replaced)
    return f"{insert} ON CONFLICT ({key}) DO UPDATE SET {replacing}"
