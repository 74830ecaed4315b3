"""Every fault: its code, its line and column, its way in the template, and a remedy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
    "a tag": ("services:\n  a:\n    image: x\n    ports: «»!reset []\n", "unsupported-tag", "", "earlier"),
    "HOT": ("«»heat_template_version: 2021-04-16\nresources: {}", "dialect-not-yet", "", "Compose"),
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
    "include": ("«»include: [a.yaml]", "unsupported-key", "include", "longshore up a.yaml"),
    "extends": ("services:\n  a: {«»extends: b}", "unsupported-key", "services.a.extends", "anchor"),
    "container_name": (
        "services:\n  a: {image: x, «»container_name: b}",
        "unsupported-key",
        "services.a.container_name",
        "Longshore names containers",
    ),
    "privileged": (
        "services:\n  a: {image: x, «»privileged: true}",
        "unsupported-key",
        "services.a.privileged",
        "remove it",
    ),
    "build.ssh": (
        "services:\n  a: {build: {context: ., «»ssh: [default]}}",
        "unsupported-key",
        "services.a.build.ssh",
        "build the image yourself",
    ),
    "an address": (
        "services:\n  a: {image: x, networks: {default: {«»ipv4_address: 1.2.3.4}}}",
        "unsupported-key",
        "services.a.networks.default.ipv4_address",
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
    ("ports: [«»0]", "bad-value", "ports[0]", "8080:80"),
    ("ports: [«»true]", "wrong-type", "ports[0]", ""),
    ("ports: [80, «»65536]", "bad-value", "ports[1]", "8080:80"),
    ("ports: ['1:1', «»80/sctp]", "unsupported-value", "ports[1]", "tcp or udp"),
    ("ports: [«»80/xyz]", "bad-value", "ports[0]", "tcp or udp"),
    ("ports: [«»8000-8009:80]", "unsupported-value", "ports[0]", "any free one"),
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
    ("environment: [«»'A =1']", "bad-value", "environment", "NAME=value"),
    ("labels: {«»io.longshore.task: x}", "reserved-label", 'labels["io.longshore.task"]', "another name"),
    ("volumes: [«»'aa:/b:ro:x']", "bad-value", "volumes[0]", "name:/path"),
    ("volumes: [«»':/b']", "bad-value", "volumes[0]", "name:/path"),
    ("volumes: [«»'/a:b']", "bad-value", "volumes[0]", '"/b"'),
    ("volumes: [«»'/a:/b:rx']", "bad-value", "volumes[0]", "ro or rw"),
    ("volumes: [«»'/a:/b:Z']", "unsupported-value", "volumes[0]", "ro and rw"),
    ("volumes: [«»'C:\\a:/b']", "unsupported-value", "volumes[0]", "begins with /"),
    ("volumes: [«»'nosuch:/b']", "unknown-volume", "volumes[0]", "add it under volumes"),
    ("volumes: [«»{source: a, target: /b}]", "missing-key", "volumes[0]", "type"),
    ("volumes: [«»{type: bind, target: /b}]", "missing-key", "volumes[0]", "source"),
    ("volumes: [{type: tmpfs, target: /b, «»bind: {}}]", "conflict", "volumes[0].bind", "type"),
    ("volumes: [/a:/b, «»/c:/b/]", "target-taken", "volumes", "own target"),
    ("tmpfs: «»run", "bad-value", "tmpfs", "/run"),
    ("tmpfs: [«»'/run:mode=1777']", "unsupported-value", "tmpfs[0]", "size"),
    ("networks: [«»nosuch]", "unknown-network", "networks.nosuch", "add it under networks"),
    ("networks: [«»defaul]", "unknown-network", "networks.defaul", "add it"),
    ("depends_on: [«»aa]", "unknown-service", "depends_on.aa", '"a"'),
    ("depends_on: {b: «»{required: false}}", "missing-key", "depends_on.b", "condition"),
    ("depends_on: [«»a]", "dependency-cycle", "depends_on.a", "remove one"),
    ("secrets: [«»s]", "unknown-secret", "secrets[0]", "add it"),
    ("configs: [{source: «»s}]", "unknown-config", "configs[0]", "add it"),
    ("healthcheck: {test: [«»curl]}", "bad-value", "healthcheck.test[0]", "CMD"),
    ("healthcheck: {interval: «»30}", "bad-value", "healthcheck.interval", "30s"),
    ("healthcheck: {interval: «»soon}", "bad-value", "healthcheck.interval", "1m30s"),
    ("restart: «»alway", "bad-value", "restart", '"always"'),
    ("restart: «»false", "wrong-type", "restart", '"no"'),
    ("scale: «»-1", "bad-value", "scale", ""),
    ("scale: «»1.5", "wrong-type", "scale", ""),
    ("cpus: «»lots", "wrong-type", "cpus", ""),
    ("mem_limit: «»lots", "bad-value", "mem_limit", "512m"),
    ("platform: «»Linux", "bad-value", "platform", "linux/amd64"),
    ("platform: «»windows/amd64", "unsupported-value", "platform", "linux"),
    ("deploy: {mode: «»global}", "unsupported-value", "deploy.mode", "replicated"),
    ("deploy: {mode: «»replicate}", "bad-value", "deploy.mode", '"replicated"'),
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
    ("env_file: {path: a, required: false, format: «»toml}", "bad-value", "env_file.format", ""),
)

WHOLE: dict[str, Case] = {
    "no services": ("«»name: x", "no-services", "", "services"),
    "services empty": ("«»services: {}", "no-services", "", "services"),
    "no profile": (
        "«»services: {a: {image: x, profiles: [p]}}",
        "no-services",
        "services",
        "--profile p",
    ),
    "a service of nothing": ("services:\n  a:«»\n  b: {image: x}", "wrong-type", "services.a", ""),
    "no image": ("services:\n  «»a: {user: x}", "no-image", "services.a", "build"),
    "image in capitals": ("services: {a: {image: «»Nginx:Latest}}", "bad-image", "services.a.image", "nginx"),
    "image empty": ("services: {a: {image: «»''}}", "bad-image", "services.a.image", "NAME:TAG"),
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
        "services: {a: {image: x}}\nnetworks: {default: {external: true, «»internal: true}}",
        "conflict",
        "networks.default.internal",
        "remove internal",
    ),
    "external by name": (
        "services: {a: {image: x}}\nnetworks: {default: {external: «»{name: x}}}",
        "unsupported-value",
        "networks.default.external",
        "external: true",
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
    "project name": ("name: «»My Shop\nservices: {a: {image: x}}", "bad-project-name", "name", "myshop"),
}

CASES = {
    f"{kind}: {name}": case
    for kind, table in (("text", TEXT), ("key", KEYS), ("value", VALUES), ("whole", WHOLE))
    for name, case in table.items()
}


@pytest.mark.parametrize(("marked", "code", "path", "hint"), CASES.values(), ids=CASES)
def test_fault(ask: Answer, marked: str, code: str, path: str, hint: str) -> None:
    before, _, after = marked.partition("«»")
    lines = before.split("\n")
    reading = ask(before + after)
    assert [f.code for f in reading.faults] == [code], reading.faults
    fault = reading.faults[0]
    assert (fault.file, fault.line, fault.column) == ("0.yaml", len(lines), len(lines[-1]) + 1), fault
    assert fault.path.rstrip(".") == path.rstrip("."), fault
    assert hint in fault.hint, fault
    assert reading.graph is None
    assert reading.needs is None


def test_all_faults_at_once_by_file_and_line(ask: Answer) -> None:
    first = "services:\n  b: {image: X, prots: []}\n  a: {user: 5, env_file: no.env}\n"
    second = "services:\n  b: {restart: alway}\nnetwork: {}\n"
    faults = ask(first, second).faults
    assert [(f.file, f.line, f.code) for f in faults] == [
        ("0.yaml", 2, "bad-image"),
        ("0.yaml", 2, "unknown-key"),
        ("0.yaml", 3, "no-image"),
        ("0.yaml", 3, "wrong-type"),
        ("0.yaml", 3, "missing-file"),
        ("1.yaml", 2, "bad-value"),
        ("1.yaml", 3, "unknown-key"),
    ]


def test_the_place_of_a_syntax_error_is_shown(ask: Answer) -> None:
    fault = ask("services:\n  a: b: c\n").faults[0]
    assert (fault.line, fault.column) == (2, 7)
    assert "\n" not in fault.message


def test_a_port_taken_names_both_places(ask: Answer) -> None:
    text = "services:\n  a:\n    image: x\n    ports: ['80:1']\n  b: {image: x, ports: ['80:1']}"
    message = ask(text).faults[0].message
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
    "networks: {default: {internal: yes}}": ("old-boolean", "networks.default.internal"),
    "volumes: {spare: }": ("unused", "volumes.spare"),
}


@pytest.mark.parametrize(("text", "found"), WARNINGS.items(), ids=WARNINGS)
def test_warnings_stop_nothing(ask: Answer, text: str, found: tuple[str, str]) -> None:
    reading = ask("services: {a: {image: x}}", text)
    assert reading.graph is not None, reading.faults
    assert [(w.code, w.path) for w in reading.warnings] == [found]


def test_every_code_is_met_in_these_tables() -> None:
    met = {case[1] for case in CASES.values()} | {code for code, _ in WARNINGS.values()}
    met |= {code for code, _ in BAD_LINES.values()}
    elsewhere = {"too-large", "too-deep", "too-many-faults"}
    assert met | elsewhere == set(CODES)
