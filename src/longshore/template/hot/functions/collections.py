"""Functions of lists and mappings: picking, joining, filtering, repeating."""

from __future__ import annotations

import json
import re

from longshore.model.unknown import Unknown
from longshore.template.hot.functions.row import (
    Example,
    Function,
    Use,
    Wrong,
    as_list,
    parts,
    shape,
    unknown_in,
    words,
)

_PLACE_WEIGHT = 16
"""Characters that a place in a list counts for."""


def _select_check(args: object) -> None:
    parts(args, 2)


def _select(args: object, _use: Use) -> object:
    index, found = parts(args, 2)
    if isinstance(index, Unknown) or isinstance(found, Unknown):
        return index if isinstance(index, Unknown) else found
    if isinstance(found, str) and found:
        # It may be JSON that another function wrote.
        found = _from_json(found)
    if found is None or found == "":
        return ""
    if isinstance(found, dict):
        if not isinstance(index, str):
            raise Wrong(f"takes a key for a mapping, not {words(index)}", 0)
        return found.get(index, "")
    if not isinstance(found, list):
        raise Wrong(f"takes a list or a mapping to select from, not {words(found)}", 1)
    return _place(found, index)


def _from_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Wrong("takes a list or a mapping to select from; this text is not JSON", 1) from None


def _place(found: list[object], index: object) -> object:
    try:
        place = int(index) if isinstance(index, str | int | float) else None
    except (ValueError, OverflowError):
        place = None
    if place is None:
        raise Wrong(f"takes a number for a list, not {words(index)}", 0)
    try:
        return found[place]
    except IndexError:
        return ""


def _concat(args: object, use: Use) -> object:
    if isinstance(args, Unknown):
        return args
    found: list[object] = []
    unknown: Unknown | None = None
    for index, items in enumerate(as_list(args)):
        if isinstance(items, Unknown):
            unknown = unknown or items
        elif items is not None and not isinstance(items, list):
            raise Wrong(f"joins lists, and this is {words(items)}", index)
        else:
            found.extend(items or [])
    use.makes(_PLACE_WEIGHT * len(found))
    return found if unknown is None else unknown


def _concat_unique(args: object, use: Use) -> object:
    found = _concat(args, use)
    if isinstance(found, Unknown) or (unknown := unknown_in(found)) is not None:
        return found if isinstance(found, Unknown) else unknown
    assert isinstance(found, list)
    unique = _Once()
    return [item for item in found if unique.is_new(item, use)]


class _Once:
    """Tells what was not there before; fast for what can be hashed, fair for the rest."""

    def __init__(self) -> None:
        self._hashed: set[object] = set()
        self._rest: list[object] = []

    def is_new(self, item: object, use: Use) -> bool:
        if isinstance(item, list | dict):
            use.makes(_PLACE_WEIGHT * (len(self._rest) + 1))
            if item in self._rest:
                return False
            self._rest.append(item)
            return True
        # 1, 1.0 and true are one value to Python and to Heat alike.
        if item in self._hashed:
            return False
        self._hashed.add(item)
        return True


def _filter_check(args: object) -> None:
    if not isinstance(shape(args), list):
        raise Wrong(f"takes a list, not {words(shape(args))}")
    parts(args, 2)


def _filter(args: object, use: Use) -> object:
    values, sequence = (*as_list(args), None, None)[:2]
    if not sequence:
        return sequence
    if not isinstance(sequence, list):
        raise Wrong(f"filters a list, not {words(sequence)}", 1)
    if not values:
        return sequence
    if not isinstance(values, list):
        raise Wrong(f"takes a list of values to leave out, not {words(values)}", 0)
    use.makes(_PLACE_WEIGHT * len(values) * len(sequence))
    return [item for item in sequence if item not in values]


def _contains_check(args: object) -> None:
    if not isinstance(shape(args), list):
        raise Wrong(f"takes a list of a value and a list, not {words(shape(args))}")
    parts(args, 2)


def _contains(args: object, _use: Use) -> object:
    value, sequence = (*as_list(args), None, None)[:2]
    if isinstance(value, Unknown) or isinstance(sequence, Unknown):
        return value if isinstance(value, Unknown) else sequence
    if isinstance(sequence, str):
        if not isinstance(value, str):
            raise Wrong(f"looks for text within text, not for {words(value)}", 0)
        return value in sequence
    if not isinstance(sequence, list):
        raise Wrong(f"looks within a list, not {words(sequence)}", 1)
    if value in sequence:
        return True
    unknown = unknown_in(sequence)
    return False if unknown is None else unknown


def _merge(args: object, use: Use) -> object:
    if isinstance(args, Unknown):
        return args
    merged: dict[str, object] = {}
    unknown: Unknown | None = None
    for index, items in enumerate([] if args == "" else as_list(args)):
        if isinstance(items, Unknown):
            unknown = unknown or items
            continue
        if items is not None and not isinstance(items, dict):
            raise Wrong(f"merges mappings, and this is {words(items)}", index)
        use.makes(_PLACE_WEIGHT * len(items or ()))
        merged.update(items or {})
    return merged if unknown is None else unknown


