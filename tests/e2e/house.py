"""A server of its own for a test: a real process with its own state, thus its own cell.

What the cell makes in the engine is noted in `build/cells` as soon as the cell is known, so that a
broken-off run can be swept later.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

import msgspec

from longshore.model.change import Change
from longshore.model.journal import Entry
from longshore.model.lifecycle import ChangeState
from longshore.model.view import HostView, StackView, Status, TaskView, Version
from tests.e2e.moby import ENGINE, IMAGE, Census, Container, Moby
from tests.e2e.waiting import until

ROOT = Path(__file__).resolve().parents[2]
CELLS = ROOT / "build" / "cells"
LONGSHORE = (sys.executable, "-m", "longshore")

SLEEP = ["sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait"]
"""A command that runs until it is asked to stop, and then stops at once."""

SERVE = r"""
use IO::Socket::INET;
$SIG{TERM} = sub { exit 0 };
my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die $!;
while (my $c = $s->accept) {
    while (<$c> =~ /\S/) {}
    print $c "HTTP/1.0 200 OK\r\nContent-Length: " . length($ENV{SAYS}) . "\r\n\r\n$ENV{SAYS}";
    close $c;
}
"""
"""A web server in what perl the base image has: answers every request with what `SAYS` says."""

GONE = (OSError, HTTPException)
"""What a question raises where no server answers, or it dies meanwhile."""

T = TypeVar("T")


class Said(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - of any command
        """The document on standard output."""
        return json.loads(self.out)


class House:
    """A state folder, the environment that leads to it, the server over it, and its cell in the engine."""

    def __init__(self, state: Path, folder: Path, moby: Moby) -> None:
        """Nothing is started yet.

        Args:
            state: where the server keeps its state: a short path, for there is a socket in it.
            folder: for templates and the server's log.
            moby: the engine, to look at behind the server's back.
        """
        self.state = state
        self.folder = folder
        self.moby = moby
        self.name = f"e2e{secrets.token_hex(3)}"
        """A name for a stack that nobody else has."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LONGSHORE_")}
        self.environ = {
            **inherited,
            "DOCKER_HOST": ENGINE,
            "PYTHONPATH": str(ROOT / "src"),
            "LONGSHORE_STATE": str(state),
            # No server is started unasked: each test says when.
            "LONGSHORE_SERVER": f"unix://{state}/longshore.sock",
            "LONGSHORE_LOOK": "5",
            "COLUMNS": "200",
        }
        self.cell = ""
        self.server: subprocess.Popen[bytes] | None = None

    # The server

    def start(self, *words: str, wait: bool = True, **environ: str) -> None:
        """Start the server: `longshore serve`, or the program that `words` name; wait until it answers."""
        command = words or (*LONGSHORE, "serve")
        with (self.folder / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                command,
                env={**self.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if not wait:
            return
        until("the server answers", lambda: self.answers() or self.ended())
        assert not self.ended(), f"the server ended: {self.log()}"

    def answers(self) -> bool:
        """Whether the server answers; the cell is noted when it first does."""
        try:
            version = self.get("/v1/version", Version)
        except GONE:
            return False
        assert self.server is None or version.pid == self.server.pid
        if not self.cell:
            self.cell = version.cell
            CELLS.parent.mkdir(exist_ok=True)
            with CELLS.open("a") as out:
                out.write(f"{self.cell}\n")
        return True

    def ended(self) -> bool:
        """Whether the server's process is gone."""
        return self.server is not None and self.server.poll() is not None

    def kill(self) -> None:
        """SIGKILL, and no word more. Of one that is gone: nothing."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the server to end, and wait for it."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.server is None:
            return
        if self.server.poll() is None:
            self.server.send_signal(number)
        try:
            self.server.wait(15)
        finally:
            self.server.kill()
            self.server.wait()
            self.server = None

    def close(self) -> None:
        """End the server and take down all its cell has made."""
        try:
            self.kill()
        finally:
            if self.cell:
                self.moby.sweep(self.cell)

    def log(self) -> str:
        """The last lines of the server."""
        with contextlib.suppress(OSError):
            return "\n".join((self.folder / "server.log").read_text(errors="replace").splitlines()[-60:])
        return ""

    # The command line

    def open(self, *words: str, **environ: str) -> subprocess.Popen[str]:
        """Start a command, with pipes to and from it."""
        return subprocess.Popen(
            (*LONGSHORE, *words),
            env={**self.environ, **environ},
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def try_(self, *words: str, stdin: str = "", limit: float = 60.0, **environ: str) -> Said:
        """Run a command; whatever its exit code."""
        with self.open(*words, **environ) as command:
            try:
                out, err = command.communicate(stdin, timeout=limit)
            except subprocess.TimeoutExpired:
                command.kill()
                out, err = command.communicate()
                raise AssertionError(f"{' '.join(words)} took over {limit:g} s: {out}{err}") from None
        return Said(command.returncode, out, err)

    def do(self, *words: str, code: int = 0, stdin: str = "", **environ: str) -> Said:
        """Run a command that has to end with this exit code."""
        said = self.try_(*words, stdin=stdin, **environ)
        assert said.code == code, f"{' '.join(words)} ended with {said.code}:\n{said.out}{said.err}"
        return said

    def write(self, template: dict[str, Any], name: str = "compose.yaml") -> str:
        """Write a template; returns its name. Every `$` stands for itself."""
        (self.folder / name).write_text(json.dumps(template).replace("$", "$$"))
        return name

    def up(self, template: dict[str, Any], *words: str, code: int = 0, stack: str = "") -> Said:
        """`longshore up --yes` of a template."""
        return self.do("up", "--yes", "-p", stack or self.name, self.write(template), *words, code=code)

    # What the server says

    def get(self, path: str, kind: type[T], **query: str | int) -> T:
        """Ask the server."""
        with contextlib.closing(HTTPConnection("longshore", timeout=30)) as http:
            # A connection for each question: the server that answered the last may be gone.
            http.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            http.sock.settimeout(30)
            http.sock.connect(str(self.state / "longshore.sock"))
            http.request("GET", f"{path}?{urlencode(query)}")
            answer = http.getresponse()
            said = answer.read()
        assert answer.status < HTTPStatus.BAD_REQUEST, said
        return msgspec.json.decode(said, type=kind)

    def tasks(self, service: str = "", *, ended: bool = False) -> list[TaskView]:
        """The tasks, as `longshore ps --json` has them."""
        found = self.get("/v1/tasks", list[TaskView], **({"all": 1} if ended else {}))
        return [view for view in found if service in {"", view.service}]

    def stack(self, name: str = "") -> StackView:
        """The stack."""
        return self.get(f"/v1/stacks/{name or self.name}", StackView)

    def hosts(self) -> list[HostView]:
        """The hosts."""
        return self.get("/v1/hosts", list[HostView])

    def host(self) -> HostView:
        """The one host: the engine at hand."""
        (host,) = self.hosts()
        return host

    def status(self) -> Status:
        """The screen of `longshore status`."""
        return self.get("/v1/status", Status)

    def changes(self) -> list[Change]:
        """All changes, newest first."""
        return self.get("/v1/changes", list[Change])

    def journal(self) -> list[Entry]:
        """What happened."""
        return self.get("/v1/journal", list[Entry], limit=1000)

    def warned(self, code: str) -> str:
        """The words and remedy of a warning, if it is on the screen."""
        return "".join(f"{w.words} ({w.remedy})" for w in self.status().warnings if w.code == code)

    def still(self) -> bool:
        """Whether no change is under way."""
        return all(change.state is not ChangeState.APPLYING for change in self.changes())

    # What is there

    def census(self) -> Census:
        """What the cell has in the engine."""
        return self.moby.census(self.cell)

    def running(self, service: str) -> tuple[Container, ...]:
        """The containers of a service that run, by slot."""
        return tuple(c for c in self.census().of(service) if c.state == "running")

    def ids(self, *services: str) -> dict[str, str]:
        """Container ids by service and slot, of some services or of all."""
        return {
            f"{c.service}.{c.slot}": c.id
            for c in self.census().containers
            if not services or c.service in services
        }


def service(command: list[str] | None = None, **keys: Any) -> dict[str, Any]:  # noqa: ANN401 - a template's
    """A service of a template: sleeps, and stops at once when asked to."""
    return {"image": IMAGE, "command": command or SLEEP, "stop_grace_period": "1s", **keys}


def web(says: str = "hello", **keys: Any) -> dict[str, Any]:  # noqa: ANN401 - a template's
    """A service that answers requests at 8080."""
    return service(["perl", "-e", SERVE], environment={"SAYS": says}, **keys)


def sh(script: str) -> list[str]:
    """A command that is a script, for bash."""
    return ["bash", "-c", script]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lines(command: subprocess.Popen[str]) -> Iterator[str]:
    """A command's output as it comes."""
    assert command.stdout is not None
    for line in command.stdout:
        yield line.rstrip("\n")
