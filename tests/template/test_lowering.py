"""Every key of a service, and what it becomes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.model.spec import (
    Attachment,
    Awaited,
    Build,
    Constraint,
    Dependency,
    FailureAction,
    FileMount,
    Healthcheck,
    ImageRef,
    Mount,
    MountKind,
    NetworkSpec,
    Placement,
    Port,
    Protocol,
    Resources,
    RestartPolicy,
    RestartWhen,
    ServiceSpec,
    UpdateOrder,
    UpdatePolicy,
    VolumeSpec,
)
from longshore.model.template import Reading
from longshore.template.compose.inputs import digest

Web = Callable[..., ServiceSpec]
Answer = Callable[..., Reading]

SECOND = 1_000_000
VOLUME, BIND, TMPFS = MountKind.VOLUME, MountKind.BIND, MountKind.TMPFS
FAILURE, ANY = RestartWhen.ON_FAILURE, RestartWhen.ANY
DATA = "volumes:\n  data:\n"


# What the service says, the field of the spec, and its value.
FIELDS = {
    "image": ("", "image", ImageRef(name="shop")),
    "command as a line": ('command: run --name "a b"', "command", ("run", "--name", "a b")),
    "command as a list": ("command: [run, -v]", "command", ("run", "-v")),
    "command emptied": ("command: []", "command", ()),
    "command left out": ("", "command", None),
    "command of nothing": ("command:", "command", None),
    "entrypoint": ("entrypoint: /go.sh", "entrypoint", ("/go.sh",)),
    "environment as a mapping": (
        "environment:\n  A: 1.10\n  B: yes\n  C: true\n  D: ''\n  E: 0777",
        "environment",
        {"A": "1.1", "B": "yes", "C": "true", "D": "", "E": "511"},
    ),
    "environment as a list": (
        "environment:\n- A=1\n- B=x=y\n- C=",
        "environment",
        {"A": "1", "B": "x=y", "C": ""},
    ),
    "labels as a mapping": ("labels: {a.b: 1, c: }", "labels", {"a.b": "1", "c": ""}),
    "labels as a list": ("labels: [a=1, b]", "labels", {"a": "1", "b": ""}),
    "deploy.labels": ("deploy: {labels: [a=1]}", "service_labels", {"a": "1"}),
    "expose": ('expose: [3000, "53/udp", 3000]', "expose", ("3000", "53/udp")),
    "user": ('user: "1000:1000"', "user", "1000:1000"),
    "working_dir": ("working_dir: /srv", "working_dir", "/srv"),
    "stop_grace_period": ("stop_grace_period: 1m30s", "stop_grace", 90 * SECOND),
    "stop_grace_period left out": ("", "stop_grace", 10 * SECOND),
    "scale": ("scale: 3", "replicas", 3),
    "scale of a variable": ("scale: ${N:-4}", "replicas", 4),
    "deploy.replicas": ("deploy: {replicas: 0}", "replicas", 0),
    "networks left out": ("", "networks", (Attachment(network="default"),)),
    "depends_on left out": ("", "depends_on", ()),
    "healthcheck left out": ("", "healthcheck", None),
}


@pytest.mark.parametrize(("body", "field", "value"), FIELDS.values(), ids=FIELDS)
def test_field(web: Web, body: str, field: str, value: object) -> None:
    assert getattr(web(body), field) == value


PORTS = {
    "80": [Port(target=80)],
    "8080:80": [Port(target=80, published=8080)],
    "22:22": [Port(target=22, published=22)],
    '"53:53/udp"': [Port(target=53, published=53, protocol=Protocol.UDP)],
    '"127.0.0.1:8080:80"': [Port(target=80, published=8080, host_ip="127.0.0.1")],
    '"127.0.0.1::80"': [Port(target=80, host_ip="127.0.0.1")],
    '"[::1]:8080:80"': [Port(target=80, published=8080, host_ip="::1")],
    '"8000-8001:80-81"': [Port(target=80, published=8000), Port(target=81, published=8001)],
    '"80-81"': [Port(target=80), Port(target=81)],
    "{target: 80}": [Port(target=80)],
    '{target: 80, published: "81", protocol: udp, mode: host, host_ip: 10.0.0.1, name: x}': [
        Port(target=80, published=81, protocol=Protocol.UDP, host_ip="10.0.0.1")
    ],
    '"80:80", 80:80': [Port(target=80, published=80)],
}


@pytest.mark.parametrize(("text", "ports"), PORTS.items(), ids=PORTS)
def test_ports(web: Web, text: str, ports: list[Port]) -> None:
    assert web(f"ports: [{text}]").ports == tuple(ports)


MOUNTS = {
    "data:/var": Mount(kind=VOLUME, source="data", target="/var"),
    "data:/var:ro": Mount(kind=VOLUME, source="data", target="/var", read_only=True),
    "/var": Mount(kind=VOLUME, target="/var"),
    "/etc/x:/x": Mount(kind=BIND, source="/etc/x", target="/x"),
    "./x/../y:/x": Mount(kind=BIND, source="/home/ann/shop/y", target="/x", from_client=True),
    "../y:/x": Mount(kind=BIND, source="/home/ann/y", target="/x", from_client=True),
    "~/y:/x": Mount(kind=BIND, source="/home/ann/y", target="/x", from_client=True),
    "{type: volume, source: data, target: /x, read_only: true}": Mount(
        kind=VOLUME, source="data", target="/x", read_only=True
    ),
    "{type: bind, source: y, target: /x, bind: {create_host_path: false}}": Mount(
        kind=BIND, source="/home/ann/shop/y", target="/x", from_client=True, create=False
    ),
    "{type: tmpfs, target: /x, tmpfs: {size: 1m}}": Mount(kind=TMPFS, target="/x", size=1 << 20),
}


@pytest.mark.parametrize(("text", "mount"), MOUNTS.items(), ids=MOUNTS)
def test_mounts(web: Web, text: str, mount: Mount) -> None:
    assert web(
        f"volumes: [{text!r}]" if text[0] != "{" else f"volumes: [{text}]", DATA, env={"HOME": "/home/ann"}
    ).mounts == (mount,)


def test_tmpfs_beside_volumes(web: Web) -> None:
    spec = web("volumes: [data:/var]\ntmpfs: ['/run:size=64m', /tmp]", DATA)
    assert spec.mounts == (
        Mount(kind=VOLUME, source="data", target="/var"),
        Mount(kind=TMPFS, target="/run", size=64 << 20),
        Mount(kind=TMPFS, target="/tmp"),
    )


BUILDS = {
    "build: .": Build(context="/home/ann/shop"),
    "build: ./api": Build(context="/home/ann/shop/api"),
    "build: {context: /src, dockerfile: D, target: t, args: {A: 1, B: }, labels: [x=y]}": Build(
        context="/src", dockerfile="D", target="t", args={"A": "1", "B": "b"}, labels={"x": "y"}
    ),
    "build: {dockerfile_inline: FROM x}": Build(context="/home/ann/shop", dockerfile_inline="FROM x"),
}


@pytest.mark.parametrize(("body", "build"), BUILDS.items(), ids=BUILDS)
def test_build(web: Web, body: str, build: Build) -> None:
    assert web(body, env={"B": "b"}).build == build


def test_an_image_that_is_built_is_named_after_project_and_service(ask: Answer) -> None:
    reading = ask("name: my-shop\nservices: {api: {build: .}}")
    assert reading.graph is not None
    assert reading.graph.services["api"].image == ImageRef(name="my-shop-api")


HEALTHCHECKS = {
    "{test: curl x, interval: 5s, timeout: 1m, retries: 4, start_period: 500ms}": Healthcheck(
        test=("CMD-SHELL", "curl x"),
        interval=5 * SECOND,
        timeout=60 * SECOND,
        retries=4,
        start_period=SECOND // 2,
    ),
    "{test: [CMD, curl, x]}": Healthcheck(test=("CMD", "curl", "x")),
    "{test: [NONE]}": Healthcheck(disable=True),
    "{disable: true}": Healthcheck(disable=True),
    "{interval: 5s}": Healthcheck(interval=5 * SECOND),
}


@pytest.mark.parametrize(("text", "check"), HEALTHCHECKS.items(), ids=HEALTHCHECKS)
def test_healthcheck(web: Web, text: str, check: Healthcheck) -> None:
    assert web(f"healthcheck: {text}").healthcheck == check


RESTARTS = {
    "": RestartPolicy(when=FAILURE),
    "restart: no": RestartPolicy(when=RestartWhen.NONE),
    'restart: "no"': RestartPolicy(when=RestartWhen.NONE),
    "restart: always": RestartPolicy(when=ANY),
    "restart: unless-stopped": RestartPolicy(when=ANY),
    "restart: on-failure": RestartPolicy(when=FAILURE),
    "restart: on-failure:3": RestartPolicy(when=FAILURE, max_attempts=3),
    "restart: always\ndeploy: {restart_policy: {condition: none}}": RestartPolicy(when=RestartWhen.NONE),
    "deploy: {restart_policy: {delay: 5s, max_attempts: 3, window: 2m}}": RestartPolicy(
        when=ANY, delay=5 * SECOND, max_attempts=3, window=120 * SECOND
    ),
}


@pytest.mark.parametrize(("body", "policy"), RESTARTS.items(), ids=RESTARTS)
def test_restart(web: Web, body: str, policy: RestartPolicy) -> None:
    assert web(body).restart == policy


RESOURCES = {
    "deploy: {resources: {limits: {cpus: '0.5', memory: 1g, pids: 9}}}": Resources(
        cpu_limit=500, memory_limit=1 << 30, pids_limit=9
    ),
    "deploy: {resources: {reservations: {cpus: 1.25, memory: 1.5m}}}": Resources(cpu=1250, memory=3 << 19),
    "cpus: 2\nmem_limit: 64kb\nmem_reservation: 1024\npids_limit: -1": Resources(
        cpu_limit=2000, memory_limit=64 << 10, memory=1024
    ),
    "cpus: 2\ndeploy: {resources: {limits: {cpus: '2.0'}}}": Resources(cpu_limit=2000),
}


@pytest.mark.parametrize(("body", "resources"), RESOURCES.items(), ids=RESOURCES)
def test_resources(web: Web, body: str, resources: Resources) -> None:
    assert web(body).resources == resources


def test_placement(web: Web) -> None:
    body = """\
