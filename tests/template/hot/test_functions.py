"""Every function of the language: what it comes to, what it refuses, and with what words."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from longshore.model.unknown import Unknown
from longshore.template.findings import TooMuch
from longshore.template.hot import functions, versions

Worked = Callable[..., Any]

CASES = Path(__file__).parents[4] / "shared/cases/heat_functions.jsonl"
HOT = [v.name for v in versions.VERSIONS if not v.cfn]
ROWS = {key: row for key, row in functions.ROWS.items() if row is not functions.REMOVED}
SERVER = {"web": "OS::Nova::Server"}
IP = Unknown(resource="web", attribute="first_address")
LATER = {"get_attr": ["web", "first_address"]}
OUTER = {
    "metadata": {"foo": "bar"},
    "deletion_policy": "Retain",
    "update_policy": {"blarg": "wibble"},
}


def _cases() -> Iterator[dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"the recorded cases are not at {CASES}")
    for line in CASES.read_text().splitlines():
        case = json.loads(line)
        if case["kind"] == "function":
            yield case


def _version_of(template: dict[str, Any]) -> str:
    return next(str(value) for key, value in template.items() if "ersion" in key)


def test_functions_come_to_what_heat_says(worked: Worked) -> None:
    compared = 0
    for case in _cases():
        if "__object__" in json.dumps(case["snippet"]):
            continue  # an object of Python's, which no template can hold
        template = case["template"]
        resources = {name: r["type"] for name, r in template.get("resources", {}).items()}
        answer = worked(
            case["snippet"],
            _version_of(template),
            parameters=case["params"],
            resources=resources,
            files=case["files"],
            outer=OUTER,
        )
        assert bool(answer.faults) == ("error" in case), case["snippet"]
        if "error" not in case and not _later(case, answer.value):
            assert answer.value == case["result"], case["snippet"]
        compared += 1
    assert compared > 70


def _later(case: dict[str, Any], value: object) -> bool:
    """Whether Heat's answer is one that only a made resource gives, or Heat's own word for nothing."""
    if "__object__" in json.dumps(case["result"]):
        return value is None
    return "get_attr" in json.dumps(case["snippet"])


@pytest.mark.parametrize("key", ROWS)
def test_the_example_of_a_row_comes_to_what_it_says(key: str, worked: Worked) -> None:
    row = ROWS[key]
    newest = [v for v in versions.VERSIONS if v.functions.get(row.name) == key]
    within = [v for v in versions.VERSIONS if v.conditions.get(row.name) == key]
    assert newest or within, "no version has it"
    version = (newest or within)[-1]
    data = yaml.safe_load(row.example.text)
    answer = worked(data, version.name, condition=not newest, **row.example.surroundings)
    assert not answer.faults
    assert answer.value == row.example.result
    assert row.purpose.endswith(".")
    assert row.form


def test_every_word_of_a_version_has_a_row() -> None:
    for version in versions.VERSIONS:
        for word, key in {**version.functions, **version.conditions}.items():
            row = functions.ROWS[key]
            assert row is functions.REMOVED or row.name == word


def test_what_is_listed_names_the_versions_that_have_it() -> None:
    listed = functions.listed()
    joins = [row for row in listed if row.name == "list_join"]
    assert [row.versions[0] for row in joins] == ["2013-05-23", "2015-10-15"]
    assert [row.versions[-1] for row in joins] == ["2015-04-30", "2021-04-16"]
    equals = next(row for row in listed if row.name == "equals")
    assert not equals.versions
    assert equals.conditions[0] == "2016-10-14"


# In which versions a word is a function; in the others a mapping of that key is plain data, or a fault.
SINCE = [
    ("digest", ["md5", "x"], "2015-04-30"),
    ("str_split", [",", "a"], "2015-10-15"),
    ("map_merge", [{}], "2016-04-08"),
    ("yaql", {"expression": "1"}, "2016-10-14"),
    ("map_replace", [{}, {}], "2016-10-14"),
    ("if", [True, "a", "b"], "2016-10-14"),
    ("filter", [[], []], "2017-02-24"),
    ("str_replace_strict", {"template": "a", "params": {}}, "2017-02-24"),
    ("make_url", {}, "2017-09-01"),
    ("list_concat", [[]], "2017-09-01"),
    ("contains", ["a", ["a"]], "2017-09-01"),
]


@pytest.mark.parametrize(("word", "args", "since"), SINCE)
def test_a_word_is_plain_data_before_its_version(word: str, args: object, since: str, worked: Worked) -> None:
    for version in HOT:
        answer = worked({word: args}, version)
        assert not answer.faults
        assert (answer.value == {word: args}) == (version < since), version


@pytest.mark.parametrize("word", ["Ref", "Fn::Join", "Fn::GetAZs", "Fn::Split", "Fn::Base64"])
def test_an_old_word_is_told_to_be_gone(word: str, worked: Worked) -> None:
    answer = worked({word: "x"}, "2014-10-16")
    assert answer.codes == ["unknown-function"]


def test_a_mapping_with_two_keys_is_no_call(worked: Worked) -> None:
    data = {"get_param": "x", "other": {"get_param": "size"}}
    answer = worked(data, parameters={"size": 3})
    assert not answer.faults
    assert answer.value == {"get_param": "x", "other": 3}


REFUSED = [
    ("the name nearest", {"get_param": "sise"}, "unknown-parameter", "size", ""),
    ("no such parameter", {"get_param": "zz"}, "unknown-parameter", "one of size", ""),
    ("the key", {"make_url": {"hots": "x"}}, "bad-arguments", "host", "hots"),
    ("the argument", {"list_join": [1, ["a"]]}, "bad-arguments", "list_join: ", "[0]"),
    ("the item", {"list_concat": [["a"], "b"]}, "bad-arguments", "list_concat: ", "[1]"),
    ("a port", {"make_url": {"port": 70000}}, "bad-arguments", "make_url: ", "port"),
    ("an attribute", {"get_attr": ["web", "nam"]}, "unknown-attribute", "name", "[0]"),
    ("a resource", {"get_resource": "wbe"}, "unknown-resource", "web", ""),
    ("a file", {"get_file": "x.sh"}, "missing-file", "get_file: ", ""),
    ("a condition", {"if": ["nope", 1, 2]}, "unknown-condition", "one of live", "[0]"),
    ("a facade", {"resource_facade": "metdata"}, "bad-arguments", "metadata", ""),
    ("not nested", {"resource_facade": "metadata"}, "bad-arguments", "resource_facade", ""),
    ("a digest", {"digest": ["md55", "x"]}, "bad-arguments", "md5", "[0]"),
]


@pytest.mark.parametrize(("data", "code", "hint", "path"), [row[1:] for row in REFUSED])
def test_a_fault_names_its_place_and_the_remedy(
    data: dict[str, object], code: str, hint: str, path: str, worked: Worked
) -> None:
    answer = worked(
        {"a": [data]},
        parameters={"size": 3},
        conditions={"live": True},
        resources=SERVER,
        attributes={"OS::Nova::Server": frozenset({"name", "show"})},
    )
    assert answer.codes == [code]
    fault = answer.faults[0]
    assert fault.hint.startswith(hint)
    word = next(iter(data))
    assert fault.path.startswith(f"value.a[0].{word}")
    assert fault.path.endswith(path)
    assert fault.line > 1


def test_all_faults_are_told_and_each_once(worked: Worked) -> None:
    data = {
        "a": {"list_join": [",", [{"get_param": "x"}, {"get_param": "y"}]]},
        "b": {"str_split": "x"},
    }
    answer = worked(data)
    assert sorted(answer.codes) == ["bad-arguments", "unknown-parameter", "unknown-parameter"]


# What is known only later passes through; what does not depend on it stays known.
THROUGH = [
    ({"str_replace": {"template": "ip=IP", "params": {"IP": LATER}}}, IP),
    ({"list_join": [",", ["a", LATER]]}, IP),
    ({"list_concat": [["a"], [LATER]]}, ["a", IP]),
    ({"list_concat_unique": [["a"], [LATER]]}, IP),
    ({"map_merge": [{"a": 1}, {"b": LATER}]}, {"a": 1, "b": IP}),
    ({"map_merge": [{"a": 1}, LATER]}, IP),
    ({"yaql": {"expression": "$.data", "data": LATER}}, IP),
    ({"digest": ["md5", LATER]}, IP),
    ({"if": [True, LATER, "x"]}, IP),
    ({"if": [False, LATER, "x"]}, "x"),
    ({"contains": ["a", ["a", LATER]]}, True),
    ({"contains": ["b", ["a", LATER]]}, IP),
    ({"filter": [["a"], ["a", LATER]]}, IP),
    ({"repeat": {"template": "<x>", "for_each": {"x": ["a", LATER]}}}, ["<a>", IP]),
    ({"repeat": {"template": "<x>", "for_each": {"x": LATER}}}, IP),
    ({"repeat": {"template": ["x", LATER], "for_each": {"x": ["a"]}}}, [["a", IP]]),
    ({"make_url": {"host": LATER}}, IP),
    ({"str_split": [",", LATER]}, IP),
    ({"get_attr": ["web", "networks", LATER]}, IP),
    (["a", LATER, {"b": LATER}], ["a", IP, {"b": IP}]),
]


@pytest.mark.parametrize(("data", "value"), THROUGH)
def test_what_is_known_later_passes_through(data: object, value: object, worked: Worked) -> None:
    answer = worked(data, resources=SERVER)
    assert not answer.faults
    assert answer.value == value


def test_a_part_of_what_is_known_later_says_which(worked: Worked) -> None:
    answer = worked({"get_attr": ["web", "networks", "front", 0]}, resources=SERVER)
    assert answer.value == Unknown(resource="web", attribute="networks.front.0")
    assert worked({"get_attr": ["web"]}, resources=SERVER).value == Unknown(resource="web", attribute="")


PATHS = [
    (["ports", "web"], 80),
    (["ports", "nope"], ""),
    (["ports", "web", "x"], ""),
    (["zones", 1], "south"),
    (["zones", "0"], "north"),
    (["zones", "x"], ""),
    (["zones", 9], ""),
    (["name", 0], "s"),
]


@pytest.mark.parametrize(("path", "value"), PATHS)
def test_a_way_into_a_parameter(path: object, value: object, worked: Worked) -> None:
    parameters = {"ports": {"web": 80}, "zones": ["north", "south"], "name": "shop"}
    assert worked({"get_param": path}, parameters=parameters).value == value


def test_references_are_those_of_the_branch_taken(worked: Worked) -> None:
    data = {
        "if": [
            "live",
            {"get_attr": ["web", "name"]},
            {"list_join": [{"get_resource": "nowhere"}]},
        ]
    }
    answer = worked(data, resources=SERVER, conditions={"live": True})
    assert not answer.faults
    assert [(r.kind, r.name) for r in answer.found] == [("condition", "live"), ("attribute", "web")]
    other = worked(data, resources=SERVER, conditions={"live": False})
    assert "bad-arguments" in other.codes


def test_a_reference_may_be_worked_out(worked: Worked) -> None:
    data = {"get_resource": {"get_param": "which"}}
    answer = worked(data, parameters={"which": "web"}, resources=SERVER)
    assert answer.value == "web"
    assert [(r.kind, r.name) for r in answer.found] == [("parameter", "which"), ("resource", "web")]


BAD_WAYS: list[tuple[str, list[object], str]] = [
    ("later", [LATER, "name"], "unknown-resource"),
    ("no text", [5, "name"], "unknown-resource"),
    ("attribute later", ["web", LATER], "unknown-attribute"),
    ("no attribute", ["web", ["name"]], "unknown-attribute"),
]


@pytest.mark.parametrize(("way", "code"), [row[1:] for row in BAD_WAYS])
def test_what_is_referred_to_has_to_be_known(way: list[object], code: str, worked: Worked) -> None:
    assert worked({"get_attr": way}, resources=SERVER).codes == [code]


def test_nothing_stands_for_all_attributes_since_2015_10_15(worked: Worked) -> None:
    data = {"get_attr": ["web", None]}
    assert worked(data, "2015-10-15", resources=SERVER).value == Unknown(resource="web", attribute="")
    assert worked(data, "2015-04-30", resources=SERVER).codes == ["unknown-attribute"]


def test_ref_takes_a_resource_before_a_parameter(worked: Worked) -> None:
    around = {"parameters": {"web": 1, "size": 2}, "resources": SERVER}
    assert worked([{"Ref": "web"}, {"Ref": "size"}], "2010-09-09", **around).value == ["web", 2]
    assert worked({"Ref": "none"}, "2010-09-09", **around).codes == ["unknown-parameter"]


def test_a_value_may_be_absent_in_the_newest_version(worked: Worked) -> None:
    data = {"a": {"if": [False, 1]}, "b": [{"if": [False, 1]}, 2], "c": {"if": [False, 1, None]}}
    assert worked(data, "wallaby").value == {"b": [2], "c": None}
    assert worked(data, "rocky").codes == ["bad-arguments", "bad-arguments"]


def test_repeat_without_permutations_takes_lists_side_by_side(worked: Worked) -> None:
    each = {"N": ["a", "b"], "P": ["x"]}
    data = {"repeat": {"template": "N-P", "for_each": each, "permutations": False}}
    assert worked(data).codes == ["bad-arguments"]
    # Older versions know nothing of permutations.
    assert worked(data, "2016-10-14").value == ["a-x", "b-x"]


ALIKE = {str(i): [str(j) for j in range(100)] for i in range(5)}
LONG = "x" * 100_000
BOMBS: list[object] = [
    {"repeat": {"template": "0-1-2-3-4", "for_each": ALIKE}},
    {"repeat": {"template": {"0": "1"}, "for_each": {"0": ["a"] * 2000, "1": ["b"] * 2000}}},
    {"str_replace": {"template": LONG, "params": {"x": LONG}}},
    {"str_replace": {"template": LONG, "params": {"x": LONG, "y": "z"}}},
    {"repeat": {"template": LONG, "for_each": {"x": [LONG]}}},
    {"list_join": [LONG, ["a"] * 1000]},
    {
        "repeat": {
            "template": {"repeat": {"template": ["a"] * 100, "for_each": {"b": ["c"] * 1000}}},
            "for_each": {"d": ["e"] * 1000},
        }
    },
]


def test_what_honest_templates_make_is_not_stopped(worked: Worked) -> None:
    script = {"str_replace": {"template": "x" * 50_000, "params": {"NAME": "y"}}}
    answer = worked([script] * 1000)
    assert not answer.faults
    assert len(answer.value) == 1000


@pytest.mark.parametrize("data", BOMBS, ids=range(len(BOMBS)))
def test_what_grows_beyond_bounds_is_stopped(data: object, worked: Worked) -> None:
    with pytest.raises(TooMuch):
        worked(data)


QUERIES = [
    ("$.data.len()", ["a", "b"], 2),
    ("$.data.where($ > 1).select($ * 2)", [1, 2, 3], [4, 6]),
    ("$.data.toSet().len()", ["a", "a"], 1),
    ("dict($.data.select([$, 1]))", ["a"], {"a": 1}),
    ("$.data.matches('^a+$')", "aaa", True),
    ("pow(2, 10)", None, 1024),
    ("shiftBitsLeft(1, 4)", None, 16),
]


@pytest.mark.parametrize(("query", "data", "value"), QUERIES)
def test_yaql_answers(query: str, data: object, value: object, worked: Worked) -> None:
    assert worked({"yaql": {"expression": query, "data": data}}).value == value


BAD_QUERIES = [
    ("no query at all (", "cannot read"),
    ("now()", "reads the clock"),
    ("$.data.select(random())", "draws lots"),
    ("localtz()", "time zone"),
    ("call(now, [], {})", "only shows when it runs"),
    ("range(0, 100).select(range(0, 100).select(range(0, 100).sum()).sum()).sum()", "calls"),
    ("range(0, 1000)", "200"),
    ("pow(10, 100000000)", "bits"),
    ("shiftBitsLeft(1, 10000000000)", "bits"),
    ("'aa' * 100000", "memory"),
    ("def(f, f()) -> f()", "recursion"),
    ("$.data =~ '(a+)+$'", "pattern"),
    ("datetime('2020-01-01')", "plain value"),
    ("$.nowhere.at.all", "cannot answer"),
]


@pytest.mark.parametrize(("query", "words"), BAD_QUERIES)
def test_yaql_is_bounded(query: str, words: str, worked: Worked) -> None:
    answer = worked({"yaql": {"expression": query, "data": "a" * 40 + "!"}})
    assert answer.codes == ["bad-arguments"]
    assert words in answer.faults[0].message


def test_yaql_is_loaded_with_the_first_query_only() -> None:
    code = (
        "import sys, longshore.template.hot.expression; assert 'yaql' not in sys.modules;"
        "import longshore.template.hot.functions.yaql_engine; assert 'yaql' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_many_queries_are_bounded_as_one_is(worked: Worked) -> None:
    query = "range(0, 150).select($ + 1).where($ > 3).len()"
    began = time.process_time()
    with pytest.raises(TooMuch):
        worked([{"yaql": {"expression": query}}] * 100)
    assert time.process_time() - began < 5
