"""Nested templates: by file and by mapping, groups, depth, files within the roots."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from longshore.model.template import Reading

Stacked = Callable[..., Reading]

H = "heat_template_version: 2018-08-31\n"
WEB = H + (
    "parameters: {name: {type: string}, size: {type: number, default: 1},"
    " zones: {type: comma_delimited_list, default: ''}}\n"
    "resources: {server: {type: OS::Heat::Value, properties: {value: {get_param: name}}}}\n"
    "outputs: {address: {value: {get_attr: [server, value]}}}\n"
)


def _uses(properties: str, type_name: str = "lib/web.yaml") -> str:
    return f"{H}resources:\n  web:\n    type: {type_name}\n    properties: {properties}\n"


USES = {
    "right": ("{name: a, size: '2', zones: [a, b]}", []),
    "a parameter that has to be given": ("{}", ["missing-property"]),
    "no such parameter": ("{name: a, sise: 2}", ["unknown-property"]),
    "a value of another kind": ("{name: [a]}", ["wrong-type"]),
    "a list that is not of words": ("{name: a, zones: [1]}", ["wrong-type"]),
}


@pytest.mark.parametrize(("properties", "codes"), USES.values(), ids=USES)
def test_the_parameters_are_the_properties(stacked: Stacked, properties: str, codes: list[str]) -> None:
    reading = stacked(_uses(properties), files={"lib/web.yaml": WEB})
    assert [f.code for f in reading.faults] == codes
    assert all(f.file == "main.yaml" for f in reading.faults)


def test_the_outputs_are_the_attributes(stacked: Stacked) -> None:
    text = _uses("{name: a}") + "outputs: {address: {value: {get_attr: [web, address]}}}\n"
    reading = stacked(text, files={"lib/web.yaml": WEB})
    assert reading.outline is not None
    assert reading.outline["resources"]["web"]["type"] == "lib/web.yaml"  # type: ignore[index]


WITHIN = {
    "a type": ("resources: {a: {type: OS::Nope}}", "unknown-type"),
    "a property": ("resources: {a: {type: OS::Heat::Value, properties: {nope: 1}}}", "unknown-property"),
    "a reference": ("resources: {a: {type: OS::Heat::None, depends_on: b}}", "unknown-resource"),
    "a section": ("resource: {}", "unknown-section"),
    "a declaration": ("parameters: {p: {type: text}}", "bad-value"),
    "an output": ("outputs: {o: {value: 1, vlaue: 2}}", "unknown-key"),
    "a ring": ("resources: {a: {type: OS::Heat::None, depends_on: a}}", "dependency-cycle"),
}


@pytest.mark.parametrize(("body", "code"), WITHIN.values(), ids=WITHIN)
def test_what_is_wrong_within_is_told_there(stacked: Stacked, body: str, code: str) -> None:
    faults = stacked(
        f"{H}resources: {{web: {{type: web.yaml}}}}\n", files={"web.yaml": f"{H}{body}\n"}
    ).faults
    assert [(f.code, f.file, f.line) for f in faults] == [(code, "web.yaml", 2)]


def test_values_within_are_not_looked_at(stacked: Stacked) -> None:
    # They may come from what is not made yet; Heat looks only when it makes them.
    within = H + "resources: {a: {type: OS::Heat::SoftwareConfig, properties: {config: [a]}}}\n"
    assert stacked(f"{H}resources: {{web: {{type: web.yaml}}}}\n", files={"web.yaml": within}).faults == ()


PLACES = {
    "beside": ("web.yaml", "web.yaml", []),
    "below": ("lib/web.yaml", "lib/web.yaml", []),
    "by its address": ("file:///w/web.yaml", "/w/web.yaml", []),
    "not there": ("web.yaml", "other.yaml", ["missing-file"]),
    "above": ("../web.yaml", "../web.yaml", ["outside-roots"]),
    "elsewhere": ("/etc/web.yaml", "/etc/web.yaml", ["outside-roots"]),
    "out and back": ("lib/../../w/web.yaml", "../w/web.yaml", []),
    "on a network": ("https://example.org/web.yaml", "https://example.org/web.yaml", ["remote-file"]),
}


@pytest.mark.parametrize(("named", "there", "codes"), PLACES.values(), ids=PLACES)
def test_files_are_found_within_the_roots(stacked: Stacked, named: str, there: str, codes: list[str]) -> None:
    reading = stacked(_uses("{name: a}", named), files={there: WEB})
    assert [f.code for f in reading.faults] == codes


GET = {
    "right": ("x.sh", []),
    "not there": ("y.sh", ["missing-file"]),
    "above": ("../x.sh", ["outside-roots"]),
    "on a network": ("https://example.org/x.sh", ["remote-file"]),
}


@pytest.mark.parametrize(("named", "codes"), GET.values(), ids=GET)
def test_files_that_values_name_are_within_the_roots_too(
    stacked: Stacked, named: str, codes: list[str]
) -> None:
    text = f"{H}resources: {{a: {{type: OS::Heat::Value, properties: {{value: {{get_file: '{named}'}}}}}}}}\n"
    faults = stacked(text, files={"x.sh": "true", "../x.sh": "true"}).faults
    assert [(f.code, f.line) for f in faults] == [(code, 2) for code in codes]


def test_a_root_may_be_given(stacked: Stacked) -> None:
    reading = stacked(_uses("{name: a}", "../web.yaml"), files={"../web.yaml": WEB}, roots=["/"])
    assert reading.faults == ()


def test_files_are_named_from_where_they_are_named(stacked: Stacked) -> None:
    within = H + (
        "resources:\n  a: {type: ../other.yaml}\n"
        "  b: {type: OS::Heat::SoftwareConfig, properties: {config: {get_file: run.sh}}}\n"
    )
    files = {"lib/web.yaml": within, "other.yaml": H, "lib/run.sh": "true"}
    assert stacked(f"{H}resources: {{web: {{type: lib/web.yaml}}}}\n", files=files).faults == ()


def test_a_template_that_holds_itself_comes_to_an_end(stacked: Stacked) -> None:
    ten = "".join(f"  r{i}: {{type: web.yaml, properties: {{n: {i}}}}}\n" for i in range(10))
    within = f"{H}parameters: {{n: {{type: number, default: 1}}}}\nresources:\n{ten}"
    started = time.process_time()
    faults = stacked(f"{H}resources: {{web: {{type: web.yaml}}}}\n", files={"web.yaml": within}).faults
    assert {f.code for f in faults} <= {"too-deep", "too-large"}
    assert faults
    assert time.process_time() - started < 5


@pytest.mark.parametrize(("depth", "codes"), [(5, []), (6, ["too-deep"])])
def test_nesting_ends_where_heat_ends_it(stacked: Stacked, depth: int, codes: list[str]) -> None:
    files = {f"{i}.yaml": f"{H}resources: {{r: {{type: {i + 1}.yaml}}}}\n" for i in range(1, depth)}
    files[f"{depth}.yaml"] = f"{H}resources: {{r: {{type: OS::Heat::None}}}}\n"
    reading = stacked(f"{H}resources: {{r: {{type: 1.yaml}}}}\n", files=files)
    assert [f.code for f in reading.faults] == codes


GROUPS = {
    "members of a type": ("OS::Heat::ResourceGroup", "{resource_def: {type: OS::Heat::None}}", []),
    "a property that is not": (
        "OS::Heat::ResourceGroup",
        "{count: 2, resource_def: {type: OS::Heat::Value, properties: {valeu: 1}}}",
        ["unknown-property"],
    ),
    "an empty group": (
        "OS::Heat::ResourceGroup",
        "{count: 0, resource_def: {type: OS::Heat::Value, properties: {valeu: 1}}}",
        [],
    ),
    "members by file": ("OS::Heat::ResourceGroup", "{resource_def: {type: bad.yaml}}", ["unknown-section"]),
    "no plan": ("OS::Heat::ResourceGroup", "{count: 2}", ["missing-property"]),
    "a member without a type": (
        "OS::Heat::AutoScalingGroup",
        "{min_size: 0, max_size: 2, resource: {properties: {}}}",
        ["missing-key"],
    ),
    "a scaled member": (
        "OS::Heat::AutoScalingGroup",
        "{min_size: 1, max_size: 2, resource: {type: OS::Heat::Value, properties: {valeu: 1}}}",
        ["unknown-property"],
    ),
    "a chain": (
        "OS::Heat::ResourceChain",
        "{resources: [OS::Heat::None, OS::Heat::Value], resource_properties: {valeu: 1}}",
        ["unknown-property"],
    ),
}


@pytest.mark.parametrize(("kind", "properties", "codes"), GROUPS.values(), ids=GROUPS)
def test_groups(stacked: Stacked, kind: str, properties: str, codes: list[str]) -> None:
    reading = stacked(_uses(properties, kind), files={"bad.yaml": f"{H}resource: {{}}\n"})
    assert [f.code for f in reading.faults] == codes


def test_a_type_of_a_member_that_nobody_knows_is_a_warning(stacked: Stacked) -> None:
    reading = stacked(_uses("{resource_def: {type: OS::Nova::Sever}}", "OS::Heat::ResourceGroup"))
    assert reading.faults == ()
    assert [(w.code, w.line) for w in reading.warnings] == [("unknown-type", 5)]
    assert "Server" in reading.warnings[0].hint
