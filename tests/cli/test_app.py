"""The way in: help, laziness, exit codes, what goes to which stream."""

import errno
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from starlette.responses import Response
from tests.cli.conftest import Api, House

from longshore.cli.app import COMMANDS, build
from longshore.model.errors import Denied, Failed, Invalid, NotFound, Refused, Unreachable, Unsure


def commands(house: House) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command, by its words."""
    root = build(house.wiring())
    assert isinstance(root, click.Group)
    context = click.Context(root)
    waiting: list[tuple[tuple[str, ...], click.Command | None]]
    waiting = [((name,), root.get_command(context, name)) for name in COMMANDS]
    while waiting:
        words, command = waiting.pop(0)
        assert command is not None
        yield words, command
        if isinstance(command, click.Group):
            waiting += [((*words, name), inner) for name, inner in command.commands.items()]


def test_help_lists_every_command(house: House) -> None:
    result = house.run("--help")
    assert result.exit_code == 0
    for name, row in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(row.words)}$", result.stdout, re.MULTILINE)
    assert house.run().stdout == result.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from longshore.cli.app import build\n"
        "from longshore.cli.wiring import Wiring\n"
        "wiring = Wiring(print, print, print, int, '', '0', {}, '')\n"
        "try:\n"
        "    build(wiring).main(['--help'])\n"
        "except SystemExit:\n"
        "    pass\n"
        "heavy = {'rich', 'httpx', 'msgspec', 'websockets', 'asyncio', 'pathlib', 'shutil', 'dataclasses'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    assert (result.stdout.splitlines()[-1], result.stderr) == ("[]", "")


def test_every_command_has_help_with_an_example_and_json(house: House) -> None:
    for words, command in commands(house):
        result = house.run(*words, "--help")
        assert result.exit_code == 0, words
        assert f"longshore {' '.join(words)}" in result.stdout, words
        assert "Example:" in result.stdout, words
        assert max(len(line) for line in result.stdout.splitlines()) <= 80, words
        names = {name for option in command.params for name in option.opts}
        assert "--json" in names or words == ("completion",), words


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Failed("f", code="c"), 1),
        (Invalid("i", code="c"), 2),
        (NotFound("n", code="c"), 2),
        (Refused("r", code="c"), 3),
        (Denied("d", code="c"), 3),
        (Unreachable("u", code="c"), 4),
        (Unsure("u", code="c"), 4),
    ],
)
def test_exit_codes_and_streams(house: House, api: Api, error: Failed, code: int) -> None:
    error.remedy = "do this"
    api.will("GET /v1/status", error)
    result = house.run("status")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr == f"error: {error.message}\n  → do this\n"
    result = house.run("status", "--json")
    assert result.exit_code == code
    told = json.loads(result.stdout)
    assert (told["error"]["code"], told["error"]["remedy"], told["exit"]) == ("c", "do this", code)


def test_a_command_that_is_none_gets_the_nearest(house: House) -> None:
    result = house.run("stack")
    assert result.exit_code == 2
    assert "did you mean 'stacks'?" in result.stderr
    assert "stacks" in result.stderr


def test_wrong_words_are_wrong_input_for_programs_too(house: House) -> None:
    result = house.run("ps", "--json", "--wrong")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "usage"
    assert "longshore ps --help" in result.stderr


@pytest.mark.parametrize("error", [BrokenPipeError(errno.EPIPE, "Broken pipe"), SystemExit(1)])
def test_a_reader_that_has_gone_is_no_failure(
    lonely: House, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def gone(_session: object, _raw: bytes) -> None:
        raise error

    monkeypatch.setattr("longshore.cli.session.Session.write", gone)
    result = lonely.run("version", "--json")
    assert (result.exit_code, result.stderr) == (141, "")


def test_a_full_disk_behind_the_output_is_told_of(lonely: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_session: object, _raw: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("longshore.cli.session.Session.write", full)
    result = lonely.run("version", "--json")
    assert (result.exit_code, "No space left on device" in result.stderr) == (1, True)


def test_a_bug_is_not_dressed_up(house: House, api: Api) -> None:
    api.will("GET /v1/stacks", [{"name": 3}])
    with pytest.raises(Exception, match="Expected"):
        house.run("stacks")


def test_without_a_server_one_is_asked_for(lonely: House) -> None:
    result = lonely.run("ps")
    assert (result.exit_code, lonely.started) == (4, 1)
    assert "it does not start" in result.stderr


def test_a_server_that_was_started_is_told_of_and_used(house: House, api: Api, tmp_path: Path) -> None:
    api.will("GET /v1/tasks", [])
    there, house.state = house.state, tmp_path / "later"

    def start() -> None:
        house.state.symlink_to(there)

    wiring = house.wiring()._replace(start_server=start)
    result = click.testing.CliRunner().invoke(build(wiring), ["ps", "--json"])
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert "started one for you in the background" in result.stderr


def test_a_named_server_is_never_started(lonely: House) -> None:
    lonely.environ["LONGSHORE_SERVER"] = "http://127.0.0.1:1"
    result = lonely.run("ps")
    assert (result.exit_code, lonely.started) == (4, 0)
    assert "no server answers at http://127.0.0.1:1" in result.stderr
    lonely.environ["LONGSHORE_SERVER"] = "somewhere"
    assert lonely.run("ps").exit_code == 2


def test_version_and_token_go_along(house: House, api: Api) -> None:
    api.will("GET /v1/tasks", [])
    house.environ["LONGSHORE_SERVER"] = f"unix://{house.state}/longshore.sock"
    assert house.run("ps").exit_code == 0
    assert api.asked[0].headers["longshore-version"] == "0.1.0"


def test_a_path_too_long_for_a_socket(lonely: House) -> None:
    lonely.state = lonely.state / ("x" * 120)
    result = lonely.run("ps")
    assert result.exit_code == 2
    assert "too long" in result.stderr


def test_somebody_elses_server(house: House, api: Api) -> None:
    api.will("GET /v1/tasks", Response("<html>", 200, media_type="text/html"))
    assert house.run("ps").exit_code == 4
    api.will("GET /v1/tasks", Response("<html>", 404, media_type="text/html"))
    assert "no Longshore server" in house.run("ps").stderr


def test_no_colours_where_there_is_no_terminal(house: House, api: Api) -> None:
    api.will("GET /v1/status", Refused("r", code="c"))
    assert "\x1b" not in house.run("status").stderr


def test_serve_takes_an_address(house: House) -> None:
    assert house.run("serve", "--listen", "127.0.0.1:7070", "--restart").exit_code == 0
    assert house.served[0].listen == "127.0.0.1:7070"
    assert house.served[0].restart
    for wrong in ("7070", ":7070", "host:", "host:x", "host:99999"):
        assert house.run("serve", "--listen", wrong).exit_code == 2


def test_version_asks_but_starts_nothing(house: House, lonely: House, api: Api) -> None:
    server = {"version": "0.1.3", "cell": "c", "started_at": 0, "pid": 7}
    api.will("GET /v1/version", server)
    assert house.run("version").stdout == "client 0.1.0\nserver 0.1.3 (process 7, cell c)\n"
    assert json.loads(house.run("version", "--json").stdout) == {"client": "0.1.0", "server": server}
    assert lonely.run("version").stdout == "client 0.1.0\nserver: none runs\n"
    assert lonely.started == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(house: House, shell: str) -> None:
    assert "_LONGSHORE_COMPLETE" in house.run("completion", shell).stdout
