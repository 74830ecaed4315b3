"""Explanations: why something is as it is.

The engine explains what is in its estate, by the rules as they stand. The decisions that were stored
when it came about, and plans, which are no nouns, are in the store, and are brought in here.
"""

from __future__ import annotations

import re

import msgspec

from longshore.model.ask import AskExplain
from longshore.model.change import Change
from longshore.model.errors import Invalid, NotFound
from longshore.model.host import Host
from longshore.model.money import Total, format_total
from longshore.model.plan import Explanation, Plan
from longshore.model.stack import Stack
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.name import PROJECT, check_service, find_stack, parse_name, unknown
from longshore.service.plan import plan

STEPS_TOLD = 20
"""Steps of a plan told in words; the plan itself has them all."""

_HASH = re.compile(r"[0-9a-f]{4,64}")
_CHANGE = re.compile(r"change-[0-9a-f]{1,32}")


async def explain(desk: Desk, subject: str, *, project: str = PROJECT) -> Explanation:
    """Why a task, service, stack, host, plan or change is as it is, and the smallest change that helps.

    Raises:
        NotFound: nothing of that name is there; the message has the nearest that is.
        Invalid: `name-malformed`, `plan-ambiguous`, `change-ambiguous`.
    """
    name = parse_name(subject)
    if name.service:
        stack = await find_stack(desk, name.stack, project=project)
        check_service(stack.graph, stack.name, name.service)
        return await _by_engine(desk, subject)
    known = [stack.name for stack in await desk.nouns(Stack, project=project)]
    known += [word for host in await desk.nouns(Host) for word in (host.name, host.id)]
    if subject in known:
        return await _by_engine(desk, subject)
    if _CHANGE.fullmatch(subject):
        return await _by_engine(desk, await _change(desk, subject))
    if _HASH.fullmatch(subject):
        try:
            found = await plan(desk, subject)
        except NotFound:
            raise unknown("subject", subject, known) from None
        return _of_plan(found, await desk.nouns(Change, plan=found.hash))
    raise unknown("subject", subject, known)


async def _change(desk: Desk, prefix: str) -> str:
    """The id of the one change that begins so."""
    found = sorted(change.id for change in await desk.nouns(Change) if change.id.startswith(prefix))
    if not found:
        raise unknown("change", prefix, ())
    if len(found) > 1 and prefix not in found:
        raise Invalid(
            f"{len(found)} changes begin with {prefix}",
            code="change-ambiguous",
            remedy="write more of the id",
            facts={"changes": found},
        )
    return prefix if prefix in found else found[0]


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
    moves = found.difference != Total()
    price = f"{format_total(found.price)} per hour" if found.price.amounts else format_total(found.price)
    words = [
        f"plan {found.hash[:12]} takes {found.stack} from generation {found.base} to {found.generation}",
        f"afterwards the bill is {price}, "
        + (f"a difference of {format_total(found.difference)}" if moves else "as before"),
        *(applied or ["it has not been applied"]),
        *(
            f"{step.verb} {step.subject}" + (f" at {step.place}" if step.place else "") + f": {step.reason}"
            for step in found.steps[:STEPS_TOLD]
        ),
    ]
    if len(found.steps) > STEPS_TOLD:
        words.append(f"and {len(found.steps) - STEPS_TOLD} more steps")
    words += [f"refused: {refusal.count} of {refusal.subject}: {refusal.words}" for refusal in found.refusals]
    return Explanation(
        subject=found.hash,
        kind="plan",
        words=tuple(words),
        decisions=found.decisions,
        remedies=tuple(dict.fromkeys(r for refusal in found.refusals for r in refusal.remedies)),
        facts={"stack": found.stack, "changes": [change.id for change in changes]},
    )
