"""Texts that ask for very much get little: each is refused or read within bounds of time."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from longshore.model.template import Reading

Answer = Callable[..., Reading]

SECONDS = 5.0
"""Generous, for slow machines; each takes well under a second on ours."""

ONE = "services: {a: {image: x}}\n"


def _laughs(line: Callable[[int], str]) -> str:
    return "".join(f"x-{i}: &a{i} {line(i)}\n" for i in range(12)) + ONE


def _nine(i: int) -> str:
    return ", ".join([f"*a{i - 1}"] * 9) if i else ""


BOMBS: dict[str, tuple[str, dict[str, object], str]] = {
    "aliases": (_laughs(lambda i: f"[x, {_nine(i)}]"), {}, "too-large"),
    "merges": (_laughs(lambda i: f"{{a{i}: 1, <<: [{_nine(i)}]}}"), {}, "too-large"),
    "long aliases": ("x-a: &a " + "y" * 9999 + "\nx-b: [" + "*a," * 9999 + "]\n" + ONE, {}, "too-large"),
    "brackets": (ONE + "x-a: " + "[" * 400_000, {}, "too-deep"),
    "dashes": ("- " * 200_000, {}, "too-deep"),
    "steps": ("".join(" " * i + "a:\n" for i in range(900)), {}, "too-deep"),
    "text": (ONE + "#" * 600_000, {}, "too-large"),
    "empties": ("services: [" + "," * 400_000, {}, "yaml-syntax"),
    "items": ("services: [" + "a," * 200_000 + "]", {}, "too-large"),
    "unknown keys": (
        "services:\n  a:\n    image: x\n" + "".join(f"    imagination{i}: 1\n" for i in range(20_000)),
        {},
        "unknown-key",
    ),
    "ports": (
        "services:\n  a:\n    image: x\n    ports:\n" + "      - 1-65535:1-65535\n" * 9999,
        {},
        "too-large",
    ),
    "long variables": (
        "services: {a: {image: x, command: '" + "$A" * 200_000 + "'}}",
        {"env": {"A": "x" * 1_000_000}},
        "too-large",
    ),
    "variables of variables": (
        ONE,
        {"files": {".env": "A0=x\n" + "".join(f"A{i}=" + f"$A{i - 1}" * 10 + "\n" for i in range(1, 60))}},
        "too-large",
    ),
    "nested variables": ("services: {a: {image: '" + "${A:-" * 90_000 + "'}}", {}, "bad-interpolation"),
    "long environment file": (ONE, {"files": {".env": "A=1\n" * 200_000}}, "too-large"),
    "a long ring": (
        "services:\n"
        + "".join(f"  s{i}: {{image: x, depends_on: [s{(i + 1) % 4000}]}}\n" for i in range(4000)),
        {},
        "dependency-cycle",
    ),
    "a long name": ("services:\n  ? " + "a" * 400_000 + "\n  : {image: 7}\n", {}, "wrong-type"),
    "a long image": ("services: {a: {image: " + "a-" * 200_000 + "}}", {}, "bad-image"),
    "digits": ("services: {a: {image: x, scale: " + "9" * 400_000 + "}}", {}, "wrong-type"),
}


@pytest.mark.parametrize(("text", "given", "code"), BOMBS.values(), ids=BOMBS)
def test_bounded(ask: Answer, text: str, given: dict[str, object], code: str) -> None:
    started = time.perf_counter()
    reading = ask(text, **given)
    assert time.perf_counter() - started < SECONDS
    found = (*reading.faults, *reading.refusals)
    assert code in {f.code for f in found}
    assert sum(len(f.message) + len(f.path) + len(f.hint) for f in found) < 400_000


def test_faults_are_counted_out(ask: Answer) -> None:
    keys = "".join(f"  x{i}: 1\n" for i in range(500))
    faults = ask(f"services:\n{keys}").faults
    assert len(faults) == 201
    assert faults[-1].code == "too-many-faults"


def test_a_large_honest_template_is_read(ask: Answer) -> None:
    services = "".join(
        f"  s{i}:\n    image: nginx:1.{i}\n    ports: ['{8000 + i}:80']\n    environment: {{A: b}}\n"
        for i in range(1000)
    )
    started = time.perf_counter()
    graph = ask(f"services:\n{services}").graph
    assert time.perf_counter() - started < SECONDS
    assert graph is not None
    assert len(graph.services) == 1000


MOST_MEMORY = 20
"""Bytes at the worst moment for each character; it is about 17."""


def test_a_reading_takes_little_memory_for_its_text(ask: Answer) -> None:
    text = "services:\n" + "".join(
        f"  service{i}:\n    image: registry.example/team/app:{i}\n    environment:\n"
        f"      LOG_LEVEL: ${{LOG_LEVEL:-info}}\n    ports:\n      - '{10000 + i}:80'\n"
        "    healthcheck:\n      test: [CMD, curl, -f, http://localhost/health]\n      interval: 10s\n"
        "    deploy:\n      resources:\n        reservations:\n          memory: 64M\n"
        for i in range(200)
    )
    assert ask(text).graph
    tracemalloc.start()
    try:
        reading = ask(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reading.config
    assert peak / len(text) < MOST_MEMORY
