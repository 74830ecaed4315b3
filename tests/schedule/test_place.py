"""Placing equals looking at every host for every replica; and what is said of hosts is so."""

from __future__ import annotations

from collections import Counter
from math import floor

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.schedule.drawing import (
    GIB,
    WEB,
    Place,
    broken_rules,
    fact,
    places,
    requests,
    task,
    with_one_more,
)

from longshore.model.host import Capacity, Effect, Host, Taint
from longshore.model.ids import HostId, ServiceKey
from longshore.model.lifecycle import HostState
from longshore.model.money import Money
from longshore.model.spec import Constraint, Skew
from longshore.schedule import fragmentation
from longshore.schedule.fleet import UNPRICED, Fleet
from longshore.schedule.look import Look
from longshore.schedule.place import MISSES, STRATEGIES, place
from longshore.schedule.request import Near, Request
from longshore.schedule.rules import RULES, broken_by, survey
from longshore.schedule.strategies import score_of, terms_of


def score(p: Place, host: Host, request: Request) -> tuple[float, ...]:
    """What a strategy looks at, from the nouns; smaller is better."""
    here = [t for t in p.tasks if t.host == host.id]
    coming = int(host.state is not HostState.READY)
    if request.strategy == "binpack":
        cpu, memory = host.capacity.cpu, host.capacity.memory
        free_cpu = (cpu - sum(t.cpu for t in here)) / cpu if cpu else 0
        free_memory = (memory - sum(t.memory for t in here)) / memory if memory else 0
        return (coming, floor((free_cpu + free_memory) * 500_000))
    spread = (coming, sum(t.key == WEB for t in here), len(here))
    if request.strategy == "spread":
        return spread
    price = UNPRICED if host.price is None else host.price.nano
    return (not host.own, 0 if host.own else int(price), *spread)


def emptiness(p: Place, host: Host, request: Request) -> tuple[int, ...]:
    """How many replicas there are in the host's domain, level by level of the spread preference."""
    by_id = {h.id: h for h in p.hosts}
    levels = range(1, len(request.spread) + 1)
    mine = [fact(host, key) for key in request.spread]
    replicas = [[fact(by_id[t.host], key) for key in request.spread] for t in p.tasks if t.key == WEB]
    return tuple(sum(other[:n] == mine[:n] for other in replicas) for n in levels)


def one_by_one(p: Place, request: Request, count: int) -> list[HostId]:
    """For each replica look at all hosts, and take the best of those that fit."""
    picks: list[HostId] = []
    for _ in range(count):
        fitting = [
            (emptiness(p, host, request), score(p, host, request), row, host)
            for row, host in enumerate(p.hosts)
            if not broken_rules(host, p.tasks, request)
        ]
        if not fitting:
            break
        best = min(fitting, key=lambda entry: entry[:3])[3]
        picks.append(best.id)
        p = with_one_more(p, request, best)
    return picks


@settings(max_examples=300)
@given(places(), requests(), st.integers(1, 9))
def test_place_equals_one_by_one(p: Place, request: Request, count: int) -> None:
    assert list(place(p.fleet, request, count).hosts) == one_by_one(p, request, count)


@settings(max_examples=60)
@given(places(most=5), requests(simple=True), st.integers(1, 9))
def test_what_is_placed_breaks_nothing(p: Place, request: Request, count: int) -> None:
    by_id = {h.id: h for h in p.hosts}
    for host in place(p.fleet, request, count).hosts:
        assert not broken_rules(by_id[host], p.tasks, request)
        p = with_one_more(p, request, by_id[host])


@settings(max_examples=120)
@given(places(), requests(), st.integers(1, 4))
def test_the_next_best_is_who_would_come_next(p: Place, request: Request, count: int) -> None:
    found = place(p.fleet, request, count)
    more = place(p.fleet, request, count + 1)
    coming = more.hosts[count] if len(more.hosts) > count else None
    assert (found.next_best.host if found.next_best else None) == coming
    assert sum(c.count for c in found.chosen) == len(found.hosts)
    assert {c.host: c.count for c in found.chosen} == Counter(found.hosts)


