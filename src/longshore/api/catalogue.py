"""`/v1/types` and `/v1/functions`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import query_of
from longshore.service import catalogue
from longshore.service.desk import Desk, Reader


class FunctionsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which template version, and which one; empty: all."""

    version: str = ""
    name: str = ""


async def get_types(_desk: Desk | Reader, _: Request) -> ASGIApp:
    """All resource types."""
    return answer(catalogue.types())


async def get_type(_desk: Desk | Reader, request: Request) -> ASGIApp:
    """One resource type."""
    return answer(catalogue.type_named(request.path_params["name"]))


async def get_functions(_desk: Desk | Reader, request: Request) -> ASGIApp:
    """The functions of templates."""
    query = query_of(request, FunctionsQuery)
    return answer(catalogue.functions(query.version, query.name))
