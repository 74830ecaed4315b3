"""What must agree across a Compose file: names that are used exist, nobody waits for oneself.

Each check is a row, sees the whole model, and says all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from longshore.template.findings import At
from longshore.template.nodes import (
    Map,
    Mark,
    Node,
    bool_of,
    entries_of,
    float_of,
    int_of,
    is_nothing,
    items_of,
    string_of,
    strings_of,
)
from longshore.template.schema import quoted

Check = Callable[[Map, At], None]


def check(model: Map, disabled: Map, at: At) -> None:
    """All checks among the services that run; `disabled` are those no chosen profile brings."""
    for one in _CHECKS:
        one(model, at)
    _dependencies(model, disabled, at)
    _unused(model, disabled, at)


def services(model: Map, at: At) -> Iterator[tuple[str, Map, At]]:
    """Every service: its name, itself, and its place."""
    for name, service in entries_of(model.get("services")).items():
        if isinstance(service, Map):
            yield name, service, at.key("services").key(name)


def _profiles(service: Node) -> list[str]:
    found = service.get("profiles") if isinstance(service, Map) else None
    return [string_of(p) for p in items_of(found)] or ["?"]


def _images(model: Map, at: At) -> None:
    for name, service, here in services(model, at):
        build = service.get("build")
        # Of one whose base was not found it cannot be told.
        said = any(key in service.items for key in ("build", "provider", "extends"))
        if not said and not (string_of(service.get("image")) or _refused(service, "image")):
            mark = place(model, "services", name)
            words = f'the service "{name}" has neither an image nor a build'
            here.fault("no-image", mark, words, "add image: NAME, or build: ./folder")
        if not isinstance(build, Map):
            continue
        if string_of(build.get("dockerfile")) and string_of(build.get("dockerfile_inline")):
            words = '"dockerfile" and "dockerfile_inline" cannot both hold'
            there = here.key("build").key("dockerfile_inline")
            there.fault("conflict", build.at("dockerfile_inline"), words, "keep one of the two")
        platforms, platform = strings_of(build.get("platforms")), string_of(service.get("platform"))
        if platforms and platform and platform not in platforms:
            words = f'the image is built for {", ".join(platforms[:5])}, and run on "{platform}"'
            there = here.key("build").key("platforms")
            there.fault("conflict", build.at("platforms"), words, f"add {platform} to build.platforms")


def _refused(service: Map, key: str) -> bool:
    """Whether a key was written, and what stood there was a fault."""
    return key in service.items and is_nothing(service.items[key])


def _probes(model: Map, at: At) -> None:
    for _, service, here in services(model, at):
        test = items_of(service.get("healthcheck", "test"))
        if test and string_of(test[0]) not in {"NONE", "CMD", "CMD-SHELL"}:
            hint = f'write ["CMD", "{string_of(test[0])[:40]}", …]'
            where = here.key("healthcheck").key("test").item(0)
            where.fault("bad-value", test[0].mark, "a test begins with NONE, CMD or CMD-SHELL", hint)


def _modes(model: Map, at: At) -> None:
    known = entries_of(model.get("services"))
    for _, service, here in services(model, at):
        mode = service.get("network_mode")
        if not string_of(mode) or mode is None:
            continue
        if entries_of(service.get("networks")):
            words = '"network_mode" and "networks" cannot both hold'
            here.key("network_mode").fault("conflict", mode.mark, words, "keep one of the two")
        kind, _, name = string_of(mode).partition(":")
        if kind == "service" and name not in known:
            _unknown("service", name, mode.mark, known, here.key("network_mode"))


def _named_models(model: Map, at: At) -> None:
    known = entries_of(model.get("models"))
    for _, service, here in services(model, at):
        for name in entries_of(service.get("models")):
            if name not in known:
                mark = place(service, "models", name)
                _unknown("model", name, mark, known, here.key("models").key(name))


def _watches(model: Map, at: At) -> None:
    for _, service, here in services(model, at):
        for i, watch in enumerate(items_of(service.get("develop", "watch"))):
            where = here.key("develop").key("watch").item(i)
            if not isinstance(watch, Map):
                continue
            if not string_of(watch.get("path")) and not _refused(watch, "path"):
                where.key("path").fault(
                    "bad-value", watch.mark, "a path cannot be empty", "write path: ./src"
                )
            action = string_of(watch.get("action"))
            if action.startswith("sync") and not string_of(watch.get("target")):
                words = f"the action {action} has to have a target"
                where.fault("missing-key", watch.mark, words, "add target: /path")


def _requests(model: Map, at: At) -> None:
    for _, service, here in services(model, at):
        way = ("deploy", "resources", "reservations", "devices")
        for keys in (way, ("gpus",)):
            for i, request in enumerate(items_of(service.get(*keys))):
                if isinstance(request, Map) and {"count", "device_ids"} <= set(request.items):
                    words = '"count" and "device_ids" cannot both hold'
                    where = here.key(keys[-1]).item(i)
                    where.fault("conflict", request.at("count"), words, "keep one of the two")


def _names(model: Map, at: At) -> None:
    """A container's own name, where there are to be several of them."""
    for _, service, here in services(model, at):
        said = service.get("scale") or service.get("deploy", "replicas")
        name = service.get("container_name")
        if name is not None and said is not None and int_of(said) > 1 and string_of(name):
            words = f'{int_of(said)} containers cannot all be called "{string_of(name)}"'
            here.key("container_name").fault("conflict", name.mark, words, "remove container_name")


