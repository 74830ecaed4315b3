"""The desk: what the functions of this room work with, and the one place where they wait for the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from longshore import __version__, template
from longshore.model.batch import NOUNS, Kind, Noun
from longshore.model.clock import Clock, Micros
from longshore.model.ids import IdSource
from longshore.model.seams import Streams
from longshore.model.template import Reading, Sources
from longshore.model.view import Version

if TYPE_CHECKING:
    # A reader has no store, and its SQL takes longer to load than a template to read.
    from longshore.store import Store

PATIENCE = 120.0
"""Seconds an ask may take: a plan over a full cell takes some; past this the engine is not there."""

P = ParamSpec("P")
T = TypeVar("T")
N = TypeVar("N", bound=Noun)

_KINDS: dict[type, Kind] = {noun: kind for kind, noun in NOUNS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reading a template needs: no store, no engine, no server."""

    read: Callable[[Sources], Reading] = template.read
    pid: int = 0

    def version(self) -> Version:
        """Who answers: a reader has no cell."""
        return Version(version=__version__, cell="", pid=self.pid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a server has at hand.

    `owner` is whom it works for: asks carry that name. `patience` is in seconds. `free_space` tells
    how many bytes are free where the state lies, `trouble` what keeps the engine from committing (nothing:
    empty), if main can tell.
    """

    store: Store
    streams: Streams
    clock: Clock
    ids: IdSource
    cell: str
    started_at: Micros
    read: Callable[[Sources], Reading] = template.read
    pid: int = 0
    owner: str = "user"
    patience: float = PATIENCE
    free_space: Callable[[], int] | None = None
    trouble: Callable[[], str] | None = None

    def version(self) -> Version:
        """Who answers, and since when."""
        return Version(version=__version__, cell=self.cell, started_at=self.started_at, pid=self.pid)

    async def wait(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a blocking call in a thread; every call to the store goes through here."""
        return await asyncio.to_thread(call, *args, **kwargs)

    async def nouns(self, noun: type[N], **columns: str) -> list[N]:
        """All nouns of a type whose columns have these values."""
        found = await self.wait(self.store.nouns, _KINDS[noun], **columns)
        return cast("list[N]", found)

    async def noun(self, noun: type[N], key: str) -> N | None:
        """The noun of a type with this key."""
        found = await self.wait(self.store.noun, _KINDS[noun], key)
        return cast("N | None", found)
