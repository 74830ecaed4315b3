"""The seams to the outside, as Protocols. Each verb says what happens when it is called twice.

Verbs raise `Failed` or `Refused` (nothing was left; `code` says why), `Unreachable` (the other side
was never reached, nothing happened) or `Unsure` (nobody knows). Other exceptions are bugs.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

import msgspec

from longshore.model.holding import HoldingKind
from longshore.model.host import Quote
from longshore.model.ids import HostId, StackId, TaskId
from longshore.model.mesh import Admission, Membership, MeshAct
from longshore.model.report import ContainerReport, HostReport, LentHost
from longshore.model.spec import Build, NetworkSpec, Pull, ServiceSpec, VolumeSpec


class HostOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A host to make: labels hold `io.longshore.cell` and `io.longshore.host`."""

    host: HostId
    name: str
    quote: Quote
    labels: dict[str, str]


class CloudDriver(Protocol):
    """A cloud: lends hosts."""

    async def offers(self) -> tuple[Quote, ...]:
        """What can be bought, with prices. Repeating it is free."""
        ...

    async def create(self, order: HostOrder) -> LentHost:
        """Order a host; returns when the cloud has accepted. Twice with the same `host`: one host."""
        ...

    async def delete(self, foreign_id: str) -> None:
        """Give a host back; returns when the cloud has accepted. Of an unknown one: nothing."""
        ...

    async def hosts(self) -> tuple[LentHost, ...]:
        """All hosts of our cell, and own ones. May lag behind; repeating it is free."""
        ...

    async def close(self) -> None:
        """Let go of connections. Twice: nothing."""
        ...


class TaskOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A container to start. `contents`: digest -> bytes of its file mounts.

    `networks` and `volumes` map the graph's names to specs; `labels` hold io.longshore.cell, .project,
    .stack, .service, .task, .slot, .step. `name` is the container's, unique to the task. `cards` are the
    numbers of the GPUs that it was given.
    """

    task: TaskId
    name: str
    hostname: str
    spec: ServiceSpec
    networks: dict[str, NetworkSpec]
    volumes: dict[str, VolumeSpec]
    labels: dict[str, str]
    contents: dict[str, bytes] = {}
    cards: tuple[int, ...] = ()


class HoldingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A network or volume to make, or an image to fetch (`name` its digest, `reference` its name)."""

    kind: HoldingKind
    name: str
    labels: dict[str, str] = {}
    reference: str = ""
    network: NetworkSpec | None = None
    volume: VolumeSpec | None = None
    stack: StackId | None = None


class Runtime(Protocol):
    """A container engine on one host. Touches only what carries our cell's label."""

    async def look(self) -> HostReport:
        """A full look. Repeating it is free."""
        ...

    def events(self) -> AsyncIterator[ContainerReport]:
        """Changes of containers of ours from now on, until the connection breaks (`Unreachable`)."""
        ...

    async def provide(self, order: HoldingOrder) -> None:
        """Make or fetch it. Twice: once. `name-taken` where another cell or a person made it."""
        ...

    async def withdraw(self, order: HoldingOrder) -> None:
        """Remove it. Of one that is not there: nothing. `in-use` where containers hold on to it."""
        ...

    async def start(self, order: TaskOrder) -> ContainerReport:
        """Create and start. Twice for the same task: one container, started."""
        ...

    async def stop(self, task: TaskId, grace: int) -> None:
        """Stop within `grace` microseconds and remove. Of one that is not there: nothing."""
        ...

    async def restart(self, task: TaskId, grace: int) -> ContainerReport:
        """Restart in place. Twice: twice (a restart leaves nothing behind)."""
        ...

    async def close(self) -> None:
        """Let go of connections. Twice: nothing."""
        ...


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line a task wrote; `stream` is stdout or stderr."""

    task: TaskId
    text: str
    stream: str = "stdout"
    at: int = 0


class ExecFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of an exec's output, or its end (`exit_code` set)."""

    stream: str = "stdout"
    data: bytes = b""
    exit_code: int | None = None


