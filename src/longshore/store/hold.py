"""Holding a store: one process at a time, and a file that only its owner can read."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

from longshore.model.errors import Refused

OWNER_ONLY = 0o600


def hold(path: Path) -> int:
    """Take the lock file beside the store for this process, until it ends or lets go.

    The system frees it however the process ends. The file itself stays: removing it would let two
    processes hold two files of one name.

    Returns:
        A descriptor for `let_go`.

    Raises:
        Refused: `store-locked`, naming the process that has it.
    """
    lock = os.open(lock_path(path), os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError as error:
        pid = os.pread(lock, 32, 0).decode(errors="replace").strip()
        os.close(lock)
        raise _locked(path, pid) from error
    except OSError:
        os.close(lock)
        raise
    return lock


def let_go(lock: int) -> None:
    """Give the lock back. Once per `hold`."""
    os.close(lock)


def lock_path(path: Path) -> Path:
    """The lock file of a store."""
    return path.with_name(f"{path.name}.lock")


def make_private(path: Path) -> None:
    """Make the file if it is not there, and see that only its owner can read it.

    SQLite gives the files it puts beside it the same mode.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    try:
        found = os.fstat(file)
        if stat.S_IMODE(found.st_mode) & ~OWNER_ONLY and found.st_uid == os.geteuid():
            os.fchmod(file, OWNER_ONLY)
    finally:
        os.close(file)


def _locked(path: Path, pid: str) -> Refused:
    holder = f"process {pid}" if pid else "another process"
    return Refused(
        f"{holder} has the store {path} open",
        code="store-locked",
        remedy=f"use the server that runs there, or stop it first (kill {pid or 'PID'})",
        facts={"path": str(path), "pid": int(pid) if pid.isdigit() else 0},
    )
