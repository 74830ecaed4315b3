"""The docs say what the code says: nothing is left out, every link leads somewhere, every example is real."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from longshore.api.routes import EXEC_PATH, ROUTES
from longshore.cli.app import COMMANDS, build
from longshore.cli.wiring import Wiring
from longshore.model import lifecycle
from longshore.model.mesh import MeshAct
from longshore.model.template import Sources
from longshore.provider.docker.address import SETTINGS as ADDRESS
from longshore.provider.docker.faults import CODES as DOCKER_CODES
from longshore.provider.lab.settings import SETTINGS as LAB
from longshore.provider.simulator.codes import CODES as SIMULATOR_CODES
from longshore.provider.simulator.settings import SETTINGS as SIMULATOR
from longshore.schedule.place import STRATEGIES
from longshore.schedule.rules import RULES
from longshore.service.warning import CHECKS
from longshore.settings import SETTINGS
from longshore.template import read
from longshore.template.codes import CODES as TEMPLATE_CODES
from longshore.template.compose import deploy, keys, parts, resources
from longshore.template.hot import limits
from longshore.template.hot.types import registry
from longshore.template.hot.versions import VERSIONS
from longshore.template.schema import Row

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "longshore"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
STATES = (
    lifecycle.HostState,
    lifecycle.TaskState,
    lifecycle.HoldingState,
    lifecycle.StackState,
    lifecycle.ChangeState,
    lifecycle.StepState,
    lifecycle.Health,
)
COMPOSE = {
    f"{module.__name__.rpartition('.')[2]}.{name}": table
    for module in (keys, deploy, parts, resources)
    for name, table in vars(module).items()
    if name.isupper() and isinstance(table, dict) and all(isinstance(row, Row) for row in table.values())
}

# Codes whose text is put together, each with all it can be.
COMPOSED = {
    f"no-such-{kind}"
    for kind in (
        *("stack", "service", "task", "host", "cloud", "driver", "plan", "change"),
        *("type", "version", "function"),
    )
} | {"token-missing", "token-wrong", "unknown"}


def page(name: str) -> str:
    """A page's text."""
    return (DOCS / name).read_text()


def code_words(text: str) -> set[str]:
    """All that stands in backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def first_column(text: str) -> set[str]:
    """All that stands in backticks in the first column of a table."""
    rows = (line.split(" | ")[0] for line in text.splitlines() if line.startswith("|"))
    return {word for row in rows for word in code_words(row)}


def trees() -> Iterator[ast.Module]:
    """All of the code, parsed."""
    return (ast.parse(path.read_text()) for path in sorted(SOURCE.rglob("*.py")))


def codes_in_source() -> set[str]:
    """The codes that errors are raised with, where they are written out."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            for word in node.keywords:
                if word.arg == "code" and isinstance(word.value, ast.Constant):
                    found.add(str(word.value.value))
    return found


def kinds_in_source() -> set[str]:
    """The kinds of journal entry that are written; one that is put together, with all that it can be."""
    found: set[str] = set()
    for tree in trees():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "note"
            ):
                found.update(kinds_of(node.args[0]))
    return found


def kinds_of(argument: ast.expr) -> set[str]:
    """What a first argument of `note` can be."""
    match argument:
        case ast.Constant(value=str(kind)):
            return {kind}
        case ast.IfExp(body=body, orelse=other):
            return kinds_of(body) | kinds_of(other)
        case ast.JoinedStr():
            text = ast.unparse(argument)
            if "state" in text:
                ended = set(lifecycle.ChangeState) - {lifecycle.ChangeState.APPLYING}
                return {f"change.{state}" for state in ended}
            if "mesh." in text:
                return {f"mesh.{act}" for act in MeshAct}
            if "holding.kind" in text:
                return {"network.gone", "volume.gone", "image.gone"}
        case _:
            pass
    raise AssertionError(f"say here what this journal kind can be: {ast.unparse(argument)}")


