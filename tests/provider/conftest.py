"""What all tests of providers share: asyncio, and a clock that is the machine's."""

from __future__ import annotations

import asyncio
import time

import pytest

from longshore.model.clock import SECOND, Micros


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
