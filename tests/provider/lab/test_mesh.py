"""Containers on several hosts reach each other by name: through the loss of managers, too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from longshore.model.clock import SECOND, Clock
from longshore.model.holding import HoldingKind
from longshore.model.ids import HostId, TaskId
from longshore.model.mesh import Membership, MeshAct, Standing
from longshore.model.report import LentHost
from longshore.model.seams import Engine, HoldingOrder, MeshOrder, TaskOrder
from longshore.model.spec import Attachment, ImageRef, NetworkSpec, ServiceSpec
from longshore.provider.docker.address import Address
from longshore.provider.docker.wire import Wire

pytestmark = [pytest.mark.anyio, pytest.mark.engine]

Lab = Any
"""The lab of `conftest.py`, which cannot be imported from here."""

BASE = "debian:bookworm-slim"
NETWORK = NetworkSpec(name="shop_default", driver="overlay")
SERVE = (
    "perl",
    "-MIO::Socket::INET",
    "-e",
    "$s = IO::Socket::INET->new(Listen => 5, LocalPort => 80, ReuseAddr => 1);"
    "while ($c = $s->accept) { print $c 'hello'; close $c }",
)

Reach = Callable[[LentHost], Engine]


@pytest.fixture
async def reach(lab: Lab) -> AsyncIterator[Reach]:
    """Engines of hosts, closed in the end."""
    async with AsyncExitStack() as stack:

        def one(host: LentHost) -> Engine:
            engine: Engine = lab.engine(HostId(host.host), host.address)
            stack.push_async_callback(engine.close)
            return engine

        yield one


def ip(host: LentHost) -> str:
    return host.address.removeprefix("tcp://").partition(":")[0]


def order(cell: str, digest: str, service: str, *command: str) -> TaskOrder:
    spec = ServiceSpec(
        name=service,
        image=ImageRef(name=BASE, digest=digest),
        command=command,
        networks=(Attachment(network="default"),),
    )
    labels = {"io.longshore.cell": cell, "io.longshore.task": f"task-{service}"}
    return TaskOrder(
        task=TaskId(f"task-{service}"),
        name=f"{service}-1",
        hostname=f"{service}-1",
        spec=spec,
        networks={"default": NETWORK},
        volumes={},
        labels=labels,
    )


async def said(engine: Engine, clock: Clock, limit: int = 100) -> str:
    """What `web` says to the client, as soon as its name is known there."""
    ask = "exec 3<>/dev/tcp/web/80 && cat <&3"
    for _ in range(limit):
        out = b""
        async for frame in engine.execute(TaskId("task-cli"), ("bash", "-c", ask), tty=False, stdin=None):
            out += frame.data if frame.stream == "stdout" else b""
        if out:
            return out.decode()
        await clock.sleep(SECOND // 5)
    return ""


async def gather(engines: list[Engine], hosts: list[LentHost], *, managers: int) -> None:
    """Have the hosts be one mesh."""
    await engines[0].tend(MeshOrder(act=MeshAct.FOUND, address=ip(hosts[0])))
    for number, (engine, host) in enumerate(zip(engines, hosts, strict=True)):
        if number:
            admission = await engines[0].admit(ip(hosts[0]), manager=number < managers)
            joined = await engine.tend(MeshOrder(act=MeshAct.JOIN, address=ip(host), admission=admission))
            assert joined.standing is Standing.ACTIVE


async def start(engines: list[Engine], web: Engine, cli: Engine, cell: str) -> None:
    """A server on one host and a client on another, on one network."""
    digest = await web.resolve(BASE)
    image = HoldingOrder(kind=HoldingKind.IMAGE, name=digest, reference=BASE)
    labels = {"io.longshore.cell": cell}
    network = HoldingOrder(kind=HoldingKind.NETWORK, name=NETWORK.name, network=NETWORK, labels=labels)
    # Asked for at several managers, it is made once.
    await engines[0].provide(network)
    await engines[0].provide(network)
    for engine in (web, cli):
        await engine.provide(image)
    await web.start(order(cell, digest, "web", *SERVE))
    await cli.start(order(cell, digest, "cli", "sleep", "600"))


async def test_names_and_data_pass_between_hosts(lab: Lab, reach: Reach, clock: Clock, cell: str) -> None:
    hosts = await lab.made(clock, "a", "b")
    engines = [reach(host) for host in hosts]
    await gather(engines, hosts, managers=1)
    await start(engines, engines[0], engines[1], cell)
    assert await said(engines[1], clock) == "hello"
    report = await engines[0].look()
    assert report.mesh.agrees
    assert [m.ready for m in report.mesh.members] == [True, True]
    left = await engines[1].tend(MeshOrder(act=MeshAct.LEAVE, address=ip(hosts[1])))
    again = await engines[1].tend(MeshOrder(act=MeshAct.LEAVE, address=ip(hosts[1])))
    assert left == again == Membership()


async def test_a_mesh_that_lost_most_managers_talks_on_and_begins_anew(
    lab: Lab, reach: Reach, clock: Clock, cell: str, address: Address
) -> None:
    hosts = await lab.made(clock, "a", "b", "c", "d")
    engines = [reach(host) for host in hosts]
    await gather(engines, hosts, managers=3)
    web, cli = engines[0], engines[3]
    await start(engines, web, cli, cell)
    assert await said(cli, clock) == "hello"
    parent = Wire(address)
    for host in hosts[1:3]:
        await parent.tell("POST", f"/containers/{host.foreign_id}/kill")
    await parent.close()
    # Nobody can agree on anything new; what is there goes on.
    assert await said(cli, clock) == "hello"
    await web.tend(MeshOrder(act=MeshAct.REVIVE, address=ip(hosts[0])))
    mesh = (await web.look()).mesh
    assert mesh.agrees
    for node in [m.node for m in mesh.members if m.manager and not m.leads]:
        await web.tend(MeshOrder(act=MeshAct.DEMOTE, address=ip(hosts[0]), node=node))
    member = (await cli.look()).mesh.node
    for _ in range(300):
        mesh = (await web.look()).mesh
        if any(m.node == member and m.ready for m in mesh.members):
            break
        await clock.sleep(SECOND // 5)
    assert [m.node == mesh.node for m in mesh.members if m.manager] == [True]
    assert any(m.node == member and m.ready for m in mesh.members)
