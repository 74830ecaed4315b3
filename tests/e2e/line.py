"""A line to the engine that a test can hang, slow down, or cut: a unix socket in between."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from tests.e2e.moby import ENGINE

CHUNK = 65536


class Line:
    """Passes bytes on, both ways, as well as it is told to, from a thread of its own. Used as a context.

    `hang()`: what is sent arrives no more, and nobody is told so. `slow(seconds)`: each piece takes so long.
    `cut()`: all connections end, and new ones end at once. `mend()`: all is well again.
    """

    def __init__(self, path: Path) -> None:
        self.url = f"unix://{path}"
        self._path = path
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._ends = asyncio.Event()
        self._lag = 0.0
        self._whole = True
        self._talks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Line:
        begun = threading.Event()
        self._loop.call_soon(begun.set)
        self._thread.start()
        begun.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join(10)

    def hang(self) -> None:
        """What is sent arrives no more, until it is mended."""
        self._tell(self._flows.clear)

    def slow(self, seconds: float) -> None:
        """Every piece takes so long."""
        self._lag = seconds

    def cut(self) -> None:
        """All connections end, and new ones end at once."""
        self._whole = False
        self._tell(self._hang_up)

    def mend(self) -> None:
        """All is well again; what hung goes on."""
        self._lag = 0.0
        self._whole = True
        self._tell(self._flows.set)

    def _tell(self, what: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(what)

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._flows.set()
        server = await asyncio.start_unix_server(self._answer, str(self._path))
        await self._ends.wait()
        server.close()
        self._hang_up()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _hang_up(self) -> None:
        for talk in self._talks:
            talk.cancel()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        wires = [writer]
        try:
            if self._whole:
                far, wire = await _dial()
                wires.append(wire)
                await asyncio.gather(self._pass(reader, wire), self._pass(far, writer))
        except (OSError, asyncio.CancelledError):
            # One side went away, or we were told to cut it: there is nothing more to pass on.
            pass
        finally:
            self._talks.discard(talk)
            for wire in wires:
                # At once, even where something waits to be sent.
                wire.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Pass on what comes one way, until that side ends."""
        while piece := await source.read(CHUNK):
            if self._lag:
                await asyncio.sleep(self._lag)  # noqa: TID251 - slowness is what is wanted
            await self._flows.wait()
            sink.write(piece)
            await sink.drain()
        sink.write_eof()


async def _dial() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the engine at hand."""
    where = urlsplit(ENGINE)
    if where.scheme == "unix":
        return await asyncio.open_unix_connection(where.path)
    return await asyncio.open_connection(where.hostname, where.port or 2375)
