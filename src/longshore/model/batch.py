"""A batch: what one turn of the engine commits, all or nothing; and what is loaded at the start."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from operator import attrgetter
from typing import Any

import msgspec

from longshore.model.ask import Answer
from longshore.model.change import Change
from longshore.model.cloud import Cloud, Pool
from longshore.model.decision import Decision
from longshore.model.holding import Holding
from longshore.model.host import Host
from longshore.model.journal import Entry
from longshore.model.plan import Plan
from longshore.model.stack import Service, Stack
from longshore.model.step import Step
from longshore.model.task import Task


class Kind(StrEnum):
    """The kinds of noun an estate is made of; each is a table."""

    CLOUD = "cloud"
    POOL = "pool"
    HOST = "host"
    STACK = "stack"
    SERVICE = "service"
    TASK = "task"
    HOLDING = "holding"
    CHANGE = "change"
    STEP = "step"


Noun = Cloud | Pool | Host | Stack | Service | Task | Holding | Change | Step

NOUNS: dict[Kind, type[Noun]] = {
    Kind.CLOUD: Cloud,
    Kind.POOL: Pool,
    Kind.HOST: Host,
    Kind.STACK: Stack,
    Kind.SERVICE: Service,
    Kind.TASK: Task,
    Kind.HOLDING: Holding,
    Kind.CHANGE: Change,
    Kind.STEP: Step,
}


_KEY: dict[type, Callable[[Any], str]] = {
    Cloud: attrgetter("name"),
    Pool: attrgetter("name"),
    Host: attrgetter("id"),
    Stack: attrgetter("id"),
    Service: attrgetter("key"),
    Task: attrgetter("id"),
    Holding: attrgetter("key"),
    Change: attrgetter("id"),
    Step: attrgetter("id"),
}


def key_of(noun: Noun) -> str:
    """The key of a noun within its kind: its id, its key, or its name."""
    return _KEY[type(noun)](noun)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One turn's writes.

    `puts` and `drops` are per kind, by key; a put replaces. `asks_until`: asks up to this seq have
    been taken in and need not be given again. Entries get their `seq` from the store, in order.
    """

    puts: dict[Kind, dict[str, Noun]] = {}
    drops: dict[Kind, tuple[str, ...]] = {}
    decisions: tuple[Decision, ...] = ()
    entries: tuple[Entry, ...] = ()
    answers: tuple[Answer, ...] = ()
    plans: tuple[Plan, ...] = ()
    asks_until: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not (
            self.puts
            or self.drops
            or self.decisions
            or self.entries
            or self.answers
            or self.plans
            or self.asks_until
        )
