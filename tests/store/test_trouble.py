"""Bad days: each ends in an error with a code, the place and a remedy, and leaves the store usable."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from longshore.model.batch import Batch, Kind, Noun
from longshore.model.clock import Micros
from longshore.model.cloud import Pool
from longshore.model.errors import Failed, Invalid, LongshoreError, NotFound, Refused
from longshore.model.journal import Entry
from longshore.store import Store
from longshore.store import failure as store_failure

as_root = os.geteuid() == 0


@contextmanager
def failing(error: type[LongshoreError], code: str) -> Iterator[None]:
    with pytest.raises(error) as caught:
        yield
    assert caught.value.code == code
    assert caught.value.remedy
    assert "{" not in caught.value.message + caught.value.remedy


def pools(count: int, length: int = 1) -> Batch:
    puts: dict[str, Noun] = {f"{n:05}": Pool(name=f"{n:05}" + "x" * length) for n in range(count)}
    return Batch(
        puts={Kind.POOL: puts},
        entries=(Entry(at=Micros(1), kind="pool.added", subject="", words=""),),
    )


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_full_disk_stores_nothing_and_room_mends_it(store: Store) -> None:
    store.commit(pools(10))
    pages = store._database._writer.exec_driver_sql("PRAGMA page_count").scalar_one()
    store._database._writer.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
    store._database._writer.rollback()
    with failing(Failed, "disk-full"):
        store.commit(pools(200, length=1000))
    assert len(store.nouns(Kind.POOL)) == 10
    assert store.last_seq() == 1

    store._database._writer.exec_driver_sql("PRAGMA max_page_count = 100000")
    store._database._writer.rollback()
    assert store.commit(pools(200, length=1000)) == 2
    assert len(store.nouns(Kind.POOL)) == 200


def test_an_io_error_on_a_full_disk_is_called_that(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert store_failure._failure_of(error, path) is store_failure.IO_ERROR
    monkeypatch.setattr(store_failure, "NEARLY_FULL", sys.maxsize)
    assert store_failure._failure_of(error, path) is store_failure.DISK_FULL


def test_a_store_that_became_read_only(store: Store) -> None:
    store._database._writer.exec_driver_sql("PRAGMA query_only = ON")
    store._database._writer.rollback()
    with failing(Failed, "store-read-only"):
        store.commit(pools(1))
    assert store.nouns(Kind.POOL) == []


@pytest.mark.skipif(as_root, reason="root may write everything")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_or_folder_that_may_not_be_written(path: Path, what: str) -> None:
    if what == "file":
        path.touch(mode=0o400)
    else:
        path.parent.chmod(0o500)
    with failing(Failed, "store-read-only"):
        Store.open(str(path), cell="cell-1")
    path.parent.chmod(0o700)


def test_a_path_that_is_a_folder(path: Path) -> None:
    path.mkdir()
    with failing(Failed, "store-unreadable"):
        Store.open(str(path), cell="cell-1")


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_text("a shopping list\n" * 1000)
    with failing(Failed, "store-corrupt"):
        Store.open(str(path), cell="cell-1")
    path.write_bytes(b"")
    Store.open(str(path), cell="cell-1").close()


def test_a_damaged_database(store: Store, path: Path) -> None:
    store.commit(pools(500, length=1000))
    store.close()
    with path.open("r+b") as file:
        file.seek(4096 * 40)
        file.write(os.urandom(4096 * 60))
    with failing(Failed, "store-corrupt"):
        again = Store.open(str(path), cell="cell-1")
        try:
            again.load()
        finally:
            again.close()


def test_a_row_that_cannot_be_read(store: Store, path: Path) -> None:
    store.commit(pools(1))
    change(path, """UPDATE pool SET doc = '{"max_hosts":"many"}'""")
    with failing(Failed, "store-corrupt"):
        store.load()


def test_a_store_of_a_newer_version(store: Store, path: Path) -> None:
    store.close()
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    with failing(Refused, "store-newer"):
        Store.open(str(path), cell="cell-1")
    change(path, "UPDATE alembic_version SET version_num = '0001'")
    Store.open(str(path), cell="cell-1").close()


def test_a_database_of_something_else(path: Path) -> None:
    change(path, "CREATE TABLE photos (name TEXT)")
    with failing(Refused, "store-foreign"):
        Store.open(str(path), cell="cell-1")


def test_a_store_that_is_not_there(path: Path) -> None:
    with failing(NotFound, "store-missing"):
        Store.open(str(path), cell="cell-1", create=False)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("url", ["postgresql://db/longshore", "mysql://db/x", "sqlite://relative.db"])
def test_a_database_of_an_unknown_kind(url: str) -> None:
    with failing(Invalid, "store-url"):
        Store.open(url, cell="cell-1")


def test_another_program_that_holds_the_file(store: Store, path: Path) -> None:
    store._database._writer.exec_driver_sql("PRAGMA busy_timeout = 10")
    store._database._writer.rollback()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with failing(Refused, "store-busy"):
        store.commit(pools(1))
    other.execute("ROLLBACK")
    other.close()
    assert store.commit(pools(1)) == 1


def test_a_store_open_twice_in_one_process(store: Store, path: Path) -> None:
    with failing(Refused, "store-locked"):
        Store.open(str(path), cell="cell-2")
    store.close()
    Store.open(str(path), cell="cell-2").close()


def test_a_store_that_was_closed(store: Store) -> None:
    store.close()
    store.close()
    with failing(Failed, "store-closed"):
        store.commit(pools(1))
    with failing(Failed, "store-closed"):
        store.load()


def test_a_file_deleted_under_us_is_not_made_anew(store: Store, path: Path) -> None:
    path.unlink()
    with failing(Failed, "store-unreadable"), store._database.reading(), store._database.reading():
        store.load()
    assert not path.exists()


def test_a_failed_open_leaves_nothing_open(path: Path) -> None:
    path.write_text("a shopping list\n" * 1000)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with failing(Failed, "store-corrupt"):
        Store.open(str(path), cell="cell-1")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_only_its_owner_can_read_it(path: Path, mode: int) -> None:
    path.touch()
    path.chmod(mode)
    store = Store.open(f"sqlite:///{path}", cell="cell-1")
    store.commit(pools(1))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    store.close()
    assert set(modes) == {path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"}
    assert set(modes.values()) == {0o600}


def test_odd_names_are_files_too(tmp_path: Path) -> None:
    path = tmp_path / "a%20b?c#d" / "ü.db"
    Store.open(str(path), cell="cell-1").close()
    assert path.exists()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
