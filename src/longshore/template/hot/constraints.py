"""What a parameter's value must keep to: read from the template, and held against a value.

Rules are Heat's: which constraint fits which kind of parameter, how a bound is written (`"3"` is a
number), and that a list keeps to `allowed_values` where each of its items does. Look-ups in a cloud
are taken to answer yes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import cast

import msgspec

from longshore.template.findings import At
from longshore.template.hot import limits, patterns
from longshore.template.hot.kinds import BadValue, Kind, converted, number
from longshore.template.hot.scope import hint
from longshore.template.hot.types import forms
from longshore.template.hot.types.schema import (
    Allowed,
    Constraint,
    Form,
    Length,
    Multiple,
    Pattern,
    Range,
)
from longshore.template.nodes import Map, Node, Seq, is_nothing, kind_of, value_of


class Limit(msgspec.Struct, frozen=True):
    """A constraint of a parameter, with the author's own words for a value that breaks it."""

    constraint: Constraint
    words: str = ""


_LISTS = (Kind.LIST,)
_FITS: dict[type[Constraint], tuple[Kind, ...]] = {
    Range: (Kind.NUMBER,),
    Multiple: (Kind.NUMBER,),
    Length: (Kind.STRING, Kind.LIST, Kind.JSON),
    Allowed: (Kind.STRING, Kind.NUMBER, Kind.BOOLEAN, Kind.LIST),
    Pattern: (Kind.STRING,),
    Form: (Kind.STRING, Kind.NUMBER, Kind.BOOLEAN, Kind.LIST),
}


def fits(limit: Limit, kind: Kind) -> bool:
    """Whether a parameter of this kind may have such a constraint."""
    return kind in _FITS[type(limit.constraint)]


def broken(limit: Limit, value: object, kind: Kind) -> str | None:
    """What is wrong with a value, in words; None where nothing is."""
    try:
        found = _broken(limit.constraint, value, kind)
    except BadValue as bad:
        return str(bad)
    return None if found is None else limit.words or found


def _broken(constraint: Constraint, value: object, kind: Kind) -> str | None:
    match constraint:
        case Range(least, most):
            size = number(value)
            return _outside(size, least, most, f"{size} is out of range")
        case Length(least, most):
            if not isinstance(value, str | list | dict):
                return f"{_shown(value)} has no length; write it in quotes"
            return _outside(len(value), least, most, f"a length of {len(value)} is out of range")
        case Multiple(step, offset):
            size = number(value)
            wrong = size % step != offset
            return f"{size} is not a multiple of {step} with an offset of {offset}" if wrong else None
        case Allowed(values):
            return _allowed(values, value, kind)
        case Pattern(expression):
            return _mismatch(expression, value)
        case Form(name):
            return _malformed(name, value)


def _outside(size: float, least: float | None, most: float | None, words: str) -> str | None:
    if (least is None or size >= least) and (most is None or size <= most):
        return None
    if most is None:
        return f"{words}: at least {least}"
    return f"{words}: at most {most}" if least is None else f"{words}: from {least} to {most}"


def _allowed(values: tuple[object, ...], value: object, kind: Kind) -> str | None:
    # Items of a list are compared as they are; a single value as the kind of the parameter.
    if isinstance(value, list):
        wrong = [item for item in value if item not in values]
    else:
        own = converted(value, kind)
        wrong = [] if own in [converted(each, kind) for each in values] else [value]
    if not wrong:
        return None
    return f"{_shown(wrong[0])} is not one of {', '.join(map(_shown, values))}"


def _mismatch(expression: str, value: object) -> str | None:
    if not isinstance(value, str):
        return f"{_shown(value)} is no text, so it matches no pattern; write it in quotes"
    if len(value) > limits.LONGEST_MATCHED or patterns.too_costly(expression, len(value)):
        return "this is too long to be held against the pattern"
    found = re.match(expression, value)
    # The whole of it, by the first way in which the pattern matches, as Heat takes it.
    matches = found is not None and found.end() == len(value)
    return None if matches else f"{_shown(value)} does not match {expression}"


def _malformed(name: str, value: object) -> str | None:
    return forms.broken(name, value)


def _shown(value: object) -> str:
    return json.dumps(value, default=str)


