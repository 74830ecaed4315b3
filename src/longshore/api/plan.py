"""`/v1/plans`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import Count, body_of, query_of
from longshore.model.ask import Intent
from longshore.model.errors import Invalid
from longshore.model.template import Sources
from longshore.service import plan
from longshore.service.desk import Desk
from longshore.service.name import PROJECT


class PlanBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `sources`, for an up, or the name of a `stack` and an `intent`."""

    project: str = PROJECT
    stack: str = ""
    sources: Sources | None = None
    intent: Intent | None = None
    rebuilt: bool = False


class PlansQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many."""

    limit: Count = 20


async def post_plan(desk: Desk, request: Request) -> ASGIApp:
    """Make a plan, or say what is needed or to be built before."""
    body = await body_of(request, PlanBody)
    if body.sources is not None and body.intent is None:
        return answer(
            await plan.plan_up(desk, body.sources, project=body.project, rebuilt=body.rebuilt),
        )
    if body.intent is not None and body.sources is None and body.stack:
        return answer(await plan.plan_intent(desk, body.stack, body.intent, project=body.project))
    raise Invalid(
        "a plan is made of sources, or of a stack and an intent",
        code="body-malformed",
        remedy="send one of the two",
    )


async def get_plan(desk: Desk, request: Request) -> ASGIApp:
    """One plan by its hash or a unique prefix."""
    return answer(await plan.plan(desk, request.path_params["hash"]))


async def get_plans(desk: Desk, request: Request) -> ASGIApp:
    """The newest plans."""
    return answer(await plan.plans(desk, limit=query_of(request, PlansQuery).limit))
