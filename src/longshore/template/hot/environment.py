"""Heat's environments: values, defaults and the meaning of types, given beside a template.

Several are laid over each other in the order they were given: the later wins, unless a strategy says
that values are to be joined. Paths in an environment are relative to the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from longshore.template.findings import At
from longshore.template.hot import registry
from longshore.template.hot.kinds import BadValue, Kind, converted
from longshore.template.hot.parameters import Given, Parameter
from longshore.template.hot.registry import Registry
from longshore.template.hot.scope import hint
from longshore.template.nodes import Map, Mark, Node, Seq, is_nothing, kind_of, value_of

SECTIONS = (
    "parameters",
    "resource_registry",
    "parameter_defaults",
    "encrypted_param_names",
    "event_sinks",
    "parameter_merge_strategies",
)
STRATEGIES = ("overwrite", "merge", "deep_merge")
SINKS = ("zaqar-queue",)
"""The kinds of event sinks that Heat has."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What was given beside the template, all environments joined."""

    parameters: Mapping[str, Given] = {}
    defaults: Mapping[str, Given] = {}
    registry: Registry = Registry()


class _One(msgspec.Struct, frozen=True, kw_only=True):
    """A single environment, with the strategies by which its values join those before."""

    parameters: Mapping[str, Given]
    defaults: Mapping[str, Given]
    registry: Registry
    strategies: Mapping[str, str]


def read(root: Map, locate: Callable[[str], str], at: At) -> _One:
    """One environment; what is wrong with it is a fault.

    Args:
        root: the whole file.
        locate: the place of a file that it names.
        at: where to write faults.
    """
    for key, node in root.items.items():
        if key not in SECTIONS:
            words = f'an environment has no section "{key}"'
            at.fault("unknown-section", root.at(key), words, hint(at, key, SECTIONS))
        elif is_nothing(node):
            at.key(key).fault("wrong-type", root.at(key), f'the section "{key}" is empty', "leave it out")
    section = root.get("resource_registry")
    types = Registry()
    if section is not None:
        types = registry.read(section, locate, at.key("resource_registry"))
    _check_sinks(root.get("event_sinks"), at.key("event_sinks"))
    return _One(
        parameters=_values(root, "parameters", at),
        defaults=_values(root, "parameter_defaults", at),
        registry=types,
        strategies=_strategies(root, at),
    )


def _map(root: Map, key: str, at: At) -> Map | None:
    node = root.get(key)
    if node is None or is_nothing(node):
        return None
    if isinstance(node, Map):
        return node
    at.key(key).fault("wrong-type", node.mark, f"expected a mapping, got {kind_of(node)}")
    return None


def _values(root: Map, key: str, at: At) -> dict[str, Given]:
    section = _map(root, key, at)
    if section is None:
        return {}
    return {name: Given(value_of(node), node.mark) for name, node in section.items.items()}


def _strategies(root: Map, at: At) -> dict[str, str]:
    section = _map(root, "parameter_merge_strategies", at)
    if section is None:
        return {}
    return {name: str(value_of(node)) for name, node in section.items.items()}


def _check_sinks(node: Node | None, at: At) -> None:
    if node is None or is_nothing(node):
        return
    if not isinstance(node, Seq):
        at.fault("wrong-type", node.mark, f"event sinks are a list, this is {kind_of(node)}")
        return
    for i, sink in enumerate(node.items):
        kind = value_of(sink.get("type")) if isinstance(sink, Map) else None
        if kind not in SINKS:
            words = "an event sink needs a type that there is"
            at.item(i).fault("bad-value", sink.mark, words, f"type: {SINKS[0]}")


def joined(
    environments: list[_One], given: Mapping[str, object], declared: Mapping[str, Parameter], at: At
) -> Environment:
    """All environments as one, and over them the values that were given by name.

    Args:
        environments: in the order given.
        given: values by name, from the command line or a file of values.
        declared: the parameters of the template; strategies work by their kinds.
        at: where to write faults.
    """
    parameters: dict[str, Given] = {}
    defaults: dict[str, Given] = {}
    types = Registry()
    for one in environments:
        parameters = _laid(parameters, one.parameters, one.strategies, declared, at)
        defaults = _laid(defaults, one.defaults, one.strategies, declared, at)
        types = registry.joined(types, one.registry)
    parameters.update({name: Given(value) for name, value in given.items()})
    return Environment(parameters=parameters, defaults=defaults, registry=types)


def _laid(
    below: Mapping[str, Given],
    above: Mapping[str, Given],
    strategies: Mapping[str, str],
    declared: Mapping[str, Parameter],
    at: At,
) -> dict[str, Given]:
    found = dict(below)
    usual = strategies.get("default", STRATEGIES[0])
    for name, given in above.items():
        strategy = strategies.get(name, usual)
        old = found.get(name)
        parameter = declared.get(name)
        if strategy == STRATEGIES[0] or old is None or parameter is None or given.value is None:
            found[name] = given
            continue
        try:
            value = _merged(old.value, given.value, parameter.kind, deep=strategy == STRATEGIES[2])
        except BadValue as bad:
            words = f'the values of "{name}" cannot be joined: {bad}'
            at.fault("bad-parameter", given.mark or Mark("", 0, 0), words)
            value = given.value
        found[name] = Given(value, given.mark)
    return found


def _merged(old: object, new: object, kind: Kind, *, deep: bool) -> object:
    """Two values of a parameter as one: lists and texts end to end, maps key by key, numbers added."""
    if kind is Kind.JSON:
        first, second = converted(old, kind), converted(new, kind)
        if isinstance(first, dict) and isinstance(second, dict):
            return _merged_maps(first, second, deep=deep)
        raise BadValue("one of them is no mapping")
    if kind is Kind.LIST:
        return [*_list(old), *_list(new)]
    if kind is Kind.STRING and isinstance(old, str) and isinstance(new, str):
        return old + new
    raise BadValue(f"values of the type {kind} are not joined")


def _list(value: object) -> list[str]:
    found = converted(value, Kind.LIST)
    assert isinstance(found, list)
    return found


def _merged_maps(old: dict[str, object], new: dict[str, object], *, deep: bool) -> dict[str, object]:
    found = dict(old)
    for key, value in new.items():
        before = found.get(key)
        if value is None:
            continue
        if deep and isinstance(before, dict) and isinstance(value, dict):
            found[key] = _merged_maps(before, value, deep=True)
        elif deep and isinstance(before, list) and isinstance(value, list):
            found[key] = [*before, *value]
        elif deep and isinstance(before, str) and isinstance(value, str):
            found[key] = before + value
        else:
            found[key] = value
    return found
