"""`/v1/clouds` and `/v1/drivers`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import body_of
from longshore.model.cloud import Cloud
from longshore.service import cloud
from longshore.service.desk import Desk


async def get_clouds(desk: Desk, _: Request) -> ASGIApp:
    """The clouds in use."""
    return answer(await cloud.clouds(desk))


async def post_cloud(desk: Desk, request: Request) -> ASGIApp:
    """Use a cloud from now on."""
    return answer(await cloud.add(desk, await body_of(request, Cloud)))


async def delete_cloud(desk: Desk, request: Request) -> ASGIApp:
    """Use a cloud no longer."""
    await cloud.remove(desk, request.path_params["name"])
    return answer({})


async def get_offers(desk: Desk, request: Request) -> ASGIApp:
    """What a cloud offers."""
    return answer(await cloud.offers(desk, request.path_params["name"]))


async def get_drivers(desk: Desk, _: Request) -> ASGIApp:
    """The kinds of cloud that can be added."""
    return answer(cloud.drivers(desk))
