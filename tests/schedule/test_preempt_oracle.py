"""Preemption against trying all: of all sets of tasks on all hosts, those whose going does least harm."""

from __future__ import annotations

import os
import random
from itertools import chain, combinations

import msgspec
from tests.schedule.mixture import WEB, Case, case
from tests.schedule.oracle import World, broken_rules
from tests.schedule.test_oracle import fleet_of, request_for

from longshore.model.ids import HostId, StackId, TaskId
from longshore.model.lifecycle import TaskState
from longshore.model.task import Task
from longshore.schedule.preempt import Raid, Victim, raid

CASES = int(os.environ.get("LONGSHORE_ORACLE_CASES", "1000"))

ROOM = {"cpu", "memory", "disk", "pids", "gpu", "counted", "ports"}
"""The rules that somebody's going can mend."""

MOST = 6
"""Tasks that may go from one host: 63 sets."""


def test_who_gives_way_is_who_does_least_harm() -> None:
    raided = 0
    for seed in range(CASES):
        found = _crowded(seed)
        victims = _victims(found, seed)
        raids = _raid(found, victims, 1)
        harm, row = _least(found, victims)
        raided += len(raids)
        assert (not raids) == (harm is None), seed
        if raids:
            assert raids[0].host == found.hosts[row].id, seed
            assert _harm(raids[0].victims) == harm, seed
    assert raided > CASES // 8


def test_one_after_the_other_each_does_least_harm() -> None:
    """Several replicas: each with those before it placed, and those who went for them gone."""
    for seed in range(CASES // 4):
        found = _crowded(seed + CASES)
        victims = _victims(found, seed)
        for number, made in enumerate(_raid(found, victims, 3)):
            harm, row = _least(found, victims)
            assert (made.host, _harm(made.victims)) == (found.hosts[row].id, harm), seed
            gone = {victim.task.id for victim in made.victims}
            placed = msgspec.structs.replace(
                _replica(found), id=TaskId(f"new-{number}"), host=made.host, cards=made.cards
            )
            found = found._replace(tasks=[*(t for t in found.tasks if t.id not in gone), placed])
            victims = [victim for victim in victims if victim.task.id not in gone]


def _crowded(seed: int) -> Case:
    """A case whose hosts have little room, so that it takes somebody's going."""
    found = case("spread", seed)
    resources = msgspec.structs.replace(found.spec.resources, cpu=found.spec.resources.cpu or 400)
    placement = msgspec.structs.replace(found.spec.placement, spread=(), skew=(), affinities=())
    hosts = [
        msgspec.structs.replace(
            host, capacity=msgspec.structs.replace(host.capacity, cpu=host.capacity.cpu // 3 + 200)
        )
        for host in found.hosts
    ]
    spec = msgspec.structs.replace(found.spec, resources=resources, placement=placement)
    return found._replace(hosts=hosts, spec=spec)


def _victims(found: Case, seed: int) -> list[Victim]:
    draw = random.Random(seed)
    of: dict[str, int] = {}
    victims = []
    for task in found.tasks:
        of[task.host] = of.get(task.host, 0) + 1
        if task.key != WEB and of[task.host] <= MOST and draw.random() < 0.8:
            ranked = msgspec.structs.replace(task, priority=draw.choice((-1, 0, 0, 3)))
            victims.append(Victim(task=ranked, weight=draw.choice((1, 1, 2)), cost=draw.choice((5, 10, 20))))
    return victims


def _replica(found: Case) -> Task:
    request = request_for(found)
    return Task(
        id=TaskId(""),
        stack=StackId("stack-1"),
        service="web",
        slot=0,
        digest="",
        generation=0,
        host=HostId(""),
        state=TaskState.PLACED,
        cpu=request.cpu,
        memory=request.memory,
        ports=request.ports,
        more=request.claim,
        priority=9,
    )


def _raid(found: Case, victims: list[Victim], count: int) -> tuple[Raid, ...]:
    return raid(
        fleet_of(found),
        request_for(found),
        _replica(found),
        count,
        lambda host: [task for task in found.tasks if task.host == host],
        lambda host: [victim for victim in victims if victim.task.host == host],
    )


def _harm(victims: tuple[Victim, ...]) -> tuple[int, int, int, int]:
    """The highest priority that goes, how many go, their priorities in all, what is lost."""
    return (
        max(v.task.priority for v in victims),
        sum(v.weight for v in victims),
        sum(v.task.priority for v in victims),
        sum(v.cost for v in victims),
    )


def _least(found: Case, victims: list[Victim]) -> tuple[tuple[int, int, int, int] | None, int]:
    """The least harm on any host where only room is missing, and the first host with it."""
    best: tuple[int, int, int, int] | None = None
    best_row = -1
    for row, broken in enumerate(broken_rules(World(found))):
        if not broken or broken - ROOM:
            continue
        there = [victim for victim in victims if victim.task.host == found.hosts[row].id]
        sets = chain.from_iterable(combinations(there, size) for size in range(1, len(there) + 1))
        for gone in sets:
            if (best is None or _harm(gone) < best) and _fits(found, row, gone):
                best, best_row = _harm(gone), row
    return best, best_row


def _fits(found: Case, row: int, gone: tuple[Victim, ...]) -> bool:
    ids = {victim.task.id for victim in gone}
    left = found._replace(tasks=[task for task in found.tasks if task.id not in ids])
    return not broken_rules(World(left))[row]
