"""Explaining: every subject a person can name, with numbers, and the smallest change that helps."""

from __future__ import annotations

import pytest
from tests.plan.living import GIB, Life, cloud, estate_of, own_host
from tests.scenario.graphs import MIB, graph, service

from longshore.model.ask import Down, Scale
from longshore.model.clock import SECOND, Micros
from longshore.model.errors import NotFound
from longshore.model.plan import Explanation
from longshore.plan.explain import explain


def life_before() -> Life:
    """Two own hosts; `web` runs, and `big` fits nowhere."""
    life = Life(estate_of([own_host(1), own_host(2, memory=2 * GIB)]))
    life.up(
        graph(
            service("web", replicas=2, cpu=1000, ports=[8080]),
            service("big", cpu=3500, memory=7 * GIB),
            service("db", volumes=["data"]),
        )
    )
    return life


def ask(life: Life, subject: str) -> Explanation:
    return explain(life.estate, subject, "default", Micros(life.now))


def test_a_task_says_where_it_is_and_why_there() -> None:
    life = life_before()
    found = ask(life, "shop/web.1")
    assert (found.subject, found.kind) == ("shop/web.1", "task")
    task = life.tasks("web")[0]
    host = life.estate.hosts.get(task.host)
    assert host is not None
    assert found.words[0].startswith(f"shop/web.1 has been running on {host.name} (home) for ")
    assert found.facts["decisions"] == [task.decision]


def test_a_service_has_every_host_in_its_table() -> None:
    found = ask(life_before(), "shop/web")
    assert found.kind == "service"
    assert {row.host: row.fits for row in found.table} == {"h1": False, "h2": False}
    assert all(row.words == "port 8080/tcp is taken there" for row in found.table)
    assert "one more replica would fit nowhere" in found.words
    assert found.table[0].price == "0.0100 EUR"


def test_hosts_that_fit_come_first_with_their_terms() -> None:
    life = Life(estate_of([own_host(1), own_host(2, zone="a"), own_host(3)]))
    life.up(graph(service("web", replicas=1, cpu=1000)))
    found = ask(life, "shop/web")
    assert [row.fits for row in found.table] == [True] * 3
    assert [tuple(row.terms.values()) for row in found.table] == sorted(
        tuple(row.terms.values()) for row in found.table
    )
    assert set(found.table[0].terms) == {
        *("lent", "currency", "price", "on its way", "replicas there", "image to pull", "tasks there")
    }


def test_a_refusal_names_the_rules_and_what_would_help() -> None:
    life = life_before()
    found = ask(life, "shop/big")
    assert any("fits on none of 2 hosts" in words for words in found.words)
    assert found.facts["unplaced"] == 1
    assert found.remedies == (
        "reserve 2.5 cpus or less",
        "free (or add) 1 cpu on h1",
        "raise its priority to 1: then shop/web.1 gives way",
    )
    service_of = life.estate.services.get(f"{life.stack().id}/big")
    assert service_of is not None
    assert found.facts["decisions"] == [service_of.refusal]


def test_what_would_help_does_help() -> None:
    """The remedy `allow N of a flavor` is followed: a cloud that sells it is added, and it fits."""
    life = life_before()
    life.estate.put(cloud("east", cpu=4000))
    assert "allow 1 east/small for 0.0200 EUR per hour" in ask(life, "shop/big").remedies
    life.change(Scale(replicas={}))
    assert len(life.tasks("big")) == 1


def test_a_host_says_what_it_carries() -> None:
    life = life_before()
    found = ask(life, "h1")
    assert found.kind == "host"
    assert found.words[0] == "h1 is ready in home, your own, at 0.0100 EUR per hour"
    carried = [t for t in life.estate.tasks.values() if t.host == own_host(1).id]
    assert found.words[1].startswith(f"it carries {len(carried)} tasks, which claim ")
    assert f"of 4 cpus and {512 * len(carried)} MiB of 8 GiB" in found.words[1].replace("1 GiB", "1024 MiB")
    assert ask(life, own_host(1).id) == found


def test_a_silent_host_says_since_when() -> None:
    life = life_before()
    host = life.estate.host_named("h2")
    life.put(host, silent_since=life.now - 7 * SECOND, reason="no route", draining=True)
    words = ask(life, "h2").words
    assert "it has not answered for 7 s: no route" in words
    assert "its tasks are leaving it" in words


def test_a_change_and_its_stack() -> None:
    life = life_before()
    change = life.stack().change
    assert change is not None
    found = ask(life, change)
    assert found.kind == "change"
    assert found.words[0] == "ann had shop changed by plan : failed"
    assert found.remedies == ("longshore explain shop/big",)
    whole = ask(life, "shop")
    assert whole.kind == "stack"
    assert whole.words[0] == "shop is active at generation 1"
    assert any(words.startswith("big: ") for words in whole.words)
    assert "longshore explain shop/big" in whole.remedies


def test_a_stack_that_is_down() -> None:
    life = life_before()
    life.change(Down())
    assert ask(life, "shop").words[0] == "shop is down at generation 2"
    assert ask(life, "shop/web").words == ("shop/web has no tasks: shop is down",)


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("shpo", "no-such-subject"),
        ("h9", "no-such-subject"),
        ("change-0", "no-such-subject"),
        ("", "no-such-subject"),
        ("shop/wbe", "no-such-service"),
        ("shop/web.3", "no-such-task"),
        ("shop/web.0x", "no-such-service"),
    ],
)
def test_unknown_names(subject: str, code: str) -> None:
    with pytest.raises(NotFound) as raised:
        ask(life_before(), subject)
    assert raised.value.code == code
    assert "longshore ps" in raised.value.remedy


def test_a_service_whose_name_has_a_dot() -> None:
    life = Life(estate_of([own_host(1)]))
    life.up(graph(service("web.api", memory=64 * MIB)))
    assert ask(life, "shop/web.api").kind == "service"
    assert ask(life, "shop/web.api.1").kind == "task"
