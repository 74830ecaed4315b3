"""What is asked of the scheduler: room for identical replicas, under rules."""

from __future__ import annotations

import msgspec

from longshore.model.ids import HostId, ServiceKey
from longshore.model.spec import Constraint, MountKind, ServiceSpec


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Room for replicas of one service; `cpu` in thousandths of a core, `memory` in bytes.

    `ports` are those wanted on the host itself, `PORT/PROTOCOL`. `pinned`: the only hosts that hold
    its volumes (None: no volume binds it). `own_only`: hosts that the user owns. `client_bound`: it
    mounts folders of the client's machine, so only that machine will do.
    """

    service: ServiceKey
    cpu: int = 0
    memory: int = 0
    ports: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    spread: tuple[str, ...] = ()
    max_per_host: int = 0
    platform: str = ""
    strategy: str = "cheapest"
    pinned: tuple[HostId, ...] | None = None
    own_only: bool = False
    client_bound: bool = False


def request_of(key: ServiceKey, spec: ServiceSpec, pinned: tuple[HostId, ...] | None) -> Request:
    """The request that a service's spec makes."""
    return Request(
        service=key,
        cpu=spec.resources.cpu,
        memory=spec.resources.memory,
        ports=ports_of(spec),
        constraints=spec.placement.constraints,
        spread=spec.placement.spread,
        max_per_host=spec.placement.max_per_host,
        platform=spec.placement.platform,
        strategy=spec.placement.strategy or "cheapest",
        pinned=pinned,
        client_bound=any(m.kind is MountKind.BIND and m.from_client for m in spec.mounts),
    )


def ports_of(spec: ServiceSpec) -> tuple[str, ...]:
    """The ports a service takes on its host, `PORT/PROTOCOL`; those left to the engine take none."""
    return tuple(sorted({f"{p.published}/{p.protocol}" for p in spec.ports if p.published}))
