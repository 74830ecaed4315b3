"""Explanations: why something is as it is."""

from __future__ import annotations

import re

from longshore.model.ask import AskExplain
from longshore.model.change import Change
from longshore.model.host import Host
from longshore.model.plan import Explanation
from longshore.model.stack import Stack
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.name import PROJECT, check_service, find_stack, parse_name, unknown

_HASH = re.compile(r"[0-9a-f]{4,64}")


async def explain(desk: Desk, subject: str, *, project: str = PROJECT) -> Explanation:
    """Why a task, service, host, plan or change is as it is, with the smallest change that would alter it.

    Raises:
        NotFound: nothing of that name is there; the message has the nearest that is.
        Invalid: `name-malformed`.
    """
    await _check(desk, subject, project=project)
    return await ask(desk, AskExplain(subject=subject), Explanation)


async def _check(desk: Desk, subject: str, *, project: str) -> None:
    """See that the subject is something, by its form, before the engine is asked."""
    name = parse_name(subject)
    if name.service:
        stack = await find_stack(desk, name.stack, project=project)
        check_service(stack.graph, stack.name, name.service)
        return
    known = [stack.name for stack in await desk.nouns(Stack, project=project)]
    known += [word for host in await desk.nouns(Host) for word in (host.name, host.id)]
    if subject in known:
        return
    if await desk.noun(Change, subject) is not None:
        return
    if _HASH.fullmatch(subject) and await desk.wait(desk.store.plan, subject):
        return
    raise unknown("subject", subject, known)
