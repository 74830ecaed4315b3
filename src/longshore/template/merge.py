"""Several files into one: a later value joins, or takes the place of, an earlier one.

Works on long forms, so that a list of one file and a mapping of another are the same by now.
Mappings are joined key by key, lists are put end to end, anything else is replaced; a dialect's
table names the ways where another rule holds.
"""

from __future__ import annotations

from collections.abc import Callable

from longshore.template.nodes import Map, Node, Scalar, Seq

Way = tuple[str, ...]
Rule = Callable[[Node, Node], Node]


def merge(base: Node, over: Node, rules: dict[Way, Rule], way: Way = ()) -> Node:
    """One tree of two; `rules` by way, where `*` stands for a name the user chose."""
    rule = rules.get(way)
    # Nothing never takes something away, but where the later value alone counts.
    if isinstance(over, Scalar) and over.data is None and rule is not replace:
        return base
    if rule is not None:
        return rule(base, over)
    match base, over:
        case Map(), Map():
            return _joined(base, over, rules, way)
        case Seq(), Seq():
            return Seq(base.items + over.items, base.mark)
        case _:
            return over


def replace(_base: Node, over: Node) -> Node:
    """The later value alone."""
    return over


def unique(key: Callable[[Node], object]) -> Rule:
    """Lists end to end, but of items with the same key the last stands in the place of the first."""

    def rule(base: Node, over: Node) -> Node:
        if not isinstance(base, Seq) or not isinstance(over, Seq):
            return over
        # A key that is there keeps its place in a mapping.
        found: dict[object, Node] = {}
        for item in (*base.items, *over.items):
            found[key(item)] = item
        return Seq(tuple(found.values()), base.mark)

    return rule


def _joined(base: Map, over: Map, rules: dict[Way, Rule], way: Way) -> Map:
    if not base.items or not over.items:
        return over if over.items else base
    items = dict(base.items)
    marks = dict(base.marks)
    for key, value in over.items.items():
        # The second step of a way is a name: services.web, networks.front.
        below = (*way, "*" if len(way) == 1 else key)
        items[key] = merge(items[key], value, rules, below) if key in items else value
        marks[key] = over.at(key)
    return Map(items, marks, base.mark)
