"""A task's order in the engine's words: what to create, and its files as a tar. Pure.

The engine's restart policy is for reboots and for our absence; it is bounded wherever it can be, so that
what cannot live ends for good, and is then ours to explain and replace.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable

from longshore.model.clock import SECOND
from longshore.model.errors import Failed
from longshore.model.seams import TaskOrder
from longshore.model.spec import (
    Healthcheck,
    Mount,
    MountKind,
    Port,
    Resources,
    RestartPolicy,
    RestartWhen,
    ServiceSpec,
)
from longshore.provider.docker.gpus import device_requests
from longshore.provider.docker.labels import CELL, STACK, TASK
from longshore.provider.docker.options import container_options, host_options

BUILT_IN = frozenset({"bridge", "host", "none"})
"""Networks that every engine has; on them it knows no aliases."""

TRIES = 3
"""Restarts in place by the engine where the template sets no bound: they take under two seconds with
its back-off (0.1 s, doubling); after that we replace the task, with reasons and a longer back-off."""

_NANOS_PER_MICRO = 1_000
_NANO_CPUS = 1_000_000
"""The engine's CPU unit is 1e-9 of a core, ours a thousandth."""

_LEAST_MEMORY = 6 * 1024 * 1024
"""The engine takes no smaller reservation; one is only a hint to the kernel, so it is left out."""


def container_body(order: TaskOrder, image: str) -> dict[str, object]:
    """The body of `POST /containers/create`.

    Args:
        order: What to run.
        image: The reference to create from, an image's id or `name@digest`.

    Raises:
        Failed: `bad-request` where the order contradicts itself.
    """
    spec = order.spec
    _check_files(spec)
    body: dict[str, object] = {
        "Image": image,
        "Env": [f"{key}={value}" for key, value in spec.environment.items()],
        "Labels": {**spec.labels, **order.labels},
        "User": spec.user,
        "WorkingDir": spec.working_dir,
        "ExposedPorts": {_port(port): {} for port in spec.ports},
        "StopTimeout": seconds(spec.stop_grace),
        **container_options(spec.options),
        "HostConfig": _host_config(order),
    }
    if hostname := _hostname(order):
        body["Hostname"] = hostname
    if spec.command is not None:
        body["Cmd"] = list(spec.command)
    if spec.entrypoint is not None:
        # To the engine, one empty string is "none at all", and an empty list "the image's".
        body["Entrypoint"] = list(spec.entrypoint) or [""]
    if spec.healthcheck is not None:
        body["Healthcheck"] = _healthcheck(spec.healthcheck)
    first = _networks(order)[:1]
    if first and first[0] not in BUILT_IN:
        # Older engines take one network at creation; the others are connected before the start.
        body["NetworkingConfig"] = {"EndpointsConfig": {first[0]: endpoint(order, first[0])}}
    return body


def further_networks(order: TaskOrder) -> list[str]:
    """The engine's names of the networks to connect between creation and start."""
    return _networks(order)[1:]


def endpoint(order: TaskOrder, network: str) -> dict[str, object]:
    """How a task is on a network: under its service's name, its own, and what the template adds."""
    names = [order.spec.name]
    said: dict[str, object] = {}
    for attachment in order.spec.networks:
        if order.networks[attachment.network].name == network:
            names += attachment.aliases
            if attachment.address:
                said["IPAMConfig"] = {"IPv4Address": attachment.address}
            if attachment.options:
                said["DriverOpts"] = attachment.options
    names.append(order.hostname)
    return {"Aliases": list(dict.fromkeys(name for name in names if name)), **said}


def named_volumes(order: TaskOrder) -> list[str]:
    """The engine's names of the volumes that must be there before the task is created."""
    names = [
        order.volumes[mount.source].name
        for mount in order.spec.mounts
        if mount.kind is MountKind.VOLUME and mount.source
    ]
    return list(dict.fromkeys(names))


