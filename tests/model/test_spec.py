"""The digest of what a task runs: changed by what a running container would feel, by nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from longshore.model.options import Cpu, Options
from longshore.model.spec import (
    Attachment,
    Awaited,
    Build,
    Constraint,
    Dependency,
    FileMount,
    Graph,
    Healthcheck,
    ImageRef,
    Mount,
    MountKind,
    NetworkSpec,
    Placement,
    Port,
    Resources,
    RestartPolicy,
    RestartWhen,
    ServiceSpec,
    UpdatePolicy,
    VolumeSpec,
    run_digest,
)

SPEC = ServiceSpec(
    name="web",
    image=ImageRef(name="app:1", digest="sha256:aa"),
    environment={"A": "1", "B": "2"},
    mounts=(Mount(kind=MountKind.VOLUME, source="data", target="/data"),),
    networks=(Attachment(network="net"),),
)
GRAPH = Graph(
    name="shop",
    services={"web": SPEC},
    networks={"net": NetworkSpec(name="shop_net"), "back": NetworkSpec(name="shop_back")},
    volumes={"data": VolumeSpec(name="shop_data"), "more": VolumeSpec(name="shop_more")},
)

SAME: dict[str, dict[str, Any]] = {
    "replicas": {"replicas": 5},
    "depends_on": {"depends_on": (Dependency(service="db", condition=Awaited.HEALTHY),)},
    "update": {"update": UpdatePolicy(parallelism=3)},
    "rollback": {"rollback": UpdatePolicy(parallelism=3)},
    "build": {"build": Build(context="/x")},
    "expose": {"expose": ("80",)},
    "service_labels": {"service_labels": {"a": "b"}},
    "spread": {"placement": Placement(spread=("node.labels.zone",))},
    "strategy": {"placement": Placement(strategy="binpack")},
    "max per host": {"placement": Placement(max_per_host=1)},
    "another name of the image": {"image": ImageRef(name="app:latest", digest="sha256:aa")},
    "order of the environment": {"environment": {"B": "2", "A": "1"}},
}
"""What changes nothing for a container that runs."""

OTHER: dict[str, dict[str, Any]] = {
    "name": {"name": "api"},
    "image": {"image": ImageRef(name="app:1", digest="sha256:bb")},
    "image without digest": {"image": ImageRef(name="app:1")},
    "command": {"command": ("run",)},
    "no command at all": {"command": ()},
    "entrypoint": {"entrypoint": ("run",)},
    "environment": {"environment": {"A": "1"}},
    "labels": {"labels": {"a": "b"}},
    "ports": {"ports": (Port(target=80),)},
    "mounts": {"mounts": ()},
    "another volume": {"mounts": (Mount(kind=MountKind.VOLUME, source="more", target="/data"),)},
    "files": {"files": (FileMount(name="f", digest="d", target="/f"),)},
    "networks": {"networks": (Attachment(network="back"),)},
    "aliases": {"networks": (Attachment(network="net", aliases=("www",)),)},
    "an address": {"networks": (Attachment(network="net", address="192.0.2.5"),)},
    "options": {"options": Options(hostname="box")},
    "options within options": {"options": Options(cpu=Cpu(shares=2))},
    "healthcheck": {"healthcheck": Healthcheck(test=("CMD", "true"))},
    "restart": {"restart": RestartPolicy(when=RestartWhen.ANY)},
    "user": {"user": "app"},
    "working_dir": {"working_dir": "/srv"},
    "stop_grace": {"stop_grace": 1},
    "resources": {"resources": Resources(cpu=100)},
    "constraints": {"placement": Placement(constraints=(Constraint(key="node.hostname", value="h"),))},
    "platform": {"placement": Placement(platform="linux/arm64")},
}
"""What a container that runs does not have: it has to be replaced."""


def changed(fields: dict[str, Any]) -> ServiceSpec:
    return msgspec.structs.replace(SPEC, **fields)


@pytest.mark.parametrize("case", SAME)
def test_it_is_not_replaced_for(case: str) -> None:
    assert run_digest(changed(SAME[case]), GRAPH) == run_digest(SPEC, GRAPH)


@pytest.mark.parametrize("case", OTHER)
def test_it_is_replaced_for(case: str) -> None:
    assert run_digest(changed(OTHER[case]), GRAPH) != run_digest(SPEC, GRAPH)


def test_all_these_are_different_from_each_other() -> None:
    digests = {run_digest(changed(fields), GRAPH) for fields in OTHER.values()}
    assert len(digests) == len(OTHER)


def test_every_field_of_a_spec_has_a_case() -> None:
    covered = {name for fields in [*SAME.values(), *OTHER.values()] for name in fields}
    assert set(ServiceSpec.__struct_fields__) == covered


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({"networks": {**GRAPH.networks, "net": NetworkSpec(name="other_net")}}, False),
        ({"volumes": {**GRAPH.volumes, "data": VolumeSpec(name="other_data")}}, False),
        ({"networks": {**GRAPH.networks, "back": NetworkSpec(name="other_back")}}, True),
        ({"volumes": {**GRAPH.volumes, "more": VolumeSpec(name="other_more")}}, True),
        ({"services": {**GRAPH.services, "db": SPEC}}, True),
        ({"name": "store"}, True),
    ],
)
def test_of_the_graph_only_what_it_uses_counts(fields: dict[str, Any], same: bool) -> None:
    other = msgspec.structs.replace(GRAPH, **fields)
    assert (run_digest(SPEC, other) == run_digest(SPEC, GRAPH)) is same


def test_it_is_the_same_in_every_process() -> None:
    root = Path(__file__).parents[2]
    call = "from tests.model.test_spec import *; print(run_digest(SPEC, GRAPH))"
    path = os.pathsep.join([str(root), str(root / "src")])
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", call], env=env, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == run_digest(SPEC, GRAPH)
