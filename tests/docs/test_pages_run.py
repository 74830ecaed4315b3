"""Pages that show commands to type are typed here, on the real engine."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


class Server(msgspec.Struct):
    """As much as is needed of what `longshore version` says of the server."""

    cell: str
    pid: int


class Versions(msgspec.Struct):
    """What `longshore version --json` says."""

    server: Server | None = None


class Shell:
    """Runs lines of a page, with a server of its own."""

    def __init__(self, folder: Path, state: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("LONGSHORE_")},
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "LONGSHORE_STATE": str(state),
            "PORT": str(port),
            "SHOP_PORT": str(port),
        }

    def run(self, line: str) -> str:
        """Run a line as a person would; the page is fetched without curl, which not everybody has."""
        if line.startswith("curl "):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
                return str(answer.read().decode())
        done = subprocess.run(
            ["sh", "-euc", line],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def server(self) -> Server | None:
        """The server that the lines talk to, if one runs."""
        return msgspec.json.decode(self.run("longshore version --json"), type=Versions).server


@pytest.fixture
def shell(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell in an empty folder; what its server made is taken down at the end, also after a failure."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
    shell = Shell(tmp_path, tmp_path_factory.mktemp("s"), port)
    shell.run("longshore status")
    server = shell.server()
    assert server is not None
    record = ROOT / "build"
    record.mkdir(exist_ok=True)
    for name, word in (("cells", server.cell), ("servers", str(server.pid))):
        with (record / name).open("a") as out:
            out.write(f"{word}\n")
    try:
        yield shell
    finally:
        os.kill(server.pid, signal.SIGTERM)
        sweep = [sys.executable, str(ROOT / "scripts" / "engine_api.py"), _engine(), "sweep", server.cell]
        subprocess.run(sweep, check=True, capture_output=True, timeout=120)


def _engine() -> str:
    return os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


def _lines(page: str) -> list[str]:
    return [line for block in _blocks(page, "sh") for line in block.splitlines() if line]


def test_the_first_application_runs_as_its_page_says(shell: Shell) -> None:
    for language, name in (("python", "app.py"), ("dockerfile", "Dockerfile"), ("yaml", "compose.yaml")):
        (shell.folder / name).write_text(_blocks("docs/first-app.md", language)[0])
    said = {line: shell.run(line) for line in _lines("docs/first-app.md")}
    assert "visit 1" in said["curl -fsS http://127.0.0.1:${PORT:-8000}/"]
    assert said["longshore exec -T first/cache redis-cli get visits"].strip() == "1"
    assert "publish another port" in said["longshore plan --scale first web=2 || test $? = 3"]
    assert "first" not in shell.run("longshore stacks")


def test_the_readme_runs_as_it_says(shell: Shell) -> None:
    shell.folder = ROOT
    for line in _lines("README.md"):
        words = shlex.split(line, comments=True)
        assert words[0] == ".venv/bin/longshore"
        shell.run(shlex.join(["longshore", *words[1:]]))
        if words[1] == "up":
            with urllib.request.urlopen(f"http://127.0.0.1:{shell.port}/", timeout=10) as answer:
                assert "<title>" in answer.read().decode()
    assert "shop" not in shell.run("longshore stacks")
