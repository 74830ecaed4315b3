"""`/v1/readings`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import body_of
from longshore.model.template import Sources
from longshore.service import reading
from longshore.service.desk import Desk, Reader


async def post_reading(desk: Desk | Reader, request: Request) -> ASGIApp:
    """Read a template: a graph, faults, or needs."""
    return answer(await reading.reading(desk.read, await body_of(request, Sources)))
