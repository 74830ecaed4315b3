"""The simulated world: machines with their containers, networks, volumes and images, as data.

It is one value that can be written to a file and read again, so that it survives the server.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from longshore.model.errors import Invalid
from longshore.model.host import Capacity
from longshore.model.ids import TaskId
from longshore.model.money import Money
from longshore.model.report import ContainerReport
from longshore.model.spec import ServiceSpec

CELL = "io.longshore.cell"
STACK = "io.longshore.stack"


class Container(msgspec.Struct, kw_only=True, gc=False):
    """A container. `turn_at`: when its state moves on by itself, `turn_code` how it then exits.

    `check_at`: when its health check speaks. 0: never. `starts` counts its starts of any kind.
    `claimed`: it holds room and the ports `bound` (`80/tcp` and an address),
    shown as `published`. `revive`: it comes back when its machine does.
    """

    task: TaskId
    name: str
    labels: dict[str, str]
    spec: ServiceSpec
    networks: tuple[str, ...]
    volumes: tuple[str, ...]
    report: ContainerReport
    starts: int = 0
    turn_at: int = 0
    turn_code: int = 0
    turn_why: str = ""
    check_at: int = 0
    claimed: bool = False
    bound: tuple[tuple[str, str], ...] = ()
    published: tuple[str, ...] = ()
    revive: bool = False


class Thing(msgspec.Struct, kw_only=True):
    """A network or volume."""

    name: str
    labels: dict[str, str]
    stack: str = ""


class Seat(msgspec.Struct, kw_only=True):
    """A machine's place in a mesh."""

    mesh: str
    node: str
    manager: bool = False


class Machine(msgspec.Struct, kw_only=True):
    """A simulated host. `host` is our id of a lent one; `deleted_at` 0: it is there.

    Conditions: `down` without power, `cut` off the network, `hung` its engine does not answer.
    `images`: digest -> name. `ports`: `80/tcp` -> the addresses bound. `overcommitted` counts the
    starts that took more than there was. `seat`: its place in a mesh.
    """

    foreign_id: str
    name: str
    own: bool
    capacity: Capacity
    labels: dict[str, str]
    host: str = ""
    flavor: str = ""
    tags: dict[str, str] = {}
    created_at: int = 0
    ready_at: int = 0
    deleted_at: int = 0
    failed: str = ""
    price: Money | None = None
    down: bool = False
    cut: bool = False
    hung: bool = False
    containers: dict[TaskId, Container] = {}
    names: set[str] = set()
    networks: dict[str, Thing] = {}
    volumes: dict[str, Thing] = {}
    images: dict[str, str] = {}
    ports: dict[str, list[str]] = {}
    cpu_used: int = 0
    memory_used: int = 0
    overcommitted: int = 0
    seat: Seat | None = None


class World(msgspec.Struct, kw_only=True):
    """All there is in one simulated cloud, deleted machines included while they are still listed.

    `born`: when it began; outages count from there. `serial` numbers what is made. `where`: the machine
    of each task's container. `prices`: flavors whose price was changed, and when. `built`: images
    built here. `billed`: nano-units per currency of hosts given back. `twice`: a record of everything
    done that had been done before.
    """

    born: int = 0
    serial: int = 0
    out: bool = False
    machines: dict[str, Machine] = {}
    where: dict[TaskId, str] = {}
    prices: dict[str, tuple[Money | None, int]] = {}
    built: dict[str, str] = {}
    billed: dict[str, int] = {}
    twice: list[str] = []

    def next(self) -> int:
        """The next number for something made."""
        self.serial += 1
        return self.serial


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is there now: `kind` is host, container, network or volume."""

    kind: str
    name: str
    host: str
    labels: dict[str, str]
    task: str = ""
    state: str = ""


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of every cell that is there now.

    `twice` lists what was done though it had been done before, `overcommitted` counts the starts that
    took more cpu or memory than their host has.
    """

    hosts: tuple[Made, ...]
    containers: tuple[Made, ...]
    networks: tuple[Made, ...]
    volumes: tuple[Made, ...]
    twice: tuple[str, ...]
    overcommitted: int


def census_of(world: World) -> Census:
    """Count a world: lent machines that are not deleted, and what all machines hold."""
    there = [m for m in world.machines.values() if not m.deleted_at]
    return Census(
        hosts=tuple(Made(kind="host", name=m.name, host=m.name, labels=m.tags) for m in there if not m.own),
        containers=tuple(
            Made(
                kind="container",
                name=c.name,
                host=m.name,
                labels=c.labels,
                task=c.task,
                state=c.report.state,
            )
            for m in there
            for c in m.containers.values()
        ),
        networks=tuple(
            Made(kind="network", name=t.name, host=m.name, labels=t.labels)
            for m in there
            for t in m.networks.values()
        ),
        volumes=tuple(
            Made(kind="volume", name=t.name, host=m.name, labels=t.labels)
            for m in there
            for t in m.volumes.values()
        ),
        twice=tuple(world.twice),
        overcommitted=sum(m.overcommitted for m in world.machines.values()),
    )


def load(path: str) -> World | None:
    """The world as it was written last; None where there is no file yet.

    Raises:
        Invalid: `bad-state`: the file is not such a world.
    """
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=World)
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return None
    except msgspec.DecodeError as error:
        raise Invalid(
            f"{path} does not hold a simulated world: {error}",
            code="bad-state",
            remedy=f"move {path} away; the simulated cloud then begins anew",
            facts={"path": path},
        ) from None


def save(path: str, world: World) -> None:
    """Write the world, wholly or not at all, readable by its owner only.

    It is to survive the death of the process, not of the machine: there is no fsync.
    """
    target = Path(path)
    draft = target.with_name(f"{target.name}.new")
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(world))
    draft.replace(target)
