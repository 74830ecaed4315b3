"""The connections: one writer, kept open and used by one thread at a time; readers as needed.

Everything that holds for SQLite only is here. In its write-ahead log readers see the last commit
and neither wait for the writer nor hold it up.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from longshore.store.failure import CLOSED, database_errors, error_of

BUSY_SECONDS = 5
"""How long to wait for a foreign program (a person's sqlite3, a backup) to let go."""

_ALWAYS: dict[str, object] = {
    "busy_timeout": BUSY_SECONDS * 1000,
    "foreign_keys": "ON",
    "synchronous": "FULL",  # a commit that was reported survives the loss of power
}

_WRITER: dict[str, object] = {
    **_ALWAYS,
    # Of a new file; one that is there keeps the pages it has. A commit of thousands of rows takes a quarter
    # less time than with SQLite's own 4 kB, as docs of half a kB fill them better and the trees are lower.
    "page_size": 16384,
    "journal_mode": "WAL",
    # The log goes into the main file every 64 MB, so that pages which many commits touch are copied once; it
    # costs the one commit some 100 ms. (In a file with pages of 4 kB it is every 16 MB.)
    "wal_autocheckpoint": 4000,
    "journal_size_limit": 64 << 20,
}

_READER: dict[str, object] = {**_ALWAYS, "query_only": "ON"}


class Database:
    """An SQLite file; its paths of errors end in ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._closed = False
        self._readers = _engine(path, _READER, begin="BEGIN")
        writers = _engine(path, _WRITER, begin="BEGIN IMMEDIATE")
        try:
            with database_errors(path):
                self._writer = writers.connect()
        except BaseException:
            writers.dispose()
            raise

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction: durable when the block has ended, undone when it raises."""
        with self._lock, database_errors(self.path):
            if self._closed:
                raise error_of(CLOSED, self.path)
            with self._writer.begin():
                yield self._writer

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read transaction: all of it sees one moment."""
        if self._closed:
            raise error_of(CLOSED, self.path)
        with database_errors(self.path), self._readers.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections. Twice: nothing."""
        with self._lock:
            self._closed = True
            self._readers.dispose()
            self._writer.close()
            self._writer.engine.dispose()


def _engine(path: Path, pragmas: Mapping[str, object], *, begin: str) -> Engine:
    """An engine that begins transactions itself, because the driver does so only before writes.

    The file must be there: were it deleted under us, a new connection would otherwise make an
    empty one in its place.
    """
    address = f"file:{quote(str(path))}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            for name, value in pragmas.items():
                connection.execute(f"PRAGMA {name} = {value}")
        except BaseException:
            connection.close()
            raise
        return connection

    # As many readers as threads ask: the callers' pool of threads is the bound.
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=4, max_overflow=-1)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine
