"""Random small estates, graphs and changes to draw examples from."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st
from tests.plan.living import GIB, POOL, Life, cloud, estate_of, own_host
from tests.scenario.graphs import MIB, NEVER, graph, service
from tests.schedule.drawing import DRAWN, Digits

from longshore.model.ask import Down, Intent, Restart, Scale, Up
from longshore.model.clock import SECOND
from longshore.model.cloud import Pool
from longshore.model.host import Host
from longshore.model.ids import Ids
from longshore.model.money import Money, Total
from longshore.model.spec import Awaited, Constraint, Graph, ServiceSpec, UpdateOrder, UpdatePolicy
from longshore.plan.host import lose_host
from longshore.plan.rehearse import Rehearsal
from longshore.plan.turn import Turn

WORLDS = st.tuples(DRAWN, DRAWN, st.lists(DRAWN, min_size=1, max_size=3))
"""What an estate, a graph and some changes are drawn from."""


def life_of(d: Digits) -> tuple[Life, Pool]:
    """A few own hosts, two clouds or none, and limits of several kinds."""
    hosts = [
        own_host(n, cpu=d.of(2000, 4000, 1000), memory=d.of(4, 8) * GIB, zone=d.of("a", "b"))
        for n in range(1, 1 + d.of(2, 3, 1))
    ]
    clouds = [
        cloud("east", price=20_000_000, max_hosts=d.of(0, 1, 2)),
        msgspec.structs.replace(
            cloud("west", price=d.of(30_000_000, 10_000_000), cpu=2000),
            max_price=d.of(None, Money(30_000_000)),
        ),
    ]
    pool = msgspec.structs.replace(
        POOL, max_hosts=d.of(0, 2), max_price=d.of(None, None, Total(amounts={"EUR": 45_000_000}))
    )
    return Life(estate_of(hosts, d.of(clouds, []), pool=pool)), pool


def graph_of(d: Digits) -> Graph:
    specs: list[ServiceSpec] = []
    if d.odds(2):
        specs.append(service("db", volumes=["data"], healthy=d.of(False, True), replicas=d.of(1, 1, 2)))
    if d.odds(4):
        specs.append(service("job", restart=NEVER, after={"db": Awaited.STARTED} if specs else {}))
    for number in range(d.of(1, 2)):
        after = {specs[0].name: d.of(Awaited.STARTED, Awaited.HEALTHY)} if specs and d.odds(2) else {}
        specs.append(
            service(
                f"s{number}",
                replicas=d.of(2, 3, 5, 1),
                image=f"app:{d.of(1, 2)}",
                cpu=d.of(500, 1000, 0, 1500),
                memory=d.of(256, 1024) * MIB,
                ports=[8000 + number] if d.odds(5) else [],
                healthy=d.of(False, True),
                after=after,
                update=policy(d),
                constraints=[Constraint(key="node.labels.zone", value="a")] if d.odds(5) else [],
                spread=("node.labels.zone",) if d.odds(4) else (),
                max_per_host=d.of(0, 0, 0, 1),
                strategy=d.of("", "spread", "binpack"),
                placement={"priority": d.of(0, 0, 0, 5, -5), "gang": d.odds(8)},
            )
        )
    return graph(*specs)


def policy(d: Digits) -> UpdatePolicy:
    return UpdatePolicy(
        parallelism=d.of(1, 2, 0), delay=d.of(0, 3 * SECOND), order=d.of(*UpdateOrder), monitor=SECOND
    )


def intent_of(d: Digits, old: Graph) -> Intent:
    """A change of a stack: another image, size or count, a restart, or down."""
    name = d.of(*old.services)
    spec = old.services[name]
    match d.of("image", "image", "cpu", "scale", "restart", "graph", "down"):
        case "image":
            spec = msgspec.structs.replace(spec, image=service("x", image=f"app:{d.of(7, 8, 9)}").image)
            return Up(graph=with_service(old, spec), inputs="")
        case "cpu":
            resources = msgspec.structs.replace(spec.resources, cpu=d.of(250, 750, 2000))
            return Up(graph=with_service(old, msgspec.structs.replace(spec, resources=resources)), inputs="")
        case "scale":
            return Scale(replicas={name: d.of(0, 2, 4, 6)})
        case "restart":
            return Restart(services=(name,))
        case "graph":
            return Up(graph=graph_of(d), inputs="")
        case _:
            return Down(volumes=False)


def with_service(old: Graph, spec: ServiceSpec) -> Graph:
    return msgspec.structs.replace(old, services={**old.services, spec.name: spec})


def lose(life: Life, host: Host) -> Rehearsal:
    """A host that answers is lost, and what ran there is replaced."""
    silent = msgspec.structs.replace(host, silent_since=life.now)
    life.estate.put(silent)
    lose_host(Turn(life.estate, life.now, Ids(5 << 110)), silent, "its power is gone")
    return life.take()
