"""A look: the nouns as they are in the store at about one moment, joined for reading.

Each kind is read in its own short transaction, so that readers never hold the writer up; what is
missing on the other side of a join is therefore no error, but an empty word.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from longshore.model.cloud import Cloud
from longshore.model.holding import Holding
from longshore.model.host import Host
from longshore.model.ids import HostId, ServiceKey, StackId
from longshore.model.lifecycle import OCCUPYING, HostState
from longshore.model.spec import Graph, run_digest
from longshore.model.stack import Service, Stack
from longshore.model.task import Task
from longshore.service.desk import Desk


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Nouns by identity; hosts that were given back are left out."""

    stacks: dict[StackId, Stack] = {}
    services: dict[ServiceKey, Service] = {}
    tasks: tuple[Task, ...] = ()
    hosts: dict[HostId, Host] = {}
    clouds: dict[str, Cloud] = {}
    holdings: tuple[Holding, ...] = ()

    def of_stack(self) -> dict[StackId, list[Task]]:
        """The tasks of each stack."""
        found: dict[StackId, list[Task]] = defaultdict(list)
        for task in self.tasks:
            found[task.stack].append(task)
        return found

    def on_host(self) -> dict[HostId, list[Task]]:
        """The tasks that take room on each host."""
        found: dict[HostId, list[Task]] = defaultdict(list)
        for task in self.tasks:
            if task.state in OCCUPYING:
                found[task.host].append(task)
        return found


async def look(desk: Desk, *, stack: Stack | None = None) -> Look:
    """Look at everything, or at one stack and the hosts and clouds there are."""
    hosts = {host.id: host for host in await desk.nouns(Host) if host.state is not HostState.RELEASED}
    clouds = {cloud.name: cloud for cloud in await desk.nouns(Cloud)}
    if stack is None:
        stacks = await desk.nouns(Stack)
        services = await desk.nouns(Service)
        tasks = await desk.nouns(Task)
        holdings = await desk.nouns(Holding)
    else:
        stacks = [stack]
        services = await desk.nouns(Service, stack=stack.id)
        tasks = await desk.nouns(Task, stack=stack.id)
        holdings = await desk.nouns(Holding, stack=stack.id)
    return Look(
        stacks={s.id: s for s in sorted(stacks, key=lambda s: (s.project, s.name))},
        services={s.key: s for s in services},
        tasks=tuple(sorted(tasks, key=lambda t: (t.stack, t.service, t.slot, t.id))),
        hosts=dict(sorted(hosts.items(), key=lambda item: (item[1].cloud, *_counted(item[1].name)))),
        clouds=dict(sorted(clouds.items(), key=lambda item: (not item[1].own, item[1].order, item[0]))),
        holdings=tuple(holdings),
    )


def _counted(name: str) -> tuple[str, int, str]:
    """A name to sort by, so that `north-2` comes before `north-10`."""
    stem = name.rstrip("0123456789")
    return stem, int(name[len(stem) :] or 0), name


def image_of(stack: Stack, task: Task) -> str:
    """The image a task runs: that of the generation whose spec has the task's digest, else no word."""
    for graph in graphs_of(stack):
        spec = graph.services.get(task.service)
        if spec is not None and run_digest(spec, graph) == task.digest:
            return spec.image.name
    return ""


def graphs_of(stack: Stack) -> list[Graph]:
    """What is wanted of a stack now, then what was wanted before, newest first."""
    history = sorted(stack.history, key=lambda version: version.generation, reverse=True)
    return [stack.graph, *(version.graph for version in history)]
