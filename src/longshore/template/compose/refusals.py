"""What Compose allows and Longshore cannot keep: the keys that are refused, and what cannot go together.

Seen by checking the long form again: its rows say which keys are refused, and only what is left after all
files are joined, and of the services that run, counts. Nothing here is a fault of the template.
"""

from __future__ import annotations

from collections.abc import Callable

from longshore.template.compose import consistency, neighbours, volumes
from longshore.template.compose.keys import TOP
from longshore.template.findings import At, Findings
from longshore.template.nodes import (
    Map,
    Mark,
    entries_of,
    float_of,
    int_of,
    is_nothing,
    items_of,
    string_of,
    strings_of,
)
from longshore.template.schema import table

_CHECK = table(TOP)
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - compared, never bound

_Refuses = Callable[[Map, At], None]


def find(model: Map, disabled: Map, findings: Findings, *, keys: bool) -> None:
    """All that stops a model without faults from being run.

    Args:
        model: the services that run, with all else.
        disabled: the services left out.
        findings: where refusals are written.
        keys: whether any key was refused while the files were read one by one.
    """
    at = At(findings)
    used = _used(model) if keys else model
    if keys:
        _CHECK(used, at)
    if not entries_of(model.get("services")):
        _nothing_to_run(model, disabled, at)
    for one in _ROWS:
        one(used, at)


def _used(model: Map) -> Map:
    """A model without what no service uses: it is not made, and so not refused."""
    wanted: dict[str, set[str]] = {k: set() for k in ("networks", "volumes", "secrets", "configs", "models")}
    for service in entries_of(model.get("services")).values():
        if not isinstance(service, Map):
            continue
        for section in ("networks", "models"):
            wanted[section].update(entries_of(service.get(section)))
        for section in ("volumes", "secrets", "configs"):
            for item in items_of(service.get(section)):
                wanted[section].add(string_of(item.get("source")) if isinstance(item, Map) else "")
    items = dict(model.items)
    for section, names in wanted.items():
        node = items.get(section)
        if isinstance(node, Map):
            kept = {name: value for name, value in node.items.items() if name in names}
            items[section] = Map(kept, node.keyed, node.mark)
    return Map({k: v for k, v in items.items() if not is_nothing(v)}, model.keyed, model.mark)


def _nothing_to_run(model: Map, disabled: Map, at: At) -> None:
    if disabled.items:
        first = next(iter(disabled.items.values()))
        profiles = strings_of(first.get("profiles") if isinstance(first, Map) else None)
        words = "every service belongs to a profile, and none of these is chosen"
        hint = f"add --profile {profiles[0] if profiles else 'NAME'}"
        at.key("services").refuse("no-services", model.at("services"), words, hint)
        return
    words = "there is no service to run"
    at.key("services").refuse("no-services", model.at("services"), words, "add one under services")


def _without_image(model: Map, at: At) -> None:
    """What a provider runs, or what a build of elsewhere makes, has no image of its own."""
    for name, service, here in consistency.services(model, at):
        build = service.get("build")
        if build is None and not string_of(service.get("image")):
            mark = consistency.place(model, "services", name)
            words = f'the service "{name}" has neither an image nor a build'
            here.refuse("no-image", mark, words, "add image: NAME, or build: ./folder")


def _reserved(model: Map, at: At) -> None:
    for _, service, here in consistency.services(model, at):
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
                here.refuse("conflict", wanted.mark, words, hint)


def _cards(model: Map, at: At) -> None:
    """Devices of which neither number nor names are said: all of a host's are meant."""
    for _, service, here in consistency.services(model, at):
        ways = (("deploy", "resources", "reservations", "devices"), ("gpus",))
        for keys in ways:
            for i, request in enumerate(items_of(service.get(*keys))):
                if isinstance(request, Map) and string_of(request.get("count")) == "-1":
                    where = here.key(keys[-1]).item(i).key("count")
                    words = "all GPUs of a host is no number"
                    where.refuse("unsupported-value", request.mark, words, "write count: 1")


_RESOURCES = ("deploy", "resources")
_NOT_BELOW_NOUGHT: tuple[tuple[str, ...], ...] = (
    *(("cpus",), ("mem_limit",), ("mem_reservation",), ("shm_size",), ("stop_grace_period",)),
    *(
        (*_RESOURCES, part, what)
        for part in ("limits", "reservations")
        for what in ("cpus", "memory", "pids")
    ),
    *(("healthcheck", length) for length in ("interval", "timeout", "start_period", "start_interval")),
    *(
        ("deploy", part, length)
        for part in ("update_config", "rollback_config")
        for length in ("delay", "monitor")
    ),
    *(("deploy", "restart_policy", length) for length in ("delay", "window")),
)
"""What the language lets be less than nothing."""


def _below_nought(model: Map, at: At) -> None:
    for _, service, here in consistency.services(model, at):
        for way in _NOT_BELOW_NOUGHT:
            node = service.get(*way)
            if node is None or not string_of(node).startswith("-"):
                continue
            where = here
            for key in way:
                where = where.key(key)
            words = f"{string_of(node)} is less than nothing"
            where.refuse("bad-value", node.mark, words, "leave it out, or write more")


def _addresses(model: Map, at: At) -> None:
    """An address is one task's: the second replica would find it taken."""
    for _, service, here in consistency.services(model, at):
        if int_of(service.get("deploy", "replicas") or service.get("scale"), 1) < 2:
            continue
        for network, attached in entries_of(service.get("networks")).items():
            address = attached.get("ipv4_address") if isinstance(attached, Map) else None
            if address is not None:
                where = here.key("networks").key(network).key("ipv4_address")
                words = "several replicas cannot have the same address"
                where.refuse("conflict", address.mark, words, "leave it out, or keep one replica")


def _targets(model: Map, at: At) -> None:
    for _, service, here in consistency.services(model, at):
        taken: dict[object, Mark] = {volumes.target_of(m): m.mark for m in items_of(service.get("volumes"))}
        for mount in items_of(service.get("tmpfs")):
            target = string_of(mount).partition(":")[0].rstrip("/")
            if target in taken:
                words = f'"{target}" is the target of another mount, in line {taken[target].line}'
                where = here.key("tmpfs")
                where.refuse("target-taken", mount.mark, words, "give each mount its own target")
            taken[target] = mount.mark


def _published(model: Map, at: At) -> None:
    taken: dict[tuple[str, str, str], tuple[str, Mark]] = {}
    for name, service, here in consistency.services(model, at):
        for i, port in enumerate(items_of(service.get("ports"))):
            if not isinstance(port, Map) or not string_of(port.get("published")):
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
            here.key("ports").item(i).refuse("port-taken", port.mark, words, hint)


_ROWS: tuple[_Refuses, ...] = (
    _without_image,
    _reserved,
    _below_nought,
    _cards,
    _addresses,
    _targets,
    _published,
    neighbours.unshareable,
)
