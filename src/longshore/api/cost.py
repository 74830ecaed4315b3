"""`/v1/cost`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import query_of
from longshore.service import cost
from longshore.service.desk import Desk
from longshore.service.name import PROJECT


class CostQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose shares; empty: everybody's."""

    stack: str = ""
    project: str = PROJECT


async def get_cost(desk: Desk, request: Request) -> ASGIApp:
    """The bill and the shares."""
    query = query_of(request, CostQuery)
    return answer(await cost.cost(desk, stack=query.stack, project=query.project))
