"""Streams of lines (ndjson), which end with what they tell of, or with the client.

The client's going is listened for while nothing is written, since a follower may wait for hours. An
error after the first line can have no status any more: it is the last line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from longshore.api.border import LOG, bug, client_gone, encode, problem_of
from longshore.model.errors import LongshoreError

NDJSON = b"application/x-ndjson"


class Upload:
    """A request's body as a stream of pieces.

    `ended`: it is read no further, and who listens for the client may receive. `whole`: all of it has
    come. An answer that ends earlier would have the client's connection reset, and the client not
    hear why.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self.ended = asyncio.Event()
        self.whole = asyncio.Event()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, piece by piece, once."""
        try:
            async for piece in self._request.stream():
                if piece:
                    yield piece
            self.whole.set()
        except ClientDisconnect:
            raise client_gone() from None
        finally:
            self.ended.set()


def stream_lines(source: AsyncGenerator[object, None], upload: Upload | None = None) -> ASGIApp:
    """An answer of one line per item, as they come."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(_write(source, upload, f"{scope['method']} {scope['path']}", send))
        listening = asyncio.create_task(_gone(receive, upload))
        try:
            await asyncio.wait({writing, listening}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # The server stops. The stream then ends like any other, and the request with it.
            LOG.debug("%s %s ends with the server", scope["method"], scope["path"])
        finally:
            for task in (writing, listening):
                task.cancel()
            await asyncio.gather(writing, listening, return_exceptions=True)

    return respond


async def _gone(receive: Receive, upload: Upload | None) -> None:
    """Wait until the client goes; what it still sends is dropped."""
    if upload is not None:
        await upload.ended.wait()
    while (message := await receive())["type"] != "http.disconnect":
        if upload is not None and not message.get("more_body", False):
            upload.whole.set()


async def _write(source: AsyncGenerator[object, None], upload: Upload | None, where: str, send: Send) -> None:
    headers = [(b"content-type", NDJSON), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    try:
        await _write_items(source, where, send)
        if upload is not None:
            upload.ended.set()
            await upload.whole.wait()
    finally:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _write_items(source: AsyncGenerator[object, None], where: str, send: Send) -> None:
    try:
        async with aclosing(source) as items:
            async for item in items:
                await _send(item, send)
    except LongshoreError as error:
        await _send(problem_of(error), send)
    except Exception as error:  # noqa: BLE001 - the border of a stream; see `border`
        await _send(problem_of(bug(error, where)), send)


async def _send(item: object, send: Send) -> None:
    await send({"type": "http.response.body", "body": encode(item) + b"\n", "more_body": True})
