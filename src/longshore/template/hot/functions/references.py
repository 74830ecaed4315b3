"""Functions that look at what is around: parameters, resources, files, the outer resource."""

from __future__ import annotations

from longshore.model.unknown import Unknown
from longshore.template.hot.functions.row import (
    BROKEN,
    Check,
    Example,
    Function,
    Target,
    Use,
    Work,
    Wrong,
    parts,
    shape,
    unknown_in,
    words,
)
from longshore.template.hot.scope import Outer, Scope

_OUTER = {"metadata": "metadata", "deletion_policy": "deletion", "update_policy": "update"}
_CFN_OUTER = {"Metadata": "metadata", "DeletionPolicy": "deletion", "UpdatePolicy": "update"}
_ZONES = Unknown(resource="the cloud", attribute="availability zones")


def _get_param(args: object, use: Use) -> object:
    name, *path = args if isinstance(args, list) and args else [args]
    if unknown_in(path) is not None or name is BROKEN:
        return unknown_in(args)
    if not args or not isinstance(name, str):
        shown = "nothing" if not args else words(name)
        raise Wrong(f"takes the name of a parameter, not {shown}")
    if name not in use.scope.parameters:
        _no_parameter(name, use.scope)
    return _into(use.scope.parameters[name], path)


def _no_parameter(name: str, scope: Scope) -> None:
    message = f'there is no parameter "{name}"'
    raise Wrong(message, code="unknown-parameter", word=name, among=scope.parameters)


def _into(value: object, path: list[object]) -> object:
    """A part of a parameter; empty text where the way leads nowhere, as in Heat."""
    for step in path:
        if isinstance(value, Unknown):
            return Unknown(resource=value.resource, attribute=f"{value.attribute}.{step}")
        if isinstance(value, dict) and isinstance(step, str | int) and step in value:
            value = value[step]
        elif isinstance(value, list | str) and isinstance(step, str | int):
            value = _place(value, step)
        else:
            return ""
    return value


def _place(value: list[object] | str, step: str | int) -> object:
    try:
        return value[int(step)]
    except (ValueError, IndexError):
        return ""


def _param_target(args: object, _scope: Scope) -> Target | None:
    name, *path = args if isinstance(args, list) and args else [args]
    if not isinstance(name, str):
        return None
    return Target("parameter", name, tuple(path), (0,) if isinstance(args, list) else ())


def _get_resource(args: object, use: Use) -> object:
    # That there is no such resource is said where references are checked.
    facade = use.scope.resource(args) if isinstance(args, str) else None
    return facade.name if facade else BROKEN


def _resource_target(args: object, _scope: Scope) -> Target | None:
    return None if args is BROKEN else Target("resource", _name(args))


def _name(value: object) -> str:
    """The name of a resource; empty where it is none, so that it is missed like one that is not there."""
    return value if isinstance(value, str) else ""


def _ref_check(args: object) -> None:
    if not isinstance(args, str):
        raise Wrong(f"takes the name of a resource or a parameter, not {words(args)}")


def _ref(args: object, use: Use) -> object:
    if isinstance(args, str) and use.scope.resource(args) is not None:
        return _get_resource(args, use)
    return _ref_parameter(args, use)


def _ref_parameter(args: object, use: Use) -> object:
    if not isinstance(args, str):
        raise Wrong(f"takes the name of a resource or a parameter, not {words(args)}")
    if args not in use.scope.parameters:
        message = f'there is neither a parameter nor a resource "{args}"'
        among = [*use.scope.parameters, *use.scope.names]
        raise Wrong(message, code="unknown-parameter", word=args, among=among)
    return use.scope.parameters[args]


def _ref_target(args: object, scope: Scope) -> Target | None:
    if not isinstance(args, str):
        return None
    return Target("parameter" if scope.resource(args) is None else "resource", args)


