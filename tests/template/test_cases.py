"""Compose files that nobody here wrote, with what the reference reader says of them.

Read where they lie; where they are absent the tests say so and skip. What Longshore refuses by
design (keys and values it does not do yet) is left out of the comparison, and counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from longshore.model.template import Reading
from longshore.template import dotenv, interpolation
from longshore.template.findings import At, Findings

Answer = Callable[..., Reading]

CASES = Path(__file__).parents[3] / "shared/cases"
LEFT_OUT = {"build", "volumes", "env_file", "develop"}
NOT_YET = {"unsupported-key", "unsupported-value", "unsupported-tag"}
STRICTER = {"bad-constraint", "bad-image", "no-services", "missing-file"}
"""What only running finds out, and the reference reader does not look at."""


def _cases(name: str) -> Iterator[dict[str, object]]:
    path = CASES / name
    if not path.exists():
        pytest.skip(f"the recorded cases are not at {path}")
    for line in path.read_text().splitlines():
        yield json.loads(line)


def _prune(value: object) -> object:
    if isinstance(value, dict):
        kept = {k: _prune(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, {}, [])}
    if isinstance(value, list):
        return [_prune(v) for v in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _read(ask: Answer, case: dict[str, object]) -> Reading:
    # The recording took no `.env` for interpolation; and it named the project after its folder.
    tree = case.get("tree") or {**case["files"], **(case.get("extra_files") or {})}  # type: ignore[dict-item]
    order = case["files"] if case.get("tree") else case["order"]
    assert isinstance(tree, dict)
    assert isinstance(order, list)
    files = {k: v for k, v in tree.items() if isinstance(v, str) and k != ".env"}
    names = {name: f"{i}.yaml" for i, name in enumerate(order)}
    rest = {k: v for k, v in files.items() if k not in names}
    folder = str(case["id"]).split(":")[-1].split("/")[-2:-1] or ["project"]
    return ask(*(files[n] for n in order), files=rest, env=case.get("env"), directory=f"/w/{folder[0]}")


@pytest.mark.parametrize(
    ("name", "oracle", "least"), [("compose_files.jsonl", "oracle", 45), ("compose_go.jsonl", "standard", 70)]
)
def test_agreement(ask: Answer, name: str, oracle: str, least: int) -> None:
    compared = 0
    wrong: list[str] = []
    for case in _cases(name):
        said = case.get(oracle) or {}
        assert isinstance(said, dict)
        if said.get("needs_missing_file") or "marshal:" in str(said.get("error")):
            continue
        reading = _read(ask, case)
        codes = {f.code for f in reading.faults}
        if said.get("error"):
            if not codes and "develop" not in said["error"]:
                wrong.append(f"{case['id']}: should be refused: {said['error']}")
            continue
        if codes & (NOT_YET | STRICTER):
            continue
        if codes:
            wrong.append(f"{case['id']}: should be read: {reading.faults[0]}")
            continue
        compared += 1
        assert reading.config is not None
        wanted, got = _prune(said["project"]["services"]), _prune(reading.config["services"])
        assert isinstance(wanted, dict)
        assert isinstance(got, dict)
        for service in wanted:
            for key in sorted(set(wanted[service]) - LEFT_OUT):
                a, b = wanted[service][key], got.get(service, {}).get(key)
                # The recording's folder had another name.
                if a != b and "-version-and-name-" not in str(a):
                    wrong.append(f"{case['id']} {service}.{key}: {a} / {b}")
    assert wrong == []
    assert compared >= least


def test_interpolation_and_environment_files_agree() -> None:
    compared = 0
    for case in _cases("compose_units.jsonl"):
        lookups = case.get("lookups")
        assert isinstance(lookups, dict | None)
        if case["kind"] == "interpolate" and lookups is not None:
            parts = interpolation.parts_of(str(case["template"]))
            assert interpolation.evaluate(parts, lookups.get, lambda _: None) == case["result"]
            compared += 1
        if case["kind"] == "dotenv" and lookups is not None:
            findings = Findings()
            entries = dotenv.entries_of(str(case["src"]), "f", At(findings))
            values = dotenv.values_of(entries, lookups.get, At(findings))
            assert findings.clean == ("error" not in case)
            assert not findings.clean or values == case["result"]
            compared += 1
    assert compared >= 30
