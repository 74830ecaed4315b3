"""A mesh: hosts whose containers reach each other by name, wherever they run.

It is Docker's own: a swarm of the hosts of one realm, used for its networks alone. Some members are
managers, who agree on what networks there are; while most of them are gone, what runs goes on, but
nothing new can join a network.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

MESHED = "mesh:"
"""How a realm's name begins whose hosts have to be joined before their containers reach each other."""


class Standing(StrEnum):
    """How a host stands to its mesh."""

    NONE = "none"
    PENDING = "pending"
    ACTIVE = "active"
    LOCKED = "locked"
    ERROR = "error"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member as a manager lists it. `reachable`: as a manager, whether the others hear of it."""

    node: str
    manager: bool = False
    ready: bool = False
    reachable: bool = False
    leads: bool = False


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """What a host's engine says of its mesh.

    `node` is its id there and `address` where others reach it. `agrees`: it is a manager and there are
    enough of them; then `members` are all there are. `mesh` is the whole's id, as far as it knows it.
    """

    standing: Standing = Standing.NONE
    node: str = ""
    mesh: str = ""
    address: str = ""
    manager: bool = False
    agrees: bool = False
    members: tuple[Member, ...] = ()
    error: str = ""


class MeshAct(StrEnum):
    """What is done to a mesh. The planner decides which; see `plan/mesh.py`."""

    FOUND = "found"
    REVIVE = "revive"
    JOIN = "join"
    PROMOTE = "promote"
    DEMOTE = "demote"
    EXPEL = "expel"
    LEAVE = "leave"


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """What a host needs to join: whom to ask, and the secret word. Never written down."""

    address: str
    token: str