@settings(max_examples=300)
@given(places(), requests())
def test_every_broken_rule_is_counted_and_named(p: Place, request: Request) -> None:
    fleet = p.fleet
    naive = [broken_rules(host, p.tasks, request) for host in p.hosts]
    found = place(fleet, request, 1)
    assert found.excluded == Counter(rule for broken in naive for rule in broken)
    assert found.considered == len(p.hosts)
    assert found.fit == sum(not broken for broken in naive)
    looked = survey(fleet, request)
    for row, broken in enumerate(naive):
        names, words = broken_by(fleet, row, request, looked)
        assert set(names) == broken
        assert len(names) == len(broken)
        assert bool(words) is bool(broken)


@settings(max_examples=120)
@given(places(), requests())
def test_misses_are_the_nearest(p: Place, request: Request) -> None:
    found = place(p.fleet, request, 50)
    by_id = {h.id: h for h in p.hosts}
    for placed in found.hosts:
        p = with_one_more(p, request, by_id[placed])
    broken = {h.id: broken_rules(h, p.tasks, request) for h in p.hosts}
    fewest = sorted(len(b) for b in broken.values() if b)
    if len(found.hosts) == 50:
        assert not found.misses
    else:
        assert [len(m.rules) for m in found.misses] == fewest[:MISSES]
        assert all(set(m.rules) == broken[HostId(m.host)] for m in found.misses)


@settings(max_examples=200)
@given(places(), requests(), st.sampled_from(sorted(STRATEGIES)), st.integers(0, 6), st.integers(1, 997))
@example(
    Place([Host(id=HostId("h"), name="h", cloud="c", own=True, state=HostState.READY)], []),
    Request(service=WEB, cpu=1),
    "binpack",
    0,
    1,
)
def test_what_is_foreseen_of_a_load_is_said_once_it_is_there(
    p: Place, request: Request, strategy: str, row: int, odd: int
) -> None:
    """All at once, and one host at a time after each claim, to the last digit: else no merge is exact."""
    hosts = [msgspec.structs.replace(h, capacity=_odd(h, odd), images=("app",) * (odd % 2)) for h in p.hosts]
    fleet = Place(hosts, p.tasks).fleet
    fleet.targets = fragmentation.targets_of(fleet)
    row %= fleet.size
    asked = msgspec.structs.replace(
        request, strategy=strategy, images=("app",), near=(Near(key=WEB, anti=True, soft=True),)
    )
    terms = score_of(fleet, asked).terms
    rows = np.arange(fleet.size)
    foreseen = [
        np.broadcast_to(t.column(Look(fleet, asked, rows[:, None], np.arange(4)[None, :])), (fleet.size, 4))
        for t in terms
    ]
    for taken in range(4):
        whole = [
            np.broadcast_to(t.column(Look(fleet, asked, slice(0, fleet.size))), rows.shape) for t in terms
        ]
        said = list(terms_of(fleet, asked, row).values())
        assert said == [int(column[row]) for column in whole]
        assert said == [int(column[row, taken]) for column in foreseen]
        fleet.claim_many(asked, np.array([row]))


def _odd(host: Host, odd: int) -> Capacity:
    return Capacity(cpu=host.capacity.cpu and host.capacity.cpu + odd, memory=host.capacity.memory)


def _host(number: int, *, cpu: int = 4000, memory: int = 8 * GIB, own: bool = True, **facts: str) -> Host:
    return Host(
        id=HostId(f"host-{number}"),
        name=f"h{number}",
        cloud="home" if own else "east",
        own=own,
        state=HostState.READY,
        capacity=Capacity(cpu=cpu, memory=memory),
        labels=facts,
        price=None if own else Money(10_000_000),
    )