def _attr_check(args: object) -> None:
    found = shape(args)
    if not isinstance(found, list):
        raise Wrong(f"takes a list, not {words(found)}")
    if len(found) < 2:
        raise Wrong("takes a resource and an attribute")


def _attr_all_check(args: object) -> None:
    found = shape(args)
    if not isinstance(found, list):
        raise Wrong(f"takes a list, not {words(found)}")
    if not found:
        raise Wrong("takes a resource, and an attribute")


def _cfn_attr_check(args: object) -> None:
    parts(args, 2)


def _get_attr(args: object, use: Use) -> object:
    resource, *path = _way(args)
    if (unknown := unknown_in([resource, *path])) is not None:
        return unknown
    facade = use.scope.resource(resource) if isinstance(resource, str) else None
    if facade is None:
        return BROKEN
    return facade.attribute(tuple(step if isinstance(step, int) else str(step) for step in path))


def _get_attr_all(args: object, use: Use) -> object:
    way = _way(args)
    return _get_attr(way[:1] if way[1:2] == [None] else way, use)


def _attr_target(args: object, _scope: Scope) -> Target | None:
    resource, *path = _way(args)
    if resource is BROKEN:
        return None
    return Target("attribute", _name(resource), tuple(path), (0,))


def _attr_all_target(args: object, scope: Scope) -> Target | None:
    """Nothing for an attribute stands for all of them."""
    way = _way(args)
    return _attr_target(way[:1] if way[1:2] == [None] else way, scope)


def _way(args: object) -> list[object]:
    """A resource, its attribute, and the way into that."""
    return list(args) if isinstance(args, list | str | dict) and args else [None]


def _get_file(args: object, use: Use) -> object:
    if not isinstance(args, str):
        raise Wrong(f"takes the path of a file, not {words(args)}")
    text = use.scope.file(args)
    if text is None:
        raise Wrong(f'there is no file "{args}"', code="missing-file")
    return text


def _file_target(args: object, _scope: Scope) -> Target | None:
    return Target("file", args) if isinstance(args, str) else None


def _zones(_args: object, _use: Use) -> object:
    return _ZONES


def _find_in_map_check(args: object) -> None:
    parts(args, 3)


def _find_in_map(args: object, use: Use) -> object:
    found: object = use.scope.mappings
    for index, key in enumerate(parts(args, 3)):
        if not isinstance(found, dict) or not isinstance(key, str | int) or key not in found:
            among = found if isinstance(found, dict) else ()
            what = "mapping" if index == 0 else "key"
            raise Wrong(f'there is no {what} "{key}"', index, word=str(key), among=among)
        found = found[key]
    return found


def _facade_check(words_: dict[str, str]) -> Check:
    def check(args: object) -> None:
        if not isinstance(args, str) or args not in words_:
            shown = f'"{args}"' if isinstance(args, str) else words(args)
            word = args if isinstance(args, str) else ""
            raise Wrong(f"takes one of {', '.join(words_)}, not {shown}", word=word, among=words_)

    return check


def _facade(words_: dict[str, str]) -> Work:
    def work(args: object, use: Use) -> object:
        outer = use.scope.outer
        if outer is None:
            raise Wrong("shows the resource that a nested template stands for; this one is not nested")
        return _shown(words_[str(args)], outer)

    return work


def _shown(what: str, outer: Outer) -> object:
    match what:
        case "metadata":
            return outer.metadata
        case "deletion":
            return outer.deletion_policy
        case _:
            return outer.update_policy or {}


def _resource_facade(name: str, words_: dict[str, str], shown: str) -> Function:
    return Function(
        name=name,
        form=f"one of {', '.join(words_)}",
        purpose="In a nested template: what its resource in the outer template says.",
        example=Example(f'"{name}": {shown}', "Retain", {"outer": {"deletion_policy": "Retain"}}),
        check=_facade_check(words_),
        work=_facade(words_),
    )


