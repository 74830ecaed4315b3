"""What the languages of templates have to offer: resource types and functions, as rows for people and programs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from longshore.model.catalogue import PropertyView, TypeLine, TypeView
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
