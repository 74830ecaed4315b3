r"""Regular expressions that users write: whether they can be read, and whether matching ends in time.

Python's matcher tries again and again where a pattern can take the same text in several ways; within
repeats of repeats the tries double with each character. So the ways are counted before anything is
matched: how deep endless repeats stand within each other, and how many follow each other. A repeat
whose every turn needs a sign that the repeats within it cannot take (`([a-z]+\.)+`) can cut a text in
one way only, and counts once.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import cast

_MOST_STEPS = 20_000_000
"""Tries of the matcher: some tenths of a second."""

_NESTED_TRIES = 2
"""What one more character multiplies the tries by, where an endless repeat holds another."""

_FEW = 8
"""A repeat of at most so many counts as none: it cannot multiply tries for long."""

_REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT)
_LOOKS = (kinds.ASSERT, kinds.ASSERT_NOT)
_CLASSES = {
    kinds.CATEGORY_DIGIT: r"\d",
    kinds.CATEGORY_NOT_DIGIT: r"\D",
    kinds.CATEGORY_SPACE: r"\s",
    kinds.CATEGORY_NOT_SPACE: r"\S",
    kinds.CATEGORY_WORD: r"\w",
    kinds.CATEGORY_NOT_WORD: r"\W",
}

# An item of a parsed pattern: what it is, and what it holds.
_Item = tuple[object, object]


@lru_cache(maxsize=256)
def broken(pattern: str) -> str | None:
    """Why the text is no regular expression; None where it is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as why:
        return str(why)
    return None


def too_costly(pattern: str, length: int) -> bool:
    """Whether holding a text of so many characters against the pattern may take very long."""
    nested, in_row = _shape(pattern)
    tries: int = _NESTED_TRIES ** min(length, 64) if nested > 1 else length ** max(in_row, 1)
    return tries > _MOST_STEPS


@lru_cache(maxsize=256)
def _shape(pattern: str) -> tuple[int, int]:
    """How deep endless repeats stand within each other, and the most that follow each other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _measure(list(parser.parse(pattern)))


def _measure(items: list[_Item]) -> tuple[int, int]:
    deepest, in_row, looked = 0, 0, 0
    for kind, value in items:
        if kind in _REPEATS:
            depth, row = _repeat(value)
        else:
            depth, row = _inner(value)
        if kind is kinds.BRANCH and not _differ(value):
            # Alternatives that begin alike are tried one after the other, as the turns of a repeat are.
            depth = max(depth, 1)
        deepest = max(deepest, depth)
        if kind in _LOOKS:
            # What a look-ahead has found is never tried anew.
            looked = max(looked, row)
        else:
            in_row += row
    return deepest, max(in_row, looked)


def _repeat(value: object) -> tuple[int, int]:
    _least, most, body = cast("tuple[int, int, object]", value)
    depth, row = _inner(body)
    if most <= _FEW:
        return depth, row
    if depth and _is_cut(_listed(body)):
        return depth, row
    return depth + 1, row + 1


def _is_cut(body: list[_Item]) -> bool:
    """Whether each turn needs a sign that the repeats within cannot take."""
    taken = [value for kind, value in _all(body) if kind in _REPEATS or kind is kinds.BRANCH]
    return any(not _takes(taken, sign) for sign in _needed(body))


def _differ(value: object) -> bool:
    """Whether each of several alternatives begins with a sign of its own."""
    begins = [next(iter(each)) if len(each) else None for each in value[1]]  # type: ignore[index]
    signs = [item[1] for item in begins if item is not None and item[0] is kinds.LITERAL]
    return len(set(signs)) == len(begins)


def _listed(body: object) -> list[_Item]:
    return list(cast("list[_Item]", body))


def _needed(items: list[_Item]) -> Iterator[int]:
    """Signs that every turn of a body has to take."""
    for kind, value in items:
        if kind is kinds.LITERAL:
            yield value  # type: ignore[misc]
        elif kind is kinds.SUBPATTERN:
            yield from _needed(list(value[-1]))  # type: ignore[index]


def _all(items: object) -> Iterator[_Item]:
    """Every item within, however deep."""
    if isinstance(items, parser.SubPattern):
        items = list(items)
    if isinstance(items, tuple) and len(items) == 2 and isinstance(items[0], type(kinds.LITERAL)):
        yield items
    if isinstance(items, list | tuple):
        for each in items:
            yield from _all(each)


def _takes(items: object, sign: int) -> bool:
    """Whether anything within can take a sign."""
    return any(_takes_one(kind, value, sign) for kind, value in _all(items))


def _takes_one(kind: object, value: object, sign: int) -> bool:
    if kind in (kinds.ANY, kinds.GROUPREF):
        return True
    if kind is kinds.LITERAL:
        return value == sign
    if kind is kinds.NOT_LITERAL:
        return value != sign
    if kind is kinds.IN:
        chosen = list(value)  # type: ignore[call-overload]
        negated = bool(chosen) and chosen[0][0] is kinds.NEGATE
        return negated != any(_takes_one(k, v, sign) for k, v in chosen)
    if kind is kinds.RANGE:
        least, most = cast("tuple[int, int]", value)
        return least <= sign <= most
    if kind is kinds.CATEGORY:
        return re.match(_CLASSES.get(value, "."), chr(sign)) is not None
    return False


def _inner(value: object) -> tuple[int, int]:
    """The same for whatever holds further items: groups, alternatives, look-aheads."""
    if isinstance(value, parser.SubPattern):
        return _measure(list(value))
    if isinstance(value, list | tuple):
        found = [_inner(each) for each in value]
        return max((d for d, _ in found), default=0), max((r for _, r in found), default=0)
    return 0, 0
