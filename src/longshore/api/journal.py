"""`/v1/journal`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.border import answer
from longshore.api.lines import stream_lines
from longshore.api.request import Count, query_of
from longshore.service import journal
from longshore.service.desk import Desk
from longshore.service.name import PROJECT


class JournalQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which number on (`after` -N: the last N), of which stack or change; `follow`: and on."""

    after: Annotated[int, msgspec.Meta(ge=-10_000, le=1 << 62)] = 0
    stack: str = ""
    change: str = ""
    limit: Count = journal.PAGE
    follow: bool = False
    project: str = PROJECT


async def get_journal(desk: Desk, request: Request) -> ASGIApp:
    """Entries, at once or as they come."""
    query = query_of(request, JournalQuery)
    if query.follow:
        entries = await journal.follow(
            desk, after=query.after, stack=query.stack, change=query.change, project=query.project
        )
        return stream_lines(entries)
    found = await journal.journal(
        desk,
        after=query.after,
        stack=query.stack,
        change=query.change,
        limit=query.limit,
        project=query.project,
    )
    return answer(found)
