"""The kinds of parameters, and what a given value becomes in each.

Values come from people and programs: a number may be text, a list may be words between commas, JSON
may be text or the value itself. The rules are Heat's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a parameter holds."""

    STRING = "string"
    NUMBER = "number"
    LIST = "comma_delimited_list"
    JSON = "json"
    BOOLEAN = "boolean"


HOT_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
"""As the types are written in HOT."""

CFN_KINDS: Mapping[str, Kind] = {
    "String": Kind.STRING,
    "Number": Kind.NUMBER,
    "CommaDelimitedList": Kind.LIST,
    "Json": Kind.JSON,
    "Boolean": Kind.BOOLEAN,
}
"""As the types are written in CloudFormation's format."""

_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})
_FALSE = frozenset({"0", "f", "false", "off", "n", "no"})

_LONGEST_NUMBER = 1_000
"""Digits of a number given as text: past this Python takes long, and nobody means it."""


class BadValue(ValueError):
    """A value cannot be what it has to be; the message says so in words."""


def number(value: object) -> int | float:
    """A number, or the text of one."""
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER:
        raise BadValue(f"expected a number, got {_shown(value)}")
    for reads in (int, float):
        try:
            return reads(value)
        except ValueError:
            continue
    raise BadValue(f"expected a number, got {_shown(value)}")


def boolean(value: object) -> bool:
    """True or false, or one of the words for them."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadValue(f"expected true or false, got {_shown(value)}")


def text(value: object) -> str:
    """Any value as text; a mapping as Python writes it, as Heat does."""
    return str(value)


def listing(value: object) -> list[str]:
    """Words between commas, or a list, of which each item becomes text."""
    if isinstance(value, list):
        return [str(item) for item in value]
    if not isinstance(value, str):
        raise BadValue(f"expected words between commas, or a list, got {_shown(value)}")
    return value.split(",") if value else []


def json_of(value: object) -> object:
    """The value itself, or what its text says; empty text stays."""
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as why:
        raise BadValue(f"this is no JSON: {why}") from why


_READS = {
    Kind.STRING: text,
    Kind.NUMBER: number,
    Kind.LIST: listing,
    Kind.JSON: json_of,
    Kind.BOOLEAN: boolean,
}


def converted(value: object, kind: Kind) -> object:
    """The value as a parameter of this kind holds it; raises `BadValue`."""
    return _READS[kind](value)


def shown(value: object, kind: Kind) -> str:
    """A converted value as text, as `Ref` within text and command lines show it."""
    if kind is Kind.LIST and isinstance(value, list):
        return ",".join(map(str, value))
    return json.dumps(value) if kind is Kind.JSON else str(value)


def _shown(value: object) -> str:
    words = json.dumps(value, default=str)
    return words if len(words) <= 80 else words[:80] + "…"
