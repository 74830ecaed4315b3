"""Located values: what a text says, and where it says it.

A node never changes; a later phase makes a new one and keeps the mark, so that whatever is derived
from a place in the text still knows that place.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence

import msgspec

Data = str | int | float | bool | None

# None of these can stand within itself, so none is left to the collector of cycles: a large file has
# hundreds of thousands of them.


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A place in a file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int


class Scalar(msgspec.Struct, frozen=True, gc=False):
    """A single value: the `text` as written, what it means as `data`.

    `plain`: written without quotes, so that its type was guessed from its text. `tag`: one of the
    dialect's own, such as `!reset`; likewise below.
    """

    text: str
    data: Data
    mark: Mark
    plain: bool = False
    tag: str = ""


class Seq(msgspec.Struct, frozen=True, gc=False):
    """A list."""

    items: tuple[Node, ...]
    mark: Mark
    tag: str = ""


Layout = tuple[str | int, ...]
"""Of each key in turn: itself, how many lines it stands below its mapping's begin, its column.

Told from the begin, mappings of like services have the same layout, which is kept once for all.
"""

_FEW = 16
"""Keys whose places are found as fast by looking along them as in a dictionary."""


def keyed(places: list[str | int], mark: Mark) -> Mapping[str, Mark] | Layout:
    """The places of keys, laid out from a mapping's begin, in the least room that is still fast."""
    return tuple(places) if len(places) <= 3 * _FEW else _marks(places, mark)


def _marks(places: Sequence[str | int], mark: Mark) -> dict[str, Mark]:
    three = iter(places)
    rows = zip(three, three, three, strict=True)
    return {str(key): Mark(mark.file, mark.line + int(below), int(column)) for key, below, column in rows}


class Map(msgspec.Struct, frozen=True, gc=False):
    """A mapping; `keyed` are the places of its keys that were written, whichever they are.

    `typed`: what those keys mean that are no text in their dialect's YAML (`80`, `true`).
    """

    items: dict[str, Node]
    keyed: Mapping[str, Mark] | Layout
    mark: Mark
    typed: dict[str, Data] | None = None
    tag: str = ""

    @property
    def marks(self) -> Mapping[str, Mark]:
        """The places of its keys, worked out on asking: hardly anybody asks."""
        return _marks(self.keyed, self.mark) if isinstance(self.keyed, tuple) else self.keyed

    def get(self, *keys: str) -> Node | None:
        """What lies at the end of a way of keys, or None where the way ends early."""
        node: Node | None = self
        for key in keys:
            if not isinstance(node, Map):
                return None
            node = node.items.get(key)
        return node

    def place(self, key: str) -> Mark:
        """The place of a value, or of the mapping where there is none."""
        return self.items[key].mark if key in self.items else self.mark

    def at(self, key: str) -> Mark:
        """The place of a key; where it was not written, of its value, or of the mapping."""
        if key not in self.keyed:
            return self.place(key)
        if not isinstance(self.keyed, tuple):
            return self.keyed[key]
        here = self.keyed.index(key)
        below, column = self.keyed[here + 1 : here + 3]
        return Mark(self.mark.file, self.mark.line + int(below), int(column))


Node = Scalar | Seq | Map


def scalar(data: Data, mark: Mark) -> Scalar:
    """A value that was worked out rather than written."""
    return Scalar(text="" if data is None else str(data), data=data, mark=mark)


def mapping(items: dict[str, Node], mark: Mark) -> Map:
    """A mapping that was worked out: its keys lie where their values lie."""
    return Map(items, (), mark)


def remade(node: Map, items: dict[str, Node]) -> Map:
    """A mapping with other values; the same one where they are its own, which saves much memory."""
    if len(items) == len(node.items) and all(map(operator.is_, items.values(), node.items.values())):
        return node
    return Map(items, node.keyed, node.mark, node.typed)


def nothing(mark: Mark) -> Scalar:
    """A value that is not there, at its place: also what is left of one that was refused."""
    return Scalar("", None, mark)


def is_nothing(node: Node | None) -> bool:
    """Whether there is no value."""
    return node is None or (isinstance(node, Scalar) and node.data is None)


def value_of(node: Node | None) -> object:
    """The bare value, without places: what JSON would hold."""
    match node:
        case None:
            return None
        case Scalar():
            return node.data
        case Seq():
            return [value_of(item) for item in node.items]
        case Map():
            return {key: value_of(item) for key, item in node.items.items()}


def kind_of(node: Node) -> str:
    """What a node is, in the words of a message."""
    match node:
        case Map():
            return "a mapping"
        case Seq():
            return "a list"
        case Scalar():
            return _kind_of_data(node.data)


def _kind_of_data(data: Data) -> str:
    if data is None:
        return "nothing"
    if isinstance(data, bool):
        return "true or false"
    if isinstance(data, int | float):
        return "a number"
    return "a string"


def string_of(node: Node | None, default: str = "") -> str:
    """A checked scalar as text."""
    return str(node.data) if isinstance(node, Scalar) and node.data is not None else default


def int_of(node: Node | None, default: int = 0) -> int:
    """A checked scalar as a whole number; empty text is none."""
    return (
        int(node.data) if isinstance(node, Scalar) and node.data is not None and node.data != "" else default
    )


def float_of(node: Node | None, default: float = 0.0) -> float:
    """A checked scalar as a number; empty text is none."""
    return (
        float(node.data)
        if isinstance(node, Scalar) and node.data is not None and node.data != ""
        else default
    )


def bool_of(node: Node | None, *, default: bool = False) -> bool:
    """A checked scalar as true or false."""
    return bool(node.data) if isinstance(node, Scalar) and node.data is not None else default


def strings_of(node: Node | None) -> tuple[str, ...]:
    """A checked list as texts."""
    return tuple(string_of(item) for item in items_of(node))


def items_of(node: Node | None) -> tuple[Node, ...]:
    """The values of a list; none where there is no list."""
    return node.items if isinstance(node, Seq) else ()


def entries_of(node: Node | None) -> dict[str, Node]:
    """The entries of a mapping; none where there is no mapping."""
    return node.items if isinstance(node, Map) else {}
