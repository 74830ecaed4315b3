"""The fleet that followed every delta is the fleet built from scratch; forks do not see each other."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.schedule.drawing import DRAWN, GIB, MIB, PORTS, WEB, Digits, Place, host, places, requests, task

from longshore.model.host import Capacity, Host
from longshore.model.ids import HostId
from longshore.model.money import Money
from longshore.model.task import Task
from longshore.schedule.fleet import Fleet
from longshore.schedule.place import place
from longshore.schedule.request import Request
from longshore.schedule.rules import survey


class Follower:
    """A fleet with plain maps beside it."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self.hosts: dict[HostId, Host] = {}
        self.tasks: dict[str, Task] = {}
        self.count = 0

    def fork(self) -> Follower:
        other = Follower()
        other.fleet = self.fleet.fork()
        other.hosts, other.tasks, other.count = self.hosts.copy(), self.tasks.copy(), self.count
        return other

    def step(self, d: Digits) -> None:
        """One random change."""
        self.count += 1
        match d.of("host", "task", "task", "unclaim", "change", "change", "drop", "look"):
            case "host":
                self._host(host(self.count, d))
            case "task" if self.hosts:
                where = d.of(*self.hosts.values())
                ports = (d.of(*PORTS),) if d.odds(3) else ()
                new = task(self.count, where, d.of("web", "db"), d.of(100, 500), d.of(64, 512) * MIB, ports)
                self.tasks[new.id] = new
                self.fleet.claim(new)
            case "unclaim" if self.tasks:
                self._unclaim(d.of(*self.tasks))
            case "change" if self.hosts:
                old = d.of(*self.hosts.values())
                new_host = host(0, d)
                self._host(
                    msgspec.structs.replace(new_host, id=old.id, name=d.of(old.name, f"n{self.count}"))
                )
            case "drop" if self.hosts:
                gone = d.of(*self.hosts)
                # As the estate does it: what is on a host goes before the host.
                for key in [t.id for t in self.tasks.values() if t.host == gone]:
                    self._unclaim(key)
                del self.hosts[gone]
                self.fleet.drop_host(gone)
            case _:
                # Fills the masks that later changes have to clear.
                place(self.fleet, Request(service=WEB, platform="linux", client_bound=True), 1)

    def _host(self, new: Host) -> None:
        self.hosts[new.id] = new
        self.fleet.follow_host(new)

    def _unclaim(self, key: str) -> None:
        self.fleet.claim(self.tasks.pop(key), -1)

    def rebuilt(self) -> Fleet:
        order = sorted(self.hosts.values(), key=lambda h: self.fleet.rows[h.id])
        return Place(order, list(self.tasks.values())).fleet


def seen(fleet: Fleet) -> dict[object, object]:
    """All that a fleet says, by host and not by row."""
    names = ("cpu", "memory", "cpu_used", "memory_used", "tasks", "price", "known", "usable", "own", "ready")
    found: dict[object, object] = {"lent": fleet.lent, "leaving": fleet.leaving}
    for host_id, row in fleet.rows.items():
        found[host_id] = (fleet.hosts[row], *(getattr(fleet, name)[row].item() for name in names))
    ids = {row: host_id for host_id, row in fleet.rows.items()}
    for kind, tallies in (("counts", fleet.counts), ("ports", fleet.ports)):
        found[kind] = {key: {ids[row]: n for row, n in rows.items()} for key, rows in tallies.items()}
    return found


@settings(max_examples=250)
@given(st.lists(DRAWN, max_size=40), requests())
def test_following_equals_rebuilding(steps: list[Digits], request: Request) -> None:
    follower = Follower()
    for d in steps:
        follower.step(d)
    rebuilt = follower.rebuilt()
    assert seen(follower.fleet) == seen(rebuilt)
    followed, built = place(follower.fleet, request, 4), place(rebuilt, request, 4)
    # Rows are each fleet's own.
    assert msgspec.structs.replace(followed, rows=()) == msgspec.structs.replace(built, rows=())
    assert survey(follower.fleet, request).considered == len(follower.hosts)


@settings(max_examples=150)
@given(st.lists(DRAWN, max_size=15), st.lists(DRAWN, max_size=15), st.lists(DRAWN, max_size=15))
def test_forks_go_on_by_themselves(first: list[Digits], left: list[Digits], right: list[Digits]) -> None:
    base = Follower()
    for d in first:
        base.step(d)
    fork = base.fork()
    for n in range(max(len(left), len(right))):
        for follower, steps in ((base, left), (fork, right)):
            if n < len(steps):
                follower.step(steps[n])
    assert seen(base.fleet) == seen(base.rebuilt())
    assert seen(fork.fleet) == seen(fork.rebuilt())


@settings(max_examples=100)
@given(places(), requests(), st.integers(1, 5))
def test_asking_changes_nothing(p: Place, request: Request, count: int) -> None:
    fleet = p.fleet
    before = seen(fleet)
    first = place(fleet, request, count)
    assert place(fleet, request, count) == first
    assert seen(fleet) == before


def test_a_dropped_host_never_comes_back_by_its_row() -> None:
    fleet = Fleet()
    old = msgspec.structs.replace(host(1, Digits(0)), capacity=Capacity(cpu=9000, memory=9 * GIB))
    fleet.follow_host(old)
    fleet.drop_host(old.id)
    fleet.drop_host(old.id)
    assert not place(fleet, Request(service=WEB), 3).hosts
    assert (fleet.lent, fleet.leaving) == (0, 0)
    fleet.follow_host(msgspec.structs.replace(old, price=Money(1)))
    assert place(fleet, Request(service=WEB), 2).hosts == (old.id, old.id)
