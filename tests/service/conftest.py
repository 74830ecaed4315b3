"""A desk over a real store, with no engine behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from longshore.model.clock import SECOND, Micros
from longshore.model.errors import Failed
from longshore.model.ids import HostId, Ids, TaskId
from longshore.model.seams import ExecFrame, ExecInput, LogLine
from longshore.model.spec import Build, Pull
from longshore.service.desk import Desk
from longshore.store import Store


class StillClock:
    """A clock that stands."""

    def now(self) -> Micros:
        return Micros(1_700_000_000 * SECOND)

    async def sleep(self, length: int) -> None:
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=length / SECOND)


class ScriptedStreams:
    """Says for each task the lines that a test gave it, `TEXT@TIME`, one run after another."""

    def __init__(self) -> None:
        self.runs: dict[str, list[list[str]]] = {}
        self.asked: list[tuple[str, bool, int]] = []
        self.resolving = 0
        self.pulls: list[tuple[str, Pull]] = []
        self.most_resolving = 0

    async def resolve(self, name: str, pull: Pull = Pull.MISSING) -> str:
        self.pulls.append((name, pull))
        self.resolving += 1
        self.most_resolving = max(self.most_resolving, self.resolving)
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.001)
        self.resolving -= 1
        return f"sha256:{name}"

    async def logs(self, host: HostId, task: TaskId, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        self.asked.append((f"{host}/{task}", follow, tail))
        runs = self.runs[task]
        for line in runs.pop(0) if len(runs) > 1 else runs[0]:
            text, _, at = line.partition("@")
            yield LogLine(task=task, text=text, at=int(at))

    async def build(self, name: str, build: Build, context: AsyncIterator[bytes]) -> AsyncIterator[str]:
        yield f"{name} {build.context} {len([piece async for piece in context])}"

    async def execute(
        self,
        host: HostId,
        task: TaskId,
        command: tuple[str, ...],
        *,
        tty: bool,
        stdin: AsyncIterator[ExecInput] | None,
    ) -> AsyncIterator[ExecFrame]:
        raise Failed(f"{command} on {host}/{task}, {tty} {stdin}", code="exec-failed")
        yield

    def drivers(self) -> dict[str, str]:
        return {}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def streams() -> ScriptedStreams:
    return ScriptedStreams()


@pytest.fixture
def desk(tmp_path: Path, streams: ScriptedStreams) -> Iterator[Desk]:
    store = Store.open(str(tmp_path / "longshore.db"), cell="cell-1")
    yield Desk(
        store=store,
        streams=streams,
        clock=StillClock(),
        ids=Ids(0),
        cell=store.cell,
        started_at=Micros(0),
        patience=0.1,
    )
    store.close()
