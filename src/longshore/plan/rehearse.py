"""Rehearse: plan on a fork, assume each step's outcome, and go round until nothing is left to do."""

from __future__ import annotations

import heapq

import msgspec

from longshore.model.clock import HOUR, Micros
from longshore.model.decision import Decision
from longshore.model.ids import Ids
from longshore.model.report import Input
from longshore.model.step import Step
from longshore.plan.assume import assume, under_way
from longshore.plan.converge import converge
from longshore.plan.estate import Estate
from longshore.plan.intake import take_in
from longshore.plan.turn import Turn

HORIZON = 6 * HOUR
"""A rehearsal that is not quiet by then says so and stops."""


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended: the estate then, the steps taken in order, with the rehearsed time of each.

    `quiet`: nothing was left to do; else it stopped at the horizon. `length` in microseconds, to the
    last step.
    """

    end: Estate
    steps: tuple[tuple[Micros, Step], ...]
    decisions: tuple[Decision, ...]
    quiet: bool
    length: int
    errors: tuple[str, ...] = ()


def rehearse(
    estate: Estate, now: Micros, *, inputs: tuple[Input, ...] = (), seed: int = 1, horizon: int = HORIZON
) -> Rehearsal:
    """Let a fork of the estate take `inputs` in and come to rest, by assuming every step."""
    draft = estate.fork()
    ids = Ids(seed << 96)
    clock = now
    coming: list[tuple[int, int, Input]] = []
    count = 0
    steps: list[tuple[Micros, Step]] = []
    decisions: list[Decision] = []
    waiting: list[Input] = list(inputs)
    # What is under way already will come out as well as what is decided here.
    for step in list(draft.steps.values()):
        for at, seen in assume(draft, step, clock):
            count += 1
            heapq.heappush(coming, (at, count, seen))
    for at, seen in under_way(draft, clock):
        count += 1
        heapq.heappush(coming, (at, count, seen))
    while True:
        turn = Turn(draft, clock, ids)
        for seen in waiting:
            take_in(turn, seen)
        converge(turn)
        decisions.extend(turn.decisions)
        for step in turn.steps:
            steps.append((clock, step))
            for at, seen in assume(draft, step, clock):
                count += 1
                heapq.heappush(coming, (at, count, seen))
        due = draft.agenda.next_due()
        times = [t for t in (coming[0][0] if coming else None, due) if t is not None]
        if not times or min(times) > now + horizon:
            break
        clock = Micros(max(clock, min(times)))
        waiting = []
        while coming and coming[0][0] <= clock:
            waiting.append(heapq.heappop(coming)[2])
    return Rehearsal(
        end=draft,
        steps=tuple(steps),
        decisions=tuple(decisions),
        quiet=not coming and draft.agenda.next_due() is None,
        length=steps[-1][0] - now if steps else 0,
    )