def commands() -> Iterator[str]:
    """Every command with the words that lead to it."""

    def walk(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
        if words and not (isinstance(command, click.Group) and not command.invoke_without_command):
            yield " ".join(("longshore", *words))
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from walk(found, (*words, name))

    wiring = Wiring(
        serve=lambda _: None,
        start_server=lambda: None,
        reader=lambda: lambda: None,
        now=lambda: 0,
        state_dir="",
        version="0",
        environ={},
        cwd="",
    )
    yield from walk(build(wiring), ())


def test_every_setting_is_written_down() -> None:
    written = first_column(page("settings.md"))
    here = {"LONGSHORE_STATE", "LONGSHORE_SERVER", "LONGSHORE_TOKEN"}
    assert {setting.name for setting in SETTINGS} | here <= written


def test_every_variable_that_the_code_reads_is_written_down() -> None:
    names = {
        name for path in SOURCE.rglob("*.py") for name in re.findall(r"\bLONGSHORE_[A-Z_]+", path.read_text())
    }
    assert names <= first_column(page("settings.md"))


def test_every_setting_of_the_simulator_is_written_down() -> None:
    assert set(SIMULATOR) - {"state"} <= first_column(page("simulator.md"))


def test_every_setting_of_the_lab_is_written_down() -> None:
    assert set(LAB) <= first_column(page("lab.md"))


def test_every_setting_of_the_driver_local_is_written_down() -> None:
    assert set(ADDRESS) <= first_column(page("commands.md"))


def test_every_command_is_written_down_with_an_example() -> None:
    text = page("commands.md")
    for command in commands():
        assert re.search(rf"^\| `{command}\b", text, re.MULTILINE), f"no row for {command}"
        assert re.search(rf"^    {command}\b", text, re.MULTILINE), f"no example of {command}"


def test_no_command_is_written_down_that_is_not_there() -> None:
    known = set(COMMANDS)
    for path in PAGES:
        for name in re.findall(
            r"^(?:    (?:\$ )?|\.venv/bin/)?longshore ([a-z]+)\b", path.read_text(), re.MULTILINE
        ):
            assert name in known, f"{path.name}: longshore {name}"


def test_every_state_is_written_down() -> None:
    text = page("states.md")
    for states in STATES:
        for state in states:
            assert re.search(rf"^\| \**{state}\** \|", text, re.MULTILINE), f"{states.__name__}.{state}"


def test_every_error_code_is_written_down() -> None:
    tables = {*TEMPLATE_CODES, *DOCKER_CODES, *SIMULATOR_CODES}
    written = first_column(page("errors.md"))
    missing = (codes_in_source() | tables | COMPOSED) - written
    assert not missing


def test_no_error_code_is_written_down_that_is_not_raised() -> None:
    kinds = {"Invalid", "NotFound", "Refused", "Denied", "Unreachable", "Failed", "Unsure"}
    known = {*codes_in_source(), *TEMPLATE_CODES, *DOCKER_CODES, *SIMULATOR_CODES, *COMPOSED}
    known |= {check.code for check in CHECKS} | kinds
    assert first_column(page("errors.md")) <= known


def test_every_journal_kind_is_written_down_and_no_other() -> None:
    assert first_column(page("journal.md")) == kinds_in_source()


def test_every_filter_and_strategy_is_written_down() -> None:
    ours, _, others = page("placement.md").partition("## The names you know")
    assert first_column(ours) == {rule.name for rule in RULES} | set(STRATEGIES)
    # Each name of others leads to a word that there is.
    assert all(
        code_words(row) for row in others.splitlines() if row.startswith("| ") and "you know" not in row
    )


def test_templates_know_the_strategies_that_there_are() -> None:
    assert set(deploy.STRATEGIES) == set(STRATEGIES)


@pytest.mark.parametrize("name", sorted(COMPOSE))
def test_every_compose_key_is_written_down(name: str) -> None:
    assert set(COMPOSE[name]) <= code_words(page("compose.md"))


def test_every_table_of_compose_has_its_section() -> None:
    told = [table for _, table in runpy.run_path(str(ROOT / "scripts" / "reference.py"))["COMPOSE"]]
    missing = [name for name, table in COMPOSE.items() if not any(table is each for each in told)]
    assert not missing


def test_every_version_function_and_type_of_hot_is_written_down() -> None:
    text = page("hot.md")
    assert {name for version in VERSIONS for name in version.names} <= code_words(text)
    functions = {word for version in VERSIONS for word in (*version.functions, *version.conditions)}
    assert functions | set(registry.names()) <= code_words(text)


def test_the_limits_of_hot_are_written_down() -> None:
    text = page("hot.md")
    for name, value in vars(limits).items():
        if name.startswith("MOST_") and name != "MOST_ALIASES":
            assert f"{value:,}" in text, name


def test_every_route_is_written_down() -> None:
    text = page("api.md")
    written = set(re.findall(r"`((?:GET|POST|DELETE|PUT) [^`]+)`", text))
    assert written == {f"{row.method} {row.path}" for row in ROUTES}
    assert EXEC_PATH in text


@pytest.mark.parametrize("script", ["states.py", "reference.py"])
def test_generated_parts_are_as_generated(script: str) -> None:
    words = ["--print"] if script == "states.py" else ["--check"]
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, *words], capture_output=True, text=True, check=False
    )
    again = f"write it anew: .venv/bin/python scripts/{script}"
    if script == "states.py":
        assert done.stdout == page("states.md"), again
    assert done.returncode == 0, f"{done.stdout}{done.stderr}{again}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_of_compose_are_right(path: Path) -> None:
    for text in re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL):
        reading = read(Sources(templates=("compose.yaml",), directory="docs", files={"compose.yaml": text}))
        for _ in range(3):
            if reading.needs is None:
                break
            needs = reading.needs
            files = {"compose.yaml": text} | dict.fromkeys((*needs.files, *needs.optional))
            variables = dict.fromkeys(needs.variables)
            sources = Sources(templates=("compose.yaml",), directory="docs", files=files, variables=variables)
            reading = read(sources)
        assert not reading.faults
        assert not reading.warnings
        assert reading.graph is not None


def test_the_picture_is_drawn_and_fetches_nothing() -> None:
    picture = DOCS / "picture.svg"
    ET.parse(picture)
    assert set(re.findall(r"https?://[^\"' )]+", picture.read_text())) == {"http://www.w3.org/2000/svg"}


def test_every_decision_is_in_the_index() -> None:
    index = page("decisions/README.md")
    for path in DOCS.glob("decisions/[0-9]*.md"):
        assert f"({path.name})" in index


def test_every_page_can_be_found_from_the_readme() -> None:
    text = "".join(path.read_text() for path in PAGES)
    for path in DOCS.glob("*.md"):
        assert f"{path.name})" in text, f"nothing leads to {path.name}"
