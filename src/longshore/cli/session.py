"""One run of the command line: how it speaks to people, and where the server is.

What was asked for goes to standard output, all else (progress, questions, errors) to standard
error, so that `--json` leaves one document and nothing else on standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TextIO, TypeVar

from longshore.cli.selection import Selection
from longshore.cli.wiring import Wiring

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console, RenderableType
    from rich.status import Status

    from longshore.cli.client import Client
    from longshore.cli.sources import Project
    from longshore.model.errors import LongshoreError
    from longshore.model.fault import Fault
    from longshore.model.template import Sources

T = TypeVar("T")

_WIDE = 120
"""Columns where there is no terminal to ask, and COLUMNS says nothing."""


class Session:
    """What commands get: the wiring, two consoles, the server, and what options said.

    `json`: print the server's JSON only. `selection`: what the options for templates said.
    `sources`: the template's files as read so far, which let faults show their lines. `judging`: what
    is wrong with the templates is itself what was asked for, and JSON says just that.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.json = False
        self.judging = False
        self._status: Status | None = None
        self.sources: Sources | None = None
        self.selection = Selection()

    @cached_property
    def out(self) -> Console:
        """Standard output."""
        return self._console(sys.stdout)

    @cached_property
    def err(self) -> Console:
        """Standard error."""
        return self._console(sys.stderr)

    @cached_property
    def client(self) -> Client:
        """The server; where this user has none yet, one is started.

        Raises:
            LongshoreError: it cannot be reached or started.
        """
        from longshore.cli.client import address, connect, listening

        place = address(self.wiring.environ, self.state_dir)
        own = place.path is not None and not self.wiring.environ.get("LONGSHORE_SERVER", "")
        if own and place.path is not None and not listening(place.path):
            with self.working("starting a server"):
                self.wiring.start_server()
            self.say(f"No server was running: started one for you in the background, at {place.path}")
        return connect(place, self.wiring.version)

    @cached_property
    def local(self) -> Client:
        """The same API in this process, for what needs no server."""
        from longshore.cli.client import in_process

        return in_process(self.wiring.reader(), self.wiring.version)

    @property
    def state_dir(self) -> Path:
        """Where this user's server keeps its socket."""
        from pathlib import Path

        return Path(self.wiring.state_dir)

    @property
    def cwd(self) -> Path:
        """The folder the user is in."""
        from pathlib import Path

        return Path(self.wiring.cwd)

    @property
    def now(self) -> int:
        """Microseconds UTC."""
        return self.wiring.now()

    def begin(self) -> tuple[Project, Sources]:
        """The project that the options name, and its templates, read.

        Raises:
            Invalid: there is no template, or it cannot be read.
        """
        from longshore.cli.sources import begin

        project, self.sources = begin(
            self.selection, cwd=self.cwd, environ=self.wiring.environ, stdin=sys.stdin.buffer.read
        )
        return project, self.sources

    def answer(self, raw: bytes, kind: type[T], render: Callable[[T, int], RenderableType]) -> None:
        """Show what the server said: its JSON as it is, or in words."""
        if self.json:
            self.write(raw)
            return
        import msgspec

        self.show(render(msgspec.json.decode(raw, type=kind), self.now))

    def show(self, what: RenderableType) -> None:
        """Something made for people, to standard output."""
        from longshore.cli.trim import Trimmed

        self.out.print(Trimmed(what))

    def write(self, raw: bytes) -> None:
        """A line of JSON to standard output."""
        import click

        click.echo(raw)

    def say(self, words: str) -> None:
        """A sentence to standard error."""
        from rich.text import Text

        self.err.print(Text(words))

    def confirm(self, question: str, remedy: str) -> None:
        """Ask on the terminal; anything but yes is no.

        Raises:
            Refused: the answer is no, or there is nobody to ask.
        """
        from longshore.model.errors import Refused

        if not sys.stdin.isatty():
            raise Refused("there is no terminal to ask at, and no --yes", code="unconfirmed", remedy=remedy)
        self.err.print(f"{question} [y/N] ", end="", markup=False)
        self.err.file.flush()
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise Refused("nothing was done, as you said", code="unconfirmed", remedy=remedy)

    @contextmanager
    def working(self, words: str) -> Iterator[None]:
        """Show that something goes on, where there is a terminal to show it on.

        Within another the words change for a while: two at once would leave one of them standing.
        """
        if not self.err.is_terminal:
            yield
        elif (outer := self._status) is not None:
            before = outer.status
            outer.update(words)
            try:
                yield
            finally:
                outer.update(before)
        else:
            self._status = self.err.status(words, spinner="dots")
            try:
                with self._status:
                    yield
            finally:
                self._status = None

    def fail(self, error: LongshoreError) -> int:
        """Tell of an error; returns the exit code."""
        from longshore.cli.faults import error_json, error_text, faults_json

        if self.json:
            named = {**self.names(), "-": "-"}
            self.write(faults_json(error, named) if self.judging else error_json(error))
        texts = self.sources.files if self.sources else {}
        self.err.print(error_text(error, texts, self.names(), self._width), soft_wrap=True)
        return error.exit_code

    def warn(self, fault: Fault, label: str = "warning") -> None:
        """Tell of something in a template that does not stop what was asked."""
        from longshore.cli.faults import fault_text

        texts = self.sources.files if self.sources else {}
        self.err.print(fault_text(fault, texts, self.names(), label, self._width), soft_wrap=True)

    def names(self) -> dict[str, str]:
        """What to call the project's files: as seen from the folder the user is in."""
        import os.path

        if self.sources is None:
            return {}
        directory, cwd = self.sources.directory, self.cwd
        return {
            name: "standard input" if name == "-" else os.path.relpath(os.path.join(directory, name), cwd)  # noqa: PTH118 - a name, maybe with .. in it
            for name in self.sources.files
        }

    def close(self) -> None:
        """Let go of the server."""
        for name in ("client", "local"):
            if name in self.__dict__:
                self.__dict__[name].close()

    @property
    def _width(self) -> int:
        """Columns to break sentences at; 0, not at all, where no window is and none is named."""
        named = self.wiring.environ.get("COLUMNS", "").isdigit()
        return self.err.width if named or self.err.is_terminal else 0

    def _console(self, file: TextIO) -> Console:
        """A console that takes its word from the wiring's environment."""
        from rich.console import Console

        environ = self.wiring.environ
        wide = None if file.isatty() or environ.get("COLUMNS", "").isdigit() else _WIDE
        return Console(file=file, width=wide, highlight=False, markup=False, emoji=False, _environ=environ)
