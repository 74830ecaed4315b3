"""Marks on the real engine: an `up` against bare `docker run -d`, and that a change stays small."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGSHORE = Path(sys.executable).parent / "longshore"
IMAGE = "debian:bookworm-slim"
SERVICES = 20
ROUNDS = 3


def compose(changed: str = "") -> str:
    """Twenty services on one bridge, without ports; the image is there."""
    services = {
        f"s{i}": {
            "image": IMAGE,
            "command": ["sleep", "infinity"],
            "stop_grace_period": "0s",
            "environment": {"CHANGED": changed if i == 7 else ""},
        }
        for i in range(SERVICES)
    }
    return json.dumps({"name": "bench", "services": services})


@contextmanager
def server() -> Iterator[tuple[Path, dict[str, str]]]:
    """A server of its own, and a folder; all it made is taken down at the end."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "LONGSHORE_STATE": folder}
        log = (Path(folder) / "log").open("wb")
        process = subprocess.Popen(
            [str(LONGSHORE), "serve"], env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            for _ in range(100):
                if '"ready"' in _longshore(environ, "hosts", "--json", check=False):
                    break
                time.sleep(0.1)
            yield Path(folder), environ
        finally:
            _longshore(environ, "down", "bench", "--volumes", "--yes", check=False)
            process.terminate()
            process.wait(15)
            log.close()


def _longshore(environ: dict[str, str], *words: str, check: bool = True) -> str:
    done = subprocess.run([str(LONGSHORE), *words], env=environ, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f"bench: longshore {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def _docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout


def _bare() -> float:
    """Twenty `docker run -d` one after another, on a bridge of their own."""
    _docker("network", "create", "longshore-bench")
    names = [f"longshore-bench-{i}" for i in range(SERVICES)]
    begun = time.perf_counter()
    for name in names:
        _docker("run", "-d", "--network", "longshore-bench", "--name", name, IMAGE, "sleep", "infinity")
    length = time.perf_counter() - begun
    _docker("rm", "-f", *names)
    _docker("network", "rm", "longshore-bench")
    return length


def up_ratio() -> float:
    """`longshore up` of the twenty against the bare runs: medians of three, interleaved."""
    ours, bare = [], []
    with server() as (folder, environ):
        template = folder / "compose.json"
        template.write_text(compose())
        for _ in range(ROUNDS):
            bare.append(_bare())
            begun = time.perf_counter()
            _longshore(environ, "up", "--yes", str(template))
            ours.append(time.perf_counter() - begun)
            _longshore(environ, "down", "bench", "--yes")
    return statistics.median(ours) / statistics.median(bare)


def touched() -> float:
    """How many containers an up replaces when one service of twenty has changed."""
    with server() as (folder, environ):
        template = folder / "compose.json"
        template.write_text(compose())
        _longshore(environ, "up", "--yes", str(template))
        before = _containers(environ)
        template.write_text(compose("yes"))
        _longshore(environ, "up", "--yes", str(template))
        after = _containers(environ)
    if len(after) != SERVICES:
        raise SystemExit(f"bench: {len(after)} containers after the change")
    return float(len(after - before))


def _containers(environ: dict[str, str]) -> set[str]:
    found = json.loads(_longshore(environ, "ps", "--json"))
    return {row["task"]["foreign_id"] for row in found}
