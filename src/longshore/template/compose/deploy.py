"""The keys of `deploy`, and those of `x-longshore`: what a service needs, and where it may run."""

from __future__ import annotations

from longshore.model.money import parse_money
from longshore.template.compose import constraints, forms
from longshore.template.compose.parts import count
from longshore.template.findings import At
from longshore.template.nodes import Map, Node, Scalar, Seq, mapping, scalar
from longshore.template.schema import (
    Check,
    Table,
    choice,
    distinct,
    does,
    duration,
    listed,
    named,
    number,
    refuses,
    size,
    size_text,
    table,
    text,
    truth,
    unsupported,
    whole,
    word,
)


def mode(node: Node, at: At) -> Node | None:
    """`replicated`; one task on every host is for later."""
    kept = text(node, at)
    if not isinstance(kept, Scalar) or kept.text == "replicated":
        return kept
    hint = "write mode: replicated, with replicas: N and max_replicas_per_node: 1"
    unsupported(node, at, f'the mode "{kept.text[:40]}" is not done yet', hint)
    return kept


_MOST_REPLICAS = 100_000
"""Of one service: a tenth of the tasks that a cell is meant for."""


def replicas(node: Node, at: At) -> Node | None:
    """How many tasks a service is to have."""
    kept = whole()(node, at)
    if isinstance(kept, Scalar) and isinstance(kept.data, int) and not 0 <= kept.data <= _MOST_REPLICAS:
        hint = f"write a number from 0 to {_MOST_REPLICAS}"
        unsupported(node, at, f"a service cannot have {kept.data} replicas", hint)
    return kept


def words(*known: str) -> Check:
    """A string; the language takes any, and only these words mean something."""

    def check(node: Node, at: At) -> Node | None:
        kept = text(node, at)
        if isinstance(kept, Scalar) and kept.text and kept.text not in known:
            message = f'"{kept.text[:80]}" is none of {", ".join(known)}'
            at.refuse("bad-value", node.mark, message, at.near(kept.text, known))
        return kept

    return check


def ratio(node: Node, at: At) -> Node | None:
    """A part of one."""
    kept = number()(node, at)
    if isinstance(kept, Scalar) and isinstance(kept.data, int | float) and not 0 <= kept.data <= 1:
        at.refuse("bad-value", node.mark, f"{kept.data:g} is not between 0 and 1", "write 0.25")
    return kept


STRATEGIES = ("cheapest", "spread", "binpack", "random", "least-fragmentation")


def strategy(node: Node, at: At) -> Node | None:
    """A strategy by its name; one of the user's own has a dot in it, `acme.greenest`."""
    kept = text(node, at)
    if isinstance(kept, Scalar) and "." in kept.text.strip("."):
        return kept
    return choice(*STRATEGIES)(node, at)


def weights(node: Node, at: At) -> Node | None:
    """Strategies, and how much each counts."""
    kept = named(number(0.0, 1e6), pattern=r"[a-z][a-z0-9.\-]*")(node, at)
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
    return kept


_CAPABILITIES = ("gpu", "nvidia", "compute", "utility", "graphics", "video", "display", "ngx")


def cards(node: Node, at: At) -> Node | None:
    """How many GPUs; Longshore has to know the number to find room for them."""
    kept = count(node, at)
    if isinstance(kept, Scalar) and kept.data == -1:
        unsupported(node, at, "all GPUs of a host is no number", "write count: 1")
    elif isinstance(kept, Scalar) and isinstance(kept.data, int) and not 1 <= kept.data <= _MOST_CARDS:
        unsupported(node, at, f"no host has {kept.data} GPUs", "write count: 1")
    return kept


def driver(node: Node, at: At) -> Node | None:
    """The engine's driver of GPUs."""
    kept = text(node, at)
    if not isinstance(kept, Scalar) or kept.text == "nvidia":
        return kept
    unsupported(node, at, f'the driver "{kept.text[:40]}" is not done', "write driver: nvidia")
    return kept


def gpus(full: Check) -> Check:
    """`gpus`: a list like that of `devices`."""

    def check(node: Node, at: At) -> Node | None:
        if isinstance(node, Seq):
            return listed(full)(node, at)
        kept = choice("all")(node, at)
        if kept is None:
            return None
        made = full(mapping({"count": kept}, node.mark), at)
        return None if made is None else Seq((made,), node.mark)

    return check


_MOST_CARDS = 64
"""GPUs of a host: four times as many as the largest on offer have."""

COUNTED: Table = {
    "kind": does(text),
    "value": does(whole(cut=True)),
}

DEVICE: Table = {
    "capabilities": does(listed(gpu, distinct=True)),
    "count": does(cards),
    "device_ids": does(listed(text, distinct=True)),
    "driver": does(driver),
    "options": refuses(distinct(forms.filled), "the engine's own are used; remove it"),
}

LIMITS: Table = {
    "cpus": does(number()),
    "memory": does(size_text),
    "pids": does(whole()),
}

RESERVATIONS: Table = {
    "cpus": does(number()),
    "memory": does(size_text),
    "generic_resources": does(listed(table({"discrete_resource_spec": does(table(COUNTED))}))),
    "devices": does(listed(table(DEVICE, required=("capabilities",)))),
}

RESTART_POLICY: Table = {
    "condition": does(words("none", "on-failure", "any")),
    "delay": does(duration),
    "max_attempts": does(whole(low=0)),
    "window": does(duration),
}

UPDATE: Table = {
    "parallelism": does(whole(low=0)),
    "delay": does(duration),
    "failure_action": does(words("continue", "pause", "rollback")),
    "monitor": does(duration),
    "max_failure_ratio": does(ratio),
    "order": does(choice("start-first", "stop-first")),
}

# A rollback that fails cannot be rolled back again.
ROLLBACK: Table = {**UPDATE, "failure_action": does(words("continue", "pause"))}

PLACEMENT: Table = {
    "constraints": does(listed(constraints.constraint)),
    "preferences": does(listed(table({"spread": does(constraints.preference)}))),
    "max_replicas_per_node": does(whole(low=0)),
}

DEPLOY: Table = {
    "mode": does(mode),
    "endpoint_mode": refuses(text, "remove it: a service's name leads to all its tasks by DNS"),
    "replicas": does(replicas),
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
    "pids": does(whole(low=0)),
}
