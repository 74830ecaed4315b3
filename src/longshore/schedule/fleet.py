"""The fleet: the hosts as arrays, one row each, following the estate by deltas.

Rows are never reused or reordered, so that ties, broken by row, break the same way for ever. A fork
copies the arrays and shares the rest until it writes.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from longshore.model.host import Host
from longshore.model.ids import HostId, ServiceKey
from longshore.model.lifecycle import HostState
from longshore.model.task import Task

K = TypeVar("K", bound=str)
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

UNPRICED = np.int64(1 << 62)
"""Sorts behind every price."""


_ARRAYS = ("cpu", "memory", "cpu_used", "memory_used", "tasks", "price", "known", "usable", "own", "ready")


class Fleet:
    """All hosts, and what is claimed of them.

    Arrays of shape (rows,): `cpu`, `memory` (total), `cpu_used`, `memory_used`, `tasks` (int64);
    `known`, `usable`, `own`, `ready` (bool); `price` (nano per hour, `UNPRICED` where unknown). `hosts` holds
    the nouns by row, `lent` of them not the user's own and `leaving` being drained.
    `ports`: `PORT/PROTOCOL` -> {row: tasks}; `counts`: service -> {row: tasks}.
    """

    __slots__ = (
        "counts",
        "cpu",
        "cpu_used",
        "hosts",
        "known",
        "leaving",
        "lent",
        "masks",
        "memory",
        "memory_used",
        "own",
        "ports",
        "price",
        "ready",
        "rows",
        "size",
        "tasks",
        "usable",
    )

    def __init__(self) -> None:
        self.size = 0
        self.lent = 0
        self.leaving = 0
        self.hosts: list[Host] = []
        self.rows: dict[HostId, int] = {}
        self.ports: dict[str, dict[int, int]] = {}
        self.counts: dict[ServiceKey, dict[int, int]] = {}
        self.masks: dict[object, Bools] = {}
        self.cpu: Ints = np.zeros(0, np.int64)
        self.memory: Ints = np.zeros(0, np.int64)
        self.cpu_used: Ints = np.zeros(0, np.int64)
        self.memory_used: Ints = np.zeros(0, np.int64)
        self.tasks: Ints = np.zeros(0, np.int64)
        self.price: Ints = np.zeros(0, np.int64)
        self.known: Bools = np.zeros(0, np.bool_)
        self.usable: Bools = np.zeros(0, np.bool_)
        self.own: Bools = np.zeros(0, np.bool_)
        self.ready: Bools = np.zeros(0, np.bool_)

    def fork(self) -> Fleet:
        """A copy to change at will."""
        other = Fleet.__new__(Fleet)
        other.size, other.lent, other.leaving = self.size, self.lent, self.leaving
        for name in _ARRAYS:
            setattr(other, name, getattr(self, name).copy())
        other.hosts = self.hosts.copy()
        other.rows = self.rows.copy()
        other.ports = self.ports.copy()
        other.counts = self.counts.copy()
        other.masks = self.masks.copy()
        return other

    def follow_host(self, host: Host) -> None:
        """Take in a new or changed host."""
        row = self.rows.get(host.id)
        if row is None:
            row = self._add(host)
        elif not _alike(self.hosts[row], host):
            self.masks.clear()
        if self.known[row]:
            self._count(self.hosts[row], -1)
        self._count(host, 1)
        self.hosts[row] = host
        self.known[row] = True
        self.cpu[row] = host.capacity.cpu
        self.memory[row] = host.capacity.memory
        self.usable[row] = host.usable
        self.own[row] = host.own
        self.ready[row] = host.state is HostState.READY
        self.price[row] = UNPRICED if host.price is None else host.price.nano

    def drop_host(self, host: HostId) -> None:
        """Forget a host: its row stays, and never fits again."""
        row = self.rows.pop(host, None)
        if row is not None:
            self._count(self.hosts[row], -1)
            self.known[row] = self.usable[row] = False
            self.cpu[row] = self.memory[row] = 0

    def claim(self, task: Task, sign: int = 1) -> None:
        """Count a task on its host (`sign` 1), or no longer (-1)."""
        row = self.rows.get(task.host)
        if row is None:
            return
        self.cpu_used[row] += sign * task.cpu
        self.memory_used[row] += sign * task.memory
        self.tasks[row] += sign
        _tally(self.counts, task.key, row, sign)
        for port in task.ports:
            _tally(self.ports, port, row, sign)

    def _count(self, host: Host, sign: int) -> None:
        self.lent += sign * (not host.own)
        self.leaving += sign * host.draining

    def _add(self, host: Host) -> int:
        """A new row, growing the arrays by half when they are full."""
        row = self.size
        if row == len(self.cpu):
            room = max(16, row + row // 2)
            for name in _ARRAYS:
                old = getattr(self, name)
                new = np.zeros(room, old.dtype)
                new[:row] = old
                setattr(self, name, new)
        self.size += 1
        self.hosts.append(host)
        self.rows[host.id] = row
        self.masks.clear()
        return row


def _tally(tallies: dict[K, dict[int, int]], key: K, row: int, sign: int) -> None:
    """Count one more or less on a row; forks share the inner maps, so they are replaced, not written."""
    counts = dict(tallies.get(key, ()))
    count = counts.get(row, 0) + sign
    if count > 0:
        counts[row] = count
    else:
        counts.pop(row, None)
    if counts:
        tallies[key] = counts
    else:
        tallies.pop(key, None)


def _alike(old: Host, new: Host) -> bool:
    """Whether nothing changed that a cached mask looks at."""
    return (old.labels, old.os, old.arch, old.name, old.cloud) == (
        new.labels,
        new.os,
        new.arch,
        new.name,
        new.cloud,
    )
