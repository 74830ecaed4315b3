"""What a reading tells of a template: version, parameters, resources with what they wait for, outputs.

Plain JSON values; what is known only later is null, and the value of a hidden parameter is left out.
"""

from __future__ import annotations

from operator import is_

from longshore.model.unknown import Unknown
from longshore.template.hot.constraints import Limit
from longshore.template.hot.kinds import CFN_KINDS
from longshore.template.hot.parameters import Parameter
from longshore.template.hot.stack import Resource, Stack
from longshore.template.hot.types.schema import Allowed, Form, Length, Multiple, Pattern, Range

_CFN_NAMES = {kind: name for name, kind in CFN_KINDS.items()}


def of(stack: Stack) -> dict[str, object]:
    """The outline of a stack."""
    version = stack.template.version
    cfn = version.cfn
    return {
        "version": version.name,
        "description": _description(stack),
        "parameters": {
            name: _parameter(each, stack.values.get(name), cfn=cfn) for name, each in stack.declared.items()
        },
        "resources": {name: _resource(each, stack) for name, each in stack.resources.items()},
        "outputs": {
            name: {"description": each.description, "value": plain(each.value)}
            for name, each in stack.outputs.items()
        },
    }


def plain(value: object) -> object:
    """A value as JSON holds it: null for what is known only later."""
    kind = type(value)
    if kind is str or value is None:
        return value
    if kind is dict:
        entries = {key: plain(each) for key, each in value.items()}  # type: ignore[attr-defined]
        # What is known throughout is shared, not copied: a large template has much of it.
        return value if all(map(is_, entries.values(), value.values())) else entries  # type: ignore[attr-defined]
    if kind is list:
        items = [plain(each) for each in value]  # type: ignore[attr-defined]
        return value if all(map(is_, items, value)) else items  # type: ignore[call-overload]
    return None if isinstance(value, Unknown) else value


def _description(stack: Stack) -> str:
    node = stack.template.section(stack.template.words.description)
    text = getattr(node, "data", None)
    return text if isinstance(text, str) else ""


def _parameter(parameter: Parameter, value: object, *, cfn: bool) -> dict[str, object]:
    found: dict[str, object] = {"type": _CFN_NAMES[parameter.kind] if cfn else parameter.kind.value}
    for key in ("description", "label"):
        if text := getattr(parameter, key):
            found[key] = text
    if parameter.default is not None:
        found["default"] = None if parameter.hidden else plain(parameter.default)
    if parameter.hidden:
        found["hidden"] = True
    else:
        found["value"] = plain(value)
    if parameter.immutable:
        found["immutable"] = True
    if parameter.tags:
        found["tags"] = list(parameter.tags)
    if parameter.limits:
        found["constraints"] = [_limit(limit) for limit in parameter.limits]
    return found


def _limit(limit: Limit) -> dict[str, object]:
    found: dict[str, object] = {"description": limit.words} if limit.words else {}
    match limit.constraint:
        case Range(least, most):
            found["range"] = _bounds(least, most)
        case Length(least, most):
            found["length"] = _bounds(least, most)
        case Multiple(step, offset):
            found["modulo"] = {"step": step, "offset": offset}
        case Allowed(values):
            found["allowed_values"] = list(values)
        case Pattern(expression):
            found["allowed_pattern"] = expression
        case Form(name):
            found["custom_constraint"] = name
    return found


def _bounds(least: float | None, most: float | None) -> dict[str, object]:
    return {key: bound for key, bound in (("min", least), ("max", most)) if bound is not None}


def _resource(resource: Resource, stack: Stack) -> dict[str, object]:
    definition = resource.definition
    found: dict[str, object] = {
        "type": definition.type,
        "depends_on": stack.depends[definition.name],
        "properties": plain(resource.properties),
    }
    if resource.metadata:
        found["metadata"] = plain(resource.metadata)
    if definition.deletion_policy != "Delete":
        found["deletion_policy"] = definition.deletion_policy
    return found
