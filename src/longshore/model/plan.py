"""A plan: what a change will do, with reasons, price and hash. The contract that is applied."""

from __future__ import annotations

import msgspec

from longshore.model.ask import Intent
from longshore.model.clock import Micros
from longshore.model.decision import Decision
from longshore.model.money import Total


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a plan: `verb` a `subject` at a `place`, because. Places are indicative."""

    verb: str
    subject: str
    place: str
    reason: str
    at: int = 0


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """What cannot be had: so many replicas of a service, why, and the smallest changes that help."""

    subject: str
    count: int
    words: str
    remedies: tuple[str, ...] = ()


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal changes: the end with the change against the end without it."""

    hosts_bought: dict[str, int] = {}
    hosts_released: dict[str, int] = {}
    tasks_started: int = 0
    tasks_stopped: int = 0
    tasks_moved: tuple[str, ...] = ()
    tasks_down: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a plan ask.

    `hash` is the sha256 of `binding`: what apply holds the world to. `price` is the hourly bill of
    all lent and own hosts after the change, `difference` that less the bill without it; `share` is
    what the stack's tasks take of it, `ceiling` what all lent hosts together may cost while it is
    applied. `without`: services that fit nowhere as it is, and that are not touched. `quiet`: the
    rehearsal came to rest; else it stopped at `horizon` (microseconds).
    """

    hash: str
    stack: str
    intent: Intent
    generation: int
    base: int
    at: Micros
    project: str = "default"
    ceiling: Total = Total()
    steps: tuple[PlanStep, ...] = ()
    decisions: tuple[Decision, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    without: tuple[str, ...] = ()
    known_after: tuple[str, ...] = ()
    price: Total = Total()
    difference: Total = Total()
    share: Total = Total()
    effect: Difference = Difference()
    purchases: dict[str, int] = {}
    binding: dict[str, object] = {}
    warnings: tuple[str, ...] = ()
    quiet: bool = True
    horizon: int = 0
    duration: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.steps and not self.refusals


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What the loss of one host would come to: of its tasks, those that stay down; hosts bought for the rest.

    `rehearsed`: where tasks stay down, whether that was rehearsed whole, with what may be bought.
    """

    host: str
    tasks: int = 0
    down: tuple[str, ...] = ()
    bought: dict[str, int] = {}
    rehearsed: bool = True


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a what-if ask."""

    question: str
    steps: tuple[PlanStep, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    price: Total = Total()
    difference: Total = Total()
    effect: Difference = Difference()
    losses: tuple[Loss, ...] = ()
    words: str = ""
    quiet: bool = True
    duration: int = 0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One host in the full table of an explanation, with its terms, or the rules it breaks."""

    host: str
    cloud: str
    fits: bool
    words: str
    terms: dict[str, float] = {}
    price: str = ""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an explain ask: sentences, the stored decisions, the table as it is now."""

    subject: str
    kind: str
    words: tuple[str, ...]
    decisions: tuple[Decision, ...] = ()
    table: tuple[Row, ...] = ()
    remedies: tuple[str, ...] = ()
    facts: dict[str, object] = {}
