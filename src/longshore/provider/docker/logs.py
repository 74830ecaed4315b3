"""What tasks write, line by line, with the stream and the time of each."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from longshore.model.clock import Micros
from longshore.model.errors import Failed
from longshore.model.ids import TaskId
from longshore.model.seams import LogLine
from longshore.provider.docker.answers import Inspected
from longshore.provider.docker.report import micros
from longshore.provider.docker.streams import Source, frames, raw
from longshore.provider.docker.wire import QUICK, Wire

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\S+) ")

_LAST = 5
"""Lines that tell why a container ended: enough for an exception's last words, few enough for a table."""

_WIDE = 200
"""Characters of such a line; more belong into `longshore logs`."""


async def read_logs(
    wire: Wire,
    container: Inspected,
    task: TaskId,
    *,
    follow: bool,
    tail: int,
    limit: int | None = None,
) -> AsyncGenerator[LogLine, None]:
    """What a container wrote: the last `tail` lines (-1: all), then, if `follow`, what comes.

    Raises:
        Failed: `logs-elsewhere` where its logging driver keeps nothing that can be read back.
    """
    query = {
        "stdout": True,
        "stderr": True,
        "timestamps": True,
        "follow": follow,
        "tail": "all" if tail < 0 else str(tail),
    }
    async with wire.open("GET", f"/containers/{container.id}/logs", query=query, limit=limit) as answer:
        # The engine cuts lines of more than 16 KiB: pieces wait here, by stream, for their newline.
        cut: dict[str, tuple[Micros, bytes]] = {}
        source = _terminal(answer.content) if container.config.tty else frames(answer.content)
        async for stream, data in source:
            at, text = _stamped(data)
            if stream in cut:
                at, text = cut[stream][0], cut.pop(stream)[1] + text
            if not text.endswith(b"\n"):
                cut[stream] = (at, text)
                continue
            yield _line(task, stream, at, text)
        for stream, (at, text) in cut.items():
            yield _line(task, stream, at, text)


async def last_words(wire: Wire, container: Inspected) -> str:
    """The last few lines that a container wrote, without repeats; nothing where its log cannot be read.

    One that died several times says the same each time.
    """
    told = read_logs(wire, container, TaskId(""), follow=False, tail=_LAST, limit=QUICK)
    try:
        async with aclosing(told):
            return "\n".join(dict.fromkeys([line.text[:_WIDE] async for line in told]))
    except Failed:
        # A log driver that cannot be read back, or a container removed meanwhile: only words are lost.
        return ""


async def _terminal(source: Source) -> AsyncGenerator[tuple[str, bytes], None]:
    """The lines of a container with a terminal: its log has no frames, and ends lines as terminals do."""
    kept = b""
    async for stream, data in raw(source):
        *lines, kept = (kept + data).split(b"\n")
        for line in lines:
            yield stream, line.removesuffix(b"\r") + b"\n"
    if kept:
        yield "stdout", kept


def _stamped(data: bytes) -> tuple[Micros, bytes]:
    found = _STAMP.match(data)
    if found is None:
        return Micros(0), data
    try:
        return micros(found[1].decode()), data[found.end() :]
    except ValueError:
        return Micros(0), data


def _line(task: TaskId, stream: str, at: Micros, text: bytes) -> LogLine:
    return LogLine(task=task, text=text.decode(errors="replace").removesuffix("\n"), stream=stream, at=at)
