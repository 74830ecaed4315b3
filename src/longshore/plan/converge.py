"""Converge: work off everything that was touched, until nothing is left to decide this turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from longshore.plan.agenda import Subject
from longshore.plan.asking import priority_of
from longshore.plan.change import converge_change
from longshore.plan.cloud import converge_cloud
from longshore.plan.host import converge_host
from longshore.plan.mesh import converge_mesh
from longshore.plan.placing import place_wanted
from longshore.plan.pool import converge_pool
from longshore.plan.service import converge_service
from longshore.plan.stack import converge_stack
from longshore.plan.turn import Turn

_CONVERGE: dict[Subject, Callable[[Turn, Any], None]] = {
    Subject.CLOUD: converge_cloud,
    Subject.MESH: converge_mesh,
    Subject.STACK: converge_stack,
    Subject.SERVICE: converge_service,
    Subject.HOST: converge_host,
    Subject.POOL: converge_pool,
    Subject.CHANGE: converge_change,
}

TOO_MANY = 10_000
"""Looks at one subject in one turn: beyond any honest number, so two rules must be at odds."""


def converge(turn: Turn, *, at_once: int = 0) -> None:
    """Take what is due and what was touched, and let each subject decide its next moves.

    `at_once` bounds what one turn decides: after so many new steps and tasks, the rest stays on the
    agenda for the next turn, so that a flood is committed and started piece by piece (0: no bound).
    """
    agenda = turn.estate.agenda
    agenda.take_due(turn.now)
    if turn.estate.marks.ranked:
        agenda.rank(Subject.SERVICE, lambda key: -priority_of(turn.estate, key))
    looks: dict[tuple[Subject, str], int] = {}
    while True:
        full = at_once > 0 and turn.size + turn.pending > at_once
        # Who wants places is put in order among all who do, and only then placed.
        subject = agenda.next_subject
        if turn.wanted and (full or subject is None or subject > Subject.SERVICE):
            place_wanted(turn)
            continue
        touched = None if full else agenda.pop()
        if touched is None:
            return
        looks[touched] = looks.get(touched, 0) + 1
        if looks[touched] > TOO_MANY:
            msg = f"{touched[0].name.lower()} {touched[1]} does not come to rest"
            raise AssertionError(msg)
        _CONVERGE[touched[0]](turn, touched[1])
