"""Of several changes of a kind the smallest is the one that is named: the host that lacks least, the
cheapest offer; and each kind has its words."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.schedule.drawing import (
    ENOUGH,
    GIB,
    MIB,
    WEB,
    Digits,
    Place,
    host,
    naive_room,
    offers,
    places,
    requests,
    task,
)

from longshore.model.host import Capacity, Host, Quote
from longshore.model.lifecycle import HostState
from longshore.model.money import Money
from longshore.model.spec import Constraint
from longshore.schedule.relax import relax
from longshore.schedule.request import Request


def lacks(p: Place, h: Host, request: Request) -> tuple[int, int] | None:
    """What a host lacks (cpu, memory) for one replica more than it takes; None if room would not help."""
    only = Place([h], [t for t in p.tasks if t.host == h.id])
    now = naive_room(only, request)
    if naive_room(only, msgspec.structs.replace(request, cpu=0, memory=0)) <= now or now >= ENOUGH:
        return None
    cpu = request.cpu * (now + 1) - (h.capacity.cpu - sum(t.cpu for t in only.tasks))
    memory = request.memory * (now + 1) - (h.capacity.memory - sum(t.memory for t in only.tasks))
    return (max(cpu, 0) if request.cpu else 0, max(memory, 0) if request.memory else 0)


@settings(max_examples=200)
@given(places(most=4), requests(simple=True))
def test_free_names_the_host_that_lacks_least(p: Place, request: Request) -> None:
    count = naive_room(p, request) + 1
    assume(count <= ENOUGH)
    found = [r for r in relax(p.fleet, request, count) if r.kind == "free"]
    lacking = [(amount, h) for h in p.hosts if (amount := lacks(p, h, request)) is not None]
    assert bool(found) is bool(lacking)

    def weight(entry: tuple[tuple[int, int], Host]) -> float:
        (cpu, memory), _ = entry
        return cpu / max(request.cpu, 1) + memory / max(request.memory, 1)

    if found:
        (cpu, memory), least = min(lacking, key=weight)
        assert (found[0].subject, found[0].value) == (least.name, memory or cpu)


@settings(max_examples=200)
@given(places(most=3), requests(), st.integers(1, 5), offers())
def test_buy_names_the_cheapest(p: Place, request: Request, count: int, quotes: list[Quote]) -> None:
    """Among prices in the currency of the first offer that would do."""
    missing = count - naive_room(p, request)
    assume(missing > 0)
    found = [r for r in relax(p.fleet, request, count, quotes) if r.kind == "buy"]
    # A machine of one's own that mounts this folder, or holds this volume, is not for sale.
    barred = request.pinned is not None or request.own_only or request.client_bound
    prices: dict[str, list[tuple[int, str]]] = {}
    for quote in quotes:
        able = naive_room(Place([fresh(quote)], []), request)
        if able and not barred and quote.price is not None:
            price = quote.price.nano * -(-missing // able)
            prices.setdefault(quote.price.currency, []).append((price, f"{quote.cloud}/{quote.flavor}"))
    assert bool(found) is bool(prices)
    if found:
        currency = next(iter(prices))
        assert found[0].value == min(nano for nano, _ in prices[currency])
        assert (found[0].value, found[0].subject) in prices[currency]
        assert currency in found[0].words


def fresh(quote: Quote) -> Host:
    """A host as an offer describes it, before it has a name."""
    return msgspec.structs.replace(
        host(99, Digits(0)),
        name="",
        cloud=quote.cloud,
        own=False,
        state=HostState.READY,
        kind=quote.kind,
        capacity=quote.capacity,
        labels=quote.labels,
        os=quote.os,
        arch=quote.arch,
    )


HOST = msgspec.structs.replace(host(1, Digits(0)), capacity=Capacity(cpu=2000, memory=4 * GIB))
BUSY = Place([HOST], [task(1, HOST, "db", 1500, 3 * GIB, ("80/tcp",))])
OFFER = Quote(
    cloud="east", flavor="small", capacity=Capacity(cpu=2000, memory=4 * GIB), price=Money(20_000_000)
)

WORDS: dict[str, tuple[Request, int, str]] = {
    "memory": (Request(service=WEB, memory=2 * GIB), 1, "reserve 1 GiB of memory or less"),
    "cpu": (Request(service=WEB, cpu=700), 1, "reserve 0.5 cpus or less"),
    "max-per-host": (Request(service=WEB, max_per_host=2), 3, "allow 3 replicas per host"),
    "port": (Request(service=WEB, ports=("80/tcp",)), 1, "publish another port than 80/tcp"),
    "constraint": (
        Request(service=WEB, constraints=(Constraint(key="node.labels.zone", value="z"),)),
        1,
        "drop the constraint node.labels.zone==z",
    ),
    "free": (
        Request(service=WEB, cpu=750, memory=1536 * MIB),
        1,
        "free (or add) 0.25 cpus and 512 MiB on h1",
    ),
    "replicas": (Request(service=WEB, cpu=250), 5, "have 3 replicas fewer"),
    "buy": (Request(service=WEB, cpu=1000), 3, "allow 2 east/small for 0.0400 EUR per hour"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_words(kind: str) -> None:
    request, count, words = WORDS[kind]
    assert words in [r.words for r in relax(BUSY.fleet, request, count, [OFFER]) if r.kind == kind]


def test_a_limit_that_was_higher_once() -> None:
    """More run on a host than is allowed now: the limit that helps is beyond what is there."""
    p = Place([HOST], [task(n, HOST, "web", 10, MIB, ()) for n in range(4)])
    found = relax(p.fleet, Request(service=WEB, max_per_host=1), 1)
    assert [r.value for r in found if r.kind == "max-per-host"] == [5]


def test_overcommitted_in_what_is_not_asked_for() -> None:
    """A host that shrank below its tasks' memory takes one that asks for cpu alone."""
    p = Place([HOST], [task(1, HOST, "db", 1500, 5 * GIB, ())])
    found = relax(p.fleet, Request(service=WEB, cpu=600), 1)
    assert [r.words for r in found if r.kind == "free"] == ["free (or add) 0.1 cpus on h1"]
