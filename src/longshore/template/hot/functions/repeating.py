"""The function `repeat`: a value once for every item of some lists."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

from longshore.model.unknown import Unknown
from longshore.template.hot.functions.row import (
    Example,
    Function,
    Use,
    Work,
    Wrong,
    is_call,
    shape,
    weight,
    words,
)


def _check(args: object) -> None:
    found = shape(args)
    if not isinstance(found, dict):
        raise Wrong(f"takes a mapping with template and for_each, not {words(found)}")
    for key in ("for_each", "template"):
        if key not in found:
            raise Wrong(f"has no {key}")
    for_each = found["for_each"]
    if not is_call(for_each) and not isinstance(shape(for_each), dict):
        raise Wrong(f"takes a mapping of words to lists, not {words(shape(for_each))}", "for_each")


def _permuting_check(args: object) -> None:
    _check(args)
    found = shape(args)
    assert isinstance(found, dict)
    permutations = found.get("permutations", True)
    if not isinstance(permutations, bool):
        message = f"takes true or false for its permutations, not {words(permutations)}"
        raise Wrong(message, "permutations")


def _repeating(*, maps: bool, permuting: bool = False) -> Work:
    """The work of `repeat`.

    Args:
        maps: whether a mapping may stand for the list of its keys.
        permuting: whether it looks at `permutations`; else it always makes all combinations.
    """

    def work(args: object, use: Use) -> object:
        if isinstance(args, Unknown):
            return args
        assert isinstance(args, dict)
        nested = args.get("permutations", True) is not False or not permuting
        for_each = args.get("for_each")
        if isinstance(for_each, Unknown):
            return for_each
        if not isinstance(for_each, dict) or not for_each:
            raise Wrong("takes a mapping of words to lists", "for_each")
        lists = [_items(items, word, maps=maps and nested) for word, items in for_each.items()]
        if (unknown := next((v for v in for_each.values() if isinstance(v, Unknown)), None)) is not None:
            return unknown
        template = args.get("template")
        _bound(lists, template, use, nested=nested)
        if not nested:
            _same_length(lists, for_each)
            rounds: Iterable[tuple[object, ...]] = zip(*lists, strict=False)
        else:
            rounds = itertools.product(*lists)
        return [_filled(template, list(zip(for_each, r, strict=True)), use) for r in rounds]

    return work


def _items(items: object, word: str, *, maps: bool) -> list[object]:
    if items is None or isinstance(items, Unknown):
        return []
    if isinstance(items, dict) and maps:
        return list(items)
    if not isinstance(items, list):
        wanted = "lists or mappings" if maps else "lists"
        raise Wrong(f"goes over {wanted}, not {words(items)}", "for_each", word)
    return items


def _same_length(lists: list[list[object]], for_each: dict[str, object]) -> None:
    given = [items for items, raw in zip(lists, for_each.values(), strict=True) if raw is not None]
    if len({len(items) for items in given}) > 1:
        raise Wrong("without permutations takes lists of the same length", "for_each")


def _bound(lists: list[list[object]], template: object, use: Use, *, nested: bool) -> None:
    """Count what is about to be made: lists of lists of lists grow beyond all bounds."""
    lengths = [len(items) for items in lists]
    rounds = math.prod(lengths) if nested else min(lengths, default=0)
    use.makes(rounds * weight(template))


def _filled(template: object, values: list[tuple[str, object]], use: Use) -> object:
    if isinstance(template, str):
        return _text(template, values, use)
    if isinstance(template, list):
        return [_filled(item, values, use) for item in template]
    if isinstance(template, dict):
        return {_key(key, values, use): _filled(item, values, use) for key, item in template.items()}
    return template


def _key(key: str, values: list[tuple[str, object]], use: Use) -> str:
    found = _text(key, values, use)
    return key if isinstance(found, Unknown) else found


def _text(template: str, values: list[tuple[str, object]], use: Use) -> str | Unknown:
    for word, value in values:
        if isinstance(value, Unknown):
            if word in template:
                return value
        elif isinstance(value, str):
            use.makes(template.count(word) * len(value))
            template = template.replace(word, value)
        else:
            raise Wrong(f'fills in text, and an item of "{word}" is {words(value)}', "for_each", word)
    return template


_FORM = "{template: value, for_each: {word: list, ...}}"
_PURPOSE = "A value once for every item of a list, or every combination of several lists"
_EXAMPLE = Example("repeat: {template: port-P, for_each: {P: ['80', '443']}}", ["port-80", "port-443"])

FUNCTIONS: dict[str, Function] = {
    "repeat.lists": Function(
        name="repeat",
        form=_FORM,
        purpose=f"{_PURPOSE}.",
        example=_EXAMPLE,
        check=_check,
        work=_repeating(maps=False),
        mixed=True,
    ),
    "repeat.maps": Function(
        name="repeat",
        form=_FORM,
        purpose=f"{_PURPOSE}; a mapping stands for its keys.",
        example=_EXAMPLE,
        check=_check,
        work=_repeating(maps=True),
        mixed=True,
    ),
    "repeat": Function(
        name="repeat",
        form="{template: value, for_each: {word: list, ...}, permutations: true or false}",
        purpose=f"{_PURPOSE}; without permutations, the lists side by side.",
        example=Example(
            "repeat: {template: N-P, for_each: {N: [a, b], P: [x, y]}, permutations: false}",
            ["a-x", "b-y"],
        ),
        check=_permuting_check,
        work=_repeating(maps=True, permuting=True),
        mixed=True,
    ),
}
