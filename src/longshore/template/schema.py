"""Tables of keys, and the checks they are made of.

A check takes a node, says what is wrong with it, and gives its long form (`None` where nothing
can be kept). A table is a mapping of keys to rows; a row checks its key, or says why it is
refused, or why it may be left aside. So each key of a language is one row, and a text has no key
that is ignored in silence.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable

import msgspec

from longshore.template import quantity
from longshore.template.findings import At
from longshore.template.nodes import (
    Data,
    Map,
    Node,
    Scalar,
    Seq,
    is_nothing,
    kind_of,
    nothing,
    remade,
    scalar,
)

Check = Callable[[Node, At], Node | None]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a table: how it is checked, and what becomes of it when it is run.

    `refused`: Longshore cannot keep it, with what to do instead; a plan is refused. `idle`: it may be
    left aside, with why that changes nothing. `differs`: it runs, but not quite as elsewhere, with how.
    At most one of the three is said; with none of them the key runs as the language says.
    """

    check: Check
    refused: str = ""
    idle: str = ""
    differs: str = ""


Table = dict[str, Row]


def does(check: Check, differs: str = "") -> Row:
    """A row for a key that Longshore does; `differs` says how, where that is not as elsewhere."""
    return Row(check=check, differs=differs)


def refuses(check: Check, remedy: str = "remove it") -> Row:
    """A row for a key of the language that Longshore cannot keep: read, checked, refused by a plan."""
    return Row(check=check, refused=remedy)


def idles(check: Check, why: str) -> Row:
    """A row for a key that changes nothing here."""
    return Row(check=check, idle=why)


def table(
    rows: Table,
    *,
    required: tuple[str, ...] = (),
    null: bool = False,
    extensible: bool = True,
    closed: bool = True,
) -> Check:
    """A mapping with known keys.

    `null`: nothing stands for an empty one. `extensible`: keys that begin with `x-` are anybody's.
    `closed`: a key that is not known is a fault; otherwise the language overlooks it.
    """

    def check(node: Node, at: At) -> Node | None:
        if null and is_nothing(node):
            return Map({}, (), node.mark)
        if not isinstance(node, Map):
            wrong_type(node, at, "a mapping")
            return None
        for key in required:
            if key not in node.items:
                at.fault("missing-key", node.mark, f'"{key}" has to be given', f"add {key}: …")
        found: dict[str, Node] = {}
        for key, value in node.items.items():
            row = rows.get(key)
            if row is not None:
                kept = _keyed(row, key, node, value, at)
            elif extensible and key.startswith("x-"):
                kept = value
            else:
                kept = None
                words = f'there is no key "{key}" here'
                say = at.key(key).fault if closed else at.key(key).warn
                say("unknown-key", node.at(key), words, at.near(key, rows))
            # What was wrong leaves an empty place, so that nobody misses the key as well.
            found[key] = nothing(value.mark) if kept is None else kept
        return remade(node, found)

    return check


def _keyed(row: Row, key: str, node: Map, value: Node, at: At) -> Node | None:
    here = at.key(key)
    kept = row.check(value, here)
    if row.idle:
        here.warn("idle-key", node.at(key), f'"{key}" changes nothing here: {row.idle}', "remove it")
    elif row.refused and kept is not None and not _asks_nothing(kept):
        here.refuse("unsupported-key", node.at(key), f'"{key}" is not done by Longshore yet', row.refused)
    return kept


def _asks_nothing(node: Node) -> bool:
    """Whether a value is what there would be without it: no list, no entry, false, nought."""
    return not node.data if isinstance(node, Scalar) else not node.items


def named(check: Check, pattern: str = r"[A-Za-z0-9._-]+", *, strict: bool = True) -> Check:
    """A mapping of names the user chooses to values of one kind.

    `strict`: a name that does not fit the pattern is a fault; otherwise it is left as it is.
    """
    good = re.compile(pattern)

    def each(node: Node, at: At) -> Node | None:
        if not isinstance(node, Map):
            wrong_type(node, at, "a mapping of names")
            return None
        found: dict[str, Node] = {}
        for key, value in node.items.items():
            here = at.key(key)
            if good.fullmatch(key):
                kept = check(value, here)
                found[key] = nothing(value.mark) if kept is None else kept
            elif not strict:
                found[key] = value
            elif not key.startswith("x-"):
                words = f'"{key[:80]}" cannot be a name: letters, digits, ".", "_" and "-" can'
                here.fault("bad-value", node.at(key), words)
        return remade(node, found)

    return each


