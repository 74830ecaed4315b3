"""A mesh converges: the hosts of a realm are joined, with as many managers as can agree.

One manager while there are one or two hosts, three from then on: own hosts before lent ones, old before
new. A manager that goes is replaced before it goes. Where most managers are lost, one that is left begins
anew with what it knows; where none is left, all begin anew. What runs goes on meanwhile.
"""

from __future__ import annotations

import msgspec

from longshore.model.clock import SECOND, Micros
from longshore.model.host import Host
from longshore.model.lifecycle import HostState
from longshore.model.mesh import Membership, MeshAct, Standing
from longshore.model.step import TendMesh
from longshore.plan.agenda import Subject
from longshore.plan.estate import Estate, mesh_of
from longshore.plan.turn import Turn

MANAGERS = 3
"""As many as survive the loss of one; more only make agreeing slower."""

PATIENCE = 60 * SECOND
"""How long a member in trouble is left alone: engines find each other again within half a minute."""

AGAIN = 2 * SECOND
"""Until what the engines did not do, or are not done with, is looked at again."""


def converge_mesh(turn: Turn, realm: str) -> None:
    """Decide the next moves of a realm's mesh: one for each host at a time."""
    hosts = [h for h in turn.estate.hosts_in(realm) if h.state is HostState.READY]
    there = [h for h in hosts if h.answers]
    if not there:
        return
    if any(host.mesh.standing is Standing.PENDING for host in there):
        turn.look_again(turn.now + AGAIN, Subject.MESH, realm)
    asked = agreeing(turn.estate, realm)
    if asked is None:
        _begin(turn, hosts, there)
        return
    _gather(turn, there, asked)
    _choose(turn, hosts, there, asked)
    _strike(turn, hosts, asked)


def agreeing(estate: Estate, realm: str) -> Host | None:
    """A manager that can be asked for changes: the first, own hosts before lent ones."""
    return next((h for h in estate.hosts_in(realm) if h.answers and h.mesh.agrees), None)


def reaches(host: Host) -> str:
    """What a host's containers reach: its realm; without one, the host itself."""
    return host.realm or host.id


def follow(old: Membership, seen: Membership) -> Membership:
    """What a look shows, with what it cannot show: a plain member does not know the mesh's id."""
    if seen.mesh or seen.standing is not Standing.ACTIVE or seen.node != old.node:
        return seen
    return msgspec.structs.replace(seen, mesh=old.mesh)


def joined(turn: Turn, host: Host) -> None:
    """A host stands otherwise to its mesh: those that waited for it are looked at."""
    turn.touch(Subject.MESH, host.realm)
    for other in turn.estate.hosts_in(host.realm):
        turn.touch(Subject.HOST, other.id)


def _begin(turn: Turn, hosts: list[Host], there: list[Host]) -> None:
    """No manager can be asked: found a mesh, wait for its managers, or begin anew without them."""
    managers = [h for h in hosts if h.mesh.manager]
    left = [h for h in managers if not h.lost]
    if not managers:
        strays = [h for h in there if h.mesh.standing is not Standing.NONE]
        for host in strays:
            _tend(turn, host, MeshAct.LEAVE, "its mesh has no manager any more")
        if not strays:
            _tend(turn, there[0], MeshAct.FOUND, f"containers of {there[0].cloud} are to reach each other")
        return
    if len(left) * 2 > len(managers):
        # Those that are silent may come back; what runs goes on without them.
        turn.look_again(turn.now + AGAIN, Subject.MESH, there[0].realm)
        return
    able = [h for h in there if h.mesh.manager]
    if able:
        _tend(
            turn, able[0], MeshAct.REVIVE, f"{len(managers) - len(left)} of {len(managers)} managers are lost"
        )
    elif not left:
        for host in there:
            if host.mesh.standing is not Standing.NONE:
                _tend(turn, host, MeshAct.LEAVE, "all managers of its mesh are lost")
        for host in managers:
            turn.estate.put(msgspec.structs.replace(host, mesh=Membership()))
        turn.touch(Subject.MESH, there[0].realm)


def _gather(turn: Turn, there: list[Host], asked: Host) -> None:
    """Have every host that answers be a member of the same mesh."""
    for host in there:
        mesh = host.mesh
        if mesh.standing is Standing.NONE:
            _tend(turn, host, MeshAct.JOIN, f"its containers are to reach those of {asked.name}", via=asked)
        elif mesh.standing in {Standing.ERROR, Standing.LOCKED}:
            _doubt(turn, host)
        elif mesh.mesh and asked.mesh.mesh and mesh.mesh != asked.mesh.mesh:
            _tend(turn, host, MeshAct.LEAVE, f"it is in another mesh than {asked.name}")


def _doubt(turn: Turn, host: Host) -> None:
    """A member in trouble: it may find its way back by itself, and leaving takes its networks away."""
    if not host.mesh_after:
        later = Micros(turn.now + PATIENCE)
        turn.estate.put(msgspec.structs.replace(host, mesh_after=later))
        turn.look_again(later, Subject.MESH, host.realm)
        return
    _tend(turn, host, MeshAct.LEAVE, f"its mesh does not work: {host.mesh.error or host.mesh.standing}")


def _choose(turn: Turn, hosts: list[Host], there: list[Host], asked: Host) -> None:
    """Have as many managers as there should be: new before old, and one change at a time."""
    able = [h for h in there if h.mesh.standing is Standing.ACTIVE and not h.draining]
    wanted = MANAGERS if len(able) >= MANAGERS else min(len(able), 1)
    managers = [h for h in hosts if h.mesh.manager]
    if any(turn.estate.open_step(mesh_of(h.id)) is not None for h in hosts):
        return
    good = [h for h in managers if h in able]
    if len(good) < wanted:
        new = next((h for h in able if not h.mesh.manager), None)
        if new is not None:
            words = f"{len(good)} of {wanted} managers are there"
            _tend(turn, new, MeshAct.PROMOTE, words, via=asked, node=new.mesh.node)
        return
    # The one that cannot manage any more first, then the last in order.
    spare = [h for h in managers if h not in able] or managers[wanted:]
    old = next((h for h in reversed(spare) if h.id != asked.id and h.mesh.node), None)
    if old is not None and len(managers) > wanted:
        _tend(turn, old, MeshAct.DEMOTE, f"{wanted} managers are enough", via=asked, node=old.mesh.node)


def _strike(turn: Turn, hosts: list[Host], asked: Host) -> None:
    """Strike off members that are no hosts of ours any more."""
    known = {h.mesh.node for h in hosts}
    for member in asked.mesh.members:
        if member.node not in known and not member.ready:
            act = MeshAct.DEMOTE if member.manager else MeshAct.EXPEL
            words = "a host that is gone is struck off"
            _tend(turn, asked, act, words, via=asked, node=member.node)
            return


def _tend(
    turn: Turn, host: Host, act: MeshAct, reason: str, *, via: Host | None = None, node: str = ""
) -> None:
    if turn.estate.open_step(mesh_of(host.id)) is not None or turn.now < host.mesh_after:
        return
    action = TendMesh(host=host.id, act=act, via=None if via is None else via.id, node=node)
    turn.step(action, host.name, reason)
    turn.note(f"mesh.{act}", host.name, reason)
