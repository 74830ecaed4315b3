"""What if: what is foretold of a loss is what a rehearsal of that loss gives, and nothing is touched."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from tests.plan.drawing import WORLDS, graph_of, life_of, lose
from tests.plan.living import Life, cloud, estate_of, own_host
from tests.scenario.graphs import graph, service
from tests.schedule.drawing import Digits

from longshore.model.ask import AskWhatIf, Scale
from longshore.model.errors import NotFound
from longshore.model.money import Money, Total
from longshore.model.plan import WhatIf
from longshore.model.step import BuyHost
from longshore.plan.whatif import what_if


def ask(life: Life, **question: object) -> WhatIf:
    return what_if(life.estate, msgspec.convert(question, AskWhatIf), life.now)


def places(life: Life) -> dict[str, str]:
    """`STACK/SERVICE.N` -> host, of the tasks that are of use."""
    names = {stack.id: stack.name for stack in life.estate.stacks.values()}
    return {f"{names[t.stack]}/{t.service}.{t.slot}": t.host for t in life.estate.tasks.values() if t.alive}


@settings(max_examples=80)
@given(WORLDS)
def test_foretold_moves_are_those_that_come(world: tuple[Digits, Digits, list[Digits]]) -> None:
    life, _ = life_of(world[0])
    life.up(graph_of(world[1]))
    host = world[2][0].of(*(h for h in life.estate.hosts.values() if h.answers))
    before = places(life)
    found = ask(life, lose_hosts=(host.name,))
    assert found == ask(life, lose_hosts=(host.name,))
    assert places(life) == before, "nothing was touched"
    came = lose(life, host)
    after = places(life)
    assert set(found.effect.tasks_moved) == {n for n in after if n in before and before[n] != after[n]}
    assert set(before) - set(after) <= set(found.effect.tasks_down)
    assert not set(after) & set(found.effect.tasks_down)
    bought = Counter(
        s.subject.split("-")[0] + "/small" for _, s in came.steps if isinstance(s.action, BuyHost)
    )
    assert found.effect.hosts_bought == bought
    assert f"host {host.name} is lost" in found.question


def test_a_task_with_a_volume_waits_for_its_host() -> None:
    life = Life(estate_of([own_host(1), own_host(2)], [cloud("east")]))
    life.up(graph(service("db", volumes=["data"]), service("web", replicas=2)))
    db = life.tasks("db")[0]
    host = life.estate.hosts.get(db.host)
    assert host is not None
    found = ask(life, lose_hosts=(host.name,))
    assert found.effect.tasks_down == ("shop/db.1",)
    assert "shop/db.1" not in found.effect.tasks_moved
    assert not found.effect.hosts_bought, "no purchase would bring the volume back"
    assert [(r.subject, r.count) for r in found.refusals] == [("shop/db", 1)]
    assert "does not answer" in found.refusals[0].words or "is lost" in found.refusals[0].words


def test_losing_all_of_home_buys_what_is_needed() -> None:
    life = Life(estate_of([own_host(1), own_host(2)], [cloud("east")]))
    life.up(graph(service("web", replicas=4, cpu=1000)))
    found = ask(life, lose_hosts=("h1", "h2"))
    assert found.effect.hosts_bought == {"east/small": 1}
    assert len(found.effect.tasks_moved) == 4
    assert found.difference == Total(amounts={"EUR": 20_000_000})
    assert found.words.startswith("4 tasks move, none stay down, 1 host is bought; the bill is 0.0400 EUR")
    assert found.words.endswith("per hour (+0.0200 EUR)")
    assert not life.estate.clouds.get("east").silent_since  # type: ignore[union-attr]


def test_losing_a_cloud_loses_its_hosts_and_offers() -> None:
    life = Life(estate_of([own_host(1)], [cloud("east"), cloud("west", price=30_000_000)]))
    life.up(graph(service("web", replicas=8, cpu=1000)))
    assert [h.cloud for h in life.estate.hosts.values() if not h.own] == ["east"]
    found = ask(life, lose_clouds=("east",))
    assert found.effect.hosts_bought == {"west/small": 1}
    assert len(found.effect.tasks_moved) == 4


def test_a_price_that_doubles_shows_in_the_bill() -> None:
    life = Life(estate_of([own_host(1)], [cloud("east")]))
    life.up(graph(service("web", replicas=8, cpu=1000)))
    found = ask(life, prices={"east": 2000})
    assert found.difference == Total(amounts={"EUR": 20_000_000})
    assert found.price == Total(amounts={"EUR": 50_000_000})
    half = ask(life, prices={"east": 500})
    assert half.difference == Total(amounts={"EUR": -10_000_000})
    assert not found.steps
    assert own_host(1).price == Money(10_000_000)


def test_nothing_happens() -> None:
    life = Life(estate_of([own_host(1)]))
    life.up(graph(service("web")))
    found = ask(life)
    assert found.question == "what if nothing happens?"
    assert found.words == "no tasks move, none stay down, no hosts are bought; the bill stays what it is"
    assert (found.steps, found.difference, found.effect.tasks_moved) == ((), Total(), ())


def test_what_is_under_way_is_not_the_losss_doing() -> None:
    """A purchase that is coming anyway is in both rehearsals."""
    life = Life(estate_of([own_host(1)], [cloud("east")]))
    life.up(graph(service("web", replicas=4, cpu=1000)))
    life.change(Scale(replicas={"web": 5}))
    assert ask(life).steps == ()


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"lose_hosts": ("h9",)}, "no-such-host"),
        ({"lose_clouds": ("wset",)}, "no-such-cloud"),
        ({"prices": {"wset": 2000}}, "no-such-cloud"),
    ],
)
def test_unknown_names(question: dict[str, object], code: str) -> None:
    life = Life(estate_of([own_host(1)]))
    with pytest.raises(NotFound) as raised:
        ask(life, **question)
    assert raised.value.code == code


def test_losing_a_zone_loses_all_its_hosts() -> None:
    hosts = [msgspec.structs.replace(own_host(n), zone="ab"[n % 2]) for n in range(1, 5)]
    life = Life(estate_of(hosts))
    life.up(graph(service("web", replicas=4, cpu=1000)))
    found = ask(life, lose_zones=("a",))
    assert "zone a is lost" in found.question
    assert len(found.effect.tasks_moved) == 2
    assert not found.effect.tasks_down
    with pytest.raises(NotFound, match="no host is in a zone c"):
        ask(life, lose_zones=("c",))


def test_more_load_is_rehearsed_like_a_change() -> None:
    life = Life(estate_of([own_host(1)], [cloud("east")]))
    life.up(graph(service("web", replicas=3, cpu=1000), service("bot", cpu=100)))
    found = ask(life, scale={"shop/web": 2500})
    assert found.effect.tasks_started == 5
    assert found.effect.hosts_bought == {"east/small": 2}
    assert "shop/web has 2.5 times its replicas" in found.question
    assert len(life.tasks("web")) == 3
    assert ask(life, scale={"shop": 2000}).effect.tasks_started == 4
    for wrong in ("shop/wob", "ship"):
        with pytest.raises(NotFound):
            ask(life, scale={wrong: 2000})


def test_more_hosts_take_what_had_no_place() -> None:
    life = Life(estate_of([own_host(1)], [cloud("east", max_hosts=1)]))
    life.up(graph(service("web", replicas=12, cpu=1000)))
    assert len(life.tasks("web")) == 8
    found = ask(life, add_hosts={"east/small": 1})
    assert found.effect.tasks_started == 4
    assert not found.refusals
    assert ask(life, add_hosts={"home/h1": 1}).effect.tasks_started == 4
    with pytest.raises(NotFound, match="offers no large"):
        ask(life, add_hosts={"east/large": 1})


def test_surviving_any_one_host_is_told_of_every_host() -> None:
    life = Life(estate_of([own_host(n) for n in range(1, 5)]))
    life.up(graph(service("web", replicas=6, cpu=1000)))
    found = ask(life, survive=True)
    assert found.words == "yes: the loss of any one of 4 hosts leaves no task down"
    assert [loss.host for loss in found.losses] == ["h1", "h2", "h3", "h4"]
    life.up(graph(service("web", replicas=6, cpu=1000), service("db", volumes=["data"], cpu=100)))
    found = ask(life, survive=True)
    db = life.estate.hosts.get(life.tasks("db")[0].host)
    assert db is not None
    assert [(loss.host, loss.down) for loss in found.losses if loss.down] == [(db.name, ("shop/db.1",))]
    assert found.words.startswith("no: the loss of any one of 1 of 4 hosts would leave tasks down")


def test_what_would_be_bought_to_survive_is_rehearsed() -> None:
    life = Life(estate_of([own_host(1), own_host(2)], [cloud("east")]))
    life.up(graph(service("web", replicas=6, cpu=1000)))
    found = ask(life, survive=True)
    assert all(loss.bought == {"east/small": 1} and not loss.down for loss in found.losses)
    assert "of 2 by buying others" in found.words


def test_surviving_is_asked_of_what_comes_before_it() -> None:
    life = Life(estate_of([own_host(n) for n in range(1, 4)]))
    life.up(graph(service("web", replicas=4, cpu=2000)))
    assert ask(life, survive=True).words.startswith("yes")
    assert "then: no" in ask(life, lose_hosts=("h1",), survive=True).words


@settings(max_examples=25)
@given(WORLDS)
def test_the_arrays_say_of_a_loss_what_a_rehearsal_says(world: tuple[Digits, Digits, list[Digits]]) -> None:
    life, _ = life_of(world[0])
    life.up(graph_of(world[1]))
    down = (
        set(ask(life, prices={"home": 1000}).effect.tasks_down) if life.estate.clouds.get("home") else set()
    )
    for loss in ask(life, survive=True).losses:
        rehearsed = ask(life, lose_hosts=(loss.host,))
        assert set(loss.down) == set(rehearsed.effect.tasks_down) - down
