"""Building images on the server's engine: sends each context, shows what comes back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import msgspec
from rich.text import Text

from longshore.cli import prose
from longshore.cli.context import prepare, stream
from longshore.cli.session import Session
from longshore.cli.sources import Project
from longshore.model.errors import Failed, LongshoreError
from longshore.model.spec import Build

_TAIL = 40
"""Lines of a build that are shown when it fails: the failing command and what it wrote."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """An image to build: for which service, under which name, and how."""

    service: str
    name: str
    build: Build


class _Line(msgspec.Struct):
    """What comes back from a build."""

    line: str = ""
    digest: str = ""


def build_all(session: Session, project: Project, wanted: Sequence[Wanted]) -> None:
    """Build these images, one after another.

    Raises:
        Failed: a build failed.
        LongshoreError: a context cannot be sent.
    """
    # All are looked at before the first is sent, so that a wrong path costs no waiting.
    contexts = [(want, prepare(want.build, project.check)) for want in wanted]
    for want, context in contexts:
        began = session.now
        request = msgspec.json.encode({"name": want.name, "build": context.build}).decode()
        sent = _Counter(stream(context))
        lines = session.client.upload("/v1/builds", {"request": request}, sent)
        _show(session, want, sent, lines)
        session.say(f"built {want.service} as {want.name} in {prose.length(session.now - began)}")


class _Counter:
    """Pieces on their way, and how many bytes have gone."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.bytes += len(piece)
            yield piece


def _show(session: Session, want: Wanted, sent: _Counter, lines: Iterator[bytes]) -> None:
    """Show a build's lines: the last one beside a spinner, or each where nothing can be redrawn."""
    tail: deque[str] = deque(maxlen=_TAIL)
    plain = not session.err.is_terminal
    digest = ""
    try:
        with session.err.status(f"building {want.service}: sending") as spinner:
            for raw in lines:
                told = msgspec.json.decode(raw, type=_Line)
                digest = told.digest or digest
                words = told.line.strip()
                if not words:
                    continue
                tail.append(f"{want.service} | {told.line.rstrip()}")
                size = prose.memory(sent.bytes)
                spinner.update(Text(f"building {want.service} ({size} sent): {words}"[:200]))
                if plain:
                    session.err.print(Text(tail[-1]), soft_wrap=True)
    except LongshoreError as error:
        if not plain:
            session.err.print(Text("\n".join(tail)), soft_wrap=True)
        if tail:
            # The lines above are shown already; the server says the last of them once more.
            error.message = error.message.partition("\n")[0]
        raise
    if not digest:
        raise Failed(
            f"the build of {want.service} ended without an image",
            code="build-unfinished",
            remedy="try again; if it stays so, look at the server's log",
        )
