"""A command in a container, with this terminal as its own.

The hard part: two directions at once. The main thread shows what comes; another waits for keys and
for changes of the window's size, which a signal tells it of through a pipe, and sends both. It dies
with the process: a read from a terminal cannot be called off.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
import tty as raw_mode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from longshore.cli.client import Query, error_of
from longshore.cli.session import Session
from longshore.model.errors import Unsure
from longshore.model.seams import ExecFrame, ExecInput

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_PIECE = 32 * 1024
"""Bytes read from standard input at once."""


def execute(session: Session, task: str, command: tuple[str, ...], *, tty: bool, stdin: bool) -> int:
    """Run a command in a task; returns its exit code.

    Raises:
        LongshoreError: it could not be run, or the connection broke.
    """
    from websockets.exceptions import ConnectionClosed

    source = _descriptor() if stdin else None
    query: Query = {
        "task": task,
        "tty": int(tty),
        "stdin": int(source is not None),
        "command": msgspec.json.encode(command).decode(),
    }
    with session.client.websocket("/v1/exec", query) as connection, _raw(source, tty=tty):
        if source is not None:
            _start_pump(connection, source, tty=tty)
        with suppress(ConnectionClosed):
            for message in connection:
                code = _show(session, message)
                if code is not None:
                    return code
    raise Unsure(
        "the connection broke before the command ended; it may still run",
        code="exec-broken",
        remedy=f"look: longshore exec {task} ps",
    )


def _show(session: Session, message: str | bytes) -> int | None:
    """Write a piece of output where it belongs; the exit code, if it was the end."""
    if isinstance(message, str):
        raise error_of(message.encode())
    frame = msgspec.msgpack.decode(message, type=ExecFrame)
    if session.json:
        session.write(msgspec.json.encode(frame))
        return frame.exit_code
    if frame.data:
        out = sys.stderr.buffer if frame.stream == "stderr" else sys.stdout.buffer
        out.write(frame.data)
        out.flush()
    return frame.exit_code


def _descriptor() -> int | None:
    """Standard input's descriptor, if it has one."""
    try:
        return sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):
        return None


@contextmanager
def _raw(source: int | None, *, tty: bool) -> Iterator[None]:
    """The terminal without its own handling of keys: they all belong to the command."""
    if source is None or not tty:
        yield
        return
    before = termios.tcgetattr(source)
    raw_mode.setraw(source)
    try:
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)


def _start_pump(connection: ClientConnection, source: int, *, tty: bool) -> None:
    """Send what is typed, and the window's size now and at every change."""
    told, tell = os.pipe()
    if tty:
        signal.signal(signal.SIGWINCH, lambda _signal, _frame: os.write(tell, b"w") and None)
        os.write(tell, b"w")
    threading.Thread(target=_pump, args=(connection, source, told), daemon=True).start()


def _pump(connection: ClientConnection, source: int, told: int) -> None:
    """Wait for input or for news of the window, and send it, until the connection is gone."""
    from websockets.exceptions import ConnectionClosed

    waiting = [source, told]
    with suppress(ConnectionClosed, OSError):
        while True:
            for ready in select.select(waiting, [], [])[0]:
                data = os.read(ready, _PIECE)
                if ready == told:
                    size = os.get_terminal_size(source)
                    news = ExecInput(size=(size.lines, size.columns))
                elif data:
                    news = ExecInput(data=data)
                else:
                    waiting = [told]
                    news = ExecInput(end=True)
                connection.send(msgspec.msgpack.encode(news))
