"""A stack: a template at work; and what the planner remembers of each of its services."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from longshore.model.clock import Micros
from longshore.model.ids import ChangeId, DecisionId, ServiceKey, StackId
from longshore.model.lifecycle import StackState
from longshore.model.spec import Graph


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What was wanted at one generation, kept so that one can go back to it."""

    generation: int
    graph: Graph
    digest: str


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted (`graph`, `generation`), and the last two generations that were done.

    `inputs` is the digest of the template, files and variables it was read from. `restarts` counts,
    per service, the requests to restart it. `drop_volumes`: its volumes go down with it, because
    that was asked for. `change` is the last change, open or not; its bounds hold until the next.
    """

    id: StackId
    project: str
    name: str
    generation: int
    state: StackState
    graph: Graph
    inputs: str = ""
    history: tuple[Version, ...] = ()
    restarts: dict[str, int] = {}
    drop_volumes: bool = False
    change: ChangeId | None = None
    created_at: Micros = Micros(0)
    changed_at: Micros = Micros(0)


class Rollout(StrEnum):
    """How the tasks of a service follow what is wanted."""

    STEADY = "steady"
    UPDATING = "updating"
    PAUSED = "paused"


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What the planner remembers of a service between turns.

    `digest` and `generation` are those of the wanted spec that the rest belongs to. `failures`: its
    tasks that failed in a row. `retry_at`: back-off, no replacement before then. `batch_at`: when a
    task that replaced another last became ready. `ready`: its ready and completed tasks; `settled`:
    everything is as wanted. `unplaced`: replicas that fit nowhere, and `refusal` the decision that
    says why. `waiting`: in words, what it waits for; `reason`: why its last task failed.
    """

    key: ServiceKey
    digest: str = ""
    generation: int = 0
    rollout: Rollout = Rollout.STEADY
    failures: int = 0
    retry_at: Micros = Micros(0)
    batch_at: Micros = Micros(0)
    ready: int = 0
    settled: bool = False
    unplaced: int = 0
    refusal: DecisionId | None = None
    waiting: str = ""
    reason: str = ""
