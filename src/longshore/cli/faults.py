"""What went wrong, for people and for programs. Pure.

For people: what is wrong, the place in the file with the line and a caret, and the remedy. Words and
lines of files are others': what would move the terminal's cursor is shown as a stand-in.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from functools import lru_cache

import msgspec
from rich.cells import cell_len, chop_cells
from rich.text import Text

from longshore.cli.prose import plural
from longshore.model.errors import LongshoreError, Refused
from longshore.model.fault import Fault

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line in YAML; `str.splitlines` knows more, and would count otherwise."""

_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and those that turn the order of the words on a line around."""

_WORD = re.compile(r"[\w./:@*$-]+")
"""A hint of a single word is the word that was meant."""

_TAB = 4
"""Columns that a tab of a shown line is drawn as."""

_LEAST = 20
"""Columns of a line that are shown even where the window is narrower than its margin."""


def error_json(error: LongshoreError) -> bytes:
    """An error as the server writes it."""
    told = {
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "facts": error.facts,
        "faults": error.faults,
    }
    return msgspec.json.encode({"error": told, "exit": error.exit_code})


def faults_json(error: LongshoreError, names: Mapping[str, str]) -> bytes:
    """An error as what is wrong with a template: its faults, or itself as the only one."""
    faults = tuple(
        msgspec.structs.replace(fault, file=names.get(fault.file, fault.file)) for fault in error.faults
    ) or (
        Fault(
            code=error.code,
            message=error.message,
            file=str(error.facts.get("path", "")),
            hint=error.remedy,
        ),
    )
    return msgspec.json.encode({"ok": False, "faults": faults})


def error_text(
    error: LongshoreError,
    texts: Mapping[str, str | None],
    names: Mapping[str, str],
    width: int = 0,
) -> Text:
    """An error in words. `texts` are the files at hand, `names` what to call them; see `fault_text`."""
    if error.faults:
        # What is right and cannot be kept is no error of the template.
        refused = isinstance(error, Refused)
        label = "refused" if refused else "error"
        parts = [fault_text(fault, texts, names, label, width) for fault in error.faults]
        if len(parts) > 1:
            parts.append(Text(f"{len(parts)} refused" if refused else plural(len(parts), "fault")))
        return Text("\n\n").join(parts)
    text = Text()
    text.append("error: ", "bold red")
    text.append(_wrapped(error.message, "  ", width, len("error: ")))
    if error.remedy:
        text.append(f"\n  → {_wrapped(error.remedy, '    ', width, 4)}")
    return text


def fault_text(
    fault: Fault,
    texts: Mapping[str, str | None],
    names: Mapping[str, str],
    label: str = "error",
    width: int = 0,
) -> Text:
    """One fault: the sentence, the place, the line with a caret, the hint.

    `width`: columns to keep to; 0: no line is broken.
    """
    text = Text()
    lead = f"{label}[{fault.code}]: "
    text.append(lead, "bold red" if label == "error" else "bold yellow")
    text.append(_wrapped(fault.message, "  ", width, len(lead)))
    if fault.file or fault.path:
        place = names.get(fault.file, fault.file)
        if fault.line:
            place += f":{fault.line}:{fault.column or 1}"
        # Never broken: terminals make links of places.
        text.append("\n  ")
        text.append(_shown("  ".join(word for word in (place, fault.path) if word)), "dim")
    line = _line(texts.get(fault.file), fault.line)
    if line:
        margin = f"    {fault.line} │ "
        shown, indent = _clipped(line, fault.column, max(width - len(margin), _LEAST) if width else 0)
        text.append(f"\n{margin}", "dim")
        text.append(shown)
        if fault.column:
            text.append(f"\n{' ' * (len(margin) - 2)}│ ", "dim")
            text.append(f"{' ' * indent}^", "bold red")
    if fault.hint:
        text.append(f"\n  → {_wrapped(_hint(fault), '    ', width, 4)}")
    return text


def _hint(fault: Fault) -> str:
    """A hint as a sentence: a single word is the one that was meant, or that is missing."""
    if not _WORD.fullmatch(fault.hint):
        return fault.hint
    return f"add {fault.hint}" if fault.code.startswith("missing-") else f'did you mean "{fault.hint}"?'


def _wrapped(words: str, indent: str, width: int, used: int) -> str:
    """Words in lines of at most `width` columns, of which the first has `used` already."""
    words = _shown(words)
    if not width:
        return words
    lines = textwrap.wrap(
        words,
        max(width, _LEAST),
        initial_indent=" " * used,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)[used:]


def _shown(words: str) -> str:
    """Words of others without what a terminal would obey."""
    return _UNSHOWN.sub("\ufffd", words)


def _clipped(line: str, column: int, room: int) -> tuple[str, int]:
    """A line of a file, cut to the room around a column, and how far the caret is from its beginning.

    Both in columns of the terminal, where a letter may take two. No `room` is all that is needed.
    """
    at = max(column - 1, 0)
    before, after = (_shown(part).replace("\t", " " * _TAB) for part in (line[:at], line[at:]))
    line, indent = before + after, cell_len(before)
    # The caret may stand behind the last letter.
    whole = max(cell_len(line), indent + 1)
    if not room or whole <= room:
        return line, indent
    start = max(0, min(indent - room // 2, whole - room + 1))
    left = chop_cells(line, start)[0] if start else ""
    rest = line[len(left) :]
    room -= bool(left)
    shown = rest if cell_len(rest) <= room else f"{chop_cells(rest, room - 1)[0]}…"
    return f"{'…' if left else ''}{shown}", indent - cell_len(left) + bool(left)


def _line(content: str | None, number: int) -> str | None:
    """A line of a file, if the file and the line are there."""
    if content is None or number < 1:
        return None
    lines = _lines(content)
    return lines[number - 1].rstrip() if number <= len(lines) else None


@lru_cache(maxsize=4)
def _lines(content: str) -> list[str]:
    """A file's lines; kept for the next fault of the same file."""
    return _BREAK.split(content.removeprefix("\ufeff"))
