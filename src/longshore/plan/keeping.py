"""Room that is kept: to others it is as if it were taken; what its own tasks take of it counts towards it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from longshore.model.host import Capacity, Host, Kept
from longshore.model.ids import StackId
from longshore.model.lifecycle import OCCUPYING
from longshore.model.stack import Stack
from longshore.model.task import Task

Find = Callable[[StackId], Stack | None]


def is_for(kept: Kept, stack: Stack | None, service: str) -> bool:
    """Whether room is kept for this service: by itself, with its stack, or with its project."""
    if stack is None:
        return False
    if kept.whom.startswith("project:"):
        return kept.whom == f"project:{stack.project}"
    return stack.project == "default" and kept.whom in {stack.name, f"{stack.name}/{service}"}


def set_aside(host: Host, tasks: Iterable[Task], find: Find) -> Host:
    """A host as those see it for whom nothing is kept there: what is still to be kept is taken."""
    if not host.kept:
        return host
    there = [task for task in tasks if task.state in OCCUPYING and not task.ended_at]
    foreign = host.foreign
    for kept in host.kept:
        foreign = plus(foreign, left_of(kept, there, find))
    return msgspec.structs.replace(host, foreign=foreign)


def left_of(kept: Kept, tasks: Iterable[Task], find: Find) -> Capacity:
    """What of the room is still to be kept."""
    own = [task for task in tasks if is_for(kept, find(task.stack), task.service)]
    room = kept.room
    counted = {
        name: max(0, number - sum(t.more.counted.get(name, 0) for t in own))
        for name, number in room.counted.items()
    }
    return Capacity(
        cpu=max(0, room.cpu - sum(t.cpu for t in own)),
        memory=max(0, room.memory - sum(t.memory for t in own)),
        disk=max(0, room.disk - sum(t.more.disk for t in own)),
        pids=max(0, room.pids - sum(t.more.pids for t in own)),
        counted=counted,
    )


def plus(one: Capacity, other: Capacity) -> Capacity:
    """Two amounts of room together; cards are not summed."""
    counted = {n: one.counted.get(n, 0) + other.counted.get(n, 0) for n in {**one.counted, **other.counted}}
    return msgspec.structs.replace(
        one,
        cpu=one.cpu + other.cpu,
        memory=one.memory + other.memory,
        disk=one.disk + other.disk,
        pids=one.pids + other.pids,
        counted=counted,
    )
