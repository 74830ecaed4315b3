"""The fleet: the hosts as arrays, one row each, following the estate by deltas.

Rows are never reused or reordered, so that ties, broken by row, break the same way for ever. A fork
copies the arrays and shares the rest until it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from longshore.model.host import Capacity, Host, Share
from longshore.model.ids import HostId, ServiceKey
from longshore.model.lifecycle import HostState
from longshore.model.task import NO_CLAIM, Task
from longshore.schedule.cards import NO_CARD
from longshore.schedule.facts import Column
from longshore.schedule.request import CARD, Request, counted_name
from longshore.schedule.tally import NOTHING, Bools, Ints, Tally, counted

__all__ = ["ENDLESS", "UNPRICED", "Bools", "Fleet", "Ints", "Shape"]

UNPRICED = np.int64(1 << 62)
"""Sorts behind every price."""

ENDLESS = np.int64(1 << 60)
"""The room of a resource whose size on a host is not known: it bounds nothing."""

PLAIN = ("cpu", "memory", "disk", "pids")
"""Resources that every host has as a plain number."""


class Shape(NamedTuple):
    """What a task takes: thousandths of a core, bytes, thousandths of a GPU card."""

    cpu: int
    memory: int
    gpu: int = 0


_ARRAYS = ("tasks", "price", "known", "usable", "own", "ready", "cards", "cards_used")


class Fleet:
    """All hosts, and what is claimed of them.

    Arrays of shape (rows,): `total` and `free`, by resource (int64; total is what may be claimed: the
    capacity less what is reserved, times its overcommit, less what foreign containers take; `ENDLESS`
    where it is not known; free: what of it is not claimed, less than nothing where a host shrank);
    `tasks`; `known`, `usable`, `own`, `ready` (bool); `price` (nano per hour, `UNPRICED` where unknown).
    `cards` (rows, cards): thousandths free of each GPU card, `NO_CARD` where there is none; `cards_used`:
    thousandths taken of each, of those a host lost too.

    `hosts` holds the nouns by row; `lent` of them are not the user's own, `leaving` being drained and
    `gone` dropped. `counts`: service -> tally; `ports`: `PORT/PROTOCOL` -> tally; `images`: name -> tally.
    `shapes`: how many tasks of each shape there are; `targets`: the shapes to keep room for, with
    weights (None: those there are). `strategies`: by name, where others than the built-in ones are known.
    `version` changes whenever something but the load of a host does.
    """

    __slots__ = (
        "_columns",
        "_mine",
        "cards",
        "cards_used",
        "counts",
        "free",
        "gone",
        "hosts",
        "ids",
        "images",
        "kept",
        "known",
        "leaving",
        "lent",
        "own",
        "ports",
        "price",
        "ready",
        "rows",
        "shapes",
        "size",
        "strategies",
        "targets",
        "tasks",
        "total",
        "usable",
        "version",
    )

    def __init__(self, strategies: Mapping[str, object] | None = None) -> None:
        self.size = self.lent = self.leaving = self.gone = self.version = 0
        self.hosts: list[Host] = []
        self.ids: list[HostId] = []
        self.rows: dict[HostId, int] = {}
        self.ports: dict[str, Tally] = {}
        self.images: dict[str, Tally] = {}
        self.counts: dict[ServiceKey, Tally] = {}
        self.shapes: dict[Shape, int] = {}
        self.targets: tuple[tuple[Shape, float], ...] | None = None
        self.strategies = strategies
        self.kept: dict[object, object] = {}
        self._columns: dict[str, Column] = {}
        self._mine: set[str] = set()
        self.total: dict[str, Ints] = {name: np.zeros(0, np.int64) for name in PLAIN}
        self.free: dict[str, Ints] = {name: np.zeros(0, np.int64) for name in PLAIN}
        self.tasks: Ints = np.zeros(0, np.int64)
        self.price: Ints = np.zeros(0, np.int64)
        self.cards: Ints = np.zeros((0, 0), np.int64)
        self.cards_used: Ints = np.zeros((0, 0), np.int64)
        self.known: Bools = np.zeros(0, np.bool_)
        self.usable: Bools = np.zeros(0, np.bool_)
        self.own: Bools = np.zeros(0, np.bool_)
        self.ready: Bools = np.zeros(0, np.bool_)

    @property
    def cpu(self) -> Ints:
        """Thousandths of cores that may be claimed."""
        return self.total["cpu"]

    @property
    def memory(self) -> Ints:
        """Bytes of memory that may be claimed."""
        return self.total["memory"]

    @property
    def cpu_used(self) -> Ints:
        """Thousandths of cores that are claimed."""
        return self.total["cpu"] - self.free["cpu"]

    @property
    def memory_used(self) -> Ints:
        """Bytes of memory that are claimed."""
        return self.total["memory"] - self.free["memory"]

    def fork(self) -> Fleet:
        """A copy to change at will."""
        other = Fleet.__new__(Fleet)
        other.size, other.lent, other.leaving = self.size, self.lent, self.leaving
        other.gone, other.version = self.gone, self.version
        for name in _ARRAYS:
            setattr(other, name, getattr(self, name).copy())
        other.total = {name: array.copy() for name, array in self.total.items()}
        other.free = {name: array.copy() for name, array in self.free.items()}
        other.hosts, other.ids, other.rows = self.hosts.copy(), self.ids.copy(), self.rows.copy()
        other.ports, other.images = self.ports.copy(), self.images.copy()
        other.counts, other.shapes = self.counts.copy(), self.shapes.copy()
        other.targets, other.strategies = self.targets, self.strategies
        other.kept = self.kept.copy()
        # From here on neither may write what both hold.
        other._columns, other._mine = self._columns.copy(), set()  # noqa: SLF001 - it is one of us
        self._mine = set()
        return other

    def column(self, key: str) -> Column:
        """A fact of all hosts. Read only: it follows the hosts."""
        found = self._columns.get(key)
        if found is None:
            found = self._columns[key] = Column(key, self.hosts, len(self.tasks))
            self._mine.add(key)
        return found

    def held(self, service: ServiceKey) -> Tally:
        """The tasks of a service, by row."""
        return self.counts.get(service, NOTHING)

    def follow_host(self, host: Host) -> None:
        """Take in a new or changed host."""
        row = self.rows.get(host.id)
        old = None if row is None else self.hosts[row]
        if row is None:
            row = self._add(host)
        else:
            self._count(self.hosts[row], -1)
        self._count(host, 1)
        self.hosts[row] = host
        for key, column in self._columns.items():
            if not column.says(row, host):
                self._writable(key).put(row, host)
                self.version += 1
        if old is None or old.images != host.images:
            self._hold_images(row, () if old is None else old.images, host.images)
        if old is None or _room_of(old) != _room_of(host):
            self._set_room(row, host, () if old is None else old.capacity.counted)
        self._set_standing(row, host)

    def drop_host(self, host: HostId) -> None:
        """Forget a host: its row stays, and never fits again."""
        row = self.rows.pop(host, None)
        if row is None:
            return
        self._count(self.hosts[row], -1)
        self._hold_images(row, self.hosts[row].images, ())
        self.known[row] = self.usable[row] = False
        for name in self.total:
            self._set_total(name, row, 0)
        self.cards[row] = NO_CARD
        self.gone += 1
        self.version += 1

    def claim(self, task: Task, sign: int = 1) -> None:
        """Count a task on its host (`sign` 1), or no longer (-1)."""
        row = self.rows.get(task.host)
        if row is None:
            return
        self.free["cpu"][row] -= sign * task.cpu
        self.free["memory"][row] -= sign * task.memory
        self.tasks[row] += sign
        _put(self.counts, task.key, self.held(task.key).plus_one(row, sign))
        for port in task.ports:
            _put(self.ports, port, self.ports.get(port, NOTHING).plus_one(row, sign))
        more = task.more
        if more is not NO_CLAIM:
            self.free["disk"][row] -= sign * more.disk
            self.free["pids"][row] -= sign * more.pids
            for name, number in more.counted.items():
                self._resource(counted_name(name))
                self.free[counted_name(name)][row] -= sign * number
            for card in task.cards:
                self._take_card(row, card, sign * min(more.gpu, CARD))
        self._count_shape(Shape(task.cpu, task.memory, more.gpu), sign)

    def claim_many(
        self,
        request: Request,
        rows: Ints,
        sign: int = 1,
        cards: Sequence[tuple[int, ...]] = (),
    ) -> None:
        """Count replicas of a request on these rows, one per entry (or no longer, `sign` -1).

        `cards`: the GPU cards of each, where it takes any.
        """
        if not len(rows):
            return
        where, numbers = counted(rows)
        numbers *= sign
        for name, amount in request.needs.items():
            self._resource(name)
            self.free[name][where] -= numbers * amount
        self.tasks[where] += numbers
        _put(self.counts, request.service, self.held(request.service).plus(where, numbers))
        for port in request.ports:
            _put(self.ports, port, self.ports.get(port, NOTHING).plus(where, numbers))
        for row, taken in zip(rows.tolist(), cards, strict=False):
            for card in taken:
                self._take_card(row, card, sign * request.share)
        self._count_shape(Shape(request.cpu, request.memory, request.gpu), sign * len(rows))

    def _count(self, host: Host, sign: int) -> None:
        self.lent += sign * (not host.own)
        self.leaving += sign * host.draining

    def _count_shape(self, shape: Shape, number: int) -> None:
        left = self.shapes.get(shape, 0) + number
        if left > 0:
            self.shapes[shape] = left
        else:
            self.shapes.pop(shape, None)

    def _set_standing(self, row: int, host: Host) -> None:
        """What strategies look at that is not load; the version tells whether any of it changed."""
        price = UNPRICED if host.price is None else host.price.nano
        new = (True, host.usable, host.own, host.state is HostState.READY, price)
        if new != (self.known[row], self.usable[row], self.own[row], self.ready[row], self.price[row]):
            self.known[row], self.usable[row], self.own[row], self.ready[row], self.price[row] = new
            self.version += 1

    def _set_room(self, row: int, host: Host, counted_before: Iterable[str]) -> None:
        """What may be claimed of a host, and its cards; those in use stay so."""
        for name, room in room_of(host).items():
            self._resource(name)
            self._set_total(name, row, room)
        for name in counted_before:
            if name not in host.capacity.counted:
                self._set_total(counted_name(name), row, 0)
        cards = host.capacity.gpus
        self._widen(cards)
        self.cards[row, :cards] = CARD - self.cards_used[row, :cards]
        self.cards[row, cards:] = NO_CARD
        self.version += 1

    def _set_total(self, name: str, row: int, room: int) -> None:
        """How much of a resource may be claimed; what is claimed stays so."""
        self.free[name][row] += room - self.total[name][row]
        self.total[name][row] = room

    def _take_card(self, row: int, card: int, share: int) -> None:
        """So much more of a card is taken; it may be one that the host has no longer."""
        self._widen(card + 1)
        self.cards_used[row, card] += share
        if card < self.hosts[row].capacity.gpus:
            self.cards[row, card] = CARD - self.cards_used[row, card]

    def _widen(self, cards: int) -> None:
        """Make room for so many cards of each host."""
        more = cards - self.cards.shape[1]
        if more > 0:
            self.cards = np.pad(self.cards, ((0, 0), (0, more)), constant_values=NO_CARD)
            self.cards_used = np.pad(self.cards_used, ((0, 0), (0, more)))

    def _hold_images(self, row: int, before: Iterable[str], now: Iterable[str]) -> None:
        for sign, names in ((-1, before), (1, now)):
            for name in dict.fromkeys(names):
                _put(self.images, name, self.images.get(name, NOTHING).plus_one(row, sign))

    def _resource(self, name: str) -> None:
        """Make sure that a counted resource has its arrays."""
        if name not in self.total:
            self.total[name] = np.zeros(len(self.tasks), np.int64)
            self.free[name] = np.zeros(len(self.tasks), np.int64)

    def _writable(self, key: str) -> Column:
        if key not in self._mine:
            self._columns[key] = self._columns[key].copy()
            self._mine.add(key)
        return self._columns[key]

    def _add(self, host: Host) -> int:
        """A new row, growing the arrays by half when they are full."""
        row = self.size
        if row == len(self.tasks):
            room = max(16, row + row // 2)
            for name in _ARRAYS:
                setattr(self, name, _grown(getattr(self, name), room))
            for arrays in (self.total, self.free):
                for name, array in arrays.items():
                    arrays[name] = _grown(array, room)
        self.cards[row] = NO_CARD
        self.size += 1
        self.hosts.append(host)
        self.ids.append(host.id)
        self.rows[host.id] = row
        return row


def room_of(host: Host) -> dict[str, int]:
    """What tasks may claim of a host, by resource; GPU cards are not among them."""
    capacity, share, foreign = host.capacity, host.share, host.foreign
    kept = share.reserved
    room = {
        "cpu": (capacity.cpu - kept.cpu) * share.overcommit_cpu // 1000 - foreign.cpu,
        "memory": (capacity.memory - kept.memory) * share.overcommit_memory // 1000 - foreign.memory,
        "disk": capacity.disk - kept.disk - foreign.disk if capacity.disk else int(ENDLESS),
        "pids": capacity.pids - kept.pids - foreign.pids if capacity.pids else int(ENDLESS),
    }
    for name, number in capacity.counted.items():
        room[counted_name(name)] = number - kept.counted.get(name, 0) - foreign.counted.get(name, 0)
    return {name: max(number, 0) for name, number in room.items()}


def _room_of(host: Host) -> tuple[Capacity, Share, Capacity]:
    """All that a host's room follows from."""
    return host.capacity, host.share, host.foreign


def _grown(array: Ints, room: int) -> Ints:
    new = np.zeros((room, *array.shape[1:]), array.dtype)
    new[: len(array)] = array
    return new


def _put(tallies: dict[str, Tally] | dict[ServiceKey, Tally], key: str, tally: Tally) -> None:
    """Set a tally; one of nothing is left out."""
    if len(tally.rows):
        tallies[key] = tally  # type: ignore[index]
    else:
        tallies.pop(key, None)  # type: ignore[call-overload]
