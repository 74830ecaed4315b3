"""`/v1/version`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.service.desk import Desk, Reader


async def get_version(desk: Desk | Reader, _: Request) -> ASGIApp:
    """Who answers."""
    return answer(desk.version())
