"""A fresh store for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from longshore.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "longshore.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(str(path), cell="cell-1")
    yield store
    store.close()
