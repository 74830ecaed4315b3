"""What is seen: reports of hosts and clouds, and the inputs a turn takes in."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from longshore.model.ask import Ask
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.holding import HoldingKind
from longshore.model.host import Capacity, Quote
from longshore.model.ids import AskId, HostId, StepId, TaskId
from longshore.model.lifecycle import Health
from longshore.model.mesh import Membership


class ContainerState(StrEnum):
    """Docker's words."""

    CREATED = "created"
    RUNNING = "running"
    RESTARTING = "restarting"
    PAUSED = "paused"
    EXITED = "exited"
    DEAD = "dead"
    REMOVING = "removing"
    GONE = "gone"


class ContainerReport(msgspec.Struct, frozen=True, kw_only=True):
    """A container of ours as its engine shows it.

    `message`: for one that ended badly, why, in words a person can act on (the engine's error, the
    last lines it wrote). `published`: `HOST_IP:PORT->TARGET/PROTOCOL`. `restarts`: the engine's count.
    """

    task: TaskId
    foreign_id: str
    state: ContainerState
    health: Health = Health.NONE
    exit_code: int | None = None
    restarts: int = 0
    oom: bool = False
    started_at: Micros = Micros(0)
    ended_at: Micros = Micros(0)
    published: tuple[str, ...] = ()
    message: str = ""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A network or volume of ours on a host."""

    kind: HoldingKind
    name: str
    stack: str = ""


class HostReport(msgspec.Struct, frozen=True, kw_only=True):
    """A full look at a host: everything of our cell that is there, and what the host is.

    `began` is when the look began: steps left unsettled before then are settled by it. `foreign` is
    what containers that are not ours reserve there; `images` the names and digests of those it has,
    None where they were not looked at: they are a cache, and asked for when needed.
    """

    host: HostId
    began: Micros
    at: Micros
    containers: tuple[ContainerReport, ...] = ()
    held: tuple[Held, ...] = ()
    capacity: Capacity = Capacity()
    os: str = "linux"
    arch: str = "amd64"
    engine: str = ""
    labels: dict[str, str] = {}
    foreign: Capacity = Capacity()
    images: tuple[str, ...] | None = None
    mesh: Membership = Membership()


class LentHost(msgspec.Struct, frozen=True, kw_only=True):
    """A host as its cloud lists it.

    `host` is our id from its label, empty for an own host that the cloud names itself. `ready`: its
    engine can be asked. `realm` names what its network reaches: hosts of one realm reach each other.
    """

    name: str
    foreign_id: str
    host: str = ""
    ready: bool = False
    failed: str = ""
    address: str = ""
    flavor: str = ""
    region: str = ""
    zone: str = ""
    labels: dict[str, str] = {}
    realm: str = ""


class HostSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A full look at a host, taken at the start, after silence, and when something differs."""

    report: HostReport


class HostSilent(msgspec.Struct, frozen=True, kw_only=True):
    """A host's engine does not answer; `since` is when it last did, or our first try."""

    host: HostId
    since: Micros
    reason: str


class ContainerSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One container changed."""

    host: HostId
    container: ContainerReport


class CloudSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A look at a cloud that shows something new. `began` as in HostReport."""

    cloud: str
    began: Micros
    at: Micros
    hosts: tuple[LentHost, ...]
    offers: tuple[Quote, ...]


class CloudSilent(msgspec.Struct, frozen=True, kw_only=True):
    """A cloud does not answer."""

    cloud: str
    since: Micros
    reason: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A step went well.

    `container`: what StartTask or RestartTask left; `foreign_id`: BuyHost's; `mesh`: how the host
    stands to its mesh after TendMesh.
    """

    step: StepId
    at: Micros
    container: ContainerReport | None = None
    foreign_id: str = ""
    address: str = ""
    mesh: Membership | None = None


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """A step went wrong, and nothing was left by it.

    `code` is stable (`image-missing`, `port-taken`, `name-taken`, `quota`, `no-capacity`, …); `again`:
    trying the same again may help.
    """

    step: StepId
    at: Micros
    code: str
    reason: str
    remedy: str = ""
    again: bool = True


class Doubtful(msgspec.Struct, frozen=True, kw_only=True):
    """A step that timed out or broke off: only a look begun after `at` can tell what came of it."""

    step: StepId
    at: Micros
    reason: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An ask to take in."""

    ask: Ask


class Intended(msgspec.Struct, frozen=True, kw_only=True):
    """A change to make, once its plan was checked against the world again.

    `change` is the change to open (its plan's ceiling and purchases in it); `ask`: whom to answer.
    """

    change: Change
    project: str
    ask: AskId | None = None


Outcome = Done | Missed | Doubtful
Input = (
    HostSeen
    | HostSilent
    | ContainerSeen
    | CloudSeen
    | CloudSilent
    | Done
    | Missed
    | Doubtful
    | Asked
    | Intended
)
