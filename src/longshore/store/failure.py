"""What goes wrong between us and the disk, said in our words: foreign errors end here.

What is not in the tables below is a bug of ours, and is raised as it came.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from longshore.model.errors import Failed, LongshoreError, Refused

NEARLY_FULL = 1 << 20
"""Bytes free below which an error of the disk is taken for a full one: SQLite says only "I/O error"
where it cannot enlarge the index of its log."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that can be wrong with a store; `{path}` and `{folder}` stand for its place."""

    code: str
    raises: type[LongshoreError] = Failed
    words: str
    remedy: str


DISK_FULL = Failure(
    code="disk-full",
    words="the disk of {path} is full; what was asked has not been stored",
    remedy="free some space there (df -h {folder}), then ask again",
)
READ_ONLY = Failure(
    code="store-read-only",
    words="the store {path} cannot be written",
    remedy="make the file and its folder writable for this user (ls -la {folder})",
)
CORRUPT = Failure(
    code="store-corrupt",
    words="the store {path} is damaged, or is no database",
    remedy="stop the server and put back the last good copy, or move the file away to begin anew",
)
BUSY = Failure(
    code="store-busy",
    raises=Refused,
    words="another program holds the store {path}",
    remedy="close that program (fuser {path} names it), then ask again",
)
IO_ERROR = Failure(
    code="store-io",
    words="the disk of {path} does not read or write as it should",
    remedy="look at the disk (dmesg, df -h {folder}), then start the server again",
)
UNREADABLE = Failure(
    code="store-unreadable",
    words="the store {path} cannot be opened",
    remedy="see that the file is there and belongs to this user (ls -la {folder})",
)
CLOSED = Failure(
    code="store-closed",
    words="the store {path} has been closed",
    remedy="start the server again",
)

_BY_SQLITE = {
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CORRUPT: CORRUPT,
    sqlite3.SQLITE_NOTADB: CORRUPT,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_IOERR: IO_ERROR,
    sqlite3.SQLITE_CANTOPEN: UNREADABLE,
}

_BY_ERRNO = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
    errno.EIO: IO_ERROR,
}


def error_of(failure: Failure, path: Path, detail: str = "") -> LongshoreError:
    """The error to raise; `detail` is what the other side said."""
    place = {"path": path, "folder": path.parent}
    facts: dict[str, object] = {"path": str(path)}
    if detail:
        facts["detail"] = detail
    return failure.raises(
        failure.words.format(**place),
        code=failure.code,
        remedy=failure.remedy.format(**place),
        facts=facts,
    )


@contextlib.contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Raise what the database says about the store at `path` in our words."""
    try:
        yield
    except DBAPIError as error:
        failure = _failure_of(error.orig, path)
        if failure is None:
            raise
        raise error_of(failure, path, str(error.orig)) from error


@contextlib.contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Raise what the system says about the file at `path`, or its lock, in our words."""
    try:
        yield
    except OSError as error:
        failure = _BY_ERRNO.get(error.errno or 0, UNREADABLE)
        raise error_of(failure, path, str(error.strerror)) from error


def _failure_of(error: BaseException | None, path: Path) -> Failure | None:
    """The row for an error of SQLite's; the low byte of its code names the family."""
    code = getattr(error, "sqlite_errorcode", None)
    failure = _BY_SQLITE.get(code & 0xFF) if code is not None else None
    if failure is IO_ERROR and _is_full(path):
        return DISK_FULL
    return failure


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < NEARLY_FULL
    except OSError:
        return False