platform: linux/arm64
x-longshore: {strategy: binpack}
deploy:
  mode: replicated
  placement:
    constraints: [node.labels.disk == ssd, node.hostname!=a b, engine.labels.x.y==1]
    preferences: [{spread: node.labels.zone}]
    max_replicas_per_node: 2"""
    assert web(body).placement == Placement(
        constraints=(
            Constraint(key="node.labels.disk", value="ssd"),
            Constraint(key="node.hostname", value="a b", equal=False),
            Constraint(key="engine.labels.x.y", value="1"),
        ),
        spread=("node.labels.zone",),
        max_per_host=2,
        platform="linux/arm64",
        strategy="binpack",
    )


def test_update_and_rollback(web: Web) -> None:
    body = """\
deploy:
  update_config:
    {parallelism: 0, delay: 1s, order: start-first, failure_action: rollback, monitor: 1m,
     max_failure_ratio: 0.25}
  rollback_config: {parallelism: 2}"""
    spec = web(body)
    assert spec.update == UpdatePolicy(
        parallelism=0,
        delay=SECOND,
        order=UpdateOrder.START_FIRST,
        failure_action=FailureAction.ROLLBACK,
        monitor=60 * SECOND,
        max_failure_ratio=0.25,
    )
    assert spec.rollback == UpdatePolicy(parallelism=2)


def test_dependencies(ask: Answer) -> None:
    text = """\
