"""Groups: resources that stand for several others, all alike.

Members are made from a definition among the properties of the group. All are alike but for their
number, so the first is looked at for all; an empty group has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from longshore.model.unknown import Unknown
from longshore.template.hot.definitions import Definition
from longshore.template.hot.stack import Plain
from longshore.template.nodes import Map, Node, Seq


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A resource within a group: its definition, and what is said of it, worked out."""

    definition: Definition
    properties: Plain
    metadata: object = None


Makes = Callable[[Definition, Plain], list[Member]]


def members(type_name: str, group: Definition, values: Plain) -> list[Member]:
    """The members to look at of a group; none where the type is no group.

    Args:
        type_name: the type of the group.
        group: its definition, for the places of faults.
        values: its properties, converted.
    """
    makes = _GROUPS.get(type_name)
    return makes(group, values) if makes is not None else []


def _resource_group(group: Definition, values: Plain) -> list[Member]:
    plan = values.get("resource_def")
    if values.get("count") == 0 or not isinstance(plan, Mapping):
        return []
    name = _first_name(values.get("removal_policies"))
    sign = values.get("index_var")
    properties = plan.get("properties")
    own = properties if isinstance(properties, dict) else {}
    replaced = _replaced(own, sign if isinstance(sign, str) and sign else "%index%", name)
    assert isinstance(replaced, dict)
    return _one(group, "resource_def", name, plan, replaced)


def _first_name(policies: object) -> str:
    """Members are numbered; numbers that a policy removes are never given."""
    removed: set[str] = set()
    for policy in policies if isinstance(policies, list) else []:
        names = policy.get("resource_list") if isinstance(policy, Mapping) else None
        removed.update(map(str, names if isinstance(names, list) else []))
    return next(name for name in map(str, range(len(removed) + 1)) if name not in removed)


def _replaced(value: object, sign: str, name: str) -> object:
    if isinstance(value, str):
        return value.replace(sign, name)
    if isinstance(value, dict):
        return {key: _replaced(each, sign, name) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, sign, name) for each in value]
    return value


def _scaling_group(group: Definition, values: Plain) -> list[Member]:
    plan = values.get("resource")
    sizes = [values.get(key) for key in ("desired_capacity", "min_size")]
    size = next((each for each in sizes if each is not None), None)
    if not isinstance(plan, Mapping):
        return []
    at = group.at.key("properties").key("resource")
    written = group.node.get("properties", "resource")
    mark = written.mark if written is not None else group.mark
    properties = plan.get("properties", {})
    if not isinstance(plan.get("type"), str | Unknown) or not plan["type"]:
        at.fault("missing-key", mark, "the member of a group needs a type", "type: OS::Nova::Server")
    if not isinstance(properties, dict | Unknown):
        at.key("properties").fault("wrong-type", mark, "properties are a mapping")
    if size == 0:
        return []
    return _one(group, "resource", "member", plan, properties if isinstance(properties, dict) else {})


def _chain(group: Definition, values: Plain) -> list[Member]:
    kinds = values.get("resources")
    properties = values.get("resource_properties")
    own = properties if isinstance(properties, dict) else {}
    found: list[Member] = []
    listed = group.node.get("properties", "resources")
    for i, kind in enumerate(kinds if isinstance(kinds, list) else []):
        if not isinstance(kind, str | Unknown):
            at = group.at.key("properties").key("resources").item(i)
            at.fault("wrong-type", group.mark, f"a type is a name, this is {kind!r}")
        if isinstance(kind, str):
            node = listed.items[i] if isinstance(listed, Seq) and i < len(listed.items) else group.node
            given = group.node.get("properties", "resource_properties")
            inner = Map({"properties": given} if given is not None else {}, (), group.node.mark)
            at = group.at.key("properties").key("resources").item(i)
            definition = msgspec.structs.replace(
                group, name=str(i), type=kind, type_mark=node.mark, node=inner, at=at
            )
            found.append(Member(definition=definition, properties=own))
    return found


def _one(
    group: Definition, key: str, name: str, plan: Mapping[str, object], properties: Plain
) -> list[Member]:
    kind = plan.get("type")
    if not isinstance(kind, str) or not kind:
        return []
    written: Node | None = group.node.get("properties", key)
    node = written if isinstance(written, Map) else group.node
    at = group.at.key("properties").key(key) if isinstance(written, Map) else group.at
    definition = msgspec.structs.replace(
        group, name=name, type=kind, type_mark=node.place("type"), node=node, at=at
    )
    return [Member(definition=definition, properties=properties, metadata=plan.get("metadata"))]


_GROUPS: Mapping[str, Makes] = {
    "OS::Heat::ResourceGroup": _resource_group,
    "OS::Heat::AutoScalingGroup": _scaling_group,
    "OS::Heat::ResourceChain": _chain,
}
