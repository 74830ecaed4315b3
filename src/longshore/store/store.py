"""The store as engine and services see it: each verb is one short transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from longshore.model.ask import Answer, Ask
from longshore.model.batch import Batch, Kind, Noun
from longshore.model.clock import Micros
from longshore.model.decision import Decision
from longshore.model.errors import Invalid, NotFound, Refused
from longshore.model.journal import Entry
from longshore.model.plan import Plan
from longshore.store import reading, writing
from longshore.store.bell import Bell
from longshore.store.database import Database
from longshore.store.failure import file_errors
from longshore.store.filling import drop
from longshore.store.hold import hold, let_go, make_private
from longshore.store.reading import Loaded
from longshore.store.schema import HEAD

PRUNED_AT_ONCE = 1000
"""Rows taken away in one transaction, so that a turn's commit never waits long for pruning."""


class Store:
    """Nouns, asks, answers, plans, decisions and journal; safe from any thread.

    Every verb may raise `Failed` (`disk-full`, `store-corrupt`, `store-io`, `store-read-only`,
    `store-unreadable`, `store-closed`) or `Refused` (`store-busy`); nothing of it is stored then.
    """

    def __init__(self, database: Database, lock: int, cell: str) -> None:
        self.bell = Bell()
        self.cell = cell
        self._database = database
        self._lock: int | None = lock

    @classmethod
    def open(cls, path_or_url: str, *, cell: str, create: bool = True) -> Store:
        """Open a store for this process alone, and bring it to this version's schema.

        Args:
            path_or_url: the file, or `sqlite:///` and the file.
            cell: the cell's id, kept if the store is new; else the one it has stays.
            create: make it, and its folder, where there is none.

        Raises:
            Invalid: `store-url`, for a kind of database that is not known.
            NotFound: `store-missing`, if not `create`.
            Refused: `store-locked`, naming the process; `store-newer`; `store-foreign`.
            Failed: as every verb.
        """
        path = _path_of(path_or_url)
        with contextlib.ExitStack() as undo, file_errors(path):
            if create:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            elif not path.exists():
                raise _missing(path)
            lock = hold(path)
            undo.callback(let_go, lock)
            make_private(path)
            database = Database(path)
            undo.callback(database.close)
            with database.writing() as connection:
                _prepare(connection, path)
                if not reading.meta(connection, "cell"):
                    writing.write_cell(connection, cell)
            with database.reading() as connection:
                store = cls(database, lock, reading.meta(connection, "cell"))
            undo.pop_all()
            return store

    def close(self) -> None:
        """Close it and let another process have it. Twice: nothing."""
        self._database.close()
        if self._lock is not None:
            let_go(self._lock)
            self._lock = None

    # What the engine does.

    def load(self) -> Loaded:
        """All nouns, and how far asks have been taken in, from one moment."""
        with self._database.reading() as connection:
            return reading.load(connection)

    def commit(self, batch: Batch) -> int:
        """Write a batch, all or nothing; it is durable on return, and the bell has rung.

        A key that is both dropped and put is put. Entries get their seq in order.

        Returns:
            The seq of the newest journal entry.
        """
        if batch.empty:
            return self.last_seq()
        with self._database.writing() as connection:
            newest = writing.write_batch(connection, batch)
        self.bell.ring()
        return newest

    def asks_after(self, seq: int, limit: int = 100) -> list[Ask]:
        """The asks after `seq`, oldest first, with their seq."""
        with self._database.reading() as connection:
            return reading.asks_after(connection, seq, limit)

    # What services do.

    def append_ask(self, ask: Ask) -> int:
        """Append an ask; it is durable on return, and the bell has rung. Twice: once.

        Returns:
            Its seq.
        """
        with self._database.writing() as connection:
            seq = writing.write_ask(connection, ask)
        self.bell.ring()
        return seq

    def answer(self, ask_id: str) -> Answer | None:
        """What came of an ask; None while nothing has."""
        with self._database.reading() as connection:
            return reading.answer(connection, ask_id)

    def nouns(self, kind: Kind, **columns: str) -> list[Noun]:
        """The nouns of a kind whose columns have these values, in the order of their keys.

        Columns of a host: `name`, `cloud`, `state`; of a stack: `project`, `name`, `state`; of a service:
        `stack`; of a task: `stack` (an id), `service`, `host`, `state`; of a holding: `host`, `stack`,
        `state`; of a change: `stack`, `state`, `plan`; of a step: `change`, `host`. Clouds and pools
        are found by their key, the name. Any other is a ValueError.
        """
        with self._database.reading() as connection:
            return reading.nouns(connection, kind, columns)

    def noun(self, kind: Kind, key: str) -> Noun | None:
        """The noun of that key."""
        with self._database.reading() as connection:
            return reading.noun(connection, kind, key)

    def journal(self, after: int = 0, stack: str = "", change: str = "", limit: int = 500) -> list[Entry]:
        """The first entries after a seq, in order; of a stack or change as entries name them."""
        with self._database.reading() as connection:
            return reading.journal(connection, after=after, stack=stack, change=change, limit=limit)

    def journal_tail(self, count: int, stack: str = "") -> list[Entry]:
        """The last entries, in order."""
        with self._database.reading() as connection:
            return reading.journal_tail(connection, count, stack)

    def last_seq(self) -> int:
        """The seq of the newest journal entry, 0 where there is none."""
        with self._database.reading() as connection:
            return reading.last_seq(connection)

    def plan(self, prefix: str) -> list[Plan]:
        """All plans whose hash begins so, newest first; none for an empty prefix, which names nothing."""
        with self._database.reading() as connection:
            return reading.plans(connection, prefix, None) if prefix else []

    def plans(self, limit: int = 50) -> list[Plan]:
        """The newest plans, newest first."""
        with self._database.reading() as connection:
            return reading.plans(connection, "", limit)

    def decisions(self, ids: Sequence[str]) -> list[Decision]:
        """Decisions in the order of their ids as given, without those that are not there."""
        with self._database.reading() as connection:
            return reading.decisions(connection, ids)

    def decisions_of(self, subject: str, limit: int = 10) -> list[Decision]:
        """The newest decisions about a subject, newest first."""
        with self._database.reading() as connection:
            return reading.decisions_of(connection, subject, limit)

    def put_contents(self, contents: dict[str, str]) -> None:
        """Keep the texts of file mounts by their digest. Twice: once."""
        with self._database.writing() as connection:
            writing.write_contents(connection, contents)

    def contents(self, digests: Sequence[str]) -> dict[str, bytes]:
        """The bytes of these digests, without those that are not there."""
        with self._database.reading() as connection:
            return reading.contents(connection, digests)

    def prune(self, before: Micros) -> None:
        """Take away answers, asks, plans, decisions and entries older than `before`, in small steps.

        Kept whatever their age: asks not taken in, plans of changes, decisions that a noun gives as its
        reason, and the newest entry.
        """
        with self._database.reading() as connection:
            found = writing.outdated(connection, before)
        for table, keys in found:
            for start in range(0, len(keys), PRUNED_AT_ONCE):
                with self._database.writing() as connection:
                    drop(connection, table, keys[start : start + PRUNED_AT_ONCE])


