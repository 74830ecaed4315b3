"""What a simulated machine holds: networks and volumes, made once and removed when nobody needs them."""

from __future__ import annotations

from longshore.model.errors import Failed
from longshore.model.holding import HoldingKind
from longshore.model.report import Held
from longshore.model.seams import HoldingOrder
from longshore.provider.simulator.mesh import peers
from longshore.provider.simulator.stage import Stage
from longshore.provider.simulator.world import CELL, STACK, Machine, Thing


def held(machine: Machine, cell: str) -> tuple[Held, ...]:
    """The networks and volumes of a cell."""
    return tuple(
        Held(kind=kind, name=thing.name, stack=thing.stack)
        for kind, things in ((HoldingKind.NETWORK, machine.networks), (HoldingKind.VOLUME, machine.volumes))
        for thing in sorted(things.values(), key=lambda thing: thing.name)
        if thing.labels.get(CELL) == cell
    )


def make(stage: Stage, machine: Machine, order: HoldingOrder) -> None:
    """Make a network or volume. One of ours that is there already, or an external one: nothing.

    Raises:
        Failed: `name-taken`: one of that name is there and not ours; `external-missing`.
    """
    things = _things(machine, order.kind)
    there = things.get(order.name)
    spec = order.network if order.kind is HoldingKind.NETWORK else order.volume
    if spec is not None and spec.external:
        if there is None and order.name not in stage.settings.external:
            raise Failed(
                f"host {machine.name} has no {order.kind} {order.name}, which is external",
                code="external-missing",
                remedy=f"make the {order.kind} there, or take `external: true` away",
                facts={"kind": str(order.kind), "name": order.name, "host": machine.name},
            )
        return
    if order.name in stage.settings.external or (there is not None and there.labels.get(CELL) != stage.cell):
        raise _taken(machine, order)
    if there is not None:
        return
    thing = Thing(
        name=order.name,
        labels=order.labels,
        stack=order.labels.get(STACK, order.stack or ""),
    )
    for peer in _sharing(stage, machine, order.kind):
        _things(peer, order.kind)[order.name] = thing


def unmake(stage: Stage, machine: Machine, order: HoldingOrder) -> None:
    """Remove a network, volume or image. One that is not there, or not ours: nothing.

    Raises:
        Failed: `in-use`: containers hold on to it, running or not.
    """
    if order.kind is HoldingKind.IMAGE:
        machine.images.pop(order.name, None)
        return
    things = _things(machine, order.kind)
    there = things.get(order.name)
    if there is None or there.labels.get(CELL) != stage.cell:
        return
    sharing = _sharing(stage, machine, order.kind)
    users = [
        c.name
        for peer in sharing
        for c in peer.containers.values()
        if order.name in (c.networks if order.kind is HoldingKind.NETWORK else c.volumes)
    ]
    if users:
        raise Failed(
            f"{order.kind} {order.name} on host {machine.name} is used by {users[0]}",
            code="in-use",
            remedy="stop what uses it first",
            facts={"name": order.name, "host": machine.name, "users": users},
        )
    for peer in sharing:
        _things(peer, order.kind).pop(order.name, None)


def _sharing(stage: Stage, machine: Machine, kind: HoldingKind) -> list[Machine]:
    """Who has what this machine has: a mesh's networks are on all of its machines."""
    return peers(stage, machine) if kind is HoldingKind.NETWORK else [machine]


def _things(machine: Machine, kind: HoldingKind) -> dict[str, Thing]:
    return machine.networks if kind is HoldingKind.NETWORK else machine.volumes


def _taken(machine: Machine, order: HoldingOrder) -> Failed:
    return Failed(
        f"host {machine.name} has a {order.kind} {order.name} that is not ours",
        code="name-taken",
        remedy="remove or rename it there, or use it as `external: true`",
        facts={"kind": str(order.kind), "name": order.name, "host": machine.name},
    )
