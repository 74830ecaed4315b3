"""The tables of keys against the specification's own JSON schema, at every place of it.

At each place a probe of every kind of value is put into a template that is right otherwise. What the schema
refuses has to be a fault; what it allows may be one only for what the schema cannot say: text that is no
number, no duration and the like, names that nobody has, keys that cannot stand together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from longshore.model.template import Reading

Answer = Callable[..., Reading]
Schema = dict[str, object]
Way = tuple[tuple[str | int, Schema], ...]
"""Steps from the top, each with the schema of what it stands in."""

PLACE = Path(__file__).parents[3] / "shared/cases/schema/compose-spec.json"
PROBES: tuple[object, ...] = (
    *("a", "1", 1, 1.5, -1, True, None, [], {}),
    *(["a"], ["a", "a"], [1], {"a": "b"}, {"z z": {}}, {"x-a": 1}),
)
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}
NAMES = {"services": "web", "networks": "n", "volumes": "v", "secrets": "s", "configs": "c", "models": "m"}

# What the schema cannot say.
BEYOND = {
    *(
        "bad-value",
        "conflict",
        "missing-file",
        "missing-key",
        "no-image",
        "dependency-cycle",
        "include-cycle",
    ),
    *("unknown-service", "unknown-network", "unknown-volume", "unknown-secret", "unknown-config"),
    *("unknown-model", "extends-cycle", "disabled-dependency", "bad-project-name", "empty-template"),
}

NAMELESS = {"missing-file", *(code for code in BEYOND if code.startswith("unknown-"))}
"""What is wrong with many probes anyhow, and says nothing of how they were judged."""


@pytest.fixture(scope="module")
def schema() -> Schema:
    if not PLACE.exists():
        pytest.skip(f"the specification's schema is not at {PLACE}")
    found = json.loads(PLACE.read_text())
    assert isinstance(found, dict)
    return found


def _at(root: Schema, node: Schema) -> Schema:
    while isinstance(ref := node.get("$ref"), str):
        node = root
        for step in ref.removeprefix("#/").split("/"):
            node = node[step]  # type: ignore[assignment]
    return node


def _is(value: object, kind: str) -> bool:
    if kind == "integer":
        return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def allows(root: Schema, node: Schema, value: object) -> bool:
    """Whether a JSON schema allows a value: as much of JSON schema as this one uses."""
    node = _at(root, node)
    said: str | list[str] = node.get("type", [])  # type: ignore[assignment]
    kinds = [said] if isinstance(said, str) else said
    if kinds and not any(_is(value, kind) for kind in kinds):
        return False
    ways: list[Schema] = node.get("oneOf", [])  # type: ignore[assignment]
    if ways and sum(allows(root, way, value) for way in ways) != 1:
        return False
    if "enum" in node and value not in node["enum"]:  # type: ignore[operator]
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        return node.get("minimum", value) <= value <= node.get("maximum", value)  # type: ignore[operator]
    if isinstance(value, str):
        return re.search(str(node.get("pattern", "")), value) is not None
    if isinstance(value, list):
        if node.get("uniqueItems") and any(item in value[:i] for i, item in enumerate(value)):
            return False
        return all(allows(root, node.get("items", {}), item) for item in value)  # type: ignore[arg-type]
    return not isinstance(value, dict) or _allows_keys(root, node, value)


def _allows_keys(root: Schema, node: Schema, value: dict[str, object]) -> bool:
    known: dict[str, Schema] = node.get("properties", {})  # type: ignore[assignment]
    patterns: dict[str, Schema] = node.get("patternProperties", {})  # type: ignore[assignment]
    needed: list[str] = node.get("required", [])  # type: ignore[assignment]
    if any(key not in value for key in needed):
        return False
    for key, item in value.items():
        fitting = [known[key]] if key in known else []
        fitting += [below for pattern, below in patterns.items() if re.search(pattern, key)]
        if not fitting and node.get("additionalProperties") is False:
            return False
        if not all(allows(root, below, item) for below in fitting):
            return False
    return True


def _places(root: Schema, node: Schema, way: Way = ()) -> Iterator[Way]:
    """A way to every place of the schema."""
    node = _at(root, node)
    yield way
    for below in node.get("oneOf", []):  # type: ignore[attr-defined]
        yield from (found for found in _places(root, below, way) if found != way)
    for key, below in node.get("properties", {}).items():  # type: ignore[attr-defined]
        yield from _places(root, below, (*way, (key, node)))
    for pattern, below in node.get("patternProperties", {}).items():  # type: ignore[attr-defined]
        if pattern != "^x-":
            name = NAMES.get(str(way[0][0]), "a") if len(way) == 1 else "a"
            yield from _places(root, below, (*way, (name, node)))
    if isinstance(node.get("items"), dict):
        yield from _places(root, node["items"], (*way, (0, node)))  # type: ignore[arg-type]


def _sample(node: Schema) -> object:
    """Something that a simple schema allows."""
    if isinstance(words := node.get("enum"), list):
        return words[0]
    return {"array": ["a"], "integer": 1}.get(str(node.get("type")), "a")


def _with(root: Schema, way: Way, probe: object) -> dict[str, object]:
    """A template that is right but for the probe at the end of a way."""
    services = {name: {"image": "a"} for name in ("web", "base", "a")}
    value: object = probe
    # From within outwards: each step a list of one, or a mapping with what it has to have.
    for step, parent in reversed(way):
        if isinstance(step, int):
            value = [value]
            continue
        known: dict[str, Schema] = parent.get("properties", {})  # type: ignore[assignment]
        needed: list[str] = parent.get("required", [])  # type: ignore[assignment]
        value = {**{key: _sample(_at(root, known[key])) for key in needed if key != step}, step: value}
    laid = _laid({"services": services}, value)
    assert isinstance(laid, dict)
    return laid


def _laid(base: object, over: object) -> object:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{k: _laid(base[k], v) if k in base else v for k, v in over.items()}}
    return over


ONCE = {
    *("environment", "labels", "annotations", "sysctls", "tmpfs", "dns", "dns_opt", "dns_search", "cap_add"),
    *("cap_drop", "expose", "links", "profiles", "args", "volumes", "ports", "aliases", "link_local_ips"),
}


def _said_once(way: tuple[object, ...]) -> bool:
    """Whether the reference drops what a list says twice before it asks the schema."""
    return way[-1] in ONCE and (way[0] == "networks" or (way[0] == "services" and "post_start" not in way))


def _as_text(way: tuple[object, ...]) -> bool:
    """Whether text is made true or false before the schema is asked."""
    return way[-1] == "required" and "depends_on" in way


def test_every_place_is_judged_as_the_schema_judges_it(ask: Answer, schema: Schema) -> None:
    wrong: list[str] = []
    judged = 0
    for way in _places(schema, schema):
        for probe in PROBES if way else ():
            template = _with(schema, way, probe)
            right = allows(schema, schema, template)
            faults = ask(json.dumps(template)).faults
            codes = {fault.code for fault in faults}
            # Text may be no number; what is no text has no such excuse.
            worse = {f.code for f in faults if f.code != "wrong-type" or "got a string" not in f.message}
            judged += 1
            shown = f"{'.'.join(str(step) for step, _ in way)} = {json.dumps(probe)}"
            way_names = tuple(step for step, _ in way)
            if not right and not codes - NAMELESS and not _said_once(way_names) and not _as_text(way_names):
                wrong.append(f"{shown}: the schema refuses it")
            elif right and worse - BEYOND:
                wrong.append(f"{shown}: the schema allows it, but {faults[0]}")
    assert wrong == []
    assert judged > 3000


def test_every_key_of_the_schema_is_known_where_it_stands(ask: Answer, schema: Schema) -> None:
    for way in _places(schema, schema):
        template = _with(schema, way, "a") if way else {}
        unknown = [f for f in ask(json.dumps(template)).faults if f.code == "unknown-key"]
        assert unknown == [], way


def test_the_probes_stand_in_templates_that_are_right(ask: Answer, schema: Schema) -> None:
    right, wrong = _with(schema, (("name", schema),), "a"), _with(schema, (("nam", schema),), "a")
    assert allows(schema, schema, right)
    assert not allows(schema, schema, wrong)
    assert not ask(json.dumps(right)).faults
    assert ask(json.dumps(wrong)).faults
