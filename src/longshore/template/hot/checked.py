"""The properties of a resource held against its type: fully, or as far as Heat goes in nested templates.

Within a nested template Heat does not look at values, which may come from resources that are not made
yet: there only names that the type does not have are wrong, and what a type's own rules find.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from longshore.template.findings import At
from longshore.template.hot.types import properties as typed
from longshore.template.hot.types import rules
from longshore.template.hot.types.schema import ResourceType
from longshore.template.nodes import Node

_OF_VALUES = frozenset({"wrong-type", "missing-property"})
"""What only a look at values finds."""


def properties(
    row: ResourceType,
    values: Mapping[str, object],
    node: Node,
    at: At,
    *,
    referring: Collection[str] = (),
    strict: bool = True,
) -> dict[str, object]:
    """The properties, converted; what is wrong with them is a fault.

    Args:
        row: the type of the resource.
        values: the properties as worked out.
        node: where they were written.
        at: their place in the template.
        referring: the names of those that refer to other resources.
        strict: whether values are looked at.
    """
    if strict:
        return typed.check(row, values, node, at, referring=referring)
    aside = at.findings.aside()
    found = typed.check(row, values, node, At(aside, at.path), referring=tuple(values))
    told = aside.faults()
    if any(fault.code in _OF_VALUES for fault in told):
        # A look at the values has kept the type's own rules from being asked.
        for each in rules.broken(row, found):
            here, mark = typed.place(node, at, each.trail)
            (here.warn if each.warns else here.fault)(each.code, mark, each.words, each.hint)
    for warning in aside.warnings():
        at.findings.warn(warning)
    for fault in told:
        if fault.code not in _OF_VALUES:
            at.findings.fault(fault)
    return found


def update_policy(row: ResourceType, values: Mapping[str, object], node: Node, at: At) -> None:
    """What the section beside the properties says of updates."""
    typed.check_update_policy(row, values, node, at)
