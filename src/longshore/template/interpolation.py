"""`$VARIABLE` and `${VARIABLE…}` in scalars, by the grammar of Compose.

    $NAME  ${NAME}          its value, or nothing where it is unset
    ${NAME:-word} ${NAME-word}  the word where it is unset (`:` also where it is empty)
    ${NAME:?word} ${NAME?word}  a fault saying the word, likewise
    ${NAME:+word} ${NAME+word}  the word where it is set (`:` and not empty)
    $$                      a dollar

A word may hold further variables. A text is parsed once into parts; the parts give the names to
ask the client for, and later the value.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator

import msgspec

from longshore.template.findings import MOST_WORK, At, TooMuch
from longshore.template.nodes import Map, Mark, Node, Scalar, Seq, remade

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")

_MOST_NESTED = 20
"""Variables within the words of variables; two or three are met in the wild."""

_ESCAPE = 'write "$$" for a dollar that begins no variable'


class Reference(msgspec.Struct, frozen=True):
    """One `${…}`: the name, the operator (empty: none) and the parts of its word."""

    name: str
    operator: str = ""
    word: tuple[Part, ...] = ()


Part = str | Reference
Lookup = Callable[[str], str | None]


class BadText(Exception):
    """The text is no template; the message says why."""


class RequiredVariable(Exception):
    """A variable that must have a value has none."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


def parts_of(text: str) -> tuple[Part, ...]:
    """Parse a text; raises `BadText` where a `$` begins nothing."""
    if "$" not in text:
        return (text,)
    parts, _ = _parse(text, 0, depth=0)
    return parts


def names_of(parts: tuple[Part, ...]) -> Iterator[str]:
    """Every variable named, within words too, in order of appearance."""
    for part in parts:
        if isinstance(part, Reference):
            yield part.name
            yield from names_of(part.word)


def evaluate(parts: tuple[Part, ...], lookup: Lookup, unset: Callable[[str], None]) -> str:
    """The text with its variables replaced.

    Args:
        parts: a parsed text.
        lookup: a variable's value, None where it is unset.
        unset: told each variable that had no value and no word in its stead.

    Raises:
        RequiredVariable: `${NAME:?word}` and no value.
        TooMuch: the text would grow past what a reading may do.
    """
    found: list[str] = []
    size = 0
    for part in parts:
        found.append(part if isinstance(part, str) else _value(part, lookup, unset))
        size += len(found[-1])
        # A long value named often would not fit into memory; stop before joining it.
        if size > MOST_WORK:
            raise TooMuch
    return "".join(found)


def references(node: Node) -> Iterator[str]:
    """Every variable named in the scalars of a tree; texts that are no templates name none."""
    match node:
        case Scalar():
            if "$" in node.text:
                try:
                    yield from names_of(parts_of(node.text))
                except BadText:
                    return
        case Seq():
            for item in node.items:
                yield from references(item)
        case Map():
            for item in node.items.values():
                yield from references(item)


def interpolate(node: Node, lookup: Lookup, at: At) -> Node:
    """The tree with every variable replaced. What was replaced is text, never a guessed type.

    What names no variable is not copied: of a large file that is nearly all.
    """
    match node:
        case Scalar():
            return _scalar(node, lookup, at) if "$" in node.text else node
        case Seq():
            items = tuple([interpolate(v, lookup, at.item(i)) for i, v in enumerate(node.items)])
            return node if all(map(operator.is_, items, node.items)) else Seq(items, node.mark)
        case Map():
            values = {k: interpolate(v, lookup, at.key(k)) for k, v in node.items.items()}
            return remade(node, values)


def _scalar(node: Scalar, lookup: Lookup, at: At) -> Scalar:
    def unset(name: str) -> None:
        words = f'the variable "{name}" is not set; it was read as empty text'
        at.warn("unset-variable", node.mark, words, f"set {name}, or write ${{{name}:-}}")

    try:
        text = evaluate(parts_of(node.text), lookup, unset)
    except BadText as error:
        at.fault("bad-interpolation", node.mark, f"{error} in {_short(node.text)}", _ESCAPE)
        return node
    except RequiredVariable as error:
        _required_fault(error, node.mark, at)
        return node
    at.findings.spend(len(text))
    return Scalar(text, text, node.mark)


def _required_fault(error: RequiredVariable, mark: Mark, at: At) -> None:
    words = f'the variable "{error.name}" must have a value'
    if error.message:
        words += f": {error.message}"
    at.fault("missing-variable", mark, words, f"set {error.name}, or write it into .env")


def _short(text: str) -> str:
    shown = text if len(text) <= 60 else text[:60] + "…"
    return f'"{shown}"'


def _value(reference: Reference, lookup: Lookup, unset: Callable[[str], None]) -> str:
    value = lookup(reference.name)
    operator = reference.operator
    # The colon makes an empty value count as none.
    present = value is not None and not (operator.startswith(":") and not value)
    if operator.endswith("+"):
        return evaluate(reference.word, lookup, unset) if present else ""
    if present and value is not None:
        return value
    if operator.endswith("?"):
        raise RequiredVariable(reference.name, evaluate(reference.word, lookup, unset))
    if not operator:
        unset(reference.name)
    return evaluate(reference.word, lookup, unset)


def _parse(text: str, start: int, *, depth: int) -> tuple[tuple[Part, ...], int]:
    """Parts from `start` on; within a word (depth > 0) up to and past its closing brace."""
    if depth > _MOST_NESTED:
        raise BadText(f"variables nested deeper than {_MOST_NESTED}")
    parts: list[Part] = []
    i = start
    while i < len(text):
        if depth and text[i] == "}":
            return tuple(parts), i + 1
        if text[i] != "$":
            stop = _next(text, i, closing=depth > 0)
            parts.append(text[i:stop])
            i = stop
        elif text.startswith("$$", i):
            parts.append("$")
            i += 2
        else:
            reference, i = _reference(text, i + 1, depth)
            parts.append(reference)
    if depth:
        raise BadText('a "${" is not closed')
    return tuple(parts), i


def _next(text: str, start: int, *, closing: bool) -> int:
    """Where the next dollar, or closing brace, stands."""
    stops = [text.find("$", start)]
    if closing:
        stops.append(text.find("}", start))
    return min((s for s in stops if s >= 0), default=len(text))


def _reference(text: str, start: int, depth: int) -> tuple[Reference, int]:
    """What follows a dollar."""
    bare = _NAME.match(text, start)
    if bare:
        return Reference(bare[0]), bare.end()
    if not text.startswith("{", start):
        raise BadText('a "$" begins no variable')
    name = _NAME.match(text, start + 1)
    if not name:
        raise BadText('"${" is not followed by a name')
    end = name.end()
    if text.startswith("}", end):
        return Reference(name[0]), end + 1
    operator = _OPERATOR.match(text, end)
    if not operator:
        raise BadText(f'"${{{name[0]}" is followed neither by "}}" nor by one of :- - :? ? :+ +')
    word, stop = _parse(text, operator.end(), depth=depth + 1)
    return Reference(name[0], operator[0], word), stop