def listed(check: Check, *, single: bool = False, distinct: bool = False) -> Check:
    """A list of values of one kind.

    `single`: one value may stand alone. `distinct`: no value may stand in it twice.
    """

    def each(node: Node, at: At) -> Node | None:
        if single and not isinstance(node, Seq):
            kept = check(node, at)
            return None if kept is None else Seq((kept,), node.mark)
        if not isinstance(node, Seq):
            wrong_type(node, at, "a list")
            return None
        if distinct:
            _twice(node, at)
        kept_items = [check(item, at.item(i)) for i, item in enumerate(node.items)]
        if all(map(operator.is_, kept_items, node.items)):
            return node
        return Seq(tuple([item for item in kept_items if item is not None]), node.mark)

    return each


def distinct(check: Check) -> Check:
    """What `check` takes, but a list may have no value twice."""

    def once(node: Node, at: At) -> Node | None:
        if isinstance(node, Seq):
            _twice(node, at)
        return check(node, at)

    return once


def _twice(node: Seq, at: At) -> None:
    seen: dict[tuple[type, object], int] = {}
    for i, item in enumerate(node.items):
        if not isinstance(item, Scalar):
            continue
        key = (type(item.data), item.data)
        if key in seen:
            words = f'"{item.text[:80]}" stands in this list twice, first in line {seen[key]}'
            at.item(i).fault("duplicate-item", item.mark, words, "keep one of the two")
        seen.setdefault(key, item.mark.line)


def optional(check: Check) -> Check:
    """A value that may also be nothing, which is kept."""

    def either(node: Node, at: At) -> Node | None:
        return node if is_nothing(node) else check(node, at)

    return either


def text(node: Node, at: At) -> Node | None:
    """A string. Numbers are not taken for strings: `1.10` would have become `1.1`."""
    if isinstance(node, Scalar) and isinstance(node.data, str):
        return node
    hint = ""
    if isinstance(node, Scalar) and node.data is not None:
        hint = f'put it in quotes: "{node.text}"'
    wrong_type(node, at, "a string", hint)
    return None


def word(node: Node, at: At) -> Node | None:
    """A string or a number; a number becomes text."""
    if isinstance(node, Scalar) and node.data is not None and not isinstance(node.data, bool):
        return Scalar(quantity.number_text(node.data), quantity.number_text(node.data), node.mark)
    wrong_type(node, at, "a string or a number")
    return None


def anything(node: Node, _at: At) -> Node | None:
    """Whatever it is."""
    return node


def fitting(pattern: str, expected: str) -> Check:
    """A string in which a pattern is found."""
    good = re.compile(pattern)

    def check(node: Node, at: At) -> Node | None:
        kept = text(node, at)
        if not isinstance(kept, Scalar) or good.search(kept.text):
            return kept
        at.fault("bad-value", node.mark, f'"{kept.text[:80]}" cannot stand here', f"write {expected}")
        return None

    return check


def choice(*words: str) -> Check:
    """One of a few words."""

    def check(node: Node, at: At) -> Node | None:
        kept = text(node, at)
        if not isinstance(kept, Scalar) or kept.text in words:
            return kept
        message = f'"{kept.text[:80]}" is none of {", ".join(words)}'
        at.fault("bad-value", node.mark, message, at.near(kept.text, words))
        return None

    return check


_TRUE = {"true", "yes", "y", "on", "t", "1"}
_FALSE = {"false", "no", "n", "off", "f", "0"}


def flag(node: Node, at: At) -> Node | None:
    """True or false, never as text."""
    if isinstance(node, Scalar) and isinstance(node.data, bool):
        return node
    wrong_type(node, at, "true or false")
    return None


def truth(node: Node, at: At) -> Node | None:
    """True or false; the words of YAML 1.1 are taken with a warning."""
    if isinstance(node, Scalar) and isinstance(node.data, bool):
        return node
    said = node.text.lower() if isinstance(node, Scalar) and isinstance(node.data, str) else ""
    if not isinstance(node, Scalar) or said not in _TRUE | _FALSE:
        wrong_type(node, at, "true or false")
        return None
    value = said in _TRUE
    if said not in {"true", "false"}:
        words = f'"{node.text}" was read as {str(value).lower()}'
        at.warn("old-boolean", node.mark, words, f"write {str(value).lower()}")
    return scalar(value, node.mark)


_INT64 = 2**63 - 1


def plain(check: Check) -> Check:
    """A number that `check` takes, never as text."""

    def only(node: Node, at: At) -> Node | None:
        if isinstance(node, Scalar) and isinstance(node.data, str):
            wrong_type(node, at, "a number")
            return None
        return check(node, at)

    return only


