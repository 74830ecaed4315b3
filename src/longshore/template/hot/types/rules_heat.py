"""Rules of groups, values, secrets, workflows, users and clusters."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterator

from longshore.model.unknown import Unknown
from longshore.template.hot.types.given import (
    Broken,
    Given,
    Rule,
    conflict,
    every,
    missing,
    needed,
    needless,
    some,
)

LONGEST_DELAY = 3600
"""Seconds: how long a stack may take in all, unless told otherwise."""


def _sizes(least: str, most: str, wanted: str) -> Rule:
    """The sizes of a group: the least, the most, and one between."""

    def rule(given: Given) -> Iterator[Broken]:
        low, high, size = given.number(least), given.number(most), given.number(wanted)
        if low is not None and low < 0:
            yield Broken(f'"{least}" is less than 0', given.at(least))
        if low is not None and high is not None and high < low:
            yield Broken(f'"{least}" is greater than "{most}"', given.at(least))
        elif size is not None and ((low is not None and size < low) or (high is not None and size > high)):
            yield Broken(f'"{wanted}" is not between "{least}" and "{most}"', given.at(wanted))

    return rule


def _aws_group(given: Given) -> Iterator[Broken]:
    subnets = given["VPCZoneIdentifier"]
    if isinstance(subnets, list) and len(subnets) > 1:
        yield Broken("a group can be in one subnet only", given.at("VPCZoneIdentifier"))
    names = ("LaunchConfigurationName", "InstanceId")
    found = [name for name in names if given[name]]
    if not found:
        yield missing(given, *names)
    if len(found) > 1:
        yield conflict(given, *names)


def _step(step: str, adjustment: str, percent: str) -> Rule:
    """A least step is for policies that adjust by percent."""

    def rule(given: Given) -> Iterator[Broken]:
        if given.has(step) and given[adjustment] != percent and isinstance(given[adjustment], str):
            yield needless(given, step, f'unless "{adjustment}" is {percent}')

    return rule


def _delay(given: Given) -> Iterator[Broken]:
    wait, jitter, factor = (given.number(n) for n in ("min_wait", "max_jitter", "jitter_multiplier"))
    if wait is None or jitter is None or factor is None:
        return
    if wait + jitter * factor > LONGEST_DELAY:
        words = f"the delay may be longer than the {LONGEST_DELAY} seconds a stack may take"
        yield Broken(words, given.at("min_wait"))


def _random_length(given: Given) -> Iterator[Broken]:
    if given["sequence"] and "character_classes" in given.values:
        yield conflict(given, "character_classes", "sequence")
    length = given.number("length")
    least = sum(
        part.number("min") or 0
        for name in ("character_classes", "character_sequences")
        for part in _parts(given, name)
    )
    if length is not None and least > length:
        words = f"a length of {length} is less than the {least} characters asked for of classes and sequences"
        yield Broken(words, given.at("length"))


def _parts(given: Given, name: str) -> Collection[Given]:
    default = given.props[name].default
    if name == "character_classes" and given["sequence"] and name not in given.values:
        # The elder property stands for one class, of which one character is asked for.
        return [Given({}, {"min": 1})]
    filled = given if name in given.values or default is None else Given(given.props, {name: default})
    return list(filled.each(name))


def _component(given: Given) -> Iterator[Broken]:
    seen: set[str] = set()
    for config in given.each("configs"):
        actions = config["actions"]
        named = [each for each in actions if isinstance(each, str)] if isinstance(actions, list) else []
        for action in named:
            if action in seen:
                yield Broken(f'two configurations are for "{action}"', config.at("actions"), "conflict")
        seen.update(named)


def _references(given: Given) -> Iterator[Broken]:
    found = [item["ref"] for item in given.each("secrets")] if "secrets" in given.props else []
    if "secrets" not in given.props:
        found = [given[name] for name in given.props if name != "name" and given.has(name)]
    texts = [each for each in found if isinstance(each, str)]
    if len(texts) != len(set(texts)):
        yield Broken("the same secret is named twice", given.trail, "conflict")


_KEY = ("name", "algorithm", "bit_length", "mode", "payload_content_type", "expiration")
_ORDERS: dict[str, tuple[str, ...]] = {
    "key": _KEY,
    "asymmetric": (*_KEY, "pass_phrase"),
    "certificate": (
        "name",
        "request_type",
        "subject_dn",
        "source_container_ref",
        "ca_id",
        "profile",
        "request_data",
    ),
}


def _order(given: Given) -> Iterator[Broken]:
    kind = given.text("type")
    if kind not in _ORDERS:
        return
    for name in ("algorithm", "bit_length") if kind != "certificate" else ():
        if not given.has(name):
            yield needed(given, name, f"where the type is {kind}")
    if kind == "certificate" and given["profile"] and not given["ca_id"]:
        yield needed(given, "ca_id", 'where there is a "profile"')
    for name in given.props:
        if name != "type" and name not in _ORDERS[kind] and given.has(name):
            yield needless(given, name, f"where the type is {kind}")


def _secret(given: Given) -> Iterator[Broken]:
    kind, payload, encoding = (given[f"payload{end}"] for end in ("_content_type", "", "_content_encoding"))
    if kind and not payload:
        yield needed(given, "payload", 'where there is a "payload_content_type"')
    if kind == "application/octet-stream":
        if not encoding:
            yield needed(given, "payload_content_encoding", f"where the type is {kind}")
        elif isinstance(payload, str) and not _is_base64(payload):
            yield Broken("this is no base64", given.at("payload"))
    if encoding and (not kind or kind == "text/plain"):
        words = '"payload_content_encoding" is for the type application/octet-stream'
        yield Broken(words, given.at("payload_content_encoding"), "conflict")


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text)
    except ValueError:
        return False
    return True


def _role(role: Given) -> Iterator[Broken]:
    if role.has("project") and role.has("domain"):
        yield conflict(role, "project", "domain")
    if not role.has("project") and not role.has("domain"):
        yield missing(role, "project", "domain")


_VOLUME_DRIVERS = {"kubernetes": "cinder", "swarm": "rexray", "mesos": "rexray"}


def _cluster_volumes(given: Given) -> Iterator[Broken]:
    wanted, driver = _VOLUME_DRIVERS.get(given.text("coe") or ""), given.text("volume_driver")
    if wanted is not None and driver is not None and driver != wanted:
        yield Broken(f"{given['coe']} takes volumes by {wanted}", given.at("volume_driver"), hint=wanted)


def _share_network(given: Given) -> Iterator[Broken]:
    if given["nova_network"]:
        yield Broken("there are no networks of this kind any more", given.at("nova_network"))
    if given["neutron_network"] and not given["neutron_subnet"]:
        yield needed(given, "neutron_subnet", 'where there is a "neutron_network"')


def _workflow(given: Given) -> Iterator[Broken]:
    params = given.within("params")
    if given["type"] == "reverse" and (params is None or not params.values.get("task_name")):
        yield Broken(
            'a reverse workflow needs "task_name" in its params', given.at("params"), "missing-property"
        )
    for task in given.each("tasks"):
        if task["workflow"] and task["action"]:
            yield conflict(task, "workflow", "action")
        if not task["workflow"] and not task["action"]:
            yield missing(task, "action", "workflow")
        if task.has("requires") and given["type"] == "direct":
            yield needless(task, "requires", "in a direct workflow")
        policies = task["policies"]
        for name in policies if isinstance(policies, dict) else ():
            if name in task.props and task.has(name):
                yield conflict(task, name, "policies")
        if not task.has("with_items") and task.has("concurrency"):
            yield needed(task, "with_items", 'where there is a "concurrency"')


def _subscriber(given: Given) -> Iterator[Broken]:
    kinds = ("http", "https", "mailto", "trust+http", "trust+https")
    subscriber = given.text("subscriber")
    if subscriber is not None and subscriber.split(":", 1)[0] not in kinds:
        yield Broken(f"a subscriber begins with one of {', '.join(kinds)}", given.at("subscriber"))


def _typed_value(given: Given) -> Iterator[Broken]:
    """A value with a type is of that type."""
    value, kind = given["value"], given.text("type")
    reads = _READS.get(kind or "")
    if reads is not None and value is not None and not isinstance(value, Unknown) and not reads(value):
        yield Broken(f"this is no {kind}", given.at("value"), "wrong-type")


def _reads_as_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


_READS: dict[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str | int),
    "number": _reads_as_number,
    "comma_delimited_list": lambda value: isinstance(value, list),
    "json": lambda value: isinstance(value, dict),
    "boolean": lambda value: isinstance(value, bool) or str(value).lower() in ("true", "false"),
}

_ROLES: tuple[Rule, ...] = (every("roles", _role),)

RULES: dict[str, tuple[Rule, ...]] = {
    "AWS::AutoScaling::AutoScalingGroup": (_sizes("MinSize", "MaxSize", "DesiredCapacity"), _aws_group),
    "AWS::AutoScaling::ScalingPolicy": (
        _step("MinAdjustmentStep", "AdjustmentType", "PercentChangeInCapacity"),
    ),
    "OS::Barbican::CertificateContainer": (_references,),
    "OS::Barbican::GenericContainer": (_references,),
    "OS::Barbican::Order": (_order,),
    "OS::Barbican::RSAContainer": (_references,),
    "OS::Barbican::Secret": (_secret,),
    "OS::Heat::AutoScalingGroup": (_sizes("min_size", "max_size", "desired_capacity"),),
    "OS::Heat::Delay": (_delay,),
    "OS::Heat::RandomString": (_random_length,),
    "OS::Heat::ScalingPolicy": (
        _step("min_adjustment_step", "adjustment_type", "percent_change_in_capacity"),
    ),
    "OS::Heat::SoftwareComponent": (_component,),
    "OS::Heat::Value": (_typed_value,),
    "OS::Keystone::Group": _ROLES,
    "OS::Keystone::GroupRoleAssignment": _ROLES,
    "OS::Keystone::User": _ROLES,
    "OS::Keystone::UserRoleAssignment": _ROLES,
    "OS::Magnum::BayModel": (_cluster_volumes,),
    "OS::Magnum::ClusterTemplate": (_cluster_volumes,),
    "OS::Manila::ShareNetwork": (_share_network,),
    "OS::Mistral::CronTrigger": (some("pattern", "first_time"),),
    "OS::Mistral::Workflow": (_workflow,),
    "OS::Zaqar::Subscription": (_subscriber,),
}
