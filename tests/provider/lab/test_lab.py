"""Hosts of the lab on a real engine: made, reached, refused, bounded, given back."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import msgspec
import pytest

from longshore.model.clock import SECOND, Clock
from longshore.model.errors import LongshoreError, Unreachable
from longshore.model.holding import HoldingKind
from longshore.model.host import Capacity
from longshore.model.ids import HostId, TaskId
from longshore.model.seams import HoldingOrder, HostOrder, TaskOrder
from longshore.model.spec import ImageRef, ServiceSpec
from longshore.provider.docker.address import Address
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.wire import Wire

Lab = Any
"""The lab of `conftest.py`, which cannot be imported from here."""

pytestmark = [pytest.mark.anyio, pytest.mark.engine]

BASE = "debian:bookworm-slim"


async def test_a_host_is_made_once_answers_is_bounded_and_leaves_nothing(
    lab: Lab, clock: Clock, address: Address, cell: str
) -> None:
    host = (await lab.made(clock, "one"))[0]
    (offer,) = await lab.offers()
    again = await lab.create(HostOrder(host=HostId("host-one"), name="one", quote=offer, labels={}))
    assert again.foreign_id == host.foreign_id
    assert host.host == "host-one"
    engine = lab.engine(HostId(host.host), host.address)
    report = await engine.look()
    await engine.close()
    assert report.capacity == Capacity(cpu=1000, memory=512 << 20)
    await lab.delete(host.foreign_id)
    await lab.delete(host.foreign_id)
    assert await lab.hosts() == ()
    wire = Wire(address)
    left = await wire.call(
        "GET", "/containers/json", list[object], query={"all": True, "filters": {"label": [cell]}}
    )
    await wire.close()
    assert left == []


async def test_its_engine_refuses_whoever_shows_no_certificate(
    lab: Lab, clock: Clock, tmp_path: Path
) -> None:
    host = (await lab.made(clock, "two"))[0]
    trusting = Address(
        url=host.address.replace("tcp:", "https:"),
        tls_ca=str(tmp_path / "lab/ca.pem"),
        tls_name=host.host,
    )
    for address in (
        trusting,
        # A certificate for another host is none for this one.
        msgspec.structs.replace(
            trusting,
            tls_cert=str(tmp_path / "lab/client.pem"),
            tls_key=str(tmp_path / "lab/client-key.pem"),
            tls_name="host-three",
        ),
        Address(url=host.address),
    ):
        wire = Wire(address)
        with pytest.raises((LongshoreError, ssl.SSLError)):
            await wire.tell("GET", "/_ping")
        await wire.close()


async def test_an_image_that_no_registry_has_travels_and_runs(
    lab: Lab, clock: Clock, address: Address, cell: str
) -> None:
    source = DockerEngine(address, cell=cell, host=HostId("parent"), clock=clock)
    digest = await source.resolve(BASE)
    host = (await lab.made(clock, "four"))[0]
    target = lab.engine(HostId(host.host), host.address)
    wanted = HoldingOrder(kind=HoldingKind.IMAGE, name=digest, reference=BASE)
    try:
        await target.load(wanted, source.save(wanted))
        await target.load(wanted, source.save(wanted))
        await target.provide(wanted)
        started = await target.start(
            TaskOrder(
                task=TaskId("task-1"),
                name="web-1",
                hostname="web-1",
                spec=ServiceSpec(
                    name="web", image=ImageRef(name=BASE, digest=digest), command=("sleep", "60")
                ),
                networks={},
                volumes={},
                labels={"io.longshore.cell": cell, "io.longshore.task": "task-1"},
            )
        )
        assert started.task == "task-1"
        (seen,) = (await target.look()).containers
        assert seen.state == "running"
    finally:
        await target.close()
        await source.close()


async def test_a_killed_host_is_silent_and_comes_back_with_what_it_held(
    lab: Lab, clock: Clock, address: Address
) -> None:
    host = (await lab.made(clock, "five"))[0]
    engine = lab.engine(HostId(host.host), host.address)
    await engine.look()
    wire = Wire(address)
    await wire.tell("POST", f"/containers/{host.foreign_id}/kill")
    with pytest.raises(Unreachable):
        await engine.look()
    await wire.tell("POST", f"/containers/{host.foreign_id}/start")
    await wire.close()
    for _ in range(150):
        (back,) = await lab.hosts()
        again = lab.engine(HostId(back.host), back.address)
        try:
            await again.look()
            break
        except LongshoreError:
            await clock.sleep(SECOND // 10)
        finally:
            await again.close()
    else:
        pytest.fail("it did not come back")
    await engine.close()
