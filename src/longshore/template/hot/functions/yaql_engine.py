"""The yaql library, bounded: the only module that knows it.

Heat bounds a query to 200 items of a sequence and 10,000 bytes of a value. That leaves queries that
go on for hours: sequences within sequences, powers, patterns that are tried again and again. So the
calls of a query are counted too, powers and shifts are bounded, and patterns are looked at before
they are used. What reads the clock or draws lots is refused: the same template always reads alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaql  # type: ignore[import-untyped]
from typing_extensions import override
from yaql.language import contexts, exceptions, expressions, specs, yaqltypes  # type: ignore[import-untyped]

from longshore.template.hot import patterns
from longshore.template.hot.functions.row import Use, Wrong

_LIMITS = {"yaql.limitIterators": 200, "yaql.memoryQuota": 10_000}
"""As Heat sets them."""

_MOST_CALLS = 5_000
"""Calls of one query: some tenths of a second. Real queries make some hundreds."""

_CALL_WORK = 200
"""Characters that one call counts for, so that many queries are bounded: 10,000 calls in all, a second."""

_MOST_BITS = 80_000
"""Of a number: what fits the 10,000 bytes that a value may have."""

_LONGEST_TEXT = 10_000
"""No text within a query grows longer: the bytes that a value may have."""

_REFUSED = {
    "now": "reads the clock",
    "localtz": "reads the machine's time zone",
    "random": "draws lots",
    "call": "calls a function by a name that only shows when it runs",
}
_TAKES_PATTERN = frozenset(
    {
        "regex",
        "matches",
        "search",
        "searchAll",
        "split",
        "replace",
        "replaceBy",
        "#operator_=~",
        "#operator_!~",
    }
)


class _TooLong(Exception):
    """A query has made too many calls."""


class _Count:
    """The calls of one query."""

    def __init__(self) -> None:
        self.calls = 0

    def one(self) -> None:
        self.calls += 1
        if self.calls > _MOST_CALLS:
            raise _TooLong


class _Counted(contexts.Context):  # type: ignore[misc]
    """A context that counts calls: the library makes its children from the class of the parent.

    Deriving from the library's class is its only way in.
    """

    def __init__(self, parent: Any, count: _Count | None = None) -> None:  # noqa: ANN401 - the library's
        super().__init__(parent)
        self._count = count or parent._count  # noqa: SLF001 - a context of this very class

    @override
    def collect_functions(self, *args: Any, **kwargs: Any) -> Any:
        self._count.one()
        return super().collect_functions(*args, **kwargs)


class Query:
    """A query that was read, and may be asked."""

    def __init__(self, statement: Any, used: tuple[str, ...]) -> None:  # noqa: ANN401 - the library's
        self._statement = statement
        self._patterns = used

    def answer(self, data: object, use: Use) -> object:
        """What the query makes of data; raises `Wrong` where it cannot."""
        longest = min(_longest(data), _LONGEST_TEXT)
        for pattern in self._patterns:
            if patterns.broken(pattern) is None and patterns.too_costly(pattern, longest):
                raise Wrong(f'has the pattern "{pattern}", which may take very long', "expression")
        count = _Count()
        try:
            return _plain(self._statement.evaluate({"data": data}, _Counted(_CONTEXT, count)))
        except _TooLong:
            message = f"may make {_MOST_CALLS:,} calls, and this query makes more"
            raise Wrong(message, "expression") from None
        except exceptions.YaqlException as error:
            raise Wrong(f"cannot answer: {error}", "expression") from None
        except _FAILURES as error:
            raise Wrong(f"cannot answer: {error}", "expression") from None
        finally:
            use.spend(_CALL_WORK * count.calls)


_FAILURES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
    AssertionError,
    MemoryError,
)
"""What Python's own operators raise on values of the wrong kind: the library lets them through."""


def read(expression: str) -> Query:
    """Read a query; raises `Wrong` where it cannot be read, or may not be asked."""
    try:
        statement = _PARSER(expression)
    except exceptions.YaqlException as error:
        raise Wrong(f"cannot read its expression: {error}", "expression") from None
    except RecursionError:
        raise Wrong("has an expression that is nested too deep", "expression") from None
    used: list[str] = []
    for function in _functions(statement.expression):
        if function.name in _REFUSED:
            message = f"may not use {function.name}(): it {_REFUSED[function.name]}"
            raise Wrong(message, "expression")
        if function.name in _TAKES_PATTERN:
            used.extend(_texts(function))
    return Query(statement, tuple(used))


def _functions(expression: Any) -> Iterator[Any]:  # noqa: ANN401 - the library's
    """Every call within an expression."""
    waiting = [expression]
    while waiting:
        found = waiting.pop()
        if isinstance(found, expressions.Function):
            yield found
            waiting.extend(found.args)
        elif isinstance(found, expressions.Wrap):
            waiting.append(found.expr)
        elif isinstance(found, expressions.MappingRuleExpression):
            waiting.extend((found.source, found.destination))


def _texts(function: Any) -> Iterator[str]:  # noqa: ANN401 - the library's
    for argument in function.args:
        if isinstance(argument, expressions.Constant) and isinstance(argument.value, str):
            yield argument.value


def _plain(value: object) -> object:
    """An answer as JSON would hold it; raises `TypeError` where it cannot."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            # A set has no order of its own, and the same template always reads alike.
            return sorted((_plain(item) for item in value), key=repr)
        case dict():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
        case _:
            raise TypeError(f"its answer is no plain value but a {type(value).__name__}")


def _longest(data: object) -> int:
    """The longest text within data."""
    if isinstance(data, str):
        return len(data)
    if isinstance(data, dict):
        return max((max(len(str(k)), _longest(v)) for k, v in data.items()), default=0)
    if isinstance(data, list):
        return max(map(_longest, data), default=0)
    return 0


def _power(base: Any, exponent: Any, modulus: Any = None) -> Any:  # noqa: ANN401 - numbers of all kinds
    whole = isinstance(base, int) and isinstance(exponent, int) and modulus is None
    if whole and base.bit_length() * abs(exponent) > _MOST_BITS:
        raise ValueError(f"the power would have more than {_MOST_BITS:,} bits")
    return pow(base, exponent, modulus)


def _shifted(value: int, places: int) -> int:
    if value.bit_length() + places > _MOST_BITS:
        raise ValueError(f"the number would have more than {_MOST_BITS:,} bits")
    return value << places


def _context() -> Any:  # noqa: ANN401 - the library's
    """The library's functions, with those that have no bounds of their own replaced."""
    context = yaql.create_context().create_child_context()
    number, whole = yaqltypes.Number(), yaqltypes.Integer()
    maybe = yaqltypes.Integer(nullable=True)
    _replace(context, "pow", _power, base=number, exponent=number, modulus=maybe)
    _replace(context, "shiftBitsLeft", _shifted, value=whole, places=whole)
    return context


def _replace(context: Any, name: str, by: Any, **kinds: Any) -> None:  # noqa: ANN401 - the library's
    for parameter, kind in kinds.items():
        by = specs.parameter(parameter, kind)(by)
    context.register_function(by, name=name, exclusive=True)


_PARSER = yaql.YaqlFactory().create(_LIMITS)
_CONTEXT = _context()
