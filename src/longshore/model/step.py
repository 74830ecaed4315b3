"""Steps: the only things that are ever done to the world. One struct per kind.

Each kind is a struct here, a case in `plan/assume.py` and a case in `engine/perform.py`. A step is
written down before it is started (the intent), and is gone when its outcome has been taken in.
"""

from __future__ import annotations

import msgspec

from longshore.model.clock import Micros
from longshore.model.holding import HoldingKind
from longshore.model.host import Quote
from longshore.model.ids import ChangeId, DecisionId, HostId, StackId, StepId, TaskId
from longshore.model.lifecycle import StepState
from longshore.model.mesh import MeshAct


class BuyHost(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Have a cloud lend a host. Done when the cloud has accepted; being ready is observed."""

    host: HostId
    name: str
    cloud: str
    quote: Quote


class ReleaseHost(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Give a host back. Done when the cloud says that it is gone."""

    host: HostId
    cloud: str
    foreign_id: str


class Provide(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Make a network or volume on a host, or fetch an image to it."""

    host: HostId
    holding: HoldingKind
    name: str
    stack: StackId | None = None
    resource: str = ""
    reference: str = ""


class Withdraw(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Remove a network or volume from a host."""

    host: HostId
    holding: HoldingKind
    name: str
    stack: StackId | None = None


class StartTask(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Create a task's container and start it. What to run is the stack's spec of that digest."""

    host: HostId
    task: TaskId
    stack: StackId
    service: str
    slot: int
    digest: str


class StopTask(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Stop a task's container, SIGTERM first and SIGKILL after `grace`, and remove it."""

    host: HostId
    task: TaskId
    grace: int


class RestartTask(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Restart a task's container in place; `restarted` is the count of requests this settles."""

    host: HostId
    task: TaskId
    grace: int
    restarted: int


class TendMesh(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Have a host begin, join or leave its realm's mesh, or change what it is there.

    `via` is the manager that is asked: for the way in, or to give or take the role; `node` is the
    member to be struck off.
    """

    host: HostId
    act: MeshAct
    via: HostId | None = None
    node: str = ""


Action = BuyHost | ReleaseHost | Provide | Withdraw | StartTask | StopTask | RestartTask | TendMesh


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An intent: what to do, for whom, and why.

    `subject` is its name for people (`shop/web.1`, `h3`). `unsettled_at`: a look that began after
    this time settles it. `attempt` counts from 1.
    """

    id: StepId
    action: Action
    subject: str
    reason: str
    at: Micros
    state: StepState = StepState.INTENDED
    change: ChangeId | None = None
    decision: DecisionId | None = None
    attempt: int = 1
    unsettled_at: Micros = Micros(0)
    not_before: Micros = Micros(0)
