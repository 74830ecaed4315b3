"""`/v1/hosts`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import body_of
from longshore.model.ask import SetHost
from longshore.model.host import Capacity, Taint
from longshore.service import host
from longshore.service.desk import Desk


class DrainBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`undo`: let the host take tasks again."""

    undo: bool = False


class SettingsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person may say of a host; what is left out stays. As `SetHost`."""

    labels: dict[str, str | None] = {}
    taints: tuple[Taint, ...] = ()
    untaint: tuple[str, ...] = ()
    zone: str | None = None
    region: str | None = None
    reserved: Capacity | None = None
    overcommit_cpu: int | None = None
    overcommit_memory: int | None = None


class KeptBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Room to keep for somebody, for so long in microseconds (0: until it is taken back); no room: none."""

    whom: str
    room: Capacity = Capacity()
    length: int = 0


async def get_hosts(desk: Desk, _: Request) -> ASGIApp:
    """The hosts."""
    return answer(await host.hosts(desk))


async def post_drain(desk: Desk, request: Request) -> ASGIApp:
    """Have a host's tasks leave it."""
    body = await body_of(request, DrainBody)
    return answer(await host.drain(desk, request.path_params["name"], undo=body.undo))


async def post_settings(desk: Desk, request: Request) -> ASGIApp:
    """Set what a person may say of a host."""
    body = await body_of(request, SettingsBody)
    said = SetHost(host=request.path_params["name"], **msgspec.structs.asdict(body))
    return answer(await host.set_host(desk, said))


async def post_kept(desk: Desk, request: Request) -> ASGIApp:
    """Keep room on a host for somebody."""
    body = await body_of(request, KeptBody)
    name = request.path_params["name"]
    return answer(await host.keep_room(desk, name, body.whom, body.room, length=body.length))
