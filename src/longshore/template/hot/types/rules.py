"""What no table of properties can say: which of them need, exclude or bound each other.

A rule gets the properties of one resource, converted and without fault so far, and says what is wrong
with them together. They are the checks Heat makes without asking a cloud; a value known only later
counts as given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from longshore.template.findings import At
from longshore.template.hot.types.schema import ResourceType
from longshore.template.nodes import Node


class Given(msgspec.Struct, frozen=True):
    """The properties of a resource: what was given, or else the default, or else None."""

    row: ResourceType
    values: Mapping[str, object]

    def __getitem__(self, name: str) -> object:
        if name in self.values:
            return self.values[name]
        return self.row.properties[name].default


def check(row: ResourceType, values: Mapping[str, object], node: Node | None, at: At) -> None:
    """Write down what the rules of a type find wrong."""


Rule = Callable[[Given], None]
