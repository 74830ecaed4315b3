"""Every fault: its code, its line and column, its way in the template, and a remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from longshore import template
from longshore.model.template import Reading
from longshore.template.codes import CODES

Answer = Callable[..., Reading]

# The text, with «» around where the fault is; its code, its path, and a part of its hint.
Case = tuple[str, str, str, str]

TEXT: dict[str, Case] = {
    "empty": ("«»", "empty-template", "", "services:"),
    "only a remark": ("«»# nothing here\n", "empty-template", "", "services:"),
    "a list": ("«»- a\n", "wrong-type", "", "services:"),
    "a flow not closed": ("services: [a\nb«»: c", "yaml-syntax", "", ""),
    "a tab": ("services:\n«»\ta: {image: x}\n", "yaml-syntax", "", "spaces"),
    "a quote not closed": ('name: "x\nservices: {}«»', "yaml-syntax", "", ""),
    "a control character": ("services:\n  a: «»\x01\n", "bad-character", "", "UTF-8"),
    "no such anchor": ("services:\n  a: «»*b\n", "yaml-syntax", "", ""),
    "an anchor in itself": ("services: &a\n  a: «»*a\n", "yaml-syntax", "", ""),
    "a key twice": ("services:\n  a: {image: x}\n  «»a: {image: y}\n", "duplicate-key", "", "keep one"),
    "a key that is a list": ("services:\n  «»[a]: {image: x}\n  b: {image: x}\n", "bad-key", "", ""),
    "a merge of a word": ("x-a: &a word\nservices:\n  a: {«»<<: *a, image: x}\n", "bad-merge", "", ""),
    "a tag": ("services:\n  a:\n    image: x\n    ports: «»!rest []\n", "unsupported-tag", "", "remove"),
    "a number as a key": (
        "services:\n  a: {image: x, environment: {«»80: x}}",
        "bad-key",
        "services.a.environment.80",
        '"80"',
    ),
    "Cloud Foundry": ("«»applications: [{name: x}]", "dialect-not-yet", "", "Compose"),
    "Brooklyn": ("«»services: [{type: x}]", "dialect-not-yet", "", "Compose"),
    "no language": ("«»apiVersion: v1\nkind: Pod\n", "unknown-dialect", "", "services:"),
}

KEYS: dict[str, Case] = {
    "top": ("«»servces: {a: {image: x}}", "unknown-key", "servces", '"services"'),
    "service": ("services:\n  a: {image: x, «»prots: []}", "unknown-key", "services.a.prots", '"ports"'),
    "nothing near": ("services:\n  a: {image: x, «»qqqq: 1}", "unknown-key", "services.a.qqqq", ""),
    "deploy": (
        "services:\n  a:\n    image: x\n    deploy: {«»replica: 1}",
        "unknown-key",
        "services.a.deploy.replica",
        '"replicas"',
    ),
    "x-longshore": (
        "services:\n  a: {image: x, x-longshore: {«»stratgy: spread}}",
        "unknown-key",
        "services.a.x-longshore.stratgy",
        '"strategy"',
    ),
    "include": ("include: [«»a.yaml]", "missing-file", "include[0]", "mend the path"),
    "extends": ("services:\n  a: {extends: «»b}", "unknown-service", "services.a.extends", ""),
    "container_name": (
        "services:\n  a: {image: x, container_name: «»b}",
        "bad-value",
        "services.a.container_name",
        "two letters or digits",
    ),
    "isolation": (
        "services:\n  a: {image: x, «»annotations: {a: b}}",
        "unsupported-key",
        "services.a.annotations",
        "use labels",
    ),
    "build.ssh": (
        "services:\n  a: {build: {context: ., «»ssh: [default]}}",
        "unsupported-key",
        "services.a.build.ssh",
        "build the image yourself",
    ),
    "an address": (
        "services:\n  a: {image: x, networks: {default: {«»interface_name: eth9}}}",
        "unsupported-key",
        "services.a.networks.default.interface_name",
        "by name",
    ),
    "secret external": (
        "services:\n  a: {image: x, secrets: [s]}\nsecrets: {s: {«»external: true}}",
        "unsupported-key",
        "secrets.s.external",
        "file:",
    ),
}


def _service(body: str) -> str:
    return f"services:\n  a:\n    image: x\n    {body}\n"


def _values(*rows: tuple[str, str, str, str]) -> dict[str, Case]:
    return {body: (_service(body), code, f"services.a.{path}", hint) for body, code, path, hint in rows}


VALUES = _values(
    ("ports: «»80", "wrong-type", "ports", ""),
    ("ports: [«»a]", "bad-value", "ports[0]", "8080:80"),
    ("ports: [«»0]", "bad-value", "ports[0].target", "80"),
    ("ports: [«»true]", "wrong-type", "ports[0]", ""),
    ("ports: [80, «»65536]", "bad-value", "ports[1]", "8080:80"),
    ("ports: ['1:1', «»80/sctp]", "unsupported-value", "ports[1].protocol", "tcp or udp"),
    ("ports: [«»80/xyz]", "bad-value", "ports[0]", "tcp or udp"),
    ("ports: [«»8000-8009:80]", "unsupported-value", "ports[0].published", "any free one"),
    ("ports: [«»8000-8009:80-81]", "bad-value", "ports[0]", "8080:80"),
    ("ports: [«»{published: 80}]", "missing-key", "ports[0]", "target"),
    ("ports: [{target: «»x}]", "wrong-type", "ports[0].target", ""),
    ("expose: [«»a]", "bad-value", "expose[0]", "3000"),
    ("user: «»1000", "wrong-type", "user", '"1000"'),
    ("command: «»{a: b}", "wrong-type", "command", ""),
    ("command: «»'a \"b'", "bad-value", "command", "quotation"),
    ("command: [sleep, «»5]", "wrong-type", "command[1]", '"5"'),
    ("environment: «»word", "wrong-type", "environment", ""),
    ("environment: {A: «»[1]}", "wrong-type", "environment.A", ""),
    ("environment: [«»'A =1']", "bad-value", "environment[0]", "NAME=value"),
    ("labels: {«»io.longshore.task: x}", "reserved-label", 'labels["io.longshore.task"]', "another name"),
    ("volumes: [«»'aa:/b:ro:x']", "bad-value", "volumes[0]", "name:/path"),
    ("volumes: [«»':/b']", "bad-value", "volumes[0]", "name:/path"),
    ("volumes: [«»'/a:b']", "bad-value", "volumes[0]", '"/b"'),
    ("volumes: [«»'C:\\a:/b']", "unsupported-value", "volumes[0]", "begins with /"),
    ("volumes: [«»'nosuch:/b']", "unknown-volume", "volumes[0]", "add it under volumes"),
    ("volumes: [«»{source: a, target: /b}]", "missing-key", "volumes[0]", "type"),
    ("volumes: [«»{type: bind, target: /b}]", "missing-key", "volumes[0]", "source"),
    ("volumes: [/a:/b]\n    tmpfs: [«»/b]", "target-taken", "tmpfs", "own target"),
    ("tmpfs: «»run", "bad-value", "tmpfs[0]", "/run"),
    ("networks: [«»nosuch]", "unknown-network", "networks.nosuch", "add it under networks"),
    ("networks: [«»defaul]", "unknown-network", "networks.defaul", "add it"),
    ("depends_on: [«»aa]", "unknown-service", "depends_on.aa", '"a"'),
    ("depends_on: {«»b: {condition: service_started}}", "unknown-service", "depends_on.b", ""),
    ("depends_on: [«»a]", "dependency-cycle", "depends_on.a", "remove one"),
    ("secrets: [«»s]", "unknown-secret", "secrets[0]", "add it"),
    ("configs: [{source: «»s}]", "unknown-config", "configs[0]", "add it"),
    ("healthcheck: {test: [«»curl]}", "bad-value", "healthcheck.test[0]", "CMD"),
    ("healthcheck: {interval: «»30}", "wrong-type", "healthcheck.interval", "30s"),
    ("healthcheck: {interval: «»soon}", "bad-value", "healthcheck.interval", "1m30s"),
    ("restart: «»alway", "bad-value", "restart", '"always"'),
    ("restart: «»false", "wrong-type", "restart", '"no"'),
    ("scale: «»-1", "unsupported-value", "scale", "0 to 100000"),
    ("scale: «»1.5", "wrong-type", "scale", ""),
    ("cpus: «»lots", "wrong-type", "cpus", ""),
    ("cpus: «»-1", "bad-value", "cpus", "leave it out"),
    ("healthcheck: {interval: «»-1s}", "bad-value", "healthcheck.interval", "leave it out"),
    ("mem_limit: «»lots", "bad-value", "mem_limit", "512m"),
    ("platform: «»Linux", "bad-value", "platform", "linux/amd64"),
    ("platform: «»windows/amd64", "unsupported-value", "platform", "linux"),
    ("deploy: {mode: «»global}", "unsupported-value", "deploy.mode", "replicated"),
    ("deploy: {mode: «»replicate}", "unsupported-value", "deploy.mode", "replicated"),
    (
        "deploy: {placement: {constraints: [«»node=foo]}}",
        "bad-constraint",
        "deploy.placement.constraints[0]",
        "node.labels.NAME==VALUE",
    ),
    (
        "deploy: {placement: {constraints: [«»node.hostnam==a]}}",
        "bad-constraint",
        "deploy.placement.constraints[0]",
        '"node.hostname"',
    ),
    (
        "deploy: {placement: {constraints: [«»node.role==manager]}}",
        "unsupported-value",
        "deploy.placement.constraints[0]",
        "label the hosts",
    ),
    (
        "deploy: {update_config: {order: «»start}}",
        "bad-value",
        "deploy.update_config.order",
        '"start-first"',
    ),
    (
        "deploy: {rollback_config: {failure_action: «»rollback}}",
        "bad-value",
        "deploy.rollback_config.failure_action",
        "",
    ),
    (
        "deploy: {update_config: {max_failure_ratio: «»1.1}}",
        "bad-value",
        "deploy.update_config.max_failure_ratio",
        "",
    ),
    (
        "deploy: {resources: {limits: {memory: 1m}, reservations: {memory: «»2m}}}",
        "conflict",
        "",
        "reserve at most",
    ),
    ("scale: «»2\n    deploy: {replicas: 3}", "conflict", "scale", "deploy.replicas"),
    ("x-longshore: {strategy: «»cheap}", "bad-value", "x-longshore.strategy", '"cheapest"'),
    ("user: «»'${'", "bad-interpolation", "user", "$$"),
    ("user: «»cost $5", "bad-interpolation", "user", "$$"),
    ("user: «»${NOSUCH:?tell me}", "missing-variable", "user", "set NOSUCH"),
    ("env_file: «»nosuch.env", "missing-file", "env_file[0]", "create it"),
    ("env_file: [«»{required: false}]", "missing-key", "env_file[0]", "path"),
)

WHOLE: dict[str, Case] = {
    "no services": ("«»name: x", "no-services", "services", "services"),
    "services empty": ("«»services: {}", "no-services", "services", "services"),
    "no profile": (
        "«»services: {a: {image: x, profiles: [p]}}",
        "no-services",
        "services",
        "--profile p",
    ),
    "a service of nothing": ("services:\n  a:«»\n  b: {image: x}", "wrong-type", "services.a", ""),
    "no image": ("services:\n  «»a: {user: x}", "no-image", "services.a", "build"),
    "image in capitals": ("services: {a: {image: «»Nginx:Latest}}", "bad-image", "services.a.image", "nginx"),
    "image empty": ("services: {«»a: {image: ''}}", "no-image", "services.a", "build"),
    "service name": ("services: {«»a b: {image: x}}", "bad-value", 'services["a b"]', ""),
    "two dockerfiles": (
        "services: {a: {build: {dockerfile: x, «»dockerfile_inline: y}}}",
        "conflict",
        "services.a.build.dockerfile_inline",
        "one of the two",
    ),
    "build from the net": (
        "services: {a: {build: «»'https://host/x.git'}}",
        "unsupported-value",
        "services.a.build.context",
        "clone",
    ),
    "a ring": (
        "services:\n"
        "  a: {image: x, depends_on: [b]}\n"
        "  b: {image: x, depends_on: {«»c: {condition: service_started}}}\n"
        "  c: {image: x, depends_on: [d]}\n"
        "  d: {image: x, depends_on: [b]}\n",
        "dependency-cycle",
        "services.b.depends_on.c",
        "b -> c",
    ),
    "profile left out": (
        "services:\n  a: {image: x, depends_on: [«»b]}\n  b: {image: x, profiles: [p]}",
        "disabled-dependency",
        "services.a.depends_on.b",
        "--profile p",
    ),
    "port of another": (
        "services:\n  a: {image: x, ports: ['80:1']}\n  b: {image: x, ports: [«»'0.0.0.0:80:2']}",
        "port-taken",
        "services.b.ports[0]",
        "any free one",
    ),
    "port twice in one": (
        "services: {a: {image: x, ports: ['80:1', «»'80:2']}}",
        "port-taken",
        "services.a.ports[1]",
        "any free one",
    ),
    "network driver": (
        "services: {a: {image: x}}\nnetworks: {default: {driver: «»overlay}}",
        "unsupported-value",
        "networks.default.driver",
        "external: true",
    ),
    "volume driver": (
        "services: {a: {image: x, volumes: ['dd:/e']}}\nvolumes: {dd: {driver: «»nfs}}",
        "unsupported-value",
        "volumes.dd.driver",
        "external: true",
    ),
    "external and more": (
        "services: {a: {image: x}}\nvolumes: {v: {external: true, «»driver: local}}",
        "conflict",
        "volumes.v.driver",
        "remove driver",
    ),
    "external by two names": (
        "services: {a: {image: x}}\nnetworks: {default: {name: y, external: «»{name: x}}}",
        "conflict",
        "networks.default.external",
        "external: true",
    ),
    "a list of the same": (
        "services: {a: {image: x, security_opt: [y, «»y]}}",
        "duplicate-item",
        "services.a.security_opt[1]",
        "one of the two",
    ),
    "a model unknown": (
        "services: {a: {image: x, models: [«»m]}}",
        "unknown-model",
        "services.a.models.m",
        "add it",
    ),
    "secret without content": (
        "services: {a: {image: x}}\nsecrets: {«»s: {name: x}}",
        "missing-key",
        "secrets.s",
        "file",
    ),
    "secret of two contents": (
        "services: {a: {image: x}}\nsecrets: {s: {file: x, «»environment: X}}",
        "conflict",
        "secrets.s.environment",
        "one of them",
    ),
    "secret file missing": (
        "services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {file: «»./no.txt}}",
        "missing-file",
        "secrets.s.file",
        "create it",
    ),
    "secret variable missing": (
        "services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {environment: «»NO}}",
        "missing-variable",
        "secrets.s.environment",
        "set NO",
    ),
    "config mode": (
        "services: {a: {image: x, configs: [{source: c, mode: «»rw}]}}\nconfigs: {c: {content: x}}",
        "bad-value",
        "services.a.configs[0].mode",
        "0440",
    ),
}

CASES = {
    f"{kind}: {name}": case
    for kind, table in (("text", TEXT), ("key", KEYS), ("value", VALUES), ("whole", WHOLE))
    for name, case in table.items()
}


REFUSED = {
    "key: isolation",
    "key: build.ssh",
    "key: an address",
    "key: secret external",
    "value: ports: [«»0]",
    "value: ports: ['1:1', «»80/sctp]",
    "value: ports: [«»8000-8009:80]",
    "value: expose: [«»a]",
    "value: labels: {«»io.longshore.task: x}",
    "value: volumes: [«»'/a:b']",
    "value: volumes: [«»'C:\\a:/b']",
    "value: volumes: [/a:/b]\n    tmpfs: [«»/b]",
    "value: tmpfs: «»run",
    "value: restart: «»alway",
    "value: cpus: «»-1",
    "value: healthcheck: {interval: «»-1s}",
    "value: scale: «»-1",
    "value: platform: «»Linux",
    "value: platform: «»windows/amd64",
    "value: deploy: {mode: «»global}",
    "value: deploy: {mode: «»replicate}",
    "value: deploy: {placement: {constraints: [«»node=foo]}}",
    "value: deploy: {placement: {constraints: [«»node.hostnam==a]}}",
    "value: deploy: {placement: {constraints: [«»node.role==manager]}}",
    "value: deploy: {rollback_config: {failure_action: «»rollback}}",
    "value: deploy: {update_config: {max_failure_ratio: «»1.1}}",
    "value: deploy: {resources: {limits: {memory: 1m}, reservations: {memory: «»2m}}}",
    "whole: no services",
    "whole: services empty",
    "whole: no profile",
    "whole: image in capitals",
    "whole: build from the net",
    "whole: port of another",
    "whole: port twice in one",
    "whole: network driver",
    "whole: volume driver",
    "whole: secret file missing",
    "whole: secret variable missing",
}
"""What the language allows: a template is right, and only a plan of it is refused."""


@pytest.mark.parametrize("name", CASES)
def test_fault(ask: Answer, name: str) -> None:
    marked, code, path, hint = CASES[name]
    before, _, after = marked.partition("«»")
    lines = before.split("\n")
    reading = ask(before + after)
    found, none = reading.faults, reading.refusals
    if name in REFUSED:
        found, none = none, found
        assert reading.config is not None
    assert [f.code for f in found] == [code], found
    assert none == ()
    fault = found[0]
    assert (fault.file, fault.line, fault.column) == ("0.yaml", len(lines), len(lines[-1]) + 1), fault
    assert fault.path.rstrip(".") == path.rstrip("."), fault
    assert hint in fault.hint, fault
    assert reading.graph is None
    assert reading.needs is None


def test_all_faults_at_once_by_file_and_line(ask: Answer) -> None:
    first = "services:\n  b: {image: 7, prots: []}\n  a: {user: 5, env_file: no.env}\n"
    second = "services:\n  b: {restart: false}\nnetwork: {}\n"
    faults = ask(first, second).faults
    assert [(f.file, f.line, f.code) for f in faults] == [
        ("0.yaml", 2, "wrong-type"),
        ("0.yaml", 2, "unknown-key"),
        ("0.yaml", 3, "no-image"),
        ("0.yaml", 3, "wrong-type"),
        ("0.yaml", 3, "missing-file"),
        ("1.yaml", 2, "wrong-type"),
        ("1.yaml", 3, "unknown-key"),
    ]


def test_the_place_of_a_syntax_error_is_shown(ask: Answer) -> None:
    fault = ask("services:\n  a: b: c\n").faults[0]
    assert (fault.line, fault.column) == (2, 7)
    assert "\n" not in fault.message


def test_a_port_taken_names_both_places(ask: Answer) -> None:
    text = "services:\n  a:\n    image: x\n    ports: ['80:1']\n  b: {image: x, ports: ['80:1']}"
    message = ask(text).refusals[0].message
    assert '"a"' in message
    assert "0.yaml line 4" in message


def test_a_ring_is_shown_whole(ask: Answer) -> None:
    text = "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n"
    assert "a -> b -> a" in ask(text).faults[0].message


def test_files_that_are_not_there(ask: Answer) -> None:
    missing = ask("services: {a: {image: x}}", env_files=("prod.env",)).faults
    assert [(f.code, f.line) for f in missing] == [("missing-file", 0)]
    assert "prod.env" in missing[0].message


BAD_LINES = {
    "A='x": ("bad-env-file", 1),
    "A=1\n  NO SPACES HERE": ("bad-env-file", 2),
    "A=1\n\nB=${": ("bad-env-file", 3),
    "A='a\nb'\n=x": ("bad-env-file", 3),
    "A=${B:?say}": ("missing-variable", 1),
}


@pytest.mark.parametrize(("text", "found"), BAD_LINES.items(), ids=BAD_LINES)
def test_faults_of_an_environment_file(ask: Answer, text: str, found: tuple[str, int]) -> None:
    faults = ask("services: {a: {image: x, env_file: sub/a.env}}", files={"sub/a.env": text}).faults
    assert [(f.code, f.line) for f in faults] == [found]
    assert faults[0].file == "sub/a.env"


PROJECTS = {"-p": {"project": "My Shop"}, "no letter": {"directory": "/"}}


@pytest.mark.parametrize("given", PROJECTS.values(), ids=PROJECTS)
def test_project_names_from_outside(ask: Answer, given: dict[str, object]) -> None:
    faults = ask("services: {a: {image: x}}", **given).faults
    assert [f.code for f in faults] == ["bad-project-name"]


WARNINGS = {
    "version: '3.9'": ("idle-key", "version"),
    "services: {b: {image: x, attach: false}}": ("idle-key", "services.b.attach"),
    "services: {b: {image: x, user: $NOSUCH}}": ("unset-variable", "services.b.user"),
    "services: {b: {image: x, volumes: ['/a:/b:cached']}}": ("idle-key", "services.b.volumes[0]"),
    "services: {b: {image: x, volumes: ['/a:/b:rx']}}": ("idle-key", "services.b.volumes[0]"),
    "services: {b: {image: x, volumes: ['/a:/b', '/c:/b/']}}": ("target-taken", "services.b.volumes[1]"),
    "services: {b: {image: x, command: 'a && b'}}": ("dropped-words", "services.b.command"),
    "services: {b: {image: x, environment: {V: 1.10}}}": ("number-read", "services.b.environment.V"),
    "name: My Shop": ("name-changed", "name"),
    "networks: {default: {external: {name: n}}}": ("old-form", "networks.default.external"),
    "networks: {default: {internal: yes}}": ("old-boolean", "networks.default.internal"),
    "volumes: {spare: }": ("unused", "volumes.spare"),
}


@pytest.mark.parametrize(("text", "found"), WARNINGS.items(), ids=WARNINGS)
def test_warnings_stop_nothing(ask: Answer, text: str, found: tuple[str, str]) -> None:
    reading = ask("services: {a: {image: x}}", text)
    assert reading.graph is not None, reading.faults
    assert [(w.code, w.path) for w in reading.warnings] == [found]


RINGS = {
    "include-cycle": (
        {"0.yaml": "include: [b.yaml]\nservices: {a: {image: x}}", "b.yaml": "include: [0.yaml]"},
        "b.yaml",
    ),
    "extends-cycle": ({"0.yaml": "services: {a: {image: x, extends: b}, b: {image: x, extends: a}}"}, "a"),
}


@pytest.mark.parametrize("code", RINGS)
def test_rings_of_files_and_services(ask: Answer, code: str) -> None:
    files, shown = RINGS[code]
    reading = ask(files["0.yaml"], files=files)
    assert {f.code for f in reading.faults} == {code}
    assert shown in reading.faults[0].message


def test_every_code_is_met_in_these_tables() -> None:
    met = {case[1] for case in CASES.values()} | {code for code, _ in WARNINGS.values()}
    met |= {code for code, _ in BAD_LINES.values()} | set(RINGS) | {"bad-project-name"}
    elsewhere = {"too-large", "too-deep", "too-many-faults", "unknown-dialect", "dialect-not-yet"}
    room = Path(template.__file__).parent
    sources = [*room.glob("*.py"), *room.glob("compose/*.py")]
    text = "".join(path.read_text() for path in sources if path.name != "codes.py")
    used = {code for code in CODES if f'"{code}"' in text}
    assert used - met - elsewhere == set()
