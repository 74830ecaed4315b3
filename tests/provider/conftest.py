"""What all tests of providers share: asyncio, the machine's clock, and the engine at hand."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from longshore.model.clock import SECOND, Micros
from longshore.provider.docker.address import DEFAULT_URL, Address


class WallClock:
    """The machine's time, for tests against a real engine."""

    def now(self) -> Micros:
        return Micros(time.time_ns() // 1000)

    async def sleep(self, length: int) -> None:
        done = asyncio.get_running_loop().create_future()
        await asyncio.wait([done], timeout=max(length, 0) / SECOND)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def address() -> Address:
    return Address(url=os.environ.get("DOCKER_HOST") or DEFAULT_URL)
