"""Holdings: what a host must hold before a task starts there, and what it need hold no longer."""

from __future__ import annotations

import msgspec

from longshore.model.holding import Holding, HoldingKind, holding_key
from longshore.model.host import Host
from longshore.model.ids import HostId
from longshore.model.lifecycle import HoldingState
from longshore.model.spec import Graph, ServiceSpec, volumes_of
from longshore.model.stack import Stack
from longshore.model.step import Provide, Withdraw
from longshore.model.task import Task
from longshore.plan.agenda import Subject
from longshore.plan.estate import Estate
from longshore.plan.turn import Turn


def needed(stack: Stack, graph: Graph, spec: ServiceSpec, host: HostId) -> list[Holding]:
    """What a host must hold for a task of this service."""
    state = HoldingState.PROVIDING
    found = []
    if spec.image.digest:
        found.append(
            Holding(
                host=host,
                kind=HoldingKind.IMAGE,
                name=spec.image.digest,
                reference=spec.image.name,
                state=state,
            )
        )
    for attachment in spec.networks:
        network = graph.networks[attachment.network]
        found.append(
            Holding(
                host=host,
                kind=HoldingKind.NETWORK,
                name=network.name,
                resource=attachment.network,
                stack=None if network.external else stack.id,
                external=network.external,
                state=state,
            )
        )
    for name in volumes_of(spec):
        volume = graph.volumes[name]
        found.append(
            Holding(
                host=host,
                kind=HoldingKind.VOLUME,
                name=volume.name,
                resource=name,
                stack=None if volume.external else stack.id,
                external=volume.external,
                state=state,
            )
        )
    return found


def claim_holdings(turn: Turn, stack: Stack, spec: ServiceSpec, host: HostId) -> None:
    """Write down what a task placed on a host will need there; made when the host answers."""
    link = turn.estate.links_of(stack.id).get(spec.name)
    known = [turn.estate.holdings.get(f"{host}/{held}") for held in (link.holds if link else ())]
    if link is not None and all(h is not None and not _to_make(turn, h) for h in known):
        return
    for holding in needed(stack, stack.graph, spec, host):
        old = turn.estate.holdings.get(holding.key)
        if old is None or _to_make(turn, old):
            turn.estate.put(holding)


def _to_make(turn: Turn, holding: Holding) -> bool:
    """Whether a holding has to be made (again): it failed, or its withdrawal ended with its lost host."""
    if holding.state is HoldingState.WITHDRAWING:
        return turn.estate.open_step(holding.key) is None
    return holding.state is HoldingState.FAILED


def provide(turn: Turn, host: Host) -> None:
    """Start making what a host that answers does not hold yet."""
    for holding in list(turn.estate.holdings_on(host.id)):
        if holding.state is not HoldingState.PROVIDING or turn.estate.open_step(holding.key):
            continue
        if holding.kind is HoldingKind.NETWORK and host.meshes and not _lacking(turn, host, holding):
            continue
        turn.step(
            Provide(
                host=host.id,
                holding=holding.kind,
                name=holding.name,
                stack=holding.stack,
                resource=holding.resource,
                reference=holding.reference,
            ),
            f"{holding.reference or holding.name}",
            "tasks there need it",
        )


def _lacking(turn: Turn, host: Host, holding: Holding) -> bool:
    """Whether a mesh's network has to be made: one host has it made for all, when the mesh can agree."""
    peers = turn.estate.hosts_in(host.realm)
    if not host.joined or not any(h.answers and h.mesh.agrees for h in peers):
        return False
    for peer in peers:
        other = turn.estate.holdings.get(holding_key(peer.id, holding.kind, holding.name))
        if other is None or peer.id == host.id:
            continue
        if other.state is HoldingState.PRESENT:
            turn.estate.put(msgspec.structs.replace(holding, state=HoldingState.PRESENT))
            return False
        if turn.estate.open_step(other.key) is not None:
            return False
    return True


def missing(estate: Estate, task: Task) -> Holding | None:
    """The first thing a task still needs on its host; None when all is there."""
    link = estate.links_of(task.stack).get(task.service)
    for held in link.holds if link is not None else ():
        found = estate.holdings.get(f"{task.host}/{held}")
        if found is None:
            return Holding(host=task.host, kind=HoldingKind.IMAGE, name=held, state=HoldingState.GONE)
        if found.state is not HoldingState.PRESENT:
            return found
    return None


def pinned(estate: Estate, stack: Stack, spec: ServiceSpec) -> tuple[HostId, ...] | None:
    """The hosts that hold the service's volumes; None while no volume of it exists."""
    names = {v for v in volumes_of(spec) if not stack.graph.volumes[v].external}
    if not names:
        return None
    hosts: dict[str, list[HostId]] = {}
    for holding in estate.holdings_of(stack.id):
        there = holding.state in {HoldingState.PROVIDING, HoldingState.PRESENT}
        if there and holding.kind is HoldingKind.VOLUME and holding.resource in names:
            hosts.setdefault(holding.resource, []).append(holding.host)
    if not hosts:
        return None
    first, *rest = hosts.values()
    return tuple(host for host in first if all(host in other for other in rest))


def drop_holdings(turn: Turn, host: HostId) -> None:
    """A host is gone, and what it held with it: stacks that waited to take it back need not."""
    for holding in list(turn.estate.holdings_on(host)):
        step = turn.estate.open_step(holding.key)
        if step is not None:
            turn.estate.drop(step)
        turn.estate.drop(holding)
        turn.touch(Subject.STACK, holding.stack or "")


def withdraw(turn: Turn, holding: Holding, reason: str) -> None:
    """Have a host hold something no longer; at once where it was never made, or is not ours."""
    if turn.estate.open_step(holding.key) is not None:
        return
    host = turn.estate.hosts.get(holding.host)
    if holding.external or host is None or holding.state is HoldingState.FAILED:
        turn.estate.drop(holding)
        return
    if host.meshes and holding.kind is HoldingKind.NETWORK and _elsewhere(turn.estate, host, holding):
        # The mesh has it as long as one of its hosts needs it.
        turn.estate.drop(holding)
        return
    if not host.answers:
        return
    turn.estate.put(msgspec.structs.replace(holding, state=HoldingState.WITHDRAWING))
    turn.step(
        Withdraw(host=holding.host, holding=holding.kind, name=holding.name, stack=holding.stack),
        holding.name,
        reason,
    )


def _elsewhere(estate: Estate, host: Host, holding: Holding) -> bool:
    """Whether another host of the mesh holds the same network."""
    return any(
        other.id != host.id and estate.holdings.get(holding_key(other.id, holding.kind, holding.name))
        for other in estate.hosts_in(host.realm)
    )
