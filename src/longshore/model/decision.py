"""A decision: the stored reason of a placement, refusal, purchase or repair. Compact."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from longshore.model.clock import Micros
from longshore.model.host import Quote
from longshore.model.ids import ChangeId, DecisionId


class DecisionKind(StrEnum):
    """What was decided."""

    PLACE = "place"
    REFUSE = "refuse"
    BUY = "buy"
    RELEASE = "release"
    HOME = "home"
    REPAIR = "repair"
    PREEMPT = "preempt"
    ROLLBACK = "rollback"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A host (or several alike, `alike` more) that was chosen or came next, with its score's terms."""

    host: str
    name: str
    count: int = 0
    alike: int = 0
    terms: dict[str, float] = {}


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """A host that did not pass: every rule it broke, in words with numbers."""

    host: str
    name: str
    rules: tuple[str, ...]
    words: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One record per service and turn.

    `excluded`: hosts per rule (a host that breaks several counts in each); `considered`: all hosts
    looked at; `fit`: those that passed. `words`: the whole in one sentence.
    """

    id: DecisionId
    at: Micros
    kind: DecisionKind
    subject: str
    words: str
    strategy: str = ""
    count: int = 0
    considered: int = 0
    fit: int = 0
    excluded: dict[str, int] = {}
    chosen: tuple[Candidate, ...] = ()
    next_best: Candidate | None = None
    misses: tuple[Miss, ...] = ()
    quote: Quote | None = None
    change: ChangeId | None = None
