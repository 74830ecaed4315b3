"""The properties of a resource as its rules see them, and the few sentences rules are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from longshore.model.unknown import Unknown
from longshore.template.hot.types.schema import Property

Trail = tuple[str | int, ...]


class Broken(msgspec.Struct, frozen=True):
    """A rule that is broken: where, with which code, in words, and the remedy."""

    words: str
    trail: Trail = ()
    code: str = "bad-value"
    hint: str = ""
    warns: bool = False
    """Whether it only warns, because Heat would not come to look at it without a cloud."""


class Given(msgspec.Struct, frozen=True):
    """Properties, or the keys of a map within one: what was given, or the default, or None.

    A value known only later is an `Unknown`, and so counts as given.
    """

    props: Mapping[str, Property]
    values: Mapping[str, object]
    trail: Trail = ()

    def __getitem__(self, name: str) -> object:
        if name in self.values:
            return self.values[name]
        return self.props[name].default

    def has(self, name: str) -> bool:
        """Whether there is a value at all, if only an empty one."""
        return self[name] is not None

    def number(self, name: str) -> float | None:
        """A number; None where there is none, or where it is known only later."""
        value = self[name]
        return value if isinstance(value, int | float) else None

    def text(self, name: str) -> str | None:
        """A text; None where there is none, or where it is known only later."""
        value = self[name]
        return value if isinstance(value, str) else None

    def within(self, name: str) -> Given | None:
        """The map of that name; None where there is none, or where it is known only later."""
        value, prop = self[name], self.props[name]
        if not isinstance(value, Mapping):
            return None
        return Given(prop.fields or {}, value, (*self.trail, name))

    def each(self, name: str) -> Iterator[Given]:
        """The maps in the list of that name, but for those that are known only later."""
        value, prop = self[name], self.props[name]
        if isinstance(value, Unknown) or not isinstance(value, list):
            return
        fields = prop.items.fields if prop.items is not None else None
        for index, item in enumerate(value):
            if isinstance(item, Mapping):
                yield Given(fields or {}, item, (*self.trail, name, index))

    def at(self, name: str) -> Trail:
        """The way to a property, for a fault."""
        return (*self.trail, name)


Rule = Callable[[Given], Iterator[Broken]]


def exclude(*names: str) -> Rule:
    """At most one of these may have a value that is not empty."""

    def rule(given: Given) -> Iterator[Broken]:
        found = [name for name in names if given[name]]
        if len(found) > 1:
            yield conflict(given, *found)

    return rule


def some(*names: str) -> Rule:
    """At least one of these has to have a value that is not empty."""

    def rule(given: Given) -> Iterator[Broken]:
        if not any(given[name] for name in names):
            yield missing(given, *names)

    return rule


def one(*names: str) -> Rule:
    """Exactly one of these has to be there, if only with an empty value."""

    def rule(given: Given) -> Iterator[Broken]:
        found = [name for name in names if given.has(name)]
        if len(found) > 1:
            yield conflict(given, *found)
        if not found:
            yield missing(given, *names)

    return rule


def every(name: str, *rules: Rule) -> Rule:
    """Each map in a list keeps to these rules."""

    def rule(given: Given) -> Iterator[Broken]:
        for item in given.each(name):
            for inner in rules:
                yield from inner(item)

    return rule


def conflict(given: Given, *names: str) -> Broken:
    """These may not be there together."""
    words = f"{_listed(names)} exclude each other"
    return Broken(words, given.at(names[-1]), "conflict", f'leave "{names[-1]}" out')


def missing(given: Given, *names: str) -> Broken:
    """One of these has to be there."""
    what = f"one of {_listed(names)}" if len(names) > 1 else f'the property "{names[0]}"'
    return Broken(f"{what} has to be there", given.trail, "missing-property", names[0])


def needless(given: Given, name: str, why: str) -> Broken:
    """A property that may not be there, for a reason."""
    return Broken(f'"{name}" may not be there {why}', given.at(name), "conflict", f'leave "{name}" out')


def needed(given: Given, name: str, why: str) -> Broken:
    """A property that has to be there, for a reason."""
    return Broken(f'the property "{name}" has to be there {why}', given.trail, "missing-property", name)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)
