"""A server of the bench's own: started as a user's is, by the first command, and ended by its pid."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

LONGSHORE = Path(sys.executable).parent / "longshore"
ROOT = Path(__file__).parent.parent


class Server(NamedTuple):
    """A running server: its process, a folder to write in, and the environment that leads to it."""

    pid: int
    folder: Path
    environ: dict[str, str]

    def longshore(self, *words: str, check: bool = True) -> str:
        """What a command prints."""
        done = subprocess.run(
            [str(LONGSHORE), *words], env=self.environ, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise SystemExit(f"bench: longshore {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout


@contextmanager
def server() -> Iterator[Server]:
    """A server whose host is ready; it is ended and its folder removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        found = Server(0, Path(folder), {**os.environ, "LONGSHORE_STATE": folder})
        for _ in range(200):
            if '"ready"' in found.longshore("hosts", "--json"):
                break
            time.sleep(0.05)
        version = json.loads(found.longshore("version", "--json"))["server"]
        build = ROOT / "build"
        build.mkdir(exist_ok=True)
        with (build / "cells").open("a") as cells:
            cells.write(version["cell"] + "\n")
        try:
            yield found._replace(pid=version["pid"])
        finally:
            os.kill(version["pid"], signal.SIGTERM)
            while Path(f"/proc/{version['pid']}").exists():
                time.sleep(0.05)
