"""What no table of properties can say: which of them need, exclude or bound each other.

A rule gets the properties of one resource, converted and without fault so far, and says what is wrong
with them together. They are the checks Heat makes without asking a cloud; a value known only later
counts as given. Rules between resources are in `implied`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from longshore.template.hot.types import rules_compute, rules_heat, rules_network
from longshore.template.hot.types.given import Broken, Given, Rule
from longshore.template.hot.types.schema import ResourceType

RULES: dict[str, tuple[Rule, ...]] = {
    **rules_compute.RULES,
    **rules_heat.RULES,
    **rules_network.RULES,
}
"""The rules of each type that has any."""

LONGEST_PAUSE = 3600
"""Seconds that a rolling update may pause between two batches."""

_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_GROUPS = {
    "AWS::AutoScaling::AutoScalingGroup": "AutoScalingRollingUpdate",
    "OS::Heat::InstanceGroup": "RollingUpdate",
}


def broken(row: ResourceType, values: Mapping[str, object]) -> tuple[Broken, ...]:
    """The rules of a type that these properties break."""
    given = Given(row.properties, values)
    return tuple(each for rule in RULES.get(row.name, ()) for each in rule(given))


def broken_update_policy(row: ResourceType, values: Mapping[str, object]) -> tuple[Broken, ...]:
    """The rules of a type that this update policy breaks."""
    name = _GROUPS.get(row.name)
    policy = Given(row.update_policy, values).within(name) if name is not None else None
    pause = policy.text("PauseTime") if policy is not None else None
    if policy is None or pause is None:
        return ()
    match = _DURATION.fullmatch(pause)
    if match is None:
        return (Broken(f'"{pause}" is no duration, such as PT5M', policy.at("PauseTime")),)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if hours * 3600 + minutes * 60 + seconds > LONGEST_PAUSE:
        return (Broken(f"a pause is at most {LONGEST_PAUSE} seconds", policy.at("PauseTime")),)
    return ()
