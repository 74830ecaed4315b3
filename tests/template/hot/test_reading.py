"""Whole templates: sections, definitions, references, rings, outputs, what is told of them; and bounds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from longshore.model.template import Reading
from longshore.template.hot import limits
from longshore.template.hot.rings import rings

Stacked = Callable[..., Reading]

H = "heat_template_version: 2018-08-31\n"
A = "resources:\n  a: {type: OS::Heat::Value, properties: {value: x}}\n"

WHOLE = {
    "right": (H + A, []),
    "no version": ("resources: {}\n", ["unknown-version"]),
    "a version that is not": ("heat_template_version: 2018-08-13\n", ["unknown-version"]),
    "a version that is no text": ("heat_template_version: 2018\n", ["unknown-version"]),
    "two versions": (H + "HeatTemplateFormatVersion: '2012-12-12'\n", ["conflict"]),
    "a section of a later version": (
        "heat_template_version: 2013-05-23\nconditions: {}\n",
        ["unknown-section"],
    ),
    "two documents": (H + "---\n" + H, ["conflict"]),
    "resources that are a list": (H + "resources: [a]\n", ["wrong-type"]),
    "no resources": (H + "resources:\n", []),
    "a resource that is text": (H + "resources: {a: OS::Heat::None}\n", ["wrong-type"]),
    "a resource without type": (H + "resources: {a: {properties: {}}}\n", ["missing-key"]),
    "a type that is a number": (H + "resources: {a: {type: 3}}\n", ["wrong-type"]),
    "a type that nobody knows": (H + "resources: {a: {type: OS::Nova::Sever}}\n", ["unknown-type"]),
    "a key that is not": (H + "resources: {a: {type: OS::Heat::None, propertys: {}}}\n", ["unknown-key"]),
    "a name that is a number": (H + "resources: {1: {type: OS::Heat::None}}\n", ["bad-key"]),
    "a name with a slash": (H + "resources: {a/b: {type: OS::Heat::None}}\n", ["bad-value"]),
    "properties that are nothing": (
        H + "resources: {a: {type: OS::Heat::None, properties: }}\n",
        ["wrong-type"],
    ),
    "a policy that is not": (
        H + "resources: {a: {type: OS::Heat::None, deletion_policy: keep}}\n",
        ["bad-value"],
    ),
    "no snapshot": (
        H + "resources: {a: {type: OS::Heat::Value, properties: {value: x}, deletion_policy: Snapshot}}\n",
        ["bad-value"],
    ),
    "waits for nobody": (H + "resources: {a: {type: OS::Heat::None, depends_on: b}}\n", ["unknown-resource"]),
    "waits for a number": (H + "resources: {a: {type: OS::Heat::None, depends_on: [3]}}\n", ["wrong-type"]),
    "waits for itself": (H + "resources: {a: {type: OS::Heat::None, depends_on: a}}\n", ["dependency-cycle"]),
    "others' and waits": (
        H + "resources: {a: {type: OS::Heat::None, external_id: x, depends_on: b},"
        " b: {type: OS::Heat::None}}\n",
        ["conflict"],
    ),
    "a parameter of that name": (H + A + "parameters: {a: {type: string, default: x}}\n", ["same-name"]),
    "a condition that is not": (
        H + "resources: {a: {type: OS::Heat::None, condition: never}}\n",
        ["unknown-condition"],
    ),
    "a condition that is text": (H + A + "conditions: {c: d}\n", ["wrong-type"]),
    "an output without value": (H + A + "outputs: {o: {description: x}}\n", ["missing-key"]),
    "an output that is text": (H + A + "outputs: {o: x}\n", ["wrong-type"]),
    "an attribute that is not": (
        H + A + "outputs: {o: {value: {get_attr: [a, valeu]}}}\n",
        ["unknown-attribute"],
    ),
    "an output of nobody": (H + A + "outputs: {o: {value: {get_attr: [b, value]}}}\n", ["unknown-resource"]),
    "the elder format": (
        "HeatTemplateFormatVersion: '2012-12-12'\nResources: {a: {Type: OS::Heat::None, Extra: 1}}\n",
        [],
    ),
    "small words in the elder format": (
        "HeatTemplateFormatVersion: '2012-12-12'\nResources: {a: {type: OS::Heat::None}}\n",
        ["missing-key"],
    ),
}


@pytest.mark.parametrize(("text", "codes"), WHOLE.values(), ids=WHOLE)
def test_templates(stacked: Stacked, text: str, codes: list[str]) -> None:
    assert [f.code for f in stacked(text).faults] == codes


def test_all_faults_come_at_once_with_their_places(stacked: Stacked) -> None:
    text = H + (
        "resources:\n"
        "  web:\n"
        "    type: OS::Nova::Server\n"
        "    properties:\n"
        "      imgae: cirros\n"
        "      flavor: small\n"
        "      networks: [{network: {get_resource: nett}}]\n"
        "  net: {type: OS::Neutron::Net, depends_on: wbe}\n"
    )
    found = {(f.code, f.line, f.column, f.path): f.hint for f in stacked(text).faults}
    assert found["unknown-property", 6, 7, "resources.web.properties.imgae"] == "image"
    assert found["unknown-resource", 8, 43, "resources.web.properties.networks[0].network.get_resource"]
    assert "web" in found["unknown-resource", 9, 45, "resources.net.depends_on"]


def test_a_ring_is_shown(stacked: Stacked) -> None:
    text = H + (
        "resources:\n"
        "  a: {type: OS::Heat::Value, properties: {value: {get_resource: b}}}\n"
        "  b: {type: OS::Heat::Value, properties: {value: {get_attr: [c, value]}}}\n"
        "  c: {type: OS::Heat::None, depends_on: [a, d]}\n"
        "  d: {type: OS::Heat::None}\n"
    )
    [fault] = stacked(text).faults
    assert fault.code == "dependency-cycle"
    assert "a -> b -> c -> a" in fault.message


def test_rings_of_every_knot() -> None:
    needs = {"a": ["b"], "b": ["a", "c"], "c": ["d"], "d": ["e", "c"], "e": [], "f": ["f"], "g": ["none"]}
    assert [sorted(ring) for ring in rings(needs)] == [["c", "d"], ["a", "b"], ["f"]]
    chain = {str(i): [str(i + 1)] for i in range(50_000)}
    assert rings(chain) == []
    assert len(rings({**chain, "50000": ["0"]})[0]) == 50_001


def test_what_is_told_of_a_template(stacked: Stacked) -> None:
    text = H + (
        "parameters: {size: {type: number, default: '2'}, word: {type: string, hidden: true, default: x}}\n"
        "conditions: {never: {equals: [1, 2]}}\n"
        "resources:\n"
        "  b: {type: OS::Heat::Value, depends_on: c, properties: {value: {get_attr: [a, value]}},"
        " metadata: {d: {get_resource: d}}}\n"
        "  a: {type: OS::Heat::Value, properties: {value: {get_param: size}}}\n"
        "  c: {type: OS::Heat::None, condition: never}\n"
        "  d: {type: OS::Heat::None}\n"
        "outputs: {o: {description: out, value: {list_join: ['-', [x, {get_param: word}]]}}}\n"
    )
    outline = stacked(text).outline
    assert outline is not None
    assert outline["version"] == "2018-08-31"
    assert outline["parameters"] == {
        "size": {"type": "number", "default": "2", "value": 2},
        "word": {"type": "string", "default": None, "hidden": True},
    }
    assert outline["resources"] == {
        "b": {
            "type": "OS::Heat::Value",
            "depends_on": ["a", "d"],
            "properties": {"value": None},
            "metadata": {"d": "d"},
        },
        "a": {"type": "OS::Heat::Value", "depends_on": [], "properties": {"value": 2}},
        "d": {"type": "OS::Heat::None", "depends_on": [], "properties": {}},
    }
    assert outline["outputs"] == {"o": {"description": "out", "value": "x-x"}}


CONDITIONS = {
    "in any order": ("{a: {not: b}, b: {equals: [1, 1]}}", "a", [], 0),
    "a ring": ("{a: {not: b}, b: {not: a}}", "a", ["dependency-cycle"], 0),
    "a ring nobody asks for": ("{a: {not: a}, b: true}", "b", [], 1),
    "one that is not": ("{a: {not: c}}", "a", ["unknown-condition"], 0),
}


@pytest.mark.parametrize(("conditions", "asked", "codes", "warned"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(stacked: Stacked, conditions: str, asked: str, codes: list[str], warned: int) -> None:
    text = f"{H}conditions: {conditions}\nresources: {{r: {{type: OS::Heat::None, condition: {asked}}}}}\n"
    reading = stacked(text)
    assert [f.code for f in reading.faults] == codes
    assert len(reading.warnings) == warned


SCALARS = {
    "on": True,
    "No": False,
    "010": 8,
    "0b11": 3,
    "0x1F": 31,
    "1_000": 1000,
    "12:30": 750,
    "-1:30.5": -90.5,
    "1e3": "1e3",
    "1.5e+3": 1500.0,
    "2001-01-01": "2001-01-01",
    "089": "089",
    "0o17": "0o17",
    "~": None,
    "!!str 010": "010",
    "'on'": "on",
    "!!timestamp 2001-01-01": "2001-01-01",
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items())
def test_plain_words_mean_what_they_mean_to_heat(stacked: Stacked, text: str, value: object) -> None:
    outline = stacked(f"{H}resources: {{r: {{type: OS::Heat::None, properties: {{v: {text}}}}}}}\n").outline
    assert outline is not None
    assert outline["resources"]["r"]["properties"] == {"v": value}  # type: ignore[index]


def test_json_keeps_its_numbers_and_characters(stacked: Stacked) -> None:
    text = (
        '{"heat_template_version": "2018-08-31",\t"resources": {"r": {"type": "OS::Heat::None", '
        '"properties": {"a": 1e3, "b": "\\ud83d\\ude00", "c": 010e}}}}'
    ).replace("010e", "-2")
    outline = stacked(text).outline
    assert outline is not None
    assert outline["resources"]["r"]["properties"] == {"a": 1000.0, "b": "😀", "c": -2}  # type: ignore[index]


def test_of_equal_keys_the_last_counts_and_that_is_said(stacked: Stacked) -> None:
    reading = stacked(H + "resources: {r: {type: OS::Heat::None, properties: {a: 1, a: 2}}}\n")
    assert [(w.code, w.line) for w in reading.warnings] == [("duplicate-key", 2)]
    assert reading.outline is not None
    assert reading.outline["resources"]["r"]["properties"] == {"a": 2}  # type: ignore[index]


def _large(count: int) -> str:
    lines = [H, "parameters: {image: {type: string, default: cirros}}\nresources:\n"]
    for i in range(count):
        value = "{get_param: image}"
        if i % 3:
            name = f"{{NAME: {{get_attr: [r{i - 1}, value]}}}}"
            value = f"{{str_replace: {{template: host-NAME-{i}, params: {name}}}}}"
        lines.append(f"  r{i}:\n    type: OS::Heat::Value\n    properties:\n      value: {value}\n")
    return "".join(lines)


def test_a_large_template_is_read_in_time(stacked: Stacked) -> None:
    text = _large(10_000)
    started = time.process_time()
    outline = stacked(text).outline
    assert time.process_time() - started < 10, "a second or so on ours"
    assert outline is not None
    assert len(outline["resources"]) == 10_000  # type: ignore[arg-type]


BOMBS = {
    "aliases": H
    + "resources: {r: {type: OS::Heat::None, metadata: {a0: &a0 [x], "
    + ", ".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))
    + "}}}\n",
    "brackets": H + "resources: " + "[" * 300_000,
    "repeats": H
    + "resources: {r: {type: OS::Heat::Value, properties: {value: {repeat: {template: a-b-c-d, for_each: "
    + "{"
    + ", ".join(f"{k}: {list(range(200))}" for k in "abcd")
    + "}}}}}}\n",
    "queries": H
    + "resources: {r: {type: OS::Heat::Value, properties: {value: {yaql: {expression: "
    + "'range(100000).select(range(100000).sum()).sum()', data: {}}}}}}\n",
    "size": H + "#" * (limits.MOST_TEXT + 1),
    "values": H + "resources: {r: {type: OS::Heat::None, metadata: {a: [" + "a," * 1_000_000 + "]}}}\n",
    "twice the same key": H + "resources:\n" + "  r: {type: OS::Heat::None}\n" * 50_000,
    "resources of no type": H + "resources: {" + ", ".join(f"r{i}: x" for i in range(50_000)) + "}\n",
    "a long ring": H
    + "resources:\n"
    + "".join(f"  r{i}: {{type: OS::Heat::None, depends_on: r{(i + 1) % 5000}}}\n" for i in range(5000)),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_what_asks_for_much_gets_little(stacked: Stacked, text: str) -> None:
    started = time.process_time()
    reading = stacked(text)
    assert time.process_time() - started < 10, "about a second at most on ours"
    assert reading.faults or reading.warnings
    assert len(reading.faults) <= 201
