"""Fragmentation: the paper's example, and what is kept of it is what would be reckoned anew."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.model.host import Capacity, Host
from longshore.model.ids import HostId, ServiceKey
from longshore.model.lifecycle import HostState
from longshore.schedule import fragmentation
from longshore.schedule.fleet import Fleet, Shape
from longshore.schedule.look import Look
from longshore.schedule.place import place
from longshore.schedule.request import Request

GIB = 1 << 30
POD = ServiceKey("stack-1/pod")
TARGETS = ((Shape(1000, GIB, 1000), 1.0), (Shape(500, GIB, 500), 2.0), (Shape(2000, GIB), 1.0))


def fleet_of(*cards: int, cpu: int = 8000) -> Fleet:
    fleet = Fleet()
    for number, gpus in enumerate(cards):
        fleet.follow_host(
            Host(
                id=HostId(f"host-{number}"),
                name=f"h{number}",
                cloud="home",
                own=True,
                state=HostState.READY,
                capacity=Capacity(cpu=cpu, memory=32 * GIB, gpus=gpus),
            )
        )
    return fleet


def pod(gpu: int, cpu: int = 500) -> Request:
    return Request(service=POD, cpu=cpu, memory=GIB, gpu=gpu, strategy="least-fragmentation")


def growth(fleet: Fleet, request: Request) -> list[int]:
    return list(fragmentation.fragments_made(Look(fleet, request, slice(0, fleet.size))).tolist())


def test_shares_fill_a_card_before_they_break_another() -> None:
    fleet = fleet_of(2)
    fleet.targets = ((Shape(500, GIB, 1000), 1.0),)
    assert place(fleet, pod(400), 4).cards == ((0,), (0,), (1,), (1,))


def test_who_needs_no_card_leaves_those_that_have_some() -> None:
    fleet = fleet_of(2, 0, cpu=4000)
    fleet.targets = ((Shape(2000, GIB, 1000), 1.0),)
    assert place(fleet, pod(0, cpu=2500), 1).hosts == (HostId("host-1"),)


def test_without_targets_its_own_tasks_are_what_may_come() -> None:
    fleet = fleet_of(4)
    assert fragmentation.targets_of(fleet) == ()
    fleet.claim_many(pod(500), np.zeros(9, np.int64), cards=[(0,), (0,), (1,), (1,)])
    assert fragmentation.targets_of(fleet) == ((Shape(500, GIB, 500), 8.0),)


MOVES = st.lists(
    st.tuples(st.integers(0, 69), st.sampled_from([0, 250, 500, 1000, 2000]), st.booleans()), max_size=12
)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=70), MOVES)
def test_what_was_kept_is_what_would_be_reckoned_anew(
    cards: list[int], moves: list[tuple[int, int, bool]]
) -> None:
    """Hosts that changed are found, like hosts are reckoned once, and forks do not see each other's."""
    fleet = fleet_of(*cards)
    fleet.targets = TARGETS
    asked = [pod(0), pod(500), pod(1000)]
    for row, gpu, forks in moves:
        before = [growth(fleet, request) for request in asked]
        trial = fleet.fork() if forks else fleet
        request = pod(gpu)
        found = place(trial, request, 1 + row % 3)
        rows = np.array([trial.rows[host] for host in found.hosts], np.int64)
        trial.claim_many(request, rows, cards=found.cards)
        for kept, again in ((trial, trial.fork()), (fleet, fleet.fork())):
            again.kept.clear()
            assert [growth(kept, each) for each in asked] == [growth(again, each) for each in asked]
        if forks:
            assert [growth(fleet, each) for each in asked] == before
