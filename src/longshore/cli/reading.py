"""From templates to a plan: gives the reader what it needs, round by round, builds what is wanted."""

from __future__ import annotations

import msgspec

from longshore.cli.builds import Wanted, build_all
from longshore.cli.client import Client
from longshore.cli.prose import plural
from longshore.cli.session import Session
from longshore.cli.sources import Project, gather
from longshore.model.errors import Failed, Invalid
from longshore.model.plan import Plan
from longshore.model.template import Needs, Reading, Sources

_PROJECT = "default"
"""The tenant; there is one until projects come."""


class _Wants(msgspec.Struct):
    """What a server may answer instead of a plan."""

    needs: Needs | None = None
    builds: tuple[Wanted, ...] = ()


def read(session: Session, client: Client) -> tuple[Project, bytes, Reading]:
    """Read the templates that the options name, to the end; also the answer's JSON.

    Raises:
        Invalid: the templates have faults.
        LongshoreError: a file cannot be sent.
    """
    project, sources = session.begin()
    while True:
        raw = client.post("/v1/readings", sources)
        reading = msgspec.json.decode(raw, type=Reading)
        if reading.needs is None:
            break
        sources = session.sources = gather(project, sources, reading.needs)
    for warning in reading.warnings:
        session.warn(warning)
    if reading.faults:
        raise Invalid(
            f"{plural(len(reading.faults), 'fault')} in the template",
            code="template-faults",
            remedy="mend them; the first may cause the others",
            faults=reading.faults,
        )
    return project, raw, reading


def plan_templates(session: Session, *, build: bool, may_build: bool) -> tuple[bytes, Plan]:
    """The plan that brings up what the templates say. `build`: build all images anew.

    Raises:
        Invalid: the templates have faults, or an image is missing and may not be built.
        LongshoreError: a file cannot be sent, a build or the planning fails.
    """
    with session.working("reading the template"):
        project, _, reading = read(session, session.client)
    services = () if reading.graph is None else tuple(reading.graph.services.values())
    if build:
        wanted = [Wanted(service=s.name, name=s.image.name, build=s.build) for s in services if s.build]
        build_all(session, project, wanted)
    # "Built" is also what is said where nothing may be: a missing image is then the server's error.
    rebuilt = build or not may_build
    while True:
        sources = session.sources
        with session.working("planning"):
            raw = _ask(session, sources, rebuilt=rebuilt)
        wants = msgspec.json.decode(raw, type=_Wants)
        if wants.needs is not None and sources is not None:
            session.sources = gather(project, sources, wants.needs)
        elif not wants.builds:
            return raw, msgspec.json.decode(raw, type=Plan)
        elif not may_build:
            raise Invalid(
                f"there is no image {wants.builds[0].name}, and --no-build forbids to build it",
                code="image-missing",
                remedy="leave --no-build out",
            )
        elif rebuilt:
            raise Failed(
                f"the server does not find {wants.builds[0].name}, though it was just built",
                code="image-missing",
                remedy="look at its engine: docker images",
            )
        else:
            build_all(session, project, wants.builds)
            rebuilt = True


def plan_intent(session: Session, stack: str, intent: object) -> tuple[bytes, Plan]:
    """The plan for a stack that is there: down, scale, restart, rollback.

    Raises:
        LongshoreError: by the server.
    """
    body = {"project": _PROJECT, "stack": stack, "sources": None, "intent": intent, "rebuilt": False}
    with session.working("planning"):
        raw = session.client.post("/v1/plans", body)
    return raw, msgspec.json.decode(raw, type=Plan)


def _ask(session: Session, sources: Sources | None, *, rebuilt: bool) -> bytes:
    """Ask for a plan of templates."""
    body = {"project": _PROJECT, "stack": "", "sources": sources, "intent": None, "rebuilt": rebuilt}
    return session.client.post("/v1/plans", body)
