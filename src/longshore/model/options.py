"""What a service tells the container engine besides the usual: rights, namespaces, names, kernel limits.

The words and their meaning are those of Docker's Engine API, which the Compose specification follows.
Whatever is left at its default leaves the engine's own default. Planner and scheduler look at none of
it but `ServiceSpec.resources`; a change of any of it replaces the tasks.
"""

from __future__ import annotations

import msgspec


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device of the host within the container; `permissions` of `rwm`: read, write, make nodes."""

    source: str
    target: str
    permissions: str = "rwm"


class Ulimit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of a process by its name in limits.conf; -1 is none."""

    name: str
    soft: int
    hard: int


class Logging(msgspec.Struct, frozen=True, kw_only=True):
    """Where output goes. Some drivers cannot be read back: then there is nothing to show of it."""

    driver: str = ""
    options: dict[str, str] = {}


class Cpu(msgspec.Struct, frozen=True, kw_only=True):
    """How the kernel shares processors out; times are microseconds, 0: as the kernel has it.

    `shares` weigh against others (1024 is usual); `cpuset` is a list of processors, like `0-2,5`.
    """

    shares: int = 0
    quota: int = 0
    period: int = 0
    rt_runtime: int = 0
    rt_period: int = 0
    cpuset: str = ""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A number for one block device: a weight, or bytes or operations per second."""

    path: str
    rate: int


class BlockIo(msgspec.Struct, frozen=True, kw_only=True):
    """How block devices are shared out; `weight` is 10 to 1000, 0: as the kernel has it."""

    weight: int = 0
    weight_device: tuple[Rate, ...] = ()
    device_read_bps: tuple[Rate, ...] = ()
    device_read_iops: tuple[Rate, ...] = ()
    device_write_bps: tuple[Rate, ...] = ()
    device_write_iops: tuple[Rate, ...] = ()


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Sizes are bytes; None where nothing was said and nought means something.

    `network_mode` is `none`, `host` or `bridge`, and then the service is on no network of the graph.
    `pid`, `ipc`, `uts`, `userns` and `cgroup` name namespaces: `host`, `private`, for `ipc` also
    `shareable` and `none`. `memswap_limit` counts memory and swap together, -1: no limit.
    """

    hostname: str = ""
    domainname: str = ""
    network_mode: str = ""
    dns: tuple[str, ...] = ()
    dns_options: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()

    init: bool | None = None
    tty: bool = False
    stdin_open: bool = False
    stop_signal: str = ""
    group_add: tuple[str, ...] = ()
    read_only: bool = False

    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    device_cgroup_rules: tuple[str, ...] = ()
    sysctls: dict[str, str] = {}
    runtime: str = ""

    pid: str = ""
    ipc: str = ""
    uts: str = ""
    userns: str = ""
    cgroup: str = ""
    cgroup_parent: str = ""

    shm_size: int = 0
    ulimits: tuple[Ulimit, ...] = ()
    memswap_limit: int = 0
    mem_swappiness: int | None = None
    oom_kill_disable: bool = False
    oom_score_adj: int = 0
    cpu: Cpu = Cpu()
    block_io: BlockIo = BlockIo()

    storage_opt: dict[str, str] = {}
    logging: Logging = Logging()
