"""`/v1/exec`: a command in a task, over a websocket.

Frames are msgpack: the client's are `ExecInput`, the server's `ExecFrame`. An error is one JSON text
frame, and then the end. The client's going ends the command's stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from longshore.api.border import bug, encode, problem_of
from longshore.api.request import decode, query_of
from longshore.model.errors import Invalid, LongshoreError
from longshore.model.seams import ExecInput
from longshore.service import task
from longshore.service.desk import Desk
from longshore.service.name import PROJECT

TYPED_AHEAD = 64
"""Inputs held for a command that does not read; then the client has to wait."""


Command = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class ExecQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to run what; `command` is a JSON list."""

    task: str
    command: str
    tty: bool = False
    stdin: bool = False
    project: str = PROJECT


async def ws_exec(desk: Desk, socket: WebSocket) -> None:
    """Run a command and carry its input and output."""
    await socket.accept()
    typed: asyncio.Queue[ExecInput | None] = asyncio.Queue(TYPED_AHEAD)
    running = asyncio.create_task(_run(desk, socket, typed))
    listening = asyncio.create_task(_listen(socket, typed))
    try:
        await asyncio.wait({running, listening}, return_when=asyncio.FIRST_COMPLETED)
        error = None if running.done() else listening.result()
    finally:
        for part in (running, listening):
            part.cancel()
        await asyncio.gather(running, listening, return_exceptions=True)
    if error is not None:
        await _tell(socket, error)


async def _run(desk: Desk, socket: WebSocket, typed: asyncio.Queue[ExecInput | None]) -> None:
    try:
        query = query_of(socket, ExecQuery)
        command = decode(query.command, Command)
        frames = await task.execute(
            desk,
            query.task,
            command,
            tty=query.tty,
            stdin=_inputs(typed) if query.stdin else None,
            project=query.project,
        )
        async with aclosing(frames) as stream:
            async for frame in stream:
                await socket.send_bytes(msgspec.msgpack.encode(frame))
        await socket.close()
    except WebSocketDisconnect:
        return
    except LongshoreError as error:
        await _tell(socket, error)
    except Exception as error:  # noqa: BLE001 - the border of a stream; see `border`
        await _tell(socket, bug(error, "WS /v1/exec"))


async def _tell(socket: WebSocket, error: LongshoreError) -> None:
    await socket.send_text(encode(problem_of(error)).decode())
    await socket.close(1011, error.code)


async def _inputs(typed: asyncio.Queue[ExecInput | None]) -> AsyncIterator[ExecInput]:
    """What the client types, until it says that this was all."""
    while True:
        item = await typed.get()
        if item is None:
            return
        yield item
        if item.end:
            return


async def _listen(socket: WebSocket, typed: asyncio.Queue[ExecInput | None]) -> LongshoreError | None:
    """Take in what the client sends until it goes, or sends what is no input."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        try:
            await typed.put(msgspec.msgpack.decode(message.get("bytes") or b"", type=ExecInput))
        except msgspec.DecodeError as error:
            return Invalid(
                f"this is no input for a command: {error}",
                code="body-malformed",
                remedy="send ExecInput as msgpack; docs/api.md has its fields",
            )
