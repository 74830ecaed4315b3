"""A lab of its own for each test, on the engine at hand; whatever a test leaves is removed."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from longshore.model.clock import SECOND, Clock
from longshore.model.host import Quote
from longshore.model.ids import HostId
from longshore.model.report import LentHost
from longshore.model.seams import HostOrder
from longshore.provider.docker.address import Address
from longshore.provider.lab.cloud import LabCloud


class Lab(LabCloud):
    """A lab that can be waited for."""

    async def made(self, clock: Clock, *names: str) -> list[LentHost]:
        """Hosts whose engines answer, in the order of their names."""
        (offer,) = await self.offers()
        for name in names:
            await self.create(order(name, offer))
        found: dict[str, LentHost] = {}
        for _ in range(300):
            found = {h.name: h for h in await self.hosts()}
            if all(found[name].ready for name in names):
                return [found[name] for name in names]
            await clock.sleep(SECOND // 10)
        pytest.fail(f"not all of {names} came up: {found}")


def order(name: str, offer: Quote) -> HostOrder:
    return HostOrder(host=HostId(f"host-{name}"), name=name, quote=offer, labels={})


@pytest.fixture
def cell() -> str:
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
async def lab(address: Address, clock: Clock, cell: str, tmp_path: Path) -> AsyncIterator[Lab]:
    settings = {"flavors": "small:1:512MiB:0.01"}
    lab = Lab("public", settings, cell=cell, clock=clock, parent=address, folder=tmp_path / "lab")
    yield lab
    for host in await lab.hosts():
        await lab.delete(host.foreign_id)
    await lab.close()
