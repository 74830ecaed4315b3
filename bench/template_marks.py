"""Marks of reading templates: against Heat's own classes, and by size."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

from longshore import template
from longshore.model.template import Reading, Sources

ROOT = Path(__file__).parent.parent
HEAT = "openstack-heat==27.0.1"
ROUNDS = 5


def hot(count: int) -> str:
    """A HOT template of so many resources, in chains of three, each with get_attr and str_replace."""
    lines = [
        "heat_template_version: 2018-08-31",
        "parameters:",
        "  size: {type: string, default: small}",
        "resources:",
    ]
    for number in range(count):
        before = f"r{number - 1}" if number % 3 else ""
        given = f"{{get_attr: [{before}, output]}}" if before else "{get_param: size}"
        lines += [
            f"  r{number}:",
            "    type: OS::Heat::TestResource",
            "    properties:",
            "      value:",
            "        str_replace:",
            f"          template: resource {number} of %size% after %other%",
            "          params:",
            "            '%size%': {get_param: size}",
            f"            '%other%': {given}",
        ]
    return "\n".join(lines) + "\n"


def compose(count: int) -> str:
    """A Compose file of so many services, each with what services commonly have."""
    lines = ["services:"]
    for number in range(count):
        lines += [
            f"  s{number}:",
            f"    image: registry.example/team/app:{number}",
            "    environment:",
            "      LOG_LEVEL: ${LOG_LEVEL:-info}",
            f"      NUMBER: '{number}'",
            "    ports:",
            f"      - '{10000 + number}:80'",
            "    volumes:",
            f"      - data{number}:/var/lib/data",
            *(["    depends_on:", f"      - s{number - 1}"] if number else []),
            "    healthcheck:",
            "      test: [CMD, curl, -f, http://localhost/health]",
            "      interval: 10s",
            "    deploy:",
            "      replicas: 2",
            "      resources:",
            "        reservations:",
            "          memory: 64M",
        ]
    return "\n".join([*lines, "volumes:", *(f"  data{n}: {{}}" for n in range(count))]) + "\n"


def read(text: str) -> Reading:
    """A reading to its end, with whatever it needs unset."""
    files: dict[str, str | None] = {"t.yaml": text}
    variables: dict[str, str | None] = {}
    while True:
        sources = Sources(templates=("t.yaml",), directory="/bench", files=files, variables=variables)
        reading = template.read(sources)
        if reading.needs is None:
            break
        files |= dict.fromkeys((*reading.needs.files, *reading.needs.optional))
        variables |= dict.fromkeys(reading.needs.variables)
    if reading.faults:
        raise SystemExit(f"bench: the template is not right: {reading.faults[0]}")
    return reading


def _seconds(text: str) -> float:
    begun = time.perf_counter()
    read(text)
    return time.perf_counter() - begun


def against_heat() -> float:
    """Our time for 1,000 resources as a share of Heat's: medians of rounds that take turns."""
    text = hot(1_000)
    heat = subprocess.Popen(
        [str(_heat()), str(Path(__file__).parent / "heat_reader.py"), str(ROUNDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert heat.stdin is not None
    assert heat.stdout is not None
    heat.stdin.write(text)
    heat.stdin.close()
    _seconds(text)
    ours, theirs = [], []
    for line in heat.stdout:
        theirs.append(float(line))
        ours.append(_seconds(text))
    if heat.wait() or len(theirs) < ROUNDS:
        raise SystemExit("bench: Heat's classes did not read the template")
    return statistics.median(ours) / statistics.median(theirs)


def _heat() -> Path:
    """The Python of an environment that has Heat, made at the first run."""
    folder = ROOT / "build" / "heat"
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", HEAT], check=True, capture_output=True)
        (folder / "done").touch()
    return python


def hot_10000() -> float:
    """Seconds for 10,000 resources: median of 3."""
    text = hot(10_000)
    return statistics.median(_seconds(text) for _ in range(3))


def compose_200() -> float:
    """Seconds for 200 services: median of 5."""
    text = compose(200)
    _seconds(text)
    return statistics.median(_seconds(text) for _ in range(5))


def memory() -> float:
    """The most memory a reading takes, as a multiple of its text: the worse of HOT and Compose."""
    return max(_peak(hot(3_000)), _peak(compose(600)))


def _peak(text: str) -> float:
    # What is loaded once, tables and types, is not of this text.
    read(text)
    tracemalloc.start()
    try:
        kept = read(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del kept
    return peak / len(text)
