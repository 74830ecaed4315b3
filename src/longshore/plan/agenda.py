"""The agenda: what the planner has to look at now, and what when.

An idle turn finds nothing here and costs nothing, however large the estate.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from enum import IntEnum

from longshore.model.clock import Micros


class Subject(IntEnum):
    """What the planner works off, in this order."""

    CLOUD = 0
    MESH = 1
    STACK = 2
    SERVICE = 3
    HOST = 4
    POOL = 5
    CHANGE = 6


Touch = tuple[Subject, str]


class Agenda:
    """Touched subjects per kind, in the order of touching, and a heap of due times."""

    __slots__ = ("_at", "_due", "_due_is_mine", "_touched")

    def __init__(self) -> None:
        self._touched: dict[Subject, dict[str, None]] = {}
        self._at = Subject.CLOUD
        self._due: list[tuple[Micros, Touch]] = []
        self._due_is_mine = True

    def fork(self) -> Agenda:
        """An agenda that goes on from here by itself; the heap is copied only when written."""
        other = Agenda()
        other._touched = {subject: keys.copy() for subject, keys in self._touched.items()}
        other._due, other._due_is_mine = self._due, False
        return other

    def touch(self, subject: Subject, key: str) -> None:
        """Have the planner look at this subject, this turn."""
        self._touched.setdefault(subject, {})[key] = None

    def look_again(self, at: int, subject: Subject, key: str) -> None:
        """Have the planner look at this subject when it is `at` o'clock."""
        self._own_due()
        heapq.heappush(self._due, (Micros(at), (subject, key)))

    def next_due(self) -> Micros | None:
        """When the planner has to look again, if nothing happens before."""
        return self._due[0][0] if self._due else None

    def take_due(self, now: Micros) -> None:
        """A turn begins: touch what is due, and work off from the first kind on."""
        self._at = Subject.CLOUD
        if not self._due or self._due[0][0] > now:
            return
        self._own_due()
        while self._due and self._due[0][0] <= now:
            self.touch(*heapq.heappop(self._due)[1])

    @property
    def busy(self) -> bool:
        """Whether something was touched and not yet looked at."""
        return bool(self._touched)

    @property
    def next_subject(self) -> Subject | None:
        """The kind of what is looked at next; None when all is worked off."""
        if not self._touched:
            return None
        return self._at if self._at in self._touched else min(self._touched)

    def rank(self, subject: Subject, key: Callable[[str], int]) -> None:
        """Have the touched of a kind looked at in this order; equal ones in the order of touching."""
        keys = self._touched.get(subject)
        if keys is not None and len(keys) > 1:
            self._touched[subject] = dict.fromkeys(sorted(keys, key=key))

    def pop(self) -> Touch | None:
        """The next touched subject, None when all is worked off.

        A kind is worked off before the next one, and those before it are looked at again only then:
        a thousand hosts that each touch a service have it looked at once.
        """
        if not self._touched:
            return None
        if self._at not in self._touched:
            self._at = min(self._touched)
        subject = self._at
        keys = self._touched[subject]
        key = next(iter(keys))
        del keys[key]
        if not keys:
            del self._touched[subject]
        return subject, key

    def _own_due(self) -> None:
        if not self._due_is_mine:
            self._due, self._due_is_mine = self._due.copy(), True
