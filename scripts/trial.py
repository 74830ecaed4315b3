"""A server of its own for the demo and the picture, apart from the user's; all it made is taken back.

What it makes in an engine carries its cell; the cell goes into `build/cells` and the server's process into
`build/servers` as soon as they are known, so that `make clean` finds what a crash left behind.
"""

# A script at the edge: it waits, starts processes, and what they print is of any shape.
# ruff: noqa: ANN401, S603, TID251

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import engine_api

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LONGSHORE = Path(sys.executable).with_name("longshore")
LONGEST_SOCKET = 100  # bytes of a path that a unix socket can have, with a little to spare
PATIENCE = 900.0  # seconds a command may take: the first build of images fetches packages
ENGINE = os.environ.get("DOCKER_HOST") or "unix://" + os.environ.get(
    "LONGSHORE_ENGINE_SOCKET", "/var/run/docker.sock"
)


class Trial:
    """A state folder, the environment that leads to it, and the server that serves it once it was started."""

    def __init__(self, name: str, settings: dict[str, str]) -> None:
        """Make the folder anew; whatever an earlier trial of this name left in the engine goes first.

        Args:
            name: of the folder below `build/`.
            settings: variables for the server and the command line.
        """
        self.folder = BUILD / name
        self._take_over()
        self.state = self.folder / "state"
        if len(os.fsencode(self.state / "longshore.sock")) > LONGEST_SOCKET:
            self.state = Path(tempfile.mkdtemp(prefix="longshore-"))
        self.folder.mkdir(parents=True)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LONGSHORE_")}
        self.environ = {
            **inherited,
            "LONGSHORE_STATE": str(self.state),
            "DOCKER_HOST": ENGINE,
            "PYTHONUNBUFFERED": "1",
            "TERM": "dumb",
            **settings,
        }
        self.cell = ""
        self.pid = 0

    def read(self, *words: str) -> Any:
        """Run a command with --json and decode what it prints. Exit codes are left out of account."""
        done = subprocess.run(
            [str(LONGSHORE), *words, "--json"],
            env=self.environ, cwd=ROOT, capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def open(self, *words: str) -> subprocess.Popen[str]:
        """Start a command; its output and its errors come as one stream of lines."""
        return subprocess.Popen(
            [str(LONGSHORE), *words],
            env=self.environ, cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip

    def note(self) -> None:
        """Write down which server runs and what its cell is. Starts none."""
        server = self.read("version").get("server")
        if server is None or server["pid"] == self.pid:
            return
        self.pid, self.cell = server["pid"], server["cell"]
        for record, word in (
            ("cells", self.cell),
            ("servers", str(self.pid)),
            (f"{self.folder.name}.cell", self.cell),
        ):
            with (BUILD / record).open("a") as out:
                out.write(f"{word}\n")

    def left(self) -> dict[str, list[str]]:
        """What the engine holds of this cell, by noun, but for images."""
        return {
            noun: [row.get("Name") or row["Id"] for row in rows] for noun, rows, _ in _leavings(self.cell)
        }

    def close(self) -> None:
        """End the server, take down what the cell has in the engine but for images, remove the state.

        Twice is fine.
        """
        with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
            self.note()
        _end(self.pid)
        if self.cell:
            _sweep(self.cell)
            self._keep_newest_images()
            (BUILD / f"{self.folder.name}.cell").unlink(missing_ok=True)
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """The last lines the server wrote."""
        with contextlib.suppress(OSError):
            return "\n".join((self.state / "longshore.log").read_text(errors="replace").splitlines()[-20:])
        return ""

    def _keep_newest_images(self) -> None:
        """Images stay, so that the next time is quick; those of times before have lost their names by now."""
        record = BUILD / f"{self.folder.name}.images"
        older = record.read_text().split() if record.exists() else []
        for cell in older:
            chosen = json.dumps({"label": [f"{engine_api.CELL}={cell}"], "dangling": ["true"]})
            with contextlib.suppress(OSError, engine_api.EngineError):
                for row in json.load(engine_api.ask(ENGINE, "GET", "/images/json", {"filters": chosen})):
                    engine_api.ask(ENGINE, "DELETE", f"/images/{row['Id']}").read()
        with record.open("a") as out:
            out.write(f"{self.cell}\n")

    def _take_over(self) -> None:
        """End what a trial of this name that was killed has left."""
        sockets = self.folder / "state" / "longshore.sock"
        if sockets.exists():
            self.environ = {**os.environ, "LONGSHORE_STATE": str(self.folder / "state")}
            with contextlib.suppress(ValueError, TypeError, KeyError):
                _end(self.read("version")["server"]["pid"])
        record = BUILD / f"{self.folder.name}.cell"
        if record.exists():
            for cell in record.read_text().split():
                _sweep(cell)
            record.unlink()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def _leavings(cell: str) -> Iterator[tuple[str, list[dict[str, Any]], str]]:
    """What a cell has in the engine, and where one such thing is removed; images are left out."""
    chosen = json.dumps({"label": [f"{engine_api.CELL}={cell}"]})
    for noun, listed_at, removed_at in engine_api.LEAVINGS:
        if noun == "image":
            continue
        found = json.load(engine_api.ask(ENGINE, "GET", listed_at, {"filters": chosen}))
        yield noun, (found["Volumes"] or []) if noun == "volume" else found, removed_at


def _sweep(cell: str) -> None:
    """Take down what a cell has in the engine, but for images. No engine: nothing to take down."""
    with contextlib.suppress(OSError, engine_api.EngineError):
        for _, rows, removed_at in _leavings(cell):
            for row in rows:
                with contextlib.suppress(engine_api.EngineError):
                    engine_api.ask(ENGINE, "DELETE", removed_at.format_map(row)).read()


def _end(pid: int) -> None:
    """Ask a server to end, and insist after ten seconds. One that is not there: nothing."""
    if not pid:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not _ended(pid):
            time.sleep(0.05)
        if not _ended(pid):
            os.kill(pid, signal.SIGKILL)


def _ended(pid: int) -> bool:
    """Whether a process is gone, or only waits to be reaped by whoever inherited it."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
