"""Lifecycles: closed sets of states, and tables of the only legal moves between them.

A noun's state moves forward along its table, and each move has one owner: the planner alone
writes states. What is merely observed (reachable, healthy, draining) is a condition: a separate
field, free to move either way.
"""

from __future__ import annotations

from enum import StrEnum


class HostState(StrEnum):
    """From an intent to a host that was given back."""

    REQUESTED = "requested"
    BOOTING = "booting"
    READY = "ready"
    RELEASING = "releasing"
    RELEASED = "released"
    FAILED = "failed"


class TaskState(StrEnum):
    """From a place on a host to nothing left there."""

    PLACED = "placed"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"
    GONE = "gone"


class HoldingState(StrEnum):
    """A network, volume or image on its way onto a host and off it."""

    PROVIDING = "providing"
    PRESENT = "present"
    WITHDRAWING = "withdrawing"
    GONE = "gone"
    FAILED = "failed"


class StackState(StrEnum):
    """A stack that is wanted, that is being taken down, or that is down."""

    ACTIVE = "active"
    RETIRING = "retiring"
    DOWN = "down"


class ChangeState(StrEnum):
    """A plan on its way."""

    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class StepState(StrEnum):
    """An intent; `unsettled` means that only a look at the world can tell what came of it."""

    INTENDED = "intended"
    UNSETTLED = "unsettled"


class Health(StrEnum):
    """What a task's health check says; a condition, not a state."""

    NONE = "none"
    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


HOST_MOVES: dict[HostState, tuple[HostState, ...]] = {
    HostState.REQUESTED: (HostState.BOOTING, HostState.RELEASING, HostState.FAILED),
    HostState.BOOTING: (HostState.READY, HostState.RELEASING, HostState.FAILED),
    HostState.READY: (HostState.RELEASING, HostState.FAILED),
    HostState.FAILED: (HostState.RELEASING, HostState.RELEASED),
    HostState.RELEASING: (HostState.RELEASED,),
    HostState.RELEASED: (),
}

TASK_MOVES: dict[TaskState, tuple[TaskState, ...]] = {
    TaskState.PLACED: (TaskState.STARTING, TaskState.FAILED, TaskState.LOST, TaskState.GONE),
    TaskState.STARTING: (
        TaskState.RUNNING,
        TaskState.COMPLETED,
        TaskState.FAILED,
        TaskState.STOPPING,
        TaskState.LOST,
    ),
    TaskState.RUNNING: (
        TaskState.COMPLETED,
        TaskState.FAILED,
        TaskState.STOPPING,
        TaskState.LOST,
    ),
    TaskState.COMPLETED: (TaskState.STOPPING, TaskState.GONE),
    TaskState.FAILED: (TaskState.STOPPING, TaskState.GONE),
    TaskState.LOST: (TaskState.STOPPING, TaskState.GONE),
    TaskState.STOPPING: (TaskState.GONE, TaskState.LOST),
    TaskState.GONE: (),
}

HOLDING_MOVES: dict[HoldingState, tuple[HoldingState, ...]] = {
    HoldingState.PROVIDING: (HoldingState.PRESENT, HoldingState.FAILED, HoldingState.GONE),
    HoldingState.FAILED: (HoldingState.PROVIDING, HoldingState.WITHDRAWING, HoldingState.GONE),
    HoldingState.PRESENT: (
        HoldingState.WITHDRAWING,
        HoldingState.PROVIDING,
        HoldingState.GONE,
    ),
    HoldingState.WITHDRAWING: (HoldingState.GONE, HoldingState.PROVIDING),
    HoldingState.GONE: (),
}

STACK_MOVES: dict[StackState, tuple[StackState, ...]] = {
    StackState.ACTIVE: (StackState.RETIRING,),
    StackState.RETIRING: (StackState.DOWN, StackState.ACTIVE),
    StackState.DOWN: (StackState.ACTIVE, StackState.RETIRING),
}

CHANGE_MOVES: dict[ChangeState, tuple[ChangeState, ...]] = {
    ChangeState.APPLYING: (
        ChangeState.DONE,
        ChangeState.FAILED,
        ChangeState.CANCELLED,
        ChangeState.SUPERSEDED,
    ),
    ChangeState.DONE: (),
    ChangeState.FAILED: (),
    ChangeState.CANCELLED: (),
    ChangeState.SUPERSEDED: (),
}

OCCUPYING = frozenset({TaskState.PLACED, TaskState.STARTING, TaskState.RUNNING, TaskState.STOPPING})
"""Task states that claim room on their host."""

ALIVE = frozenset({TaskState.PLACED, TaskState.STARTING, TaskState.RUNNING})
"""Task states that are, or are becoming, of use."""
