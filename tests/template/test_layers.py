"""Several files to one project: extends, include, `!reset`, `!override`, and paths of other folders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.model.template import Reading

Answer = Callable[..., Reading]

BASE = """\
services:
  common:
    image: base
    command: [a]
    environment: {A: "1", B: "1"}
    env_file: c.env
    build: .
    volumes: [./data:/data, named:/n]
    ports: ["80:80"]
    labels: [x=1]
  unread: {image: 7}
volumes: {named: }
"""


def _services(reading: Reading) -> dict[str, dict[str, object]]:
    assert not reading.faults, reading.faults
    assert reading.config is not None
    found = reading.config["services"]
    assert isinstance(found, dict)
    return found


EXTENDS: dict[str, tuple[str, dict[str, object]]] = {
    "short": ("extends: base", {"image": "x", "user": "u"}),
    "long": ("extends: {service: base}", {"image": "x", "user": "u"}),
    "over it": ("extends: base\n    user: v", {"user": "v"}),
    "joined": ("extends: base\n    ports: ['81:81']", {"ports": 2}),
    "chained": ("extends: {service: further}", {"image": "x", "working_dir": "/w"}),
    "a value that is nothing": ("extends: base\n    image: ", {"image": "x"}),
    "taken back": ("extends: base\n    ports: !reset []", {"ports": None, "image": "x"}),
    "overridden": ("extends: base\n    ports: !override ['82:82']", {"ports": 1}),
}


@pytest.mark.parametrize(("body", "wanted"), EXTENDS.values(), ids=EXTENDS)
def test_a_service_of_the_same_file(ask: Answer, body: str, wanted: dict[str, object]) -> None:
    text = f"""\
services:
  base: {{image: x, user: u, ports: ["80:80"]}}
  further: {{extends: base, working_dir: /w}}
  web:
    {body}
"""
    web = _services(ask(text))["web"]
    assert "extends" not in web
    for key, value in wanted.items():
        found = web.get(key)
        assert (len(found) if isinstance(found, list) else found) == value, key


def test_a_service_of_another_file_keeps_its_paths(ask: Answer) -> None:
    text = """\
services:
  web:
    extends: {file: sub/base.yaml, service: common}
    environment: {B: "2"}
