"""Checks what a template gives a resource, and turns it into values of the kinds its type asks for.

The rules of conversion are Heat's: a text may stand for a number or a boolean, a number or a boolean
for a text; nothing (`null`) stands for the default or an empty value, and counts as given. A value
that depends on another resource is converted, but not held to its constraints: what it will be is
known only later. For the same reason unknown keys deep inside such a value only warn.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from longshore.model.unknown import Unknown
from longshore.template.findings import At
from longshore.template.hot.scope import nearest
from longshore.template.hot.types import rules
from longshore.template.hot.types.constraints import broken
from longshore.template.hot.types.given import Broken
from longshore.template.hot.types.schema import Alias, Allowed, Kind, Property, ResourceType
from longshore.template.nodes import Map, Mark, Node, Seq

Values = Mapping[str, object]
Trail = tuple[str | int, ...]
"""The way of keys and indices from the properties to a value."""


def check(
    row: ResourceType, values: Values, node: Node | None, at: At, *, referring: Collection[str] = ()
) -> dict[str, object]:
    """The given properties, converted; faults are written at `at`, which stands at the properties.

    Args:
        row: the type of the resource.
        values: the properties as evaluated: `get_resource` as a name, `Unknown` for what only the
            world can tell.
        node: the properties as written, for the places of faults; functions may stand in it.
        at: where in the template this is, and where faults are written.
        referring: the properties whose value uses another resource (`get_resource`, `get_attr`).

    Returns:
        What was given and could be converted, elder names replaced by those that took their place.
        `Unknown` stays where it was; defaults are not filled in.
    """
    if row.placeholder:
        return dict(values)
    walk = _Walk(node, at, row.aliases)
    found = walk.top(row.properties, row.needs, values, referring)
    if walk.clean:
        walk.report(rules.broken(row, found))
    return found


def check_update_policy(row: ResourceType, values: Values, node: Node | None, at: At) -> dict[str, object]:
    """The update policy of a resource, checked and converted like its properties."""
    if row.placeholder:
        return dict(values)
    needs = tuple(name for name, each in row.update_policy.items() if each.required)
    walk = _Walk(node, at)
    found = walk.top(row.update_policy, needs, values, ())
    if walk.clean:
        walk.report(rules.broken_update_policy(row, found))
    return found


def convert(prop: Property, value: object, node: Node | None, at: At) -> object:
    """A single value of the kind of `prop`; what cannot be one is a fault, and None."""
    return _Walk(node, at).value(prop, value, (), bound=not _open(value))


class _Walk:
    """One check: where it writes faults, and whether it wrote any.

    Paths and places are worked out only for what is wrong, since most values are right.
    """

    def __init__(self, node: Node | None, at: At, aliases: tuple[Alias, ...] = ()) -> None:
        self._node = node
        self._at = at
        self._aliases = aliases
        self.clean = True

    def top(
        self,
        props: Mapping[str, Property],
        needs: tuple[str, ...],
        values: Values,
        referring: Collection[str],
    ) -> dict[str, object]:
        """The properties themselves: each is bound by its constraints unless it waits for others."""
        found: dict[str, object] = {}
        for name, value in values.items():
            prop = self._known(props, name, (), bound=True)
            if prop is not None:
                bound = name not in referring and not _open(value)
                found[name] = self.value(prop, value, (name,), bound=bound)
        self._rename(found, ())
        self._missing(needs, found, ())
        return found

    def value(self, prop: Property, value: object, trail: Trail, *, bound: bool) -> object:
        """One value, converted, and held to its constraints where it is bound by them."""
        if isinstance(value, Unknown):
            return value
        kind = prop.kind
        if kind is Kind.STRING:
            found: object = self._string(prop, value, trail)
        elif kind is Kind.MAP:
            found = self._map(prop, value, trail, bound=bound)
        elif kind is Kind.LIST:
            found = self._list(prop, value, trail, bound=bound)
        elif kind is Kind.INTEGER:
            found = self._integer(prop, value, trail)
        elif kind is Kind.BOOLEAN:
            found = self._boolean(prop, value, trail)
        elif kind is Kind.NUMBER:
            found = self._number(prop, value, trail)
        else:
            return value
        if bound and found is not None and prop.constraints:
            self._hold(prop, found, trail)
        return found

    def report(self, found: Iterable[Broken]) -> None:
        """Write down the rules that are broken."""
        for each in found:
            at, mark = self._place(each.trail)
            if each.warns:
                at.warn(each.code, mark, each.words, each.hint)
            else:
                self._fault(at, each.code, mark, each.words, each.hint)

    def _string(self, prop: Property, value: object, trail: Trail) -> str | None:
        if isinstance(value, str):
            return value
        if value is None:
            return str(prop.default or "")
        if isinstance(value, int):
            return str(value)
        hint = f'write "{value}", in quotes' if isinstance(value, float) else ""
        return self._wrong("a string", value, trail, hint)

    def _integer(self, prop: Property, value: object, trail: Trail) -> int | None:
        if value is None:
            value = prop.default or 0
        if isinstance(value, str | int | float):
            try:
                return int(value)
            except (ValueError, OverflowError):
                pass
        return self._wrong("a whole number", value, trail)

    def _number(self, prop: Property, value: object, trail: Trail) -> float | None:
        if value is None:
            value = prop.default or 0
        if isinstance(value, int | float):
            return value
        if isinstance(value, str):
            for reads in (int, float):
                try:
                    return reads(value)
                except ValueError:
                    continue
        return self._wrong("a number", value, trail)

    def _boolean(self, prop: Property, value: object, trail: Trail) -> bool | None:
        if value is None:
            return bool(prop.default or False)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        # Numbers are no booleans, not even 0 and 1.
        return self._wrong("true or false", value, trail)

    def _map(self, prop: Property, value: object, trail: Trail, *, bound: bool) -> object:
        if value is None:
            value = prop.default if prop.default is not None else {}
        if not isinstance(value, Mapping):
            if prop.loose and isinstance(value, str):
                return value
            if prop.loose and isinstance(value, Sequence):
                return json.dumps(value)
            return self._wrong("a mapping", value, trail)
        if prop.fields is None:
            return dict(value)
        return self._fields(prop, value, trail, bound=bound)

    def _fields(self, prop: Property, values: Values, trail: Trail, *, bound: bool) -> dict[str, object]:
        props = prop.fields or {}
        found: dict[str, object] = {}
        for name, value in values.items():
            inner = self._known(props, name, trail, bound=bound)
            if inner is not None:
                found[name] = self.value(inner, value, (*trail, name), bound=bound)
        self._rename(found, trail)
        if prop.needs:
            self._missing(prop.needs, found, trail)
        return found

    def _list(self, prop: Property, value: object, trail: Trail, *, bound: bool) -> list[object] | None:
        if value is None:
            value = prop.default or []
        if prop.loose and isinstance(value, str):
            value = [part.strip() for part in value.split(",")] if value else []
        if isinstance(value, str) or not isinstance(value, Sequence):
            return self._wrong("a list", value, trail)
        if prop.items is None:
            return list(value)
        items = prop.items
        if items.absent and bound and value:
            at, mark = self._place((*trail, 0))
            self._fault(at, "bad-value", mark, "this was never built; leave the list out")
        return [self.value(items, item, (*trail, i), bound=bound) for i, item in enumerate(value)]

    def _known(
        self, props: Mapping[str, Property], name: str, trail: Trail, *, bound: bool
    ) -> Property | None:
        """The property of that name; of one that there is not, say so."""
        prop = props.get(name)
        if prop is not None and not (prop.absent and bound):
            return prop
        at, mark = self._place(trail, name)
        if prop is not None:
            self._fault(at, "bad-value", mark, f'"{name}" was never built; leave it out')
            return None
        words = f'"{name}" is no property here'
        hint = _nearest(name, props, at)
        if bound:
            self._fault(at, "unknown-property", mark, words, hint)
        else:
            at.warn("unknown-property", mark, words, hint)
        return None

    def _missing(self, needs: tuple[str, ...], found: Values, trail: Trail) -> None:
        for name in needs:
            if name not in found:
                at, mark = self._place(trail)
                self._fault(at, "missing-property", mark, f'the property "{name}" has to be there', name)

    def _rename(self, found: dict[str, object], trail: Trail) -> None:
        if not self._aliases:
            return
        within = tuple(step for step in trail if isinstance(step, str))
        for alias in self._aliases:
            if alias.within != within or alias.old not in found:
                continue
            value = found.pop(alias.old)
            if value and found.get(alias.new):
                at, mark = self._place(trail, alias.old)
                words = f'"{alias.old}" and "{alias.new}" are two names of one property'
                self._fault(at, "conflict", mark, words, f'leave "{alias.old}" out')
            elif value is not None:
                found[alias.new] = value

    def _hold(self, prop: Property, value: object, trail: Trail) -> None:
        for constraint in prop.constraints:
            why = broken(constraint, value)
            if why is not None:
                at, mark = self._place(trail)
                choices = constraint.values if isinstance(constraint, Allowed) else ()
                hint = _nearest(value, [str(each) for each in choices], at)
                self._fault(at, "bad-value", mark, why, hint)

    def _wrong(self, wanted: str, value: object, trail: Trail, hint: str = "") -> None:
        at, mark = self._place(trail)
        self._fault(at, "wrong-type", mark, f"expected {wanted}, found {_shown(value)}", hint)

    def _fault(self, at: At, code: str, mark: Mark, words: str, hint: str = "") -> None:
        self.clean = False
        at.fault(code, mark, words, hint)

    def _place(self, trail: Trail, key: str | None = None) -> tuple[At, Mark]:
        """Where a value stands, as far as the written shape goes; with `key`, the place of that key."""
        return place(self._node, self._at, trail, key)


def place(node: Node | None, at: At, trail: Trail, key: str | None = None) -> tuple[At, Mark]:
    """Where a value stands, as far as the written shape goes; with `key`, the place of that key."""
    mark = node.mark if node is not None else Mark("", 0, 0)
    for step in trail:
        at = at.item(step) if isinstance(step, int) else at.key(str(step))
        node = _step(node, step)
        mark = node.mark if node is not None else mark
    if key is None:
        return at, mark
    return at.key(str(key)), node.at(key) if isinstance(node, Map) else mark


def _step(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, Map) and isinstance(step, str):
        return node.items.get(step)
    if isinstance(node, Seq) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _open(value: object) -> bool:
    """Whether part of the value is known only later."""
    if isinstance(value, str | int | float):
        return False
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Mapping):
        return any(_open(each) for each in value.values())
    return isinstance(value, Sequence) and any(_open(each) for each in value)


def _nearest(word: object, words: Collection[str], at: At) -> str:
    """The known word that is nearest, or what words there are."""
    return "" if at.findings.full or not isinstance(word, str) else nearest(word, words)


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list"
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:80] + "…"
