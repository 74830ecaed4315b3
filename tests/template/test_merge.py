"""Several files joined: key by key, by the rules of Compose."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.model.template import Reading

Answer = Callable[..., Reading]

# What the first file says of a service, what the second does, and the key of the outcome.
MERGES = {
    "scalar": ("user: a", "user: b", "user", "b"),
    "scalar kept": ("user: a", "working_dir: /x", "user", "a"),
    "nothing takes nothing away": ("user: u", "user: ", "user", "u"),
    "but a command": ("command: [a]", "command: ", "command", None),
    "mapping": (
        "environment: {A: 1, B: 1}",
        "environment: {B: 2, C: 2}",
        "environment",
        {"A": "1", "B": "2", "C": "2"},
    ),
    "mapping and list": (
        "environment: {A: 1}",
        "environment: [A=2, B=2]",
        "environment",
        {"A": "2", "B": "2"},
    ),
    "command": ("command: [a, b]", "command: c", "command", ["c"]),
    "entrypoint": ("entrypoint: [a, b]", "entrypoint: []", "entrypoint", []),
    "health check": (
        "healthcheck: {test: [CMD, a], retries: 2}",
        "healthcheck: {test: [CMD, b]}",
        "healthcheck",
        {"test": ["CMD", "b"], "retries": 2},
    ),
    "expose": ("expose: [1, 2]", "expose: [2, 3]", "expose", ["1", "2", "3"]),
    "tmpfs": ("tmpfs: '/a:size=1m'", "tmpfs: ['/a:size=2m', /b]", "tmpfs", ["/a:size=2m", "/b"]),
    "networks": (
        "networks: [a]",
        "networks: {a: {aliases: [x]}, b: }",
        "networks",
        {"a": {"aliases": ["x"]}, "b": None},
    ),
    "depends_on": (
        "depends_on: {a: {condition: service_healthy}}",
        "depends_on: [b]",
        "depends_on",
        {
            "a": {"condition": "service_healthy", "required": True},
            "b": {"condition": "service_started", "required": True},
        },
    ),
    "deep": (
        "deploy: {replicas: 2, resources: {limits: {cpus: 1}}}",
        "deploy: {resources: {limits: {memory: 1m}}}",
        "deploy",
        {"replicas": 2, "resources": {"limits": {"cpus": 1, "memory": 1048576}}},
    ),
    "constraints": (
        "deploy: {placement: {constraints: [node.id==a]}}",
        "deploy: {placement: {constraints: [node.id!=b]}}",
        "deploy",
        {"placement": {"constraints": ["node.id==a", "node.id!=b"]}},
    ),
    "volumes by target": (
        "volumes: [/a:/x, /b:/y]",
        "volumes: ['/c:/x:ro', /d:/z]",
        "volumes",
        [
            {"type": "bind", "source": "/c", "target": "/x", "read_only": True, "bind": {}},
            {"type": "bind", "source": "/b", "target": "/y", "bind": {}},
            {"type": "bind", "source": "/d", "target": "/z", "bind": {}},
        ],
    ),
    "ports": (
        "ports: ['80:80']",
        "ports: [{target: 80, published: 80}, '81:81']",
        "ports",
        [
            {"mode": "ingress", "target": 80, "published": "80", "protocol": "tcp"},
            {"mode": "ingress", "target": 81, "published": "81", "protocol": "tcp"},
        ],
    ),
    "build": (
        "build: ./a",
        "build: {args: [A=1]}",
        "build",
        {"context": "/home/ann/shop/a", "dockerfile": "Dockerfile", "args": {"A": "1"}},
    ),
}
TOP = "networks: {a: , b: }\n"


@pytest.mark.parametrize(("first", "second", "key", "value"), MERGES.values(), ids=MERGES)
def test_merge(ask: Answer, first: str, second: str, key: str, value: object) -> None:
    others = "  a: {image: x}\n  b: {image: x}\n"
    one = f"services:\n  web:\n    image: x\n    {first}\n{others}{TOP}"
    reading = ask(one, f"services:\n  web:\n    {second}\n")
    assert reading.config is not None, reading.faults
    services = reading.config["services"]
    assert isinstance(services, dict)
    found = {k: v for k, v in services["web"].items() if k == key}
    if isinstance(found[key], list) and key in {"ports", "volumes"}:
        found[key] = [dict(sorted(i.items())) for i in found[key]]
        assert isinstance(value, list)
        value = [dict(sorted(i.items())) for i in value]
    assert found == {key: value}


def test_services_of_all_files_run_and_later_names_win(ask: Answer) -> None:
    graph = ask("name: a\nservices: {a: {image: x}}", "name: b\nservices: {b: {image: y}}").graph
    assert graph is not None
    assert (graph.name, list(graph.services)) == ("b", ["a", "b"])


def test_documents_of_one_file_are_joined_too(ask: Answer) -> None:
    graph = ask("services: {a: {image: x}}\n---\nservices: {a: {user: u}}\n").graph
    assert graph is not None
    assert graph.services["a"].user == "u"
