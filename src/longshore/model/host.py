"""A host: a machine with a container engine, and its capacity."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from longshore.model.clock import Micros
from longshore.model.ids import DecisionId, HostId
from longshore.model.lifecycle import HostState
from longshore.model.mesh import MESHED, Membership, Standing
from longshore.model.money import Money


class HostKind(StrEnum):
    """What a host is."""

    VM = "vm"
    METAL = "metal"
    CONTAINER = "container"


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """Room: thousandths of a core, bytes of memory and disk, processes, GPU cards, and whatever is counted.

    `disk` and `pids` of 0 are not known and bound nothing. `gpus` is whole cards, all of `gpu_model`.
    """

    cpu: int = 0
    memory: int = 0
    disk: int = 0
    pids: int = 0
    gpus: int = 0
    gpu_model: str = ""
    counted: dict[str, int] = {}


class Effect(StrEnum):
    """What a taint does to those who do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class Taint(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps tasks off a host unless they tolerate it: `dedicated=gpu:NoSchedule`."""

    key: str
    value: str = ""
    effect: Effect = Effect.NO_SCHEDULE


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How a host's capacity may be used, as its owner set it.

    `reserved` is kept back for the machine itself. `overcommit_cpu` and `overcommit_memory` are
    thousandths: 2000 lets tasks reserve twice what there is.
    """

    reserved: Capacity = Capacity()
    overcommit_cpu: int = 1000
    overcommit_memory: int = 1000


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Room of a host that is kept for somebody, until a time (0: until it is taken back).

    `whom` is `project:NAME`, `STACK` or `STACK/SERVICE` of the default project. What their
    tasks take there counts towards it.
    """

    whom: str
    room: Capacity
    until: Micros = Micros(0)


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What a cloud asks for a flavor: per hour, with its source and age.

    `price` is None where it is unknown: such a host is never bought by itself. `billing_unit` is
    the least time billed (microseconds), and `boot` what the cloud takes to deliver, both as the
    cloud states them.
    """

    cloud: str
    flavor: str
    kind: HostKind = HostKind.VM
    capacity: Capacity = Capacity()
    price: Money | None = None
    source: str = ""
    at: Micros = Micros(0)
    billing_unit: int = 0
    boot: int = 0
    labels: dict[str, str] = {}
    region: str = ""
    zone: str = ""
    realm: str = ""
    os: str = "linux"
    arch: str = "amd64"

    @property
    def undated(self) -> Quote:
        """The same offer, whenever it was asked for."""
        return msgspec.structs.replace(self, at=Micros(0))


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A host as one noun: what was asked for, and what is seen of it.

    `realm` names what its network reaches (empty: itself alone), `mesh` how it stands to the mesh there
    (nothing is done about that before `mesh_after`).
    State moves along `HOST_MOVES`. Conditions: `silent_since` is when its engine stopped answering
    (0: it answers), `lost` that it stayed silent beyond the grace, `draining` that its tasks are to
    leave. `home_since`: since when all its tasks would fit on own hosts (0: they would not), `idle_since`:
    since when it has none. `marks` are the labels that a person gave it: they hold, whatever its cloud
    and its engine say. `kept`: room that is kept for somebody. `foreign`: what containers that are not
    ours reserve there. `images`: what its engine holds already, as far as that was looked at.
    `strangers`: what carries our label there, but is not in the journal.
    """

    id: HostId
    name: str
    cloud: str
    own: bool
    state: HostState
    kind: HostKind = HostKind.VM
    flavor: str = ""
    capacity: Capacity = Capacity()
    labels: dict[str, str] = {}
    region: str = ""
    zone: str = ""
    taints: tuple[Taint, ...] = ()
    share: Share = Share()
    marks: dict[str, str] = {}
    kept: tuple[Kept, ...] = ()
    foreign: Capacity = Capacity()
    images: tuple[str, ...] = ()
    os: str = "linux"
    arch: str = "amd64"
    engine: str = ""
    price: Money | None = None
    quote: Quote | None = None
    foreign_id: str = ""
    address: str = ""
    realm: str = ""
    mesh: Membership = Membership()
    mesh_after: Micros = Micros(0)
    silent_since: Micros = Micros(0)
    lost: bool = False
    draining: bool = False
    requested_at: Micros = Micros(0)
    ready_at: Micros = Micros(0)
    home_since: Micros = Micros(0)
    idle_since: Micros = Micros(0)
    strangers: tuple[str, ...] = ()
    reason: str = ""
    decision: DecisionId | None = None

    @property
    def usable(self) -> bool:
        """Whether new tasks may be placed here (a host on its way counts: its tasks wait)."""
        return (
            self.state in {HostState.REQUESTED, HostState.BOOTING, HostState.READY}
            and not self.silent_since
            and not self.lost
            and not self.draining
        )

    @property
    def evicts(self) -> bool:
        """Whether it makes some tasks leave: those that do not tolerate it."""
        return any(taint.effect is Effect.NO_EXECUTE for taint in self.taints)

    @property
    def meshes(self) -> bool:
        """Whether its containers reach those of other hosts by a mesh."""
        return self.realm.startswith(MESHED)

    @property
    def joined(self) -> bool:
        """Whether it is a member of its mesh, where it has to be one."""
        return not self.meshes or self.mesh.standing is Standing.ACTIVE

    @property
    def answers(self) -> bool:
        """Whether steps can be performed here now."""
        return self.state is HostState.READY and not self.silent_since and not self.lost
