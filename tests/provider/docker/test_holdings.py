"""Networks, volumes and images on a real engine."""

from __future__ import annotations

from typing import Any

import pytest

from longshore.model.errors import Failed
from longshore.model.holding import HoldingKind
from longshore.model.seams import HoldingOrder
from longshore.model.spec import ImageRef, Mount, MountKind, NetworkSpec, VolumeSpec
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.images import image_missing, references, repository
from longshore.provider.docker.wire import Wire

NETWORK, VOLUME, IMAGE = HoldingKind.NETWORK, HoldingKind.VOLUME, HoldingKind.IMAGE

REPOSITORIES = {
    "nginx": "nginx",
    "nginx:1.25": "nginx",
    "reg.example:5000/a/b": "reg.example:5000/a/b",
    "reg.example:5000/a/b:1": "reg.example:5000/a/b",
    "a/b@sha256:00": "a/b",
    "a/b:1@sha256:00": "a/b",
}


@pytest.mark.parametrize("name", REPOSITORIES)
def test_the_repository_of_an_image_name(name: str) -> None:
    assert repository(name) == REPOSITORIES[name]


def test_a_pinned_image_is_asked_for_as_an_id_and_as_a_manifest() -> None:
    assert references(ImageRef(name="r:5/a:1", digest="sha256:1")) == ("sha256:1", "r:5/a@sha256:1")
    assert references(ImageRef(name="a:1")) == ("a:1",)


MISSES = {
    "dial tcp: lookup reg on 10.0.0.1:53: no such host": "Connect the host to the network",
    "dial tcp 127.0.0.1:1: connect: connection refused": "Start the registry",
    "manifest unknown": "Correct the image's name or tag",
    "pull access denied for x": "Correct the image's name",
    "something new": "Correct the image's name",
}


@pytest.mark.parametrize("said", MISSES)
def test_what_a_registry_says_becomes_a_remedy(said: str) -> None:
    error = image_missing("x:1", said)
    assert (error.code, error.facts["engine"]) == ("image-missing", said)
    assert error.remedy.startswith(MISSES[said])
    assert "push it to a registry" in image_missing("x:1", said, built=True).remedy


def made(kind: HoldingKind, name: str, cell: str, **more: Any) -> HoldingOrder:
    labels = {"io.longshore.cell": cell, "io.longshore.stack": "stack-1"}
    return HoldingOrder(kind=kind, name=name, labels=labels, **more)


@pytest.mark.anyio
@pytest.mark.engine
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


@pytest.mark.anyio
@pytest.mark.engine
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


@pytest.mark.anyio
@pytest.mark.engine
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


@pytest.mark.anyio
@pytest.mark.engine
async def test_another_cells_things_are_left_alone(
    engine: DockerEngine, cell: str, wire: Wire, order: Any
) -> None:
    theirs = {"io.longshore.cell": f"{cell}-other"}
    await wire.tell("POST", "/volumes/create", body={"Name": f"{cell}-v", "Labels": theirs})
    try:
        with pytest.raises(Failed) as caught:
            await engine.provide(made(VOLUME, f"{cell}-v", cell))
        assert "another Longshore cell" in caught.value.message
        assert (await engine.look()).held == ()
    finally:
        await wire.tell("DELETE", f"/volumes/{cell}-v")


@pytest.mark.anyio
@pytest.mark.engine
async def test_external_ones_must_be_there_and_stay(engine: DockerEngine, cell: str, wire: Wire) -> None:
    for kind, spec in (
        (NETWORK, {"network": NetworkSpec(name=f"{cell}-x", external=True)}),
        (VOLUME, {"volume": VolumeSpec(name=f"{cell}-x", external=True)}),
    ):
        order = made(kind, f"{cell}-x", cell, **spec)
        with pytest.raises(Failed) as caught:
            await engine.provide(order)
        assert caught.value.code == "external-missing"
        await wire.tell("POST", f"/{kind}s/create", body={"Name": order.name})
        try:
            await engine.provide(order)
            await engine.withdraw(order)
            await wire.tell("GET", f"/{kind}s/{order.name}")
        finally:
            await wire.tell("DELETE", f"/{kind}s/{order.name}")


@pytest.mark.anyio
@pytest.mark.engine
async def test_what_containers_hold_is_in_use(
    engine: DockerEngine, cell: str, order: Any, network: NetworkSpec
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


@pytest.mark.anyio
@pytest.mark.engine
async def test_an_image_on_the_engine_only_is_pinned_by_its_id(engine: DockerEngine, order: Any) -> None:
    name = order().spec.image.name
    digest = await engine.resolve(name)
    assert digest.startswith("sha256:")
    await engine.provide(HoldingOrder(kind=IMAGE, name=digest, reference=name))
    report = await engine.start(order(image=ImageRef(name="renamed:since", digest=digest)))
    assert report.state == "running"


@pytest.mark.anyio
@pytest.mark.engine
async def test_an_image_nobody_has_is_missing_with_a_remedy(engine: DockerEngine) -> None:
    name = "127.0.0.1:1/nosuch:1"
    with pytest.raises(Failed) as caught:
        await engine.resolve(name)
    assert (caught.value.code, "Start the registry" in caught.value.remedy) == ("image-missing", True)
    with pytest.raises(Failed) as caught:
        await engine.provide(HoldingOrder(kind=IMAGE, name="sha256:" + "2" * 64, reference=name))
    assert (caught.value.code, "push it to a registry" in caught.value.remedy) == ("image-missing", True)
