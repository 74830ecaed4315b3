"""Hosts, with what is claimed of them; and their draining."""

from __future__ import annotations

from longshore.model.ask import DrainHost
from longshore.model.host import Host
from longshore.model.lifecycle import HostState
from longshore.model.task import Task
from longshore.model.view import HostView
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.look import look
from longshore.service.name import unknown


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
