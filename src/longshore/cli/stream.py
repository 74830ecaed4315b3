"""What comes without end: logs and the journal, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click
import msgspec
from rich.text import Text

from longshore.cli.session import Session
from longshore.cli.tables import entry_line
from longshore.model.clock import SECOND
from longshore.model.journal import Entry

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_cyan", "bright_magenta", "bright_green")


class _Line(msgspec.Struct):
    """A line that a task wrote, by the task's name; of stream `error`: why there are none."""

    task: str
    text: str
    stream: str = "stdout"


def logs(session: Session, lines: Iterator[bytes], *, prefix: bool) -> None:
    """Print what tasks write, each line with its task in front where there may be several."""
    colours: dict[str, str] = {}
    for raw in lines:
        if session.json:
            session.write(raw)
            continue
        line = msgspec.json.decode(raw, type=_Line)
        if line.stream == "error":
            session.say(f"{line.task}: {line.text}")
            continue
        text = line.text.rstrip("\r\n")
        if prefix:
            colour = colours.setdefault(line.task, _COLOURS[len(colours) % len(_COLOURS)])
            session.out.print(Text(f"{line.task} | ", colour), end="", soft_wrap=True)
        # Past rich: a task's own colours are its own, and are left out where there is no terminal.
        click.echo(text)


def journal(session: Session, past: bytes, stack: str, tail: int) -> None:
    """Print the journal's last entries, and then what happens."""
    entries = msgspec.json.decode(past, type=list[msgspec.Raw])
    for raw in entries[-tail:] if tail else []:
        _entry(session, bytes(raw))
    since = msgspec.json.decode(entries[-1], type=Entry).seq if entries else 0
    for line in session.client.lines("/v1/journal", {"after": since, "stack": stack, "follow": True}):
        _entry(session, line)


def _entry(session: Session, raw: bytes) -> None:
    """One entry, as JSON or as a line with its local time of day."""
    if session.json:
        session.write(raw)
        return
    entry = msgspec.json.decode(raw, type=Entry)
    at = datetime.fromtimestamp(entry.at / SECOND, UTC).astimezone()
    session.out.print(entry_line(entry, f"{at:%H:%M:%S}"), soft_wrap=True)
