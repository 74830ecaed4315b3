"""The functions of the language: one row each, with its documentation and an example.

    row          what a row is, and what its work is given
    references   parameters, resources, attributes, files, what is outside
    replacing    words of a text filled in
    text         joining, splitting, digests, addresses
    collections  lists and mappings
    repeating    repeat
    logic        conditions
    query        yaql

A row knows its arguments and the scope; it knows nothing of nodes and places. Which version has
which row is said in `versions`.
"""

from __future__ import annotations

import msgspec

from longshore.template.hot.functions import (
    collections,
    logic,
    query,
    references,
    repeating,
    replacing,
    text,
)
from longshore.template.hot.functions.row import Example, Function, Use, Wrong
from longshore.template.hot.versions import VERSIONS


def _refused(_args: object) -> None:
    raise Wrong("is not in this version of the language", code="unknown-function")


def _nothing(_args: object, _use: Use) -> object:
    return None


REMOVED = Function(
    name="removed",
    form="anything",
    purpose="A function of an earlier version: an error in this one.",
    example=Example("removed: x", None),
    check=_refused,
    work=_nothing,
)

ROWS: dict[str, Function] = {
    **references.FUNCTIONS,
    **replacing.FUNCTIONS,
    **text.FUNCTIONS,
    **collections.FUNCTIONS,
    **repeating.FUNCTIONS,
    **logic.FUNCTIONS,
    **query.FUNCTIONS,
    "removed": REMOVED,
}


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A row as `longshore functions` shows it.

    `versions` are the names of those that have it as a value, `conditions` those that have it
    within a condition; oldest first.
    """

    name: str
    form: str
    purpose: str
    example: str
    versions: tuple[str, ...]
    conditions: tuple[str, ...]


def listed() -> tuple[Listed, ...]:
    """Every row with the versions that have it, in the order of the language's families."""
    return tuple(_listed(key, row) for key, row in ROWS.items() if row is not REMOVED)


def _listed(key: str, row: Function) -> Listed:
    return Listed(
        name=row.name,
        form=row.form,
        purpose=row.purpose,
        example=row.example.text,
        versions=tuple(v.name for v in VERSIONS if v.functions.get(row.name) == key),
        conditions=tuple(v.name for v in VERSIONS if v.conditions.get(row.name) == key),
    )
