"""What an engine makes of what it finds when it starts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.scenario.platform import Platform, play

from longshore.model.ask import Ask, AskExplain, Body, DrainHost
from longshore.model.cloud import Cloud
from longshore.model.ids import AskId
from longshore.model.money import Money

HOME = Cloud(name="home", driver="sim", own=True, price=Money(20_000_000), settings={"hosts": "1"})


def left_behind(folder: Path, body: Body) -> str:
    """The code that answers an ask which the engine before this one left unanswered."""
    codes = []

    async def scene(p: Platform) -> None:
        ask = Ask(id=AskId(p.ids.new("ask")), at=p.clock.now(), actor="ann", body=body)
        p.asked = p.store.append_ask(ask)
        await p.kill()
        await p.sleep(1)
        await p.start()
        await p.until(lambda: p.store.answer(ask.id) is not None)
        answer = p.store.answer(ask.id)
        assert answer is not None
        codes.append(msgspec.json.decode(answer.result)["code"])

    play(folder, scene)
    return str(codes[0])


def test_a_question_that_was_left_is_not_worked_on_again(tmp_path: Path) -> None:
    """It may be what ended the engine before, and would end this one too."""
    assert left_behind(tmp_path, AskExplain(subject="shop")) == "server-gone"


def test_what_was_to_be_done_is_still_done(tmp_path: Path) -> None:
    assert left_behind(tmp_path, DrainHost(host="h1")) == "no-such-host"


@pytest.mark.parametrize("price", [Money(30_000_000), None])
def test_a_price_that_the_settings_name_holds_from_each_start_on(tmp_path: Path, price: Money | None) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", {"hosts": "1"}, own=True)
        p.first = (msgspec.structs.replace(HOME, price=price),)
        await p.restart()
        (host,) = p.estate.hosts.values()
        assert host.price == price
        assert ("cloud.changed" in p.kinds()) is (price is not None)

    play(tmp_path, scene)
