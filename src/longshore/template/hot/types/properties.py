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
from longshore.template.hot.types.schema import Allowed, Kind, Property, ResourceType
from longshore.template.nodes import Map, Mark, Node, Seq

_STRING = Kind.STRING
Values = Mapping[str, object]
Trail = tuple[str | int, ...]
"""The way of keys and indices from the properties to a value."""


def check(
    row: ResourceType,
    values: Values,
    node: Node | None,
    at: At,
    *,
    referring: Collection[str] = (),
    unmade: Collection[str] = (),
) -> dict[str, object]:
    """The given properties, converted; faults are written at `at`, which stands at the properties.

    Args:
        row: the type of the resource.
        values: the properties as evaluated: `get_resource` as a name, `Unknown` for what only the
            world can tell.
        node: the properties as written, for the places of faults; functions may stand in it.
        at: where in the template this is, and where faults are written.
        referring: the properties whose value uses another resource (`get_resource`, `get_attr`).
        unmade: the resources referred to whose identity is nothing until they are made.

    Returns:
        What was given and could be converted, elder names replaced by those that took their place.
        `Unknown` stays where it was; defaults are not filled in.
    """
    if row.placeholder:
        return dict(values)
    walk = _Walk(row, node, at, unmade)
    found = walk.top(row.properties, row.needs, values, referring)
    if walk.clean:
        walk.report(rules.broken(row, found))
    return found


def check_loosely(
    row: ResourceType, values: Values, node: Node | None, at: At, *, unmade: Collection[str] = ()
) -> dict[str, object]:
    """The properties of a resource of a nested template, converted as far as they can be.

    There Heat looks only at their names, and at the values that a type's own rules ask for; what is
    wrong with others comes out when the resource is made. For the arguments see `check`.
    """
    if row.placeholder:
        return dict(values)
    looked = rules.looked_at(row)
    aside = at.findings.aside()
    found = _Walk(row, node, At(aside, at.path), unmade).top(row.properties, (), values, tuple(values))
    for warning in aside.warnings():
        at.findings.warn(warning)
    told = {name: value for name, value in values.items() if name in looked or not _is_built(row, name)}
    walk = _Walk(row, node, at, unmade)
    walk.top(row.properties, tuple(name for name in row.needs if name in looked), told, tuple(told))
    if walk.clean:
        walk.report(rules.broken(row, found, nested=True))
    return found


def _is_built(row: ResourceType, name: str) -> bool:
    prop = row.properties.get(name)
    return prop is not None and not prop.absent


def check_update_policy(row: ResourceType, values: Values, node: Node | None, at: At) -> dict[str, object]:
    """The update policy of a resource, checked and converted like its properties."""
    if row.placeholder:
        return dict(values)
    policy = ResourceType(
        name=f"the update policy of {row.name}",
        about="",
        properties=row.update_policy,
        needs=tuple(name for name, each in row.update_policy.items() if each.required),
    )
    walk = _Walk(policy, node, at)
    found = walk.top(policy.properties, policy.needs, values, ())
    if walk.clean:
        walk.report(rules.broken_update_policy(row, found))
    return found


class _Walk:
    """One check: where it writes faults, and whether it wrote any.

    Paths and places are worked out only for what is wrong, since most values are right.
    """

    def __init__(self, row: ResourceType, node: Node | None, at: At, unmade: Collection[str] = ()) -> None:
        self._what = row.name
        self._aliases = row.aliases
        self._node = node
        self._at = at
        self._unmade = unmade
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
        if prop.kind is _STRING:
            found: object = value if type(value) is str else self._other(prop, value, trail, bound=bound)
        else:
            found = self._other(prop, value, trail, bound=bound)
        if bound and prop.constraints and found is not None and type(found) is not Unknown:
            self._hold(prop, found, trail)
        return found

    def _other(self, prop: Property, value: object, trail: Trail, *, bound: bool) -> object:
        """A value of any kind, apart from a text that is wanted and is there."""
        if isinstance(value, Unknown):
            # Heat takes it for an empty value until it is known, and misses the keys that one has to have.
            # One that names no resource stands for a fault that was told already.
            if prop.needs and prop.default is None and value.resource:
                self._missing(prop.needs, {}, trail)
            return value
        kind = prop.kind
        if kind is Kind.ANY:
            return value
        if kind is _STRING:
            return self._string(prop, value, trail)
        if not bound and isinstance(value, str) and value in self._unmade:
            # What will be no text cannot be told apart yet from what is not there.
            value = None
        if kind is Kind.MAP:
            return self._map(prop, value, trail, bound=bound)
        if kind is Kind.LIST:
            return self._list(prop, value, trail, bound=bound)
        if kind is Kind.INTEGER:
            return self._integer(prop, value, trail)
        return self._boolean(prop, value, trail) if kind is Kind.BOOLEAN else self._number(prop, value, trail)

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
        self._wrong("a string", value, trail, hint)
        return None

    def _integer(self, prop: Property, value: object, trail: Trail) -> int | None:
        if value is None:
            value = prop.default or 0
        if isinstance(value, str | int | float):
            try:
                return int(value)
            except (ValueError, OverflowError):
                pass
        self._wrong("a whole number", value, trail)
        return None

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
        self._wrong("a number", value, trail)
        return None

    def _boolean(self, prop: Property, value: object, trail: Trail) -> bool | None:
        if value is None:
            return bool(prop.default or False)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        # Numbers are no booleans, not even 0 and 1.
        self._wrong("true or false", value, trail)
        return None

    def _map(self, prop: Property, value: object, trail: Trail, *, bound: bool) -> object:
        if value is None:
            value = prop.default if prop.default is not None else {}
        if not isinstance(value, Mapping):
            if prop.loose and isinstance(value, str):
                return value
            if prop.loose and isinstance(value, Sequence):
                return json.dumps(value)
            self._wrong("a mapping", value, trail)
            return None
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
            self._wrong("a list", value, trail)
            return None
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
        words = f'there is no "{name}" here' if trail else f'{self._what} has no property "{name}"'
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
        """Give elder names the names of today; having both is a fault."""
        for alias in self._aliases:
            if alias.old not in found or alias.within != tuple(s for s in trail if isinstance(s, str)):
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
