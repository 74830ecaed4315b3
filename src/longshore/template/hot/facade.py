"""A nested template as a type: its parameters are the properties, its outputs the attributes.

Where it takes the place of a registered type, it has to offer what that type offers.
"""

from __future__ import annotations

from collections.abc import Mapping

from longshore.template.findings import At
from longshore.template.hot.definitions import Definition
from longshore.template.hot.kinds import Kind as Own
from longshore.template.hot.parameters import Given, Parameter
from longshore.template.hot.scope import hint
from longshore.template.hot.template import Template
from longshore.template.hot.types import registry as types
from longshore.template.hot.types.schema import Kind, Property, ResourceType
from longshore.template.nodes import entries_of

_KINDS: Mapping[Own, Kind] = {
    Own.STRING: Kind.STRING,
    Own.NUMBER: Kind.NUMBER,
    Own.LIST: Kind.LIST,
    Own.JSON: Kind.MAP,
    Own.BOOLEAN: Kind.BOOLEAN,
}
_BASE = frozenset({"show"})
"""Attributes that every resource has."""


def row_of(
    place: str,
    template: Template,
    declared: Mapping[str, Parameter],
    defaults: Mapping[str, Given],
) -> ResourceType:
    """The type that a template makes.

    Args:
        place: its file, which is its name.
        template: the template.
        declared: its parameters.
        defaults: defaults of the environment, which hold for nested templates too.
    """
    properties = {name: _property(each, defaults.get(name)) for name, each in declared.items()}
    outputs = entries_of(template.section(template.words.outputs))
    return ResourceType(
        name=place,
        about=f"the template {place}",
        properties=properties,
        needs=tuple(name for name, each in properties.items() if each.required),
        attributes={**dict.fromkeys(outputs, ""), "show": "map"},
        any_attribute=True,
    )


def _property(parameter: Parameter, default: Given | None) -> Property:
    value = parameter.default if default is None or default.value is None else default.value
    return Property(
        kind=_KINDS[parameter.kind],
        required=value is None,
        default=value,  # type: ignore[arg-type]
        constraints=tuple(limit.constraint for limit in parameter.limits),
        update="in-place",
        loose=parameter.kind in (Own.JSON, Own.LIST),
    )


def check(own: ResourceType, definition: Definition) -> None:
    """Whether a template can take the place of the registered type it is mapped to."""
    row = types.find(definition.type)
    if row is None or row.placeholder:
        return
    found = [_missing(own, row), *_unfit(own, row)]
    for words in filter(None, found):
        at = definition.at.key("type")
        said = f"{own.name} cannot stand for {row.name}: {words}"
        at.fault("conflict", definition.type_mark, said, "let its parameters be the properties of the type")


def _missing(own: ResourceType, row: ResourceType) -> str:
    lost = [name for name in row.attributes if name not in own.attributes]
    return f"it has no output {', '.join(lost)}" if lost else ""


def _unfit(own: ResourceType, row: ResourceType) -> list[str]:
    found: list[str] = []
    for name, theirs in row.properties.items():
        mine = own.properties.get(name)
        if mine is None:
            if theirs.required:
                found.append(f"it has no parameter {name}")
        elif mine.kind is not (Kind.NUMBER if theirs.kind is Kind.INTEGER else theirs.kind):
            found.append(f"its parameter {name} is a {mine.kind}, the property a {theirs.kind}")
    for name, mine in own.properties.items():
        if mine.required and name not in row.properties:
            found.append(f"it needs {name}, which is no property of the type")
    return found


def check_outputs(template: Template, at: At) -> None:
    """The outputs of a nested template, whose keys Heat checks where it makes attributes of them."""
    if template.version.cfn:
        return
    words = template.words
    known = (words.description, words.value, words.condition)
    for name, node in entries_of(template.section(words.outputs)).items():
        for key in entries_of(node):
            if key not in known:
                said = f'an output has no "{key}"'
                at.key(name).fault("unknown-key", node.mark, said, hint(at, key, known))
