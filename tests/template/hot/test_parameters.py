"""Parameters: declarations, values, constraints; and what Heat says of the same."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from longshore.model.template import Reading
from longshore.template.findings import At, Findings
from longshore.template.hot import kinds, parameters, patterns, versions
from longshore.template.hot.parameters import Given
from longshore.template.nodes import Map, Mark, Node, Scalar, Seq

Stacked = Callable[..., Reading]

CASES = Path(__file__).parents[4] / "shared/cases/heat_functions.jsonl"

HEAD = "heat_template_version: 2018-08-31\n"

DECLARED = {
    "no type": ("{}", "missing-key"),
    "no such type": ("{type: text}", "bad-value"),
    "a type of the other format": ("{type: String}", "bad-value"),
    "no mapping": ("web", "wrong-type"),
    "no such key": ("{type: string, defualt: a}", "unknown-key"),
    "tags that are no list": ("{type: string, tags: a}", "wrong-type"),
    "constraints that are no list": ("{type: string, constraints: {}}", "wrong-type"),
    "a constraint that is none": ("{type: string, constraints: [a]}", "wrong-type"),
    "a constraint that says nothing": ("{type: string, constraints: [{description: a}]}", "missing-key"),
    "no such constraint": ("{type: string, constraints: [{lenght: {min: 1}}]}", "unknown-key"),
    "a range without bounds": ("{type: number, constraints: [{range: {}}]}", "missing-key"),
    "a bound that is no number": ("{type: number, constraints: [{range: {min: a}}]}", "wrong-type"),
    "a bound of no such name": ("{type: number, constraints: [{range: {least: 1}}]}", "unknown-key"),
    "half a length": ("{type: string, constraints: [{length: {min: 1.5}}]}", "bad-value"),
    "a modulo without offset": ("{type: number, constraints: [{modulo: {step: 2}}]}", "bad-value"),
    "a step of nothing": ("{type: number, constraints: [{modulo: {step: 0, offset: 0}}]}", "bad-value"),
    "an offset too large": ("{type: number, constraints: [{modulo: {step: 2, offset: 2}}]}", "bad-value"),
    "signs that differ": ("{type: number, constraints: [{modulo: {step: 2, offset: -1}}]}", "bad-value"),
    "allowed values that are no list": ("{type: string, constraints: [{allowed_values: a}]}", "wrong-type"),
    "a pattern that is no text": ("{type: string, constraints: [{allowed_pattern: 3}]}", "wrong-type"),
    "a pattern that cannot be read": ("{type: string, constraints: [{allowed_pattern: '['}]}", "bad-value"),
    "a range for text": ("{type: string, constraints: [{range: {min: 1}}]}", "bad-value"),
    "a default that is too long": (
        "{type: string, default: abc, constraints: [{length: {max: 2}}]}",
        "bad-parameter",
    ),
    "a default that is no number": ("{type: number, default: many}", "bad-parameter"),
    "a default that is no list": ("{type: comma_delimited_list, default: 3}", "bad-parameter"),
    "a default that is no JSON": ("{type: json, default: '{'}", "bad-parameter"),
}


@pytest.mark.parametrize(("schema", "code"), DECLARED.values(), ids=DECLARED)
def test_a_wrong_declaration_is_told_once(stacked: Stacked, schema: str, code: str) -> None:
    reading = stacked(
        f"heat_template_version: 2018-08-31\nparameters:\n  p: {schema}\n", parameters={"p": None}
    )
    [fault] = [f for f in reading.faults if f.code != "missing-parameter"]
    assert (fault.code, fault.line) == (code, 3)
    assert fault.path.startswith("parameters")


VALUES = {
    "text": ("string", "abc", "abc"),
    "a number as text": ("string", 3, "3"),
    "a number": ("number", "3", 3),
    "a fraction": ("number", "1.5", 1.5),
    "no number": ("number", "many", None),
    "a word for true": ("boolean", " Yes ", True),
    "a word for false": ("boolean", "off", False),
    "no word for either": ("boolean", "maybe", None),
    "words between commas": ("comma_delimited_list", "a,,b", ["a", "", "b"]),
    "a list": ("comma_delimited_list", [1, "b"], ["1", "b"]),
    "an empty list": ("comma_delimited_list", "", []),
    "no list": ("comma_delimited_list", 3, None),
    "JSON": ("json", '{"a": [1]}', {"a": [1]}),
    "JSON as it is": ("json", [1, {"a": 2}], [1, {"a": 2}]),
    "no JSON": ("json", "{a", None),
}


@pytest.mark.parametrize(("kind", "given", "value"), VALUES.values(), ids=VALUES)
def test_a_value_becomes_what_the_parameter_holds(
    stacked: Stacked, kind: str, given: object, value: object
) -> None:
    text = f"heat_template_version: 2018-08-31\nparameters:\n  p: {{type: {kind}}}\n"
    reading = stacked(text, parameters={"p": given})
    if value is None:
        assert [f.code for f in reading.faults] == ["bad-parameter"]
    else:
        assert reading.outline is not None
        assert reading.outline["parameters"]["p"]["value"] == value  # type: ignore[index]


def test_unknown_and_missing_names_come_with_the_candidates(stacked: Stacked) -> None:
    text = "heat_template_version: 2018-08-31\nparameters:\n  image: {type: string}\n  size: {type: number}\n"
    faults = stacked(text, parameters={"imgae": "cirros"}).faults
    assert [f.code for f in faults] == ["unknown-parameter", "missing-parameter", "missing-parameter"]
    assert "image, size" in faults[0].message
    assert "image" in faults[0].hint
    assert [f.line for f in faults[1:]] == [3, 4]


def test_what_is_missing_is_told_once_however_often_it_is_used(stacked: Stacked) -> None:
    text = """heat_template_version: 2018-08-31
