"""What the reader asks for: just what it needs, in as few rounds as can be, never twice."""

from __future__ import annotations

import pytest

from longshore.model.template import Needs, Sources
from longshore.template import read

TEXT = """\
services:
  a:
    image: x:${TAG:-${FALLBACK}}
    env_file: [../shared.env, {path: ./maybe.env, required: false}]
    environment: [TOKEN]
    volumes: [~/x:/x]
    secrets: [s]
secrets: {s: {environment: SECRET}}
"""


def _read(files: dict[str, str | None], variables: dict[str, str | None]) -> Needs | None:
    sources = Sources(templates=("c.yaml",), directory="/p", files=files, variables=variables)
    return read(sources).needs


def test_templates_come_first() -> None:
    assert _read({}, {}) == Needs(files=("c.yaml",))


def test_then_what_interpolation_wants() -> None:
    assert _read({"c.yaml": TEXT}, {}) == Needs(
        optional=(".env",), variables=("TAG", "FALLBACK", "COMPOSE_PROJECT_NAME")
    )


def test_then_what_the_services_want() -> None:
    variables: dict[str, str | None] = {"TAG": "v", "FALLBACK": "v", "COMPOSE_PROJECT_NAME": "v"}
    assert _read({"c.yaml": TEXT, ".env": None}, variables) == Needs(
        files=("../shared.env",), optional=("maybe.env",), variables=("TOKEN", "SECRET", "HOME")
    )


def test_what_environment_files_name_is_asked_for_too() -> None:
    files: dict[str, str | None] = {"c.yaml": "services: {a: {image: x}}", ".env": "A=$B\nC"}
    assert _read(files, {"COMPOSE_PROJECT_NAME": None}) == Needs(variables=("B", "C"))


def test_a_project_name_from_the_command_line_asks_for_none() -> None:
    files = {"c.yaml": "services: {a: {image: x}}", ".env": None}
    sources = Sources(templates=("c.yaml",), directory="/p", files=files, project="p")
    assert read(sources).graph is not None


def test_named_environment_files_take_the_place_of_dot_env() -> None:
    files: dict[str, str | None] = {"c.yaml": "services: {a: {image: $I}}"}
    sources = Sources(
        templates=("c.yaml",), directory="/p", files=files, env_files=("a.env", "b.env"), project="p"
    )
    assert read(sources).needs == Needs(files=("a.env", "b.env"), variables=("I",))
    files |= {"a.env": "I=one\nJ=$I", "b.env": "I=two-$J"}
    answered = Sources(
        templates=("c.yaml",),
        directory="/p",
        files=files,
        variables=dict.fromkeys(("I", "J")),
        env_files=("a.env", "b.env"),
        project="p",
    )
    graph = read(answered).graph
    assert graph is not None
    assert graph.services["a"].image.name == "two-one"


@pytest.mark.parametrize("text", ["a: [", "\x00", ""])
def test_a_text_that_cannot_be_read_asks_for_nothing(text: str) -> None:
    reading = read(Sources(templates=("c.yaml",), directory="/p", files={"c.yaml": text}))
    assert reading.needs is None
    assert reading.faults


def test_a_template_that_is_not_there_is_a_fault() -> None:
    reading = read(Sources(templates=("c.yaml",), directory="/p", files={"c.yaml": None}))
    assert [f.code for f in reading.faults] == ["missing-file"]


def test_no_template_is_a_fault() -> None:
    assert [f.code for f in read(Sources(templates=(), directory="/p")).faults] == ["missing-file"]


def test_a_dialect_that_nobody_knows() -> None:
    sources = Sources(templates=("c",), directory="/p", files={"c": "a: 1"}, dialect="compos")
    fault = read(sources).faults[0]
    assert (fault.code, fault.hint) == ("unknown-dialect", 'did you mean "compose"?')