services:
  a: {image: x, depends_on: [b]}
  b:
    image: x
    depends_on:
      c: {condition: service_healthy, restart: true}
      gone: {condition: service_started, required: false}
  c: {image: x}
  gone: {image: x, profiles: [none]}
"""
    graph = ask(text).graph
    assert graph is not None
    assert graph.services["a"].depends_on == (Dependency(service="b"),)
    healthy = Dependency(service="c", condition=Awaited.HEALTHY, restart=True)
    assert graph.services["b"].depends_on == (healthy,)


def test_networks_and_volumes(ask: Answer) -> None:
    text = """\
name: shop
services:
  a: {image: x, networks: [front, back], volumes: [data:/d, other:/o]}
  b: {image: x, networks: {back: {aliases: [db, store]}, front: }}
networks:
  front: {driver: bridge, internal: true, labels: {a: b}, driver_opts: {mtu: 1400}}
  back: {external: true, name: corporate}
  spare:
volumes:
  data: {name: precious, labels: [a=b], driver: local, driver_opts: {type: nfs}}
  other: {external: true}
"""
    reading = ask(text)
    graph = reading.graph
    assert graph is not None
    assert graph.networks == {
        "front": NetworkSpec(name="shop_front", internal=True, labels={"a": "b"}, options={"mtu": "1400"}),
        "back": NetworkSpec(name="corporate", external=True),
    }
    assert graph.volumes == {
        "data": VolumeSpec(name="precious", labels={"a": "b"}, options={"type": "nfs"}),
        "other": VolumeSpec(name="other", external=True),
    }
    assert graph.services["b"].networks == (
        Attachment(network="back", aliases=("db", "store")),
        Attachment(network="front"),
    )
    assert [(w.code, w.path) for w in reading.warnings] == [("unused", "networks.spare")]


def test_secrets_and_configs_are_delivered_as_files(ask: Answer) -> None:
    text = """\
