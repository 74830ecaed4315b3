"""Asks: requests written down; the only way in.

An ask is answered by a row in the answers table: a plan, a change, a what-if, an explanation, or
an error. Asks that change something carry the generation they saw.
"""

from __future__ import annotations

import msgspec

from longshore.model.clock import Micros
from longshore.model.cloud import Cloud
from longshore.model.host import Capacity, Taint
from longshore.model.ids import AskId
from longshore.model.spec import Graph


class Up(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Make the stack what this graph says. Images are pinned. `contents` are the digests it needs."""

    graph: Graph
    inputs: str


class Down(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Take the stack down; its volumes stay unless `volumes`."""

    volumes: bool = False


class Scale(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Set replicas per service, until a later up restores what the file says."""

    replicas: dict[str, int]


class Restart(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Restart the containers of these services in place (none named: of all)."""

    services: tuple[str, ...] = ()


class Rollback(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Go back to the last generation that was done."""


Intent = Up | Down | Scale | Restart | Rollback


class MakePlan(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Answer with a plan for this intent. Changes nothing."""

    project: str
    stack: str
    intent: Intent


class Apply(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Apply the plan of this hash, if the world that it binds has not moved."""

    plan: str


class Cancel(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Stop the stack's open change: freeze where it is, or go back to where it started."""

    project: str
    stack: str
    revert: bool = False


class AskWhatIf(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """What would happen if these hosts and clouds were lost, or this stack were so changed?

    `prices`: CLOUD -> factor in thousandths. `lose_zones`: zones whose hosts are all lost. `scale`:
    STACK/SERVICE -> factor in thousandths of its replicas. `add_hosts`: CLOUD/FLAVOR -> how many more.
    `survive`: try the loss of every host in turn, each alone, and say which would leave tasks down.
    """

    lose_hosts: tuple[str, ...] = ()
    lose_clouds: tuple[str, ...] = ()
    prices: dict[str, int] = {}
    lose_zones: tuple[str, ...] = ()
    scale: dict[str, int] = {}
    add_hosts: dict[str, int] = {}
    survive: bool = False


class AskExplain(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Why is this as it is? A task, service, host, plan hash or change id, as people name it."""

    subject: str


class AddCloud(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Use this cloud from now on."""

    cloud: Cloud


class RemoveCloud(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Use this cloud no longer; refused while tasks run there."""

    name: str


class DrainHost(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Have a host's tasks leave it (or, `undo`, let it take tasks again)."""

    host: str
    undo: bool = False


class SetHost(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Set what a person may say of a host; None leaves a thing as it is.

    `labels` are added (None as a value takes one away), `taints` added in place of those of the same
    key and effect, `untaint` keys whose taints go.
    """

    host: str
    labels: dict[str, str | None] = {}
    taints: tuple[Taint, ...] = ()
    untaint: tuple[str, ...] = ()
    zone: str | None = None
    region: str | None = None
    reserved: Capacity | None = None
    overcommit_cpu: int | None = None
    overcommit_memory: int | None = None


class KeepRoom(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="kind"):
    """Keep room on a host for somebody (`Kept.whom`), in place of what was kept for them; none: no more."""

    host: str
    whom: str
    room: Capacity = Capacity()
    until: Micros = Micros(0)


Body = (
    MakePlan
    | Apply
    | Cancel
    | AskWhatIf
    | AskExplain
    | AddCloud
    | RemoveCloud
    | DrainHost
    | SetHost
    | KeepRoom
)


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request, who made it and when; `seq` is its place in the table of asks."""

    id: AskId
    at: Micros
    actor: str
    body: Body
    seq: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an ask.

    `status` is 0, or the exit code of the error; `result` is the JSON of a Plan, Change, WhatIf,
    Explanation or Cloud, or of the error (code, message, remedy, facts).
    """

    ask: AskId
    at: Micros
    status: int
    result: msgspec.Raw
