"""Networks and volumes: made with our cell's label, and only removed where they carry it."""

from __future__ import annotations

from longshore.model.errors import Failed
from longshore.model.seams import HoldingOrder
from longshore.model.spec import NetworkSpec, Subnet, VolumeSpec
from longshore.provider.docker.answers import Network, Volume, Volumes
from longshore.provider.docker.labels import CELL, filters, owner
from longshore.provider.docker.wire import SLOW, Wire, part


async def networks(wire: Wire, cell: str) -> list[Network]:
    """The networks of our cell."""
    return await wire.call("GET", "/networks", list[Network], query={"filters": filters(cell)})


async def volumes(wire: Wire, cell: str) -> list[Volume]:
    """The volumes of our cell."""
    answer = await wire.call("GET", "/volumes", Volumes, query={"filters": filters(cell)})
    return answer.volumes or []


async def make_network(wire: Wire, cell: str, order: HoldingOrder) -> None:
    """Make a network, or find that it is there.

    Raises:
        Failed: `name-taken`, `external-missing`, `no-addresses`, `driver-missing`.
    """
    spec = order.network or NetworkSpec(name=order.name)
    found = await _network(wire, order.name)
    if spec.external:
        if found is None:
            raise _external_missing("network", order.name)
        return
    if found is not None:
        _check_ours("network", found, cell)
        return
    body: dict[str, object] = {
        "Name": order.name,
        "CheckDuplicate": True,
        "Driver": spec.driver,
        "Internal": spec.internal,
        # Containers that no swarm service made may join an overlay only if it says so.
        "Attachable": spec.driver == "overlay",
        "Options": spec.options,
        "Labels": {**spec.labels, **order.labels},
    }
    if spec.subnets:
        body["IPAM"] = {"Driver": "default", "Config": [_subnet(each) for each in spec.subnets]}
    try:
        await wire.tell("POST", "/networks/create", body=body, limit=SLOW)
    except Failed as error:
        # A mesh takes orders from several sides at once: someone was quicker.
        found = await _network(wire, order.name) if "name conflicts" in error.message else None
        if found is None:
            raise
        _check_ours("network", found, cell)


async def make_volume(wire: Wire, cell: str, order: HoldingOrder) -> None:
    """Make a volume, or find that it is there.

    Raises:
        Failed: `name-taken`, `external-missing`, `driver-missing`.
    """
    spec = order.volume or VolumeSpec(name=order.name)
    found = await find_volume(wire, order.name)
    if spec.external:
        if found is None:
            raise _external_missing("volume", order.name)
        return
    if found is None:
        body = {
            "Name": order.name,
            "Driver": spec.driver,
            "DriverOpts": spec.options,
            "Labels": {**spec.labels, **order.labels},
        }
        # Where someone was quicker, the engine answers with theirs.
        found = await wire.call("POST", "/volumes/create", Volume, body=body, limit=SLOW)
    _check_ours("volume", found, cell)


async def remove_network(wire: Wire, cell: str, name: str) -> None:
    """Remove a network of ours. Of one that is not there, or not ours: nothing.

    Raises:
        Failed: `in-use`.
    """
    found = await _network(wire, name)
    if found is not None and _ours(found, cell):
        await _remove(wire, f"/networks/{found.id}", gone="network-missing")


async def remove_volume(wire: Wire, cell: str, name: str) -> None:
    """Remove a volume of ours, with what is in it. Of one that is not there, or not ours: nothing.

    Raises:
        Failed: `in-use`.
    """
    found = await find_volume(wire, name)
    if found is not None and _ours(found, cell):
        await _remove(wire, f"/volumes/{part(name)}", gone="volume-missing")


async def find_volume(wire: Wire, name: str) -> Volume | None:
    """The volume of that name, whoever made it."""
    try:
        return await wire.call("GET", f"/volumes/{part(name)}", Volume)
    except Failed as error:
        if error.code != "volume-missing":
            raise
        return None


def _subnet(wanted: Subnet) -> dict[str, object]:
    said: dict[str, object] = {
        "Subnet": wanted.subnet,
        "IPRange": wanted.ip_range,
        "Gateway": wanted.gateway,
        "AuxiliaryAddresses": wanted.reserved,
    }
    return {name: value for name, value in said.items() if value}


async def _network(wire: Wire, name: str) -> Network | None:
    """By listing: asked for one by its name, the engine also takes the start of an id for it."""
    rows = await wire.call("GET", "/networks", list[Network], query={"filters": {"name": [name]}})
    return next((row for row in rows if row.name == name), None)


async def _remove(wire: Wire, path: str, *, gone: str) -> None:
    try:
        await wire.tell("DELETE", path, limit=SLOW)
    except Failed as error:
        if error.code != gone:
            raise


def _ours(thing: Network | Volume, cell: str) -> bool:
    return (thing.labels or {}).get(CELL) == cell


def _check_ours(kind: str, thing: Network | Volume, cell: str) -> None:
    if _ours(thing, cell):
        return
    raise Failed(
        f"There is a {kind} named {thing.name} already, made by {owner(thing.labels)}.",
        code="name-taken",
        remedy=(
            f"To use it, mark it `external: true`; to have one of your own, give it another `name:`; "
            f"if nobody needs it: docker {kind} rm {thing.name}."
        ),
        facts={"kind": kind, "name": thing.name, "labels": thing.labels or {}},
    )


def _external_missing(kind: str, name: str) -> Failed:
    return Failed(
        f"The external {kind} {name} is not there.",
        code="external-missing",
        remedy=f"Make it, docker {kind} create {name}, or take `external: true` away.",
        facts={"kind": kind, "name": name},
    )
