"""The mesh of hosts: Docker's swarm mode, for its networks alone. No service of it is ever used.

Every verb may be repeated: joining where one is a member, leaving where one is none, and giving a role that
a member has, do nothing.
"""

from __future__ import annotations

import msgspec

from longshore.model.errors import Failed
from longshore.model.mesh import Admission, Member, Membership, Standing
from longshore.provider.docker.answers import Info, Swarm
from longshore.provider.docker.labels import CELL
from longshore.provider.docker.wire import SLOW, Wire, part

PORT = 2377
"""Docker's registered port for managers; members also need 7946 (TCP, UDP) and 4789 (UDP) between them."""


class _Tokens(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    worker: str = ""
    manager: str = ""


class _Mesh(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /swarm`."""

    join_tokens: _Tokens


class _Version(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    index: int = 0


class _Spec(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    role: str = ""
    availability: str = ""


class _Status(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    state: str = ""
    addr: str = ""
    reachability: str = ""
    leader: bool = False


class _Node(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A row of `GET /nodes`."""

    id: str = msgspec.field(name="ID", default="")
    version: _Version = _Version()
    spec: _Spec = _Spec()
    status: _Status = _Status()
    manager_status: _Status | None = None


async def membership(wire: Wire, info: Info) -> Membership:
    """How the host stands to its mesh; with all members, where it can say."""
    swarm = info.swarm or Swarm()
    try:
        standing = Standing(swarm.local_node_state)
    except ValueError:
        standing = Standing.NONE
    if standing is Standing.NONE:
        return Membership()
    members = await _members(wire) if swarm.control_available else ()
    own = next((m for m in members if m.node == swarm.node_id), None)
    return Membership(
        standing=standing,
        node=swarm.node_id,
        mesh=swarm.cluster.id if swarm.cluster else "",
        address=swarm.node_addr,
        manager=swarm.control_available or (own is not None and own.manager),
        agrees=swarm.control_available and bool(members),
        members=members,
        error=swarm.error,
    )


async def found(wire: Wire, address: str, cell: str, *, anew: bool = False) -> None:
    """Begin a mesh with this host as its first manager.

    Args:
        wire: The host's engine.
        address: Where other hosts reach it.
        cell: Whose mesh it is.
        anew: From what this manager knows, after most of the others were lost.
    """
    body = {
        "ListenAddr": f"0.0.0.0:{PORT}",
        "AdvertiseAddr": address,
        "ForceNewCluster": anew,
        "Spec": {"Labels": {CELL: cell}},
    }
    try:
        await wire.call("POST", "/swarm/init", str, body=body, limit=SLOW)
    except Failed as error:
        if anew or not _is_member(error):
            raise


async def admit(wire: Wire, address: str, *, manager: bool) -> Admission:
    """What lets a host join; asked of a manager, which the others reach at `address`."""
    mesh = await wire.call("GET", "/swarm", _Mesh)
    token = mesh.join_tokens.manager if manager else mesh.join_tokens.worker
    return Admission(address=f"{address}:{PORT}", token=token)


async def join(wire: Wire, address: str, admission: Admission) -> None:
    """Have a host join; `address` is where others reach it."""
    body = {
        "ListenAddr": f"0.0.0.0:{PORT}",
        "AdvertiseAddr": address,
        "RemoteAddrs": [admission.address],
        "JoinToken": admission.token,
    }
    try:
        await wire.tell("POST", "/swarm/join", body=body, limit=SLOW)
    except Failed as error:
        if not _is_member(error):
            raise


async def leave(wire: Wire) -> None:
    """Have a host leave, whatever it was. Running containers lose the mesh's networks."""
    try:
        await wire.tell("POST", "/swarm/leave", query={"force": "1"}, limit=SLOW)
    except Failed as error:
        if "not part of a swarm" not in _said(error):
            raise


async def give_role(wire: Wire, node: str, *, manager: bool) -> None:
    """Make a member a manager, or a manager a plain member; asked of a manager."""
    found = next((row for row in await _nodes(wire) if row.id == node), None)
    role = "manager" if manager else "worker"
    if found is None or found.spec.role == role:
        return
    spec = {"Role": role, "Availability": found.spec.availability or "active"}
    query = {"version": str(found.version.index)}
    try:
        await wire.tell("POST", f"/nodes/{part(node)}/update", query=query, body=spec)
    except Failed as error:
        if "raft memberlist" not in _said(error):
            raise
        # One that was lost before the mesh began anew counts as a manager, and is none.
        await expel(wire, node)


async def expel(wire: Wire, node: str) -> None:
    """Strike a member that is gone from the list; asked of a manager."""
    try:
        await wire.tell("DELETE", f"/nodes/{part(node)}", query={"force": "1"})
    except Failed as error:
        if "not found" not in _said(error):
            raise


async def _nodes(wire: Wire) -> list[_Node]:
    return await wire.call("GET", "/nodes", list[_Node])


async def _members(wire: Wire) -> tuple[Member, ...]:
    try:
        rows = await _nodes(wire)
    except Failed:
        # A manager that has no leader says so instead of a list.
        return ()
    found = (
        Member(
            node=row.id,
            manager=row.spec.role == "manager",
            ready=row.status.state == "ready",
            reachable=row.manager_status is not None and row.manager_status.reachability == "reachable",
            leads=row.manager_status is not None and row.manager_status.leader,
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda member: member.node))


def _is_member(error: Failed) -> bool:
    return "already part of a swarm" in _said(error)


def _said(error: Failed) -> str:
    return str(error.facts.get("engine", error.message))
