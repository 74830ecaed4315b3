"""The function `yaql`: a query in the language of that name, by its own library.

The library is loaded when the first query is met: most templates have none, and it takes longer to
load than they take to read. Its bounds are told in `yaql_engine`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshore.template.hot.functions.row import (
    Example,
    Function,
    Use,
    Wrong,
    is_call,
    shape,
    words,
)

if TYPE_CHECKING:
    from longshore.template.hot.functions.yaql_engine import Query


def _check(args: object) -> None:
    found = shape(args)
    if not isinstance(found, dict):
        raise Wrong(f"takes a mapping with expression and data, not {words(found)}")
    if "expression" not in found:
        raise Wrong("has no expression")
    for key in found:
        if key not in ("expression", "data"):
            raise Wrong(f'has no "{key}"', key, word=key, among=("expression", "data"))
    if not is_call(found["expression"]):
        _parsed(shape(found["expression"]))


def _parsed(expression: object) -> Query:
    if not isinstance(expression, str):
        raise Wrong(f"takes text as its expression, not {words(expression)}", "expression")
    # Late, for the sake of everything that has no query.
    from longshore.template.hot.functions import yaql_engine  # noqa: PLC0415

    return yaql_engine.read(expression)


def _work(args: object, use: Use) -> object:
    assert isinstance(args, dict)
    return _parsed(args.get("expression")).answer(args.get("data", {}), use)


FUNCTIONS: dict[str, Function] = {
    "yaql": Function(
        name="yaql",
        form="{expression: text, data: value}",
        purpose="A query of data, in the language YAQL.",
        example=Example("yaql: {expression: $.data.where($ > 1).len(), data: [1, 2, 3]}", 2),
        check=_check,
        work=_work,
    ),
}
