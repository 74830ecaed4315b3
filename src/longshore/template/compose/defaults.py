"""What a Compose file leaves out and everyone means; filled in once all files are joined."""

from __future__ import annotations

from collections.abc import Callable

from longshore.template.compose import names
from longshore.template.findings import At
from longshore.template.nodes import Map, Mark, Node, Seq, bool_of, scalar, string_of

DEFAULT_NETWORK = "default"


def fill(model: Map, project: str, at: At) -> Map:
    """The whole model, with every default written out."""
    services = _each(model.get("services"), _service)
    items: dict[str, Node] = {**model.items, "services": services}
    networks = model.get("networks")
    if not isinstance(networks, Map):
        networks = Map({}, {}, model.mark)
    if _wants_default(services):
        implied: dict[str, Node] = {DEFAULT_NETWORK: Map({}, {}, model.mark)}
        networks = Map({**implied, **networks.items}, networks.marks, networks.mark)
    items["networks"] = networks
    for key in ("networks", "volumes"):
        items[key] = _resources(items.get(key), project, at.key(key))
    return Map(items, model.marks, model.mark)


def _service(service: Map) -> Map:
    items = dict(service.items)
    if "build" in items:
        items["build"] = _build(items["build"])
    if "depends_on" in items:
        items["depends_on"] = _each(items["depends_on"], _required)
    if "secrets" in items:
        items["secrets"] = _secret_targets(items["secrets"])
    if not isinstance(items.get("networks"), Map):
        mark = service.mark
        default: dict[str, Node] = {DEFAULT_NETWORK: scalar(None, mark)}
        items["networks"] = Map(default, {}, mark)
    return Map(items, service.marks, service.mark)


def _build(build: Node) -> Node:
    if not isinstance(build, Map):
        return build
    given: dict[str, Node] = {"context": scalar(".", build.mark)}
    if "dockerfile_inline" not in build.items:
        given["dockerfile"] = scalar("Dockerfile", build.mark)
    return _under(build, given)


def _required(dependency: Map) -> Map:
    return _under(dependency, {"required": scalar(data=True, mark=dependency.mark)})


def _secret_targets(grants: Node) -> Node:
    if not isinstance(grants, Seq):
        return grants
    found: list[Node] = []
    for grant in grants.items:
        if isinstance(grant, Map):
            target = f"/run/secrets/{string_of(grant.get('source'))}"
            found.append(_under(grant, {"target": scalar(target, grant.mark)}))
    return Seq(tuple(found), grants.mark)


def _wants_default(services: Map) -> bool:
    used = (s.get("networks") for s in services.items.values() if isinstance(s, Map))
    return any(isinstance(n, Map) and DEFAULT_NETWORK in n.items for n in used)


def _resources(section: Node | None, project: str, at: At) -> Map:
    if not isinstance(section, Map):
        return Map({}, {}, section.mark if section else Mark("", 0, 0))
    found: dict[str, Node] = {}
    for key, node in section.items.items():
        if not isinstance(node, Map):
            continue
        external = bool_of(node.get("external"))
        if external:
            _check_external(node, at.key(key))
        name = key if external else names.of_resource(project, key)
        found[key] = _under(node, {"name": scalar(name, node.mark)})
    return Map(found, section.marks, section.mark)


def _check_external(node: Map, at: At) -> None:
    for key in node.items:
        if key not in {"external", "name"}:
            words = f'"{key}" says how to make what "external" says is there already'
            at.key(key).fault("conflict", node.at(key), words, f"remove {key}, or external")


def _each(node: Node | None, change: Callable[[Map], Map]) -> Map:
    if not isinstance(node, Map):
        return Map({}, {}, node.mark if node else Mark("", 0, 0))
    items = {k: change(v) if isinstance(v, Map) else v for k, v in node.items.items()}
    return Map(items, node.marks, node.mark)


def _under(node: Map, defaults: dict[str, Node]) -> Map:
    return Map({**defaults, **node.items}, node.marks, node.mark)