services:
  a:
    image: x
    secrets: [password, {source: key, target: tls.key, uid: "5", mode: 0400}]
    configs: [motd, {source: motd, target: /etc/motd, mode: "0644"}]
secrets:
  password: {file: ./secret/password.txt}
  key: {environment: KEY}
  unused: {file: never-asked-for}
configs:
  motd: {content: "hello ${WHO}"}
"""
    reading = ask(text, files={"secret/password.txt": "hunter2"}, env={"KEY": "k", "WHO": "you"})
    assert reading.graph is not None, reading.faults
    password, key, motd = digest("hunter2"), digest("k"), digest("hello you")
    assert reading.contents == {password: "hunter2", key: "k", motd: "hello you"}
    assert reading.graph.services["a"].files == (
        FileMount(name="password", digest=password, target="/run/secrets/password", secret=True),
        FileMount(name="key", digest=key, target="/run/secrets/tls.key", secret=True, mode=0o400, uid=5),
        FileMount(name="motd", digest=motd, target="/motd"),
        FileMount(name="motd", digest=motd, target="/etc/motd", mode=0o644),
    )


def test_secrets_are_not_in_the_normalised_project(ask: Answer) -> None:
    text = "services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {file: s.txt}}"
    reading = ask(text, files={"s.txt": "hunter2"})
    assert "hunter2" not in str(reading.config)


def test_environment_comes_from_files_then_from_the_service(ask: Answer) -> None:
    text = """\
services:
  a:
    image: x
    env_file: [a.env, {path: sub/../b.env, required: false}, {path: c.env, format: raw},
      {path: none.env, required: false}]
    environment: [OWN=1, FROM_CLIENT, UNSET_ANYWHERE, FROM_DOTENV]
"""
    files = {
        ".env": "FROM_DOTENV=dot\nFROM_CLIENT=loses",
        "a.env": "A=1\nOWN=loses\nB=a ${WHO}",
        "b.env": "B='b'\n",
        "c.env": "C='raw $WHO'",
    }
    reading = ask(text, files=files, env={"FROM_CLIENT": "wins", "WHO": "you"})
    assert reading.graph is not None, reading.faults
    assert reading.graph.services["a"].environment == {
        "A": "1",
        "OWN": "1",
        "B": "b",
        "C": "'raw $WHO'",
        "FROM_CLIENT": "wins",
        "FROM_DOTENV": "dot",
    }


NAMES = {
    "the folder": ({}, "", "shop"),
    "the folder, made fit": ({"directory": "/x/My Shop_2.0!"}, "", "myshop_20"),
    "the key": ({}, "name: corner\n", "corner"),
    "the key, with a variable": ({"env": {"WHO": "ann"}}, "name: ${WHO}-shop\n", "ann-shop"),
    "the environment": ({"env": {"COMPOSE_PROJECT_NAME": "env"}}, "name: corner\n", "env"),
    ".env": ({"files": {".env": "COMPOSE_PROJECT_NAME=dot"}}, "name: corner\n", "dot"),
    "-p": ({"project": "p", "env": {"COMPOSE_PROJECT_NAME": "env"}}, "name: corner\n", "p"),
}


@pytest.mark.parametrize(("given", "top", "name"), NAMES.values(), ids=NAMES)
def test_project_name(ask: Answer, given: dict[str, object], top: str, name: str) -> None:
    text = f"{top}services: {{a: {{image: x, command: '$COMPOSE_PROJECT_NAME'}}}}"
    reading = ask(text, **given)
    assert reading.graph is not None, reading.faults
    assert reading.graph.name == name
    assert reading.graph.services["a"].command == (name,)


PROFILES = """\
services:
  always: {image: x}
  debug: {image: x, profiles: [debug]}
  other: {image: x, profiles: [extra, more]}
