"""Plans: from sources or an intent to a plan, and plans looked up again.

For `up` the hard part is what only the outside knows: which digest an image name means. All names
are resolved before anything is written down, so that a plan never names an image that nobody has.
"""

from __future__ import annotations

import asyncio
import re

import msgspec

from longshore.model.ask import Down, Intent, MakePlan, Restart, Rollback, Scale, Up
from longshore.model.errors import Failed, Invalid, LongshoreError, Refused
from longshore.model.fault import Fault
from longshore.model.lifecycle import StackState
from longshore.model.plan import Plan
from longshore.model.spec import Build, Graph, Pull, ServiceSpec, digest_of
from longshore.model.template import Needs, Reading, Sources
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.name import check_service, find_stack, unknown
from longshore.service.reading import reading

RESOLVING = 8
"""Image names resolved at once: an engine answers quickly, a registry limits its callers."""

MOST_REPLICAS = 100_000
"""Replicas of one service at the most, as in templates: a tenth of the tasks that a cell is meant for."""

_HASH = re.compile(r"[0-9a-f]{1,64}")


class Wanting(msgspec.Struct, frozen=True, kw_only=True):
    """No plan yet: the template needs more."""

    needs: Needs


class WantedBuild(msgspec.Struct, frozen=True, kw_only=True):
    """An image to build before there can be a plan, and the service that it is for."""

    service: str
    name: str
    build: Build


class Unbuilt(msgspec.Struct, frozen=True, kw_only=True):
    """No plan yet: these images are to be built first (those at hand are quick: layers are kept)."""

    builds: tuple[WantedBuild, ...]


async def plan_up(
    desk: Desk, sources: Sources, *, project: str, rebuilt: bool = False
) -> Wanting | Unbuilt | Plan:
    """Plan to make a stack what its template says. `rebuilt`: the client has built what is to be built.

    Raises:
        Invalid: `template-faults`, with all faults; `image-missing`, with a fault per service.
        Refused: `template-refused`, with all refusals; `dialect-not-run`; what the planner refuses.
        Unreachable: no engine that knows images, or no answer in time.
    """
    seen = await reading(desk.read, sources)
    if seen.needs is not None:
        return Wanting(needs=seen.needs)
    if seen.faults:
        raise _faulty(sources, seen)
    if seen.refusals:
        raise _unkept(sources, seen)
    if seen.graph is None:
        raise _unrun(sources, seen)
    builds = tuple(
        WantedBuild(service=name, name=spec.image.name, build=spec.build)
        for name, spec in seen.graph.services.items()
        if spec.build is not None
    )
    if builds and not rebuilt:
        return Unbuilt(builds=builds)
    graph = await _pin(desk, seen.graph, sources)
    await desk.wait(desk.store.put_contents, seen.contents)
    inputs = digest_of({"graph": graph, "contents": sorted(seen.contents)})
    intent = Up(graph=graph, inputs=inputs)
    return await ask(desk, MakePlan(project=project, stack=graph.name, intent=intent), Plan)


async def plan_intent(desk: Desk, name: str, intent: Intent, *, project: str) -> Plan:
    """Plan to take down, scale, restart or roll back a stack that is there.

    Raises:
        Invalid: `intent-malformed`, an up without sources, or a number of replicas that cannot be.
        NotFound: `no-such-stack`, `no-such-service`.
        Refused: `stack-down`, or what the planner refuses.
    """
    stack = await find_stack(desk, name, project=project)
    if stack.state is not StackState.ACTIVE and isinstance(intent, Scale | Restart):
        raise Refused(
            f"{name} is {'down' if stack.state is StackState.DOWN else 'going down'}",
            code="stack-down",
            remedy=f"bring it up again: longshore up FILE, or as it was: longshore rollback {name}",
        )
    match intent:
        case Up():
            raise Invalid(
                "an up is planned from a template",
                code="intent-malformed",
                remedy="send the sources, not a graph",
            )
        case Scale():
            for service, count in intent.replicas.items():
                check_service(stack.graph, name, service)
                if not 0 <= count <= MOST_REPLICAS:
                    raise Invalid(
                        f"{service} cannot have {count} replicas",
                        code="intent-malformed",
                        remedy=f"write a number from 0 to {MOST_REPLICAS:,}; 0 stops all of them",
                    )
        case Restart():
            for service in intent.services:
                check_service(stack.graph, name, service)
        case Down() | Rollback():
            pass
    return await ask(desk, MakePlan(project=project, stack=name, intent=intent), Plan)


