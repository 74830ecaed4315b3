"""A house for a test: a server with its own state, thus its own cell; commands to it, and looks at it."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.e2e.moby import ENGINE, IMAGE, Census, Container, Moby
from tests.e2e.server import LONGSHORE, ROOT, Server

from longshore.model.change import Change
from longshore.model.journal import Entry
from longshore.model.lifecycle import ChangeState
from longshore.model.view import HostView, StackView, Status, TaskView

Settings = Mapping[str, str]
"""Variables on top of those of the house."""

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
    """A state folder, the environment that leads to it, the server over it, and its cell in the engine.

    `name`: a name for a stack that nobody else has.
    """

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
        self.server = Server(state, folder / "server.log", self.environ)

    def close(self) -> None:
        """End the server and take down all its cell has made."""
        try:
            self.server.kill()
        finally:
            if self.server.cell:
                self.moby.sweep(self.server.cell)

    # The command line

    def open(self, *words: str, settings: Settings | None = None) -> subprocess.Popen[str]:
        """Start a command, with pipes to and from it."""
        return subprocess.Popen(
            (*LONGSHORE, *words),
            env={**self.environ, **(settings or {})},
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def try_(
        self, *words: str, stdin: str = "", limit: float = 60.0, settings: Settings | None = None
    ) -> Said:
        """Run a command; whatever its exit code."""
        with self.open(*words, settings=settings) as command:
            try:
                out, err = command.communicate(stdin, timeout=limit)
            except subprocess.TimeoutExpired:
                command.kill()
                out, err = command.communicate()
                raise AssertionError(f"{' '.join(words)} took over {limit:g} s: {out}{err}") from None
        return Said(command.returncode, out, err)

    def do(self, *words: str, code: int = 0, stdin: str = "", settings: Settings | None = None) -> Said:
        """Run a command that has to end with this exit code."""
        said = self.try_(*words, stdin=stdin, settings=settings)
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

    def tasks(self, service: str = "", *, ended: bool = False) -> list[TaskView]:
        """The tasks, as `longshore ps --json` has them."""
        found = self.server.get("/v1/tasks", list[TaskView], **({"all": 1} if ended else {}))
        return [view for view in found if service in {"", view.service}]

    def stack(self, name: str = "") -> StackView:
        """The stack."""
        return self.server.get(f"/v1/stacks/{name or self.name}", StackView)

    def hosts(self) -> list[HostView]:
        """The hosts."""
        return self.server.get("/v1/hosts", list[HostView])

    def host(self) -> HostView:
        """The one host: the engine at hand."""
        (host,) = self.hosts()
        return host

    def status(self) -> Status:
        """The screen of `longshore status`."""
        return self.server.get("/v1/status", Status)

    def changes(self) -> list[Change]:
        """All changes, newest first."""
        return self.server.get("/v1/changes", list[Change])

    def journal(self) -> list[Entry]:
        """What happened."""
        return self.server.get("/v1/journal", list[Entry], limit=1000)

    def warned(self, code: str) -> str:
        """The words and remedy of a warning, if it is on the screen."""
        return "".join(f"{w.words} ({w.remedy})" for w in self.status().warnings if w.code == code)

    def still(self) -> bool:
        """Whether no change is under way."""
        return all(change.state is not ChangeState.APPLYING for change in self.changes())

    # What is there

    def census(self) -> Census:
        """What the cell has in the engine."""
        return self.moby.census(self.server.cell)

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
