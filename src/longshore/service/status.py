"""Status: one screen that says whether all is well, and if not, what to do about it."""

from __future__ import annotations

from longshore.govern.bill import bill
from longshore.model.change import Change
from longshore.model.lifecycle import ChangeState, HostState, StackState
from longshore.model.view import Status, Version
from longshore.service.desk import Desk, Reader
from longshore.service.look import look
from longshore.service.stack import count
from longshore.service.warning import Scene, warnings


def version(desk: Desk | Reader) -> Version:
    """Who answers."""
    return desk.version()


async def status(desk: Desk) -> Status:
    """Counts, the bill, and every warning with its remedy, the gravest first.

    `ok` is False where something is wrong; a warning that is only worth knowing leaves it True.
    """
    seen = await look(desk)
    failed = await desk.nouns(Change, state=ChangeState.FAILED)
    last = {stack.change for stack in seen.stacks.values()}
    refusals = [service.refusal for service in seen.services.values() if service.refusal]
    scene = Scene(
        seen=seen,
        now=desk.clock.now(),
        trouble=desk.trouble() if desk.trouble else "",
        failed=tuple(change for change in failed if change.id in last),
        refusals={d.id: d for d in await desk.wait(desk.store.decisions, refusals)} if refusals else {},
        free_space=await desk.wait(desk.free_space) if desk.free_space else None,
    )
    grave, slight = warnings(scene)
    wanted, ready = count(seen)
    return Status(
        ok=not grave,
        version=desk.version(),
        stacks=sum(1 for stack in seen.stacks.values() if stack.state is StackState.ACTIVE),
        tasks=wanted,
        ready=ready,
        hosts=sum(1 for host in seen.hosts.values() if host.state is HostState.READY),
        reachable=sum(1 for host in seen.hosts.values() if host.answers),
        bill=bill(seen.hosts.values()),
        warnings=(*grave, *slight),
    )
