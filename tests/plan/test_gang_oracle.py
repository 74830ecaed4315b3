"""Gangs against the slow scheduler: all replicas where it finds places for all, else not one."""

from __future__ import annotations

import random

import msgspec
from tests.plan.living import Life, estate_of, own_host
from tests.scenario.graphs import graph, service
from tests.schedule.mixture import Case
from tests.schedule.oracle import World, place_one_by_one

from longshore.model.host import Host
from longshore.model.spec import Affinity, Constraint, ServiceSpec, Skew

CASES = 60


def _hosts(draw: random.Random) -> list[Host]:
    return [
        msgspec.structs.replace(
            own_host(number, cpu=draw.choice((1000, 2000, 4000)), disk=draw.choice(("ssd", "hdd"))),
            zone=draw.choice(("z1", "z2")),
        )
        for number in range(draw.randint(1, 4))
    ]


def _gang(draw: random.Random) -> ServiceSpec:
    rules = {
        "skew": ((), (Skew(key="node.zone"),)),
        "affinities": ((), (Affinity(service="web", anti=True),)),
    }
    found = {name: choices[draw.random() < 0.25] for name, choices in rules.items()}
    return service(
        "web",
        replicas=draw.randint(1, 7),
        cpu=draw.choice((500, 1000)),
        strategy=draw.choice(("spread", "binpack", "cheapest")),
        constraints=(Constraint(key="node.labels.disk", value="ssd"),) if draw.random() < 0.25 else (),
        placement={**found, "gang": True},
    )


def test_a_gang_is_there_whole_or_not_at_all() -> None:
    whole = 0
    for seed in range(CASES):
        draw = random.Random(seed)
        hosts, gang = _hosts(draw), _gang(draw)
        life = Life(estate_of(hosts))
        life.up(graph(service("db", cpu=500, replicas=draw.randint(0, 4)), name="other"))
        case = Case(hosts, life.tasks("db", "other"), gang, None, own_only=False, replicas=gang.replicas)
        picks = place_one_by_one(World(case), gang.replicas)
        life.up(graph(gang))
        placed = [task.host for task in life.tasks()]
        all_fit = len(picks) == gang.replicas
        assert placed == ([hosts[row].id for row, _ in picks] if all_fit else []), seed
        whole += all_fit
    assert CASES // 5 < whole < CASES * 4 // 5