def read(node: Node, at: At, *, modulo: bool) -> Limit | None:
    """One entry of a parameter's `constraints`; what is wrong with it is a fault.

    Args:
        node: the entry.
        at: where it stands.
        modulo: whether the version of the template has `modulo`.
    """
    if not isinstance(node, Map):
        at.fault("wrong-type", node.mark, f"expected a constraint, got {kind_of(node)}", _EXAMPLE)
        return None
    known = (*_READS, "description")
    for key in node.items:
        if key not in known:
            at.fault("unknown-key", node.at(key), f'there is no constraint "{key}"', hint(at, key, known))
            return None
    chosen = next((word for word in _READS if word in node.items and (modulo or word != "modulo")), None)
    if chosen is None:
        at.fault("missing-key", node.mark, "this says no constraint", _EXAMPLE)
        return None
    found = _READS[chosen](node.items[chosen], at.key(chosen))
    words = value_of(node.get("description"))
    return None if found is None else Limit(found, words if isinstance(words, str) else "")


_EXAMPLE = "such as length: {min: 1, max: 64}"


def _bounds(node: Node, words: tuple[str, str], at: At) -> tuple[int | float | None, ...] | None:
    if not isinstance(node, Map):
        at.fault("wrong-type", node.mark, f"expected {words[0]} and {words[1]}, got {kind_of(node)}")
        return None
    for key in node.items:
        if key not in words:
            at.fault("unknown-key", node.at(key), f'"{key}" is neither {words[0]} nor {words[1]}')
            return None
    found: list[int | float | None] = []
    for word in words:
        bound = node.get(word)
        if bound is None or is_nothing(bound):
            found.append(None)
            continue
        try:
            found.append(number(value_of(bound)))
        except BadValue as bad:
            at.key(word).fault("wrong-type", bound.mark, str(bad))
            return None
    return tuple(found)


def range_of(node: Node, at: At) -> Range | None:
    """`range: {min: …, max: …}`."""
    found = _bounds(node, ("min", "max"), at)
    if found is None:
        return None
    if found == (None, None):
        at.fault("missing-key", node.mark, "a range needs min or max, or both")
        return None
    return Range(*found)


def length_of(node: Node, at: At) -> Length | None:
    """`length: {min: …, max: …}`."""
    found = range_of(node, at)
    if found is None:
        return None
    least, most = found.least, found.most
    if isinstance(least, float) or isinstance(most, float):
        at.fault("bad-value", node.mark, "a length is a whole number")
        return None
    return Length(least, most)


def _modulo_of(node: Node, at: At) -> Multiple | None:
    found = _bounds(node, ("step", "offset"), at)
    if found is None:
        return None
    step, offset = found
    if step is None or offset is None:
        wrong = "a modulo needs both step and offset"
    elif step != int(step) or offset != int(offset):
        wrong = "step and offset are whole numbers"
    elif step == 0:
        wrong = "step cannot be 0"
    elif abs(offset) >= abs(step):
        wrong = "offset has to be smaller than step"
    elif step * offset < 0:
        wrong = "step and offset have to have the same sign"
    else:
        return Multiple(int(step), int(offset))
    at.fault("bad-value", node.mark, wrong)
    return None


def allowed_of(node: Node, at: At) -> Allowed | None:
    """`allowed_values: […]`."""
    if not isinstance(node, Seq):
        at.fault("wrong-type", node.mark, f"allowed values are a list, this is {kind_of(node)}")
        return None
    return Allowed(cast("tuple[str, ...]", tuple(map(value_of, node.items))))


def pattern_of(node: Node, at: At) -> Pattern | None:
    """`allowed_pattern: …`."""
    pattern = value_of(node)
    if not isinstance(pattern, str):
        at.fault("wrong-type", node.mark, f"a pattern is a text, this is {kind_of(node)}")
        return None
    if len(pattern) > limits.LONGEST_PATTERN:
        at.fault("too-large", node.mark, f"a pattern may have {limits.LONGEST_PATTERN:,} characters")
        return None
    wrong = patterns.broken(pattern)
    if wrong is not None:
        at.fault("bad-value", node.mark, f"this is no regular expression: {wrong}")
        return None
    return Pattern(pattern)


def _form_of(node: Node, at: At) -> Form | None:
    name = value_of(node)
    if not isinstance(name, str):
        at.fault("wrong-type", node.mark, f"a custom constraint is a name, this is {kind_of(node)}")
        return None
    return Form(name)


# In the order in which Heat looks for them: an entry that has several means the first.
_READS: Mapping[str, Callable[[Node, At], Constraint | None]] = {
    "modulo": _modulo_of,
    "range": range_of,
    "length": length_of,
    "allowed_values": allowed_of,
    "allowed_pattern": pattern_of,
    "custom_constraint": _form_of,
}
