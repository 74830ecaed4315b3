"""Clouds that are added again: other prices and bounds for the same, refused for another."""

from __future__ import annotations

import msgspec
import pytest
from tests.plan.living import Life, cloud, estate_of, own_host
from tests.scenario.graphs import graph, service

from longshore.model.ask import AddCloud, Ask
from longshore.model.cloud import Cloud
from longshore.model.ids import AskId, Ids
from longshore.model.money import Money
from longshore.plan.asks import take_ask
from longshore.plan.estate import Estate
from longshore.plan.remedies import remedies
from longshore.plan.turn import Turn

HOME = Cloud(name="home", driver="sim", own=True)


def add(estate: Estate, wanted: Cloud) -> Turn:
    turn = Turn(estate, Life(estate).now, Ids(1 << 90), "cell-1")
    take_ask(turn, Ask(id=AskId("ask-1"), at=turn.now, actor="ann", body=AddCloud(cloud=wanted)))
    return turn


def test_own_hosts_cost_what_their_cloud_says_now() -> None:
    estate = estate_of([own_host(1), own_host(2)], [cloud("east")])
    turn = add(estate, msgspec.structs.replace(HOME, price=Money(30_000_000, "USD"), order=3))
    assert turn.answers[0].status == 0
    assert {host.price for host in estate.hosts.values()} == {Money(30_000_000, "USD")}
    entry = turn.entries[-1]
    assert (entry.kind, entry.subject, entry.actor) == ("cloud.changed", "home", "ann")
    assert entry.words == "price none → 0.0300 USD, order 0 → 3"


def test_what_is_said_twice_happens_once() -> None:
    estate = estate_of([own_host(1)])
    turn = add(estate, HOME)
    assert turn.answers[0].status == 0
    assert not turn.entries


@pytest.mark.parametrize(
    "wanted",
    [
        msgspec.structs.replace(HOME, own=False),
        msgspec.structs.replace(HOME, driver="local"),
        msgspec.structs.replace(HOME, settings={"seed": "7"}),
    ],
)
def test_another_cloud_of_that_name_is_refused(wanted: Cloud) -> None:
    turn = add(estate_of([own_host(1)]), wanted)
    error = msgspec.json.decode(turn.answers[0].result)
    assert (turn.answers[0].status, error["code"]) == (3, "name-taken")
    assert "clouds change home" in error["remedy"]


def test_wider_bounds_are_named_and_then_help() -> None:
    life = Life(estate_of([own_host(1)], [cloud("east", max_hosts=1)]))
    life.up(graph(service("web", replicas=12, cpu=1000)))
    key = next(iter(life.estate.services))
    named = [words for words in remedies(life.estate, key) if "east/small" in words]
    assert named == ["allow 1 east/small for 0.0200 EUR per hour: longshore clouds change east --max-hosts 2"]
    east = life.estate.clouds.get("east")
    assert east is not None
    tight = msgspec.structs.replace(east, max_hosts=0, max_price=Money(30_000_000))
    life.estate.put(tight)
    named = [words for words in remedies(life.estate, key) if "east/small" in words]
    assert named[0].endswith("longshore clouds change east --max-price '0.04 EUR'")
    turn = add(life.estate, msgspec.structs.replace(tight, max_price=Money(40_000_000)))
    assert turn.answers[0].status == 0
    life.take()
    assert not remedies(life.estate, key)
