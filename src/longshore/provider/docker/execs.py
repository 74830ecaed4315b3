"""Commands run in a task's container, with input, output, window size and exit code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

from longshore.model.clock import SECOND, Clock
from longshore.model.errors import Failed, Unreachable
from longshore.model.seams import ExecFrame, ExecInput
from longshore.provider.docker.answers import Created, ExecState
from longshore.provider.docker.streams import broken, frames, raw
from longshore.provider.docker.wire import Wire

_SOON = SECOND // 20
_TRIES = 20
"""An exec answers before its process can be resized, and ends before its exit code is known; both come
within milliseconds. Twenty times 50 ms is as long as docker's own client waits."""


async def run(
    wire: Wire,
    clock: Clock,
    container: str,
    command: tuple[str, ...],
    *,
    tty: bool,
    stdin: AsyncIterator[ExecInput] | None,
) -> AsyncGenerator[ExecFrame, None]:
    """Run a command; the last frame has the exit code.

    Ending the iteration early closes the connection; the engine then leaves the command running, with
    its input ended. Over TLS the end of input alone cannot be told: it comes with the end of all.
    """
    body = {
        "AttachStdin": stdin is not None,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": tty,
        "Cmd": list(command),
    }
    made = await wire.call("POST", f"/containers/{container}/exec", Created, body=body)
    reader, writer = await wire.hijack(f"/exec/{made.id}/start", {"Detach": False, "Tty": tty})
    feeding = asyncio.create_task(_feed(wire, clock, made.id, writer, stdin)) if stdin is not None else None
    try:
        async for stream, data in raw(reader) if tty else frames(reader):
            yield ExecFrame(stream=stream, data=data)
    except OSError as error:
        raise broken("while a command ran") from error
    finally:
        if feeding is not None:
            feeding.cancel()
            with suppress(asyncio.CancelledError):
                await feeding
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    yield ExecFrame(exit_code=await _exit_code(wire, clock, made.id))


async def _feed(
    wire: Wire, clock: Clock, made: str, writer: asyncio.StreamWriter, stdin: AsyncIterator[ExecInput]
) -> None:
    """Pass on what is typed until there is no more, or nobody reads it."""
    async for typed in stdin:
        if typed.size is not None:
            await _resize(wire, clock, made, typed.size)
        if typed.data:
            writer.write(typed.data)
            try:
                await writer.drain()
            except OSError:
                return
        if typed.end:
            break
    if writer.can_write_eof():
        with suppress(OSError):
            writer.write_eof()


async def _resize(wire: Wire, clock: Clock, made: str, size: tuple[int, int]) -> None:
    query = {"h": size[0], "w": size[1]}
    for _ in range(_TRIES):
        try:
            await wire.tell("POST", f"/exec/{made}/resize", query=query)
        except Failed:
            await clock.sleep(_SOON)
        else:
            return


async def _exit_code(wire: Wire, clock: Clock, made: str) -> int:
    for _ in range(_TRIES):
        state = await wire.call("GET", f"/exec/{made}/json", ExecState)
        if not state.running and state.exit_code is not None:
            return state.exit_code
        await clock.sleep(_SOON)
    raise Unreachable(
        "The command's output ended, but the engine does not say how it did.",
        code="engine-unreachable",
        remedy="See whether it still runs in the container.",
    )
