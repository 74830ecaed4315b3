"""Explanations: why something is as it is.

The engine explains what is in its estate, by the rules as they stand. The decisions that were stored
when it came about, and plans, which are no nouns, are in the store, and are brought in here.
"""

from __future__ import annotations

import re

import msgspec

from longshore.model.ask import AskExplain
from longshore.model.change import Change
from longshore.model.errors import NotFound
from longshore.model.host import Host
from longshore.model.money import format_total
from longshore.model.plan import Explanation, Plan
from longshore.model.stack import Stack
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.name import PROJECT, check_service, find_stack, parse_name, unknown
from longshore.service.plan import plan

STEPS_TOLD = 20
"""Steps of a plan told in words; the plan itself has them all."""

_HASH = re.compile(r"[0-9a-f]{4,64}")


async def explain(desk: Desk, subject: str, *, project: str = PROJECT) -> Explanation:
    """Why a task, service, stack, host, plan or change is as it is, and the smallest change that helps.

    Raises:
        NotFound: nothing of that name is there; the message has the nearest that is.
        Invalid: `name-malformed`, `plan-ambiguous`.
    """
    name = parse_name(subject)
    if name.service:
        stack = await find_stack(desk, name.stack, project=project)
        check_service(stack.graph, stack.name, name.service)
        return await _by_engine(desk, subject)
    known = [stack.name for stack in await desk.nouns(Stack, project=project)]
    known += [word for host in await desk.nouns(Host) for word in (host.name, host.id)]
    if subject in known or await desk.noun(Change, subject) is not None:
        return await _by_engine(desk, subject)
    if _HASH.fullmatch(subject):
        try:
            found = await plan(desk, subject)
        except NotFound:
            raise unknown("subject", subject, known) from None
        return _of_plan(found, await desk.nouns(Change, plan=found.hash))
    raise unknown("subject", subject, known)


async def _by_engine(desk: Desk, subject: str) -> Explanation:
    """The engine's explanation, with the stored decisions that it names."""
    told = await ask(desk, AskExplain(subject=subject), Explanation)
    named = told.facts.get("decisions")
    if told.decisions or not isinstance(named, list) or not named:
        return told
    ids = list(dict.fromkeys(str(decision) for decision in named))
    decisions = await desk.wait(desk.store.decisions, ids)
    return msgspec.structs.replace(told, decisions=tuple(decisions))


def _of_plan(found: Plan, changes: list[Change]) -> Explanation:
    """A plan in words: what it does, what it costs, what it refuses, and what came of it."""
    applied = [f"applied by {change.actor}: {change.state}" for change in changes]
    words = [
        f"plan {found.hash[:16]} takes {found.stack} from generation {found.base} to {found.generation}",
        f"afterwards everything costs {format_total(found.price)} per hour, "
        f"a difference of {format_total(found.difference)}",
        *(applied or ["it has not been applied"]),
        *(
            f"{step.verb} {step.subject}" + (f" at {step.place}" if step.place else "") + f": {step.reason}"
            for step in found.steps[:STEPS_TOLD]
        ),
    ]
    if len(found.steps) > STEPS_TOLD:
        words.append(f"and {len(found.steps) - STEPS_TOLD} steps more")
    words += [f"refused: {refusal.count} of {refusal.subject}: {refusal.words}" for refusal in found.refusals]
    return Explanation(
        subject=found.hash,
        kind="plan",
        words=tuple(words),
        decisions=found.decisions,
        remedies=tuple(dict.fromkeys(r for refusal in found.refusals for r in refusal.remedies)),
        facts={"stack": found.stack, "changes": [change.id for change in changes]},
    )