class ExecInput(msgspec.Struct, frozen=True, kw_only=True):
    """What is typed into an exec: bytes, a new window size (rows, columns), or the end of input."""

    data: bytes = b""
    size: tuple[int, int] | None = None
    end: bool = False


class ImageStreams(Protocol):
    """What a runtime can also do: the long, streaming things that no step is made of."""

    async def resolve(self, name: str, pull: Pull = Pull.MISSING) -> str:
        """The digest an image name means now, to whom `pull` says. Free to repeat.

        Raises `Failed` with code `image-missing` where nobody of them knows it.
        """
        ...

    def build(
        self, name: str, build: Build, context: AsyncIterator[bytes], labels: dict[str, str]
    ) -> AsyncIterator[str]:
        """Build from a tar stream and tag it `name`; yields lines of progress. Raises `Failed`."""
        ...

    def save(self, order: HoldingOrder) -> AsyncGenerator[bytes, None]:
        """An image as a tar, piece by piece. Raises `Failed` with code `image-missing`. Free to repeat."""
        ...

    async def load(self, order: HoldingOrder, content: AsyncIterator[bytes]) -> None:
        """Take in an image that another engine saved; from then on it is provided. Twice: once."""
        ...

    def logs(self, task: TaskId, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        """What a task wrote: the last `tail` lines (-1: all), then, if `follow`, what comes."""
        ...

    def execute(
        self,
        task: TaskId,
        command: tuple[str, ...],
        *,
        tty: bool,
        stdin: AsyncIterator[ExecInput] | None,
    ) -> AsyncIterator[ExecFrame]:
        """Run a command in a task's container; the last frame has the exit code."""
        ...


class MeshOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do to a mesh, asked of one host. `address`: where other hosts reach this one."""

    act: MeshAct
    address: str
    admission: Admission | None = None
    node: str = ""


class Mesh(Protocol):
    """What a runtime can do so that containers of several hosts reach each other."""

    async def admit(self, address: str, *, manager: bool) -> Admission:
        """What lets another host join the mesh that this one manages. Free to repeat."""
        ...

    async def tend(self, order: MeshOrder) -> Membership:
        """Do it, and say how this host stands then. Twice: once."""
        ...


class Engine(Runtime, ImageStreams, Mesh, Protocol):
    """A runtime with its streams: what a provider gives for a host."""


class Provider(Protocol):
    """Everything the shell asks of the outside, by name of cloud and host."""

    def drivers(self) -> dict[str, str]:
        """The kinds of cloud that can be added, with one line of documentation each."""
        ...

    def cloud(self, name: str, driver: str, settings: dict[str, str]) -> CloudDriver:
        """The driver of a cloud; the same object while name and settings stay the same.

        Raises `Invalid` for settings the driver does not know.
        """
        ...

    def engine(self, cloud: str, host: HostId, address: str) -> Engine:
        """The engine of a host; the same object while its address stays the same."""
        ...

    async def close(self) -> None:
        """Close everything that was given out."""
        ...


class Streams(Protocol):
    """What api and service may ask of hosts directly; main wires it to a `Provider`."""

    async def resolve(self, name: str, pull: Pull = Pull.MISSING) -> str:
        """As `ImageStreams.resolve`, on a host that can be asked."""
        ...

    def build(self, name: str, build: Build, context: AsyncIterator[bytes]) -> AsyncIterator[str]:
        """As `ImageStreams.build`."""
        ...

    def logs(self, host: HostId, task: TaskId, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        """As `ImageStreams.logs`."""
        ...

    def execute(
        self,
        host: HostId,
        task: TaskId,
        command: tuple[str, ...],
        *,
        tty: bool,
        stdin: AsyncIterator[ExecInput] | None,
    ) -> AsyncIterator[ExecFrame]:
        """As `ImageStreams.execute`."""
        ...

    def drivers(self) -> dict[str, str]:
        """As `Provider.drivers`."""
        ...
