"""A holding: a network, volume or image that a host holds so that tasks can run there."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from longshore.model.ids import HoldingKey, HostId, StackId
from longshore.model.lifecycle import HoldingState


class HoldingKind(StrEnum):
    """What is held; images are a cache and stay, volumes go only when that was asked for."""

    NETWORK = "network"
    VOLUME = "volume"
    IMAGE = "image"


class Holding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`name` is the engine's name of it (an image's is its digest); `resource` the graph's.

    `stack` is None for images, which belong to nobody, and `reference` is what to pull. `external`:
    it was there before, is only used, and is never removed.
    """

    host: HostId
    kind: HoldingKind
    name: str
    state: HoldingState
    stack: StackId | None = None
    resource: str = ""
    reference: str = ""
    external: bool = False
    reason: str = ""

    @property
    def key(self) -> HoldingKey:
        """The holding's identity."""
        return holding_key(self.host, self.kind, self.name)


def holding_key(host: HostId, kind: HoldingKind, name: str) -> HoldingKey:
    """The identity of what a host holds."""
    return HoldingKey(f"{host}/{kind}/{name}")
