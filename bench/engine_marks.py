"""Marks on the real engine: an `up` against bare `docker run -d`, and that a change stays small."""

from __future__ import annotations

import json
import statistics
import subprocess
import time

from server import Server, server

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
    with server() as found:
        template = found.folder / "compose.json"
        template.write_text(compose())
        for _ in range(ROUNDS):
            bare.append(_bare())
            begun = time.perf_counter()
            found.longshore("up", "--yes", str(template))
            ours.append(time.perf_counter() - begun)
            found.longshore("down", "bench", "--yes")
    return statistics.median(ours) / statistics.median(bare)


def touched() -> float:
    """How many containers an up replaces when one service of twenty has changed."""
    with server() as found:
        template = found.folder / "compose.json"
        template.write_text(compose())
        found.longshore("up", "--yes", str(template))
        before = _containers(found)
        template.write_text(compose("yes"))
        found.longshore("up", "--yes", str(template))
        after = _containers(found)
        found.longshore("down", "bench", "--yes")
    if len(after) != SERVICES:
        raise SystemExit(f"bench: {len(after)} containers after the change")
    return float(len(after - before))


def _containers(found: Server) -> set[str]:
    return {row["task"]["foreign_id"] for row in json.loads(found.longshore("ps", "--json"))}
