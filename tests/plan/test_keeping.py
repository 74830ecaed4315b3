"""What a person says of hosts: taints, labels and zones, how room is used, and for whom it is kept."""

from __future__ import annotations

import msgspec
import pytest
from tests.plan.living import GIB, Life, cloud, estate_of, own_host
from tests.scenario.graphs import graph, service

from longshore.model.ask import Ask, Body, KeepRoom, SetHost, Up
from longshore.model.clock import HOUR, Micros
from longshore.model.host import Capacity, Effect, Host, Taint
from longshore.model.ids import AskId, Ids
from longshore.model.report import Asked, CloudSeen, HostReport, HostSeen, LentHost
from longshore.model.spec import Graph, Toleration
from longshore.plan.explain import explain
from longshore.plan.intake import take_in
from longshore.plan.turn import Turn


def said(life: Life, body: Body) -> None:
    life.take(Asked(ask=Ask(id=AskId("ask-1"), at=life.now, actor="ann", body=body)))


def error_of(life: Life, body: Body) -> str:
    turn = Turn(life.estate.fork(), life.now, Ids(9 << 100))
    take_in(turn, Asked(ask=Ask(id=AskId("ask-1"), at=life.now, actor="ann", body=body)))
    return str(msgspec.json.decode(turn.answers[0].result).get("code"))


def named(life: Life, name: str) -> Host:
    host = life.estate.host_named(name)
    assert host is not None
    return host


def web(replicas: int = 1, cpu: int = 1000, **placement: object) -> Graph:
    return graph(service("web", replicas=replicas, cpu=cpu, placement=placement))


def places(life: Life, name: str = "web") -> list[str]:
    hosts = [life.estate.hosts.get(task.host) for task in life.tasks(name)]
    return sorted(host.name for host in hosts if host is not None)


def two() -> Life:
    return Life(estate_of([own_host(1), own_host(2)]))


def test_a_taint_keeps_off_who_does_not_tolerate_it() -> None:
    life = two()
    said(life, SetHost(host="h1", taints=(Taint(key="gpu", value="yes"),)))
    life.up(web(3))
    assert places(life) == ["h2"] * 3
    life.up(web(3, tolerations=(Toleration(key="gpu"),)))
    life.up(graph(service("bot", replicas=4, cpu=1000, placement={"tolerations": (Toleration(),)}), name="b"))
    assert "h1" in {life.estate.hosts.get(t.host).name for t in life.tasks("bot", "b")}  # type: ignore[union-attr]
    said(life, SetHost(host="h1", untaint=("gpu",)))
    assert not named(life, "h1").taints


def test_a_taint_that_evicts_makes_tasks_leave_new_before_old() -> None:
    life = two()
    life.up(
        graph(
            service("web", replicas=4, cpu=500),
            service("calm", replicas=2, cpu=500, placement={"tolerations": (Toleration(key="fire"),)}),
        )
    )
    calm = places(life, "calm")
    said(life, SetHost(host="h1", taints=(Taint(key="fire", effect=Effect.NO_EXECUTE),)))
    assert places(life) == ["h2"] * 4
    assert places(life, "calm") == calm


def test_what_a_person_says_holds_over_what_cloud_and_engine_say() -> None:
    life = Life(estate_of([own_host(1, disk="hdd")]))
    said(life, SetHost(host="h1", labels={"disk": "ssd", "rack": "r7"}, zone="attic"))
    lent = LentHost(name="h1", foreign_id="h1", ready=True, labels={"disk": "hdd"}, zone="cellar")
    life.take(CloudSeen(cloud="home", began=life.now, at=life.now, hosts=(lent,), offers=()))
    host = named(life, "h1")
    report = HostReport(
        host=host.id, began=life.now, at=life.now, capacity=host.capacity, labels={"rack": "r1"}
    )
    life.take(HostSeen(report=report))
    host = named(life, "h1")
    assert (host.labels["disk"], host.labels["rack"], host.zone) == ("ssd", "r7", "attic")
    said(life, SetHost(host="h1", labels={"disk": None}, zone=""))
    life.take(CloudSeen(cloud="home", began=life.now, at=life.now, hosts=(lent,), offers=()))
    host = named(life, "h1")
    assert (host.labels["disk"], host.zone) == ("hdd", "cellar")


