"""What must agree across a Compose file: names that are used exist, nobody waits for oneself.

Each check is a row, sees the whole model, and says all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from longshore.template.compose import volumes
from longshore.template.findings import At
from longshore.template.nodes import (
    Map,
    Mark,
    Node,
    bool_of,
    entries_of,
    float_of,
    is_nothing,
    items_of,
    string_of,
)
from longshore.template.schema import quoted

Check = Callable[[Map, At], None]


def check(model: Map, disabled: Map, at: At) -> None:
    """All checks among the services that run; `disabled` are those no chosen profile brings."""
    _anything(model, disabled, at)
    for one in _CHECKS:
        one(model, at)
    _dependencies(model, disabled, at)
    _unused(model, disabled, at)


def _anything(model: Map, disabled: Map, at: At) -> None:
    if entries_of(model.get("services")) or not at.findings.clean:
        return
    if disabled.items:
        profile = _profiles(next(iter(disabled.items.values())))[0]
        words = "every service belongs to a profile, and none of these is chosen"
        at.key("services").fault("no-services", model.at("services"), words, f"add --profile {profile}")
        return
    at.fault("no-services", model.at("services"), "there is no service to run", "add one under services")


def services(model: Map, at: At) -> Iterator[tuple[str, Map, At]]:
    """Every service: its name, itself, and its place."""
    for name, service in entries_of(model.get("services")).items():
        if isinstance(service, Map):
            yield name, service, at.key("services").key(name)


def _profiles(service: Node) -> list[str]:
    found = service.get("profiles") if isinstance(service, Map) else None
    return [string_of(p) for p in items_of(found)] or ["?"]


_PICTURES = {"image", "build", "extends", "provider"}
"""The keys that say what a service runs; the last two are refused already where they stand."""


def _images(model: Map, at: At) -> None:
    for name, service, here in services(model, at):
        if not _PICTURES & set(service.items):
            mark = _at(model, "services", name)
            words = f'the service "{name}" has neither an image nor a build'
            here.fault("no-image", mark, words, "add image: NAME, or build: ./folder")
        build = service.get("build")
        if isinstance(build, Map) and {"dockerfile", "dockerfile_inline"} <= set(build.items):
            words = '"dockerfile" and "dockerfile_inline" cannot both hold'
            there = here.key("build").key("dockerfile_inline")
            there.fault("conflict", build.at("dockerfile_inline"), words, "keep one of the two")


def _networks(model: Map, at: At) -> None:
    known = entries_of(model.get("networks"))
    for _, service, here in services(model, at):
        for name in entries_of(service.get("networks")):
            if name not in known:
                mark = _at(service, "networks", name)
                _unknown("network", name, mark, known, here.key("networks").key(name))


def _volumes(model: Map, at: At) -> None:
    known = entries_of(model.get("volumes"))
    for _, service, here in services(model, at):
        for i, mount in enumerate(items_of(service.get("volumes"))):
            if not isinstance(mount, Map) or string_of(mount.get("type")) != "volume":
                continue
            name = string_of(mount.get("source"))
            if name and name not in known:
                _unknown("volume", name, mount.place("source"), known, here.key("volumes").item(i))


def _grants(model: Map, at: At) -> None:
    for section, noun in (("secrets", "secret"), ("configs", "config")):
        known = entries_of(model.get(section))
        for _, service, here in services(model, at):
            for i, grant in enumerate(items_of(service.get(section))):
                name = string_of(grant.get("source")) if isinstance(grant, Map) else ""
                if isinstance(grant, Map) and not is_nothing(grant.get("source")) and name not in known:
                    _unknown(noun, name, grant.place("source"), known, here.key(section).item(i))


def _contents(model: Map, at: At) -> None:
    ways = {"secrets": ("file", "environment"), "configs": ("file", "environment", "content")}
    for section, sources in ways.items():
        for name, node in entries_of(model.get(section)).items():
            given = [s for s in sources if isinstance(node, Map) and s in node.items]
            if len(given) == 1 or not isinstance(node, Map) or "external" in node.items:
                continue
            where = at.key(section).key(name)
            mark = _at(model, section, name)
            if given:
                words = f"{quoted(given)} cannot all hold"
                where.key(given[1]).fault("conflict", node.at(given[1]), words, "keep one of them")
            else:
                words = f'"{name}" has no content'
                hint = f"add one of {', '.join(sources)}"
                where.fault("missing-key", mark, words, hint)


def _dependencies(model: Map, disabled: Map, at: At) -> None:
    running = entries_of(model.get("services"))
    for name, service, here in services(model, at):
        for other, dependency in entries_of(service.get("depends_on")).items():
            required = isinstance(dependency, Map) and bool_of(dependency.get("required"))
            if other in running or not required:
                continue
            mark, where = _at(service, "depends_on", other), here.key("depends_on").key(other)
            if other not in disabled.items:
                _unknown("service", other, mark, running | disabled.items, where)
                continue
            profile = _profiles(disabled.items[other])[0]
            words = f'"{name}" needs "{other}", which only the profile {profile} brings'
            hint = f"add --profile {profile}, or write required: false"
            where.fault("disabled-dependency", mark, words, hint)


def _rings(model: Map, at: At) -> None:
    edges = {name: list(entries_of(service.get("depends_on"))) for name, service, _ in services(model, at)}
    settled: set[str] = set()
    for start in edges:
        ring = _ring(start, edges, settled)
        if not ring:
            continue
        first, second = ring[0], ring[1]
        service = model.get("services", first)
        assert isinstance(service, Map)
        words = f"services wait for each other in a ring: {' -> '.join(ring)}"
        where = at.key("services").key(first).key("depends_on").key(second)
        mark = _at(service, "depends_on", second)
        where.fault("dependency-cycle", mark, words, f"remove one, say {first} -> {second}")


def _ring(start: str, edges: dict[str, list[str]], settled: set[str]) -> list[str]:
    """A ring that can be reached from `start`, closed by its first name; settles what it saw."""
    if start in settled:
        return []
    path: list[str] = [start]
    place = {start: 0}
    waiting = [iter(edges[start])]
    found: list[str] = []
    while path:
        other = next(waiting[-1], None)
        if other is None:
            waiting.pop()
            done = path.pop()
            place.pop(done)
            settled.add(done)
        elif other in place:
            found = found or [*path[place[other] :], other]
        elif other in edges and other not in settled:
            place[other] = len(path)
            path.append(other)
            waiting.append(iter(edges[other]))
    return found


_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - compared, never bound

_LIMITS = (
    (("scale",), ("deploy", "replicas")),
    (("cpus",), ("deploy", "resources", "limits", "cpus")),
    (("mem_limit",), ("deploy", "resources", "limits", "memory")),
    (("mem_reservation",), ("deploy", "resources", "reservations", "memory")),
    (("pids_limit",), ("deploy", "resources", "limits", "pids")),
)
"""The old way of saying something, and the new."""


def _said_twice(model: Map, at: At) -> None:
    for _, service, here in services(model, at):
        for old, new in _LIMITS:
            first, second = service.get(*old), service.get(*new)
            if first is None or second is None or float_of(first) == float_of(second):
                continue
            words = f'"{old[0]}" and "{".".join(new)}" say different things'
            here.key(old[0]).fault("conflict", first.mark, words, f"keep {'.'.join(new)}")


def _reserved(model: Map, at: At) -> None:
    for _, service, here in services(model, at):
        for what, old in (("cpus", "cpus"), ("memory", "mem_limit")):
            limit = service.get("deploy", "resources", "limits", what) or service.get(old)
            wanted = service.get("deploy", "resources", "reservations", what)
            if what == "memory":
                wanted = wanted or service.get("mem_reservation")
            if limit is None or wanted is None or not float_of(limit):
                continue
            if float_of(wanted) > float_of(limit):
                words = f"more {what} is reserved ({string_of(wanted)}) than the limit allows"
                hint = f"reserve at most {string_of(limit)}"
                here.fault("conflict", wanted.mark, words, hint)


def _targets(model: Map, at: At) -> None:
    for _, service, here in services(model, at):
        taken: dict[object, Mark] = {}
        mounts = items_of(service.get("volumes"))
        points = [(volumes.target_of(m), m.mark, "volumes") for m in mounts]
        for mount in items_of(service.get("tmpfs")):
            point = string_of(mount).partition(":")[0].rstrip("/")
            points += [(point, mount.mark, "tmpfs")]
        for target, mark, key in points:
            if target in taken:
                words = f'"{target}" is the target of another mount, in line {taken[target].line}'
                here.key(key).fault("target-taken", mark, words, "give each mount its own target")
            taken[target] = mark


def _published(model: Map, at: At) -> None:
    taken: dict[tuple[str, str, str], tuple[str, Mark]] = {}
    for name, service, here in services(model, at):
        for i, port in enumerate(items_of(service.get("ports"))):
            if not isinstance(port, Map) or port.get("published") is None:
                continue
            ip = string_of(port.get("host_ip")) or _ANY_ADDRESS
            key = (ip, string_of(port.get("published")), string_of(port.get("protocol")))
            if key not in taken:
                taken[key] = (name, port.mark)
                continue
            other, mark = taken[key]
            words = (
                f'the port {key[1]}/{key[2]} of the host is published by "{other}" already, '
                f"in {mark.file} line {mark.line}"
            )
            hint = "publish another port, or name only the container's port for any free one"
            here.key("ports").item(i).fault("port-taken", port.mark, words, hint)


def _unknown(noun: str, name: str, mark: Mark, known: dict[str, Node], at: At) -> None:
    section = f"{noun}s"
    hint = at.near(name, known) or f"add it under {section}"
    at.fault(f"unknown-{noun}", mark, f'there is no {noun} "{name}" under {section}', hint)


def _at(node: Map, key: str, name: str) -> Mark:
    below = node.get(key)
    return below.at(name) if isinstance(below, Map) else node.at(key)


def _unused(model: Map, disabled: Map, at: At) -> None:
    used: dict[str, set[str]] = {k: set() for k in ("networks", "volumes", "secrets", "configs")}
    running = entries_of(model.get("services"))
    for service in (*running.values(), *disabled.items.values()):
        if not isinstance(service, Map):
            continue
        used["networks"].update(entries_of(service.get("networks")))
        for key in ("volumes", "secrets", "configs"):
            for item in items_of(service.get(key)):
                if isinstance(item, Map):
                    used[key].add(string_of(item.get("source")))
    for section, names in used.items():
        for name in entries_of(model.get(section)):
            if name not in names and not (section == "networks" and name == "default"):
                words = f'no service uses "{name}"; it is not made'
                mark = _at(model, section, name)
                at.key(section).key(name).warn("unused", mark, words, "remove it")


_CHECKS: tuple[Check, ...] = (
    _images,
    _networks,
    _volumes,
    _grants,
    _contents,
    _rings,
    _said_twice,
    _reserved,
    _targets,
    _published,
)
