"""The journal: the append-only record of what happened, who asked, and by which decision."""

from __future__ import annotations

import msgspec

from longshore.model.clock import Micros
from longshore.model.ids import ChangeId, DecisionId


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `seq` is commit order, given by the store (0 before that).

    `kind` is dotted: `task.running`, `host.lost`, `change.done`; all are listed in docs/journal.md.
    """

    at: Micros
    kind: str
    subject: str
    words: str
    actor: str = "longshore"
    stack: str = ""
    change: ChangeId | None = None
    decision: DecisionId | None = None
    facts: dict[str, object] = {}
    seq: int = 0
