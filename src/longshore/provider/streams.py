"""The streams of hosts, for api and service: which host is asked, and then that host's engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from longshore.model.clock import SECOND, Clock
from longshore.model.errors import Unreachable
from longshore.model.host import Host
from longshore.model.ids import HostId, TaskId
from longshore.model.lifecycle import HostState
from longshore.model.seams import Engine, ExecFrame, ExecInput, LogLine, Provider
from longshore.model.spec import Build, Pull

TRIES = 50
PAUSE = SECOND // 10
"""Between two looks whether an own host answers by now: five seconds in all, for an engine that is slow."""


@asynccontextmanager
async def closing(source: AsyncIterator[object]) -> AsyncIterator[None]:
    """Close a stream with its reader: one that is dropped half read would hold its connection."""
    try:
        yield
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()


class HostStreams:
    """`Streams` over a provider; `hosts` gives the hosts that are known, `labels` mark builds as ours."""

    def __init__(
        self,
        provider: Provider,
        hosts: Callable[[], Awaitable[list[Host]]],
        labels: dict[str, str],
        clock: Clock,
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._hosts = hosts
        self._labels = labels

    async def resolve(self, name: str, pull: Pull = Pull.MISSING) -> str:
        """What an image name means to the first host that can be asked."""
        return await (await self._any()).resolve(name, pull)

    async def build(self, name: str, build: Build, context: AsyncIterator[bytes]) -> AsyncIterator[str]:
        """Build on the first host that can be asked; lines of progress."""
        engine = await self._any()
        lines = engine.build(name, build, context, {**build.labels, **self._labels})
        async with closing(lines):
            async for line in lines:
                yield line

    async def logs(self, host: HostId, task: TaskId, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        """What a task wrote."""
        engine = await self._on(host)
        lines = engine.logs(task, follow=follow, tail=tail)
        async with closing(lines):
            async for line in lines:
                yield line

    async def execute(
        self,
        host: HostId,
        task: TaskId,
        command: tuple[str, ...],
        *,
        tty: bool,
        stdin: AsyncIterator[ExecInput] | None,
    ) -> AsyncIterator[ExecFrame]:
        """Run a command in a task's container."""
        engine = await self._on(host)
        frames = engine.execute(task, command, tty=tty, stdin=stdin)
        async with closing(frames):
            async for frame in frames:
                yield frame

    def drivers(self) -> dict[str, str]:
        """The kinds of cloud that can be added."""
        return self._provider.drivers()

    async def _any(self) -> Engine:
        """The engine of a host that answers: the user's own before lent ones, the oldest first."""
        able = await self._able()
        if not able:
            raise Unreachable(
                "no host answers that could be asked for images",
                code="no-host",
                remedy="longshore status says which are silent and why; longshore clouds add brings more",
            )
        host = min(able, key=lambda h: (not h.own, h.requested_at, h.id))
        return self._provider.engine(host.cloud, host.id, host.address)

    async def _able(self) -> list[Host]:
        """The hosts that answer. Where none does yet, a server that was just started may be looking still."""
        for _ in range(TRIES):
            hosts = await self._hosts()
            able = [host for host in hosts if host.answers]
            if able or not any(host.state is HostState.BOOTING and host.own for host in hosts):
                return able
            await self._clock.sleep(PAUSE)
        return []

    async def _on(self, host_id: HostId) -> Engine:
        for host in await self._hosts():
            if host.id == host_id:
                if not host.answers:
                    raise Unreachable(
                        f"{host.name} does not answer",
                        code="host-silent",
                        remedy=f"longshore explain {host.name}",
                    )
                return self._provider.engine(host.cloud, host.id, host.address)
        raise Unreachable("its host is gone", code="host-gone", remedy="longshore ps")
