"""What is said of templates that are right: a sentence for people, one form for programs. Pure."""

from __future__ import annotations

from longshore.cli.prose import plural
from longshore.model.template import Reading

COMPOSE_SERVICE = "Compose::Service"
"""The type of a Compose file's services where resources are listed with their types."""

_SECTIONS = ("version", "parameters", "resources", "outputs")


def verdict(reading: Reading) -> dict[str, object]:
    """A template without faults, as `validate --json` prints it.

    A Compose file's services are its resources; it has neither version, parameters nor outputs.
    """
    outline = reading.outline if reading.outline is not None else _outline(reading.config or {})
    empty: dict[str, object] = {"version": "", "parameters": {}, "resources": {}, "outputs": {}}
    told = {key: outline.get(key, empty[key]) for key in _SECTIONS}
    return {"ok": True, "dialect": reading.dialect, **told, "faults": []}


def normalised(reading: Reading) -> dict[str, object]:
    """A template without faults, as `config` prints it.

    That is a template itself where its language has a normal form, else the outline.
    """
    return (reading.outline if reading.config is None else reading.config) or {}


def sentence(reading: Reading, names: str) -> str:
    """A template without faults, in a sentence."""
    if reading.config is not None:
        project = reading.config
        counts = [
            plural(len(found) if isinstance(found := project.get(key), dict) else 0, key[:-1])
            for key in ("services", "networks", "volumes")
        ]
        but = f" A plan refuses {plural(len(reading.refusals), 'thing')} it says:" if reading.refusals else ""
        return f"{names} is right: {project.get('name', '')}, {', '.join(counts)}.{but}"
    if reading.outline is None:
        return f"{names} is right."
    told = verdict(reading)
    counts = [
        plural(len(found), key[:-1])
        for key in _SECTIONS
        if isinstance(found := told[key], dict) and (found or key == "resources")
    ]
    return f"{names} is right: {reading.dialect} {told['version']}, {', '.join(counts)}."


def _outline(project: dict[str, object]) -> dict[str, object]:
    """A Compose project's services as resources, with what each needs."""
    services = project.get("services")
    found = services if isinstance(services, dict) else {}
    return {
        "resources": {
            name: {"type": COMPOSE_SERVICE, "depends_on": _needed(service, found), "properties": service}
            for name, service in found.items()
        }
    }


def _needed(service: object, services: dict[str, object]) -> list[str]:
    """The services that one needs: named by depends_on, links, volumes_from, or shared namespaces."""
    if not isinstance(service, dict):
        return []
    named: list[object] = []
    for key in ("depends_on", "links", "volumes_from"):
        value = service.get(key)
        named += list(value) if isinstance(value, dict | list) else []
    named += [service.get(key, "") for key in ("network_mode", "ipc", "pid")]
    parts = [word.removeprefix("service:").split(":")[0] for word in named if isinstance(word, str)]
    return sorted({part for part in parts if part in services})
