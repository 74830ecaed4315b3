"""Answers: plans, what-ifs and explanations, made on a fork of the estate beside the loop."""

from __future__ import annotations

import logging

import msgspec

from longshore.engine.perform import Blocking
from longshore.model.ask import Answer, Apply, Ask, AskExplain, AskWhatIf, MakePlan
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.errors import Failed, Invalid, LongshoreError, NotFound, Refused
from longshore.model.ids import ChangeId, IdSource, StackId
from longshore.model.lifecycle import ChangeState
from longshore.model.plan import Explanation, Plan, WhatIf
from longshore.model.report import Intended
from longshore.plan.estate import Estate
from longshore.plan.explain import explain
from longshore.plan.propose import moved_since, propose
from longshore.plan.whatif import what_if
from longshore.plan.wish import error_answer
from longshore.store.store import Store

log = logging.getLogger(__name__)


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to commit, with the plan it is, if it is one."""

    answer: Answer
    plan: Plan | None = None


async def answer(
    ask: Ask, fork: Estate, store: Store, now: Micros, ids: IdSource, blocking: Blocking, *, still: bool
) -> Finished | Intended:
    """Answer an ask on a fork; an Apply that still holds becomes the change to open.

    `still`: no noun was written since the plan to apply was made on this very estate.
    """
    try:
        match ask.body:
            case MakePlan():
                plan = await blocking(propose, fork, ask.body, ask.actor, now)
                return _finish(ask, now, plan, plan)
            case AskWhatIf():
                return _finish(ask, now, await blocking(what_if, fork, ask.body, now))
            case AskExplain(subject=subject):
                return _finish(ask, now, await blocking(explain, fork, subject, "default", now))
            case Apply(plan=digest):
                return await _apply(ask, digest, None if still else fork, store, now, ids, blocking)
            case _:
                error = Invalid(f"{type(ask.body).__name__} is not answered here", code="bad-ask")
                return Finished(answer=error_answer(ask.id, now, error))
    except LongshoreError as error:
        return Finished(answer=error_answer(ask.id, now, error))
    except Exception as error:
        log.exception("answering %s", ask.id)
        words = f"the planner failed on this ({type(error).__name__})"
        failed = Failed(words, code="internal", remedy="this is a bug; the server's log has the details")
        return Finished(answer=error_answer(ask.id, now, failed))


def _finish(ask: Ask, now: Micros, result: Plan | WhatIf | Explanation, plan: Plan | None = None) -> Finished:
    body = msgspec.Raw(msgspec.json.encode(result))
    return Finished(answer=Answer(ask=ask.id, at=now, status=0, result=body), plan=plan)


async def _apply(
    ask: Ask, digest: str, fork: Estate | None, store: Store, now: Micros, ids: IdSource, blocking: Blocking
) -> Intended:
    """Rehearse a plan again: with the same binding it goes on, else it is refused with what moved.

    Raises:
        NotFound: there is no such plan.
        Refused: the world moved (`plan-moved`), or the plan has refusals in it (`plan-refused`).
    """
    plans = await blocking(store.plan, digest)
    if len(plans) != 1:
        raise NotFound(f"there is no plan {digest}", code="no-such-plan", remedy="longshore plan FILE")
    plan = plans[0]
    moved: dict[str, object] = {}
    if fork is not None:
        body = MakePlan(project=plan.project, stack=plan.stack, intent=plan.intent)
        again = await blocking(propose, fork, body, ask.actor, now)
        moved = moved_since(plan, again)
    if moved:
        raise Refused(
            f"the world has moved since plan {plan.hash[:12]} was made: {', '.join(moved)}",
            code="plan-moved",
            remedy="plan again, and look at what is different",
            facts={"moved": moved, "plan": plan.hash},
        )
    if plan.refusals:
        raise Refused(
            f"plan {plan.hash[:12]} cannot be kept: {plan.refusals[0].subject}: {plan.refusals[0].words}",
            code="plan-refused",
            remedy="; or ".join(plan.refusals[0].remedies) or "see the plan's refusals",
        )
    return Intended(
        change=Change(
            id=ChangeId(ids.new("change")),
            stack=StackId(""),
            stack_name=plan.stack,
            intent=plan.intent,
            state=ChangeState.APPLYING,
            plan=plan.hash,
            actor=ask.actor,
            base=plan.base,
            generation=plan.generation,
            ceiling=plan.ceiling,
            purchases=plan.purchases,
            without=plan.without,
        ),
        project=plan.project,
        ask=ask.id,
    )
