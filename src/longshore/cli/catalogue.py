"""Resource types and functions for people: lists, and one of them with all there is to know.

Pure, and fit for 80 columns: sentences fold, nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from longshore.cli.document import yaml_text
from longshore.cli.prose import listing, plural
from longshore.cli.tables import facts, table
from longshore.model.catalogue import Functions, PropertyView, TypeLine, TypeView, VersionView

_CHANGES = {
    "in-place": "a change is made in place",
    "replaces": "a change replaces the resource",
    "refused": "a change is refused",
}

_HOT = "heat_template_version"
"""The key of Heat's own versions; those with another are of CloudFormation's format."""


def types(lines: tuple[TypeLine, ...], _now: int) -> RenderableType:
    """`types`: one line for each."""
    rows = [(line.name, _status(line.about, line.status)) for line in lines]
    count = f"{plural(len(lines), 'resource type')}; see one: longshore types NAME"
    return Group(table("TYPE WHAT", rows), "", Text(count, "dim"))


def resource_type(view: TypeView, _now: int) -> RenderableType:
    """`types NAME`: properties, attributes, an example."""
    parts: list[RenderableType] = [Text(view.name, "bold"), Text(_status(view.about, view.status))]
    if view.instead:
        parts.append(Text(f"Use {view.instead} instead.", "yellow"))
    if view.open:
        parts.append(Text("Takes any property, gives any attribute, and does nothing: its service is gone."))
    parts += _section("Properties", [*_properties(view.properties)])
    parts += _section("Update policy", [*_properties(view.update_policy)])
    attributes = sorted((name, kind or "any") for name, kind in view.attributes.items())
    parts += _section("Attributes", [facts(attributes)] if attributes else [])
    parts += _section("Example", [Text(yaml_text(view.example).rstrip("\n"))])
    return Group(*parts)


def functions(answer: Functions, _now: int) -> RenderableType:
    """`functions`: one line for each, with the versions that have it."""
    # One that was reworked is shown as it is in the newest of the versions.
    conditions = {view.name: view for view in answer.functions if not view.versions}
    newest = {view.name: view for view in answer.functions if view.versions}
    newest = {view.name: newest.get(view.name) or conditions[view.name] for view in answer.functions}
    rows = []
    for name, view in newest.items():
        having = {
            version
            for each in answer.functions
            if each.name == name
            for version in (*each.versions, *each.conditions)
        }
        rows.append((name, span(having, answer.versions), view.about))
    spoken = [f"{v.name} ({v.release})" if v.release else v.name for v in answer.versions]
    versions = f"Versions: {', '.join(spoken)}; see one function: longshore functions NAME"
    return Group(table("FUNCTION! VERSIONS WHAT", rows), "", Text(versions, "dim"))


def function(answer: Functions, _now: int) -> RenderableType:
    """`functions NAME`: how it is written, in each version that has another form of it."""
    parts: list[RenderableType] = [Text(answer.functions[0].name, "bold")]
    for view in answer.functions:
        rows = [
            ("what", view.about),
            ("takes", view.form),
            ("example", view.example),
            ("as a value", _names(view.versions, answer.versions)),
            ("in conditions", _names(view.conditions, answer.versions)),
        ]
        parts += ["", facts(rows)]
    return Group(*parts)


def span(having: set[str], told: tuple[VersionView, ...]) -> str:
    """Which versions have a function: of Heat's own the first and the last, and whether CloudFormation's."""
    own = [v.name for v in told if v.key == _HOT]
    found = [name for name in own if name in having]
    words = []
    if len(found) > 1:
        words.append(f"{found[0]} on" if found[-1] == own[-1] else f"{found[0]} … {found[-1]}")
    elif found:
        words.append(f"{found[0]} only" if len(own) > 1 and found != own[-1:] else found[0])
    if any(v.name in having for v in told if v.key != _HOT):
        words.append("CloudFormation")
    return ", ".join(words)


def _section(title: str, inner: list[RenderableType]) -> list[RenderableType]:
    """A heading with what belongs to it; nothing where there is nothing."""
    return ["", Text(title, "bold"), *(Padding(part, (0, 0, 0, 2)) for part in inner)] if inner else []


def _properties(views: Iterable[PropertyView], depth: int = 0) -> Iterable[RenderableType]:
    """Each property in two lines: what it is, what holds of it; those within it below."""
    for view in views:
        if view.status == "hidden":
            continue
        kind = f"list of {view.items}" if view.items else view.kind
        head = Text(view.name, "bold")
        head.append(f"  {kind}{', required' if view.required else ''}", "not bold")
        yield Padding(head, (0, 0, 0, 2 * depth))
        words = [] if view.status == "supported" else [view.status]
        if view.default is not None:
            words.append(f"without it {msgspec.json.encode(view.default).decode()}")
        words += view.constraints
        # Within a property the whole of it is changed, as it itself says.
        words += [_CHANGES[view.update]] if not depth else []
        if words:
            yield Padding(Text("; ".join(words), "dim"), (0, 0, 0, 2 * depth + 4))
        yield from _properties(view.fields, depth + 1)


def _status(about: str, status: str) -> str:
    """A sentence, and whether one had better not use what it is about."""
    return about if status == "supported" else f"{about} ({status})"


def _names(names: tuple[str, ...], told: tuple[VersionView, ...]) -> str:
    """The versions that have something, of those that were asked for."""
    return listing(v.name for v in told if v.name in names)
