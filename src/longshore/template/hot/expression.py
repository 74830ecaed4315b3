"""Values of a template that may hold functions: parsed once, then worked out.

A value is parsed with the scope it stands in, because `if` takes a branch while parsing: what the
other branch says is neither checked nor refers to anything, as in Heat.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from longshore.model.unknown import Unknown
from longshore.template.findings import At
from longshore.template.hot.scope import Scope
from longshore.template.nodes import Mark, Node, value_of

BROKEN = Unknown(resource="", attribute="")
"""The value of what is at fault: passes through everything, so that one fault is told once."""

Kind = Literal["resource", "attribute", "parameter", "condition", "file"]


class Reference(msgspec.Struct, frozen=True):
    """What a value refers to. `path` is what follows the name: an attribute and the way into it."""

    kind: Kind
    name: str
    path: tuple[object, ...]
    mark: Mark


class Expression(msgspec.Struct, frozen=True):
    """A parsed value. `node` is where it was written; `found` is what it refers to, in order."""

    value: object
    node: Node
    found: tuple[Reference, ...] = ()


def parse(node: Node, scope: Scope, at: At) -> Expression:
    """Parse a value; what is wrong with the form of a function is a fault.

    Args:
        node: the value as written.
        scope: its surroundings; parameters and conditions have to be known by now.
        at: where the value stands, and where faults go.
    """
    return Expression(value_of(node), node)


def parse_condition(node: Node, scope: Scope, at: At) -> Expression:
    """Parse the definition of a condition, or the word that names one."""
    return Expression(value_of(node), node)


def references(expression: Expression) -> tuple[Reference, ...]:
    """What a value refers to, in the order written, of the branches that are taken."""
    return expression.found


def check(expression: Expression, scope: Scope, at: At) -> None:
    """Write down resources, attributes that a value refers to and that are not there."""


def evaluate(expression: Expression, scope: Scope, at: At) -> object:
    """Work a value out: plain JSON values, `Unknown` where only the world can tell.

    What cannot be worked out is a fault, and `BROKEN` in its place. The caller must not change what
    it gets: literal parts are shared between evaluations. A value that `if` leaves out altogether
    is `ABSENT` at the top; within lists and mappings such entries are left out.
    """
    return expression.value
