"""What a service needs of a host, and where it may run: from the model's nodes to the spec."""

from __future__ import annotations

from longshore.model.money import parse_money
from longshore.model.spec import Affinity, Placement, Preempt, Resources, Skew, Toleration
from longshore.template.compose import constraints
from longshore.template.nodes import (
    Map,
    Node,
    bool_of,
    entries_of,
    float_of,
    int_of,
    items_of,
    string_of,
    strings_of,
)

_LIMITS = ("deploy", "resources", "limits")
_RESERVED = ("deploy", "resources", "reservations")
_PLACEMENT = ("deploy", "placement")
_OURS = "x-longshore"


def resources(node: Map) -> Resources:
    """What a service's tasks reserve, and may not exceed."""
    return Resources(
        cpu=_thousandths(node.get(*_RESERVED, "cpus")),
        memory=int_of(node.get(*_RESERVED, "memory") or node.get("mem_reservation")),
        disk=int_of(node.get(_OURS, "disk")),
        pids=int_of(node.get(_OURS, "pids")),
        gpu=_gpu(node),
        gpu_model=string_of(node.get(_OURS, "gpu_model")),
        counted=_counted(node.get(*_RESERVED, "generic_resources")),
        cpu_limit=_thousandths(node.get(*_LIMITS, "cpus") or node.get("cpus")),
        memory_limit=int_of(node.get(*_LIMITS, "memory") or node.get("mem_limit")),
        # Docker writes "no limit" as -1.
        pids_limit=max(0, int_of(node.get(*_LIMITS, "pids") or node.get("pids_limit"))),
    )


def _thousandths(node: Node | None) -> int:
    return round(float_of(node) * 1000)


def _gpu(node: Map) -> int:
    """Thousandths of cards: a share if that is said, else the cards asked for."""
    share = node.get(_OURS, "gpu")
    if share is not None:
        return _thousandths(share)
    asked = (*items_of(node.get(*_RESERVED, "devices")), *items_of(node.get("gpus")))
    return sum(_cards(device) for device in asked) * 1000


def _cards(device: Node) -> int:
    """Cards of one request: a number, or one for each that is named. Which ones, the fleet says."""
    if not isinstance(device, Map):
        return 0
    return int_of(device.get("count")) or len(items_of(device.get("device_ids"))) or 1


def _counted(node: Node | None) -> dict[str, int]:
    """Swarm's generic resources, by name."""
    found: dict[str, int] = {}
    for item in items_of(node):
        spec = item.get("discrete_resource_spec") if isinstance(item, Map) else None
        kind = string_of(spec.get("kind")) if isinstance(spec, Map) else ""
        if kind and isinstance(spec, Map):
            found[kind] = found.get(kind, 0) + int_of(spec.get("value"))
    return dict(sorted(found.items()))


def placement(node: Map) -> Placement:
    """Where a service's tasks may run, and what is asked of the scheduler besides."""
    ours = node.get(_OURS)
    said = ours if isinstance(ours, Map) else Map({}, (), node.mark)
    lines = strings_of(node.get(*_PLACEMENT, "constraints"))
    preferences = _maps(node.get(*_PLACEMENT, "preferences"))
    price = string_of(said.get("max_price"))
    return Placement(
        constraints=tuple(c for line in lines if (c := constraints.parse(line))),
        spread=tuple(string_of(p.get("spread")) for p in preferences),
        skew=tuple(
            Skew(key=string_of(s.get("key")), most=int_of(s.get("most"), 1), soft=bool_of(s.get("soft")))
            for s in _maps(said.get("skew"))
        ),
        affinities=tuple(
            Affinity(
                service=string_of(a.get("service")),
                domain=string_of(a.get("domain")),
                anti=bool_of(a.get("anti")),
                soft=bool_of(a.get("soft")),
            )
            for a in _maps(said.get("affinities"))
        ),
        tolerations=tuple(
            Toleration(key=string_of(t.get("key")), value=string_of(t.get("value")))
            for t in _maps(said.get("tolerations"))
        ),
        max_per_host=int_of(node.get(*_PLACEMENT, "max_replicas_per_node")),
        max_price=parse_money(price) if price else None,
        platform=string_of(node.get("platform")),
        strategy=string_of(said.get("strategy")),
        weights={name: float_of(weight) for name, weight in entries_of(said.get("weights")).items()},
        priority=int_of(said.get("priority")),
        preempt=Preempt(string_of(said.get("preempt")) or Preempt.LAST),
        gang=bool_of(said.get("gang")),
    )


def _maps(node: Node | None) -> list[Map]:
    return [item for item in items_of(node) if isinstance(item, Map)]
