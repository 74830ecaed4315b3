"""The server's process: started, killed, asked; and what it says of itself."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from tests.e2e.waiting import until

from longshore.model.view import Version

ROOT = Path(__file__).resolve().parents[2]
CELLS = ROOT / "build" / "cells"
LONGSHORE = (sys.executable, "-m", "longshore")

GONE = (OSError, HTTPException)
"""What a question raises where no server answers, or it dies meanwhile."""

T = TypeVar("T")


class Server:
    """A server over a state folder; one process after another, of one cell.

    What the cell makes in the engine is noted in `build/cells` as soon as the cell is known, so that a
    broken-off run can be swept later.
    """

    def __init__(self, state: Path, log: Path, environ: Mapping[str, str]) -> None:
        """Nothing is started yet.

        Args:
            state: where it keeps its state: a short path, for there is a socket in it.
            log: the file for what it says.
            environ: what it starts with.
        """
        self.state = state
        self.cell = ""
        self._log = log
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    def start(self, *words: str, wait: bool = True, settings: Mapping[str, str] | None = None) -> None:
        """Start `longshore serve`, or the program that `words` name; wait until it answers.

        Args:
            words: another program than `longshore serve`.
            wait: until it answers.
            settings: added to the environment.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                words or (*LONGSHORE, "serve"),
                env={**self._environ, **(settings or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            until("the server answers", lambda: self.answers() or self.ended())
            assert not self.ended(), f"the server ended: {self.log()}"

    def answers(self) -> bool:
        """Whether it answers; the cell is noted when it first does."""
        try:
            version = self.get("/v1/version", Version)
        except GONE:
            return False
        assert self._process is None or version.pid == self.pid
        if not self.cell:
            self.cell = version.cell
            CELLS.parent.mkdir(exist_ok=True)
            with CELLS.open("a") as out:
                out.write(f"{self.cell}\n")
        return True

    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process is not None and self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL, and no word more. Of one that is gone: nothing."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait for it."""
        self._end(signal.SIGTERM)

    def log(self) -> str:
        """Its last lines."""
        with contextlib.suppress(OSError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-60:])
        return ""

    def get(self, path: str, kind: type[T], **query: str | int) -> T:
        """Ask it something. A connection for each question: who answered the last may be gone."""
        with contextlib.closing(HTTPConnection("longshore")) as http:
            http.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            http.sock.settimeout(30)
            http.sock.connect(str(self.state / "longshore.sock"))
            http.request("GET", f"{path}?{urlencode(query)}")
            answer = http.getresponse()
            said = answer.read()
        assert answer.status < HTTPStatus.BAD_REQUEST, said
        return msgspec.json.decode(said, type=kind)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.send_signal(number)
            process.wait(15)
        finally:
            process.kill()
            process.wait()
