"""Compose files that nobody here wrote, with what the reference reader says of them.

Read where they lie; where they are absent the tests say so and skip. The reference was recorded without
reading `.env`, and with folders of its own: both are given or overlooked here. What else differs is listed
in docs/compose.md.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from longshore.model.template import Reading, Sources
from longshore.template import dotenv, interpolation, read
from longshore.template.compose.keys import TOP
from longshore.template.compose.merging import RULES, settled, unified
from longshore.template.compose.ports import ports
from longshore.template.compose.volumes import short
from longshore.template.document import parse
from longshore.template.findings import At, Findings
from longshore.template.merge import merge
from longshore.template.nodes import Map, Mark, Node, Seq, entries_of, scalar, value_of
from longshore.template.schema import table

CASES = Path(__file__).parents[3] / "shared/cases"
SECTIONS = ("services", "networks", "volumes", "secrets", "configs")
MOST_ROUNDS = 30


def _cases(name: str) -> Iterator[dict[str, object]]:
    path = CASES / name
    if not path.exists():
        pytest.skip(f"the recorded cases are not at {path}")
    for line in path.read_text().splitlines():
        yield json.loads(line)


def _prune(value: object) -> object:
    """Without nulls, empty maps and lists, which either side may leave out; numbers as text."""
    if isinstance(value, dict):
        kept = {k: _prune(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in (None, {}, [])}
    if isinstance(value, list):
        return [_prune(v) for v in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _read(order: list[str], files: dict[str, str], env: dict[str, str], directory: str) -> Reading:
    texts: dict[str, str | None] = {}
    variables: dict[str, str | None] = {}
    for _ in range(MOST_ROUNDS):
        reading = read(
            Sources(templates=tuple(order), directory=directory, files=dict(texts), variables=dict(variables))
        )
        if reading.needs is None:
            return reading
        texts |= {path: files.get(path) for path in (*reading.needs.files, *reading.needs.optional)}
        variables |= {name: env.get(name) for name in reading.needs.variables}
    raise AssertionError("the reader never stops asking")


def _placeless(value: object) -> str:
    """A value with its paths shortened: the recording's folders were others."""
    return re.sub(r'\$(SRC|CASE|SPEC|DIR)[^"]*', "PATH", json.dumps(value, sort_keys=True))


def _pairs(wanted: dict[str, object], have: dict[str, object]) -> list[tuple[str, object, object]]:
    """What both sides say of each field of each name."""
    found: list[tuple[str, object, object]] = []
    for name in wanted.keys() & have.keys():
        a, b = wanted[name], have[name]
        assert isinstance(a, dict)
        assert isinstance(b, dict)
        found += [(f"{name}.{field}", a.get(field), b.get(field)) for field in a.keys() | b.keys()]
    return found


# The recording of one file found a file that is not among those handed over.
@pytest.mark.parametrize(
    ("name", "oracle", "least", "lost"),
    [("compose_files.jsonl", "oracle", 148, 1), ("compose_go.jsonl", "standard", 201, 0)],
)
def test_agreement(name: str, oracle: str, least: int, lost: int) -> None:
    verdicts: list[str] = []
    values: list[str] = []
    judged = compared = 0
    for case in _cases(name):
        said = case.get(oracle) or {}
        assert isinstance(said, dict)
        if said.get("needs_missing_file") or "marshal:" in str(said.get("error")):
            continue
        judged += 1
        tree = case.get("tree") or {**case["files"], **(case.get("extra_files") or {})}  # type: ignore[dict-item]
        order = case["files"] if case.get("tree") else case["order"]
        assert isinstance(tree, dict)
        assert isinstance(order, list)
        files = {k: v for k, v in tree.items() if isinstance(v, str) and k != ".env"}
        folder = f"/w/{(said.get('project') or {}).get('name') or 'project'}"
        env = {"HOME": "/root", **(case.get("env") or {})}  # type: ignore[dict-item]
        reading = _read(order, files, env, folder)
        if bool(said.get("error")) != bool(reading.faults):
            verdicts.append(f"{case['id']}: {said.get('error')} / {reading.faults[:1]}")
        if said.get("error") or reading.faults:
            continue
        got = json.loads(json.dumps(reading.config).replace(folder, "$DIR"))
        for section in SECTIONS:
            wanted, have = _prune(said["project"].get(section) or {}), _prune(got.get(section) or {})
            assert isinstance(wanted, dict)
            assert isinstance(have, dict)
            if sorted(wanted) != sorted(have):
                verdicts.append(f"{case['id']} {section}: {sorted(wanted)} / {sorted(have)}")
            pairs = _pairs(wanted, have)
            compared += len(pairs)
            values += [
                f"{case['id']} {section}.{place}: {a} / {b}"
                for place, a, b in pairs
                if a != b and _placeless(a) != _placeless(b)
            ]
    assert len(verdicts) <= lost, verdicts
    assert values == []
    assert judged >= least
    assert compared >= 500


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


def test_mounts_agree() -> None:
    compared = 0
    for case in _cases("compose_units.jsonl"):
        if case["kind"] != "volume":
            continue
        compared += 1
        try:
            found = short(str(case["spec"]))
        except ValueError:
            assert case.get("error"), case
            continue
        bind = found.get("bind")
        if isinstance(bind, dict):
            bind.pop("create_host_path", None)
        assert not case.get("error"), case
        assert found == case["result"], case
    assert compared >= 59


def test_ports_agree() -> None:
    compared = 0
    for case in _cases("compose_units.jsonl"):
        if case["kind"] != "port":
            continue
        compared += 1
        findings = Findings()
        mark = Mark("f", 1, 1)
        found = ports(lambda node, _at: node)(Seq((scalar(str(case["spec"]), mark),), mark), At(findings))
        assert findings.clean == (not case.get("error")), case
        assert case.get("error") or value_of(found) == case["result"], case
    assert compared >= 15


def _parsed(value: object) -> Map:
    (node,) = parse(json.dumps(value), "f.yaml", Findings())
    assert isinstance(node, Map)
    return node


def _once(model: Node) -> object:
    services = entries_of(model.get("services") if isinstance(model, Map) else None)
    return _prune({name: value_of(unified(service)) for name, service in services.items()})


def test_joining_agrees() -> None:
    """The result of joining two texts is that of joining their long forms."""
    check = table(TOP)
    compared = 0
    for case in _cases("compose_units.jsonl"):
        if case["kind"] != "merge" or case.get("error"):
            continue
        findings = Findings()
        base = check(_parsed(case["base"]), At(findings))
        assert base is not None
        over = check(settled(_parsed(case["override"]), base), At(findings))
        wanted = check(_parsed(case["result"]), At(findings))
        if any(fault.code != "unknown-key" for fault in findings.faults()):
            # A few are halves, which the schema would not take.
            continue
        assert over is not None
        assert wanted is not None
        # The recording was made before what is said twice is dropped.
        assert _once(merge(base, over, RULES)) == _once(wanted), case
        compared += 1
    assert compared >= 25


def test_a_path_is_written_without_detours() -> None:
    reading = _read(
        ["compose.yaml"],
        {
            "compose.yaml": "include: [sub/dir/compose.yaml]\nservices: {a: {image: a}}\n",
            "sub/dir/compose.yaml": "services: {b: {image: b, volumes: ['../data:/data']}}\n",
        },
        {},
        "/w/p",
    )
    assert reading.config is not None
    (mount,) = reading.config["services"]["b"]["volumes"]  # type: ignore[index]
    assert mount["source"] == posixpath.join("/w/p", "sub/data")
