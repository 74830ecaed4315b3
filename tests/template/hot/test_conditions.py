"""Conditions: what Heat says of theirs, their names, and what may not stand in one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Worked = Callable[..., Any]

CASES = Path(__file__).parents[4] / "shared/cases/heat_functions.jsonl"
AROUND = {"conditions": {"yes": True, "no": False}, "parameters": {"stage": "live"}}


def _cases() -> Iterator[dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"the recorded cases are not at {CASES}")
    for line in CASES.read_text().splitlines():
        case = json.loads(line)
        if case["kind"] == "condition":
            yield case


def test_conditions_hold_where_heat_says(worked: Worked) -> None:
    compared = 0
    for case in _cases():
        template = case["template"]
        version = next(str(value) for key, value in template.items() if "ersion" in key)
        defaults = {name: p.get("Default") for name, p in template.get("Parameters", {}).items()}
        parameters = {**defaults, **case["params"]}
        answer = worked(case["snippet"], version, condition=True, parameters=parameters)
        assert bool(answer.faults) == ("error" in case), case["snippet"]
        if "error" not in case:
            assert answer.value == case["result"], case["snippet"]
        compared += 1
    assert compared > 10


HOLDS = [
    ({"equals": [{"get_param": "stage"}, "live"]}, True),
    ({"equals": ["1", 1]}, False),
    ({"equals": [1, 1.0]}, True),
    ({"not": "yes"}, False),
    ({"not": {"not": "yes"}}, True),
    ({"and": ["yes", True, {"not": "no"}]}, True),
    ({"and": ["yes", "no"]}, False),
    ({"or": ["no", False]}, False),
    ({"or": ["no", {"equals": [1, 1]}]}, True),
    ({"contains": ["a", ["a", "b"]]}, True),
    ({"yaql": {"expression": "$.data.len() > 1", "data": [1, 2]}}, True),
    # Nothing at all counts as holding, and what is settled already is not looked at further.
    ({"and": [None, "yes"]}, True),
    ({"or": ["yes", "nowhere"]}, True),
]


@pytest.mark.parametrize(("data", "holds"), HOLDS)
def test_a_condition_holds(data: object, holds: bool, worked: Worked) -> None:
    answer = worked(data, condition=True, **AROUND)
    assert not answer.faults
    assert answer.value is holds


REFUSED = [
    ({"get_resource": "web"}, "bad-arguments"),
    ({"if": ["yes", True, False]}, "bad-arguments"),
    ({"not": None}, "bad-arguments"),
    ({"and": ["yes"]}, "bad-arguments"),
    ({"or": "yes"}, "bad-arguments"),
    ({"and": ["yes", "yess"]}, "unknown-condition"),
    ({"not": ["yes"]}, "unknown-condition"),
    ({"not": 5}, "unknown-condition"),
]


@pytest.mark.parametrize(("data", "code"), REFUSED)
def test_what_is_no_condition_is_refused(data: object, code: str, worked: Worked) -> None:
    assert worked(data, condition=True, **AROUND).codes == [code]


def test_contains_and_yaql_are_younger_than_conditions(worked: Worked) -> None:
    for data in ({"contains": ["a", ["a"]]}, {"yaql": {"expression": "true"}}):
        assert not worked(data, "2017-09-01", condition=True).faults
    # Before, `contains` is no word at all, and `yaql` one that has no place here.
    assert worked({"yaql": {"expression": "true"}}, "2017-02-24", condition=True).codes == ["bad-arguments"]


def test_a_word_that_was_taken_away_is_told_to_be_gone(worked: Worked) -> None:
    old = {"Fn::Join": ["", ["ab"]]}
    assert worked({"equals": [old, "ab"]}, condition=True).codes == ["unknown-function"]


def test_if_takes_a_condition_outright(worked: Worked) -> None:
    data = {"if": [{"equals": [{"get_param": "stage"}, "live"]}, "a", "b"]}
    assert worked(data, **AROUND).value == "a"
    assert worked({"if": [{"not": "yes"}, "a", "b"]}, **AROUND).value == "b"
    assert worked({"if": [None, "a", "b"]}, **AROUND).value == "a"
    assert worked({"if": [7, "a", "b"]}, **AROUND).codes == ["unknown-condition"]


def test_cloudformation_has_its_own_words(worked: Worked) -> None:
    data = {"Fn::If": [{"Fn::Not": ["no"]}, {"Ref": "stage"}, "b"]}
    assert worked(data, "2010-09-09", **AROUND).value == "live"
    assert worked({"Fn::Not": "no"}, "2010-09-09", condition=True, **AROUND).codes == ["bad-arguments"]
