"""The cloud `local`: the engine at hand, as one own host that is there from the start."""

from __future__ import annotations

from typing import NoReturn

from longshore.model.clock import Clock
from longshore.model.errors import Refused
from longshore.model.host import Quote
from longshore.model.ids import HostId
from longshore.model.report import LentHost
from longshore.model.seams import Engine, HostOrder
from longshore.provider.docker.address import SETTINGS, Address, read_address
from longshore.provider.docker.answers import Info
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.report import host_labels
from longshore.provider.docker.wire import Wire

CLIENT = {"longshore.client": "true"}
"""The label of the machine that we run on: folders that a template names by relative paths are there."""

DOC = f"the container engine at hand, as one own host (settings: {', '.join(SETTINGS)})"


class LocalCloud:
    """A `CloudDriver` that lends nothing and has one host: the engine's own machine."""

    def __init__(
        self, name: str, settings: dict[str, str], *, cell: str, clock: Clock, default: Address
    ) -> None:
        """Read the settings; connect at the first verb.

        Args:
            name: The cloud's name.
            settings: Those of `address.SETTINGS`.
            cell: Our cell, whose label its engine goes by.
            clock: The only clock.
            default: The engine to use where the settings name none.

        Raises:
            Invalid: a setting is unknown or wrong.
        """
        self._name = name
        self._address = read_address(settings, default)
        self._wire = Wire(self._address)
        self._cell = cell
        self._clock = clock

    async def offers(self) -> tuple[Quote, ...]:
        """Nothing can be bought here."""
        return ()

    async def create(self, order: HostOrder) -> NoReturn:
        """Refused, always."""
        raise _refused(self._name, f"make a host {order.name}")

    async def delete(self, foreign_id: str) -> None:
        """Refused, always: the machine is the user's."""
        raise _refused(self._name, f"give {foreign_id} back")

    async def hosts(self) -> tuple[LentHost, ...]:
        """The one host. Repeating it is free.

        Raises:
            Unreachable: its engine does not answer.
        """
        info = await self._wire.call("GET", "/info", Info)
        # A socket of the file system leads to an engine of this machine; any other may lead anywhere.
        here = CLIENT if self._address.socket else {}
        host = LentHost(
            name=info.name,
            foreign_id=info.id or info.name,
            ready=True,
            address=self._address.url,
            labels={**host_labels(info), **here},
        )
        return (host,)

    async def close(self) -> None:
        """Let go of connections. Twice: nothing."""
        await self._wire.close()

    def engine(self, host: HostId, address: str) -> Engine:
        """The engine; an address that is not the settings' own is an earlier one of this cloud's."""
        where = self._address if address in {"", self._address.url} else Address(url=address)
        return DockerEngine(where, cell=self._cell, host=host, clock=self._clock)


def _refused(cloud: str, what: str) -> Refused:
    return Refused(
        f"The cloud {cloud} has one host of its own and cannot {what}.",
        code="own-host",
        remedy="Add a cloud that lends hosts: longshore clouds add.",
        facts={"cloud": cloud},
    )
