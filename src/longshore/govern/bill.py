"""Bill and share: what lent and own hosts cost, and what part of it a task takes."""

from __future__ import annotations

from collections.abc import Iterable

from longshore.model.host import Host
from longshore.model.lifecycle import HostState
from longshore.model.money import Money, Total
from longshore.model.task import Task

BILLED = frozenset(HostState) - {HostState.RELEASED}
"""From the moment it is asked for until it is gone, a host costs; one that failed to come up, too."""


def bill(hosts: Iterable[Host]) -> Total:
    """The hourly price of these hosts together. Own hosts count from the day they are declared."""
    return Total.of([host.price for host in hosts if host.state in BILLED])


def share(task: Task, host: Host) -> Money | None:
    """A task's part of its host's hourly price: the larger of its cpu and memory share.

    None where the host's price is unknown; nothing for a task that reserves nothing.
    """
    if host.price is None:
        return None
    cpu = task.cpu * host.price.nano // host.capacity.cpu if host.capacity.cpu else 0
    memory = task.memory * host.price.nano // host.capacity.memory if host.capacity.memory else 0
    return Money(max(cpu, memory), host.price.currency)
