"""The scheduler against the slow obvious one: the same hosts in the same sequence, and the same reasons."""

from __future__ import annotations

import os
from collections import Counter

import msgspec
import pytest
from tests.schedule.mixture import WEB, Case, case
from tests.schedule.oracle import World, broken_rules, hopeless, place_one_by_one

from longshore.schedule.fleet import Fleet
from longshore.schedule.place import Placed, place
from longshore.schedule.request import Request, request_of
from longshore.schedule.rules import broken_by, survey

CASES = int(os.environ.get("LONGSHORE_ORACLE_CASES", "1000"))
"""Per strategy; set it higher for a longer look."""

STRATEGIES = ("cheapest", "spread", "binpack", "random", "least-fragmentation", "mixed")


def fleet_of(found: Case) -> Fleet:
    fleet = Fleet()
    for host in found.hosts:
        fleet.follow_host(host)
    for task in found.tasks:
        fleet.claim(task)
    return fleet


def request_for(found: Case) -> Request:
    request = request_of(WEB, found.spec, found.pinned)
    return msgspec.structs.replace(request, own_only=found.own_only)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_broken_rule_of_every_host(strategy: str) -> None:
    for seed in range(CASES // 3):
        found = case(strategy, seed)
        fleet, request = fleet_of(found), request_for(found)
        expected = broken_rules(World(found))
        looked = survey(fleet, request)
        for row, broken in enumerate(expected):
            names, words = broken_by(fleet, row, request, looked)
            assert set(names) == broken, (strategy, seed, row)
            assert bool(words) is bool(broken), (strategy, seed, row)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_hosts_in_the_same_sequence(strategy: str) -> None:
    """And who would come next, the cards each gets, and the numbers of the reasons."""
    for seed in range(CASES):
        found = case(strategy, seed)
        world = World(found)
        broken = broken_rules(world)
        picks = place_one_by_one(world, found.replicas + 1)
        placed = place(fleet_of(found), request_for(found), found.replicas)
        ids = [found.hosts[row].id for row, _ in picks]
        assert list(placed.hosts) == ids[: found.replicas], (strategy, seed)
        coming = ids[found.replicas] if len(ids) > found.replicas else None
        assert (placed.next_best and placed.next_best.host) == coming, (strategy, seed)
        cards = tuple(cards for _, cards in picks[: found.replicas]) if found.spec.resources.gpu else ()
        assert placed.cards == cards, (strategy, seed)
        assert placed.excluded == Counter(rule for rules in broken for rule in rules), (strategy, seed)
        assert placed.fit == sum(not rules for rules in broken), (strategy, seed)
        if len(ids) < found.replicas:
            rows = range(len(found.hosts))
            assert placed.impossible == sum(hopeless(World(found), row) for row in rows), (strategy, seed)


def test_a_fleet_that_followed_says_what_a_new_one_says() -> None:
    """After hosts and tasks changed under it, whatever it keeps; and so its fork does, changed before it."""
    for seed in range(CASES // 4):
        strategy = STRATEGIES[seed % len(STRATEGIES)]
        before, after = case(strategy, seed), case(strategy, seed + CASES)
        fleet = fleet_of(before)
        place(fleet, request_for(before), before.replicas)
        hosts = [after.hosts[n] if n < len(after.hosts) and n % 2 else h for n, h in enumerate(before.hosts)]
        hosts += after.hosts[len(hosts) :]
        there = {host.id for host in hosts}
        # Cards are given by number: they stay with hosts that keep them.
        tasks = [task for task in after.tasks if task.host in there and not task.cards]
        other = fleet.fork()
        for changed in (other, fleet):
            for host in hosts:
                changed.follow_host(host)
            for task in before.tasks:
                changed.claim(task, -1)
            for task in tasks:
                changed.claim(task)
            for found in (after, before):
                new = fleet_of(found._replace(hosts=hosts, tasks=tasks))
                request = request_for(found)
                placed, expected = (
                    place(changed, request, found.replicas),
                    place(new, request, found.replicas),
                )
                assert _bare(placed) == _bare(expected), seed


def _bare(placed: Placed) -> Placed:
    """Without the terms of scores: a fleet goes on naming one for taints that no host has any more."""
    coming = placed.next_best and msgspec.structs.replace(placed.next_best, terms={})
    return msgspec.structs.replace(placed, chosen=(), next_best=coming)