def _external(model: Map, at: At) -> None:
    for key, node in entries_of(model.get("volumes")).items():
        if not isinstance(node, Map) or not bool_of(node.get("external")):
            continue
        for other in node.items:
            if other not in {"external", "name"} and not other.startswith("x-"):
                words = f'"{other}" says how to make what "external" says is there already'
                where = at.key("volumes").key(key).key(other)
                where.fault("conflict", node.at(other), words, f"remove {other}, or external")


def _networks(model: Map, at: At) -> None:
    known = entries_of(model.get("networks"))
    for _, service, here in services(model, at):
        for name in entries_of(service.get("networks")):
            mark, where = place(service, "networks", name), here.key("networks").key(name)
            if name.startswith("x-"):
                words = f'"{name[:60]}" is read as anybody\'s own key, not as the name of a network'
                where.fault("unknown-network", mark, words, "choose a name that does not begin with x-")
            elif name not in known:
                _unknown("network", name, mark, known, where)


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


def _build_secrets(model: Map, at: At) -> None:
    known = entries_of(model.get("secrets"))
    for _, service, here in services(model, at):
        for i, grant in enumerate(items_of(service.get("build", "secrets"))):
            name = string_of(grant.get("source")) if isinstance(grant, Map) else ""
            if isinstance(grant, Map) and name not in known:
                where = here.key("build").key("secrets").item(i)
                _unknown("secret", name, grant.place("source"), known, where)


def _contents(model: Map, at: At) -> None:
    for section, sources in (("secrets", ("file", "environment")), ("configs", _SOURCES)):
        for name, node in entries_of(model.get(section)).items():
            if not isinstance(node, Map):
                continue
            given = [s for s in sources if s in node.items]
            where, mark = at.key(section).key(name), place(model, section, name)
            if len(given) > 1:
                words = f"{quoted(given)} cannot all hold"
                where.key(given[1]).fault("conflict", node.at(given[1]), words, "keep one of them")
            elif not _has_content(node, section, given):
                words = f'"{name}" has no content'
                where.fault("missing-key", mark, words, f"add one of {', '.join(sources)}")


_SOURCES = ("file", "environment", "content")


def _has_content(node: Map, section: str, given: list[str]) -> bool:
    if section == "configs":
        return bool(given) or "external" in node.items
    filled = any(string_of(node.get(way)) or _refused(node, way) for way in given)
    return filled or bool_of(node.get("external"))


def _dependencies(model: Map, disabled: Map, at: At) -> None:
    running = entries_of(model.get("services"))
    for name, service, here in services(model, at):
        for other, dependency in entries_of(service.get("depends_on")).items():
            required = isinstance(dependency, Map) and bool_of(dependency.get("required"))
            if other in running or (other in disabled.items and not required):
                continue
            mark, where = place(service, "depends_on", other), here.key("depends_on").key(other)
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
        mark = place(service, "depends_on", second)
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
            if first is None or not float_of(first) or service.get(*new[:-1]) is None:
                continue
            # A section of limits that leaves one out says that there is none.
            if (second is None and old == ("scale",)) or float_of(first) == float_of(second):
                continue
            words = f'"{old[0]}" and "{".".join(new)}" say different things'
            here.key(old[0]).fault("conflict", first.mark, words, f"keep {'.'.join(new)}")


def _unknown(noun: str, name: str, mark: Mark, known: dict[str, Node], at: At) -> None:
    section = f"{noun}s"
    hint = at.near(name, known) or f"add it under {section}"
    at.fault(f"unknown-{noun}", mark, f'there is no {noun} "{name}" under {section}', hint)


def place(node: Map, key: str, name: str) -> Mark:
    """The place of a name within a section, or of the section."""
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
                mark = place(model, section, name)
                at.key(section).key(name).warn("unused", mark, words, "remove it")


_CHECKS: tuple[Check, ...] = (
    _images,
    _modes,
    _networks,
    _probes,
    _volumes,
    _grants,
    _build_secrets,
    _named_models,
    _contents,
    _external,
    _requests,
    _rings,
    _said_twice,
    _names,
    _watches,
)
