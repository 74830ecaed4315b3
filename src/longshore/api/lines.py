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

from longshore.api.border import bug, client_gone, encode, problem_of
from longshore.model.errors import LongshoreError

NDJSON = b"application/x-ndjson"


class Upload:
    """A request's body as a stream of pieces; `ended` is set when it has been read, or was given up.

    Until then it alone may receive from the client.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self.ended = asyncio.Event()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, piece by piece, once."""
        try:
            async for piece in self._request.stream():
                if piece:
                    yield piece
        except ClientDisconnect:
            raise client_gone() from None
        finally:
            self.ended.set()


def stream_lines(source: AsyncGenerator[object, None], upload: Upload | None = None) -> ASGIApp:
    """An answer of one line per item, as they come."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(_write(source, f"{scope['method']} {scope['path']}", send))
        listening = asyncio.create_task(_gone(receive, upload))
        try:
            await asyncio.wait({writing, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, listening):
                task.cancel()
            await asyncio.gather(writing, listening, return_exceptions=True)

    return respond


async def _gone(receive: Receive, upload: Upload | None) -> None:
    """Wait until the client goes."""
    if upload is not None:
        await upload.ended.wait()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(source: AsyncGenerator[object, None], where: str, send: Send) -> None:
    headers = [(b"content-type", NDJSON), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    try:
        async with aclosing(source) as items:
            async for item in items:
                await _send(item, send)
    except LongshoreError as error:
        await _send(problem_of(error), send)
    except Exception as error:  # noqa: BLE001 - the border of a stream; see `border`
        await _send(problem_of(bug(error, where)), send)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(item: object, send: Send) -> None:
    await send({"type": "http.response.body", "body": encode(item) + b"\n", "more_body": True})
