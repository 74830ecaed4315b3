"""`/v1/whatif`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import body_of
from longshore.model.ask import AskWhatIf
from longshore.service import whatif
from longshore.service.desk import Desk


async def post_whatif(desk: Desk, request: Request) -> ASGIApp:
    """Rehearse a loss or a price."""
    return answer(await whatif.whatif(desk, await body_of(request, AskWhatIf)))
