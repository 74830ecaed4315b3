"""Networks and volumes on a real engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from longshore.model.errors import Failed
from longshore.model.holding import HoldingKind
from longshore.model.seams import HoldingOrder, TaskOrder
from longshore.model.spec import Mount, MountKind, NetworkSpec, VolumeSpec
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.wire import Wire

Orders = Callable[..., TaskOrder]

NETWORK, VOLUME = HoldingKind.NETWORK, HoldingKind.VOLUME

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


def made(
    kind: HoldingKind,
    name: str,
    cell: str,
    network: NetworkSpec | None = None,
    volume: VolumeSpec | None = None,
) -> HoldingOrder:
    labels = {"io.longshore.cell": cell, "io.longshore.stack": "stack-1"}
    return HoldingOrder(kind=kind, name=name, labels=labels, network=network, volume=volume)


@pytest.mark.parametrize("kind", [NETWORK, VOLUME])
async def test_made_once_found_by_a_look_and_gone_when_withdrawn(
    engine: DockerEngine, cell: str, kind: HoldingKind
) -> None:
    order = made(kind, f"{cell}-thing", cell)
    await engine.provide(order)
    await engine.provide(order)
    (held,) = (await engine.look()).held
    assert (held.kind, held.name, held.stack) == (kind, order.name, "stack-1")
    await engine.withdraw(order)
    await engine.withdraw(order)
    assert (await engine.look()).held == ()


async def test_options_of_a_network_reach_the_engine(engine: DockerEngine, cell: str, wire: Wire) -> None:
    spec = NetworkSpec(
        name=f"{cell}-net",
        internal=True,
        labels={"a": "b"},
        options={"com.docker.network.driver.mtu": "1400"},
    )
    await engine.provide(made(NETWORK, spec.name, cell, network=spec))
    seen = await wire.call("GET", f"/networks/{spec.name}", dict[str, Any])
    assert seen["Internal"]
    assert seen["Options"] == spec.options
    assert seen["Labels"]["a"] == "b"


@pytest.mark.parametrize("kind", [NETWORK, VOLUME])
async def test_what_others_made_is_neither_used_nor_removed(
    engine: DockerEngine, cell: str, kind: HoldingKind, wire: Wire
) -> None:
    name = f"{cell}-theirs"
    body = {"Name": name, "Labels": {"com.docker.compose.project": "theirs"}}
    await wire.tell("POST", f"/{kind}s/create", body=body)
    try:
        with pytest.raises(Failed) as caught:
            await engine.provide(made(kind, name, cell))
        assert caught.value.code == "name-taken"
        assert "Docker Compose, for its project theirs" in caught.value.message
        await engine.withdraw(made(kind, name, cell))
        await wire.tell("GET", f"/{kind}s/{name}")
    finally:
        await wire.tell("DELETE", f"/{kind}s/{name}")


async def test_another_cells_things_are_left_alone(engine: DockerEngine, cell: str, wire: Wire) -> None:
    theirs = {"io.longshore.cell": f"{cell}-other"}
    await wire.tell("POST", "/volumes/create", body={"Name": f"{cell}-v", "Labels": theirs})
    try:
        with pytest.raises(Failed) as caught:
            await engine.provide(made(VOLUME, f"{cell}-v", cell))
        assert "another Longshore cell" in caught.value.message
        assert (await engine.look()).held == ()
    finally:
        await wire.tell("DELETE", f"/volumes/{cell}-v")


async def test_external_ones_must_be_there_and_stay(engine: DockerEngine, cell: str, wire: Wire) -> None:
    name = f"{cell}-x"
    for order in (
        made(NETWORK, name, cell, network=NetworkSpec(name=name, external=True)),
        made(VOLUME, name, cell, volume=VolumeSpec(name=name, external=True)),
    ):
        with pytest.raises(Failed) as caught:
            await engine.provide(order)
        assert caught.value.code == "external-missing"
        await wire.tell("POST", f"/{order.kind}s/create", body={"Name": name})
        try:
            await engine.provide(order)
            await engine.withdraw(order)
            await wire.tell("GET", f"/{order.kind}s/{name}")
        finally:
            await wire.tell("DELETE", f"/{order.kind}s/{name}")


async def test_what_containers_hold_is_in_use(
    engine: DockerEngine, cell: str, order: Orders, network: NetworkSpec
) -> None:
    volume = VolumeSpec(name=f"{cell}-data")
    await engine.provide(made(VOLUME, volume.name, cell))
    mounts = (Mount(kind=MountKind.VOLUME, source="data", target="/data"),)
    await engine.start(order(networks={"n": network}, mounts=mounts, volumes={"data": volume}))
    for kind, name in ((NETWORK, network.name), (VOLUME, volume.name)):
        with pytest.raises(Failed) as caught:
            await engine.withdraw(made(kind, name, cell))
        assert caught.value.code == "in-use"
        assert name in caught.value.message
