"""A server of its own for each test, and the engine at hand; whatever a test leaves is removed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from tests.e2e.house import House
from tests.e2e.moby import Moby


@pytest.fixture
def moby() -> Iterator[Moby]:
    moby = Moby()
    yield moby
    moby.close()


@pytest.fixture
def build(tmp_path: Path, moby: Moby) -> Iterator[Callable[[], House]]:
    """Makes houses, whose servers the test starts."""
    houses: list[House] = []

    def make() -> House:
        # Not below tmp_path: with pytest's names the path of the socket would grow too long.
        state = Path(tempfile.mkdtemp(prefix="ls-"))
        folder = tmp_path / f"house{len(houses)}"
        folder.mkdir()
        houses.append(House(state, folder, moby))
        return houses[-1]

    yield make
    for house in houses:
        house.close()
        shutil.rmtree(house.state, ignore_errors=True)


@pytest.fixture
def house(build: Callable[[], House]) -> House:
    """A house whose server runs."""
    house = build()
    house.server.start()
    return house


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the server said last."""
    report = yield
    house = getattr(item, "funcargs", {}).get("house")
    if report.failed and isinstance(house, House):
        report.sections.append(("the server", house.server.log()))
    return report
