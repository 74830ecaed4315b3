"""A turn in the making: the estate it writes, and what comes out of it besides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from longshore.model.ask import Answer
from longshore.model.batch import Batch, Kind, Noun
from longshore.model.clock import Micros
from longshore.model.decision import Decision
from longshore.model.ids import ChangeId, DecisionId, IdSource, ServiceKey, StackId, StepId
from longshore.model.journal import Entry
from longshore.model.step import Action, Step
from longshore.plan.agenda import Subject
from longshore.plan.estate import Estate


class Wanted(NamedTuple):
    """Slots of a service that want a place: those with nothing, and those whose old task still runs."""

    empty: tuple[int, ...]
    moving: tuple[int, ...]


NOTHING = Wanted((), ())


class Turn:
    """What one turn decides: it writes its estate, and gathers steps, decisions and entries.

    `cell` marks what is ours. `steps` are the new ones, to be started once the batch is durable.
    `wanted`: services that want places, which are given when all have said so; `pending`: how many.
    """

    __slots__ = (
        *("answers", "cell", "decisions", "entries", "estate"),
        *("ids", "now", "pending", "steps", "wanted"),
    )

    def __init__(self, estate: Estate, now: Micros, ids: IdSource, cell: str = "") -> None:
        self.estate = estate
        self.now = now
        self.ids = ids
        self.cell = cell
        self.steps: list[Step] = []
        self.decisions: list[Decision] = []
        self.entries: list[Entry] = []
        self.answers: list[Answer] = []
        self.wanted: dict[ServiceKey, Wanted] = {}
        self.pending = 0

    def step(
        self,
        action: Action,
        subject: str,
        reason: str,
        *,
        change: ChangeId | None = None,
        decision: DecisionId | None = None,
    ) -> None:
        """Write down an intent."""
        step = Step(
            id=StepId(self.ids.new("step")),
            action=action,
            subject=subject,
            reason=reason,
            at=self.now,
            change=change,
            decision=decision,
        )
        self.estate.put(step)
        self.steps.append(step)

    def retry(self, step: Step) -> None:
        """Have a step that was settled as not done be performed again."""
        self.estate.put(step)
        self.steps.append(step)

    def decide(self, decision: Decision) -> DecisionId:
        """Keep a decision."""
        self.decisions.append(decision)
        return decision.id

    def decision_id(self) -> DecisionId:
        """An id for a decision in the making."""
        return DecisionId(self.ids.new("decision"))

    def note(
        self,
        kind: str,
        subject: str,
        words: str,
        *,
        actor: str = "longshore",
        stack: StackId | None = None,
        change: ChangeId | None = None,
        decision: DecisionId | None = None,
        **facts: object,
    ) -> None:
        """Have the journal record what happened."""
        name = ""
        if stack is not None:
            found = self.estate.stacks.get(stack)
            name = found.name if found is not None else ""
            change = change or (found.change if found is not None else None)
        self.entries.append(
            Entry(
                at=self.now,
                kind=kind,
                subject=subject,
                words=words,
                actor=actor,
                stack=name,
                change=change,
                decision=decision,
                facts=facts,
            )
        )

    def touch(self, subject: Subject, key: str) -> None:
        """Have the planner look at this subject in this turn."""
        self.estate.agenda.touch(subject, key)

    def look_again(self, at: int, subject: Subject, key: str) -> None:
        """Have the planner look at this subject at a time; now, if that is past."""
        if at <= self.now:
            self.touch(subject, key)
        else:
            self.estate.agenda.look_again(at, subject, key)

    def want(self, key: ServiceKey, empty: Iterable[int], moving: Iterable[int]) -> None:
        """Have places found for these slots of a service, besides those it wants already."""
        old = self.unwant(key)
        new = Wanted((*old.empty, *empty), (*old.moving, *moving))
        self.wanted[key] = new
        self.pending += len(new.empty) + len(new.moving)

    def unwant(self, key: ServiceKey) -> Wanted:
        """What a service wanted, which it wants no longer."""
        old = self.wanted.pop(key, NOTHING)
        self.pending -= len(old.empty) + len(old.moving)
        return old

    @property
    def size(self) -> int:
        """How many rows this turn has decided so far, roughly: new steps, and tasks written."""
        return len(self.steps) + len(self.estate.written.get(Kind.TASK, ()))

    def batch(self) -> Batch:
        """All that this turn wrote, to be committed."""
        puts: dict[Kind, dict[str, Noun]] = {}
        drops: dict[Kind, tuple[str, ...]] = {}
        for kind, nouns in self.estate.written.items():
            kept = {key: noun for key, noun in nouns.items() if noun is not None}
            if kept:
                puts[kind] = kept
            if len(kept) < len(nouns):
                drops[kind] = tuple(key for key, noun in nouns.items() if noun is None)
        return Batch(
            puts=puts,
            drops=drops,
            decisions=tuple(self.decisions),
            entries=tuple(self.entries),
            answers=tuple(self.answers),
        )
