"""What a lab is like, from `--set key=value`: one row per key."""

from __future__ import annotations

import msgspec

from longshore.model.errors import Invalid
from longshore.model.host import Capacity, HostKind, Quote
from longshore.model.mesh import MESHED
from longshore.model.money import Money
from longshore.provider.simulator.settings import Flavor, Row, read_flavors, read_labels, read_length

DOC = "hosts made on this machine, each a container with a Docker Engine of its own"

_FLAVORS = "small:1:1GiB:0.02,large:2:2GiB:0.04"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings as values; lengths in microseconds."""

    flavors: tuple[Flavor, ...]
    currency: str
    labels: dict[str, str]
    region: str
    zone: str
    boot: int
    network: str

    @property
    def realm(self) -> str:
        """What a host's network reaches: a mesh for each network and region."""
        return f"{MESHED}{self.network}/{self.region}"


SETTINGS: dict[str, Row] = {
    "flavors": Row(
        read=read_flavors,
        default=_FLAVORS,
        doc="sizes of host, NAME:CPU:MEMORY:PRICE per hour (? for unknown), comma between",
    ),
    "currency": Row(read=str.upper, default="EUR", doc="of all its prices"),
    "labels": Row(read=read_labels, default="", doc="labels of all its hosts, like disk=ssd,rack=a"),
    "region": Row(read=str, default="", doc="the region of all its hosts"),
    "zone": Row(read=str, default="", doc="the zone of all its hosts"),
    "boot": Row(read=read_length, default="0", doc="the least time until a host can be used, like 10s"),
    "network": Row(read=str, default="bridge", doc="the network of the engine that holds the hosts"),
}


def read_settings(cloud: str, given: dict[str, str]) -> Settings:
    """The settings of a lab, from what was given and the defaults.

    Raises:
        Invalid: `bad-setting`: a key is unknown, or a value cannot be read.
    """
    for key in given:
        if key not in SETTINGS:
            raise Invalid(
                f"cloud {cloud} has no setting {key}",
                code="bad-setting",
                remedy=f"settings of a lab: {', '.join(SETTINGS)}",
                facts={"cloud": cloud, "key": key},
            )
    values: dict[str, object] = {}
    for key, row in SETTINGS.items():
        text = given.get(key, row.default).strip()
        try:
            values[key] = row.read(text)
        except ValueError as error:
            raise Invalid(
                f"setting {key}={text} of cloud {cloud}: {error}",
                code="bad-setting",
                remedy=f"{key}: {row.doc}",
                facts={"cloud": cloud, "key": key, "value": text},
            ) from None
    return msgspec.convert(values, Settings)


def quotes(cloud: str, settings: Settings) -> tuple[Quote, ...]:
    """What can be made here, at which price."""
    return tuple(
        Quote(
            cloud=cloud,
            flavor=flavor.name,
            kind=HostKind.CONTAINER,
            capacity=Capacity(cpu=flavor.capacity.cpu, memory=flavor.capacity.memory),
            price=None if flavor.price is None else Money(flavor.price.nano, settings.currency),
            source=f"setting flavors of {cloud}",
            boot=settings.boot,
            labels=settings.labels,
            region=settings.region,
            zone=settings.zone,
            realm=settings.realm,
        )
        for flavor in settings.flavors
    )
