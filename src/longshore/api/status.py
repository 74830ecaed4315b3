"""`/v1/status`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.service import status
from longshore.service.desk import Desk


async def get_status(desk: Desk, _: Request) -> ASGIApp:
    """One screen: is all well?"""
    return answer(await status.status(desk))
