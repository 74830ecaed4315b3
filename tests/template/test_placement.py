"""What a Compose file asks of the scheduler: constraints in Swarm's grammar, devices, and `x-longshore`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.model.money import Money
from longshore.model.spec import (
    Affinity,
    Constraint,
    Match,
    Placement,
    Preempt,
    Resources,
    ServiceSpec,
    Skew,
    Toleration,
)
from longshore.model.template import Reading
from longshore.template.compose.constraints import parse

Web = Callable[..., ServiceSpec]
Ask = Callable[..., Reading]

CONSTRAINTS = {
    "node.hostname==h1": Constraint(key="node.hostname", value="h1"),
    "node.zone != eu-1": Constraint(key="node.zone", value="eu-1", equal=False),
    "node.labels.disk==ssd*": Constraint(key="node.labels.disk", value="ssd*", match=Match.GLOB),
    "node.labels.disk != h?d": Constraint(key="node.labels.disk", value="h?d", equal=False, match=Match.GLOB),
    "node.labels.disk =~ ssd|nvme": Constraint(key="node.labels.disk", value="ssd|nvme", match=Match.REGEX),
    "engine.labels.a==/foo\\[bar\\]/": Constraint(
        key="engine.labels.a", value="foo\\[bar\\]", match=Match.REGEX
    ),
    "node.region ==~ eu": Constraint(key="node.region", value="eu", soft=True),
    "node.region!=~/us|ap/": Constraint(
        key="node.region", value="us|ap", equal=False, match=Match.REGEX, soft=True
    ),
    "node.kind==metal": Constraint(key="node.kind", value="metal"),
    "node.cloud==home": Constraint(key="node.cloud", value="home"),
}


@pytest.mark.parametrize(("line", "wanted"), CONSTRAINTS.items(), ids=list(CONSTRAINTS))
def test_a_constraint_as_swarm_has_it(line: str, wanted: Constraint) -> None:
    assert parse(line) == wanted


@pytest.mark.parametrize("wanted", CONSTRAINTS.values(), ids=list(CONSTRAINTS))
def test_a_constraint_is_printed_as_it_may_be_written(wanted: Constraint) -> None:
    assert parse(str(wanted)) == wanted


@pytest.mark.parametrize(
    "line", ["node.zone", "node.zone=a", "node.zone=~(", f"node.zone=~{'a' * 201}", "x==y"]
)
def test_what_is_no_constraint(line: str) -> None:
    assert parse(line) is None


RESOURCES = {
    "devices by number": (
        "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 2, driver: nvidia}]}}}",
        Resources(gpu=2000),
    ),
    "devices by name": (
        'deploy: {resources: {reservations: {devices: [{capabilities: [gpu], device_ids: ["0", "3"]}]}}}',
        Resources(gpu=2000),
    ),
    "gpus": ("gpus: [{count: 1}]", Resources(gpu=1000)),
    "a share": ("x-longshore: {gpu: 0.25, gpu_model: A100}", Resources(gpu=250, gpu_model="A100")),
    "what is counted": (
        "deploy: {resources: {reservations: {generic_resources: ["
        "{discrete_resource_spec: {kind: fpga, value: 2}}, "
        "{discrete_resource_spec: {kind: fpga, value: 1}}]}}}",
        Resources(counted={"fpga": 3}),
    ),
    "disk and processes": ("x-longshore: {disk: 10g, pids: 100}", Resources(disk=10 << 30, pids=100)),
}


@pytest.mark.parametrize(("said", "wanted"), RESOURCES.values(), ids=list(RESOURCES))
def test_resources(web: Web, said: str, wanted: Resources) -> None:
    assert web(said).resources == wanted


PLACEMENTS = {
    "strategy": ("{strategy: least-fragmentation}", Placement(strategy="least-fragmentation")),
    "one of one's own": ("{strategy: acme.greenest}", Placement(strategy="acme.greenest")),
    "weights": (
        "{weights: {cheapest: 2, acme.x: 0.5}}",
        Placement(weights={"cheapest": 2.0, "acme.x": 0.5}),
    ),
    "priority": ("{priority: -10, preempt: first}", Placement(priority=-10, preempt=Preempt.FIRST)),
    "gang": ("{gang: true}", Placement(gang=True)),
    "tolerations": (
        "{tolerations: ['a=b', c, {key: d, value: e}, {}]}",
        Placement(
            tolerations=(
                Toleration(key="a", value="b"),
                Toleration(key="c"),
                Toleration(key="d", value="e"),
                Toleration(),
            )
        ),
    ),
    "affinities": (
        "{affinities: [{service: db}, {service: s/w, domain: node.zone, anti: true, soft: true}]}",
        Placement(
            affinities=(
                Affinity(service="db"),
                Affinity(service="s/w", domain="node.zone", anti=True, soft=True),
            )
        ),
    ),
    "skew": (
        "{skew: [{key: node.zone, most: 2}, {key: node.labels.rack, soft: true}]}",
        Placement(skew=(Skew(key="node.zone", most=2), Skew(key="node.labels.rack", soft=True))),
    ),
    "max_price": ('{max_price: "0.05 USD"}', Placement(max_price=Money(50_000_000, "USD"))),
    "max_price as a number": ("{max_price: 0.05}", Placement(max_price=Money(50_000_000))),
}


@pytest.mark.parametrize(("said", "wanted"), PLACEMENTS.values(), ids=list(PLACEMENTS))
def test_placement(web: Web, said: str, wanted: Placement) -> None:
    assert web(f"x-longshore: {said}").placement == wanted


FAULTS = {
    "strategy": ("{strategy: fastest}", "bad-value"),
    "weights": ("{weights: {fastest: 1}}", "bad-value"),
    "a weight below nothing": ("{weights: {spread: -1}}", "bad-value"),
    "priority": ("{priority: 5000}", "bad-value"),
    "preempt": ("{preempt: always}", "bad-value"),
    "skew of nothing": ("{skew: [{most: 1}]}", "missing-key"),
    "skew over what is no fact": ("{skew: [{key: zone}]}", "bad-constraint"),
    "skew of none": ("{skew: [{key: node.zone, most: 0}]}", "bad-value"),
    "affinity to nobody": ("{affinities: [{anti: true}]}", "missing-key"),
    "price": ("{max_price: cheap}", "bad-value"),
    "gpu": ("{gpu: -1}", "bad-value"),
}


@pytest.mark.parametrize(("said", "code"), FAULTS.values(), ids=list(FAULTS))
def test_what_makes_no_sense_is_a_fault(ask: Ask, said: str, code: str) -> None:
    found = ask(f"services:\n  web:\n    image: x\n    x-longshore: {said}\n")
    assert [fault.code for fault in (*found.faults, *found.refusals)] == [code]