def _map_replace(args: object, use: Use) -> object:
    found = as_list(args)
    if len(found) != 2:
        raise Wrong(f"takes a mapping and its replacements, not {len(found)} arguments")
    source, changes = (_mapping(item, index) for index, item in enumerate(found))
    for key in changes:
        if key not in ("keys", "values"):
            raise Wrong(f'replaces keys and values, not "{key}"', 1, key)
    keys = _mapping(changes.get("keys"), 1, "keys")
    values = _mapping(changes.get("values"), 1, "values")
    use.makes(_PLACE_WEIGHT * len(source))
    replaced: dict[str, object] = {}
    for name, value in source.items():
        key = _new_key(name, keys, source, replaced)
        replaced[key] = value if isinstance(value, list | dict) else _new_value(value, values)
    return replaced


def _mapping(value: object, *steps: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Wrong(f"takes a mapping here, not {words(value)}", *steps)
    return value


def _new_key(
    name: str, keys: dict[str, object], source: dict[str, object], replaced: dict[str, object]
) -> str:
    key = keys.get(name)
    if key is None:
        return name
    if isinstance(key, list | dict):
        raise Wrong(f"takes a word as a new key, not {words(key)}", 1, "keys", name)
    # A number or a truth becomes a key as JSON would write it.
    key = key if isinstance(key, str) else json.dumps(key)
    if (key in source and key != name) or key in replaced:
        raise Wrong(f'would have the key "{key}" twice', 1, "keys", name)
    return key


def _new_value(value: object, values: dict[str, object]) -> object:
    # Keys of a mapping are text, so only text is found there.
    return values.get(value, value) if isinstance(value, str) else value


def _members_check(args: object) -> None:
    names = parts(args, 3)[:2]
    for index, name in enumerate(names):
        if not isinstance(name, str):
            raise Wrong(f"takes a name here, not {words(name)}", index)


_MEMBER = re.compile(r"\.member\.([0-9]+)\.(.*)")


def _members(args: object, use: Use) -> object:
    key, value, entries = parts(args, 3)
    if isinstance(entries, dict):
        entries = list(entries)
    if not isinstance(entries, list | str):
        raise Wrong(f"takes a list of members, not {words(entries)}", 2)
    members: dict[int, dict[str, str]] = {}
    for entry in entries:
        if not isinstance(entry, str) or "=" not in entry:
            raise Wrong('takes members of the form ".member.1.Name=value"', 2)
        use.makes(len(entry))
        name, text = entry.split("=", 1)
        if (match := _MEMBER.match(name)) and len(match[1]) < _MOST_DIGITS:
            members.setdefault(int(match[1]), {})[match[2]] = text
    found = [members[index] for index in sorted(members)]
    return {m[str(key)]: m[str(value)] for m in found if key in m and value in m}


_MOST_DIGITS = 19
"""A member's number fits a machine word."""

FUNCTIONS: dict[str, Function] = {
    "Fn::Select": Function(
        name="Fn::Select",
        form="[index or key, list or mapping]",
        purpose="One item of a list or a mapping; empty text where there is none.",
        example=Example('"Fn::Select": [1, [a, b]]', "b"),
        check=_select_check,
        work=_select,
        mixed=True,
    ),
    "list_concat": Function(
        name="list_concat",
        form="[list, list, ...]",
        purpose="Lists, one after the other.",
        example=Example("list_concat: [[a, b], [b, c]]", ["a", "b", "b", "c"]),
        work=_concat,
        mixed=True,
    ),
    "list_concat_unique": Function(
        name="list_concat_unique",
        form="[list, list, ...]",
        purpose="Lists, one after the other, each value once.",
        example=Example("list_concat_unique: [[a, b], [b, c]]", ["a", "b", "c"]),
        work=_concat_unique,
        mixed=True,
    ),
    "filter": Function(
        name="filter",
        form="[values to leave out, list]",
        purpose="A list without some values.",
        example=Example("filter: [[null, b], [a, b, null, c]]", ["a", "c"]),
        check=_filter_check,
        work=_filter,
    ),
    "contains": Function(
        name="contains",
        form="[value, list or text]",
        purpose="Whether a value is in a list, or a text within another.",
        example=Example("contains: [b, [a, b]]", result=True),
        check=_contains_check,
        work=_contains,
        mixed=True,
    ),
    "map_merge": Function(
        name="map_merge",
        form="[mapping, mapping, ...]",
        purpose="Mappings as one; a later value wins.",
        example=Example("map_merge: [{a: 1, b: 2}, {b: 3}]", {"a": 1, "b": 3}),
        work=_merge,
        mixed=True,
    ),
    "map_replace": Function(
        name="map_replace",
        form="[mapping, {keys: {old: new, ...}, values: {old: new, ...}}]",
        purpose="A mapping with some of its keys and values replaced.",
        example=Example("map_replace: [{a: x, b: y}, {keys: {a: c}, values: {y: z}}]", {"c": "x", "b": "z"}),
        work=_map_replace,
    ),
    "Fn::MemberListToMap": Function(
        name="Fn::MemberListToMap",
        form="[name of the key, name of the value, [member, ...]]",
        purpose="A mapping from the way the EC2 interface writes one.",
        example=Example(
            '"Fn::MemberListToMap": [Name, Value, [.member.0.Name=size, .member.0.Value=big]]',
            {"size": "big"},
        ),
        check=_members_check,
        work=_members,
    ),
}
