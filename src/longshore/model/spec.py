"""What a template asks for, lowered: one service, network or volume, whatever its dialect was.

Durations are microseconds, memory is bytes, CPU is thousandths of a core.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec
from typing_extensions import override

from longshore.model.host import Taint
from longshore.model.money import Money
from longshore.model.options import Options, Ulimit

SECONDS = 1_000_000


class Pull(StrEnum):
    """Who says what an image's name means when a plan is made.

    The engine, and a registry where it does not know it; a registry always; the engine alone.
    """

    MISSING = "missing"
    ALWAYS = "always"
    NEVER = "never"


class ImageRef(msgspec.Struct, frozen=True, kw_only=True):
    """An image as the template names it, and what that name meant when it was planned.

    `digest` is `sha256:…`: of the manifest where a registry gave it, of the image's own
    configuration where it exists on an engine only. Empty until pinned.
    """

    name: str
    digest: str = ""
    pull: Pull = Pull.MISSING


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """How to build an image; paths are the client's, as written there, made absolute by it.

    `tags` are further names. `no_cache` takes no layer of earlier builds, `cache_from` also those of
    these images; `pull` asks the registries for newer base images. `network` and `extra_hosts`,
    `shm_size` (bytes) and `ulimits` are those of the containers that its commands run in.
    """

    context: str
    dockerfile: str = "Dockerfile"
    dockerfile_inline: str = ""
    args: dict[str, str] = {}
    target: str = ""
    labels: dict[str, str] = {}
    tags: tuple[str, ...] = ()
    platform: str = ""
    no_cache: bool = False
    cache_from: tuple[str, ...] = ()
    pull: bool = False
    network: str = ""
    extra_hosts: tuple[str, ...] = ()
    shm_size: int = 0
    ulimits: tuple[Ulimit, ...] = ()


class Protocol(StrEnum):
    """The transport of a published port."""

    TCP = "tcp"
    UDP = "udp"


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A container's port; `published` is the port on the host, 0 for any free one."""

    target: int
    published: int = 0
    protocol: Protocol = Protocol.TCP
    host_ip: str = ""


class MountKind(StrEnum):
    """Where a mount's content lives."""

    VOLUME = "volume"
    BIND = "bind"
    TMPFS = "tmpfs"


class Mount(msgspec.Struct, frozen=True, kw_only=True):
    """Something mounted into a container.

    `source` is the graph's name of a volume (empty: an anonymous one, gone with the task), or a
    path on the host. `from_client`: the path was relative to the template, so it means something
    only on the machine where the template lies. Of a tmpfs `size` is bytes, `mode` its permissions, `options`
    are further ones, as the kernel has them.
    `nocopy` leaves out of a new volume what the image has at the target. `propagation` (`rshared` and
    the like) and `selinux` (`z`, `Z`) are a bind's.
    """

    kind: MountKind
    target: str
    source: str = ""
    read_only: bool = False
    from_client: bool = False
    size: int = 0
    create: bool = True
    mode: int = 0
    options: tuple[str, ...] = ()
    nocopy: bool = False
    propagation: str = ""
    selinux: str = ""


