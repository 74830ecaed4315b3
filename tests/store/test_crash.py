"""Killed at any point, a store opens again with every batch whole or absent, and nothing reported lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import longshore
from longshore.model.batch import Kind
from longshore.model.errors import Refused
from longshore.model.step import Step
from longshore.model.task import Task
from longshore.store import Store

COMMITTER = Path(__file__).with_name("committer.py")
TASKS = 50
SEEDS = range(10)


def start(path: Path) -> subprocess.Popen[str]:
    source = str(Path(longshore.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, str(COMMITTER), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": source},
    )


def killed_at(path: Path, lines: int, later: float) -> tuple[int, int]:
    """The last batch and seq reported by a committer killed so many seconds after so many lines."""
    with start(path) as process:
        assert process.stdout is not None
        reported = [process.stdout.readline() for _ in range(lines)]
        killer = threading.Timer(later, process.send_signal, [signal.SIGKILL])
        killer.start()
        reported += process.stdout.readlines()
        killer.join()
    whole = [line for line in reported if line.endswith("\n")]
    number, seq = whole[-1].split()
    return int(number), int(seq)


def test_killed_anywhere_every_batch_is_whole_or_absent(path: Path) -> None:
    for seed in SEEDS:
        dice = random.Random(seed)
        reported, seq = killed_at(path, dice.randrange(1, 40), dice.random() * 0.03)
        store = Store.open(str(path), cell="cell-2")
        try:
            check(store, reported, seq)
        except AssertionError as error:
            error.add_note(f"seed {seed}")
            raise
        finally:
            store.close()


def check(store: Store, reported: int, seq: int) -> None:
    """The newest batch is the last reported, or the one that was being committed."""
    loaded = store.load()
    (newest,) = {noun.generation for noun in loaded.nouns[Kind.TASK] if isinstance(noun, Task)}
    assert newest in {reported, reported + 1}
    assert seq == reported * TASKS
    assert len(loaded.nouns[Kind.TASK]) == TASKS
    steps = [noun.id for noun in loaded.nouns[Kind.STEP] if isinstance(noun, Step)]
    assert sorted(steps) == sorted(f"step-{newest}-{slot}" for slot in range(TASKS))
    assert loaded.asks_until == newest
    entries = store.journal(limit=1_000_000)
    assert [entry.seq for entry in entries] == list(range(1, newest * TASKS + 1))
    assert [entry.facts["batch"] for entry in entries] == [
        number for number in range(1, newest + 1) for _ in range(TASKS)
    ]
    asks = store.asks_after(0, limit=1_000_000)
    assert [ask.id for ask in asks][:newest] == [f"ask-{number}" for number in range(1, newest + 1)]
    assert len(asks) - newest in {0, 1}


def test_a_second_process_is_refused_and_told_whom_to_ask(path: Path) -> None:
    with start(path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(Refused) as caught:
            Store.open(str(path), cell="cell-2")
        process.kill()
    assert caught.value.code == "store-locked"
    assert caught.value.facts["pid"] == process.pid
    assert str(process.pid) in caught.value.message
    Store.open(str(path), cell="cell-2").close()