async def plan(desk: Desk, prefix: str) -> Plan:
    """The one plan whose hash begins so.

    Raises:
        NotFound: `no-such-plan`.
        Invalid: `plan-ambiguous`; the message lists those it could be.
    """
    found = await desk.wait(desk.store.plan, prefix) if _HASH.fullmatch(prefix) else []
    if not found:
        raise unknown("plan", prefix, ())
    if len(found) > 1:
        hashes = sorted(plan.hash for plan in found)
        raise Invalid(
            f"{len(hashes)} plans begin with {prefix}: {', '.join(h[:16] for h in hashes[:8])}",
            code="plan-ambiguous",
            remedy="write more of the hash",
            facts={"plans": hashes},
        )
    return found[0]


async def plans(desk: Desk, *, limit: int = 20) -> list[Plan]:
    """The newest plans, without what they bind."""
    found = await desk.wait(desk.store.plans, limit)
    return [msgspec.structs.replace(plan, binding={}) for plan in found]


def _faulty(sources: Sources, seen: Reading) -> Invalid:
    count = len(seen.faults)
    return Invalid(
        f"{', '.join(sources.templates) or 'the template'} has {count} fault{'s' if count != 1 else ''}",
        code="template-faults",
        remedy="mend them; longshore validate shows all again",
        faults=seen.faults,
    )


def _unkept(sources: Sources, seen: Reading) -> Refused:
    count = len(seen.refusals)
    return Refused(
        f"{', '.join(sources.templates)} is right, but says {count} thing{'s' if count != 1 else ''}"
        " that cannot be kept",
        code="template-refused",
        remedy="change them; longshore validate shows all again",
        faults=seen.refusals,
    )


def _unrun(sources: Sources, seen: Reading) -> Refused:
    return Refused(
        f"{', '.join(sources.templates)} is right, but cannot run yet: templates of dialect {seen.dialect}"
        " are read and checked; running them comes in a later version",
        code="dialect-not-run",
        remedy="see what it says by longshore config; run a Compose file for now",
    )


async def _pin(desk: Desk, graph: Graph, sources: Sources) -> Graph:
    """The graph with each image's digest."""
    wanted = sorted({_asked(spec) for spec in graph.services.values() if not spec.image.digest})
    gate = asyncio.Semaphore(RESOLVING)

    async def resolve(image: tuple[str, Pull]) -> str | Failed:
        async with gate:
            try:
                return await desk.streams.resolve(*image)
            except Failed as error:
                return error

    found = dict(zip(wanted, await asyncio.gather(*map(resolve, wanted)), strict=True))
    failed = {name: error for (name, _), error in found.items() if isinstance(error, Failed)}
    if failed:
        raise _imageless(graph, sources, failed)
    digests = {image: digest for image, digest in found.items() if isinstance(digest, str)}
    services = {
        name: msgspec.structs.replace(
            spec,
            image=msgspec.structs.replace(spec.image, digest=spec.image.digest or digests[_asked(spec)]),
        )
        for name, spec in graph.services.items()
    }
    return msgspec.structs.replace(graph, services=services)


def _asked(spec: ServiceSpec) -> tuple[str, Pull]:
    """An image, and who is to say what it means. What is built here no registry has to know."""
    return spec.image.name, spec.image.pull if spec.build is None else Pull.MISSING


def _imageless(graph: Graph, sources: Sources, failed: dict[str, Failed]) -> LongshoreError:
    """One error for all images that cannot be had, with a fault for each service that wants one."""
    wanting = [name for name, spec in graph.services.items() if spec.image.name in failed]
    faults = tuple(
        Fault(
            code=failed[spec.image.name].code,
            message=f"{name}: {failed[spec.image.name].message}",
            file=sources.templates[0] if len(sources.templates) == 1 else "",
            path=f"services.{name}.{'build' if spec.build else 'image'}",
            hint=failed[spec.image.name].remedy,
        )
        for name, spec in ((name, graph.services[name]) for name in wanting)
    )
    first = next(iter(failed.values()))
    names = ", ".join(failed)
    return Invalid(
        f"no image {names}: {first.message}" if len(failed) == 1 else f"no images {names}",
        code=first.code,
        remedy=first.remedy or "correct the name, add a build section, or build or pull it on the engine",
        facts={"images": sorted(failed), "services": wanting},
        faults=faults,
    )