volumes: {named: }
"""
    reading = ask(text, files={"sub/base.yaml": BASE, "sub/c.env": "C=3\nB=3"})
    web = _services(reading)["web"]
    assert web["environment"] == {"A": "1", "B": "2", "C": "3"}
    assert web["env_file"] == [{"path": "/home/ann/shop/sub/c.env"}]
    assert web["build"] == {"context": "/home/ann/shop/sub", "dockerfile": "Dockerfile"}
    assert web["volumes"] == [
        {"type": "bind", "source": "/home/ann/shop/sub/data", "target": "/data", "bind": {}},
        {"type": "volume", "source": "named", "target": "/n", "volume": {}},
    ]
    assert reading.graph is not None
    assert reading.graph.services["web"].mounts[0].source == "/home/ann/shop/sub/data"


def test_bases_of_bases_lie_in_their_own_folders(ask: Answer) -> None:
    files = {
        "a/one.yaml": "services: {s: {extends: {file: ../b/two.yaml, service: t}, volumes: [./one:/1]}}",
        "b/two.yaml": "services: {t: {image: x, volumes: [./two:/2]}}",
    }
    web = _services(ask("services: {web: {extends: {file: a/one.yaml, service: s}}}", files=files))["web"]
    mounts = web["volumes"]
    assert isinstance(mounts, list)
    assert sorted(m["source"] for m in mounts) == ["/home/ann/shop/a/one", "/home/ann/shop/b/two"]


def test_a_base_may_be_chosen_by_a_variable(ask: Answer) -> None:
    text = "services: {web: {extends: {file: $DIR/b.yaml, service: s}}}"
    reading = ask(
        text, files={"there/b.yaml": "services: {s: {image: 'x:$TAG'}}"}, env={"DIR": "there", "TAG": "2"}
    )
    assert _services(reading)["web"]["image"] == "x:2"


def test_only_the_base_itself_is_judged(ask: Answer) -> None:
    files = {"b.yaml": "services: {s: {image: x}, wrong: {image: 7, no: 1}}"}
    assert _services(ask("services: {web: {extends: {file: b.yaml, service: s}}}", files=files))
    bad = ask("services: {web: {extends: {file: b.yaml, service: wrong}}}", files=files)
    assert {(f.file, f.code) for f in bad.faults} >= {("b.yaml", "wrong-type"), ("b.yaml", "unknown-key")}


def test_a_base_that_is_not_there(ask: Answer) -> None:
    files = {"b.yaml": "services: {common: {image: x}}"}
    fault = ask("services: {web: {extends: {file: b.yaml, service: comon}}}", files=files).faults[0]
    assert (fault.code, fault.hint) == ("unknown-service", 'did you mean "common"?')


INCLUDED = {
    "short": "include: [inc/c.yaml]",
    "long": "include: [{path: inc/c.yaml}]",
    "by a variable": "include: ['$WHERE/c.yaml']",
    "over each other": "include: [{path: [inc/c.yaml, over.yaml]}]",
}


@pytest.mark.parametrize("text", INCLUDED.values(), ids=INCLUDED)
def test_an_included_file(ask: Answer, text: str) -> None:
    files = {
        "inc/c.yaml": "services: {db: {image: 'db:$TAG', volumes: [./d:/d], environment: [OWN]}}\n"
        "volumes: {v: }",
        "inc/.env": "TAG=9\nOWN=mine",
        "over.yaml": "services: {db: {user: u}}",
    }
    reading = ask(
        f"{text}\nservices: {{web: {{image: x, volumes: ['v:/v']}}}}", files=files, env={"WHERE": "inc"}
    )
    found = _services(reading)
    assert sorted(found) == ["db", "web"]
    assert found["db"]["image"] == "db:9"
    assert found["db"]["environment"] == {"OWN": "mine"}
    assert found["db"]["volumes"] == [
        {"type": "bind", "source": "/home/ann/shop/inc/d", "target": "/d", "bind": {}}
    ]
    assert found["db"].get("user") == ("u" if "over" in text else None)


def test_the_clients_variables_win_over_those_of_an_included_file(ask: Answer) -> None:
    files = {"inc/c.yaml": "services: {db: {image: 'db:$TAG'}}", "inc/.env": "TAG=9"}
    assert _services(ask("include: [inc/c.yaml]", files=files, env={"TAG": "1"}))["db"]["image"] == "db:1"


def test_a_folder_and_variables_of_its_own(ask: Answer) -> None:
    text = "include: [{path: inc/c.yaml, project_directory: other, env_file: [my.env]}]"
    files = {
        "inc/c.yaml": "services: {db: {image: 'db:$TAG', build: {}, "
        "env_file: [{path: x.env, required: false}]}}",
        "my.env": "TAG=7",
    }
    db = _services(ask(text, files=files))["db"]
    assert db["image"] == "db:7"
    assert db["build"] == {"context": "/home/ann/shop/other", "dockerfile": "Dockerfile"}
    assert db["env_file"] == [{"path": "/home/ann/shop/other/x.env", "required": False}]


def test_a_file_may_add_to_what_it_includes(ask: Answer) -> None:
    files = {"c.yaml": "services: {db: {image: x, environment: {A: '1', B: '1'}}}"}
    db = _services(ask("include: [c.yaml]\nservices: {db: {environment: {B: '2'}}}", files=files))["db"]
    assert (db["image"], db["environment"]) == ("x", {"A": "1", "B": "2"})


def test_included_files_may_include(ask: Answer) -> None:
    files = {
        "a/c.yaml": "include: [b/c.yaml]\nservices: {a: {image: x, build: .}}",
        "a/b/c.yaml": "services: {b: {image: x, build: .}}",
    }
    found = _services(ask("include: [a/c.yaml]", files=files))
    assert found["a"]["build"] == {"context": "/home/ann/shop/a", "dockerfile": "Dockerfile"}
    assert found["b"]["build"] == {"context": "/home/ann/shop/a/b", "dockerfile": "Dockerfile"}


OVER: dict[str, tuple[str, dict[str, object]]] = {
    "a list": ("ports: !reset []", {"ports": None}),
    "with nothing": ("ports: !reset", {"ports": None}),
    "one entry": ("environment: {A: !reset null}", {"environment": {"B": "1"}}),
    "a whole": ("environment: !override {C: '1'}", {"environment": {"C": "1"}}),
    "within": ("deploy: {replicas: !reset null}", {"deploy": {"mode": "replicated"}}),
}


@pytest.mark.parametrize(("body", "wanted"), OVER.values(), ids=OVER)
def test_what_a_later_file_takes_back(ask: Answer, body: str, wanted: dict[str, object]) -> None:
    first = """\