"""


@pytest.mark.parametrize(
    ("given", "services"),
    [
        ({}, ["always"]),
        ({"profiles": ("debug",)}, ["always", "debug"]),
        ({"profiles": ("more", "debug")}, ["always", "debug", "other"]),
        ({"profiles": ("*",)}, ["always", "debug", "other"]),
        ({"files": {".env": "COMPOSE_PROFILES=extra, none"}}, ["always", "other"]),
    ],
)
def test_profiles(ask: Answer, given: dict[str, object], services: list[str]) -> None:
    graph = ask(PROFILES, **given).graph
    assert graph is not None
    assert list(graph.services) == services


def test_a_file_a_service_left_out_needs_is_not_asked_for(ask: Answer) -> None:
    text = "services: {a: {image: x}, b: {image: x, profiles: [p], env_file: none.env}}"
    assert ask(text).graph is not None
    assert [f.code for f in ask(text, profiles=("p",)).faults] == ["missing-file"]


def test_anchors_and_merge_keys(ask: Answer) -> None:
    text = """\
x-base: &base
  image: x
  environment: &env {A: 1, B: 1}
x-more: &more {user: root, image: never}
services:
  a:
    <<: [*base, *more]
    environment: {<<: *env, B: 2}
"""
    graph = ask(text).graph
    assert graph is not None
    spec = graph.services["a"]
    assert (spec.image.name, spec.user) == ("x", "root")
    assert spec.environment == {"A": "1", "B": "2"}


def test_the_normalised_project(ask: Answer) -> None:
    text = """\
name: shop
services:
  web:
    build: ./web
    ports: ["8080:80"]
    volumes: [./x:/x, data:/d]
    depends_on: [db]
    healthcheck: {test: curl x, interval: 90s}
    mem_limit: 1m
    x-note: kept aside
    attach: false
  db: {image: db, environment: [A=1]}
volumes: {data: }
"""
    assert ask(text).config == {
        "name": "shop",
        "services": {
            "web": {
                "build": {"context": "/home/ann/shop/web", "dockerfile": "Dockerfile"},
                "ports": [{"mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp"}],
                "volumes": [
                    {"type": "bind", "source": "/home/ann/shop/x", "target": "/x", "bind": {}},
                    {"type": "volume", "source": "data", "target": "/d", "volume": {}},
                ],
                "depends_on": {"db": {"condition": "service_started", "required": True}},
                "healthcheck": {"test": ["CMD-SHELL", "curl x"], "interval": "1m30s"},
                "mem_limit": 1048576,
                "attach": False,
                "command": None,
                "entrypoint": None,
                "networks": {"default": None},
            },
            "db": {
                "image": "db",
                "environment": {"A": "1"},
                "command": None,
                "entrypoint": None,
                "networks": {"default": None},
            },
        },
        "networks": {"default": {"name": "shop_default", "ipam": {}}},
        "volumes": {"data": {"name": "shop_data"}},
    }


def test_empty_text_where_a_word_or_number_is_meant_is_none(web: Web) -> None:
    made = web(
        'ports: [{target: 80, published: ""}]\n'
        "deploy:\n"
        '  restart_policy: {condition: ""}\n'
        '  update_config: {failure_action: ""}\n'
        '  rollback_config: {failure_action: ""}'
    )
    assert made.ports == (Port(target=80),)
    assert made.update.failure_action is FailureAction.PAUSE
    assert made.restart.when is RestartWhen.ANY
