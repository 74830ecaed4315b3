"""The keys of `deploy`, and those of `x-longshore`: what a service needs, and where it may run."""

from __future__ import annotations

from longshore.model.money import parse_money
from longshore.template.compose import constraints, forms
from longshore.template.findings import At
from longshore.template.nodes import Map, Node, Scalar, mapping, scalar
from longshore.template.schema import (
    Check,
    Table,
    choice,
    does,
    duration,
    listed,
    named,
    number,
    refuses,
    size,
    table,
    text,
    truth,
    unsupported,
    whole,
    word,
)


def mode(node: Node, at: At) -> Node | None:
    """`replicated`; one task on every host is for later."""
    kept = choice("replicated", "global", "replicated-job", "global-job")(node, at)
    if not isinstance(kept, Scalar) or kept.text == "replicated":
        return kept
    hint = "write mode: replicated, with replicas: N and max_replicas_per_node: 1"
    unsupported(node, at, f'the mode "{kept.text}" is not done yet', hint)
    return None


STRATEGIES = ("cheapest", "spread", "binpack", "random", "least-fragmentation")


def strategy(node: Node, at: At) -> Node | None:
    """A strategy by its name; one of the user's own has a dot in it, `acme.greenest`."""
    kept = text(node, at)
    if isinstance(kept, Scalar) and "." in kept.text.strip("."):
        return kept
    return choice(*STRATEGIES)(node, at)


def weights(node: Node, at: At) -> Node | None:
    """Strategies, and how much each counts."""
    kept = named(number(), pattern=r"[a-z][a-z0-9.\-]*")(node, at)
    if not isinstance(kept, Map):
        return None
    for name in kept.items:
        if name not in STRATEGIES and "." not in name:
            words = f'"{name[:80]}" is none of {", ".join(STRATEGIES)}'
            at.key(name).fault("bad-value", kept.at(name), words, at.near(name, STRATEGIES))
    return kept


def toleration(full: Check) -> Check:
    """A taint that is put up with: `dedicated=gpu`, `dedicated`, or its parts in a mapping."""

    def check(node: Node, at: At) -> Node | None:
        if isinstance(node, Map):
            return full(node, at)
        kept = text(node, at)
        if not isinstance(kept, Scalar):
            return None
        key, _, value = kept.text.partition("=")
        return mapping({"key": scalar(key, node.mark), "value": scalar(value, node.mark)}, node.mark)

    return check


def price(node: Node, at: At) -> Node | None:
    """What one task may cost per hour: `0.05`, `0.05 USD`."""
    kept = word(node, at)
    if not isinstance(kept, Scalar):
        return None
    try:
        parse_money(kept.text)
    except ValueError as error:
        at.fault("bad-value", node.mark, str(error), "write 0.045 or 0.045 USD")
        return None
    return kept


def gpu(node: Node, at: At) -> Node | None:
    """A capability of a device; only GPUs are known, and what their driver is to do."""
    kept = text(node, at)
    if not isinstance(kept, Scalar) or kept.text in _CAPABILITIES:
        return kept
    hint = "only GPUs are handed to containers; remove it"
    unsupported(node, at, f'devices that are "{kept.text[:40]}" are not done', hint)
    return None


_CAPABILITIES = ("gpu", "nvidia", "compute", "utility", "graphics", "video", "display", "ngx")


def cards(node: Node, at: At) -> Node | None:
    """How many GPUs; Longshore has to know the number to find room for them."""
    if isinstance(node, Scalar) and node.text == "all":
        unsupported(node, at, "all GPUs of a host is no number", "write count: 1")
        return None
    return whole(1, 64)(node, at)


def driver(node: Node, at: At) -> Node | None:
    """The engine's driver of GPUs."""
    kept = text(node, at)
    if not isinstance(kept, Scalar) or kept.text == "nvidia":
        return kept
    unsupported(node, at, f'the driver "{kept.text[:40]}" is not done', "write driver: nvidia")
    return None


def gpus(full: Check) -> Check:
    """`gpus`: a list like that of `devices`."""

    def check(node: Node, at: At) -> Node | None:
        if isinstance(node, Scalar) and node.text == "all":
            return cards(node, at)
        return listed(full)(node, at)

    return check


COUNTED: Table = {
    "kind": does(text),
    "value": does(whole()),
}

DEVICE: Table = {
    "capabilities": does(listed(gpu)),
    "count": does(cards),
    "device_ids": does(listed(text)),
    "driver": does(driver),
    "options": refuses("the engine's own are used; remove it"),
}

LIMITS: Table = {
    "cpus": does(number()),
    "memory": does(size),
    "pids": does(whole()),
}

RESERVATIONS: Table = {
    "cpus": does(number()),
    "memory": does(size),
    "generic_resources": does(listed(table({"discrete_resource_spec": does(table(COUNTED))}))),
    "devices": does(listed(table(DEVICE, required=("capabilities",)))),
}

RESTART_POLICY: Table = {
    "condition": does(choice("none", "on-failure", "any")),
    "delay": does(duration),
    "max_attempts": does(whole()),
    "window": does(duration),
}

UPDATE: Table = {
    "parallelism": does(whole()),
    "delay": does(duration),
    "failure_action": does(choice("continue", "pause", "rollback")),
    "monitor": does(duration),
    "max_failure_ratio": does(number(0.0, 1.0)),
    "order": does(choice("start-first", "stop-first")),
}

# A rollback that fails cannot be rolled back again.
ROLLBACK: Table = {**UPDATE, "failure_action": does(choice("continue", "pause"))}

PLACEMENT: Table = {
    "constraints": does(listed(constraints.constraint)),
    "preferences": does(listed(table({"spread": does(constraints.label)}))),
    "max_replicas_per_node": does(whole()),
}

DEPLOY: Table = {
    "mode": does(mode),
    "endpoint_mode": refuses("remove it: a service's name leads to all its tasks by DNS"),
    "replicas": does(whole(high=100_000)),
    "labels": does(forms.labels),
    "rollback_config": does(table(ROLLBACK)),
    "update_config": does(table(UPDATE)),
    "resources": does(table({"limits": does(table(LIMITS)), "reservations": does(table(RESERVATIONS))})),
    "restart_policy": does(table(RESTART_POLICY)),
    "placement": does(table(PLACEMENT)),
}

AFFINITY: Table = {
    "service": does(text),
    "domain": does(constraints.label),
    "anti": does(truth),
    "soft": does(truth),
}

SKEW: Table = {
    "key": does(constraints.label),
    "most": does(whole(1)),
    "soft": does(truth),
}

TOLERATION: Table = {
    "key": does(text),
    "value": does(text),
}

STRATEGY: Table = {
    "strategy": does(strategy),
    "weights": does(weights),
    "priority": does(whole(-1000, 1000)),
    "preempt": does(choice("last", "first", "never")),
    "gang": does(truth),
    "tolerations": does(listed(toleration(table(TOLERATION)))),
    "affinities": does(listed(table(AFFINITY, required=("service",)))),
    "skew": does(listed(table(SKEW, required=("key",)))),
    "max_price": does(price),
    "gpu": does(number(0.0, 1000.0)),
    "gpu_model": does(text),
    "disk": does(size),
    "pids": does(whole()),
}