def test_room_of_the_machine_itself_and_overcommit() -> None:
    life = Life(estate_of([own_host(1, cpu=4000)]))
    said(life, SetHost(host="h1", reserved=Capacity(cpu=1000)))
    assert life.plan(Up(graph=web(4), inputs="")).refusals
    said(life, SetHost(host="h1", reserved=Capacity(), overcommit_cpu=2000))
    assert not life.plan(Up(graph=web(8), inputs="")).refusals
    assert life.plan(Up(graph=web(9), inputs="")).refusals
    words = explain(life.estate, "h1", "default", life.now).words
    assert any("2 times its processors" in line for line in words)


@pytest.mark.parametrize("whom", ["shop", "shop/web", "project:default"])
def test_room_that_is_kept_is_for_one_alone(whom: str) -> None:
    life = Life(estate_of([own_host(1, cpu=4000)]))
    said(life, KeepRoom(host="h1", whom=whom, room=Capacity(cpu=3000, memory=GIB)))
    other = graph(service("bot", replicas=2, cpu=1000), name="other")
    if whom.startswith("project:"):
        assert not life.plan(Up(graph=other, inputs=""), "other").refusals
    else:
        refused = life.plan(Up(graph=other, inputs=""), "other").refusals
        assert [r.count for r in refused] == [1]
        assert any("keep no room for" in words for words in refused[0].remedies)
    life.up(web(4))
    assert len(life.tasks("web")) == 4
    assert any("are kept for" in line for line in explain(life.estate, "h1", "default", life.now).words)


def test_what_its_own_tasks_take_counts_towards_what_is_kept() -> None:
    life = Life(estate_of([own_host(1, cpu=4000)]))
    said(life, KeepRoom(host="h1", whom="shop", room=Capacity(cpu=2000)))
    life.up(web(2))
    other = graph(service("bot", replicas=2, cpu=1000), name="other")
    assert not life.plan(Up(graph=other, inputs=""), "other").refusals
    life.up(other)
    life.up(web(1))
    assert life.plan(Up(graph=graph(service("x", cpu=1000), name="x"), inputs=""), "x").refusals


def test_it_is_kept_until_its_time_and_then_free() -> None:
    life = Life(estate_of([own_host(1, cpu=4000)]))
    said(life, KeepRoom(host="h1", whom="shop", room=Capacity(cpu=4000), until=Micros(life.now + HOUR)))
    other = graph(service("bot", cpu=1000), name="other")
    # A rehearsal sees it come free in an hour.
    assert not life.plan(Up(graph=other, inputs=""), "other").refusals
    assert not named(life, "h1").kept, "this life ran on until it was"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (KeepRoom(host="h1", whom="shop", room=Capacity(cpu=5000)), "room-kept-too-much"),
        (KeepRoom(host="h1", whom="shop", room=Capacity(cpu=500), until=Micros(1)), "room-kept-past"),
        (KeepRoom(host="h9", whom="shop", room=Capacity(cpu=500)), "no-such-host"),
        (SetHost(host="h9", zone="z"), "no-such-host"),
    ],
)
def test_what_makes_no_sense_is_refused(body: Body, code: str) -> None:
    assert error_of(two(), body) == code


def test_the_same_again_changes_nothing() -> None:
    life = two()
    body = SetHost(host="h1", labels={"a": "b"}, taints=(Taint(key="x"),), zone="z")
    said(life, body)
    turn = Turn(life.estate.fork(), life.now, Ids(9 << 100))
    take_in(turn, Asked(ask=Ask(id=AskId("ask-2"), at=life.now, actor="ann", body=body)))
    assert not turn.entries


def test_buying_says_why_a_cheaper_offer_was_passed_over() -> None:
    cheap = msgspec.structs.replace(cloud("east", price=10_000_000), max_hosts=1)
    life = Life(estate_of([], [cheap, cloud("west", price=30_000_000)]))
    done = life.up(graph(service("web", replicas=2, cpu=4000)))
    words = {d.quote.cloud: d.words for d in done.decisions if d.quote is not None}
    assert words["east"].endswith("is the cheapest that does")
    assert "passed over: east/small: east is limited to 1 hosts" in words["west"]
