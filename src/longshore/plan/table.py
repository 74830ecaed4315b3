"""A map as base plus delta: forks share the base, and write beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=str)
V = TypeVar("V")


class Table(Generic[K, V]):
    """A map from key to an immutable value. None in the delta is a value that was dropped.

    The base is shared among forks and never written while any are open; `settle` folds the delta
    into it when the owner knows that nobody else looks.
    """

    __slots__ = ("_base", "_delta")

    def __init__(self, base: dict[K, V] | None = None, delta: dict[K, V | None] | None = None) -> None:
        self._base: dict[K, V] = {} if base is None else base
        self._delta: dict[K, V | None] = {} if delta is None else delta

    def get(self, key: K) -> V | None:
        """The value, or None."""
        if self._delta and key in self._delta:
            return self._delta[key]
        return self._base.get(key)

    def many(self, keys: Iterable[K]) -> list[V]:
        """The values of these keys, without those that have none."""
        base, delta = self._base, self._delta
        found = [delta[key] if key in delta else base.get(key) for key in keys]
        return [value for value in found if value is not None]

    def put(self, key: K, value: V) -> None:
        """Set a value."""
        self._delta[key] = value

    def drop(self, key: K) -> None:
        """Forget a value; one that is not there, too."""
        if key in self._base:
            self._delta[key] = None
        else:
            self._delta.pop(key, None)

    def __contains__(self, key: K) -> bool:
        """Whether there is a value."""
        return self.get(key) is not None

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return any(True for _ in self)

    def __iter__(self) -> Iterator[K]:
        """The keys, in the order in which they first came."""
        delta = self._delta
        for key in self._base:
            if key not in delta or delta[key] is not None:
                yield key
        for key, value in delta.items():
            if value is not None and key not in self._base:
                yield key

    def values(self) -> Iterator[V]:
        """The values, in the same order."""
        delta = self._delta
        for key, value in self._base.items():
            found = delta.get(key, value) if key in delta else value
            if found is not None:
                yield found
        for key, found in delta.items():
            if found is not None and key not in self._base:
                yield found

    def fork(self) -> Table[K, V]:
        """A table that shares this one's base and goes on from its delta."""
        return Table(self._base, self._delta.copy())

    def adopt(self, fork: Table[K, V]) -> None:
        """Take over what a fork of this table has become."""
        self._delta = fork._delta

    def settle(self) -> None:
        """Fold the delta into the base. Only while no other fork is open."""
        for key, value in self._delta.items():
            if value is None:
                self._base.pop(key, None)
            else:
                self._base[key] = value
        self._delta = {}
