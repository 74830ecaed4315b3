"""The scheduler against the slow obvious one: the same hosts in the same sequence, and the same reasons."""

from __future__ import annotations

import os

import msgspec
import pytest
from tests.schedule.mixture import WEB, Case, case
from tests.schedule.oracle import World, broken_rules, place_one_by_one

from longshore.schedule.fleet import Fleet
from longshore.schedule.place import place
from longshore.schedule.request import Request, request_of
from longshore.schedule.rules import broken_by, survey

CASES = int(os.environ.get("LONGSHORE_ORACLE_CASES", "1000"))
"""Per strategy; set it higher for a longer look."""

STRATEGIES = ("cheapest", "spread", "binpack", "random", "fragmentation", "mixed")


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
    for seed in range(CASES):
        found = case(strategy, seed)
        fleet, request = fleet_of(found), request_for(found)
        picks = place_one_by_one(World(found), found.count)
        placed = place(fleet, request, found.count)
        assert list(placed.hosts) == [found.hosts[row].id for row, _ in picks], (strategy, seed)
