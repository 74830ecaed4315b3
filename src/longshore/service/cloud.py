"""Clouds: those in use, what they offer, and taking them up and giving them up."""

from __future__ import annotations

import re

import msgspec

from longshore.govern.bill import BILLED, bill
from longshore.model.ask import AddCloud, RemoveCloud
from longshore.model.cloud import Cloud
from longshore.model.errors import Invalid, Refused
from longshore.model.host import Host, Quote
from longshore.model.view import CloudView
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.look import look
from longshore.service.name import unknown

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""A DNS label: cloud names go into the names of hosts."""

LOCAL = "local"
"""The driver of clouds that are one container engine each."""


async def clouds(desk: Desk) -> list[CloudView]:
    """The clouds in use: own ones first, then in their order."""
    seen = await look(desk)
    there = {name: [h for h in seen.hosts.values() if h.cloud == name] for name in seen.clouds}
    return [_view(cloud, there[name]) for name, cloud in seen.clouds.items()]


async def offers(desk: Desk, name: str) -> tuple[Quote, ...]:
    """What a cloud offered when it was last looked at; each quote has its age.

    Raises:
        NotFound: `no-such-cloud`.
    """
    return (await _find(desk, name)).offers


async def add(desk: Desk, cloud: Cloud) -> Cloud:
    """Use a cloud from now on; one that is there already is given these prices, bounds and order.

    What is seen of it is left out: that is for the engine to see.

    Raises:
        Invalid: `cloud-name`, or settings the driver does not know.
        NotFound: `no-such-driver`.
        Refused: `name-taken`; `engine-taken`, another cloud is that container engine.
    """
    if not _NAME.fullmatch(cloud.name):
        raise Invalid(
            f"{cloud.name!r} is no name for a cloud",
            code="cloud-name",
            remedy="use small letters, digits and hyphens, at most 63",
        )
    if cloud.driver not in desk.streams.drivers():
        raise unknown("driver", cloud.driver, desk.streams.drivers())
    if cloud.driver == LOCAL:
        await _check_engine(desk, cloud)
    wanted = Cloud(
        name=cloud.name,
        driver=cloud.driver,
        # A container engine is nobody else's.
        own=cloud.own or cloud.driver == LOCAL,
        order=cloud.order,
        price=cloud.price,
        max_hosts=cloud.max_hosts,
        max_price=cloud.max_price,
        keep=cloud.keep,
        settings=cloud.settings,
    )
    return await ask(desk, AddCloud(cloud=wanted), Cloud)


async def _check_engine(desk: Desk, cloud: Cloud) -> None:
    """See that a container engine is one cloud only: its room would count twice."""
    url = cloud.settings.get("url", "")
    for other in await desk.nouns(Cloud):
        if other.driver == LOCAL and other.name != cloud.name and other.settings.get("url", "") == url:
            raise Refused(
                f"the container engine {url or 'at hand'} is the cloud {other.name} already",
                code="engine-taken",
                remedy=f"name another: --set url=tcp://HOST:2376; or longshore clouds change {other.name}",
            )


async def remove(desk: Desk, name: str) -> None:
    """Use a cloud no longer.

    Raises:
        NotFound: `no-such-cloud`.
        Refused: tasks run there.
    """
    await _find(desk, name)
    await ask(desk, RemoveCloud(name=name), msgspec.Raw)


def drivers(desk: Desk) -> dict[str, str]:
    """The kinds of cloud that can be added, with one line about each."""
    return desk.streams.drivers()


async def check_cloud(desk: Desk, name: str) -> None:
    """See that there is a cloud of that name.

    Raises:
        NotFound: `no-such-cloud`.
    """
    await _find(desk, name)


async def _find(desk: Desk, name: str) -> Cloud:
    found = await desk.noun(Cloud, name)
    if found is None:
        raise unknown("cloud", name, (cloud.name for cloud in await desk.nouns(Cloud)))
    return found


def _view(cloud: Cloud, hosts: list[Host]) -> CloudView:
    return CloudView(cloud=cloud, hosts=sum(1 for host in hosts if host.state in BILLED), bill=bill(hosts))
