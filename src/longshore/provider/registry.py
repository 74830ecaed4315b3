"""The one `Provider`: a table of the kinds of cloud, and what was given out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from longshore.model.clock import Clock
from longshore.model.errors import Invalid, NotFound
from longshore.model.ids import HostId
from longshore.model.seams import CloudDriver, Engine
from longshore.provider import local
from longshore.provider.docker.address import Address
from longshore.provider.lab import settings as lab_settings
from longshore.provider.lab.cloud import LabCloud
from longshore.provider.simulator import SimulatedCloud


class Driver(CloudDriver, Protocol):
    """A cloud that also knows how to reach the engines of its hosts."""

    def engine(self, host: HostId, address: str) -> Engine:
        """The engine of one of its hosts."""
        ...


class _Row(NamedTuple):
    """A kind of cloud. `make` takes a name and settings, and raises `Invalid` for wrong ones."""

    doc: str
    make: Callable[[str, dict[str, str]], Driver]


class _Open(NamedTuple):
    """A cloud that was given out."""

    driver: str
    settings: dict[str, str]
    cloud: Driver


class _Reached(NamedTuple):
    """An engine that was given out."""

    cloud: Driver
    address: str
    engine: Engine


class Registry:
    """Clouds by name, engines by host: each made once, and again when its settings or address change."""

    def __init__(self, *, cell: str, clock: Clock, at_hand: Address, worlds: Path | None = None) -> None:
        """Make the table; connect to nothing.

        Args:
            cell: Whose things are ours: the value of the label `io.longshore.cell`.
            clock: The only clock.
            at_hand: The engine that `local` means where its settings name none.
            worlds: The folder in which simulated clouds and a lab's keys outlive the server; None: none do.
        """
        self._rows = {
            "local": _Row(
                local.DOC,
                lambda name, settings: local.LocalCloud(
                    name, settings, cell=cell, clock=clock, default=at_hand
                ),
            ),
            "sim": _Row(
                "a simulated cloud: hosts, prices, boot times and failures, in memory",
                lambda name, settings: SimulatedCloud(
                    name, {**_for_users(settings), **_kept(worlds, name)}, clock, cell
                ),
            ),
            "lab": _Row(
                lab_settings.DOC,
                lambda name, settings: LabCloud(
                    name,
                    settings,
                    cell=cell,
                    clock=clock,
                    parent=at_hand,
                    folder=None if worlds is None else worlds / "lab",
                ),
            ),
        }
        self._clouds: dict[str, _Open] = {}
        self._engines: dict[tuple[str, HostId], _Reached] = {}
        self._replaced: list[CloudDriver | Engine] = []

    def drivers(self) -> dict[str, str]:
        """The kinds of cloud that can be added, with one line of documentation each."""
        return {name: row.doc for name, row in self._rows.items()}

    def cloud(self, name: str, driver: str, settings: dict[str, str]) -> Driver:
        """The driver of a cloud; the same object while name and settings stay the same.

        Raises:
            Invalid: there is no such driver, or it does not know a setting.
        """
        known = self._clouds.get(name)
        if known is not None and (known.driver, known.settings) == (driver, settings):
            return known.cloud
        row = self._rows.get(driver)
        if row is None:
            raise Invalid(
                f"There is no kind of cloud called {driver!r}.",
                code="no-such-driver",
                remedy=f"Use one of {', '.join(self._rows)}.",
            )
        cloud = row.make(name, dict(settings))
        if known is not None:
            self._replaced.append(known.cloud)
        self._clouds[name] = _Open(driver, dict(settings), cloud)
        return cloud

    def engine(self, cloud: str, host: HostId, address: str) -> Engine:
        """The engine of a host; the same object while its cloud and address stay the same.

        Raises:
            NotFound: that cloud was never asked for.
        """
        known = self._clouds.get(cloud)
        if known is None:
            raise NotFound(
                f"There is no cloud called {cloud!r}.",
                code="no-such-cloud",
                remedy="See which there are: longshore clouds.",
            )
        reached = self._engines.get((cloud, host))
        if reached is not None and (reached.cloud, reached.address) == (known.cloud, address):
            return reached.engine
        engine = known.cloud.engine(host, address)
        if reached is not None:
            self._replaced.append(reached.engine)
        self._engines[cloud, host] = _Reached(known.cloud, address, engine)
        return engine

    async def close(self) -> None:
        """Close all that was given out, and what was replaced, which may be in use. Twice: nothing."""
        given: list[CloudDriver | Engine] = [*self._replaced]
        given += [reached.engine for reached in self._engines.values()]
        given += [known.cloud for known in self._clouds.values()]
        self._replaced, self._engines, self._clouds = [], {}, {}
        for one in given:
            await one.close()


def _for_users(settings: dict[str, str]) -> dict[str, str]:
    """A simulated cloud's settings as a user may give them: no path of this machine is among them.

    Raises:
        Invalid: there is one.
    """
    if "state" in settings:
        raise Invalid("state is the server's own setting", code="bad-setting", remedy="leave it out")
    return settings


def _kept(worlds: Path | None, name: str) -> dict[str, str]:
    """The setting that keeps a simulated cloud's world in a file."""
    return {} if worlds is None else {"state": str(worlds / f"sim-{name}.json")}