def _path_of(path_or_url: str) -> Path:
    scheme, mark, rest = path_or_url.partition("://")
    if not mark:
        return Path(path_or_url).absolute()
    if scheme == "sqlite" and rest.startswith("/"):
        return Path(rest[1:]).absolute()
    raise Invalid(
        f"{path_or_url} is no store that this version can open: only SQLite files so far",
        code="store-url",
        remedy="give the path of a file, or sqlite:///PATH",
    )


def _missing(path: Path) -> NotFound:
    return NotFound(
        f"there is no store at {path}",
        code="store-missing",
        remedy="start a server, which makes one: longshore serve",
        facts={"path": str(path)},
    )


def _prepare(connection: Connection, path: Path) -> None:
    """Bring the schema to HEAD; the common case, that it is there, costs one query."""
    tables = set(inspect(connection).get_table_names())
    found = ""
    if tables:
        if not tables >= {"alembic_version", "meta", "journal"}:
            raise Refused(
                f"{path} is a database, but not one of Longshore's",
                code="store-foreign",
                remedy="give another path, or move that file away",
                facts={"path": str(path)},
            )
        found = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    if found != HEAD:
        # Loaded only when there is something to do: 12 MB and a tenth of a second.
        from longshore.store.migrate import migrate  # noqa: PLC0415

        migrate(connection, found, path)
