"""Text to nodes: scalars of YAML 1.2, places, bounds."""

from __future__ import annotations

import math

import pytest

from longshore.template import document
from longshore.template.findings import Findings
from longshore.template.nodes import Map, Mark, Seq, remade, value_of

SCALARS = {
    "yes": "yes",
    "no": "no",
    "on": "on",
    "Off": "Off",
    "true": True,
    "False": False,
    "null": None,
    "~": None,
    "": None,
    "12": 12,
    "-3": -3,
    "0x1F": 31,
    "0o17": 15,
    "017": 15,
    "089": 89,
    "0b11": 3,
    "1_000": 1000,
    "1.10": 1.1,
    "1e3": 1000.0,
    ".5": 0.5,
    ".inf": math.inf,
    "12:30": "12:30",
    "22:22": "22:22",
    "2001-01-01": "2001-01-01",
    "1.2.3": "1.2.3",
    "0x": "0x",
    "-": [None],
    "'12'": "12",
    '"true"': "true",
    "!!str 12": "12",
    "!!int '12'": 12,
    "1" * 100: "1" * 100,
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items(), ids=map(repr, SCALARS))
def test_scalar(text: str, value: object) -> None:
    findings = Findings()
    [root] = document.parse(f"a: {text}" if text != "-" else "a:\n-", "f", findings)
    assert value_of(root) == {"a": value}
    assert findings.clean


def test_places_count_from_one_in_characters() -> None:
    [root] = document.parse("\ufeff# ä\nö: ü\nlist:\n  - é: x\n    b: y\n", "f", Findings())
    assert isinstance(root, Map)
    assert root.at("ö") == Mark("f", 2, 1)
    assert root.place("ö") == Mark("f", 2, 4)
    items = root.items["list"]
    assert isinstance(items, Seq)
    entry = items.items[0]
    assert isinstance(entry, Map)
    assert entry.at("b") == Mark("f", 5, 5)


def test_like_mappings_share_a_layout_and_keep_their_places() -> None:
    text = "".join(f"{name}:\n  a: 1\n  b:\n    - 2\n" for name in ("first", "second"))
    [root] = document.parse(text, "f", Findings())
    assert isinstance(root, Map)
    first, second = root.get("first"), root.get("second")
    assert isinstance(first, Map)
    assert isinstance(second, Map)
    assert second.keyed is first.keyed
    assert (first.at("b"), second.at("b")) == (Mark("f", 3, 3), Mark("f", 7, 3))
    other = remade(second, {"c": second.items["a"], "b": first.items["b"]})
    assert other.at("b") == Mark("f", 7, 3)
    # What was not written as a key lies where its value does, and else where the mapping does.
    assert other.at("c") == Mark("f", 6, 6)
    assert other.at("d") == Mark("f", 6, 3)
    assert dict(second.marks) == {"a": Mark("f", 6, 3), "b": Mark("f", 7, 3)}


def test_what_is_merged_in_keeps_its_places() -> None:
    [root] = document.parse("x: &x\n  a: 1\ny:\n  b: 2\n  <<: *x\n", "f", Findings())
    assert isinstance(root, Map)
    merged = root.get("y")
    assert isinstance(merged, Map)
    assert (merged.at("a"), merged.at("b")) == (Mark("f", 2, 3), Mark("f", 4, 3))


def test_a_mapping_with_its_own_values_is_not_made_anew() -> None:
    [root] = document.parse("a: 1\nb: 2\n", "f", Findings())
    assert isinstance(root, Map)
    assert remade(root, dict(root.items)) is root
    assert remade(root, {"a": root.items["a"]}) is not root


def test_several_documents_are_several_layers() -> None:
    roots = document.parse("a: 1\n---\na: 2\n", "f", Findings())
    assert [value_of(r) for r in roots] == [{"a": 1}, {"a": 2}]


def test_own_keys_win_over_merged_ones_and_earlier_merged_over_later() -> None:
    text = "x: &x {a: x, b: x, c: x}\ny: &y {b: y, c: y, d: y}\nz: {c: z, <<: [*x, *y]}"
    [root] = document.parse(text, "f", Findings())
    assert isinstance(root, Map)
    assert value_of(root.items["z"]) == {"c": "z", "a": "x", "b": "x", "d": "y"}


def test_a_quoted_merge_key_is_a_key() -> None:
    [root] = document.parse("'<<': 1", "f", Findings())
    assert value_of(root) == {"<<": 1}
