"""Small graphs to try things with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from longshore.model.clock import SECOND
from longshore.model.spec import (
    Attachment,
    Awaited,
    Constraint,
    Dependency,
    Graph,
    Healthcheck,
    ImageRef,
    Mount,
    MountKind,
    NetworkSpec,
    Placement,
    Port,
    Resources,
    RestartPolicy,
    RestartWhen,
    ServiceSpec,
    UpdatePolicy,
    VolumeSpec,
)

GIB = 1 << 30
MIB = 1 << 20

ALWAYS = RestartPolicy(when=RestartWhen.ANY)
ON_FAILURE = RestartPolicy(when=RestartWhen.ON_FAILURE)
NEVER = RestartPolicy(when=RestartWhen.NONE)


def service(
    name: str,
    *,
    replicas: int = 1,
    image: str = "app:1",
    cpu: int = 500,
    memory: int = 512 * MIB,
    ports: Iterable[int] = (),
    volumes: Iterable[str] = (),
    after: dict[str, Awaited] | None = None,
    healthy: bool = False,
    restart: RestartPolicy = ALWAYS,
    update: UpdatePolicy | None = None,
    constraints: Iterable[Constraint] = (),
    spread: tuple[str, ...] = (),
    max_per_host: int = 0,
    strategy: str = "",
    placement: dict[str, Any] | None = None,
    resources: dict[str, Any] | None = None,
    **environment: str,
) -> ServiceSpec:
    """A service on the network `net`; `environment` steers the simulator (SIM_EXIT_CODE, …).

    `placement` and `resources` are further fields of these.
    """
    digest = f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"
    return ServiceSpec(
        name=name,
        image=ImageRef(name=image, digest=digest),
        environment=environment,
        ports=tuple(Port(target=80, published=port) for port in ports),
        mounts=tuple(Mount(kind=MountKind.VOLUME, source=v, target=f"/{v}") for v in volumes),
        networks=(Attachment(network="net"),),
        depends_on=tuple(Dependency(service=s, condition=c) for s, c in (after or {}).items()),
        healthcheck=Healthcheck(test=("CMD", "true"), interval=SECOND) if healthy else None,
        restart=restart,
        replicas=replicas,
        resources=Resources(cpu=cpu, memory=memory, **(resources or {})),
        placement=Placement(
            constraints=tuple(constraints),
            spread=spread,
            max_per_host=max_per_host,
            strategy=strategy,
            **(placement or {}),
        ),
        update=update or UpdatePolicy(),
        stop_grace=SECOND,
    )


def graph(*services: ServiceSpec, name: str = "shop") -> Graph:
    """A graph of these services, with the network and volumes that they use."""
    volumes = sorted({m.source for s in services for m in s.mounts})
    return Graph(
        name=name,
        services={s.name: s for s in services},
        networks={"net": NetworkSpec(name=f"{name}_net")},
        volumes={v: VolumeSpec(name=f"{name}_{v}") for v in volumes},
    )