services:
  web:
    image: x
    ports: ["80:80"]
    environment: {A: "1", B: "1"}
    deploy: {mode: replicated, replicas: 2}
"""
    web = _services(ask(first, f"services:\n  web:\n    {body}\n"))["web"]
    assert {key: web.get(key) for key in wanted} == wanted


def test_a_service_taken_back_is_gone(ask: Answer) -> None:
    first = "services: {web: {image: x}, db: {image: x}}"
    assert list(_services(ask(first, "services: {db: !reset null}"))) == ["web"]


LOGGING = {
    "the same driver": ("driver: a", {"driver": "a", "options": {"x": "1", "y": "2"}}),
    "another": ("driver: b", {"driver": "b", "options": {"y": "2"}}),
}


@pytest.mark.parametrize(("driver", "wanted"), LOGGING.values(), ids=LOGGING)
def test_options_of_logging(ask: Answer, driver: str, wanted: object) -> None:
    first = "services: {web: {image: x, logging: {driver: a, options: {x: '1'}}}}"
    second = f"services: {{web: {{logging: {{{driver}, options: {{y: '2'}}}}}}}}"
    assert _services(ask(first, second))["web"]["logging"] == wanted


IMPLIED = {
    "links": ("links: ['db:base']", {"condition": "service_started", "restart": True, "required": True}),
    "network_mode": (
        "network_mode: service:db",
        {"condition": "service_started", "restart": True, "required": True},
    ),
    "volumes_from": ("volumes_from: ['db:ro']", {"condition": "service_started", "required": True}),
}


@pytest.mark.parametrize(("body", "wanted"), IMPLIED.values(), ids=IMPLIED)
def test_whom_one_waits_for_without_saying_so(ask: Answer, body: str, wanted: object) -> None:
    web = _services(ask(f"services:\n  web:\n    image: x\n    {body}\n  db: {{image: x}}\n"))["web"]
    assert web["depends_on"] == {"db": wanted}


def test_a_file_included_in_two_ways_is_there_once(ask: Answer) -> None:
    files = {
        "a.yaml": "include: [c.yaml]\nservices: {a: {image: x}}",
        "b.yaml": "include: [c.yaml]\nservices: {b: {image: x}}",
        "c.yaml": "services: {c: {image: x, security_opt: [y], ports: ['80:80']}}",
    }
    found = _services(ask("include: [a.yaml, b.yaml]", files=files))
    assert sorted(found) == ["a", "b", "c"]
    assert found["c"]["security_opt"] == ["y"]


def test_an_included_service_may_be_extended(ask: Answer) -> None:
    files = {"c.yaml": "services: {c: {image: x, deploy: {resources: {limits: {memory: 1m}}}}}"}
    found = _services(ask("include: [c.yaml]\nservices: {a: {extends: c, user: u}}", files=files))
    assert found["a"]["deploy"] == found["c"]["deploy"]
    assert (found["a"]["image"], found["a"]["user"]) == ("x", "u")
