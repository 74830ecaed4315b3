"""Values are converted as Heat converts them, and every fault is told with its place."""

from __future__ import annotations

import pytest

from longshore.model.fault import Fault
from longshore.model.unknown import Unknown
from longshore.template import document
from longshore.template.findings import At, Findings
from longshore.template.hot.types import properties
from longshore.template.hot.types.schema import (
    ABSENT,
    FIXED,
    LOOSE,
    REQUIRED,
    UPDATES,
    Property,
    ResourceType,
    alias,
    allowed,
    anything,
    between,
    boolean,
    form,
    integer,
    length,
    listing,
    mapping,
    number,
    pattern,
    row,
    string,
)

LATER = Unknown(resource="web", attribute="first_address")
INNER = mapping({"port": integer(REQUIRED, between(1, 65535)), "name": string(default="http")})


def checked(
    taken: dict[str, Property] | ResourceType, values: dict[str, object], *referring: str
) -> tuple[dict[str, object], tuple[Fault, ...], tuple[Fault, ...]]:
    findings = Findings()
    kind = taken if isinstance(taken, ResourceType) else row("A::B::C", "A thing.", taken)
    found = properties.check(kind, values, None, At(findings, "p"), referring=referring)
    return found, findings.faults(), findings.warnings()


CONVERTED = {
    "text": (string(), "a", "a"),
    "number for text": (string(), 5, "5"),
    "boolean for text": (string(), True, "True"),
    "nothing for text": (string(), None, ""),
    "nothing for text with a default": (string(default="x"), None, "x"),
    "whole number": (integer(), 5, 5),
    "text for a whole number": (integer(), "080", 80),
    "fraction for a whole number": (integer(), 2.9, 2),
    "boolean for a whole number": (integer(), True, 1),
    "nothing for a whole number": (integer(), None, 0),
    "text for a number": (number(), "1.5", 1.5),
    "text for a number that is whole": (number(), "15", 15),
    "nothing for a number with a default": (number(default=2.5), None, 2.5),
    "boolean": (boolean(), False, False),
    "text for a boolean": (boolean(), "TRUE", True),
    "nothing for a boolean": (boolean(default=True), None, True),
    "map": (mapping(), {"a": [1]}, {"a": [1]}),
    "nothing for a map": (mapping(), None, {}),
    "loose map from text": (mapping(None, LOOSE), '{"a": 1}', '{"a": 1}'),
    "loose map from a list": (mapping(None, LOOSE), [1, "a"], '[1, "a"]'),
    "list": (listing(), [1, None], [1, None]),
    "nothing for a list": (listing(), None, []),
    "loose list from text": (listing(None, LOOSE), "a, b", ["a", "b"]),
    "loose list from no text": (listing(None, LOOSE), "", []),
    "list of texts": (listing(string()), [1, "a", None], ["1", "a", ""]),
    "map with fields": (INNER, {"port": "80"}, {"port": 80}),
    "anything": (anything(), {"a": None}, {"a": None}),
    "known later": (integer(), LATER, LATER),
    "map without needed keys known later": (mapping({"a": string()}), LATER, LATER),
    "known later within": (listing(INNER), [{"port": LATER}], [{"port": LATER}]),
    "a choice": (string(allowed("a", "b")), "b", "b"),
    "choices": (listing(None, allowed("a", "b")), ["b", "a"], ["b", "a"]),
    "an address": (string(form("ip_addr")), "10.0.0.1", "10.0.0.1"),
    "a thing of a cloud": (string(form("nova.flavor")), "m1.any", "m1.any"),
}


@pytest.mark.parametrize(("prop", "value", "wanted"), CONVERTED.values(), ids=CONVERTED.keys())
def test_conversion(prop: Property, value: object, wanted: object) -> None:
    found, faults, warnings = checked({"x": prop}, {"x": value})
    assert faults == warnings == ()
    assert found == {"x": wanted}
    assert type(found["x"]) is type(wanted)


REFUSED = {
    "fraction for text": (string(), 2.0, "wrong-type", "p.x", 'write "2.0", in quotes'),
    "list for text": (string(), ["a"], "wrong-type", "p.x", ""),
    "word for a whole number": (integer(), "many", "wrong-type", "p.x", ""),
    "fraction in text for a whole number": (integer(), "5.0", "wrong-type", "p.x", ""),
    "map for a whole number": (integer(), {}, "wrong-type", "p.x", ""),
    "endless number": (integer(), float("inf"), "wrong-type", "p.x", ""),
    "word for a number": (number(), "many", "wrong-type", "p.x", ""),
    "number for a boolean": (boolean(), 1, "wrong-type", "p.x", ""),
    "word for a boolean": (boolean(), "yes", "wrong-type", "p.x", ""),
    "text for a map": (mapping(), '{"a": 1}', "wrong-type", "p.x", ""),
    "text for a list": (listing(), "a,b", "wrong-type", "p.x", ""),
    "map for a list": (listing(), {"a": 1}, "wrong-type", "p.x", ""),
    "no choice": (string(allowed("create", "delete")), "crate", "bad-value", "p.x", "create"),
    "no choice in a list": (listing(None, allowed("a")), ["a", "b"], "bad-value", "p.x", ""),
    "too small": (integer(between(1)), 0, "bad-value", "p.x", ""),
    "too large": (number(between(None, 5)), "5.5", "bad-value", "p.x", ""),
    "too short": (string(length(1)), None, "bad-value", "p.x", ""),
    "too long": (listing(None, length(0, 1)), [1, 2], "bad-value", "p.x", ""),
    "no match": (string(pattern("[a-z]+")), "ab1", "bad-value", "p.x", ""),
    "no address": (string(form("ip_addr")), "10.0.0", "bad-value", "p.x", ""),
    "deep within": (listing(INNER), [{"port": 1}, {"port": 0}], "bad-value", "p.x[1].port", ""),
    "missing within": (listing(INNER), [{"name": "a"}], "missing-property", "p.x[0]", "port"),
    "nothing where a map has to have a key": (INNER, None, "missing-property", "p.x", "port"),
    "known later where a map has to have a key": (INNER, LATER, "missing-property", "p.x", "port"),
    "unknown within": (INNER, {"port": 1, "nam": "a"}, "unknown-property", "p.x.nam", "name"),
    "never built": (string(ABSENT), "a", "bad-value", "p.x", ""),
    "items never built": (listing(mapping(None, ABSENT)), [{}], "bad-value", "p.x[0]", ""),
}


