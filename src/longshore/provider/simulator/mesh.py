"""Simulated meshes: which machines are joined, who manages, and whether enough of them are there to agree."""

from __future__ import annotations

from longshore.model.errors import Failed
from longshore.model.mesh import Admission, Member, Membership, MeshAct, Standing
from longshore.model.seams import MeshOrder
from longshore.provider.simulator.stage import Stage
from longshore.provider.simulator.world import Machine, Seat


def membership(stage: Stage, machine: Machine) -> Membership:
    """How a machine stands to its mesh; with all members, where it can say."""
    seat = machine.seat
    if seat is None:
        return Membership()
    agrees = seat.manager and _agrees(stage, seat.mesh)
    return Membership(
        standing=Standing.ACTIVE,
        node=seat.node,
        mesh=seat.mesh if seat.manager else "",
        address=machine.foreign_id,
        manager=seat.manager,
        agrees=agrees,
        members=_members(stage, seat.mesh) if agrees else (),
    )


def admit(stage: Stage, machine: Machine, *, manager: bool) -> Admission:
    """What lets another machine join.

    Raises:
        Failed: `mesh-error`: this one manages none, or not enough managers are there.
    """
    seat = _managing(stage, machine)
    return Admission(address=seat.mesh, token="manager" if manager else "worker")


def tend(stage: Stage, machine: Machine, order: MeshOrder) -> Membership:
    """Do it. Twice: once.

    Raises:
        Failed: `mesh-error`.
    """
    match order.act:
        case MeshAct.FOUND:
            _sit(stage, machine, f"mesh-{stage.world.next()}" if machine.seat is None else "", manager=True)
        case MeshAct.REVIVE:
            _revive(stage, machine)
        case MeshAct.JOIN:
            if order.admission is not None:
                manager = order.admission.token == "manager"  # noqa: S105 - it is a word of ours
                _sit(stage, machine, order.admission.address, manager=manager)
        case MeshAct.PROMOTE | MeshAct.DEMOTE | MeshAct.EXPEL:
            _change(stage, _managing(stage, machine), order)
        case MeshAct.LEAVE:
            machine.seat = None
            machine.networks = {}
    return membership(stage, machine)


def peers(stage: Stage, machine: Machine) -> list[Machine]:
    """The machines that share its networks: those of its mesh, or itself alone."""
    if machine.seat is None:
        return [machine]
    return _seated(stage, machine.seat.mesh)


def _sit(stage: Stage, machine: Machine, mesh: str, *, manager: bool) -> None:
    if machine.seat is not None:
        return
    known = next((m.networks for m in _seated(stage, mesh)), {})
    machine.seat = Seat(mesh=mesh, node=f"node-{stage.world.next()}", manager=manager)
    machine.networks = {**machine.networks, **known}


def _revive(stage: Stage, machine: Machine) -> None:
    """Of the managers, this one alone counts from now on."""
    if machine.seat is None or not machine.seat.manager:
        raise _wrong(machine)
    for other in _seated(stage, machine.seat.mesh):
        if other is not machine and other.seat is not None:
            other.seat.manager = False


def _change(stage: Stage, seat: Seat, order: MeshOrder) -> None:
    for other in _seated(stage, seat.mesh):
        if other.seat is None or other.seat.node != order.node:
            continue
        if order.act is MeshAct.EXPEL:
            other.seat = None
        else:
            other.seat.manager = order.act is MeshAct.PROMOTE


def _managing(stage: Stage, machine: Machine) -> Seat:
    seat = machine.seat
    if seat is None or not seat.manager or not _agrees(stage, seat.mesh):
        raise _wrong(machine)
    return seat


def _agrees(stage: Stage, mesh: str) -> bool:
    managers = [m for m in _seated(stage, mesh) if m.seat is not None and m.seat.manager]
    return sum(1 for m in managers if stage.up(m)) * 2 > len(managers)


def _seated(stage: Stage, mesh: str) -> list[Machine]:
    return [m for m in stage.world.machines.values() if m.seat is not None and m.seat.mesh == mesh]


def _members(stage: Stage, mesh: str) -> tuple[Member, ...]:
    found = (
        Member(
            node=m.seat.node,
            manager=m.seat.manager,
            ready=stage.up(m),
            reachable=m.seat.manager and stage.up(m),
        )
        for m in _seated(stage, mesh)
        if m.seat is not None
    )
    return tuple(sorted(found, key=lambda member: member.node))


def _wrong(machine: Machine) -> Failed:
    return Failed(
        f"host {machine.name} manages no mesh that can agree",
        code="mesh-error",
        remedy="ask another manager",
        facts={"host": machine.name},
    )
