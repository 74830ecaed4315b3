"""Preemption: which tasks of less priority give way, so that replicas fit, with least harm.

Harm is compared in this order: the highest priority among those who go, as low as can be; then how
many go; then the sum of their priorities; then the work that is lost; then the host's row. On one
host the set is exact up to `TRIES` tries; above that, all who may go do, and those with most to lose
are spared again one by one while the replica still fits.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

import msgspec

from longshore.model.host import Host
from longshore.model.ids import HostId, TaskId
from longshore.model.task import Task
from longshore.schedule.fleet import Fleet
from longshore.schedule.place import Placed, place
from longshore.schedule.relax import room
from longshore.schedule.request import Request
from longshore.schedule.rules import survey

TRIES = 400
"""Sets tried on one host before it is enough that nobody goes in vain: some tens of milliseconds."""

LOOKED = 20_000
"""Sets looked at on one host, most of which do more harm than one that is known to do."""

HOSTS = 256
"""Hosts looked at closely, those with most to take first; on larger fleets the best of these is taken."""


class Victim(msgspec.Struct, frozen=True, kw_only=True):
    """A task that may have to go; `weight`: how many go with it (of a gang, all); `cost`: what is lost."""

    task: Task
    weight: int = 1
    cost: int = 0


class Raid(msgspec.Struct, frozen=True, kw_only=True):
    """A place for one replica: its host, its cards there, and who has to go first."""

    host: HostId
    victims: tuple[Victim, ...]
    cards: tuple[int, ...] = ()


Harm = tuple[int, int, int, int]


def harm_of(victims: Iterable[Victim]) -> Harm:
    """How bad it is that these go; less is better. None at all is no harm."""
    gone = list(victims)
    return (
        max((v.task.priority for v in gone), default=-(1 << 30)),
        sum(v.weight for v in gone),
        sum(v.task.priority for v in gone),
        sum(v.cost for v in gone),
    )


def cards_of(placed: Placed, number: int) -> tuple[int, ...]:
    """The cards that the replica of this number was given."""
    return placed.cards[number] if placed.cards else ()


class _Site:
    """One host by itself, with all that is on it: a fleet of one, which knows all rules of room."""

    def __init__(
        self,
        host: Host,
        tasks: Iterable[Task],
        victims: list[Victim],
        request: Request,
        strategies: Mapping[str, object] | None,
    ) -> None:
        self.fleet = Fleet(strategies)
        self.fleet.follow_host(host)
        for task in tasks:
            self.fleet.claim(task)
        self.victims = sorted(victims, key=lambda v: (v.task.priority, v.cost, v.task.id))
        self.request = request

    def fits_without(self, gone: Iterable[Victim]) -> bool:
        """Whether one more replica fits when these have gone."""
        gone = tuple(gone)
        self._claim(gone, -1)
        fits = room(self.fleet, self.request) > 0
        self._claim(gone, 1)
        return fits

    def take(self, gone: tuple[Victim, ...], task: Task) -> tuple[int, ...]:
        """These go, and a replica comes; its cards."""
        self._claim(gone, -1)
        self.victims = [v for v in self.victims if v not in gone]
        placed = place(self.fleet, self.request, 1)
        cards = cards_of(placed, 0)
        self.fleet.claim(msgspec.structs.replace(task, host=self.fleet.hosts[0].id, cards=cards))
        return cards

    def _claim(self, victims: Iterable[Victim], sign: int) -> None:
        for victim in victims:
            self.fleet.claim(victim.task, sign)

    def least(self) -> tuple[Victim, ...] | None:
        """Those whose going does least harm; None where all of them going would not help."""
        pool: list[Victim] = []
        for priority in sorted({v.task.priority for v in self.victims}):
            pool = [v for v in self.victims if v.task.priority <= priority]
            if self.fits_without(pool):
                return self._fewest(pool)
        return None

    def _fewest(self, pool: list[Victim]) -> tuple[Victim, ...]:
        best: tuple[Victim, ...] = tuple(pool)
        tries = looked = 0
        for size in range(len(pool)):
            if sum(v.weight for v in best) < size:
                return best
            for gone in combinations(pool, size):
                looked += 1
                if harm_of(gone) >= harm_of(best):
                    continue
                tries += 1
                if tries > TRIES or looked > LOOKED:
                    return self._spared(best)
                if self.fits_without(gone):
                    best = gone
        return best

    def _spared(self, gone: tuple[Victim, ...]) -> tuple[Victim, ...]:
        """Without those who would go in vain; who has most to lose is spared first."""
        left = list(gone)
        most = sorted(gone, key=lambda v: (v.task.priority, v.weight, v.cost, v.task.id), reverse=True)
        for victim in most:
            rest = [v for v in left if v is not victim]
            if self.fits_without(rest):
                left = rest
        return tuple(left)


def raid(
    fleet: Fleet,
    request: Request,
    task: Task,
    count: int,
    tasks_on: Callable[[HostId], Iterable[Task]],
    victims_on: Callable[[HostId], list[Victim]],
) -> tuple[Raid, ...]:
    """Places for up to `count` replicas, each with those who have to go for it.

    `task` is what a replica claims. `tasks_on` are all tasks that take room on a host, `victims_on`
    those of them that may go. Only room is made by it: cpu, memory, ports, cards and the like. A host
    that breaks another rule is left alone.
    """
    trial = fleet.fork()
    bare = msgspec.structs.replace(request, spread=(), skew=(), near=())
    sites: dict[int, _Site] = {}
    heap: list[tuple[Harm, int, tuple[TaskId, ...], tuple[Victim, ...]]] = []

    def look(row: int) -> None:
        gone = sites[row].least()
        if gone:
            heapq.heappush(heap, (harm_of(gone), row, tuple(v.task.id for v in gone), gone))

    for row, victims in _candidates(trial, request, victims_on):
        host = trial.hosts[row]
        sites[row] = _Site(host, tasks_on(host.id), victims, bare, fleet.strategies)
        look(row)
    raids: list[Raid] = []
    while heap and len(raids) < count:
        _, row, _, gone = heapq.heappop(heap)
        if not _open(trial, request)[row]:
            continue
        host = trial.hosts[row]
        cards = sites[row].take(gone, task)
        for victim in gone:
            trial.claim(victim.task, -1)
        trial.claim(msgspec.structs.replace(task, host=host.id, cards=cards))
        raids.append(Raid(host=host.id, victims=gone, cards=cards))
        look(row)
    return tuple(raids)


def _open(fleet: Fleet, request: Request) -> list[bool]:
    """Per row: whether a replica could be there, were there room."""
    roomless = msgspec.structs.replace(request, cpu=0, memory=0, disk=0, pids=0, gpu=0, counted={}, ports=())
    return [bool(cap) for cap in survey(fleet, roomless).caps.tolist()]


def _candidates(
    fleet: Fleet, request: Request, victims_on: Callable[[HostId], list[Victim]]
) -> list[tuple[int, list[Victim]]]:
    """The rows where somebody may go, those with the lowest priorities and most to take first."""
    found = []
    for row, is_open in enumerate(_open(fleet, request)):
        host = fleet.hosts[row]
        victims = victims_on(host.id) if is_open and fleet.rows.get(host.id) == row else []
        if victims:
            found.append((row, victims))
    if len(found) > HOSTS:
        found.sort(key=lambda entry: (min(v.task.priority for v in entry[1]), -len(entry[1]), entry[0]))
        found = sorted(found[:HOSTS])
    return found
