"""Columns follow their hosts, share with forks, and answer for values that come later."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.model.host import Host, Quote
from longshore.model.ids import HostId
from longshore.model.lifecycle import HostState
from longshore.model.spec import Constraint, Match
from longshore.schedule.facts import fact_of, host_of_quote
from longshore.schedule.fleet import Fleet
from longshore.schedule.standing import holds, meets

ZONE = "node.zone"


def host(number: int, zone: str = "a", **labels: str) -> Host:
    return Host(
        id=HostId(f"host-{number}"),
        name=f"h{number}",
        cloud="home",
        own=True,
        state=HostState.READY,
        zone=zone,
        region="north",
        flavor="small",
        labels=labels,
    )


FACTS = {
    "node.hostname": "h1",
    "node.name": "h1",
    "node.id": "host-1",
    "node.platform.os": "linux",
    "node.platform.arch": "amd64",
    "node.cloud": "home",
    "node.kind": "vm",
    "node.region": "north",
    "node.zone": "a",
    "node.flavor": "small",
    "node.labels.disk": "ssd",
    "engine.labels.disk": "ssd",
    "node.labels.other": "",
    "node.role": "",
}


@pytest.mark.parametrize("key", FACTS)
def test_facts_of_a_host(key: str) -> None:
    found = host(1, disk="ssd")
    assert fact_of(found, key) == FACTS[key]
    fleet = Fleet()
    fleet.follow_host(found)
    assert fleet.column(key).values == [FACTS[key]]


def test_what_a_person_says_of_a_host_comes_first() -> None:
    marked = msgspec.structs.replace(host(1, disk="ssd"), marks={"disk": "nvme"})
    assert fact_of(marked, "node.labels.disk") == "nvme"


def test_facts_of_an_offer() -> None:
    quote = Quote(cloud="east", flavor="f1", zone="z", labels={"disk": "hdd"})
    keys = ("node.cloud", "node.flavor", "node.zone", "node.labels.disk", "node.hostname")
    assert [fact_of(host_of_quote(quote), key) for key in keys] == ["east", "f1", "z", "hdd", ""]


CONSTRAINTS = (
    Constraint(key=ZONE, value="b"),
    Constraint(key=ZONE, value="b", equal=False),
    Constraint(key=ZONE, value="b*", match=Match.GLOB),
    Constraint(key=ZONE, value="^(a|bc)$", match=Match.REGEX),
    Constraint(key=ZONE, value="[", match=Match.REGEX),
    Constraint(key=ZONE, value="never there", equal=False),
)

MOVES = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["a", "b", "bc", "c", ""])), max_size=60)


@given(MOVES, MOVES)
def test_a_column_says_what_each_host_says(first: list[tuple[int, str]], then: list[tuple[int, str]]) -> None:
    """In the fleet and in its fork: what was kept of an answer grows with the values, and stays right."""
    fleet, hosts = Fleet(), dict[int, Host]()

    def follow(into: Fleet, seen: dict[int, Host], moves: list[tuple[int, str]]) -> None:
        for number, zone in moves:
            seen[number] = host(number, zone)
            into.follow_host(seen[number])
        for constraint in CONSTRAINTS:
            mask = meets(into, constraint)
            assert all(mask[into.rows[h.id]] == holds(constraint, h) for h in seen.values())

    follow(fleet, hosts, first)
    fork, copies = fleet.fork(), hosts.copy()
    follow(fork, copies, then)
    follow(fleet, hosts, list(reversed(then)))
    follow(fork, copies, [])