_SERVER = {"resources": {"server": "OS::Nova::Server"}}
_IP = Unknown(resource="server", attribute="first_address")
_ATTR_FORM = "[resource, attribute, key or index, ...]"
_ATTR_PURPOSE = "An attribute of a resource, or a part of it; known once the resource is made."

FUNCTIONS: dict[str, Function] = {
    "get_param": Function(
        name="get_param",
        form="parameter, or [parameter, key or index, ...]",
        purpose="The value of a parameter, or a part of it.",
        example=Example("get_param: [ports, web]", 80, {"parameters": {"ports": {"web": 80, "db": 5432}}}),
        work=_get_param,
        refers=_param_target,
        mixed=True,
    ),
    "get_resource": Function(
        name="get_resource",
        form="resource",
        purpose="A resource: its id, once it is made.",
        example=Example("get_resource: server", "server", _SERVER),
        work=_get_resource,
        refers=_resource_target,
        binds=True,
    ),
    "get_attr": Function(
        name="get_attr",
        form=_ATTR_FORM,
        purpose=_ATTR_PURPOSE,
        example=Example("get_attr: [server, first_address]", _IP, _SERVER),
        check=_attr_check,
        work=_get_attr,
        refers=_attr_target,
        binds=True,
        mixed=True,
    ),
    "get_attr.all": Function(
        name="get_attr",
        form="[resource], or [resource, attribute, key or index, ...]",
        purpose=_ATTR_PURPOSE,
        example=Example(
            "get_attr: [server, networks, front, 0]",
            Unknown(resource="server", attribute="networks.front.0"),
            _SERVER,
        ),
        check=_attr_all_check,
        work=_get_attr_all,
        refers=_attr_all_target,
        binds=True,
        mixed=True,
    ),
    "Fn::GetAtt": Function(
        name="Fn::GetAtt",
        form="[resource, attribute]",
        purpose="An attribute of a resource; known once the resource is made.",
        example=Example('"Fn::GetAtt": [server, first_address]', _IP, _SERVER),
        check=_cfn_attr_check,
        work=_get_attr,
        refers=_attr_target,
        binds=True,
        mixed=True,
    ),
    "get_file": Function(
        name="get_file",
        form="path",
        purpose="The text of a file beside the template.",
        example=Example("get_file: start.sh", "#!/bin/sh\n", {"files": {"start.sh": "#!/bin/sh\n"}}),
        work=_get_file,
        refers=_file_target,
    ),
    "Ref": Function(
        name="Ref",
        form="resource or parameter",
        purpose="A resource, or the value of a parameter.",
        example=Example("Ref: size", 3, {"parameters": {"size": 3}}),
        check=_ref_check,
        work=_ref,
        refers=_ref_target,
    ),
    "Ref.parameter": Function(
        name="Ref",
        form="parameter",
        purpose="The value of a parameter.",
        example=Example("Ref: size", 3, {"parameters": {"size": 3}}),
        work=_ref_parameter,
        refers=_param_target,
    ),
    "Fn::GetAZs": Function(
        name="Fn::GetAZs",
        form="region",
        purpose="The availability zones of the cloud; known once it is asked.",
        example=Example('"Fn::GetAZs": ""', _ZONES),
        work=_zones,
    ),
    "Fn::FindInMap": Function(
        name="Fn::FindInMap",
        form="[mapping, key, key]",
        purpose="A value of the section Mappings.",
        example=Example(
            '"Fn::FindInMap": [Images, north, small]',
            "f17-small",
            {"mappings": {"Images": {"north": {"small": "f17-small"}}}},
        ),
        check=_find_in_map_check,
        work=_find_in_map,
    ),
    "resource_facade": _resource_facade("resource_facade", _OUTER, "deletion_policy"),
    "Fn::ResourceFacade": _resource_facade("Fn::ResourceFacade", _CFN_OUTER, "DeletionPolicy"),
}
