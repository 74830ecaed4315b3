"""The scheduler's workload: the same for ever, drawn from fixed seeds.

A million tasks of ten thousand services of 1 to 400 replicas, on hosts of eight flavors in thirty zones. Of
the services, 10 % take a port on their hosts, 30 % keep their replicas on different hosts, 20 % spread
over zones with a skew of at most one, 5 % others are pinned to one zone, 40 % ask for a label and 10 %
for two. Shapes are mixed, and scaled so that on 10,000 hosts all tasks together reserve 75 % of the
cpu and of the memory.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from longshore.model.host import Capacity, Host
from longshore.model.ids import HostId, ServiceKey, StackId, service_key
from longshore.model.lifecycle import HostState
from longshore.model.money import Money
from longshore.model.spec import (
    Affinity,
    Constraint,
    ImageRef,
    Placement,
    Port,
    Resources,
    ServiceSpec,
    Skew,
)
from longshore.schedule.fleet import Fleet

GIB = 1 << 30
MIB = 1 << 20

TASKS = 1_000_000
SERVICES = 10_000
HOSTS = 10_000
ZONES = 30
LOAD = 0.75
LEAST, MOST = 1, 400
"""Replicas of one service."""

FLAVORS = (
    (4, 16, 2),
    (8, 32, 3),
    (8, 64, 2),
    (16, 64, 4),
    (32, 128, 4),
    (48, 192, 3),
    (64, 256, 2),
    (96, 768, 1),
)
"""Cores, GiB of memory, and how often among 21 hosts."""

SHAPES = (
    (50, 64),
    (100, 128),
    (100, 256),
    (200, 256),
    (250, 512),
    (250, 2048),
    (500, 512),
    (500, 1024),
    (1000, 1024),
    (1000, 4096),
    (2000, 2048),
    (2000, 8192),
)
"""Thousandths of a core and MiB of a task before scaling; small ones are drawn more often."""

CONSTRAINTS = (
    Constraint(key="node.labels.disk", value="ssd"),
    Constraint(key="node.labels.net", value="fast"),
    Constraint(key="node.labels.tier", value="batch", equal=False),
    Constraint(key="node.labels.rack", value="rack-0", equal=False),
)


class Wanted(NamedTuple):
    """One service of the workload."""

    key: ServiceKey
    stack: StackId
    spec: ServiceSpec
    count: int


def hosts(count: int = HOSTS, seed: int = 5) -> Iterator[Host]:
    """Hosts of the eight flavors, all ready, three of four the user's own."""
    draw = random.Random(seed)
    weights = [often for _, _, often in FLAVORS]
    for number in range(count):
        cores, memory, _ = draw.choices(FLAVORS, weights)[0]
        own = draw.random() < 0.75
        yield Host(
            id=HostId(f"host-{number:032x}"),
            name=f"h{number}",
            cloud="own" if own else draw.choice(("east", "west")),
            own=own,
            state=HostState.READY,
            flavor=f"c{cores}m{memory}",
            capacity=Capacity(cpu=cores * 1000, memory=memory * GIB),
            labels={
                "disk": draw.choice(("ssd", "ssd", "hdd")),
                "net": draw.choice(("fast", "slow")),
                "tier": draw.choice(("web", "db", "any", "batch")),
                "rack": f"rack-{number % 40}",
            },
            zone=f"zone-{draw.randrange(ZONES)}",
            price=Money(cores * draw.choice((9, 10, 12)) * 1_000_000),
        )


def services(seed: int = 5) -> list[Wanted]:
    """All services of the workload, in the order in which they are asked for."""
    draw = random.Random(seed + 1)
    counts = _counts(draw)
    shapes = draw.choices(SHAPES, [len(SHAPES) + 1 - n for n in range(len(SHAPES))], k=SERVICES)
    cpu, memory = _scales(counts, shapes)
    return [
        _service(draw, number, count, (round(shape[0] * cpu), round(shape[1] * memory)))
        for number, (count, shape) in enumerate(zip(counts, shapes, strict=True))
    ]


def fleet_of(found: Iterator[Host]) -> Fleet:
    """A fleet that follows these hosts."""
    fleet = Fleet()
    for host in found:
        fleet.follow_host(host)
    return fleet


def _counts(draw: random.Random) -> list[int]:
    """Many small services and a few large ones, a million replicas in all."""
    # The cube of an even draw: its mean makes 101 replicas of 1 to 400.
    counts = [LEAST + int((MOST - LEAST + 1) * draw.random() ** 3) for _ in range(SERVICES)]
    missing = TASKS - sum(counts)
    step = 1 if missing > 0 else -1
    while missing:
        number = draw.randrange(SERVICES)
        if LEAST <= counts[number] + step <= MOST:
            counts[number] += step
            missing -= step
    return counts


def _scales(counts: list[int], shapes: list[tuple[int, int]]) -> tuple[float, float]:
    """What shapes are multiplied by so that all tasks take their share of 10,000 hosts."""
    cpu = sum(count * shape[0] for count, shape in zip(counts, shapes, strict=True))
    memory = sum(count * shape[1] for count, shape in zip(counts, shapes, strict=True)) * MIB
    there = [host.capacity for host in hosts()]
    return (
        LOAD * sum(c.cpu for c in there) / cpu,
        LOAD * sum(c.memory for c in there) / memory,
    )


def _service(draw: random.Random, number: int, count: int, shape: tuple[int, int]) -> Wanted:
    """One service with its rules; each share of the mix is drawn by itself."""
    name = f"s{number}"
    stack = StackId(f"stack-{number // 10:032x}")
    constraints = tuple(draw.sample(CONSTRAINTS, draw.choices((0, 1, 2), (50, 40, 10))[0]))
    zoning = draw.random()
    spread = zoning < 0.20
    if 0.20 <= zoning < 0.25:
        constraints += (Constraint(key="node.zone", value=f"zone-{draw.randrange(ZONES)}"),)
    placement = Placement(
        constraints=constraints,
        affinities=(Affinity(service=name, anti=True),) if draw.random() < 0.30 else (),
        skew=(Skew(key="node.zone"),) if spread else (),
    )
    ports = (Port(target=80, published=8000 + draw.randrange(1000)),) if draw.random() < 0.10 else ()
    spec = ServiceSpec(
        name=name,
        image=ImageRef(name="app:1", digest="sha256:" + "1" * 64),
        ports=ports,
        replicas=count,
        resources=Resources(cpu=shape[0], memory=shape[1] * MIB),
        placement=placement,
    )
    return Wanted(service_key(stack, name), stack, spec, count)
