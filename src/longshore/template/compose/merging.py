"""How Compose joins several files: the keys where lists are not put end to end."""

from __future__ import annotations

from longshore.template.compose import ports, volumes
from longshore.template.merge import Rule, Way, replace, unique
from longshore.template.nodes import Map, Node, string_of

_SERVICE: Way = ("services", "*")


def _field(*names: str) -> Rule:
    """Items are the same where the first of these fields that is given is."""

    def key(item: Node) -> object:
        if not isinstance(item, Map):
            return string_of(item)
        return next((string_of(item.get(n)) for n in names if item.get(n) is not None), "")

    return unique(key)


def _mount_point(item: Node) -> object:
    return string_of(item).partition(":")[0]


RULES: dict[Way, Rule] = {
    (*_SERVICE, "command"): replace,
    (*_SERVICE, "entrypoint"): replace,
    (*_SERVICE, "healthcheck", "test"): replace,
    (*_SERVICE, "configs"): _field("target", "source"),
    (*_SERVICE, "env_file"): _field("path"),
    (*_SERVICE, "expose"): unique(string_of),
    (*_SERVICE, "ports"): unique(ports.identity),
    (*_SERVICE, "profiles"): unique(string_of),
    (*_SERVICE, "secrets"): _field("target", "source"),
    (*_SERVICE, "tmpfs"): unique(_mount_point),
    (*_SERVICE, "volumes"): unique(volumes.target_of),
}
