"""The normalised project, as `docker compose config --format json` gives it.

The long forms are those of that command already; here paths are made absolute, environments resolved, and
what is written differently there is written so: a table by key of a service.
"""

from __future__ import annotations

from collections.abc import Callable

from longshore.template.compose.lower import Scope
from longshore.template.compose.paths import rebase
from longshore.template.merge import Way
from longshore.template.nodes import Map, Node, Scalar, Seq, bool_of, entries_of, is_nothing, value_of

_SECTIONS = ("networks", "volumes", "secrets", "configs", "models")

Value = object
_Shows = Callable[[Node], Value]


def project(model: Map, services: dict[str, object], scope: Scope) -> dict[str, object]:
    """A model that has no faults, as plain values; its services are so already."""
    moved = _moved(model, scope)
    found: dict[str, object] = {"name": scope.project, "services": services}
    for section in _SECTIONS:
        nodes = entries_of(moved.get(section))
        found[section] = {name: _plain(_shown(node, section)) for name, node in nodes.items()}
    found.update({key: _plain(node) for key, node in entries_of(moved).items() if key.startswith("x-")})
    return {key: value for key, value in found.items() if value or key == "services"}


def service(name: str, node: Map, scope: Scope) -> dict[str, object]:
    """A service that has no faults, as plain values."""
    found = {
        key: _SHOWN.get(key, value_of if key in _PAIRS else _plain)(value)
        for key, value in _moved(node, scope, ("services", "*")).items.items()
        if not key.startswith("x-") and key != "extends" and not is_nothing(value)
        if not _says_nothing(key, value)
    }
    found.setdefault("command", None)
    found.setdefault("entrypoint", None)
    if environment := scope.inputs.environments.get(name):
        found["environment"] = dict(environment)
    if "label_file" in found and (labels := scope.inputs.labels.get(name)):
        found["labels"] = dict(labels)
    build = found.get("build")
    args = scope.inputs.build_args.get(name)
    if args and isinstance(build, dict):
        build["args"] = dict(args)
    return found


def _moved(node: Map, scope: Scope, way: Way = ()) -> Map:
    moved = rebase(node, lambda path: path if _is_whole(path) else scope.path(path), way)
    assert isinstance(moved, Map)
    return moved


def _is_whole(path: str) -> bool:
    """Whether a path stays as it is written: it begins at a root, or there is none."""
    return not path or path.startswith(("/", "\\\\")) or path[1:2] == ":"


_PAIRS = {
    *("environment", "labels", "annotations", "args", "options", "driver_opts", "sysctls", "storage_opt"),
    *("additional_contexts", "aux_addresses", "aliases"),
}
"""Keys whose values are names of the user's, which all count."""

_COUNTED = {
    *("attach", "create_host_path", "enable_ipv4", "enable_ipv6", "init", "max_attempts", "parallelism"),
    *("replicas", "required", "retries", "scale"),
}
"""Keys where nought and false say something; elsewhere they are what there is without them."""


def _plain(node: Node) -> Value:
    """A value without places; anybody's own keys, and what says nothing, are left out."""
    if isinstance(node, Map):
        return {
            k: value_of(v) if k in _PAIRS else _plain(v)
            for k, v in node.items.items()
            if not k.startswith("x-") and not _says_nothing(k, v)
        }
    return [_plain(item) for item in node.items] if isinstance(node, Seq) else value_of(node)


def _says_nothing(key: str, node: Node) -> bool:
    return isinstance(node, Scalar) and not node.data and node.data is not None and key not in _COUNTED


def _shown(node: Node, section: str) -> Node:
    """What stands beside the services; what is external is only named."""
    if not isinstance(node, Map):
        return node
    if section == "networks":
        # An address section is always shown there, be it empty.
        items: dict[str, Node] = {"ipam": Map({}, (), node.mark), **node.items}
    else:
        items = dict(node.items)
    if not bool_of(items.get("external")):
        items.pop("external", None)
    return Map(items, node.keyed, node.mark)


def _hosts(node: Node) -> Value:
    found = [f"{name}={address}" for name, each in entries_of(node).items() for address in _list(each)]
    return sorted(found)


def _weighed(node: Node) -> Value:
    """Devices and their rates, whose names that command writes with a capital."""
    limits = {key: _plain(value) for key, value in entries_of(node).items()}
    for key, each in limits.items():
        if isinstance(each, list):
            limits[key] = [{k.capitalize(): v for k, v in device.items()} for device in each]
    return limits


def _list(node: Node) -> list[object]:
    found = _plain(node)
    return found if isinstance(found, list) else [found]


def _build(node: Node) -> Value:
    found = _plain(node)
    if not isinstance(found, dict) or not isinstance(node, Map):
        return found
    if "extra_hosts" in node.items:
        found["extra_hosts"] = _hosts(node.items["extra_hosts"])
    if "ssh" in node.items:
        keys = entries_of(node.items["ssh"])
        found["ssh"] = [k if is_nothing(v) else f"{k}={_plain(v)}" for k, v in keys.items()]
    return found


def _mounts(node: Node) -> Value:
    return [_mount(item) for item in node.items] if isinstance(node, Seq) else _plain(node)


def _mount(node: Node) -> Value:
    found = _plain(node)
    if isinstance(found, dict) and isinstance(found.get("bind"), dict):
        # That a folder is made is not shown; that it is not, is.
        bind = {k: v for k, v in found["bind"].items() if (k, v) != ("create_host_path", True)}
        found["bind"] = bind
    return found


def _watches(node: Node) -> Value:
    found = _plain(node)
    if isinstance(found, dict) and isinstance(found.get("watch"), list):
        found["watch"] = [{"exec": {"command": None}, **watch} for watch in found["watch"]]
    return found


def _env_files(node: Node) -> Value:
    """That a file has to be there is not shown; that it need not, is."""
    found = _list(node)
    return [
        {k: v for k, v in entry.items() if (k, v) != ("required", True)} if isinstance(entry, dict) else entry
        for entry in found
    ]


_SHOWN: dict[str, _Shows] = {
    "blkio_config": _weighed,
    "build": _build,
    "develop": _watches,
    "env_file": _env_files,
    "extra_hosts": _hosts,
    "volumes": _mounts,
}
