"""What a resource type takes and gives: the words in which the rows of all types are written.

A row is data and reads like a table: `string(REQUIRED, UPDATES, length(1, 255))` is a property that
must be there, may change without a replacement, and is a text of bounded length. The facts are those
of OpenStack Heat 27 as its documentation of resource types gives them; what they mean for a value is
in `properties`, and what no table can say is in `rules`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

import msgspec


class Kind(StrEnum):
    """What sort of value a property holds."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MAP = "map"
    LIST = "list"
    ANY = "any"


class Mark(StrEnum):
    """What holds of a property beside its kind."""

    REQUIRED = "required"
    UPDATES = "updates"
    """A change is made in place; without this mark it makes a new resource."""
    FIXED = "fixed"
    """A change is refused."""
    LOOSE = "loose"
    DEPRECATED = "deprecated"
    HIDDEN = "hidden"
    UNSUPPORTED = "unsupported"
    ABSENT = "absent"


REQUIRED, UPDATES, FIXED, LOOSE = Mark.REQUIRED, Mark.UPDATES, Mark.FIXED, Mark.LOOSE
DEPRECATED, HIDDEN, UNSUPPORTED, ABSENT = Mark.DEPRECATED, Mark.HIDDEN, Mark.UNSUPPORTED, Mark.ABSENT


class Allowed(msgspec.Struct, frozen=True):
    """One of a few values; of a list, each item."""

    values: tuple[str | int | float | bool, ...]


class Range(msgspec.Struct, frozen=True):
    """A number between two others, both included; None is no bound."""

    least: float | None = None
    most: float | None = None


class Length(msgspec.Struct, frozen=True):
    """Characters of a text, items of a list, entries of a map: at least and at most."""

    least: int | None = None
    most: int | None = None


class Pattern(msgspec.Struct, frozen=True):
    """A text that a regular expression matches whole."""

    expression: str


class Multiple(msgspec.Struct, frozen=True):
    """A number that leaves `offset` when divided by `step`."""

    step: int
    offset: int


class Form(msgspec.Struct, frozen=True):
    """A form that has a name, such as `ip_addr`; `forms` knows those that need no cloud."""

    name: str


