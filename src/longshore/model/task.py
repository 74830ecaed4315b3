"""A task: one replica of a service, placed once, on one host; never moved, but replaced."""

from __future__ import annotations

import msgspec

from longshore.model.clock import Micros
from longshore.model.ids import DecisionId, HostId, ServiceKey, StackId, TaskId, service_key
from longshore.model.lifecycle import ALIVE, Health, TaskState


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a task takes on its host besides cpu, memory and ports; replicas share one of these."""

    disk: int = 0
    pids: int = 0
    gpu: int = 0
    gpu_model: str = ""
    counted: dict[str, int] = {}


NO_CLAIM = Claim()


class Task(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One replica.

    `slot` is its N in `STACK/SERVICE.N`; `digest` names what it runs (`spec.run_digest`);
    `generation` is the stack's at its placing. `cpu`, `memory` and `ports` are what it claims on
    its host, `more` what it takes besides, and `cards` the numbers of the GPUs it was given there.
    `priority` is its service's at its placing. `after` are the tasks whose room it was given: it starts
    when they are gone. `restarts` counts restarts in place by its engine, `restarted` the requests to
    restart it that were carried out. `ended_at` is when it completed, failed or was lost.

    As JSON it leaves out what is as it is by default: tasks are many, and that is nearly half of a row in
    the store. What is told to others has all (`view.WholeTask`).
    """

    id: TaskId
    stack: StackId
    service: str
    slot: int
    digest: str
    generation: int
    host: HostId
    state: TaskState
    cpu: int = 0
    memory: int = 0
    ports: tuple[str, ...] = ()
    more: Claim = NO_CLAIM
    cards: tuple[int, ...] = ()
    priority: int = 0
    after: tuple[TaskId, ...] = ()
    health: Health = Health.NONE
    restarts: int = 0
    restarted: int = 0
    exit_code: int | None = None
    reason: str = ""
    foreign_id: str = ""
    published: tuple[str, ...] = ()
    placed_at: Micros = Micros(0)
    started_at: Micros = Micros(0)
    ready_at: Micros = Micros(0)
    ended_at: Micros = Micros(0)
    decision: DecisionId | None = None

    @property
    def key(self) -> ServiceKey:
        """The service this task is a replica of."""
        return service_key(self.stack, self.service)

    @property
    def ready(self) -> bool:
        """Running, and healthy where there is a health check."""
        return self.state is TaskState.RUNNING and self.health in {Health.NONE, Health.HEALTHY}

    @property
    def alive(self) -> bool:
        """Of use, or becoming so."""
        return self.state in ALIVE
