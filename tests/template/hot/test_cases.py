"""Templates that nobody here wrote, with what Heat says of them: verdicts, resources, what waits for what.

Read where they lie; where they are absent the test says so and skips. Only what a running cloud finds
out, and what needs files that were not recorded, is left out.
"""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from pathlib import Path

import pytest

from longshore.model.template import Reading, Sources
from longshore.template import read

CASES = Path(__file__).parents[4] / "shared/cases/hot.jsonl"
OUTCOMES = ("accepted", "rejected", "rejected-parse", "accepted-but-for-unknown-types")
LEAST = 0.99
MOST_ROUNDS = 10

Case = dict[str, dict]  # type: ignore[type-arg]


def _read(case: Case) -> Reading:
    about = case["case"]
    main = posixpath.join(about["source"], about["path"] or "template.yaml")
    if about["kind"] != "file":
        main = posixpath.join(posixpath.dirname(main), "template.yaml")
    tree = {name.removeprefix("repo:"): text for name, text in (case["files"] or {}).items()}
    tree[main] = about["text"]
    folder = posixpath.join("/w", posixpath.dirname(main))
    have = {posixpath.relpath(posixpath.join("/w", name), folder): text for name, text in tree.items()}
    sent: dict[str, str | None] = {}
    for _ in range(MOST_ROUNDS):
        reading = read(
            Sources(
                templates=(posixpath.basename(main),),
                directory=folder,
                files=dict(sent),
                parameters=case["oracle"].get("synth_params") or {},
                roots=("/w",),
            )
        )
        if reading.needs is None:
            return reading
        for path in reading.needs.files:
            text = have.get(path)
            sent[path] = text if isinstance(text, str | None) else json.dumps(text)
    raise AssertionError("the reader never stops asking")


def _judged(case: Case, reading: Reading) -> dict[str, bool]:
    """What was compared, and whether it agrees."""
    oracle = case["oracle"]
    only_types = bool(reading.faults) and all(f.code == "unknown-type" for f in reading.faults)
    accepted = not reading.faults
    agrees = {"accepted": accepted, "accepted-but-for-unknown-types": accepted or only_types}
    found = {"verdict": agrees.get(oracle["outcome"], not accepted)}
    if oracle["outcome"] == "accepted" and reading.outline is not None:
        mine: dict[str, dict] = reading.outline["resources"]  # type: ignore[type-arg, assignment]
        types = {name: each["type"] for name, each in oracle["resources"].items()}
        found["resources"] = {name: each["type"] for name, each in mine.items()} == types
        edges = {tuple(edge) for edge in oracle["edges"]}
        have = {(name, other) for name, each in mine.items() for other in each["depends_on"]}
        if edges or have:
            found["edges"] = edges == have
    return found


def test_heat_says_the_same() -> None:
    if not CASES.exists():
        pytest.skip(f"the recorded cases are not at {CASES}")
    total: Counter[str] = Counter()
    good: Counter[str] = Counter()
    wrong: list[str] = []
    for line in CASES.read_text().splitlines():
        case = json.loads(line)
        oracle = case["oracle"]
        by_place = any(
            str(each["type"]).startswith("repo:") for each in (oracle.get("resources") or {}).values()
        )
        if oracle["outcome"] not in OUTCOMES or by_place:
            continue
        reading = _read(case)
        for measure, agrees in _judged(case, reading).items():
            total[measure] += 1
            good[measure] += agrees
            if not agrees:
                first = reading.faults[:1]
                wrong.append(
                    f"{measure} {case['case']['id']} {oracle['outcome']} {oracle.get('error')} {first}"
                )
    assert total["verdict"] >= 450
    assert total["edges"] >= 75
    for measure in total:
        assert good[measure] >= LEAST * total[measure], (measure, wrong)
