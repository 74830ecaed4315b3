"""A change on its way, folded from the journal, and how that looks. Pure."""

from __future__ import annotations

from collections import Counter

import msgspec
from rich.console import Group, RenderableType
from rich.spinner import Spinner
from rich.text import Text

from longshore.cli import prose
from longshore.cli.tables import STYLES
from longshore.model.journal import Entry

_NAMED = 15
"""Tasks shown one by one: with the rest they fit on a small terminal."""

_SETTLED = frozenset({"running", "ready", "healthy", "completed", "gone", "restarted"})
"""Last words of journal kinds after which a task needs no watching."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal has told so far: the last word and reason per subject, in order of coming."""

    states: dict[str, tuple[str, str]] = {}


def take(progress: Progress, entry: Entry) -> Progress:
    """The progress with one more entry. Of the change itself the title tells."""
    if entry.kind.startswith("change."):
        return progress
    word = entry.kind.rpartition(".")[2]
    states = {**progress.states, entry.subject: (word, entry.words)}
    return Progress(states=states)


def picture(progress: Progress, title: str, elapsed: int) -> RenderableType:
    """The list of tasks and hosts on their way; those that have arrived are only counted."""
    counts = Counter(word for word, _ in progress.states.values())
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    words = f"{title} · {prose.length(elapsed)}" + (f" · {told}" if told else "")
    moving = [(s, w, why) for s, (w, why) in progress.states.items() if w not in _SETTLED]
    settled = [(s, w, why) for s, (w, why) in progress.states.items() if w in _SETTLED]
    shown = (settled + moving)[-_NAMED:]
    parts: list[RenderableType] = [Spinner("dots", Text(words))]
    wide = max((len(subject) for subject, _, _ in shown), default=0)
    for subject, word, why in shown:
        # One line each, so that the list does not jump; the journal has the reasons whole.
        row = Text(f"  {subject:<{wide}}  ", no_wrap=True, overflow="ellipsis")
        row.append(f"{word:<10}", STYLES.get(word, ""))
        parts.append(row.append(f"  {why}"))
    return Group(*parts)


def line(entry: Entry) -> Text:
    """An entry as a plain line, for where nothing can be redrawn."""
    word = entry.kind.rpartition(".")[2]
    text = Text(f"{entry.subject}  ")
    text.append(entry.kind, STYLES.get(word, ""))
    return text.append(f"  {entry.words}" if entry.words else "")
