"""Whether a converted value keeps to a constraint, and what to say where it does not."""

from __future__ import annotations

import json
from collections.abc import Sized

from longshore.template.hot.types import forms
from longshore.template.hot.types.schema import (
    Allowed,
    Constraint,
    Form,
    Length,
    Multiple,
    Pattern,
    Range,
    compiled,
)

_MOST_LISTED = 20
"""Choices that a message lists: more do not help."""


def broken(constraint: Constraint, value: object) -> str | None:
    """What is wrong with the value, in words; None where nothing is."""
    match constraint:
        case Form(name):
            return forms.broken(name, value)
        case Allowed():
            return _allowed(constraint, value)
        case Range(least, most):
            size = value if isinstance(value, int | float) else 0
            return _outside(size, least, most, f"{value} is out of range")
        case Length(least, most):
            size = len(value) if isinstance(value, Sized) else 0
            return _outside(size, least, most, f"a length of {size} is out of range")
        case Pattern(expression):
            if isinstance(value, str) and compiled(expression).fullmatch(value) is None:
                return f"{json.dumps(value)} does not match {expression}"
            return None
        case Multiple(step, offset):
            if isinstance(value, int | float) and value % step != offset:
                return f"{value} is not a multiple of {step} with an offset of {offset}"
            return None


def _allowed(constraint: Allowed, value: object) -> str | None:
    items = value if isinstance(value, list) else [value]
    wrong = [item for item in items if item not in constraint.values]
    if not wrong:
        return None
    choices = ", ".join(json.dumps(each) for each in constraint.values[:_MOST_LISTED])
    if len(constraint.values) > _MOST_LISTED:
        choices += " and so on"
    return f"{json.dumps(wrong[0], default=str)} is not one of {choices}"


def _outside(size: float, least: float | None, most: float | None, words: str) -> str | None:
    if (least is None or size >= least) and (most is None or size <= most):
        return None
    if most is None:
        return f"{words}: at least {least}"
    if least is None:
        return f"{words}: at most {most}"
    return f"{words}: from {least} to {most}"
