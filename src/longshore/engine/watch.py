"""Watch: sees hosts and clouds, and hands on what is new. Decides nothing.

Each host is looked at in full now and then, and its events are followed between; each cloud is
asked for its hosts and offers. A look that shows nothing new is not handed on, so that an idle
engine has nothing to do however many hosts report.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

import msgspec

from longshore.model.clock import SECOND, Clock, Micros
from longshore.model.cloud import Cloud
from longshore.model.errors import LongshoreError, Unreachable
from longshore.model.host import Host
from longshore.model.ids import HostId
from longshore.model.lifecycle import HostState
from longshore.model.report import (
    CloudSeen,
    CloudSilent,
    ContainerSeen,
    HostReport,
    HostSeen,
    HostSilent,
    Input,
)
from longshore.model.seams import Engine, Provider

log = logging.getLogger(__name__)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often to look, and how long to wait for an answer; microseconds.

    `look`: a full look at a host; `limit`: how long its engine may take; `again`: pause before
    trying a silent one again; `cloud`: a look at a cloud; `busy`: the same while hosts come or go.
    """

    look: int = 30 * SECOND
    limit: int = 8 * SECOND
    again: int = 1 * SECOND
    cloud: int = 30 * SECOND
    busy: int = 1 * SECOND


TRIES = 2
"""Looks that must fail in a row before a host counts as silent: one slow answer is no silence."""


