"""The engine's streams: lines of JSON, and output of several sources woven into one connection.

For containers without a terminal the engine sends frames: a byte for the source, three of nothing, four
of length, and the data; with one, it sends the terminal's bytes as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol, TypeVar

import aiohttp
import msgspec

from longshore.model.errors import Failed, Unreachable
from longshore.provider.docker.answers import Progress

T = TypeVar("T", bound=msgspec.Struct)

_SOURCES = {0: "stdout", 1: "stdout", 2: "stderr", 3: "stderr"}
"""Source bytes; 3 is the engine's own word on a fault of the stream."""

_HEAD = 8
_CHUNK = 65_536


class Source(Protocol):
    """What aiohttp's and asyncio's readers have in common."""

    async def readexactly(self, n: int, /) -> bytes:
        """Exactly so many bytes, or `IncompleteReadError`."""
        ...

    async def read(self, n: int = -1, /) -> bytes:
        """Some bytes, none at the end."""
        ...


async def json_lines(answer: aiohttp.ClientResponse, into: type[T]) -> AsyncIterator[T]:
    """The lines of a stream, each read as `into`, however long they are and wherever they are cut."""
    decoder = msgspec.json.Decoder(into)
    kept = b""
    async for chunk in answer.content.iter_any():
        *lines, kept = (kept + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield decoder.decode(line)
    if kept.strip():
        yield decoder.decode(kept)


async def progress(answer: aiohttp.ClientResponse) -> AsyncIterator[Progress]:
    """The lines of a pull or build; a fault in the midst of it is a line with `error`."""
    async for line in json_lines(answer, Progress):
        detail = line.error_detail
        yield msgspec.structs.replace(line, error=detail.message) if detail and detail.message else line


async def frames(source: Source) -> AsyncIterator[tuple[str, bytes]]:
    """The frames of a woven stream: the source's name, and its data.

    Raises:
        Unreachable: The stream breaks in the middle of a frame.
    """
    while True:
        try:
            head = await source.readexactly(_HEAD)
            data = await source.readexactly(int.from_bytes(head[4:], "big"))
        except asyncio.IncompleteReadError as end:
            if not end.partial:
                return
            raise broken("in the middle of a line") from end
        if data:
            yield _SOURCES.get(head[0], "stdout"), data


async def raw(source: Source) -> AsyncIterator[tuple[str, bytes]]:
    """What a terminal shows, as it comes."""
    while data := await source.read(_CHUNK):
        yield "stdout", data


def broken(where: str) -> Unreachable:
    """Our error for a stream that ends where it should not."""
    return Unreachable(
        f"The engine's stream broke off {where}.", code="engine-unreachable", remedy="Ask again."
    )


def gone(task: str) -> Failed:
    """Our error for a task whose container is not on this engine."""
    return Failed(
        f"There is no container of {task} on this host.",
        code="container-missing",
        remedy="See where it runs: longshore ps.",
    )
