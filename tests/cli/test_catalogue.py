"""`types` and `functions`: lists and pages of the real rows, without a server."""

import json
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len
from tests.cli.conftest import House

from longshore import template
from longshore.api.app import make_reader_app
from longshore.model.catalogue import Functions, TypeLine, TypeView
from longshore.template.hot.types import registry
from longshore.template.hot.versions import VERSIONS


@pytest.fixture
def house(lonely: House) -> House:
    wiring = lonely.wiring()._replace(reader=lambda: make_reader_app(template.read))
    lonely.wiring = lambda: wiring._replace(environ=lonely.environ)  # type: ignore[method-assign]
    return lonely


def told(house: House, *words: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    result = house.run(*words, "--json")
    assert (result.exit_code, house.started) == (0, 0), result.stderr
    return json.loads(result.stdout)


def test_all_types_are_listed_with_a_sentence(house: House) -> None:
    lines = msgspec.convert(told(house, "types"), list[TypeLine])
    assert [line.name for line in lines] == list(registry.names())
    assert all(line.about for line in lines)
    shown = house.run("types").stdout
    assert f"{len(lines)} resource types" in shown
    assert "OS::Nova::Server" in shown


def test_a_type_is_shown_with_properties_attributes_and_an_example(house: House) -> None:
    view = msgspec.convert(told(house, "types", "OS::Heat::RandomString"), TypeView)
    length = next(p for p in view.properties if p.name == "length")
    assert (length.kind, length.default, length.update) == ("integer", 32, "replaces")
    assert length.constraints == ("from 1 to 512",)
    assert view.attributes["value"] == "string"
    shown = house.run("types", "OS::Heat::RandomString").stdout
    for words in ("length  integer", "from 1 to 512", "a change replaces", "Example", "my_random_string:"):
        assert words in shown, words


def test_what_must_be_given_comes_first_and_is_in_the_example(house: House) -> None:
    view = msgspec.convert(told(house, "types", "OS::Neutron::FloatingIPAssociation"), TypeView)
    required = [p.name for p in view.properties if p.required]
    assert [p.name for p in view.properties][: len(required)] == required
    resources: Any = view.example["resources"]
    assert [*next(iter(resources.values()))["properties"]] == required


def test_a_type_goes_by_its_elder_name_too(house: House) -> None:
    assert told(house, "types", "OS::Quantum::Net")["name"] == "OS::Neutron::Net"


@pytest.mark.parametrize(
    ("words", "code", "near"),
    [
        (("types", "OS::Nova::Srver"), "no-such-type", "OS::Nova::Server"),
        (("types", "a b?c#d"), "no-such-type", ""),
        (("functions", "str_relpace"), "no-such-function", "str_replace"),
        (("functions", "--version", "wallabi"), "no-such-version", "wallaby"),
    ],
)
def test_what_is_not_there_gets_the_nearest(
    house: House, words: tuple[str, ...], code: str, near: str
) -> None:
    result = house.run(*words, "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["code"], error["facts"].get("near", "")) == (2, code, near)


def test_functions_are_told_by_version(house: House) -> None:
    names: dict[str, set[str]] = {}
    for version in VERSIONS:
        answer = msgspec.convert(told(house, "functions", "--version", version.names[-1]), Functions)
        assert [v.name for v in answer.versions] == [version.name]
        names[version.name] = {f.name for f in answer.functions}
    assert "yaql" not in names["2016-04-08"]
    assert {"yaql", "equals"} <= names["2016-10-14"]
    assert names["2017-02-24"] < names["2017-09-01"]
    assert "Fn::If" in names["2010-09-09"]
    assert {"Fn::If", "get_param"}.isdisjoint(names["2012-12-12"])


def test_a_function_is_shown_in_all_its_forms(house: House) -> None:
    shown = house.run("functions", "repeat").stdout
    assert shown.count("example") == 3
    assert "permutations" in shown
    listed = house.run("functions").stdout
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("repeat")] == ["repeat"]
    assert "2015-10-15 on" in next(line for line in listed.splitlines() if line.startswith("str_split"))


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize(
    "words", [("types",), ("types", "OS::Nova::Server"), ("functions",), ("functions", "str_replace")]
)
def test_pages_fit(house: House, words: tuple[str, ...], columns: str) -> None:
    house.environ["COLUMNS"] = columns
    for line in house.run(*words).stdout.splitlines():
        assert cell_len(line) <= int(columns), line
        assert line == line.rstrip()
