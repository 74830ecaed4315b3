"""A normalised template as YAML text, as `docker compose config` prints it. Pure.

Only what JSON has is written: maps, lists, strings, numbers, booleans, null. Strings that another
reader of YAML might take for something else are quoted as JSON, which YAML takes as it is.
"""

from __future__ import annotations

import re

import msgspec

_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./@+=-]*(:[A-Za-z0-9_./@+=-]+)*( [A-Za-z0-9_./@+=()-]+)*")
"""Strings that need no quotes: they begin like a word or a path, and hold no `: ` or ` #`."""

_OTHER = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null|~|\.(inf|nan|[0-9][0-9_.e+-]*)|\.{1,3}|-+|=")
"""Words that some version of YAML reads as no string."""

_BLOCK = re.compile("[!-~][ -~]*\n([!-~][ -~]*\n|\n(?=[!-~])| +[!-~][ -~]*\n)*[ -~]*[!-~]\n")
"""Texts of several plain lines that end in one line feed: scripts, Dockerfiles; shown line by line."""

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON takes as they are, and YAML does not."""


def yaml_text(value: object) -> str:
    """The value as a YAML document; maps keep their order."""
    return "".join(f"{line}\n" for line in _lines(value))


def escaped(value: object) -> object:
    """The value with each `$` of its strings doubled, so that reading it again fills nothing in."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    return [escaped(item) for item in value] if isinstance(value, list) else value


def _lines(value: object) -> list[str]:
    """The lines of a value that begins a line of its own."""
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in _entry(f"{_scalar(str(key))}:", item)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item)]
    return [_scalar(value)]


def _entry(lead: str, value: object) -> list[str]:
    """A key with its value."""
    if isinstance(value, dict | list) and value:
        return [lead, *(f"  {line}" for line in _lines(value))]
    if isinstance(value, str) and _BLOCK.fullmatch(value):
        return [f"{lead} |", *(f"  {line}" if line else "" for line in value[:-1].split("\n"))]
    return [f"{lead} {_scalar(value)}"]


def _item(value: object) -> list[str]:
    """An entry of a list; a map's first key stands beside the dash."""
    first, *rest = _lines(value)
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _scalar(value: object) -> str:
    """A value on one line."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _OTHER.fullmatch(value):
        return value
    return _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", msgspec.json.encode(value).decode())
