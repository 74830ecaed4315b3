"""The journal, read once or followed: watching is reading on from a number."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from longshore.model.journal import Entry
from longshore.service.desk import Desk
from longshore.service.name import PROJECT, find_stack

PAGE = 500
"""Entries read at once."""

LOOK_AGAIN = 1.0
"""Seconds after which the journal is looked at unasked."""


async def journal(
    desk: Desk,
    *,
    after: int = 0,
    stack: str = "",
    change: str = "",
    limit: int = PAGE,
    project: str = PROJECT,
) -> list[Entry]:
    """Entries after a number, oldest first; `after` -N: the last N.

    Raises:
        NotFound: `no-such-stack`.
    """
    if stack:
        await find_stack(desk, stack, project=project)
    if after >= 0:
        return await desk.wait(desk.store.journal, after, stack, change, limit)
    last = await desk.wait(desk.store.journal_tail, -after, stack)
    return [entry for entry in last if not change or entry.change == change]


async def follow(
    desk: Desk, *, after: int = 0, stack: str = "", change: str = "", project: str = PROJECT
) -> AsyncGenerator[Entry, None]:
    """Entries after a number, and then those that come, without end.

    Raises:
        NotFound: `no-such-stack`.
    """
    if stack:
        await find_stack(desk, stack, project=project)
    return _follow(desk, after, stack, change)


async def _follow(desk: Desk, after: int, stack: str, change: str) -> AsyncGenerator[Entry, None]:
    if after < 0:
        mark = await desk.wait(desk.store.last_seq)
        for entry in await desk.wait(desk.store.journal_tail, -after, stack):
            if not change or entry.change == change:
                yield entry
            mark = max(mark, entry.seq)
        after = mark
    while True:
        # Rings and the number are read first: what is committed meanwhile is looked for again, never missed.
        heard = desk.store.bell.rings
        newest = await desk.wait(desk.store.last_seq)
        page = await desk.wait(desk.store.journal, after, stack, change, PAGE)
        for entry in page:
            yield entry
        after = page[-1].seq if page else max(after, newest)
        if not page:
            await desk.store.bell.wait(LOOK_AGAIN, heard)
