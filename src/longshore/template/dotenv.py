r"""Environment files: `.env`, `--env-file`, and `env_file` of a service.

    NAME=value            up to a ` #` comment; variables are replaced
    NAME="value"          may span lines; `\n` and its like, and variables, are replaced
    NAME='value'          may span lines; taken as it stands
    export NAME=value     the same as NAME=value
    NAME                  the client's own value, where it has one

The format `raw` is what `docker run --env-file` reads: everything after `=` as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from longshore.template.findings import At
from longshore.template.interpolation import (
    BadText,
    Lookup,
    Part,
    RequiredVariable,
    evaluate,
    names_of,
    parts_of,
)
from longshore.template.nodes import Mark

_KEY = re.compile(r"(?:export[ \t]+)?([^\s=:#]+)?[ \t]*([=:]?)")
_GOOD_KEY = re.compile(r"[A-Za-z0-9_.\-\[\]]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_COMMENT = re.compile(r"(?:^|\s)#.*")


class Entry(msgspec.Struct, frozen=True):
    """One line: a name, and the parts of its value; None takes the client's own value."""

    name: str
    parts: tuple[Part, ...] | None
    mark: Mark


def entries_of(text: str, file: str, at: At, *, raw: bool = False) -> list[Entry]:
    """Every entry of a file, in order; lines that cannot be read become faults."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    found: list[Entry] = []
    position, line = 0, 1
    while position < len(text):
        entry, stop = _entry(text, position, Mark(file, line, 1), at, raw=raw)
        if entry is not None:
            found.append(entry)
        line += text.count("\n", position, stop)
        position = stop
    return found


def names_in(entries: list[Entry]) -> Iterator[str]:
    """The client's variables that these entries name."""
    for entry in entries:
        if entry.parts is None:
            yield entry.name
        else:
            yield from names_of(entry.parts)


def values_of(entries: list[Entry], lookup: Lookup, at: At) -> dict[str, str]:
    """The variables a file sets. The client's own win over earlier lines, within values too."""
    values: dict[str, str] = {}

    def known(name: str) -> str | None:
        own = lookup(name)
        return values.get(name) if own is None else own

    for entry in entries:
        if entry.parts is None:
            own = lookup(entry.name)
            if own is not None:
                values[entry.name] = own
            continue
        try:
            value = evaluate(entry.parts, known, lambda _: None)
        except RequiredVariable as error:
            words = f'the variable "{error.name}" must have a value: {error.message}'
            at.fault("missing-variable", entry.mark, words, f"set {error.name}")
            continue
        at.findings.spend(len(value))
        values[entry.name] = value
    return values


def _entry(text: str, start: int, mark: Mark, at: At, *, raw: bool) -> tuple[Entry | None, int]:
    """The entry that begins at `start`, and where the next line begins."""
    end = _line_end(text, start)
    line = text[start:end]
    stripped = line.strip()
    if not stripped or stripped.startswith("#"):
        return None, end + 1
    if raw:
        name, equals, value = stripped.partition("=")
        return Entry(name, (value,) if equals else None, mark), end + 1
    indent = len(line) - len(line.lstrip())
    match = _KEY.match(text, start + indent, end)
    assert match is not None
    mark = Mark(mark.file, mark.line, indent + 1)
    name = match[1] or ""
    if not _GOOD_KEY.fullmatch(name):
        at.fault("bad-env-file", mark, f'"{name}" cannot be a name', "write NAME=value")
        return None, end + 1
    if match[2]:
        return _valued(text, match.end(), name, mark, at)
    rest = _COMMENT.sub("", text[match.end() : end]).strip()
    if rest:
        words = f'a name cannot hold a space: "{name} {rest[:40]}"'
        at.fault("bad-env-file", mark, words, "write NAME=value")
        return None, end + 1
    return Entry(name, None, mark), end + 1


def _valued(text: str, start: int, name: str, mark: Mark, at: At) -> tuple[Entry | None, int]:
    end = _line_end(text, start)
    while start < end and text[start] in " \t":
        start += 1
    quote = text[start : start + 1]
    if quote in {"'", '"'}:
        return _quoted(text, start, name, mark, at)
    value = _COMMENT.sub("", text[start:end]).strip()
    return _parsed(name, value, mark, at), end + 1


def _quoted(text: str, start: int, name: str, mark: Mark, at: At) -> tuple[Entry | None, int]:
    quote = text[start]
    stop = start + 1
    while stop < len(text) and text[stop] != quote:
        stop += 2 if text[stop] == "\\" else 1
    if stop >= len(text):
        at.fault("bad-env-file", mark, f"the value of {name} has no closing {quote}", "close it")
        return None, len(text)
    value = text[start + 1 : stop]
    after = _line_end(text, stop) + 1
    if quote == "'":
        return Entry(name, (value.replace("\\'", "'"),), mark), after
    return _parsed(name, _unescaped(value), mark, at), after


def _unescaped(value: str) -> str:
    def one(match: re.Match[str]) -> str:
        # An escaped dollar begins no variable; the doubled one says so to the next phase.
        return "$$" if match[1] == "$" else _ESCAPES.get(match[1], match[1])

    return _ESCAPED.sub(one, value)


def _parsed(name: str, value: str, mark: Mark, at: At) -> Entry | None:
    try:
        return Entry(name, parts_of(value), mark)
    except BadText as error:
        hint = "put the value in single quotes to keep its dollars"
        at.fault("bad-env-file", mark, f"the value of {name}: {error}", hint)
        return None


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
