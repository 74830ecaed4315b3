"""`/v1/builds`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.lines import Upload, stream_lines
from longshore.api.request import decode, query_of
from longshore.service import build
from longshore.service.build import BuildRequest
from longshore.service.desk import Desk


class BuildQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The request as JSON; the body is the context."""

    request: str


async def post_build(desk: Desk, request: Request) -> ASGIApp:
    """Build an image: lines of progress, and at the end its digest."""
    wanted = decode(query_of(request, BuildQuery).request, BuildRequest)
    upload = Upload(request)
    return stream_lines(build.build(desk, wanted, upload.pieces()), upload)
