"""`/v1/explain`."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.request import body_of
from longshore.service import explain
from longshore.service.desk import Desk
from longshore.service.name import PROJECT


class ExplainBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task, service, host, plan or change, as people name it."""

    subject: str
    project: str = PROJECT


async def post_explain(desk: Desk, request: Request) -> ASGIApp:
    """Why is this as it is?"""
    body = await body_of(request, ExplainBody)
    return answer(await explain.explain(desk, body.subject, project=body.project))