class FileMount(msgspec.Struct, frozen=True, kw_only=True):
    """A secret or config, delivered as a file; its content lies in the store under `digest`."""

    name: str
    digest: str
    target: str
    secret: bool = False
    mode: int = 0o444
    uid: int = 0
    gid: int = 0


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A network a service is on (the graph's name), and further names it has there.

    `address` is its one task's own in the network's subnet; empty: the engine gives one. `options`
    are those of the network's driver for one container.
    """

    network: str
    aliases: tuple[str, ...] = ()
    address: str = ""
    options: dict[str, str] = {}


class Awaited(StrEnum):
    """What a dependency must have reached."""

    STARTED = "service_started"
    HEALTHY = "service_healthy"
    COMPLETED = "service_completed_successfully"


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """A service that must have come so far before the first task of this one starts.

    `restart`: replace or restart this service when the other was restarted on request.
    """

    service: str
    condition: Awaited = Awaited.STARTED
    required: bool = True
    restart: bool = False


class Healthcheck(msgspec.Struct, frozen=True, kw_only=True):
    """A command the engine runs in the container; `test` as Docker writes it: `("CMD-SHELL", …)`."""

    test: tuple[str, ...] = ()
    interval: int = 30 * SECONDS
    timeout: int = 30 * SECONDS
    retries: int = 3
    start_period: int = 0
    disable: bool = False


class RestartWhen(StrEnum):
    """When an ended task is started again, or replaced."""

    NONE = "none"
    ON_FAILURE = "on-failure"
    ANY = "any"


class RestartPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """`max_attempts` bounds restarts and replacements together, 0: for ever, with back-off."""

    when: RestartWhen = RestartWhen.ON_FAILURE
    delay: int = 0
    max_attempts: int = 0
    window: int = 0


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """What one task reserves, and what it may not exceed (0: no limit).

    `disk` is bytes, `pids` processes. `gpu` is thousandths of a card: less than 1000 is a share of
    one card, more is whole cards; `gpu_model` says which (empty: any). `counted` are resources that
    a host has so many of, by name: licences, FPGAs, Swarm's generic resources.
    """

    cpu: int = 0
    memory: int = 0
    disk: int = 0
    pids: int = 0
    gpu: int = 0
    gpu_model: str = ""
    counted: dict[str, int] = {}
    cpu_limit: int = 0
    memory_limit: int = 0
    pids_limit: int = 0


class Match(StrEnum):
    """How a constraint's value is compared with what a host has."""

    EXACT = "exact"
    GLOB = "glob"
    REGEX = "regex"


class Constraint(msgspec.Struct, frozen=True, kw_only=True):
    """`node.labels.disk==ssd`, as Swarm writes it; `equal` is False for `!=`.

    Globs are `us-*`; a regular expression is `=~ssd|nvme`, or `==/ssd|nvme/` as classic Swarm has it.
    `soft`: hosts that meet it come first, but none is excluded; classic Swarm's `==~`.
    """

    key: str
    value: str
    equal: bool = True
    match: Match = Match.EXACT
    soft: bool = False

    @override
    def __str__(self) -> str:
        """As the user would write it."""
        value = f"/{self.value}/" if self.match is Match.REGEX else self.value
        return f"{self.key}{'==' if self.equal else '!='}{'~' if self.soft else ''}{value}"


class Skew(msgspec.Struct, frozen=True, kw_only=True):
    """Replicas differ by at most `most` between the values of a host's fact, such as `node.zone`.

    Kubernetes' topologySpreadConstraints with DoNotSchedule, Nomad's spread made hard. `soft`: as
    far as there is room.
    """

    key: str
    most: int = 1
    soft: bool = False


class Affinity(msgspec.Struct, frozen=True, kw_only=True):
    """Beside tasks of a service of the same stack (`other/service` for another's), or away from them.

    `domain` is the fact that must agree, such as `node.zone`; empty: the host itself. `anti`: away.
    `soft`: where there is room.
    """

    service: str
    domain: str = ""
    anti: bool = False
    soft: bool = False


class Toleration(msgspec.Struct, frozen=True, kw_only=True):
    """A taint that the service puts up with: by key, and by value unless that is empty.

    An empty key is every taint.
    """

    key: str = ""
    value: str = ""


def tolerates(tolerations: Iterable[Toleration], taint: Taint) -> bool:
    """Whether one of these puts up with a taint."""
    return any((not t.key or t.key == taint.key) and t.value in {"", taint.value} for t in tolerations)


class Preempt(StrEnum):
    """When a service may take the room of those with less priority."""

    LAST = "last"
    """When nothing is free, and nothing may be bought."""
    FIRST = "first"
    """Before anything is bought."""
    NEVER = "never"


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where tasks may run: all constraints that are not soft hold; spread evenly over each fact of `spread`.

    `max_price` is what one task's share of its host may cost per hour. `weights` mix strategies by
    name. Who has more `priority` is placed first, and may take the room of those with less, when
    `preempt` says.
    `gang`: all replicas, or none.
    """

    constraints: tuple[Constraint, ...] = ()
    spread: tuple[str, ...] = ()
    skew: tuple[Skew, ...] = ()
    affinities: tuple[Affinity, ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    max_per_host: int = 0
    max_price: Money | None = None
    platform: str = ""
    strategy: str = ""
    weights: dict[str, float] = {}
    priority: int = 0
    preempt: Preempt = Preempt.LAST
    gang: bool = False


class UpdateOrder(StrEnum):
    """Whether the old task goes before the new one comes."""

    STOP_FIRST = "stop-first"
    START_FIRST = "start-first"


class FailureAction(StrEnum):
    """What a failed rollout does."""

    PAUSE = "pause"
    CONTINUE = "continue"
    ROLLBACK = "rollback"


class UpdatePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How tasks are replaced: so many at once (0: all), so long apart, watched for so long."""

    parallelism: int = 1
    delay: int = 0
    order: UpdateOrder = UpdateOrder.STOP_FIRST
    failure_action: FailureAction = FailureAction.PAUSE
    monitor: int = 5 * SECONDS
    max_failure_ratio: float = 0.0


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A service: N replicas of a container.

    `labels` are on the containers; `service_labels` on the service alone. `options` are for the engine.
    """

    name: str
    image: ImageRef
    build: Build | None = None
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: dict[str, str] = {}
    labels: dict[str, str] = {}
    service_labels: dict[str, str] = {}
    ports: tuple[Port, ...] = ()
    expose: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    files: tuple[FileMount, ...] = ()
    networks: tuple[Attachment, ...] = ()
    depends_on: tuple[Dependency, ...] = ()
    healthcheck: Healthcheck | None = None
    restart: RestartPolicy = RestartPolicy()
    user: str = ""
    working_dir: str = ""
    stop_grace: int = 10 * SECONDS
    replicas: int = 1
    resources: Resources = Resources()
    placement: Placement = Placement()
    update: UpdatePolicy = UpdatePolicy()
    rollback: UpdatePolicy = UpdatePolicy()
    options: Options = Options()


class Subnet(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses of a network: all of `subnet`; containers get theirs from `ip_range`, if it is said.

    `reserved`: names of other things on the network, with an address each that no container gets.
    """

    subnet: str = ""
    ip_range: str = ""
    gateway: str = ""
    reserved: dict[str, str] = {}


class NetworkSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A network; `name` is what the engine calls it. External: used, never made or removed."""

    name: str
    driver: str = "bridge"
    internal: bool = False
    external: bool = False
    labels: dict[str, str] = {}
    options: dict[str, str] = {}
    subnets: tuple[Subnet, ...] = ()


class VolumeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A named volume; `name` is what the engine calls it. External: used, never made or removed."""

    name: str
    driver: str = "local"
    external: bool = False
    labels: dict[str, str] = {}
    options: dict[str, str] = {}


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """What a template asks for, whole. Keys are the template's names."""

    name: str
    services: dict[str, ServiceSpec] = {}
    networks: dict[str, NetworkSpec] = {}
    volumes: dict[str, VolumeSpec] = {}


_RUN = msgspec.json.Encoder(order="deterministic")

_NOT_RUN = {
    "replicas",
    "depends_on",
    "update",
    "rollback",
    "build",
    "expose",
    "service_labels",
}
"""What of a spec does not change a container that already runs: changing it replaces nothing."""


def digest_of(value: object) -> str:
    """The sha256 of a value's deterministic JSON, in hexadecimal."""
    return hashlib.sha256(_RUN.encode(value)).hexdigest()


def volumes_of(spec: ServiceSpec) -> tuple[str, ...]:
    """The graph's names of the named volumes a service mounts, in order."""
    return tuple(m.source for m in spec.mounts if m.kind is MountKind.VOLUME and m.source)


def run_digest(spec: ServiceSpec, graph: Graph) -> str:
    """Names what a task of this service runs: two tasks with the same digest need no replacing."""
    run = {f: getattr(spec, f) for f in spec.__struct_fields__ if f not in _NOT_RUN}
    run["placement"] = {
        "constraints": spec.placement.constraints,
        "platform": spec.placement.platform,
    }
    if spec.image.digest:
        run["image"] = spec.image.digest
    run["networks"] = [(graph.networks[a.network], a.aliases, a.address, a.options) for a in spec.networks]
    run["volumes"] = [graph.volumes[m.source] for m in spec.mounts if m.kind is MountKind.VOLUME and m.source]
    return digest_of(run)[:16]