parameters: {name: {type: string}}
resources:
  a: {type: OS::Heat::Value, properties: {value: {list_join: ['', [{get_param: name}]]}}}
  b: {type: OS::Heat::Value, properties: {value: {get_param: name}}}
"""
    assert [f.code for f in stacked(text).faults] == ["missing-parameter"]


def test_a_hidden_value_is_not_told(stacked: Stacked) -> None:
    text = """heat_template_version: 2018-08-31
parameters:
  secret: {type: string, hidden: true, constraints: [{length: {min: 20}}]}
"""
    [fault] = stacked(text, parameters={"secret": "hunter2"}).faults
    assert fault.code == "bad-parameter"
    assert "hunter2" not in fault.message
    reading = stacked(text, parameters={"secret": "hunter2hunter2hunter2"})
    assert "hunter2" not in json.dumps(reading.outline)


GROUPS = {
    "no list": ("{}", ["wrong-type"]),
    "no list of parameters": ("[{label: a}]", ["missing-key"]),
    "no such parameter": ("[{parameters: [q]}]", ["unknown-parameter"]),
    "in two groups": ("[{parameters: [p]}, {parameters: [p]}]", ["duplicate-key"]),
    "right": ("[{label: a, parameters: [p]}]", []),
}


@pytest.mark.parametrize(("groups", "codes"), GROUPS.values(), ids=GROUPS)
def test_groups(stacked: Stacked, groups: str, codes: list[str]) -> None:
    groups = groups.replace("{}", "{a: b}")
    text = f"{HEAD}parameter_groups: {groups}\nparameters: {{p: {{type: string, default: a}}}}\n"
    assert [f.code for f in stacked(text).faults] == codes


COSTLY = {
    r"[a-z]+": False,
    r"^([a-z0-9]+\.)+[a-z]{2,}$": False,
    r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,}": False,
    r"(([0-9]{1,3}\.){3}[0-9]{1,3},?)+": False,
    r"(a+)+$": True,
    r"(x+x+)+y": True,
    r"(a|aa)+$": True,
    r"(.*)*b": True,
}


@pytest.mark.parametrize(("pattern", "costly"), COSTLY.items())
def test_patterns_that_may_take_for_ever_are_known(pattern: str, costly: bool) -> None:
    assert patterns.too_costly(pattern, 100) is costly


def test_a_pattern_that_takes_for_ever_is_not_tried(stacked: Stacked) -> None:
    text = HEAD + "parameters: {p: {type: string, constraints: [{allowed_pattern: '(a+)+$'}]}}\n"
    started = time.process_time()
    [fault] = stacked(text, parameters={"p": "a" * 60 + "!"}).faults
    assert fault.code == "bad-parameter"
    assert time.process_time() - started < 1


def _node(data: object) -> Node:
    mark = Mark("f", 1, 1)
    if isinstance(data, dict):
        return Map({k: _node(v) for k, v in data.items()}, {}, mark)
    if isinstance(data, list):
        return Seq(tuple(map(_node, data)), mark)
    assert isinstance(data, str | int | float | bool | None)
    return Scalar(str(data), data, mark)


def test_values_and_errors_agree_with_heat() -> None:
    if not CASES.exists():
        pytest.skip(f"the recorded cases are not at {CASES}")
    compared, wrong = 0, []
    for line in CASES.read_text().splitlines():
        case = json.loads(line)
        if case["kind"] != "parameter" or not case["validate_value"] or "__object__" in line:
            continue
        compared += 1
        findings = Findings()
        version = versions.find("HeatTemplateFormatVersion", "2012-12-12")
        assert version is not None
        section = _node({case["name"]: case["schema"]})
        at = At(findings)
        declared = parameters.read(section, version, at)
        given = {case["name"]: Given(case["value"])}
        values = parameters.values(section, declared, given, {}, at)
        if "error" in case:
            if findings.clean:
                wrong.append(f"should be refused: {line}")
            continue
        value = values[case["name"]]
        parameter = declared[case["name"]]
        shown = "******" if parameter.hidden else kinds.shown(value, parameter.kind)
        if not findings.clean or (value, shown) != (case["result"], case["str"]):
            wrong.append(f"{value!r} {shown} {findings.faults()} / {line}")
    assert wrong == []
    assert compared >= 50
