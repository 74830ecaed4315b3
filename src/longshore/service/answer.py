"""Asks and their answers: an ask is written down, and the engine's answer waited for.

The ask is durable before the wait begins. When the wait runs out the ask still stands, and the
message says so: a change may yet come of it.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

import msgspec

from longshore.model.ask import Answer, Ask, Body
from longshore.model.errors import (
    Denied,
    Failed,
    Invalid,
    LongshoreError,
    NotFound,
    Refused,
    Unreachable,
    Unsure,
)
from longshore.model.fault import Fault
from longshore.model.ids import AskId
from longshore.service.desk import Desk

T = TypeVar("T")

LOOK_AGAIN = 0.5
"""Seconds after which an answer is looked for unasked: the bell of another process does not ring here."""

_BY_NAME: dict[str, type[LongshoreError]] = {
    kind.__name__: kind for kind in (Denied, Failed, Invalid, NotFound, Refused, Unreachable, Unsure)
}
_BY_EXIT: dict[int, type[LongshoreError]] = {1: Failed, 2: Invalid, 3: Refused, 4: Unreachable}


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """An error as it travels: the fields of a `LongshoreError`."""

    code: str
    message: str
    remedy: str = ""
    facts: dict[str, object] = {}
    faults: tuple[Fault, ...] = ()


class _Typed(msgspec.Struct, frozen=True, kw_only=True):
    """The class of an error in an answer."""

    type: str = ""


def trouble_of(error: LongshoreError) -> Trouble:
    """An error's fields, to be sent."""
    return Trouble(
        code=error.code,
        message=error.message,
        remedy=error.remedy,
        facts=error.facts,
        faults=error.faults,
    )


async def ask(desk: Desk, body: Body, result: type[T]) -> T:
    """Write an ask down, wait for the engine's answer and decode it as `result`.

    Raises:
        LongshoreError: what the engine answered.
        Unreachable: `engine-silent`, no answer within the desk's patience.
    """
    written = Ask(id=AskId(desk.ids.new("ask")), at=desk.clock.now(), actor=desk.owner, body=body)
    await desk.wait(desk.store.append_ask, written)
    answer = await _await(desk, written.id)
    if answer.status:
        raise _error(answer)
    return msgspec.json.decode(answer.result, type=result)


async def _await(desk: Desk, ask_id: AskId) -> Answer:
    try:
        async with asyncio.timeout(desk.patience):
            heard = desk.store.bell.rings
            answer = await desk.wait(desk.store.answer, ask_id)
            while answer is None:
                heard = await desk.store.bell.wait(LOOK_AGAIN, heard)
                answer = await desk.wait(desk.store.answer, ask_id)
            return answer
    except TimeoutError:
        raise Unreachable(
            f"the engine gave no answer within {desk.patience:g} s; the request is written down and stands",
            code="engine-silent",
            remedy="longshore status, and longshore events to see what came of it",
            facts={"ask": ask_id},
        ) from None


def _error(answer: Answer) -> LongshoreError:
    """The error an answer holds, of the class it names, else of one with its exit code."""
    trouble = msgspec.json.decode(answer.result, type=Trouble)
    name = msgspec.json.decode(answer.result, type=_Typed).type
    kind = _BY_NAME.get(name) or _BY_EXIT.get(answer.status, Failed)
    return kind(
        trouble.message,
        code=trouble.code,
        remedy=trouble.remedy,
        facts=trouble.facts,
        faults=trouble.faults,
    )
