"""`/v1/changes`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import body_of, query_of
from longshore.service import change
from longshore.service.desk import Desk
from longshore.service.name import PROJECT


class ApplyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plan's hash, or a unique prefix of it."""

    plan: str


class ChangesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which stack; empty: of all."""

    stack: str = ""
    project: str = PROJECT


async def post_change(desk: Desk, request: Request) -> ASGIApp:
    """Apply a plan."""
    return answer(await change.apply(desk, (await body_of(request, ApplyBody)).plan))


async def get_change(desk: Desk, request: Request) -> ASGIApp:
    """One change."""
    return answer(await change.change(desk, request.path_params["id"]))


async def get_changes(desk: Desk, request: Request) -> ASGIApp:
    """Changes, newest first."""
    query = query_of(request, ChangesQuery)
    return answer(await change.changes(desk, stack=query.stack, project=query.project))
