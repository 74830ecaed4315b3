"""A change: a plan on its way."""

from __future__ import annotations

import msgspec

from longshore.model.ask import Intent
from longshore.model.clock import Micros
from longshore.model.ids import ChangeId, StackId
from longshore.model.lifecycle import ChangeState
from longshore.model.money import Total


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is being applied, within which bounds.

    `ceiling` is what all lent hosts together may cost per hour while it is applied, `purchases` how
    many hosts of each `CLOUD/FLAVOR` it may buy, `bought` how many it has: from the plan. No ceiling:
    a rehearsal, which is bounded by the standing limits only. `base` is the generation it
    started from, `generation` the one it leads to. `without`: services that fitted nowhere before and
    that it does not touch; it is done without them.
    """

    id: ChangeId
    stack: StackId
    stack_name: str
    intent: Intent
    state: ChangeState
    plan: str
    actor: str
    base: int
    generation: int
    ceiling: Total | None = None
    purchases: dict[str, int] = {}
    bought: dict[str, int] = {}
    without: tuple[str, ...] = ()
    at: Micros = Micros(0)
    ended_at: Micros = Micros(0)
    reason: str = ""
    remedy: str = ""
