"""What one service says of another besides waiting for it: links, mounts taken over, its own further name.

Docker Compose does these between containers of one engine. Here a name is an alias on the networks that
two services share, and mounts are made a second time, so that both hold wherever tasks lie.
"""

from __future__ import annotations

import msgspec

from longshore.model.spec import Mount, MountKind, ServiceSpec
from longshore.template.findings import At
from longshore.template.nodes import Map, Node, Scalar, entries_of, items_of, string_of, strings_of
from longshore.template.schema import listed, text, unsupported

_CONTAINER = "container:"


def sources(node: Node, at: At) -> Node | None:
    """`volumes_from`: services, each with `:ro` or `:rw`; containers have no name here."""
    kept = listed(text, distinct=True)(node, at)
    for i, item in enumerate(items_of(kept)):
        if isinstance(item, Scalar) and item.text.startswith(_CONTAINER):
            hint = "name a service, or mount the same named volume"
            unsupported(item, at.item(i), "the mounts of a container are not done", hint)
    return kept


def unshareable(model: Map, at: At) -> None:
    """Refuse mounts that are to be taken over, but have no name by which a second task could."""
    services = entries_of(model.get("services"))
    for name, service in services.items():
        here = at.key("services").key(name).key("volumes_from")
        for item in items_of(entries_of(service).get("volumes_from")):
            source = string_of(item).partition(":")[0]
            for mount in items_of(entries_of(services.get(source)).get("volumes")):
                found = entries_of(mount)
                if string_of(found.get("type")) == "volume" and not string_of(found.get("source")):
                    target = string_of(found.get("target"))
                    words = f'the volume of "{source}" at {target} has no name to share it by'
                    here.refuse("unsupported-value", item.mark, words, f"write data:{target} in {source}")


class Said(msgspec.Struct, frozen=True):
    """What a service says of others, and its own further name."""

    name: str
    links: tuple[str, ...]
    mounts: tuple[str, ...]


def said(service: Map) -> Said:
    """What a service in long form says."""
    return Said(
        name=string_of(service.get("container_name")),
        links=strings_of(service.get("links")),
        mounts=strings_of(service.get("volumes_from")),
    )


def joined(services: dict[str, ServiceSpec], words: dict[str, Said]) -> dict[str, ServiceSpec]:
    """The services as lowered one by one, each with what it and others say of it."""
    found = dict(services)
    for name, own in words.items():
        if own.name:
            everywhere = {attachment.network for attachment in found[name].networks}
            found[name] = _known_as(found[name], own.name, everywhere)
        for link in own.links:
            other, _, alias = link.partition(":")
            if alias and alias != other and other in found:
                shared = {attachment.network for attachment in found[name].networks}
                found[other] = _known_as(found[other], alias, shared)
    waiting = {
        name: {mount.partition(":")[0] for mount in own.mounts} for name, own in words.items() if own.mounts
    }
    # Those first whose mounts others take over. What is left stands in a ring, which is a fault already.
    while ready := [name for name, wanted in waiting.items() if not wanted & waiting.keys()]:
        for name in ready:
            del waiting[name]
            found[name] = _with_mounts(name, found, words[name].mounts)
    return found


def _known_as(spec: ServiceSpec, alias: str, networks: set[str]) -> ServiceSpec:
    """A service with a further name on these networks."""
    attached = tuple(
        msgspec.structs.replace(each, aliases=tuple(dict.fromkeys((*each.aliases, alias))))
        if each.network in networks
        else each
        for each in spec.networks
    )
    return msgspec.structs.replace(spec, networks=attached)


def _with_mounts(name: str, services: dict[str, ServiceSpec], others: tuple[str, ...]) -> ServiceSpec:
    """A service with the mounts of those that it names; they have those of others already."""
    spec = services[name]
    taken = list(spec.mounts)
    targets = {mount.target for mount in taken}
    for other in others:
        source, _, access = other.partition(":")
        for mount in services[source].mounts if source in services else ():
            # A tmpfs is one container's own.
            if mount.target not in targets and mount.kind is not MountKind.TMPFS:
                targets.add(mount.target)
                taken.append(_read_only(mount) if access == "ro" else mount)
    return msgspec.structs.replace(spec, mounts=tuple(taken))


def _read_only(mount: Mount) -> Mount:
    return msgspec.structs.replace(mount, read_only=True)
