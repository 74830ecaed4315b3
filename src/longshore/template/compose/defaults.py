"""What a Compose file leaves out and everyone means; filled in once all files are joined."""

from __future__ import annotations

from collections.abc import Callable

from longshore.template.compose import names
from longshore.template.findings import At
from longshore.template.nodes import (
    Map,
    Mark,
    Node,
    Seq,
    bool_of,
    mapping,
    remade,
    scalar,
    string_of,
    strings_of,
)

DEFAULT_NETWORK = "default"


def fill(model: Map, project: str, at: At) -> Map:
    """The whole model, with every default written out."""
    services = _each(model.get("services") or mapping({}, model.mark), _service)
    items: dict[str, Node] = {**model.items, "services": services}
    networks = model.get("networks")
    if not isinstance(networks, Map):
        networks = Map({}, (), model.mark)
    if _wants_default(services):
        implied: dict[str, Node] = {DEFAULT_NETWORK: Map({}, (), model.mark)}
        networks = Map({**implied, **networks.items}, networks.keyed, networks.mark)
    items["networks"] = networks
    for key in ("networks", "volumes", "secrets", "configs"):
        items[key] = _resources(items.get(key), project, at.key(key))
    return Map(items, model.keyed, model.mark)


def _service(service: Map) -> Map:
    items = dict(service.items)
    for key, change in _FILLS.items():
        if key in items:
            items[key] = change(items[key])
    if "pre_start" in items and "image" in items:
        items["pre_start"] = _pictured(items["pre_start"], items["image"])
    implied = _implied(service)
    if implied:
        known = items.get("depends_on") or Map({}, (), service.mark)
        items["depends_on"] = _under(known, implied) if isinstance(known, Map) else known
    attached = items.get("networks")
    if "network_mode" not in items and not (isinstance(attached, Map) and attached.items):
        default: dict[str, Node] = {DEFAULT_NETWORK: scalar(None, service.mark)}
        items["networks"] = Map(default, (), service.mark)
    return remade(service, items)


_NAMESPACES = ("network_mode", "ipc", "pid", "uts", "cgroup")


def _implied(service: Map) -> dict[str, Node]:
    """Services that one waits for without saying so, since it names them elsewhere."""
    found: dict[str, Node] = {}
    for link in strings_of(service.get("links")):
        parts = link.split(":")
        found.setdefault(parts[0] if len(parts) == 2 else link, _started(service, restart=True))
    for key in _NAMESPACES:
        kind, _, name = string_of(service.get(key)).partition(":")
        if kind == "service":
            found.setdefault(name, _started(service, restart=True))
    for source in strings_of(service.get("volumes_from")):
        if not source.startswith("container:"):
            found.setdefault(source.partition(":")[0], _started(service, restart=False))
    return found


def _started(service: Map, *, restart: bool) -> Node:
    items: dict[str, Node] = {"condition": scalar("service_started", service.mark)}
    if restart:
        items["restart"] = scalar(data=True, mark=service.mark)
    return mapping({**items, "required": scalar(data=True, mark=service.mark)}, service.mark)


def _pictured(hooks: Node, image: Node) -> Node:
    """What runs before the service does so in its image, unless it names another."""
    if not isinstance(hooks, Seq):
        return hooks
    found = (_under(hook, {"image": image}) if isinstance(hook, Map) else hook for hook in hooks.items)
    return Seq(tuple(found), hooks.mark)


def _pull(policy: Node) -> Node:
    return scalar("missing", policy.mark) if string_of(policy) == "if_not_present" else policy


def _counted(requests: Node) -> Node:
    """Of devices of which neither number nor names are said, all are meant."""
    if not isinstance(requests, Seq):
        return requests
    every: list[Node] = []
    for request in requests.items:
        if isinstance(request, Map) and not {"count", "device_ids"} & set(request.items):
            every.append(_under(request, {"count": scalar(-1, request.mark)}))
        else:
            every.append(request)
    return Seq(tuple(every), requests.mark)


