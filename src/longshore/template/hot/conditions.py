"""The conditions of a template: each worked out when it is first asked for.

A condition may name others in any order, so asking is the order; one that comes back to itself is a
fault, told once, and holds from then on. One that nothing asks for is looked at all the same, but
stops nothing, as it does not for Heat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from typing_extensions import override

from longshore.model.unknown import Unknown
from longshore.template.findings import At
from longshore.template.hot import expression
from longshore.template.hot.expression import Expression
from longshore.template.hot.scope import Scope
from longshore.template.nodes import Map, Node, is_nothing, kind_of


class Conditions(Mapping[str, bool]):
    """Name -> whether it holds."""

    def __init__(self) -> None:
        self._scope: Scope | None = None
        self._at: At | None = None
        self._nodes: Map | None = None
        self._parsed: dict[str, Expression] = {}
        self._known: dict[str, bool] = {}
        self._open: list[str] = []

    def read(self, section: Node | None, scope: Scope, at: At) -> None:
        """Take the section in, and look at the form of every condition of it.

        Args:
            section: the section, as written.
            scope: the surroundings; its `conditions` are this very object.
            at: where the section stands.
        """
        if section is None:
            return
        if not isinstance(section, Map):
            at.fault("wrong-type", section.mark, f"expected conditions by name, got {kind_of(section)}")
            return
        self._scope, self._at, self._nodes = scope, at, section
        for name, node in section.items.items():
            here = at.key(name)
            if section.typed and name in section.typed:
                words = f"the name of a condition is text, this is {section.typed[name]!r}"
                here.fault("bad-key", section.at(name), words, f'write "{name}" in quotes')
            parsed = expression.parse_condition(node, scope, here)
            if (
                parsed.literal
                and not isinstance(parsed.value, bool)
                and parsed.value is not expression.BROKEN
            ):
                words = f'the condition "{name}" is a function, or true or false; this is {kind_of(node)}'
                here.fault("wrong-type", node.mark, words, "equals: [{get_param: NAME}, VALUE]")
                self._known[name] = True
            self._parsed[name] = parsed

    def finish(self) -> None:
        """Work out what nothing has asked for: what is wrong with it is a warning."""
        if self._at is None or len(self._known) == len(self):
            return
        told = self._at
        self._at = At(told.findings.aside(), told.path)
        for name in self:
            _ = self[name]
        for fault in self._at.findings.faults():
            told.findings.warn(fault)
        self._at = told

    @override
    def __getitem__(self, name: str) -> bool:
        if self._nodes is None or name not in self._nodes.items:
            raise KeyError(name)
        if name not in self._known:
            if name in self._open:
                self._ring(name)
                return True
            self._open.append(name)
            holds = self._holds(name)
            self._open.pop()
            self._known.setdefault(name, holds)
        return self._known[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes.items if self._nodes is not None else ())

    @override
    def __len__(self) -> int:
        return len(self._nodes.items) if self._nodes is not None else 0

    def _holds(self, name: str) -> bool:
        assert self._at is not None
        assert self._scope is not None
        assert self._nodes is not None
        here = self._at.key(name)
        node = self._nodes.items[name]
        parsed = self._parsed.get(name)
        if parsed is None:
            # Asked for by one that is parsed before it.
            parsed = expression.parse_condition(node, self._scope, At(here.findings.aside(), here.path))
        found = expression.evaluate(parsed, self._scope, here)
        if isinstance(found, bool):
            return found
        if found is expression.BROKEN:
            return True
        if isinstance(found, Unknown):
            # What is known only later does not hold, as it does not for Heat.
            return False
        words = f'the condition "{name}" comes to {found!r}, which is neither true nor false'
        here.fault("wrong-type", node.mark, words)
        return True

    def _ring(self, name: str) -> None:
        assert self._at is not None
        assert self._nodes is not None
        ring = [*self._open[self._open.index(name) :], name]
        words = f"conditions ask for each other in a ring: {' -> '.join(ring)}"
        self._at.key(name).fault("dependency-cycle", self._nodes.at(name), words, "break it at one of them")
        self._known[name] = True


def enabled(node: Node | None, scope: Scope, at: At) -> bool:
    """Whether what has this condition is there: a name, true or false, or a function."""
    if node is None:
        return True
    if is_nothing(node):
        at.fault("wrong-type", node.mark, "a condition is a name, or true or false; here is nothing")
        return True
    parsed = expression.parse_condition(node, scope, at)
    if parsed.literal and not isinstance(parsed.value, str | bool) and parsed.value is not expression.BROKEN:
        words = f"a condition is a name, or true or false; this is {kind_of(node)}"
        at.fault("wrong-type", node.mark, words)
        return True
    return expression.holds(parsed, scope, at)
