"""What is known of hosts: facts by their names in constraints, and columns of them as small numbers.

A column holds, per row, the number of the fact's value among all values seen; so a constraint is one
comparison of integers, whatever it compares, and a pattern is tried once per value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from longshore.model.host import Host, Quote
from longshore.model.ids import HostId
from longshore.model.lifecycle import HostState
from longshore.schedule.tally import Bools, Rows

Table = npt.NDArray[np.int64]


def fact_of(host: Host, key: str) -> str:
    """What a host has under a constraint's key; empty where it has nothing."""
    return _reader(key)(host)


@lru_cache(maxsize=1024)
def _reader(key: str) -> Callable[[Host], str]:
    """What reads a fact off a host; of the labels those that a person gave come first."""
    for prefix in ("node.labels.", "engine.labels."):
        if key.startswith(prefix):
            name = key.removeprefix(prefix)
            return lambda host: (host.marks and host.marks.get(name)) or host.labels.get(name, "")
    return _FACTS.get(key) or (lambda _: "")


_FACTS: dict[str, Callable[[Host], str]] = {
    "node.hostname": lambda host: host.name,
    "node.name": lambda host: host.name,
    "node.id": lambda host: host.id,
    "node.platform.os": lambda host: host.os,
    "node.platform.arch": lambda host: host.arch,
    "node.cloud": lambda host: host.cloud,
    "node.kind": lambda host: host.kind,
    "node.region": lambda host: host.region,
    "node.zone": lambda host: host.zone,
    "node.flavor": lambda host: host.flavor,
}
"""What a host is, by the name under which a constraint asks for it; labels are besides."""


def host_of_quote(quote: Quote) -> Host:
    """The host that an offer would become, as far as that is known."""
    return Host(
        id=HostId(""),
        name="",
        cloud=quote.cloud,
        own=False,
        state=HostState.REQUESTED,
        kind=quote.kind,
        flavor=quote.flavor,
        capacity=quote.capacity,
        labels=quote.labels,
        region=quote.region,
        zone=quote.zone,
        os=quote.os,
        arch=quote.arch,
        price=quote.price,
    )


TAINTS, PLATFORM, CURRENCY, GPU_MODEL = "taints", "platform", "currency", "gpu-model"
"""Columns besides those of constraints' keys, which all have a dot."""

_OTHERS: dict[str, Callable[[Host], Hashable]] = {
    TAINTS: lambda host: host.taints,
    PLATFORM: lambda host: (host.os, host.arch),
    CURRENCY: lambda host: "" if host.price is None else host.price.currency,
    GPU_MODEL: lambda host: host.capacity.gpu_model,
}


class Column:
    """One fact of all hosts: `codes` (rows or more,) are places in `values`.

    What a column was asked about its values is kept, and made longer as values come.
    """

    __slots__ = ("_fact", "_places", "_tables", "codes", "values")

    def __init__(self, key: str, hosts: list[Host], room: int) -> None:
        self._fact: Callable[[Host], Hashable] = _OTHERS.get(key) or _reader(key)
        self.values: list[Hashable] = []
        self._places: dict[Hashable, int] = {}
        self._tables: dict[Hashable, Table] = {}
        self.codes: Rows = np.zeros(room, np.int32)
        self.codes[: len(hosts)] = [self._place(self._fact(host)) for host in hosts]

    def copy(self) -> Column:
        """One to go on with, while others go on with this."""
        other = Column.__new__(Column)
        for name in ("values", "_places", "_tables", "codes"):
            setattr(other, name, getattr(self, name).copy())
        other._fact = self._fact  # noqa: SLF001 - it is one of us
        return other

    def says(self, row: int, host: Host) -> bool:
        """Whether the column has this row right already."""
        place = self._places.get(self._fact(host))
        return place is not None and row < len(self.codes) and place == self.codes[row]

    def put(self, row: int, host: Host) -> None:
        """Set a row, growing by half where it is beyond."""
        if row >= len(self.codes):
            self.codes = np.concatenate((self.codes, np.zeros(max(16, row // 2), np.int32)))
        self.codes[row] = self._place(self._fact(host))

    def place_of(self, value: Hashable) -> int:
        """The number of a value; -1 for one that no host has."""
        return self._places.get(value, -1)

    def equals(self, size: int, value: Hashable) -> Bools:
        """Per row whether it has this value."""
        same: Bools = self.codes[:size] == self.place_of(value)
        return same

    def table(self, question: Hashable, ask: Callable[[Hashable], int]) -> Table:
        """Per value what `ask` says of it: a number."""
        known = self._tables.get(question)
        if known is None or len(known) < len(self.values):
            done = 0 if known is None else len(known)
            new = np.array([ask(value) for value in self.values[done:]], np.int64)
            known = new if known is None else np.concatenate((known, new))
            self._tables[question] = known
        return known

    def rows(self, size: int, question: Hashable, ask: Callable[[Hashable], int]) -> Bools:
        """Per row whether `ask` says something of its value that is not 0."""
        table = self.table(question, ask).astype(np.bool_)
        if table.all():
            return np.ones(size, np.bool_)
        return table[self.codes[:size]]

    def _place(self, value: Hashable) -> int:
        place = self._places.get(value)
        if place is None:
            place = len(self.values)
            self._places[value] = place
            self.values.append(value)
        return place
