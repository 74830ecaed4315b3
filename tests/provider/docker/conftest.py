"""A real engine, a cell of its own for each test, and orders for it; whatever a test leaves is removed."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import msgspec
import pytest

from longshore.model.clock import Clock
from longshore.model.errors import Failed
from longshore.model.holding import HoldingKind
from longshore.model.ids import HostId, TaskId
from longshore.model.seams import HoldingOrder, TaskOrder
from longshore.model.spec import (
    Attachment,
    ImageRef,
    NetworkSpec,
    RestartPolicy,
    RestartWhen,
    ServiceSpec,
    VolumeSpec,
)
from longshore.provider.docker import holdings, tasks
from longshore.provider.docker.address import Address
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.labels import filters
from longshore.provider.docker.wire import Wire

BASE = "debian:bookworm-slim"

SLEEP = ("sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait")
"""A command that runs until it is asked to stop, and then stops at once."""


class Rows(msgspec.Struct, rename="pascal"):
    """A list of images, as far as removing them goes."""

    id: str


@pytest.fixture
def cell() -> str:
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
async def wire(address: Address, cell: str) -> AsyncIterator[Wire]:
    wire = Wire(address)
    yield wire
    with suppress(Failed):
        for row in await tasks.list_tasks(wire, cell):
            await tasks.remove(wire, row.id)
    for network in await holdings.networks(wire, cell):
        await wire.tell("DELETE", f"/networks/{network.id}")
    for volume in await holdings.volumes(wire, cell):
        await wire.tell("DELETE", f"/volumes/{volume.name}")
    for image in await wire.call("GET", "/images/json", list[Rows], query={"filters": filters(cell)}):
        await wire.tell("DELETE", f"/images/{image.id}", query={"force": True})
    await wire.close()


@pytest.fixture
async def engine(cell: str, clock: Clock, wire: Wire) -> AsyncIterator[DockerEngine]:
    engine = DockerEngine(wire.address, cell=cell, host=HostId("host-1"), clock=clock)
    yield engine
    await engine.close()


@pytest.fixture
def order(cell: str) -> Callable[..., TaskOrder]:
    """Makes orders; what is given beyond the name replaces fields of the spec."""

    def make(
        name: str = "web",
        *,
        networks: dict[str, NetworkSpec] | None = None,
        volumes: dict[str, VolumeSpec] | None = None,
        contents: dict[str, bytes] | None = None,
        **fields: object,
    ) -> TaskOrder:
        spec = ServiceSpec(
            name=name,
            image=ImageRef(name=BASE),
            command=SLEEP,
            restart=RestartPolicy(when=RestartWhen.NONE),
            networks=tuple(Attachment(network=n) for n in networks or {}),
        )
        return TaskOrder(
            task=TaskId(f"task-{cell}-{name}"),
            name=f"{cell}-{name}",
            hostname=f"{name}-1",
            spec=msgspec.structs.replace(spec, **fields),
            networks=networks or {},
            volumes=volumes or {},
            contents=contents or {},
            labels={
                "io.longshore.cell": cell,
                "io.longshore.project": "default",
                "io.longshore.stack": "stack-1",
                "io.longshore.service": name,
                "io.longshore.task": f"task-{cell}-{name}",
                "io.longshore.slot": "1",
                "io.longshore.step": "step-1",
            },
        )

    return make


@pytest.fixture
async def network(engine: DockerEngine, cell: str) -> NetworkSpec:
    """A network of our cell that is there."""
    spec = NetworkSpec(name=f"{cell}-net")
    labels = {"io.longshore.cell": cell, "io.longshore.stack": "stack-1"}
    await engine.provide(HoldingOrder(kind=HoldingKind.NETWORK, name=spec.name, labels=labels, network=spec))
    return spec
