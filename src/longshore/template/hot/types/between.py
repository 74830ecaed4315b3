"""Rules between resources: what one has to be for another that uses it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from longshore.template.findings import At
from longshore.template.hot.types import registry
from longshore.template.hot.types.given import Broken
from longshore.template.hot.types.implied import Declared
from longshore.template.hot.types.properties import place
from longshore.template.nodes import Node

Resources = Mapping[str, Declared]

_LAUNCHES = ("AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::Instance")
"""What members of a group can be made like."""


def check(name: str, resources: Resources, waits: Collection[str], node: Node | None, at: At) -> None:
    """Write down what is wrong with a resource for the sake of others.

    Args:
        name: the resource.
        resources: all resources of the template.
        waits: what the resource waits for, named or implied.
        node: the properties as written.
        at: where faults are written; it stands at the properties.
    """
    resource = resources[name]
    rule = _RULES.get(registry.canonical(resource.type)) if resource.plain else None
    for each in rule(resource, resources, waits) if rule is not None else ():
        here, mark = place(node, at, each.trail)
        here.fault(each.code, mark, each.words, each.hint)


def _deployment(resource: Declared, resources: Resources, _waits: Collection[str]) -> Iterator[Broken]:
    """Software is deployed on servers that were made for it."""
    server = resource.properties.get("server")
    other = resources.get(server) if isinstance(server, str) else None
    row = registry.find(other.type) if other is not None else None
    prop = row.properties.get("user_data_format") if row is not None else None
    if other is None or prop is None:
        return
    given = other.properties.get("user_data_format", prop.default)
    if isinstance(given, str) and given and given != "SOFTWARE_CONFIG":
        words = f'software is deployed on "{server}", whose user_data_format is {given}'
        yield Broken(words, ("server",), "conflict", "user_data_format: SOFTWARE_CONFIG")


def _server(resource: Declared, _resources: Resources, _waits: Collection[str]) -> Iterator[Broken]:
    """The key under which deployments are told to a server is not the user's."""
    metadata = resource.metadata
    told = resource.properties.get("user_data_format") == "SOFTWARE_CONFIG"
    if told and isinstance(metadata, Mapping) and "deployments" in metadata:
        words = 'with the user_data_format SOFTWARE_CONFIG the metadata may not have "deployments"'
        yield Broken(words, (), "conflict", 'leave "deployments" out')


def _group(resource: Declared, resources: Resources, waits: Collection[str]) -> Iterator[Broken]:
    """A group refers to its launch configuration, so that it is made first."""
    name = resource.properties.get("LaunchConfigurationName")
    trail = ("LaunchConfigurationName",)
    if not isinstance(name, str) or not name:
        # Members are made from it, so that it has to be known before anything is made.
        if not resource.properties.get("InstanceId"):
            words = "the launch configuration has to be one of the template"
            yield Broken(words, trail, hint="get_resource: NAME")
    elif name not in resources:
        yield Broken(f'there is no launch configuration "{name}"', trail, "unknown-resource")
    elif name not in waits:
        words = f'"{name}" is only the name of the launch configuration'
        yield Broken(words, trail, hint=f"get_resource: {name}")
    elif registry.canonical(resources[name].type) not in _LAUNCHES:
        yield Broken(f'"{name}" is no launch configuration', trail)


def _policy(resource: Declared, resources: Resources, _waits: Collection[str]) -> Iterator[Broken]:
    """A policy is about resources of its stack."""
    names = resource.properties.get("AllowedResources")
    for index, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in resources:
            yield Broken(f'there is no resource "{name}"', ("AllowedResources", index), "unknown-resource")


_RULES: dict[str, Callable[[Declared, Resources, Collection[str]], Iterator[Broken]]] = {
    "AWS::AutoScaling::AutoScalingGroup": _group,
    "OS::Heat::AccessPolicy": _policy,
    "OS::Heat::InstanceGroup": _group,
    "OS::Heat::SoftwareDeployment": _deployment,
    "OS::Heat::StructuredDeployment": _deployment,
    "OS::Nova::Server": _server,
}
