"""Whatever is done to a template, the reader answers: needs, faults with a place, or a graph."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.model.template import Reading, Sources
from longshore.template import read
from longshore.template.codes import CODES

WHOLE = """\
name: shop
x-base: &base {restart: always, labels: {a: b}}
services:
  web:
    <<: *base
    build: {context: ./web, args: {A: "1"}, target: t}
    command: run --fast
    entrypoint: [a, b]
    environment: [A=1, B]
    env_file: [a.env, {path: b.env, required: false, format: raw}]
    ports: ["8080:80", "127.0.0.1:53:53/udp", {target: 9, published: 10}]
    expose: [3000]
    volumes: ["data:/d", "./x:/x:ro", {type: tmpfs, target: /t, tmpfs: {size: 1m}}]
    tmpfs: /run
    networks: {front: {aliases: [w]}, back: }
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: [CMD, a], interval: 1m30s, retries: 3}
    secrets: [s, {source: s, target: /s, mode: 0440}]
    configs: [c]
    cpus: 1
    mem_limit: 1g
    profiles: [p]
    deploy:
      replicas: 2
      resources: {limits: {cpus: "1", memory: 1g}, reservations: {cpus: 0.5}}
      placement: {constraints: [node.labels.a==b], preferences: [{spread: node.labels.z}]}
      update_config: {parallelism: 1, delay: 1s, order: start-first}
      restart_policy: {condition: any}
    x-longshore: {strategy: spread}
  db: {image: "db:${TAG:-1}", user: "1:1", stop_grace_period: 5s, platform: linux/amd64}
networks: {front: {internal: true}, back: {external: true}}
volumes: {data: {driver: local, labels: [a=b]}}
secrets: {s: {file: s.txt}}
configs: {c: {content: "$X"}}
"""

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True),
    st.text(max_size=12),
    st.sampled_from(["${", "$$", "${A:?}", "/a:/b", "80:80", "5s", "1g", "a=b", "", "~/x", "<<", "x-a"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=3),
    st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.text(max_size=5)), max_size=3),
)
VALUES = {"TAG": "2", "X": "x"}


def _answered(*texts: str, env: str = "A=$TAG") -> Reading:
    files: dict[str, str | None] = {f"{i}.yaml": text for i, text in enumerate(texts)}
    variables: dict[str, str | None] = {}
    for _ in range(6):
        reading = read(
            Sources(
                templates=tuple(f"{i}.yaml" for i in range(len(texts))),
                directory="/p",
                files=files,
                variables=variables,
                profiles=("p",),
            )
        )
        if reading.needs is None:
            return reading
        wanted = (*reading.needs.files, *reading.needs.optional)
        files = files | {p: env if p.endswith("env") else "x" for p in wanted}
        variables = variables | {v: VALUES.get(v) for v in reading.needs.variables}
    raise AssertionError("the reader never stops asking")


def _check(reading: Reading) -> None:
    assert (reading.graph is None) == bool(reading.faults or reading.refusals)
    assert (reading.config is None) == bool(reading.faults)
    for fault in (*reading.faults, *reading.warnings, *reading.refusals):
        assert fault.code in CODES
        assert fault.message
        assert (fault.line > 0) == (fault.column > 0) or fault.code == "missing-file"
    msgspec.json.encode(reading)


def _places(value: object) -> list[tuple[Callable[[object], None], object]]:
    """Every place in a tree: what sets it, and what is there."""
    found: list[tuple[Callable[[object], None], object]] = []
    if isinstance(value, dict):
        for key in value:
            found.append((lambda new, key=key: value.__setitem__(key, new), value[key]))  # type: ignore[misc]
            found += _places(value[key])
    elif isinstance(value, list):
        for i, item in enumerate(value):
            found.append((lambda new, i=i: value.__setitem__(i, new), item))  # type: ignore[misc]
            found += _places(item)
    return found


def test_the_template_unharmed_has_no_faults() -> None:
    reading = _answered(WHOLE)
    assert not reading.faults
    assert reading.graph is not None
    _check(reading)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_values_replaced(data: st.DataObject) -> None:
    tree = yaml.safe_load(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        places = _places(tree)
        put, _ = places[data.draw(st.integers(0, len(places) - 1))]
        put(data.draw(ODD))
    text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    _check(_answered(WHOLE, text) if data.draw(st.booleans()) else _answered(text))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 30), st.text(max_size=8))
def test_text_replaced(start: int, length: int, new: str) -> None:
    _check(_answered(WHOLE[:start] + new + WHOLE[start + length :]))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(" \n\t-:{}[]&*!<>|'\"$#%@`,?xa01~\r\x85\u2028"), max_size=60))
def test_any_text(text: str) -> None:
    _check(_answered(text))
    _check(_answered("services: {a: {image: x, env_file: e}}", text))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(" \n\t=:'\"\\$#{}-?+ABab1\r\x00\u00e9"), max_size=60))
def test_any_environment_file(text: str) -> None:
    _check(_answered("services: {a: {image: x, env_file: [a.env, {path: b.env, format: raw}]}}", env=text))