def whole(low: int = -_INT64, high: int = _INT64, *, cut: bool = False) -> Check:
    """A whole number within bounds; text that is one will do, since variables give text.

    `cut`: of a number that is not whole, what stands behind the point is dropped.
    """

    def check(node: Node, at: At) -> Node | None:
        value = _number(node, _WHOLE)
        if value is None or (value != int(value) and not cut):
            wrong_type(node, at, "a whole number")
            return None
        if low <= value <= high:
            return _made(int(value), node)
        words = f"{int(value)} is not between {low} and {high}"
        at.fault("bad-value", node.mark, words)
        return None

    return check


def number(low: float = -1e18, high: float = 1e18) -> Check:
    """A number within bounds; text that is one will do."""

    def check(node: Node, at: At) -> Node | None:
        value = _number(node, _DECIMAL)
        if value is None:
            wrong_type(node, at, "a number")
            return None
        if low <= value <= high:
            return _made(int(value) if value == int(value) else value, node)
        at.fault("bad-value", node.mark, f"{value:g} is not between {low:g} and {high:g}")
        return None

    return check


def duration(node: Node, at: At) -> Node | None:
    """A duration such as `90s`; the long form is as Go prints it, `1m30s`."""
    hint = ""
    if isinstance(node, Scalar) and isinstance(node.data, int) and not isinstance(node.data, bool):
        hint = f'write "{node.data}s"'
    if not isinstance(node, Scalar) or not isinstance(node.data, str):
        wrong_type(node, at, "a duration such as 1m30s", hint)
        return None
    value = quantity.duration(node.text)
    if value is not None:
        return _made(quantity.duration_text(value), node)
    unit = f"{node.text}s" if node.text.isdigit() else "30s, 1m30s or 500ms"
    at.fault("bad-value", node.mark, f'"{node.text[:40]}" is no duration', f"write {unit}")
    return None


def size(node: Node, at: At) -> Node | None:
    """Bytes such as `512m`, or as a number; below nought means none."""
    if not isinstance(node, Scalar) or node.data is None or isinstance(node.data, bool):
        wrong_type(node, at, "a size such as 512m")
        return None
    value: int | None = None
    if isinstance(node.data, str):
        value = quantity.size(node.data)
    elif math.isfinite(node.data):
        value = int(node.data)
    if value is not None and abs(value) < 2**62:
        return _made(value, node)
    at.fault("bad-value", node.mark, f'"{node.text[:40]}" is no size', "write 512m or 1.5g")
    return None


def whole_size(node: Node, at: At) -> Node | None:
    """Bytes such as `512m`, or as a whole number."""
    if isinstance(node, Scalar) and isinstance(node.data, float) and not node.data.is_integer():
        wrong_type(node, at, "a size such as 512m")
        return None
    return size(node, at)


def size_text(node: Node, at: At) -> Node | None:
    """Bytes as text, such as `512m`; a bare number is refused by the language here."""
    return None if text(node, at) is None else size(node, at)


def _made(data: Data, node: Node) -> Node:
    """A value that was worked out; the node itself where it says the same."""
    if isinstance(node, Scalar) and type(node.data) is type(data) and node.data == data:
        return node
    return scalar(data, node.mark)


def wrong_type(node: Node, at: At, expected: str, hint: str = "") -> None:
    """Say that a value has the wrong type."""
    at.fault("wrong-type", node.mark, f"expected {expected}, got {_got(node)}", hint)


def unsupported(node: Node, at: At, message: str, hint: str) -> None:
    """Say that a value is right, but not done yet."""
    at.refuse("unsupported-value", node.mark, message, hint)


def quoted(words: Iterable[str]) -> str:
    """`"a", "b" and "c"`."""
    found = [f'"{w}"' for w in words]
    return " and ".join(filter(None, (", ".join(found[:-1]), *found[-1:])))


def _got(node: Node) -> str:
    shown = kind_of(node)
    if isinstance(node, Scalar) and node.data is not None:
        shown += f" ({node.text[:40]})" if len(node.text) <= 40 else f" ({node.text[:40]}…)"
    return shown


_WHOLE = re.compile(r"[-+]?\d{1,19}")
_DECIMAL = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")


def _number(node: Node, form: re.Pattern[str]) -> float | None:
    if not isinstance(node, Scalar) or isinstance(node.data, bool) or node.data is None:
        return None
    if isinstance(node.data, str):
        # Plain octal and hexadecimal are resolved already; text is read as decimal.
        if not form.fullmatch(node.data):
            return None
        value: float = int(node.data) if form is _WHOLE else float(node.data)
    else:
        value = node.data
    return value if math.isfinite(value) else None
