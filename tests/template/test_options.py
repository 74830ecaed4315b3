"""Keys of Compose that are for the engine: each to its place, in either form; and what names neighbours."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from longshore.model.options import BlockIo, Cpu, Device, Logging, Options, Rate, Ulimit
from longshore.model.spec import Build, Graph, MountKind, Pull, Subnet, run_digest
from longshore.model.template import Reading, Sources
from longshore.template import read
from longshore.template.compose.keys import SERVICE

UNSET = {"COMPOSE_PROJECT_NAME": None, "COMPOSE_PROFILES": None}


def reading(text: str) -> Reading:
    files: dict[str, str | None] = {"compose.yaml": text, ".env": None}
    sources = Sources(templates=("compose.yaml",), directory="/shop", files=files, variables=dict(UNSET))
    return read(sources)


def graph(text: str) -> Graph:
    found = reading(text)
    assert (found.faults, found.refusals, found.needs) == ((), (), None)
    assert found.graph is not None
    return found.graph


ROWS: list[tuple[str, dict[str, Any]]] = [
    ("hostname: box", {"hostname": "box"}),
    ("domainname: example.org", {"domainname": "example.org"}),
    ("network_mode: none", {"network_mode": "none"}),
    ("network_mode: host", {"network_mode": "host"}),
    ("dns: 192.0.2.1", {"dns": ("192.0.2.1",)}),
    ("dns: [192.0.2.1, 192.0.2.2]", {"dns": ("192.0.2.1", "192.0.2.2")}),
    ("dns_opt: [use-vc]", {"dns_options": ("use-vc",)}),
    ("dns_search: [a.b, c.d]", {"dns_search": ("a.b", "c.d")}),
    ("extra_hosts: ['a=192.0.2.1', 'b:192.0.2.2']", {"extra_hosts": ("a:192.0.2.1", "b:192.0.2.2")}),
    ("extra_hosts: {a: ['::1', host-gateway]}", {"extra_hosts": ("a:::1", "a:host-gateway")}),
    ("init: true", {"init": True}),
    ("init: false", {"init": False}),
    ("tty: true", {"tty": True}),
    ("stdin_open: true", {"stdin_open": True}),
    ("stop_signal: SIGINT", {"stop_signal": "SIGINT"}),
    ("group_add: [mail, 5]", {"group_add": ("mail", "5")}),
    ("read_only: true", {"read_only": True}),
    ("privileged: true", {"privileged": True}),
    ("cap_add: [ALL]", {"cap_add": ("ALL",)}),
    ("cap_drop: [NET_ADMIN]", {"cap_drop": ("NET_ADMIN",)}),
    ("security_opt: ['label:disable']", {"security_opt": ("label:disable",)}),
    ("devices: [/dev/a]", {"devices": (Device(source="/dev/a", target="/dev/a"),)}),
    (
        "devices: ['/dev/a:/dev/b:r', {source: /dev/c, target: /dev/d}]",
        {
            "devices": (
                Device(source="/dev/a", target="/dev/b", permissions="r"),
                Device(source="/dev/c", target="/dev/d"),
            )
        },
    ),
    ("device_cgroup_rules: ['c 1:3 mr']", {"device_cgroup_rules": ("c 1:3 mr",)}),
    ("sysctls: {net.core.somaxconn: 1024}", {"sysctls": {"net.core.somaxconn": "1024"}}),
    ("sysctls: [net.core.somaxconn=1024]", {"sysctls": {"net.core.somaxconn": "1024"}}),
    ("runtime: runsc", {"runtime": "runsc"}),
    ("pid: host", {"pid": "host"}),
    ("ipc: shareable", {"ipc": "shareable"}),
    ("uts: host", {"uts": "host"}),
    ("userns_mode: host", {"userns": "host"}),
    ("cgroup: private", {"cgroup": "private"}),
    ("cgroup_parent: /p", {"cgroup_parent": "/p"}),
    ("shm_size: 64m", {"shm_size": 64 << 20}),
    ("ulimits: {nproc: 9}", {"ulimits": (Ulimit(name="nproc", soft=9, hard=9),)}),
    ("ulimits: {nofile: {soft: 1, hard: -1}}", {"ulimits": (Ulimit(name="nofile", soft=1, hard=-1),)}),
    ("memswap_limit: -1", {"memswap_limit": -1}),
    ("memswap_limit: 2g", {"memswap_limit": 2 << 30}),
    ("mem_swappiness: 0", {"mem_swappiness": 0}),
    ("oom_kill_disable: true", {"oom_kill_disable": True}),
    ("oom_score_adj: -500", {"oom_score_adj": -500}),
    ("cpu_shares: 512", {"cpu": Cpu(shares=512)}),
    ("cpu_quota: 50000", {"cpu": Cpu(quota=50000)}),
    ("cpu_period: 1000", {"cpu": Cpu(period=1000)}),
    ("cpu_rt_runtime: 9", {"cpu": Cpu(rt_runtime=9)}),
    ("cpu_rt_period: 9", {"cpu": Cpu(rt_period=9)}),
    ("cpuset: 0-1", {"cpu": Cpu(cpuset="0-1")}),
    (
        "blkio_config: {weight: 300, device_read_bps: [{path: /dev/a, rate: 12mb}],"
        " weight_device: [{path: /dev/a, weight: 400}]}",
        {
            "block_io": BlockIo(
                weight=300,
                weight_device=(Rate(path="/dev/a", rate=400),),
                device_read_bps=(Rate(path="/dev/a", rate=12 << 20),),
            )
        },
    ),
    ("storage_opt: {size: 1G}", {"storage_opt": {"size": "1G"}}),
    (
        "logging: {driver: syslog, options: {tag: x, max-file: 3}}",
        {"logging": Logging(driver="syslog", options={"tag": "x", "max-file": "3"})},
    ),
    ("isolation: default", {}),
]


@pytest.mark.parametrize(("line", "expected"), ROWS)
def test_each_key_has_its_place(line: str, expected: dict[str, Any]) -> None:
    found = graph(f"services:\n  web:\n    image: i\n    {line}\n").services["web"]
    assert found.options == Options(**expected)


def test_every_option_is_reached_by_some_key() -> None:
    reached = {field for _, expected in ROWS for field in expected}
    assert reached == {field.name for field in msgspec.structs.fields(Options)}
    # And each of the keys is one of the language that runs.
    for line, _ in ROWS:
        assert not SERVICE[line.partition(":")[0]].refused


@pytest.mark.parametrize(
    "line",
    [
        "network_mode: 'service:db'",
        "network_mode: 'container:x'",
        "network_mode: somewhere",
        "pid: 'service:db'",
        "ipc: 'service:db'",
        "ipc: 'container:x'",
        "uts: strange",
        "userns_mode: keep-id",
        "isolation: hyperv",
        "volumes_from: ['container:x']",
        "volumes_from: [db]",
    ],
)
def test_what_would_share_a_container_is_right_and_refused_with_its_place(line: str) -> None:
    text = f"services:\n  web:\n    image: i\n    {line}\n  db: {{image: i, volumes: [/data]}}\n"
    found = reading(text)
    assert (found.faults, found.graph) == ((), None)
    (refusal,) = found.refusals
    assert (refusal.code, refusal.line) == ("unsupported-value", 4)
    assert refusal.hint


def test_a_mode_leaves_no_network_of_the_stack() -> None:
    found = graph("services: {web: {image: i, network_mode: host}, db: {image: i}}\n")
    assert found.services["web"].networks == ()
    assert [a.network for a in found.services["db"].networks] == ["default"]


def test_a_containers_name_is_a_further_name_on_its_networks() -> None:
    text = (
        "services: {web: {image: i, container_name: shop_web, networks: [a, b]}}\nnetworks: {a: {}, b: {}}\n"
    )
    assert [a.aliases for a in graph(text).services["web"].networks] == [("shop_web",), ("shop_web",)]


def test_a_link_is_a_further_name_of_the_other_on_what_both_are_on() -> None:
    text = (
        "services:\n"
        "  web: {image: i, links: ['db:database', cache], networks: [a]}\n"
        "  db: {image: i, networks: [a, b]}\n"
        "  cache: {image: i, networks: [a]}\n"
        "networks: {a: {}, b: {}}\n"
    )
    found = graph(text).services
    assert {a.network: a.aliases for a in found["db"].networks} == {"a": ("database",), "b": ()}
    assert [a.aliases for a in found["cache"].networks] == [()]
    assert [d.service for d in found["web"].depends_on] == ["db", "cache"]


def test_mounts_are_taken_over_through_several_services() -> None:
    text = (
        "services:\n"
        "  web: {image: i, volumes_from: [app], volumes: ['own:/b']}\n"
        "  app: {image: i, volumes_from: ['db:ro']}\n"
        "  db: {image: i, volumes: ['data:/a', '/srv:/b', {type: tmpfs, target: /t}]}\n"
        "volumes: {data: {}, own: {}}\n"
    )
    found = graph(text).services
    assert [(m.target, m.source, m.read_only) for m in found["app"].mounts] == [
        ("/a", "data", True),
        ("/b", "/srv", True),
    ]
    assert [(m.target, m.source, m.read_only) for m in found["web"].mounts] == [
        ("/b", "own", False),
        ("/a", "data", True),
    ]


def test_a_build_with_much_said_of_it() -> None:
    text = (
        "services:\n  web:\n    image: shop\n    platform: linux/arm64\n    build:\n      context: .\n"
        "      tags: [shop:1, shop:2]\n      no_cache: true\n      pull: true\n      cache_from: [shop:0]\n"
        "      network: host\n      extra_hosts: ['a=192.0.2.1']\n      shm_size: 1m\n"
        "      ulimits: {nofile: 9}\n"
    )
    build = graph(text).services["web"].build
    assert build == Build(
        context="/shop",
        tags=("shop:1", "shop:2"),
        platform="linux/arm64",
        no_cache=True,
        pull=True,
        cache_from=("shop:0",),
        network="host",
        extra_hosts=("a:192.0.2.1",),
        shm_size=1 << 20,
        ulimits=(Ulimit(name="nofile", soft=9, hard=9),),
    )
    several = reading(text.replace("tags: [shop:1, shop:2]", "platforms: [linux/arm64, linux/amd64]"))
    assert [r.path for r in several.refusals] == ["services.web.build.platforms"]


ADDRESSED = """\
services:
  dns: {image: i, networks: {inner: {ipv4_address: 192.0.2.53, driver_opts: {a: b}}}}