def test_many_hosts_are_preselected_rightly() -> None:
    """More hosts than replicas: only the best are looked at, with the same sequence as looking at all."""
    hosts = [_host(n, own=n % 3 == 0, zone="abc"[n % 3]) for n in range(60)]
    tasks = [task(n, hosts[n * 7 % 60], ["web", "db"][n % 2], 300, GIB // 3, ()) for n in range(50)]
    p = Place(hosts, tasks)
    for strategy in ("cheapest", "spread", "binpack"):
        for keys in ((), ("node.labels.zone",)):
            request = Request(service=WEB, cpu=900, memory=GIB, strategy=strategy, spread=keys)
            assert list(place(p.fleet, request, 12).hosts) == one_by_one(p, request, 12)


RULE_CASES: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "health": ({"draining": True}, {}, "is draining"),
    "constraints": (
        {},
        {"constraints": (Constraint(key="node.labels.zone", value="a"),)},
        "node.labels.zone==a (it has none)",
    ),
    "platform": ({"arch": "arm64"}, {"platform": "linux/amd64"}, "is linux/arm64, not linux/amd64"),
    "volumes": ({}, {"pinned": (HostId("host-2"),)}, "does not hold its volume, which is on h2"),
    "client": ({}, {"client_bound": True}, "is not the machine whose folders it mounts"),
    "own": ({"own": False}, {"own_only": True}, "is not your own"),
    "ports": ({}, {"ports": ("80/tcp",)}, "port 80/tcp is taken there"),
    "max-per-host": ({}, {"max_per_host": 1}, "has 1 of at most 1"),
    "cpu": ({}, {"cpu": 4000}, "needs 4 cpus, has 3 cpus of 4 cpus free"),
    "memory": ({}, {"memory": 8 * GIB}, "needs 8 GiB, has 7 GiB of 8 GiB free"),
    "disk": (
        {"capacity": Capacity(cpu=4000, memory=8 * GIB, disk=GIB)},
        {"disk": 2 * GIB},
        "needs 2 GiB of disk, has 1 GiB of 1 GiB free",
    ),
    "pids": (
        {"capacity": Capacity(cpu=4000, memory=8 * GIB, pids=100)},
        {"pids": 200},
        "needs 200 pids, has 100 pids of 100 free",
    ),
    "gpu": (
        {"capacity": Capacity(cpu=4000, memory=8 * GIB, gpus=1, gpu_model="T4")},
        {"gpu": 2000, "gpu_model": "A10"},
        "needs 2 whole GPUs (A10), has 1 of 1 T4 idle, 1 free on one, 1 on all",
    ),
    "counted": (
        {"capacity": Capacity(cpu=4000, memory=8 * GIB, counted={"fpga": 1})},
        {"counted": {"fpga": 2}},
        "needs 2 fpga, has 1 fpga of 1 free",
    ),
    "taints": (
        {"taints": (Taint(key="dedicated", value="db"), Taint(key="slow", effect=Effect.PREFER_NO_SCHEDULE))},
        {},
        "is tainted dedicated=db:NoSchedule, which is not tolerated",
    ),
    "price": (
        {"own": False, "price": Money(40_000_000)},
        {"cpu": 1000, "max_price": Money(5_000_000)},
        "costs a task 0.0100 EUR, more than 0.0050 EUR",
    ),
    "affinity": ({}, {"near": (Near(key=WEB, anti=True),)}, "has a replica there"),
    "skew": ({}, {"skew": (Skew(key="node.zone"),)}, "has no node.zone"),
}
"""Rule -> what is wrong with the host, what is asked for, and the words."""


def test_every_rule_has_a_case() -> None:
    assert set(RULE_CASES) == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", RULE_CASES)
def test_words_of_a_rule(name: str) -> None:
    facts, asked, words = RULE_CASES[name]
    bad = msgspec.structs.replace(_host(1), **facts)
    other = msgspec.structs.replace(_host(2), state=HostState.FAILED)
    there = task(1, bad, "web", 1000, GIB, ("80/tcp",))
    request = msgspec.structs.replace(Request(service=WEB), **asked)
    found = place(Place([bad, other], [there]).fleet, request, 1)
    miss = next(m for m in found.misses if m.host == bad.id)
    assert miss.rules == (name,)
    assert miss.words == f"h1 {words}"


def test_prices_in_different_currencies_are_not_compared() -> None:
    """The dearer number may be the cheaper price: one currency is filled before the next is looked at."""
    fleet = Fleet()
    for number, price in enumerate((Money(50, "EUR"), Money(10, "USD"), Money(40, "EUR"))):
        host = Host(
            id=HostId(f"host-{number}"),
            name=f"h{number}",
            cloud="east",
            own=False,
            state=HostState.READY,
            capacity=Capacity(cpu=1000),
            price=price,
        )
        fleet.follow_host(host)
    placed = place(fleet, Request(service=ServiceKey("s/web"), cpu=1000), 3)
    assert placed.hosts == ("host-2", "host-0", "host-1")
