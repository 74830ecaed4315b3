"""`validate` and `config`: one form for all languages, no server, and wrong input of every kind."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click.testing
import pytest
from tests.cli.conftest import House
from typing_extensions import override

from longshore import template
from longshore.api.app import make_reader_app
from longshore.cli.app import build
from longshore.cli.wiring import Wiring
from longshore.model.fault import Fault
from longshore.model.spec import Graph
from longshore.model.template import Reading, Sources
from longshore.template.findings import At, Findings
from longshore.template.parameter_files import with_values

COMPOSE = """\
services:
  web:
    image: nginx
    depends_on: [db]
  db: {image: postgres}
"""
OUTLINE: dict[str, object] = {
    "version": "2018-08-31",
    "parameters": {"size": {"type": "number", "value": 3}},
    "resources": {"web": {"type": "OS::Nova::Server", "depends_on": [], "properties": {"price": "$5"}}},
    "outputs": {},
}


class Reader(House):
    """A command line with the real reader of templates, and no server."""

    def __init__(self, house: House) -> None:
        super().__init__(house.state, house.cwd)
        self.here = Path(house.cwd)

    @override
    def wiring(self) -> Wiring:
        return super().wiring()._replace(reader=lambda: make_reader_app(template.read))

    def validate(self, *words: str, stdin: str = "") -> tuple[int, Any]:
        result = self.run("validate", *words, "--json", stdin=stdin)
        return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def reader(lonely: House) -> Reader:
    return Reader(lonely)


def test_a_template_that_is_right(reader: Reader) -> None:
    (reader.here / "compose.yaml").write_text(COMPOSE)
    code, told = reader.validate("compose.yaml")
    assert (code, list(told)) == (
        0,
        ["ok", "dialect", "version", "parameters", "resources", "outputs", "faults"],
    )
    assert (told["ok"], told["dialect"], told["faults"]) == (True, "compose", [])
    web = told["resources"]["web"]
    assert (web["type"], web["depends_on"], web["properties"]["image"]) == (
        "Compose::Service",
        ["db"],
        "nginx",
    )
    assert reader.started == 0


def test_faults_have_code_place_and_hint(reader: Reader) -> None:
    (reader.here / "shop").mkdir()
    (reader.here / "shop/compose.yaml").write_text("services:\n  web:\n    imgae: nginx\n")
    for command in ("validate", "config"):
        result = reader.run(command, "shop/compose.yaml", "--json")
        told = json.loads(result.stdout)
        assert (result.exit_code, told["ok"]) == (2, False)
        fault = next(fault for fault in told["faults"] if fault["code"] == "unknown-key")
        assert set(fault) == {"code", "message", "file", "line", "column", "path", "hint"}
        assert (fault["file"], fault["line"], fault["column"]) == ("shop/compose.yaml", 3, 5)
        assert fault["path"] == "services.web.imgae"
        assert "    3 │     imgae: nginx\n      │     ^\n" in result.stderr


def test_an_outline_is_printed_as_it_is(lonely: House) -> None:
    (Path(lonely.cwd) / "web.yaml").write_text("x")
    lonely.reader.will("POST /v1/readings", Reading(dialect="hot", outline=OUTLINE))
    told = json.loads(lonely.run("validate", "web.yaml", "--json").stdout)
    assert told == {"ok": True, "dialect": "hot", **OUTLINE, "faults": []}
    assert lonely.run("validate", "web.yaml").stdout == (
        "web.yaml is right: hot 2018-08-31, 1 parameter, 1 resource.\n"
    )
    assert json.loads(lonely.run("config", "web.yaml", "--json").stdout) == OUTLINE
    # No template, so no variables: a $ stays as it is.
    assert "price: $5" in lonely.run("config", "web.yaml").stdout.replace('"', "")


def test_what_cannot_be_kept_is_right_but_told_of(lonely: House) -> None:
    (Path(lonely.cwd) / "compose.yaml").write_text("services: {}")
    refusal = Fault(code="unsupported-key", message="not yet", file="compose.yaml", line=1, column=1)
    reading = Reading(dialect="compose", graph=Graph(name="shop"), config={}, refusals=(refusal,))
    lonely.reader.will("POST /v1/readings", reading)
    result = lonely.run("validate")
    assert (result.exit_code, "is right" in result.stdout) == (0, True)
    assert "refused at plan[unsupported-key]: not yet" in result.stderr


VALUES = [
    # files of parameters, in order; -P words; what the reader gets
    ({}, ("-P", "size=3", "-P", "name=a=b"), {"size": "3", "name": "a=b"}),
    ({"p.json": '{"size": 3, "tags": ["a"]}'}, (), {"size": 3, "tags": ["a"]}),
    ({"p.yaml": "parameters: {size: 3}\nparameter_defaults: {}\n"}, (), None),
    ({"p.yaml": "parameters:\n  size: 3\n"}, (), {"size": 3}),
    ({"p.yaml": "parameters: {a: 1}\nsize: 3\n"}, (), {"parameters": {"a": 1}, "size": 3}),
    ({"p.yaml": ""}, (), {}),
    ({"a.yaml": "size: 1\nname: x", "b.yaml": "size: 2"}, ("-P", "name=y"), {"size": 2, "name": "y"}),
]


@pytest.mark.parametrize(("files", "words", "values"), VALUES)
def test_parameters_come_from_files_and_words(
    files: dict[str, str], words: tuple[str, ...], values: dict[str, object] | None, lonely: House
) -> None:
    seen: list[dict[str, object]] = []

    def read(sources: Sources) -> Reading:
        findings = Findings()
        seen.append(dict(with_values(sources, At(findings)).parameters))
        return Reading(dialect="hot", faults=findings.faults(), outline=OUTLINE)

    house = Reader(lonely)
    for name, text in (files | {"web.yaml": "x"}).items():
        (house.here / name).write_text(text)
    wiring = house.wiring()._replace(reader=lambda: make_reader_app(read))
    house.wiring = lambda: wiring  # type: ignore[method-assign]
    given = [word for name in files for word in ("--parameters", name)]
    result = house.run("validate", "web.yaml", *given, *words)
    if values is None:
        assert (result.exit_code, "give the file by -e" in result.stderr) == (2, True)
        return
    assert result.exit_code == 0, result.stderr
    assert seen == [values]


def bad(text: str | bytes) -> tuple[str, str | bytes]:
    return "p.yaml", text


WRONG = [
    # a name and what is there (None: nothing, "/": a folder); words; the fault's code; a word of the message
    (("web.yaml", None), ("web.yaml",), "file-unreadable", "no such file"),
    (("web.yaml", "/"), ("web.yaml",), "template-missing", "is a folder"),
    (("web.yaml", b"\x7fELF\x00\xff\xfe"), ("web.yaml",), "file-unreadable", "not UTF-8"),
    (("web.yaml", b"a: \xe9\n"), ("web.yaml",), "file-unreadable", "not UTF-8"),
    (("web.yaml", "a: \x00\n"), ("web.yaml",), "bad-character", "U+0000"),
    (("web.yaml", ""), ("web.yaml",), "empty-template", "nothing"),
    (("web.yaml", "\n# only a remark\n"), ("web.yaml",), "empty-template", "nothing"),
    (("web.yaml", "- a\n"), ("web.yaml",), "wrong-type", "mapping"),
    (("web.yaml", "just words"), ("web.yaml",), "wrong-type", "mapping"),
    (("web.yaml", "a: [\n"), ("web.yaml",), "yaml-syntax", ""),
    (("web.yaml", b"x" * (16 * 1024 * 1024 + 1)), ("web.yaml",), "file-unreadable", "16 MiB"),
    (("w\udcffb.yaml", None), ("w\udcffb.yaml",), "file-unreadable", "name is not UTF-8"),
    (("web.yaml", COMPOSE), ("web.yaml", "--dialect", "komposé"), "unknown-dialect", "komposé"),
    (("web.yaml", COMPOSE), ("web.yaml", "-P", "size"), "pair-unreadable", "KEY=VALUE"),
    (("web.yaml", COMPOSE), ("web.yaml", "--parameters", "gone.json"), "file-unreadable", "no such file"),
    (("web.yaml", COMPOSE), ("web.yaml", "-e", "gone.yaml"), "file-unreadable", "no such file"),
    (bad("[1, 2]"), ("-", "--parameters", "p.yaml"), "wrong-type", "mapping of parameters"),
    (bad("a: 1\n---\nb: 2\n"), ("-", "--parameters", "p.yaml"), "wrong-type", "one document"),
    (bad('{"a": 1'), ("-", "--parameters", "p.yaml"), "yaml-syntax", ""),
    (("-", ""), ("-", "--parameters", "-"), "stdin-twice", "once"),
]


@pytest.mark.parametrize(("file", "words", "code", "message"), WRONG)
def test_wrong_input_is_a_fault(
    reader: Reader, file: tuple[str, str | bytes | None], words: tuple[str, ...], code: str, message: str
) -> None:
    name, content = file
    path = reader.here / name
    if content == "/":
        path.mkdir()
    elif content is not None and name != "-":
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    exit_code, told = reader.validate(*words, stdin=COMPOSE)
    assert (exit_code, told["ok"]) == (2, False)
    assert code in {fault["code"] for fault in told["faults"]}
    assert any(message in fault["message"] for fault in told["faults"])
    # In words, too, and never as a trace.
    result = reader.run("validate", *words, stdin=COMPOSE)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error")


def test_standard_input_that_is_no_text(reader: Reader) -> None:
    runner = click.testing.CliRunner()
    words = ["validate", "-", "--json"]
    result = runner.invoke(build(reader.wiring()), words, input=b"\xff\xfe", catch_exceptions=False)
    assert result.exit_code == 2
    assert "standard input: it is not UTF-8" in json.loads(result.stdout)["faults"][0]["message"]


def test_faults_of_a_file_of_parameters_have_their_place(reader: Reader) -> None:
    (reader.here / "compose.yaml").write_text(COMPOSE)
    (reader.here / "env").mkdir()
    (reader.here / "env/p.yaml").write_text("parameters:\n  - size\n")
    code, told = reader.validate("compose.yaml", "--parameters", "env/p.yaml")
    assert code == 2
    assert [(f["file"], f["line"], f["column"], f["path"]) for f in told["faults"]] == [
        (os.path.join("env", "p.yaml"), 2, 3, "parameters")  # noqa: PTH118 - a name
    ]


def test_colours_are_for_terminals_only(reader: Reader) -> None:
    (reader.here / "compose.yaml").write_text("services: []\n")
    assert "\x1b" not in reader.run("validate").stderr


def test_a_reader_loads_neither_a_store_nor_a_scheduler() -> None:
    program = (
        "import sys\n"
        "from longshore import template\n"
        "from longshore.api.app import make_reader_app\n"
        "make_reader_app(template.read)\n"
        "print(sorted({'sqlalchemy', 'numpy', 'aiohttp', 'uvicorn', 'yaql'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
