"""What the languages of templates have to offer: their types and functions, from the rows that read them."""

from __future__ import annotations

from collections.abc import Mapping

from longshore.model.catalogue import (
    Functions,
    FunctionView,
    PropertyView,
    TypeLine,
    TypeView,
    VersionView,
)
from longshore.template.hot import functions as rows
from longshore.template.hot.types import registry
from longshore.template.hot.types.example import example
from longshore.template.hot.types.schema import (
    Allowed,
    Constraint,
    Form,
    Length,
    Multiple,
    Pattern,
    Property,
    Range,
    ResourceType,
)
from longshore.template.hot.versions import VERSIONS


def types() -> tuple[TypeLine, ...]:
    """All resource types, by name."""
    return tuple(TypeLine(name=t.name, about=t.about, status=t.status) for t in registry.every())


def type_named(name: str) -> TypeView | None:
    """A resource type, also by an elder name; None where nobody registered it."""
    row = registry.find(name)
    return None if row is None else _view(row)


def type_names() -> tuple[str, ...]:
    """The names of all resource types."""
    return registry.names()


def functions(version: str = "") -> Functions | None:
    """The functions of one version, by its name or its release's, or of all; None: no such version."""
    told = [v for v in VERSIONS if not version or version in v.names]
    if not told:
        return None
    views = [
        FunctionView(
            name=row.name,
            about=row.purpose,
            form=row.form,
            example=row.example,
            versions=row.versions,
            conditions=row.conditions,
        )
        for row in rows.listed()
    ]
    wanted = {v.name for v in told}
    return Functions(
        versions=tuple(VersionView(key=v.key, name=v.name, release=v.release) for v in told),
        functions=tuple(view for view in views if wanted & {*view.versions, *view.conditions}),
    )


def version_names() -> tuple[str, ...]:
    """All that may be named as a version."""
    return tuple(name for version in VERSIONS for name in version.names)


def _view(row: ResourceType) -> TypeView:
    return TypeView(
        name=row.name,
        about=row.about,
        status=row.status,
        instead=row.instead,
        open=row.placeholder,
        properties=_fields(row.properties),
        attributes=dict(row.attributes),
        update_policy=_fields(row.update_policy),
        example=example(row),
    )


def _fields(rows: Mapping[str, Property]) -> tuple[PropertyView, ...]:
    """Properties in the order of their rows, those that must be given first."""
    views = [_property(name, row) for name, row in rows.items() if not row.absent]
    return tuple(sorted(views, key=lambda view: not view.required))


def _property(name: str, row: Property) -> PropertyView:
    inner = row.items if row.kind == "list" and row.items is not None else row
    return PropertyView(
        name=name,
        kind=row.kind,
        required=row.required,
        default=row.default,
        update=row.update,
        status=row.status,
        constraints=tuple(_words(each) for each in (*row.constraints, *_of_items(row))),
        items="" if row.items is None else str(row.items.kind),
        fields=_fields(inner.fields or {}),
    )


def _of_items(row: Property) -> tuple[Constraint, ...]:
    """What each item of a list keeps to."""
    return row.items.constraints if row.items is not None else ()


def _words(constraint: Constraint) -> str:
    match constraint:
        case Allowed(values):
            return f"one of {', '.join(str(value) for value in values)}"
        case Range(least, most):
            return _bounds(least, most, "")
        case Length(least, most):
            return _bounds(least, most, " long")
        case Pattern(expression):
            return f"matches {expression}"
        case Multiple(step, offset):
            return f"a multiple of {step}" + (f", plus {offset}" if offset else "")
        case Form(name):
            return f"of the form {name}"


def _bounds(least: float | None, most: float | None, what: str) -> str:
    if most is None:
        return f"at least {least}{what}"
    if least is None:
        return f"at most {most}{what}"
    return f"from {least} to {most}{what}"