def files_tar(order: TaskOrder) -> bytes:
    """The file mounts as a tar to unpack at the container's root; empty where there are none.

    Directories are left out: the engine makes those that are missing (0755), and does not touch the
    mode of those that are there.
    """
    if not order.spec.files:
        return b""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for file in order.spec.files:
            content = order.contents[file.digest]
            entry = tarfile.TarInfo(file.target.lstrip("/"))
            entry.size, entry.mode = len(content), file.mode
            entry.uid, entry.gid = file.uid, file.gid
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def seconds(length: int) -> int:
    """Microseconds in the engine's whole seconds, never less than asked for."""
    return -(-length // SECOND)


def _networks(order: TaskOrder) -> list[str]:
    names = [order.networks[attachment.network].name for attachment in order.spec.networks]
    return list(dict.fromkeys(names))


def _host_config(order: TaskOrder) -> dict[str, object]:
    spec = order.spec
    binds, mounts = _mounts(order)
    config: dict[str, object] = {
        "Binds": binds,
        "Mounts": mounts,
        **_tmpfs(spec.mounts),
        "PortBindings": _bindings(spec.ports),
        "RestartPolicy": _restart(spec.restart),
        **_limits(spec.resources),
        **device_requests(order),
        **host_options(spec.options),
    }
    first = _networks(order)[:1]
    if first:
        config["NetworkMode"] = first[0]
    return config


def _hostname(order: TaskOrder) -> str:
    """What the template says, else the task's own; nothing where the host's own name is shared."""
    options = order.spec.options
    shared = "host" in {options.network_mode, options.uts, *_networks(order)[:1]}
    return options.hostname or ("" if shared else order.hostname)


def _restart(policy: RestartPolicy) -> dict[str, object]:
    if policy.when is RestartWhen.NONE:
        return {"Name": "no"}
    if policy.when is RestartWhen.ANY and not policy.max_attempts:
        return {"Name": "unless-stopped"}
    # The engine bounds failures only: a task that ends well before its bound is replaced by us.
    return {"Name": "on-failure", "MaximumRetryCount": policy.max_attempts or TRIES}


def _limits(resources: Resources) -> dict[str, object]:
    limits: dict[str, object] = {}
    if resources.cpu_limit:
        limits["NanoCpus"] = resources.cpu_limit * _NANO_CPUS
    if resources.memory_limit:
        limits["Memory"] = resources.memory_limit
    if resources.memory >= _LEAST_MEMORY:
        limits["MemoryReservation"] = min(resources.memory, resources.memory_limit or resources.memory)
    if resources.pids_limit:
        limits["PidsLimit"] = resources.pids_limit
    return limits


def _bindings(ports: Iterable[Port]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        place = {"HostIp": port.host_ip, "HostPort": str(port.published or "")}
        bindings.setdefault(_port(port), []).append(place)
    return bindings


def _port(port: Port) -> str:
    return f"{port.target}/{port.protocol}"


def _mounts(order: TaskOrder) -> tuple[list[str], list[dict[str, object]]]:
    """Binds whose source may be made, or marked for SELinux, have only the old short form for saying so."""
    binds, mounts = [], []
    for mount in order.spec.mounts:
        if mount.options:
            continue
        short = mount.create or mount.selinux
        if mount.kind is MountKind.BIND and short and ":" not in mount.source + mount.target:
            said = ("ro" if mount.read_only else "rw", mount.propagation, mount.selinux)
            binds.append(f"{mount.source}:{mount.target}:{','.join(word for word in said if word)}")
        else:
            mounts.append(_mount(mount, order))
    return binds, mounts


def _tmpfs(mounts: Iterable[Mount]) -> dict[str, object]:
    """Those with options of the kernel's own, for which only the engine's elder form has words."""
    found = {}
    for mount in mounts:
        if mount.options:
            sized = (f"size={mount.size}",) if mount.size else ()
            found[mount.target] = ",".join((*mount.options, *sized))
    return {"Tmpfs": found} if found else {}


def _mount(mount: Mount, order: TaskOrder) -> dict[str, object]:
    form: dict[str, object] = {
        "Type": str(mount.kind),
        "Target": mount.target,
        "ReadOnly": mount.read_only,
    }
    match mount.kind:
        case MountKind.BIND:
            form["Source"] = mount.source
            if mount.propagation:
                form["BindOptions"] = {"Propagation": mount.propagation}
        case MountKind.VOLUME:
            if mount.source:
                form["Source"] = order.volumes[mount.source].name
            # What the engine makes by itself for this must be found by label too.
            keys = (CELL, STACK) if mount.source else (CELL, TASK)
            options: dict[str, object] = {"Labels": {k: order.labels[k] for k in keys if k in order.labels}}
            form["VolumeOptions"] = {**options, "NoCopy": True} if mount.nocopy else options
        case MountKind.TMPFS:
            said = {"SizeBytes": mount.size, "Mode": mount.mode}
            form["TmpfsOptions"] = {name: number for name, number in said.items() if number}
    return form


def _healthcheck(check: Healthcheck) -> dict[str, object]:
    if check.disable:
        return {"Test": ["NONE"]}
    return {
        "Test": list(check.test),
        "Interval": check.interval * _NANOS_PER_MICRO,
        "Timeout": check.timeout * _NANOS_PER_MICRO,
        "Retries": check.retries,
        "StartPeriod": check.start_period * _NANOS_PER_MICRO,
    }


def _check_files(spec: ServiceSpec) -> None:
    """Files are put in before the start, when no tmpfs is there yet: below one they would be hidden."""
    for mount in spec.mounts:
        if mount.kind is not MountKind.TMPFS:
            continue
        for file in spec.files:
            if file.target.startswith(mount.target.rstrip("/") + "/"):
                raise Failed(
                    f"The file {file.target} would be hidden by the tmpfs on {mount.target}.",
                    code="bad-request",
                    remedy=f"Give {file.name} another `target:`, or take the tmpfs away.",
                )
