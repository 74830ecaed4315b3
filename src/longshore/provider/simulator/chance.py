"""Chance: what goes wrong, and how long things take.

Each draw is seeded by the seed, the cloud's name, the verb, its subject, and how many times that
verb was tried on that subject; so calls that have nothing to do with each other do not change each
other's luck, whatever their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from enum import StrEnum
from random import Random

import msgspec

from longshore.provider.simulator.settings import Settings


class Mishap(StrEnum):
    """What can go wrong; also what `fail_next` can be told, and what `fired` counts.

    `outage` and `host_down` stand for calls that found the cloud or the host gone. `boot_fail` and
    `no_capacity` are of `create` only, `crash` of containers only.
    """

    FAIL_BEFORE = "fail_before"
    FAIL_AFTER = "fail_after"
    SLOW = "slow"
    HANG = "hang"
    HANG_AFTER = "hang_after"
    OUTAGE = "outage"
    HOST_DOWN = "host_down"
    HOST_HUNG = "host_hung"
    BOOT_FAIL = "boot_fail"
    NO_CAPACITY = "no_capacity"
    QUOTA = "quota"
    CRASH = "crash"


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What will go wrong with one call: before its act, after it, and whether it is slow."""

    before: Mishap | None = None
    after: Mishap | None = None
    slow: bool = False


CALM = Fate()

_FATES = {
    Mishap.FAIL_BEFORE: Fate(before=Mishap.FAIL_BEFORE),
    Mishap.FAIL_AFTER: Fate(after=Mishap.FAIL_AFTER),
    Mishap.SLOW: Fate(slow=True),
    Mishap.HANG: Fate(before=Mishap.HANG),
    Mishap.HANG_AFTER: Fate(after=Mishap.HANG_AFTER),
    Mishap.OUTAGE: Fate(before=Mishap.OUTAGE),
    Mishap.BOOT_FAIL: Fate(before=Mishap.BOOT_FAIL),
    Mishap.NO_CAPACITY: Fate(before=Mishap.NO_CAPACITY),
}

ACTS = frozenset({"create", "delete", "provide", "withdraw", "start", "stop", "restart"})
"""The verbs that change something: only these fail before or after; the others hang or are slow."""

_ONLY_CREATE = frozenset({Mishap.BOOT_FAIL, Mishap.NO_CAPACITY})


class Chance:
    """The luck of one simulated cloud; `fired` counts how often each kind of mishap came to pass."""

    def __init__(self, cloud: str, settings: Settings) -> None:
        self.fired: Counter[str] = Counter()
        self._prefix = f"{settings.seed}/{cloud}/"
        self._settings = settings
        self._risky = bool(settings.fail_before or settings.fail_after or settings.slow or settings.hang)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._forced: dict[str, deque[Mishap]] = defaultdict(deque)

    def fate(self, verb: str, subject: str) -> Fate:
        """What will go wrong with this call; what was forced comes first, in order."""
        if self._forced and (forced := self._forced.get(verb)):
            return _FATES[forced.popleft()]
        if not self._risky:
            return CALM
        settings = self._settings
        self._counts[verb, subject] += 1
        dice = self.dice(verb, subject, self._counts[verb, subject])
        hang, before, after, slow = (dice.random() for _ in range(4))
        acts = verb in ACTS
        if hang < settings.hang:
            # Half of the acts that are never answered were done.
            done = acts and hang < settings.hang / 2
            return _FATES[Mishap.HANG_AFTER if done else Mishap.HANG]
        return Fate(
            before=Mishap.FAIL_BEFORE if acts and before < settings.fail_before else None,
            after=Mishap.FAIL_AFTER if acts and after < settings.fail_after else None,
            slow=slow < settings.slow,
        )

    def length(self, verb: str, subject: str, base: int) -> int:
        """How long something takes: `base` microseconds, more or less by the jitter."""
        jitter = self._settings.jitter
        if not base or not jitter:
            return base
        count = self._counts[f"{verb} takes", subject] = self._counts[f"{verb} takes", subject] + 1
        return round(base * self.dice(f"{verb} takes", subject, count).uniform(1 - jitter, 1 + jitter))

    def hit(self, what: str, subject: str, share: float) -> bool:
        """Whether something that happens to a `share` of subjects happens to this one, this time."""
        if not share:
            return False
        self._counts[what, subject] += 1
        return self.dice(what, subject, self._counts[what, subject]).random() < share

    def dice(self, verb: str, subject: str, count: int) -> Random:
        """The dice for one throw. Text seeds are hashed by SHA-512: no PYTHONHASHSEED in it."""
        return Random(f"{self._prefix}{verb}/{subject}/{count}")  # noqa: S311  # meant to be repeatable

    def force(self, verb: str, kind: Mishap, times: int) -> None:
        """Let the next `times` calls of a verb go wrong in this way.

        Raises:
            ValueError: this cannot happen to that verb.
        """
        if kind not in _FATES or (kind in _ONLY_CREATE and verb != "create"):
            msg = f"{kind} cannot happen to {verb}"
            raise ValueError(msg)
        self._forced[verb].extend([kind] * times)
