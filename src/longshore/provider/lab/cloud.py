"""The lab as a cloud: lends hosts that are containers of the engine at hand.

All is kept in labels of those containers, so that after a crash everything is found again, and whoever
removes them by hand has removed the hosts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from longshore.model.clock import SECOND, Clock
from longshore.model.errors import Failed, Invalid, LongshoreError
from longshore.model.host import Quote
from longshore.model.ids import HostId
from longshore.model.report import LentHost
from longshore.model.seams import Engine, HostOrder
from longshore.model.spec import Build
from longshore.provider.docker.address import Address
from longshore.provider.docker.answers import Created
from longshore.provider.docker.builds import build_image
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.labels import CELL, filters
from longshore.provider.docker.wire import SLOW, Wire, part
from longshore.provider.lab import machine
from longshore.provider.lab.authority import Authority
from longshore.provider.lab.settings import quotes, read_settings

HOST = "io.longshore.host"
CLOUD = "io.longshore.cloud"
FLAVOR = "io.longshore.flavor"
MADE_AT = "io.longshore.made_at"


class _Place(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An address on a network of the engine."""

    ip_address: str = msgspec.field(name="IPAddress", default="")


class _Networks(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    networks: dict[str, _Place] | None = None


class _Listed(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """`GET /containers/json`, as far as a host is told by it."""

    id: str
    names: list[str]
    state: str = ""
    status: str = ""
    labels: dict[str, str] | None = None
    network_settings: _Networks | None = None


class LabCloud:
    """A `CloudDriver` over the engine at hand."""

    def __init__(
        self,
        name: str,
        settings: dict[str, str],
        *,
        cell: str,
        clock: Clock,
        parent: Address,
        folder: Path | None,
    ) -> None:
        """Read the settings; make and ask nothing yet.

        Args:
            name: The cloud's name.
            settings: Those of `settings.SETTINGS`.
            cell: Our cell, whose label its hosts go by.
            clock: The only clock.
            parent: The engine that holds the hosts.
            folder: Where the cell's certificate authority is kept; None: no host can be made.

        Raises:
            Invalid: a setting is unknown or wrong.
        """
        self._name = name
        self._settings = read_settings(name, settings)
        self._cell = cell
        self._clock = clock
        self._wire = Wire(parent)
        self._folder = folder
        self._authority: Authority | None = None
        self._making = asyncio.Lock()
        self._answered: set[str] = set()
        self._privileged = True

    async def prepare(self) -> None:
        """Build the hosts' image, if the engine at hand has none yet. Repeating it is free.

        Raises:
            Failed: it cannot be built.
        """
        async with self._making:
            try:
                await self._wire.tell("GET", f"/images/{machine.IMAGE}/json")
            except Failed as error:
                if error.code != "image-missing":
                    raise
            else:
                return
            made = {"io.longshore.made": "lab"}
            told = build_image(
                self._wire, machine.IMAGE, Build(context="lab"), _once(machine.context()), made
            )
            async for _ in told:
                pass

    async def offers(self) -> tuple[Quote, ...]:
        """The flavors of the settings. Repeating it is free."""
        return tuple(
            msgspec.structs.replace(q, at=self._clock.now()) for q in quotes(self._name, self._settings)
        )

    async def create(self, order: HostOrder) -> LentHost:
        """Make a host; returns when its container runs. Twice with the same `host`: one host.

        Raises:
            Failed: the engine at hand cannot make it; nothing is left.
        """
        found = await self._listed(order.host)
        if found is None:
            await self.prepare()
            found = await self._make(order)
        if found.state != "running":
            await self._wire.tell("POST", f"/containers/{found.id}/start", limit=SLOW)
            found = await self._listed(order.host) or found
        return self._lent(found)

    async def delete(self, foreign_id: str) -> None:
        """Remove a host with all it holds. Of an unknown one: nothing."""
        query = {"force": "1", "v": "1"}
        try:
            await self._wire.tell("DELETE", f"/containers/{part(foreign_id)}", query=query, limit=SLOW)
        except Failed as error:
            if error.code != "container-missing":
                raise

    async def hosts(self) -> tuple[LentHost, ...]:
        """The hosts of our cell in this lab. Repeating it is free."""
        rows = await self._rows(f"{CLOUD}={self._name}")
        await asyncio.gather(*(self._knock(row) for row in rows))
        return tuple(self._lent(row) for row in sorted(rows, key=lambda row: row.names[0]))

    async def close(self) -> None:
        """Let go of connections. Twice: nothing."""
        await self._wire.close()

    def engine(self, host: HostId, address: str) -> Engine:
        """The engine of a host, over TLS; the one that holds it builds for it and has images for it."""
        return DockerEngine(
            self._address(host, address),
            cell=self._cell,
            host=host,
            clock=self._clock,
            depot=self._wire.address,
        )

    def _address(self, host: str, url: str) -> Address:
        trust = self._trust()
        return Address(
            url=url,
            tls_ca=str(trust.ca_file),
            tls_cert=str(trust.cert_file),
            tls_key=str(trust.key_file),
            tls_name=host,
        )

    def _trust(self) -> Authority:
        if self._authority is None:
            if self._folder is None:
                raise Invalid(
                    "A lab needs a folder for its keys, and this server keeps none.",
                    code="bad-setting",
                    remedy="Start the server with a state folder: LONGSHORE_STATE.",
                )
            self._authority = Authority(self._folder, self._clock.now())
        return self._authority

    async def _make(self, order: HostOrder) -> _Listed:
        """Create and start the container, privileged or, where that is forbidden, with what it needs."""
        labels = {
            **order.labels,
            CELL: self._cell,
            HOST: order.host,
            CLOUD: self._name,
            FLAVOR: order.quote.flavor,
            MADE_AT: str(self._clock.now()),
        }
        trust = self._trust()
        pair = trust.issue(order.host, server=True)
        for privileged in (True, False) if self._privileged else (False,):
            asked = machine.body(
                name=order.name,
                capacity=order.quote.capacity,
                labels=labels,
                facts=self._settings.labels,
                network=self._settings.network,
                privileged=privileged,
            )
            query = {"name": f"longshore-{self._cell[-8:]}-{order.name}"}
            made = await self._wire.call(
                "POST", "/containers/create", Created, query=query, body=asked, limit=SLOW
            )
            try:
                await self._wire.tell(
                    "PUT",
                    f"/containers/{made.id}/archive",
                    query={"path": "/"},
                    body=machine.keys(trust.ca_file.read_bytes(), pair),
                )
                await self._wire.tell("POST", f"/containers/{made.id}/start", limit=SLOW)
            except Failed as error:
                await self.delete(made.id)
                if not privileged or error.code != "start-failed":
                    raise
                self._privileged = False
                continue
            break
        found = await self._listed(order.host)
        if found is None:
            raise Failed(f"The host {order.name} was made and is gone.", code="host-gone")
        return found

    async def _rows(self, label: str) -> list[_Listed]:
        query = {"all": True, "filters": filters(self._cell, label=[label])}
        return await self._wire.call("GET", "/containers/json", list[_Listed], query=query)

    async def _listed(self, host: str) -> _Listed | None:
        return next(iter(await self._rows(f"{HOST}={host}")), None)

    async def _knock(self, row: _Listed) -> None:
        """See whether a host's engine answers: once it did, its silence is the watch's affair."""
        labels = row.labels or {}
        if row.id in self._answered or row.state != "running":
            return
        wire = Wire(self._address(labels.get(HOST, ""), _url(row)))
        try:
            await wire.tell("GET", "/_ping", limit=SECOND)
            self._answered.add(row.id)
        except LongshoreError:
            pass
        finally:
            await wire.close()

    def _lent(self, row: _Listed) -> LentHost:
        labels = row.labels or {}
        ended = row.state in {"exited", "dead"} and row.id not in self._answered
        made = labels.get(MADE_AT, "0")
        since = self._clock.now() - int(made if made.isdecimal() else "0")
        return LentHost(
            name=row.names[0].removeprefix(f"/longshore-{self._cell[-8:]}-"),
            foreign_id=row.id,
            host=labels.get(HOST, ""),
            ready=row.id in self._answered and since >= self._settings.boot,
            failed=f"its engine ended: {row.status}" if ended else "",
            # Without an address nobody looks at it: it is still booting.
            address=_url(row) if row.state == "running" and since >= self._settings.boot else "",
            flavor=labels.get(FLAVOR, ""),
            realm=self._settings.realm,
        )


def _url(row: _Listed) -> str:
    places = (row.network_settings.networks if row.network_settings else None) or {}
    ip = next((place.ip_address for place in places.values() if place.ip_address), "")
    return f"tcp://{ip}:{machine.PORT}" if ip else ""


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
