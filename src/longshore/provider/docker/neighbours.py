"""What is on an engine besides ours: the images it holds, and what other people's containers reserve."""

from __future__ import annotations

import asyncio

import msgspec

from longshore.model.errors import LongshoreError
from longshore.model.host import Capacity
from longshore.provider.docker.answers import Listed
from longshore.provider.docker.labels import CELL
from longshore.provider.docker.wire import Wire

MOST = 200
"""Foreign containers that are asked about one by one; on a machine with more, the rest go uncounted."""


class Pulled(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A row of `GET /images/json`."""

    id: str = ""
    repo_tags: list[str] | None = None
    repo_digests: list[str] | None = None


class _Reserved(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    memory_reservation: int = 0


class _Foreign(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    host_config: _Reserved = _Reserved()


async def images(wire: Wire) -> tuple[str, ...]:
    """The names and digests of the images that the engine holds, sorted."""
    rows = await wire.call("GET", "/images/json", list[Pulled])
    found = {tag for row in rows for tag in row.repo_tags or [] if tag != "<none>:<none>"}
    found |= {digest.partition("@")[2] for row in rows for digest in row.repo_digests or []}
    return tuple(sorted((found | {row.id for row in rows}) - {""}))


class Neighbours:
    """Other people's containers on one engine; what each reserves is asked once."""

    def __init__(self, wire: Wire, cell: str) -> None:
        self._wire = wire
        self._cell = cell
        self._known: dict[str, Capacity] = {}

    async def reserve(self) -> Capacity:
        """The memory that those which run reserve together.

        Limits reserve nothing, and processors cannot be reserved.
        """
        rows = await self._wire.call("GET", "/containers/json", list[Listed])
        foreign = [row.id for row in rows if (row.labels or {}).get(CELL) != self._cell][:MOST]
        new = [each for each in foreign if each not in self._known]
        asked = await asyncio.gather(*(self._ask(each) for each in new))
        self._known = {each: self._known[each] for each in foreign if each in self._known}
        self._known |= {each: found for each, found in zip(new, asked, strict=True) if found is not None}
        rooms = self._known.values()
        return Capacity(memory=sum(room.memory for room in rooms))

    async def _ask(self, container: str) -> Capacity | None:
        try:
            found = await self._wire.call("GET", f"/containers/{container}/json", _Foreign)
        except LongshoreError:
            # It went while we asked; the next look will not list it.
            return None
        return Capacity(memory=found.host_config.memory_reservation)
