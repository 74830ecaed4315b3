"""The keys of `deploy`."""

from __future__ import annotations

from longshore.template.compose import constraints, forms
from longshore.template.findings import At
from longshore.template.nodes import Node, Scalar
from longshore.template.schema import (
    Table,
    choice,
    does,
    duration,
    listed,
    number,
    refuses,
    size,
    table,
    unsupported,
    whole,
)


def mode(node: Node, at: At) -> Node | None:
    """`replicated`; one task on every host is for later."""
    kept = choice("replicated", "global", "replicated-job", "global-job")(node, at)
    if not isinstance(kept, Scalar) or kept.text == "replicated":
        return kept
    hint = "write mode: replicated, with replicas: N and max_replicas_per_node: 1"
    unsupported(node, at, f'the mode "{kept.text}" is not done yet', hint)
    return None


_DEVICES = "hand devices to containers by hand until Longshore does; remove it"

LIMITS: Table = {
    "cpus": does(number()),
    "memory": does(size),
    "pids": does(whole()),
}

RESERVATIONS: Table = {
    "cpus": does(number()),
    "memory": does(size),
    "generic_resources": refuses(_DEVICES),
    "devices": refuses(_DEVICES),
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

STRATEGY: Table = {"strategy": does(choice("cheapest", "spread", "binpack"))}
