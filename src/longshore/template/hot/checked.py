"""The properties of a resource held against its type: fully, or as far as Heat goes in nested templates.

Within a nested template Heat does not look at most values, which may come from resources that are not
made yet: there only names that the type does not have are wrong, and what a type's own rules find.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from longshore.template.findings import At
from longshore.template.hot.types import properties as typed
from longshore.template.hot.types.schema import ResourceType
from longshore.template.nodes import Node


def properties(
    row: ResourceType,
    values: Mapping[str, object],
    node: Node,
    at: At,
    *,
    referring: Collection[str] = (),
    unmade: Collection[str] = (),
    strict: bool = True,
) -> dict[str, object]:
    """The properties, converted; what is wrong with them is a fault.

    Args:
        row: the type of the resource.
        values: the properties as worked out.
        node: where they were written.
        at: their place in the template.
        referring: the names of those that refer to other resources.
        unmade: the resources referred to whose identity is nothing until they are made.
        strict: whether values are looked at.
    """
    if strict:
        return typed.check(row, values, node, at, referring=referring, unmade=unmade)
    return typed.check_loosely(row, values, node, at, unmade=unmade)


def update_policy(row: ResourceType, values: Mapping[str, object], node: Node, at: At) -> None:
    """What the section beside the properties says of updates."""
    typed.check_update_policy(row, values, node, at)