Constraint = Allowed | Range | Length | Pattern | Multiple | Form
Default = str | int | float | bool | list[object] | dict[str, object]


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One property: its kind, what holds of it, and what its value must keep to."""

    kind: Kind
    required: bool = False
    default: Default | None = None
    constraints: tuple[Constraint, ...] = ()
    update: str = "replaces"
    """What a change does: `in-place`, `refused` or `replaces`."""
    status: str = "supported"
    """`deprecated`, `hidden`, `unsupported` or, of most, `supported`."""
    loose: bool = False
    """A map also takes text or a list, a list also text: so are parameters of a nested template."""
    absent: bool = False
    """Known by name, but nobody ever built it: using it is a fault."""
    items: Property | None = None
    """What each item of a list is, where that is told."""
    fields: Mapping[str, Property] | None = None
    """What the keys of a map are, where that is told."""
    needs: tuple[str, ...] = ()
    """Those of `fields` that have to be there."""


class Alias(msgspec.Struct, frozen=True):
    """An elder property (`old`) whose value Heat moves to another (`new`), before it checks.

    `within` is the way of keys to the map that holds both; items of lists have no key of their own.
    """

    old: str
    new: str
    within: tuple[str, ...] = ()


class ResourceType(msgspec.Struct, frozen=True, kw_only=True):
    """One type of resource, as templates see it."""

    name: str
    about: str
    """One line of documentation."""
    properties: Mapping[str, Property]
    needs: tuple[str, ...] = ()
    """The properties that a template has to give."""
    attributes: Mapping[str, str] = {}
    """Attributes with the kind of their values, or an empty text where nobody tells."""
    status: str = "supported"
    instead: str = ""
    """The type to use instead of one that is deprecated or hidden."""
    placeholder: bool = False
    """Takes any property and gives any attribute: the service behind it is gone."""
    any_attribute: bool = False
    """Attributes are those of what the resource holds, so any word may be right."""
    snapshot: bool = False
    """Whether the deletion policy may be `Snapshot`."""
    named: bool = True
    """Whether a reference to it is its name until it is made; otherwise it is nothing until then."""
    update_policy: Mapping[str, Property] = {}
    """What the section beside the properties takes that says how to update."""
    aliases: tuple[Alias, ...] = ()


def string(*facts: Mark | Constraint, default: str | None = None) -> Property:
    """A text; numbers and booleans are written out."""
    return _property(Kind.STRING, facts, default)


def integer(*facts: Mark | Constraint, default: int | None = None) -> Property:
    """A whole number, also as text."""
    return _property(Kind.INTEGER, facts, default)


def number(*facts: Mark | Constraint, default: float | None = None) -> Property:
    """A number, also as text."""
    return _property(Kind.NUMBER, facts, default)


def boolean(*facts: Mark | Constraint, default: bool | None = None) -> Property:
    """True or false, also as these two words."""
    return _property(Kind.BOOLEAN, facts, default)


def anything(*facts: Mark | Constraint, default: Default | None = None) -> Property:
    """Any value at all."""
    return _property(Kind.ANY, facts, default)


def listing(
    items: Property | None = None, *facts: Mark | Constraint, default: list[object] | None = None
) -> Property:
    """A list of `items`; None where anything may be in it."""
    return _property(Kind.LIST, facts, default, items=items)


def mapping(
    fields: Mapping[str, Property] | None = None,
    *facts: Mark | Constraint,
    default: dict[str, object] | None = None,
) -> Property:
    """A map with `fields`; None where any key may be in it."""
    return _property(Kind.MAP, facts, default, fields=fields)


def allowed(*values: str | int | float | bool) -> Allowed:
    """One of these values."""
    return Allowed(values)


def between(least: float | None = None, most: float | None = None) -> Range:
    """A number from `least` to `most`."""
    return Range(least, most)


def length(least: int | None = None, most: int | None = None) -> Length:
    """So many characters, items or entries."""
    return Length(least, most)


def pattern(expression: str) -> Pattern:
    """A text that matches whole."""
    return Pattern(expression)


def form(name: str) -> Form:
    """A form that has a name."""
    return Form(name)


def alias(old: str, new: str, *within: str) -> Alias:
    """An elder property and the one that took its place."""
    return Alias(old, new, within)


@lru_cache(maxsize=256)
def compiled(expression: str) -> re.Pattern[str]:
    """A pattern, made once; patterns are those of the rows, so there are few."""
    return re.compile(expression)


def row(  # noqa: PLR0913 - a row has that many columns
    name: str,
    about: str,
    properties: Mapping[str, Property] | None = None,
    attributes: str = "",
    *,
    status: str = "supported",
    instead: str = "",
    any_attribute: bool = False,
    snapshot: bool = False,
    named: bool = True,
    update_policy: Mapping[str, Property] | None = None,
    aliases: tuple[Alias, ...] = (),
) -> ResourceType:
    """A type of resource. `attributes` are words, each with the kind of its value after a colon."""
    taken = properties or {}
    return ResourceType(
        name=name,
        about=about,
        properties=taken,
        needs=_needs(taken),
        attributes=_attributes(attributes),
        status=status,
        instead=instead,
        any_attribute=any_attribute,
        snapshot=snapshot,
        named=named,
        update_policy=update_policy or {},
        aliases=aliases,
    )


def placeholder(name: str, about: str, *, status: str = "hidden", instead: str = "") -> ResourceType:
    """A type that takes everything and does nothing: what it stood for is gone."""
    return ResourceType(
        name=name,
        about=about,
        properties={},
        attributes=_attributes(""),
        status=status,
        instead=instead,
        placeholder=True,
        any_attribute=True,
    )


def rows(*types: ResourceType) -> dict[str, ResourceType]:
    """The rows of one module by their names."""
    return {each.name: each for each in types}


def _attributes(words: str) -> dict[str, str]:
    pairs = (word.partition(":") for word in words.split())
    # Every resource can show all that its service tells of it.
    return {**{name: kind for name, _, kind in pairs}, "show": "map"}


def _needs(fields: Mapping[str, Property]) -> tuple[str, ...]:
    return tuple(name for name, each in fields.items() if each.required)


def _property(
    kind: Kind,
    facts: tuple[Mark | Constraint, ...],
    default: Default | None,
    *,
    items: Property | None = None,
    fields: Mapping[str, Property] | None = None,
) -> Property:
    return Property(
        kind=kind,
        required=REQUIRED in facts,
        default=default,
        constraints=tuple(fact for fact in facts if not isinstance(fact, Mark)),
        update="in-place" if UPDATES in facts else "refused" if FIXED in facts else "replaces",
        status=next((str(fact) for fact in facts if fact in (DEPRECATED, HIDDEN, UNSUPPORTED)), "supported"),
        loose=LOOSE in facts,
        absent=ABSENT in facts,
        items=items,
        fields=fields,
        needs=_needs(fields or {}),
    )
