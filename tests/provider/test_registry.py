"""The registry gives out each cloud and engine once, and the cloud `local` is one own host."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from longshore.model.clock import Clock
from longshore.model.errors import Invalid, NotFound, Refused, Unreachable
from longshore.model.host import Quote
from longshore.model.ids import HostId
from longshore.model.seams import HostOrder, Provider
from longshore.provider.docker.address import Address
from longshore.provider.registry import Registry

pytestmark = pytest.mark.anyio

HOST = HostId("host-1")


@pytest.fixture
async def registry(clock: Clock) -> AsyncIterator[Registry]:
    registry = Registry(cell="test", clock=clock, at_hand=Address(url="tcp://127.0.0.1:1"))
    yield registry
    await registry.close()


async def test_it_is_a_provider_of_the_seams(registry: Registry) -> None:
    provider: Provider = registry
    assert set(provider.drivers()) == {"lab", "local", "sim"}
    assert all(provider.drivers().values())


@pytest.mark.parametrize("driver", ["local", "sim"])
async def test_a_cloud_is_one_object_while_its_settings_stay(registry: Registry, driver: str) -> None:
    first = registry.cloud("c", driver, {})
    assert registry.cloud("c", driver, {}) is first
    assert registry.cloud("other", driver, {}) is not first


async def test_an_engine_is_one_object_while_its_address_stays(registry: Registry) -> None:
    settings = {"url": "tcp://127.0.0.1:2"}
    registry.cloud("c", "local", settings)
    first = registry.engine("c", HOST, "tcp://127.0.0.1:2")
    assert registry.engine("c", HOST, "tcp://127.0.0.1:2") is first
    assert registry.engine("c", HostId("host-2"), "tcp://127.0.0.1:2") is not first
    assert registry.engine("c", HOST, "tcp://127.0.0.1:3") is not first
    second = registry.engine("c", HOST, "tcp://127.0.0.1:3")
    registry.cloud("c", "local", {"url": "tcp://127.0.0.1:3"})
    assert registry.engine("c", HOST, "tcp://127.0.0.1:3") is not second


async def test_what_it_does_not_know_it_says(registry: Registry) -> None:
    with pytest.raises(Invalid) as caught:
        registry.cloud("c", "moon", {})
    assert "local, sim" in caught.value.remedy
    with pytest.raises(Invalid):
        registry.cloud("c", "local", {"colour": "red"})
    with pytest.raises(NotFound):
        registry.engine("c", HOST, "tcp://127.0.0.1:2")


async def test_closing_closes_what_was_replaced_too(clock: Clock) -> None:
    registry = Registry(cell="test", clock=clock, at_hand=Address())
    first: Any = registry.cloud("c", "local", {"url": "tcp://127.0.0.1:2"})
    engine: Any = registry.engine("c", HOST, "tcp://127.0.0.1:2")
    registry.cloud("c", "local", {"url": "tcp://127.0.0.1:3"})
    await registry.close()
    await registry.close()
    assert first._wire._closed
    assert engine._wire._closed


async def test_a_simulated_cloud_and_its_engine_come_from_the_same_object(registry: Registry) -> None:
    cloud = registry.cloud("c", "sim", {})
    hosts = await cloud.hosts()
    assert registry.engine("c", HOST, hosts[0].address if hosts else "") is not None


async def test_local_lends_nothing(registry: Registry) -> None:
    cloud = registry.cloud("here", "local", {})
    assert await cloud.offers() == ()
    with pytest.raises(Refused):
        await cloud.create(HostOrder(host=HOST, name="h", quote=Quote(cloud="here", flavor="x"), labels={}))
    with pytest.raises(Refused):
        await cloud.delete("x")


async def test_local_without_an_engine_is_unreachable(registry: Registry) -> None:
    with pytest.raises(Unreachable):
        await registry.cloud("here", "local", {}).hosts()


@pytest.mark.engine
async def test_local_is_one_host_that_can_be_looked_at(clock: Clock, address: Address) -> None:
    registry = Registry(cell="test-registry", clock=clock, at_hand=address)
    try:
        (host,) = await registry.cloud("here", "local", {}).hosts()
        assert host.ready
        assert host.name
        assert host.foreign_id
        report = await registry.engine("here", HOST, host.address).look()
        assert report.host == HOST
        assert report.capacity.memory > 0
    finally:
        await registry.close()
