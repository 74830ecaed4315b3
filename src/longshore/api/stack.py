"""`/v1/stacks`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import body_of, query_of
from longshore.service import stack
from longshore.service.desk import Desk
from longshore.service.name import PROJECT


class StackQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose stack."""

    project: str = PROJECT


class StacksQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`all`: those that are down too."""

    all: bool = False
    project: str = PROJECT


class CancelBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`revert`: go back to where the change started."""

    revert: bool = False


async def get_stacks(desk: Desk, request: Request) -> ASGIApp:
    """The stacks."""
    query = query_of(request, StacksQuery)
    return answer(await stack.stacks(desk, down=query.all, project=query.project))


async def get_stack(desk: Desk, request: Request) -> ASGIApp:
    """One stack, with all that is wanted of it."""
    query = query_of(request, StackQuery)
    return answer(await stack.stack(desk, request.path_params["name"], project=query.project))


async def post_cancel(desk: Desk, request: Request) -> ASGIApp:
    """Stop a stack's open change."""
    query = query_of(request, StackQuery)
    body = await body_of(request, CancelBody)
    name = request.path_params["name"]
    return answer(await stack.cancel(desk, name, revert=body.revert, project=query.project))
