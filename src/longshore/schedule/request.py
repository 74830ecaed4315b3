"""What is asked of the scheduler: room for identical replicas, under rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import msgspec

from longshore.model.ids import HostId, ServiceKey
from longshore.model.money import Money
from longshore.model.spec import Affinity, Constraint, MountKind, Placement, ServiceSpec, Skew, Toleration
from longshore.model.task import Claim

CARD = 1000
"""Thousandths of a GPU card: what is asked for below it is a share of one card, from it on whole cards."""


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """An affinity whose service was found: beside tasks of `key`, or (`anti`) away from them.

    `domain` is the fact that must agree, empty: the host itself. `soft`: where there is room. With a key
    that nothing bears, none is anywhere.
    """

    key: ServiceKey
    domain: str = ""
    anti: bool = False
    soft: bool = False


class Request(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Room for replicas of one service; `cpu` in thousandths of a core, `memory` and `disk` in bytes.

    `gpu` is thousandths of a card: below 1000 a share of one card, else whole cards, rounded up;
    `gpu_model` says which (empty: any). `counted`: whatever else hosts have so many of, by name.
    `ports` are those wanted on the host itself, `PORT/PROTOCOL`. `images` are the names under which a
    host may hold its image already. `spread`: facts, the emptiest value first, level by level. `skew`:
    facts over whose values replicas may differ only so much. `near`: affinities, its own service
    among them. `weights` mix strategies by name, and then `strategy` counts for nothing.

    `pinned`: the only hosts that hold its volumes (None: no volume binds it). `own_only`: hosts that the
    user owns. `client_bound`: it mounts folders of the client's machine, so only that machine will do.
    """

    service: ServiceKey
    cpu: int = 0
    memory: int = 0
    disk: int = 0
    pids: int = 0
    gpu: int = 0
    gpu_model: str = ""
    counted: dict[str, int] = {}
    ports: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    tolerations: tuple[Toleration, ...] = ()
    spread: tuple[str, ...] = ()
    skew: tuple[Skew, ...] = ()
    near: tuple[Near, ...] = ()
    max_per_host: int = 0
    max_price: Money | None = None
    platform: str = ""
    strategy: str = "cheapest"
    weights: dict[str, float] = {}
    pinned: tuple[HostId, ...] | None = None
    own_only: bool = False
    client_bound: bool = False

    @property
    def cards(self) -> int:
        """On how many GPU cards a replica is: none, one for a share, or as many as it takes whole."""
        return -(-self.gpu // CARD)

    @property
    def share(self) -> int:
        """What it takes of each of its cards, in thousandths."""
        return min(CARD, self.gpu)

    @cached_property
    def needs(self) -> dict[str, int]:
        """What one replica takes of each resource that a host has as a plain number (not GPUs), by name."""
        plain = {"cpu": self.cpu, "memory": self.memory, "disk": self.disk, "pids": self.pids}
        plain.update((counted_name(name), number) for name, number in self.counted.items())
        return {name: number for name, number in plain.items() if number}

    @property
    def claim(self) -> Claim:
        """What a task of this service takes besides cpu, memory and ports."""
        return Claim(
            disk=self.disk, pids=self.pids, gpu=self.gpu, gpu_model=self.gpu_model, counted=self.counted
        )


def counted_name(name: str) -> str:
    """The name of a counted resource among the plain ones, where it could meet one of theirs."""
    return f"counted.{name}"


def request_of(
    key: ServiceKey,
    spec: ServiceSpec,
    pinned: tuple[HostId, ...] | None,
    *,
    find: Callable[[str], ServiceKey | None] | None = None,
    also: tuple[Near, ...] = (),
) -> Request:
    """The request that a service's spec makes.

    `find` turns `STACK/SERVICE` of an affinity into a key (None: there is no such stack). `also` are
    affinities that others have towards this service: who keeps away from it is kept away from.
    """
    place = spec.placement
    return Request(
        service=key,
        cpu=spec.resources.cpu,
        memory=spec.resources.memory,
        disk=spec.resources.disk,
        pids=spec.resources.pids,
        gpu=spec.resources.gpu,
        gpu_model=spec.resources.gpu_model,
        counted=spec.resources.counted,
        ports=ports_of(spec),
        images=tuple(name for name in (spec.image.digest, spec.image.name) if name),
        constraints=place.constraints,
        tolerations=place.tolerations,
        spread=place.spread,
        skew=place.skew,
        near=(*_near(key, place, find), *also),
        max_per_host=place.max_per_host,
        max_price=place.max_price,
        platform=place.platform,
        strategy=place.strategy or "cheapest",
        weights=place.weights,
        pinned=pinned,
        client_bound=any(m.kind is MountKind.BIND and m.from_client for m in spec.mounts),
    )


def _near(key: ServiceKey, place: Placement, find: Callable[[str], ServiceKey | None] | None) -> list[Near]:
    """The affinities of a placement, with their services' keys."""
    return [
        Near(key=_key(key, affinity, find), domain=affinity.domain, anti=affinity.anti, soft=affinity.soft)
        for affinity in place.affinities
    ]


def _key(key: ServiceKey, affinity: Affinity, find: Callable[[str], ServiceKey | None] | None) -> ServiceKey:
    if "/" not in affinity.service:
        return ServiceKey(f"{key.rpartition('/')[0]}/{affinity.service}")
    return (find and find(affinity.service)) or ServiceKey(affinity.service)


def ports_of(spec: ServiceSpec) -> tuple[str, ...]:
    """The ports a service takes on its host, `PORT/PROTOCOL`; those left to the engine take none."""
    return tuple(sorted({f"{p.published}/{p.protocol}" for p in spec.ports if p.published}))