def _reserved(deploy: Node) -> Node:
    devices = deploy.get("resources", "reservations", "devices") if isinstance(deploy, Map) else None
    if devices is None or not isinstance(deploy, Map):
        return deploy
    resources = deploy.get("resources")
    reservations = deploy.get("resources", "reservations")
    assert isinstance(resources, Map)
    assert isinstance(reservations, Map)
    filled = _with(resources, "reservations", _with(reservations, "devices", _counted(devices)))
    return _with(deploy, "resources", filled)


def _bound(mounts: Node) -> Node:
    """A bind that says something of itself makes its folder, unless it says otherwise."""
    if not isinstance(mounts, Seq):
        return mounts
    found: list[Node] = []
    for mount in mounts.items:
        bind = mount.get("bind") if isinstance(mount, Map) else None
        if isinstance(mount, Map) and isinstance(bind, Map):
            made: dict[str, Node] = {"create_host_path": scalar(data=True, mark=bind.mark)}
            found.append(_with(mount, "bind", _under(bind, made)))
        else:
            found.append(mount)
    return Seq(tuple(found), mounts.mark)


def _build(build: Node) -> Node:
    if not isinstance(build, Map):
        return build
    given: dict[str, Node] = {"context": scalar(".", build.mark)}
    if "dockerfile_inline" not in build.items:
        given["dockerfile"] = scalar("Dockerfile", build.mark)
    return _under(build, given)


def _required(dependencies: Node) -> Node:
    def one(dependency: Map) -> Map:
        return _under(dependency, {"required": scalar(data=True, mark=dependency.mark)})

    return _each(dependencies, one)


def _secret_targets(grants: Node) -> Node:
    if not isinstance(grants, Seq):
        return grants
    found: list[Node] = []
    for grant in grants.items:
        if isinstance(grant, Map):
            target = f"/run/secrets/{string_of(grant.get('source'))}"
            found.append(_under(grant, {"target": scalar(target, grant.mark)}))
    return Seq(tuple(found), grants.mark)


_FILLS: dict[str, Callable[[Node], Node]] = {
    "build": _build,
    "depends_on": _required,
    "deploy": _reserved,
    "gpus": _counted,
    "pull_policy": _pull,
    "secrets": _secret_targets,
    "volumes": _bound,
}


def _wants_default(services: Map) -> bool:
    used = (s.get("networks") for s in services.items.values() if isinstance(s, Map))
    return any(isinstance(n, Map) and DEFAULT_NETWORK in n.items for n in used)


def _resources(section: Node | None, project: str, at: At) -> Map:
    if not isinstance(section, Map):
        return Map({}, (), section.mark if section else Mark("", 0, 0))
    found: dict[str, Node] = {}
    for key, said in section.items.items():
        if not isinstance(said, Map):
            continue
        node = _external(said, at.key(key))
        name = key if bool_of(node.get("external")) else names.of_resource(project, key)
        found[key] = _under(node, {"name": scalar(name, node.mark)})
    return Map(found, section.keyed, section.mark)


def _external(node: Map, at: At) -> Map:
    """The old form `external: {name: …}` as the new one."""
    said = node.get("external")
    if not isinstance(said, Map):
        return node
    plain = _with(node, "external", scalar(data=True, mark=said.mark))
    inner, outer = said.get("name"), node.get("name")
    if inner is None:
        return plain
    if outer is not None and string_of(outer) != string_of(inner):
        words = "the name and that within external are not the same"
        at.key("external").fault("conflict", said.mark, words, "keep name: alone, and write external: true")
    return _under(plain, {"name": inner})


def _with(node: Map, key: str, value: Node) -> Map:
    return remade(node, {**node.items, key: value})


def _each(node: Node, change: Callable[[Map], Map]) -> Map:
    if not isinstance(node, Map):
        return mapping({}, node.mark)
    return remade(node, {k: change(v) if isinstance(v, Map) else v for k, v in node.items.items()})


def _under(node: Map, defaults: dict[str, Node]) -> Map:
    return remade(node, {**defaults, **node.items})
