"""The engine's answers, as far as we read them: its names, its nulls, nothing of ours.

What is not named here is passed over. Go writes null for an empty list or map; such fields say so.
"""

from __future__ import annotations

import msgspec


class Version(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /version`."""

    api_version: str = ""
    min_api_version: str = ""


class SwarmCluster(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """The whole that a manager is of."""

    id: str = msgspec.field(name="ID", default="")


class Swarm(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What an engine says of its swarm, in `GET /info`."""

    node_id: str = msgspec.field(name="NodeID", default="")
    node_addr: str = ""
    local_node_state: str = ""
    control_available: bool = False
    error: str = ""
    cluster: SwarmCluster | None = None


class DiscreteResource(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """So many of something that the daemon was told its machine has."""

    kind: str = ""
    value: int = 0


class NamedResource(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """One thing by its name that the daemon was told its machine has."""

    kind: str = ""
    value: str = ""


class GenericResource(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """One of the two."""

    discrete_resource_spec: DiscreteResource | None = None
    named_resource_spec: NamedResource | None = None


class Info(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /info`."""

    id: str = msgspec.field(name="ID", default="")
    name: str = ""
    ncpu: int = msgspec.field(name="NCPU", default=0)
    mem_total: int = 0
    os_type: str = msgspec.field(name="OSType", default="linux")
    architecture: str = ""
    server_version: str = ""
    system_time: str = ""
    labels: list[str] | None = None
    generic_resources: list[GenericResource] | None = None
    swarm: Swarm | None = None


class HealthState(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What the engine's health check says."""

    status: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """How a container is."""

    status: str = ""
    oom_killed: bool = msgspec.field(name="OOMKilled", default=False)
    error: str = ""
    exit_code: int = 0
    started_at: str = ""
    finished_at: str = ""
    health: HealthState | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """How a container was asked for."""

    labels: dict[str, str] | None = None
    tty: bool = False


class Binding(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """One end of a published port."""

    host_ip: str = ""
    host_port: str = ""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A container's place on a network; that it is there is all we ask."""


class NetworkSettings(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A container's ports and networks."""

    ports: dict[str, list[Binding] | None] | None = None
    networks: dict[str, Endpoint] | None = None


class Inspected(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /containers/ID/json`."""

    id: str
    name: str = ""
    state: State
    config: Config
    restart_count: int = 0
    network_settings: NetworkSettings = NetworkSettings()


class Listed(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A row of `GET /containers/json`."""

    id: str
    names: list[str] | None = None
    labels: dict[str, str] | None = None
    state: str = ""
    status: str = ""


class Created(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`POST /containers/create`, and of an exec."""

    id: str


class Network(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A row of `GET /networks`."""

    id: str
    name: str
    driver: str = ""
    labels: dict[str, str] | None = None


class Volume(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /volumes/NAME`."""

    name: str
    driver: str = ""
    labels: dict[str, str] | None = None


class Volumes(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /volumes`."""

    volumes: list[Volume] | None = None


class Image(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /images/NAME/json`."""

    id: str
    repo_digests: list[str] | None = None


class Descriptor(msgspec.Struct, frozen=True):
    """What a registry's manifest is called."""

    digest: str = ""


class Distribution(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /distribution/NAME/json`: what a registry says of an image."""

    descriptor: Descriptor = msgspec.field(name="Descriptor", default=Descriptor())


class ExecState(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /exec/ID/json`."""

    running: bool = False
    exit_code: int | None = None


class Actor(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What an event is about."""

    id: str = msgspec.field(name="ID", default="")
    attributes: dict[str, str] | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A line of `GET /events`."""

    action: str = ""
    actor: Actor = Actor()


class Fault(msgspec.Struct, frozen=True):
    """The body of an answer of 400 or more."""

    message: str = ""


class ErrorDetail(msgspec.Struct, frozen=True):
    """A fault told in the middle of a stream."""

    message: str = ""


class Progress(msgspec.Struct, frozen=True, rename="camel"):
    """A line of a build's or a pull's progress."""

    stream: str = ""
    status: str = ""
    id: str = ""
    error: str = ""
    error_detail: ErrorDetail | None = None
    progress: str = ""
