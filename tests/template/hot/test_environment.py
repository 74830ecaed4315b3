"""Environments: values, defaults, and what types mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.model.template import Reading

Stacked = Callable[..., Reading]

TEXT = """heat_template_version: 2018-08-31
parameters:
  name: {type: string, default: own}
  names: {type: comma_delimited_list, default: own}
  facts: {type: json, default: {}}
"""


def _value(reading: Reading, name: str) -> object:
    assert reading.outline is not None, reading.faults
    return reading.outline["parameters"][name]["value"]  # type: ignore[index]


LAID = {
    "its own default": ([], {}, "own"),
    "a default of an environment": (["parameter_defaults: {name: env}"], {}, "env"),
    "a value over a default": (["parameters: {name: a}\nparameter_defaults: {name: b}"], {}, "a"),
    "the later environment wins": (["parameters: {name: a}", "parameters: {name: b}"], {}, "b"),
    "what is given by name wins": (["parameters: {name: a}"], {"name": "b"}, "b"),
    "texts end to end": (
        ["parameters: {name: a}", "parameters: {name: b}\nparameter_merge_strategies: {name: merge}"],
        {},
        "ab",
    ),
}


@pytest.mark.parametrize(("environments", "given", "value"), LAID.values(), ids=LAID)
def test_values_are_laid_over_each_other(
    stacked: Stacked, environments: list[str], given: dict[str, object], value: str
) -> None:
    files = {f"e{i}.yaml": text for i, text in enumerate(environments)}
    reading = stacked(TEXT, files=files, environments=list(files), parameters=given)
    assert _value(reading, "name") == value


def test_lists_and_maps_are_joined_where_asked(stacked: Stacked) -> None:
    files = {
        "a.yaml": "parameters: {names: 'a,b', facts: {x: {y: 1}, z: [1]}}",
        "b.yaml": "parameters: {names: [c], facts: {x: {w: 2}, z: [2]}}\n"
        "parameter_merge_strategies: {default: deep_merge}\n",
    }
    reading = stacked(TEXT, files=files, environments=list(files))
    assert _value(reading, "names") == ["a", "b", "c"]
    assert _value(reading, "facts") == {"x": {"y": 1, "w": 2}, "z": [1, 2]}


WRONG = {
    "no such section": ("parametres: {}", "unknown-section", "parameters"),
    "an empty section": ("parameters:", "wrong-type", ""),
    "no mapping": ("- a", "wrong-type", ""),
    "no such parameter": ("parameters: {nmae: a}", "unknown-parameter", "name"),
    "a value that does not fit": ("parameters: {facts: '{'}", "bad-parameter", ""),
    "no such hook": ("resource_registry: {resources: {a: {hooks: pre-crate}}}", "bad-value", "pre-create"),
    "no such action": ("resource_registry: {resources: {a: {restricted_actions: [move]}}}", "bad-value", ""),
    "a type that is no text": ("resource_registry: {My::Type: 3}", "wrong-type", ""),
    "no such sink": ("event_sinks: [{type: mail}]", "bad-value", "zaqar-queue"),
}


@pytest.mark.parametrize(("text", "code", "hint"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_at_its_place(stacked: Stacked, text: str, code: str, hint: str) -> None:
    [fault] = stacked(TEXT, files={"e.yaml": text}, environments=["e.yaml"]).faults
    assert (fault.code, fault.file, fault.line) == (code, "e.yaml", 1)
    assert hint in fault.hint


def test_an_environment_that_is_not_there(stacked: Stacked) -> None:
    [fault] = stacked(TEXT, environments=["e.yaml"]).faults
    assert (fault.code, fault.file) == ("missing-file", "e.yaml")


MY = "heat_template_version: 2018-08-31\nresources:\n  web: {type: My::Web}\n"
NESTED = "heat_template_version: 2018-08-31\nparameters: {size: {type: number, default: 1}}\n"

REGISTRY = {
    "another type": ("{My::Web: OS::Heat::None}", []),
    "a pattern for types": ("{'My::*': 'OS::Heat::*'}", ["unknown-type"]),
    "a pattern for one type": ("{'My::*': OS::Heat::None}", []),
    "one after the other": ("{My::Web: My::Other, My::Other: OS::Heat::None}", []),
    "a file": ("{My::Web: lib/web.yaml}", []),
    "for this resource": ("{resources: {web: {My::Web: OS::Heat::None}}}", []),
    "for another resource": ("{resources: {db: {My::Web: OS::Heat::None}}}", ["unknown-type"]),
    "the closest wins": ("{My::Web: OS::Nope, resources: {web: {My::Web: OS::Heat::None}}}", []),
    "what leads nowhere is passed over": ("{My::Web: OS::Nope, 'My::*': OS::Heat::None}", []),
    "a ring": ("{My::Web: My::Other, My::Other: My::Web}", ["unknown-type"]),
    "itself": ("{My::Web: My::Web}", ["unknown-type"]),
    "taken back": ("{'My::*': OS::Heat::None, My::W*: null}", []),
    "a pattern leads to no file": ("{'My::*': lib/web.yaml}", ["unknown-type"]),
    "a folder for files": ("{base_url: lib, My::Web: web.yaml}", []),
}


@pytest.mark.parametrize(("registry", "codes"), REGISTRY.values(), ids=REGISTRY)
def test_types_by_the_registry(stacked: Stacked, registry: str, codes: list[str]) -> None:
    files = {"env/e.yaml": f"resource_registry: {registry}", "env/lib/web.yaml": NESTED}
    reading = stacked(MY, files=files, environments=["env/e.yaml"])
    assert [f.code for f in reading.faults] == codes


def test_a_template_in_place_of_a_type_has_to_offer_the_same(stacked: Stacked) -> None:
    text = (
        "heat_template_version: 2018-08-31\nresources: {a: {type: OS::Heat::Value, properties: {value: x}}}\n"
    )
    files = {"e.yaml": "resource_registry: {OS::Heat::Value: web.yaml}", "web.yaml": NESTED}
    faults = stacked(text, files=files, environments=["e.yaml"]).faults
    assert "conflict" in {f.code for f in faults}
    assert any("no output value" in f.message for f in faults)
