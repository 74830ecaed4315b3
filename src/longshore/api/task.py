"""`/v1/tasks` and `/v1/logs`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.lines import stream_lines
from longshore.api.request import Slot, query_of
from longshore.service import log, task
from longshore.service.desk import Desk
from longshore.service.name import PROJECT


class TasksQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tasks; `all`: those that have ended too."""

    stack: str = ""
    service: str = ""
    slot: Slot = 0
    all: bool = False
    project: str = PROJECT


class LogsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose lines; the last `tail` of each task, -1 all; `follow`: and those that come."""

    stack: str
    service: str = ""
    slot: Slot = 0
    tail: Annotated[int, msgspec.Meta(ge=-1, le=1_000_000_000)] = -1
    follow: bool = False
    project: str = PROJECT


async def get_tasks(desk: Desk, request: Request) -> ASGIApp:
    """The tasks."""
    query = query_of(request, TasksQuery)
    found = await task.tasks(
        desk,
        stack=query.stack,
        service=query.service,
        slot=query.slot,
        ended=query.all,
        project=query.project,
    )
    return answer(found)


async def get_logs(desk: Desk, request: Request) -> ASGIApp:
    """What tasks wrote, a line each."""
    query = query_of(request, LogsQuery)
    lines = await log.logs(
        desk,
        stack=query.stack,
        service=query.service,
        slot=query.slot,
        tail=query.tail,
        follow=query.follow,
        project=query.project,
    )
    return stream_lines(lines)