class Watch:
    """Follows the hosts and clouds it is told of."""

    def __init__(
        self, *, provider: Provider, clock: Clock, hand_on: Callable[[Input], None], pace: Pace
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._hand_on = hand_on
        self._pace = pace
        self._hosts: dict[HostId, tuple[str, asyncio.Task[None]]] = {}
        self._clouds: dict[str, asyncio.Task[None]] = {}
        self._hints: dict[str, asyncio.Event] = {}
        self._moving: dict[str, set[HostId]] = {}
        self._stirred: set[str] = set()
        self._later: dict[asyncio.Task[None], None] = {}

    def follow_cloud(self, name: str, cloud: Cloud | None) -> None:
        """Watch a cloud from now on; None: no longer."""
        if cloud is None:
            _cancel(self._clouds.pop(name, None))
        elif name not in self._clouds:
            self._clouds[name] = asyncio.create_task(self._watch_cloud(cloud))

    def follow_host(self, host_id: HostId, host: Host | None) -> None:
        """Watch a host while it boots or serves; None: no longer."""
        if host is not None:
            moving = self._moving.setdefault(host.cloud, set())
            if host.state is HostState.READY and not host.lost:
                moving.discard(host_id)
            elif not host.own:
                moving.add(host_id)
                self.look_soon(host.cloud)
        else:
            for moving in self._moving.values():
                moving.discard(host_id)
        old = self._hosts.get(host_id)
        seen = host is not None and host.state in {HostState.BOOTING, HostState.READY}
        address = host.address if host is not None and seen else ""
        if old is not None and old[0] == address:
            return
        if old is not None:
            _cancel(self._hosts.pop(host_id)[1])
        if host is not None and address:
            self._hosts[host_id] = (address, asyncio.create_task(self._watch_host(host)))

    def look_soon(self, name: str, at: int = 0) -> None:
        """Look at a host (by id) or cloud (by name) now, or when it is `at`: something there is in doubt."""
        if at > self._clock.now():
            task = asyncio.create_task(self._look_later(name, at))
            self._later[task] = None
            task.add_done_callback(self._later.pop)
        elif name in self._hints:
            self._hints[name].set()

    def stir(self, name: str) -> None:
        """Something was done at a host: the next look there that begins is news, whatever it shows."""
        self._stirred.add(name)

    async def close(self) -> None:
        """Watch nothing any more."""
        tasks = [task for _, task in self._hosts.values()] + list(self._clouds.values()) + list(self._later)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch_cloud(self, cloud: Cloud) -> None:
        """Ask a cloud again and again."""
        hint = self._hints.setdefault(cloud.name, asyncio.Event())
        driver = self._provider.cloud(cloud.name, cloud.driver, cloud.settings)
        last: CloudSeen | None = None
        silent = False
        while True:
            hinted = hint.is_set()
            hint.clear()
            began = self._clock.now()
            try:
                async with asyncio.timeout(_seconds(self._pace.limit)):
                    hosts, offers = await driver.hosts(), await driver.offers()
                seen = CloudSeen(
                    cloud=cloud.name, began=began, at=self._clock.now(), hosts=hosts, offers=offers
                )
                moving = bool(self._moving.get(cloud.name))
                if hinted or silent or moving or last is None or _news(last, seen):
                    self._hand_on(seen)
                last, silent = seen, False
            except (LongshoreError, TimeoutError) as error:
                if not silent:
                    reason = str(error) or "it does not answer in time"
                    self._hand_on(CloudSilent(cloud=cloud.name, since=began, reason=reason))
                silent = True
            busy = silent or self._moving.get(cloud.name)
            await self._wait(hint, self._pace.busy if busy else self._pace.cloud)

    async def _watch_host(self, host: Host) -> None:
        """Look, follow events, look again; say when it falls silent."""
        hint = self._hints.setdefault(host.id, asyncio.Event())
        engine = self._provider.engine(host.cloud, host.id, host.address)
        since = self._clock.now()
        news = True
        last: HostReport | None = None
        failed = 0
        events: asyncio.Task[None] | None = None
        try:
            while True:
                # A look that fails leaves to the next one what made it news.
                news = news or hint.is_set() or host.id in self._stirred
                hint.clear()
                self._stirred.discard(host.id)
                if events is None or events.done():
                    events = asyncio.create_task(self._follow(engine, host.id, hint))
                    # The stream has to be open before the look, lest something falls between.
                    await self._clock.sleep(0)
                began = self._clock.now()
                try:
                    report = await self._look(engine)
                    report = msgspec.structs.replace(report, host=host.id)
                    if news or last is None or _changed(last, report):
                        self._hand_on(HostSeen(report=report))
                    last, failed, news = report, 0, False
                    await self._wait(hint, self._pace.look)
                except LongshoreError as error:
                    failed, news = failed + 1, True
                    if failed == 1:
                        # It was well until now, for all we know: looks are far apart.
                        since = began
                    if failed == TRIES:
                        self._hand_on(HostSilent(host=host.id, since=since, reason=error.message))
                    _cancel(events)
                    events = None
                    await self._clock.sleep(self._pace.again)
        finally:
            _cancel(events)
            if events is not None:
                with contextlib.suppress(asyncio.CancelledError):
                    await events

    async def _look(self, engine: Engine) -> HostReport:
        """A look within the time limit.

        Raises:
            Unreachable: it took too long.
        """
        try:
            async with asyncio.timeout(_seconds(self._pace.limit)):
                return await engine.look()
        except TimeoutError as error:
            words = f"its engine did not answer within {self._pace.limit // SECOND} s"
            raise Unreachable(words, code="engine-silent") from error

    async def _follow(self, engine: Engine, host: HostId, hint: asyncio.Event) -> None:
        """Hand on events until the stream breaks; then have the host looked at."""
        try:
            async for container in engine.events():
                self.stir(host)
                self._hand_on(ContainerSeen(host=host, container=container))
        except LongshoreError as error:
            log.info("events of %s broke off: %s", host, error.message)
        finally:
            hint.set()

    async def _look_later(self, name: str, at: int) -> None:
        # Asked again after waiting: a clock that was set back stands still for a while.
        while (left := at - self._clock.now()) > 0:
            await self._clock.sleep(left)
        self.look_soon(name)

    async def _wait(self, hint: asyncio.Event, length: int) -> None:
        """Wait so long, or until hinted."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_seconds(length)):
                await hint.wait()


def _seconds(length: int) -> float:
    return length / SECOND


def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()


def _changed(old: HostReport, new: HostReport) -> bool:
    """Whether a look shows anything but another time."""
    zero = Micros(0)
    return msgspec.structs.replace(old, began=zero, at=zero) != msgspec.structs.replace(
        new, began=zero, at=zero
    )


def _news(old: CloudSeen, new: CloudSeen) -> bool:
    return old.hosts != new.hosts or [q.undated for q in old.offers] != [q.undated for q in new.offers]