@pytest.mark.parametrize(("prop", "value", "code", "path", "hint"), REFUSED.values(), ids=REFUSED.keys())
def test_refusal(prop: Property, value: object, code: str, path: str, hint: str) -> None:
    _, faults, _ = checked({"x": prop}, {"x": value})
    assert [(each.code, each.path) for each in faults] == [(code, path)]
    assert hint in ("", faults[0].hint)


def test_all_faults_come_at_once() -> None:
    taken = {"flavor": string(REQUIRED), "image": string(), "size": integer(between(1))}
    _, faults, _ = checked(taken, {"imgae": "a", "size": 0})
    assert [(each.code, each.path, each.hint) for each in faults] == [
        ("missing-property", "p", "flavor"),
        ("unknown-property", "p.imgae", "image"),
        ("bad-value", "p.size", ""),
    ]


def test_nothing_counts_as_given() -> None:
    found, faults, _ = checked({"flavor": string(REQUIRED)}, {"flavor": None})
    assert faults == ()
    assert found == {"flavor": ""}


def test_what_waits_for_others_is_converted_but_not_bound() -> None:
    taken = {"port": integer(between(1, 10)), "name": string(allowed("a")), "on": boolean()}
    found, faults, _ = checked(taken, {"port": "99", "name": "web", "on": "maybe"}, "port", "name", "on")
    assert found["port"] == 99
    assert [(each.code, each.path) for each in faults] == [("wrong-type", "p.on")]


def test_an_unknown_key_within_what_waits_for_others_only_warns() -> None:
    _, faults, warnings = checked({"x": INNER}, {"x": {"port": LATER, "nam": "a"}})
    assert faults == ()
    assert [(each.code, each.path, each.hint) for each in warnings] == [
        ("unknown-property", "p.x.nam", "name")
    ]


def test_an_elder_name_stands_for_the_one_of_today() -> None:
    kind = row(
        "A::B::C",
        "A thing.",
        {"net": string(REQUIRED), "net_id": string()},
        aliases=(alias("net_id", "net"),),
    )
    found, faults, _ = checked(kind, {"net_id": "a"})
    assert (found, faults) == ({"net": "a"}, ())
    _, faults, _ = checked(kind, {"net_id": "a", "net": "b"})
    assert [(each.code, each.path) for each in faults] == [("conflict", "p.net_id")]
    _, faults, _ = checked(kind, {})
    assert [each.hint for each in faults] == ["net"]


def test_marks_of_a_row() -> None:
    kind = row(
        "A::B::C", "A thing.", {"a": string(REQUIRED, UPDATES), "b": string(FIXED), "c": string()}, "x:map y"
    )
    assert kind.needs == ("a",)
    assert [each.update for each in kind.properties.values()] == ["in-place", "refused", "replaces"]
    assert kind.attributes == {"x": "map", "y": "", "show": "map"}


def test_a_fault_has_the_place_of_what_was_written() -> None:
    text = "image: web\nports:\n  - port: 80\n    nam: a\n  - port: none\n"
    findings = Findings()
    node = document.parse(text, "stack.yaml", findings)[0]
    kind = row("A::B::C", "A thing.", {"image": string(), "ports": listing(INNER)})
    values: dict[str, object] = {"image": "web", "ports": [{"port": 80, "nam": "a"}, {"port": "none"}]}
    properties.check(kind, values, node, At(findings, "p"))
    assert [(each.path, each.line, each.column) for each in findings.faults()] == [
        ("p.ports[0].nam", 4, 5),
        ("p.ports[1].port", 5, 11),
    ]


def test_a_function_in_the_text_leaves_the_nearest_place() -> None:
    findings = Findings()
    node = document.parse("image: web\nports: {get_param: ports}\n", "stack.yaml", findings)[0]
    kind = row("A::B::C", "A thing.", {"image": string(), "ports": listing(INNER)})
    properties.check(kind, {"ports": [{"port": "none"}]}, node, At(findings, "p"))
    assert [(each.path, each.line) for each in findings.faults()] == [("p.ports[0].port", 2)]


@pytest.mark.parametrize(
    ("prop", "wanted"), [(listing(), []), (mapping(), {}), (integer(), 0), (string(), "net")]
)
def test_a_reference_to_what_has_no_identity_yet_is_nothing(prop: Property, wanted: object) -> None:
    findings = Findings()
    kind = row("A::B::C", "A thing.", {"x": prop})
    found = properties.check(kind, {"x": "net"}, None, At(findings), referring=("x",), unmade=("net",))
    assert findings.clean
    assert found == {"x": wanted}
