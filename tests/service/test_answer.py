"""Asks: written down, waited for, and answered as what they are."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from longshore.model.ask import Answer, AskExplain
from longshore.model.batch import Batch
from longshore.model.clock import Micros
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
from longshore.model.plan import Explanation
from longshore.service.answer import ask, trouble_of
from longshore.service.desk import Desk

pytestmark = pytest.mark.anyio

BODY = AskExplain(subject="shop/web")


async def answer_with(desk: Desk, status: int, result: dict[str, object]) -> None:
    """Play the engine for one ask."""
    heard = 0
    while not (asks := desk.store.asks_after(0)):
        heard = await desk.store.bell.wait(1.0, heard)
    raw = msgspec.Raw(msgspec.json.encode(result))
    answer = Answer(ask=asks[0].id, at=Micros(0), status=status, result=raw)
    desk.store.commit(Batch(answers=(answer,), asks_until=asks[0].seq))


async def test_an_answer_is_what_was_asked_for(desk: Desk) -> None:
    result: dict[str, object] = {"subject": "shop/web", "kind": "service", "words": ["it is so"]}
    told, _ = await asyncio.gather(ask(desk, BODY, Explanation), answer_with(desk, 0, result))
    assert told == Explanation(subject="shop/web", kind="service", words=("it is so",))
    (written,) = desk.store.asks_after(0)
    assert (written.actor, written.body, written.at) == ("user", BODY, desk.clock.now())


@pytest.mark.parametrize(
    ("status", "name", "kind"),
    [
        *((2, k.__name__, k) for k in (Denied, Failed, Invalid, NotFound, Refused, Unreachable, Unsure)),
        (1, "", Failed),
        (2, "", Invalid),
        (3, "", Refused),
        (4, "", Unreachable),
        (9, "Unheard", Failed),
    ],
)
async def test_an_error_is_raised_as_it_was(
    desk: Desk, status: int, name: str, kind: type[LongshoreError]
) -> None:
    told: dict[str, object] = {"code": "c", "message": "m", "remedy": "r", "facts": {"a": 1}}
    with pytest.raises(LongshoreError) as caught:
        await asyncio.gather(
            ask(desk, BODY, Explanation), answer_with(desk, status, {"type": name, **told} if name else told)
        )
    assert type(caught.value) is kind
    assert msgspec.structs.asdict(trouble_of(caught.value)) == {**told, "faults": ()}


async def test_a_silent_engine_is_said_to_be_silent(desk: Desk) -> None:
    with pytest.raises(Unreachable) as caught:
        await ask(desk, BODY, Explanation)
    assert caught.value.code == "engine-silent"
    assert caught.value.facts["ask"] == desk.store.asks_after(0)[0].id
