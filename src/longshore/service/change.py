"""Changes: plans on their way."""

from __future__ import annotations

from longshore.model.ask import Apply
from longshore.model.change import Change
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.name import PROJECT, find_stack, unknown
from longshore.service.plan import plan


async def apply(desk: Desk, prefix: str) -> Change:
    """Apply the one plan whose hash begins so; answers when the change has begun.

    Raises:
        NotFound: `no-such-plan`.
        Invalid: `plan-ambiguous`.
        Refused: the world that the plan binds has moved, or another change is open.
    """
    found = await plan(desk, prefix)
    return await ask(desk, Apply(plan=found.hash), Change)


async def change(desk: Desk, change_id: str) -> Change:
    """The change of that id.

    Raises:
        NotFound: `no-such-change`.
    """
    found = await desk.noun(Change, change_id)
    if found is None:
        raise unknown("change", change_id, ())
    return found


async def changes(desk: Desk, *, stack: str = "", project: str = PROJECT) -> list[Change]:
    """Changes, newest first; of one stack if it is named.

    Raises:
        NotFound: `no-such-stack`.
    """
    if stack:
        found = await desk.nouns(Change, stack=(await find_stack(desk, stack, project=project)).id)
    else:
        found = await desk.nouns(Change)
    return sorted(found, key=lambda change: (change.at, change.id), reverse=True)
