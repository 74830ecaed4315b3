"""The order of services: priority, dominant share for weight, age; and against one-by-one filling."""

from __future__ import annotations

from random import Random

import pytest

from longshore.model.host import Capacity, Host
from longshore.model.ids import HostId, ServiceKey
from longshore.model.lifecycle import HostState
from longshore.schedule.fleet import Fleet
from longshore.schedule.order import Due, Shares, in_order, shares_of


def due(name: str, *, priority: int = 0, since: int = 0, cpu: float = 0.1, memory: float = 0.1) -> Due:
    """`PROJECT/STACK/SERVICE`."""
    project, stack, _ = name.split("/")
    return Due(
        key=ServiceKey(name),
        project=project,
        stack=f"{project}/{stack}",
        priority=priority,
        since=since,
        demand=(cpu, memory),
    )


def test_priority_comes_before_all() -> None:
    dues = [due("a/s/x", since=1), due("a/s/y", since=5, priority=1), due("b/s/z", priority=-1)]
    assert in_order(dues, {"a": (0.9, 0.9)}, {}) == ["a/s/y", "a/s/x", "b/s/z"]


def test_who_has_less_comes_first() -> None:
    dues = [due("a/s/x"), due("b/s/x")]
    assert in_order(dues, {"a": (0.0, 0.5), "b": (0.4, 0.4)}, {})[0] == "b/s/x"


def test_it_is_the_largest_share_that_counts() -> None:
    dues = [due("a/s/x"), due("b/s/x")]
    assert in_order(dues, {"a": (0.1, 0.5), "b": (0.45, 0.45)}, {})[0] == "b/s/x"


def test_a_weight_makes_more_its_due() -> None:
    dues = [due("a/s/x"), due("b/s/x")]
    held = {"a": (0.4, 0.4), "b": (0.3, 0.3)}
    assert in_order(dues, held, {"a": 2.0})[0] == "a/s/x"
    assert in_order(dues, held, {"b": 0.0})[0] == "a/s/x"


def test_stacks_of_a_project_take_turns() -> None:
    dues = [due("a/one/x"), due("a/one/y"), due("a/one/z"), due("a/two/x"), due("a/two/y")]
    assert in_order(dues, {}, {}) == ["a/one/x", "a/two/x", "a/one/y", "a/two/y", "a/one/z"]


def test_the_older_wish_first_and_then_as_given() -> None:
    dues = [due("a/s/x", since=3), due("a/s/y", since=2), due("a/s/z", since=3)]
    assert in_order(dues, {}, {}) == ["a/s/y", "a/s/x", "a/s/z"]


@pytest.mark.parametrize("seed", range(100))
def test_it_is_the_order_of_filling_one_by_one(seed: int) -> None:
    dice = Random(seed)
    dues = [
        due(
            f"{dice.choice('abc')}/{dice.choice('st')}/{number}",
            priority=dice.choice([0, 0, 0, 5]),
            since=dice.randint(0, 3),
            cpu=dice.random(),
            memory=dice.random(),
        )
        for number in range(dice.randint(1, 12))
    ]
    held: dict[str, Shares] = {
        name: (dice.random(), dice.random()) for name in ("a", "b", "a/s", "b/t", "c/s")
    }
    weights = {"a": 2.0, "c/t": 0.5}
    assert in_order(dues, held, weights) == slowly(dues, held, weights)


def slowly(dues: list[Due], held: dict[str, Shares], weights: dict[str, float]) -> list[ServiceKey]:
    """Again and again the oldest of the stack with least, of the project with least, of the first rank."""
    shares, left = dict(held), list(dues)
    keys: list[ServiceKey] = []

    def share(name: str) -> float:
        return max(shares.get(name, (0.0, 0.0))) / weights.get(name, 1.0)

    while left:
        top = max(d.priority for d in left)
        rivals = sorted((d for d in dues if d.priority == top), key=lambda d: d.since)
        projects = list(dict.fromkeys(d.project for d in rivals))
        able = {d.project for d in left if d.priority == top}
        project = min((p for p in projects if p in able), key=lambda p: (share(p), projects.index(p)))
        stacks = list(dict.fromkeys(d.stack for d in rivals if d.project == project))
        able = {d.stack for d in left if d.priority == top}
        stack = min((s for s in stacks if s in able), key=lambda s: (share(s), stacks.index(s)))
        pick = next(d for d in rivals if d.stack == stack and d in left)
        left.remove(pick)
        keys.append(pick.key)
        for name in (project, stack):
            had = shares.get(name, (0.0, 0.0))
            shares[name] = (had[0] + pick.demand[0], had[1] + pick.demand[1])
    return keys


def test_shares_are_of_all_that_may_be_claimed() -> None:
    fleet = Fleet()
    for number in range(4):
        capacity = Capacity(cpu=1000, memory=1 << 30)
        fleet.follow_host(
            Host(
                id=HostId(f"host-{number}"),
                name=f"h{number}",
                cloud="home",
                own=True,
                state=HostState.READY,
                capacity=capacity,
            )
        )
    fleet.drop_host(HostId("host-3"))
    assert shares_of(fleet, [(3, Capacity(cpu=500, memory=1 << 29))]) == (0.5, 0.5)
    assert shares_of(Fleet(), [(3, Capacity(cpu=500))]) == (0.0, 0.0)
