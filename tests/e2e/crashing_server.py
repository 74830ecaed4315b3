"""The real server, but it kills itself at a named point: `crashing_server.py SINCE POINT N`.

The parts that `main` wires are wrapped before it does so; the product knows nothing of it. Passages of
the point are counted from the start of the process (SINCE is `start`), or from when a plan is asked to
be applied (`apply`); at the N-th the process ends by SIGKILL: no handler runs, no file is closed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from longshore import main
from longshore.cli.wiring import ServeOptions
from longshore.engine.loop import Engine
from longshore.model.ask import Apply, Ask
from longshore.model.batch import Batch
from longshore.model.report import Outcome
from longshore.provider.docker.wire import Wire
from longshore.store import Store, writing

POINTS = {
    "ask.kept": "a request was written down, and nobody was told yet",
    "commit.before": "a turn is decided, and not written down",
    "commit.half": "a turn is written, and its transaction is open",
    "commit.after": "a turn is written down, and none of its steps begun",
    "call.before": "the engine is about to be asked to change something",
    "call.after": "the engine has done it and answered, and we know it for one moment",
    "outcome": "a step came out, and that is not written down",
}
"""Every point, and what is so there."""


class Fuse:
    """Counts passages of one point."""

    def __init__(self, point: str, count: int, *, lit: bool) -> None:
        self.point = point
        self.left = count
        self.lit = lit

    def passes(self, point: str) -> None:
        """A point is passed: at the right one for the N-th time, everything ends here."""
        if not self.lit or point != self.point:
            return
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def wrap(fuse: Fuse) -> None:
    """Put the fuse into store, engine and wire."""
    _wrap_store(fuse)
    _wrap_wire(fuse)
    come_out: Callable[[Engine, Outcome], None] = Engine._come_out

    def comes_out(engine: Engine, outcome: Outcome) -> None:
        fuse.passes("outcome")
        come_out(engine, outcome)

    Engine._come_out = comes_out  # type: ignore[method-assign, assignment]


def _wrap_store(fuse: Fuse) -> None:
    append, commit, write = Store.append_ask, Store.commit, writing.write_batch

    def append_ask(store: Store, ask: Ask) -> int:
        seq = append(store, ask)
        fuse.lit = fuse.lit or isinstance(ask.body, Apply)
        fuse.passes("ask.kept")
        return seq

    def commits(store: Store, batch: Batch) -> int:
        fuse.passes("commit.before")
        seq = commit(store, batch)
        fuse.passes("commit.after")
        return seq

    def writes(connection: Any, batch: Batch) -> int:  # noqa: ANN401 - the store's own
        seq = write(connection, batch)
        fuse.passes("commit.half")
        return seq

    Store.append_ask, Store.commit = append_ask, commits  # type: ignore[method-assign, assignment]
    writing.write_batch = writes


def _wrap_wire(fuse: Fuse) -> None:
    """Only calls that change something: looks go on all the time."""
    ask = Wire._ask

    @asynccontextmanager
    async def asks(wire: Wire, method: str, path: str, **rest: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - as it is
        if method != "GET":
            fuse.passes("call.before")
        async with ask(wire, method, path, **rest) as answer:
            if method != "GET":
                fuse.passes("call.after")
            yield answer

    Wire._ask = asks  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    since, point, count = sys.argv[1:]
    if point not in POINTS:
        sys.exit(f"no such point: {point}")
    wrap(Fuse(point, int(count), lit=since == "start"))
    main.serve(ServeOptions())
