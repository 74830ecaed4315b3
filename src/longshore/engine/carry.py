"""Images that no registry has travel from an engine that has them to one that needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from heapq import nsmallest

from longshore.model.errors import Failed, Unreachable
from longshore.model.holding import HoldingKind, holding_key
from longshore.model.host import Host
from longshore.model.ids import HostId
from longshore.model.lifecycle import HoldingState
from longshore.model.seams import Engine, HoldingOrder
from longshore.plan.estate import Estate

SOURCES = 4
"""Hosts that are asked for an image that no registry has, before it counts as missing."""


def sources(estate: Estate, target: HostId, digest: str) -> tuple[Host, ...]:
    """Who may have an image: hosts known to hold it, then those that builds go to."""

    def likeliest(host: Host) -> tuple[bool, bool, int, str]:
        held = estate.holdings.get(holding_key(host.id, HoldingKind.IMAGE, digest))
        present = held is not None and held.state is HoldingState.PRESENT
        return not present, not host.own, host.requested_at, host.id

    able = (host for host in estate.hosts.values() if host.answers and host.id != target)
    return tuple(nsmallest(SOURCES, able, key=likeliest))


async def carry(source: Engine, target: Engine, order: HoldingOrder) -> bool:
    """Stream an image from one engine to another, never whole in memory; False where the first has none."""
    async with aclosing(source.save(order)) as content:
        try:
            first = await anext(content, b"")
        except (Failed, Unreachable):
            return False
        await target.load(order, _after(first, content))
    return True


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream whose first piece was read already, to see whether there is one."""
    yield first
    async for piece in rest:
        yield piece
