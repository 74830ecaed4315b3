"""The normalised project, as `docker compose config --format json` gives it.

The long forms are those of that command already; paths are made absolute, environments resolved
and networks and volumes named.
"""

from __future__ import annotations

from longshore.model.spec import Graph
from longshore.template.compose.lower import Scope
from longshore.template.nodes import Map, Node, entries_of, is_nothing, value_of


def project(model: Map, graph: Graph, scope: Scope) -> dict[str, object]:
    """A model that has no faults, as plain values."""
    found: dict[str, object] = {
        "name": scope.project,
        "services": {name: _service(name, model, scope) for name in graph.services},
    }
    for section, used in (("networks", graph.networks), ("volumes", graph.volumes)):
        found[section] = {name: value_of(model.get(section, name)) for name in used}
    for section in ("secrets", "configs"):
        granted = [name for kind, name in scope.inputs.contents if kind == section]
        found[section] = {name: _content(section, name, model, scope) for name in granted}
    return {key: value for key, value in found.items() if value or key == "services"}


def _service(name: str, model: Map, scope: Scope) -> dict[str, object]:
    node = model.get("services", name)
    found = {k: value_of(v) for k, v in entries_of(node).items() if not _left_out(k, v)}
    found.setdefault("command", None)
    found.setdefault("entrypoint", None)
    if environment := scope.inputs.environments[name]:
        found["environment"] = environment
    if "build" in found:
        args = scope.inputs.build_args[name]
        build = _absolute(found["build"], "context", scope)
        found["build"] = {**build, "args": args} if args else build
    if "env_file" in found:
        found["env_file"] = [_absolute(e, "path", scope) for e in _list(found["env_file"])]
    if "volumes" in found:
        found["volumes"] = [_mount(m, scope) for m in _list(found["volumes"])]
    return found


def _left_out(key: str, node: Node) -> bool:
    # Keys that change nothing have left an empty place.
    return key == "x-longshore" or is_nothing(node)


def _mount(value: object, scope: Scope) -> dict[str, object]:
    mount = _mapping(value)
    if mount.get("type") == "bind":
        return {"bind": {}, **_absolute(mount, "source", scope)}
    return {"volume": {}, **mount} if mount.get("type") == "volume" else mount


def _content(section: str, name: str, model: Map, scope: Scope) -> dict[str, object]:
    value = _absolute(value_of(model.get(section, name)), "file", scope)
    return {"name": f"{scope.project}_{name}", **value}


def _absolute(value: object, key: str, scope: Scope) -> dict[str, object]:
    found = _mapping(value)
    path = found.get(key)
    return {**found, key: scope.path(path)} if isinstance(path, str) else found


def _mapping(value: object) -> dict[str, object]:
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
