"""`/v1/hosts`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import body_of
from longshore.service import host
from longshore.service.desk import Desk


class DrainBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`undo`: let the host take tasks again."""

    undo: bool = False


async def get_hosts(desk: Desk, _: Request) -> ASGIApp:
    """The hosts."""
    return answer(await host.hosts(desk))


async def post_drain(desk: Desk, request: Request) -> ASGIApp:
    """Have a host's tasks leave it."""
    body = await body_of(request, DrainBody)
    return answer(await host.drain(desk, request.path_params["name"], undo=body.undo))