networks:
  inner:
    ipam:
      driver: default
      config:
        - subnet: 192.0.2.0/24
          ip_range: 192.0.2.128/25
          gateway: 192.0.2.1
          aux_addresses: {box: 192.0.2.2}
"""


def test_addresses_of_a_network_and_of_one_task_on_it() -> None:
    found = graph(ADDRESSED)
    (attached,) = found.services["dns"].networks
    assert (attached.address, attached.options) == ("192.0.2.53", {"a": "b"})
    assert found.networks["inner"].subnets == (
        Subnet(
            subnet="192.0.2.0/24",
            ip_range="192.0.2.128/25",
            gateway="192.0.2.1",
            reserved={"box": "192.0.2.2"},
        ),
    )
    other = graph(ADDRESSED.replace("192.0.2.53", "192.0.2.54"))
    assert run_digest(found.services["dns"], found) != run_digest(other.services["dns"], other)


def test_replicas_cannot_share_an_address() -> None:
    found = reading(ADDRESSED.replace("image: i,", "image: i, scale: 2,"))
    assert [r.path for r in found.refusals] == ["services.dns.networks.inner.ipv4_address"]


def test_labels_of_files_lie_below_ones_own() -> None:
    text = "services: {web: {image: i, label_file: [a.labels, b.labels], labels: {own: here}}}\n"
    files: dict[str, str | None] = {"compose.yaml": text, ".env": None}
    sources = Sources(templates=("compose.yaml",), directory="/shop", files=files, variables=dict(UNSET))
    asked = read(sources)
    assert asked.needs is not None
    assert asked.needs.files == ("a.labels", "b.labels")
    given = {**files, "a.labels": "one=a\ntwo=a\n", "b.labels": "two=b\nown=b\n"}
    found = read(msgspec.structs.replace(sources, files=given))
    assert found.graph is not None
    assert found.graph.services["web"].labels == {"one": "a", "two": "b", "own": "here"}
    missing = read(msgspec.structs.replace(sources, files={**given, "b.labels": None}))
    assert [(f.code, f.path) for f in missing.faults] == [("missing-file", "services.web.label_file[1]")]


def test_mounts_with_more_said_of_them() -> None:
    text = (
        "services:\n"
        "  web:\n"
        "    image: i\n"
        "    tmpfs: ['/run:size=1m,mode=755,noexec', /tmp]\n"
        "    volumes:\n"
        "      - data:/a:nocopy\n"
        "      - /srv:/b:ro,rshared,z\n"
        "      - {type: tmpfs, target: /c, tmpfs: {mode: 0o1770}}\n"
        "volumes: {data: {}}\n"
    )
    mounts = {m.target: m for m in graph(text).services["web"].mounts}
    assert mounts["/a"].nocopy
    assert (mounts["/b"].read_only, mounts["/b"].propagation, mounts["/b"].selinux) == (True, "rshared", "z")
    assert mounts["/c"].mode == 0o1770
    assert (mounts["/run"].size, mounts["/run"].options) == (1 << 20, ("mode=755", "noexec"))
    assert (mounts["/tmp"].kind, mounts["/tmp"].options) == (MountKind.TMPFS, ())


@pytest.mark.parametrize(
    ("policy", "pull"),
    [
        ("always", Pull.ALWAYS),
        ("never", Pull.NEVER),
        ("if_not_present", Pull.MISSING),
        ("build", Pull.MISSING),
    ],
)
def test_pull_policies(policy: str, pull: Pull) -> None:
    found = graph(f"services: {{web: {{image: i, pull_policy: {policy}}}}}\n")
    assert found.services["web"].image.pull is pull
