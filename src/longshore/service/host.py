"""Hosts, with what is claimed of them; and their draining."""

from __future__ import annotations

import re

from longshore.model.ask import DrainHost, KeepRoom, SetHost
from longshore.model.clock import Micros
from longshore.model.errors import Invalid
from longshore.model.host import Capacity, Host
from longshore.model.lifecycle import HostState
from longshore.model.task import Task
from longshore.model.view import HostView
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.look import look
from longshore.service.name import unknown

_OURS = "io.longshore."
_WHOM = re.compile(r"project:[\w.-]+|[\w.-]+(?:/[\w.-]+)?")
_LEAST_RATIO, _MOST_RATIO = 100, 100_000
"""Thousandths. Less than a tenth is a slip of the pen, and a hundred times is no bound at all."""


async def hosts(desk: Desk) -> list[HostView]:
    """All hosts there are, by cloud and name."""
    seen = await look(desk)
    tasks = seen.on_host()
    return [view_host(host, tasks.get(host.id, [])) for host in seen.hosts.values()]


async def drain(desk: Desk, name: str, *, undo: bool = False) -> Host:
    """Have a host's tasks leave it, or let it take tasks again.

    Raises:
        NotFound: `no-such-host`.
    """
    await check_host(desk, name)
    return await ask(desk, DrainHost(host=name, undo=undo), Host)


async def set_host(desk: Desk, said: SetHost) -> Host:
    """Set a host's labels, taints and zone, and how its room may be used. Twice: once.

    Raises:
        NotFound: `no-such-host`.
        Invalid: `host-setting`: a name is empty, or a ratio makes no sense.
    """
    await check_host(desk, said.host)
    names = (*said.labels, *(taint.key for taint in said.taints), *said.untaint)
    if not all(names):
        raise Invalid("a label or taint needs a key", code="host-setting", remedy="write KEY=VALUE")
    reserved = next((key for key in said.labels if key.startswith(_OURS)), "")
    if reserved:
        raise Invalid(
            f"labels that begin with {_OURS} are set by Longshore",
            code="host-setting",
            remedy="choose another name",
            facts={"label": reserved},
        )
    for ratio in (said.overcommit_cpu, said.overcommit_memory):
        if ratio is not None and not _LEAST_RATIO <= ratio <= _MOST_RATIO:
            raise Invalid(
                f"tasks cannot be let reserve {ratio / 1000:g} times what there is",
                code="host-setting",
                remedy="write a number from 0.1 to 100; 1 is all there is, and no more",
            )
    return await ask(desk, said, Host)


async def keep_room(desk: Desk, name: str, whom: str, room: Capacity, *, length: int = 0) -> Host:
    """Keep room on a host for a stack, a service or a project, so many microseconds (0: till taken back).

    Raises:
        NotFound: `no-such-host`.
        Invalid: `room-whom`; `room-kept-too-much`, `room-kept-past`.
    """
    await check_host(desk, name)
    if not _WHOM.fullmatch(whom):
        raise Invalid(
            f"{whom!r} is nobody that room can be kept for",
            code="room-whom",
            remedy="write STACK, STACK/SERVICE or project:NAME",
        )
    until = Micros(desk.clock.now() + length if length else 0)
    return await ask(desk, KeepRoom(host=name, whom=whom, room=room, until=until), Host)


async def check_host(desk: Desk, name: str) -> None:
    """See that there is a host of that name.

    Raises:
        NotFound: `no-such-host`.
    """
    there = [host for host in await desk.nouns(Host) if host.state is not HostState.RELEASED]
    if all(name not in {host.name, host.id} for host in there):
        raise unknown("host", name, (host.name for host in there))


def view_host(host: Host, tasks: list[Task]) -> HostView:
    """A host and what the tasks that take room on it claim."""
    return HostView(
        host=host,
        tasks=len(tasks),
        cpu=sum(task.cpu for task in tasks),
        memory=sum(task.memory for task in tasks),
        condition=condition(host),
    )


def condition(host: Host) -> str:
    """A host's condition in a word: the gravest that holds."""
    if host.lost:
        return "lost"
    if host.silent_since:
        return "unreachable"
    if host.draining:
        return "draining"
    return "reachable"
