"""Reading a Compose project, phase by phase.

Barriers stand where nothing further can be said before the client has answered: before variables are
replaced, before further files are read, and before environment files and contents are used. At a barrier
needs are returned and whatever was found wrong so far is dropped: the next reading finds it again, and
then all of it at once.
"""

from __future__ import annotations

from itertools import chain

from longshore.model.spec import ServiceSpec
from longshore.model.template import Reading, Sources
from longshore.template import interpolation
from longshore.template.compose import (
    config,
    consistency,
    defaults,
    inputs,
    lower,
    names,
    neighbours,
    refusals,
)
from longshore.template.compose.inputs import digest
from longshore.template.compose.keys import TOP
from longshore.template.compose.layers import Loader, Origin
from longshore.template.compose.lower import Scope
from longshore.template.findings import At, Findings
from longshore.template.interpolation import Lookup
from longshore.template.nodes import Map, Mark, Node, Scalar, entries_of, items_of, string_of
from longshore.template.supply import Supply, normal

DIALECT = "compose"
PROJECT_VARIABLE = "COMPOSE_PROJECT_NAME"
PROFILES_VARIABLE = "COMPOSE_PROFILES"


def detects(root: Map, at: At) -> bool:
    """Whether a text is a Compose file: it has a key of one, or very nearly."""
    own = {key for key in TOP if key != "name"}
    if own & set(root.items) or any(key.startswith("x-") for key in root.items):
        return True
    # A slip of the pen in `services` should not make it a text of no language.
    return any(at.near(key, ["services"]) for key in root.items) or set(root.items) == {"name"}


def read(sources: Sources, layers: list[Map], findings: Findings) -> Reading:
    """A project, faults, or needs, for files already parsed, in the order they are joined."""
    at = At(findings)
    supply = Supply(sources)
    own = inputs.project_environment(sources.env_files, supply, at)
    for name in chain.from_iterable(map(interpolation.references, layers)):
        supply.variable(name)
    chosen = sources.project or supply.variable(PROJECT_VARIABLE) or own.get(PROJECT_VARIABLE)
    if needs := supply.needs():
        return Reading(dialect=DIALECT, needs=needs)

    lookup = _lookup(supply, own)
    name = _project_name(sources, chosen or "", layers, lookup, at)
    lookup = _named_lookup(lookup, name)
    origin = Origin("", lookup, (normal(sources.templates[0]),))
    model = Loader(supply, at).model(layers, origin)
    if needs := supply.needs():
        return Reading(dialect=DIALECT, needs=needs)

    model = defaults.fill(model, name, at)
    # The client has looked into its own environment already.
    profiles = sources.profiles or _profiles(own.get(PROFILES_VARIABLE, ""))
    model, disabled = _by_profile(model, profiles)
    consistency.check(model, disabled, at)
    limits = Findings()
    gathered = inputs.gather(model, lookup, supply, at, At(limits))
    if needs := supply.needs():
        return Reading(dialect=DIALECT, needs=needs)
    if faults := findings.faults():
        return Reading(dialect=DIALECT, faults=faults, warnings=findings.warnings())
    running = frozenset(key for key, _, _ in consistency.services(model, at))
    scope = Scope(name, sources.directory, gathered, running, At(limits))
    refusals.find(model, disabled, limits, keys=bool(findings.refusals()))
    return _done(model, scope, limits, findings)


def _done(model: Map, scope: Scope, limits: Findings, findings: Findings) -> Reading:
    # What is refused can often not be lowered; and lowering finds the last that is to be refused.
    lowers = not limits.refusals()
    specs: dict[str, ServiceSpec] = {}
    said: dict[str, neighbours.Said] = {}
    shown: dict[str, object] = {}
    services = entries_of(model.get("services"))
    for name in list(services):
        # A node weighs several times what comes of it, so that each goes when its turn is over.
        node = services.pop(name)
        if not isinstance(node, Map):
            continue
        shown[name] = config.service(name, node, scope)
        if lowers:
            specs[name] = lower.service(name, node, scope)
            said[name] = neighbours.said(node)
    made = lower.graph(model, neighbours.joined(specs, said), scope) if lowers else None
    refused = limits.refusals()
    return Reading(
        dialect=DIALECT,
        warnings=findings.warnings(),
        refusals=refused,
        # What cannot be run has no graph: half of one would be another application.
        graph=None if refused else made,
        config=config.project(model, shown, scope),
        contents={digest(content): content for content in scope.inputs.contents.values()},
    )


def _lookup(supply: Supply, own: dict[str, str]) -> Lookup:
    """The client's variables, and where it has none, those of the project's files."""

    def lookup(name: str) -> str | None:
        value = supply.variable(name)
        return own.get(name) if value is None else value

    return lookup


def _named_lookup(lookup: Lookup, name: str) -> Lookup:
    """The same, but the project's name is what it was found to be, wherever it came from."""
    return lambda variable: name if variable == PROJECT_VARIABLE else lookup(variable)


def _project_name(sources: Sources, chosen: str, layers: list[Map], lookup: Lookup, at: At) -> str:
    if chosen:
        source = "-p" if sources.project else PROJECT_VARIABLE
        return names.check(chosen, Mark("", 0, 0), source, at)
    for layer in reversed(layers):
        written = layer.get("name")
        if isinstance(written, Scalar) and isinstance(written.data, str):
            found = interpolation.interpolate(written, lookup, at.key("name"))
            if name := names.of_file(string_of(found), written.mark, at.key("name")):
                return name
    found_name = names.of_directory(sources.directory)
    return names.check(found_name, Mark("", 0, 0), "the name of the folder", at)


def _profiles(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _by_profile(model: Map, profiles: tuple[str, ...]) -> tuple[Map, Map]:
    """The model with the services that run, and the services that do not."""
    services = model.get("services")
    assert isinstance(services, Map)
    runs: dict[str, Node] = {}
    rests: dict[str, Node] = {}
    for name, service in services.items.items():
        wanted = [string_of(p) for p in items_of(service.get("profiles"))] if isinstance(service, Map) else []
        chosen = not wanted or "*" in profiles or bool(set(wanted) & set(profiles))
        (runs if chosen else rests)[name] = service
    enabled = Map(runs, services.keyed, services.mark)
    return (
        Map({**model.items, "services": enabled}, model.keyed, model.mark),
        Map(rests, services.keyed, services.mark),
    )
