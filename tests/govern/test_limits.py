"""What an allowance lets through never passes a limit, and what it refuses would."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.schedule.drawing import DRAWN, Digits

from longshore.govern.limits import Allowance
from longshore.model.ask import Rollback
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.cloud import Cloud, Pool
from longshore.model.host import Host, Quote
from longshore.model.ids import ChangeId, HostId, StackId
from longshore.model.lifecycle import ChangeState, HostState
from longshore.model.money import Money, Total

NOW = Micros(1_000)
PRICES = [Money(0), Money(10), Money(25), Money(30, "USD"), None]
QUOTES = [
    Quote(cloud=cloud, flavor=f"f{n}", price=price)
    for cloud in ("east", "west")
    for n, price in enumerate(PRICES)
]


class World(NamedTuple):
    pool: Pool
    clouds: list[Cloud]
    hosts: list[Host]
    change: Change | None
    bought: dict[str, int]


def change_of(ceiling: Total | None, purchases: dict[str, int]) -> Change:
    return Change(
        id=ChangeId("change-1"),
        stack=StackId("stack-1"),
        stack_name="shop",
        intent=Rollback(),
        state=ChangeState.APPLYING,
        plan="",
        actor="ann",
        base=0,
        generation=1,
        ceiling=ceiling,
        purchases=purchases,
    )


def host(number: int, quote: Quote, *, own: bool, state: HostState) -> Host:
    return Host(
        id=HostId(f"host-{number}"),
        name=f"h{number}",
        cloud=quote.cloud,
        own=own,
        state=state,
        flavor=quote.flavor,
        price=quote.price,
    )


def limit_of(d: Digits) -> Total | None:
    return d.of(None, Total(amounts={"EUR": d.of(20, 45, 70, 0), "USD": d.of(0, 30, 60)}))


def world_of(d: Digits, hosts: list[Digits]) -> World:
    clouds = [
        Cloud(
            name=name,
            driver="sim",
            max_hosts=d.of(0, 0, 2, 4),
            max_price=d.of(None, None, Money(50), Money(30, "USD")),
            barred={"f1": d.of(Micros(0), NOW, Micros(NOW + 1))},
        )
        for name in ("east", "west")
    ]
    there = [
        host(n, h.of(*QUOTES), own=h.of(False, True), state=h.of(*HostState)) for n, h in enumerate(hosts)
    ]
    purchases = {f"{q.cloud}/{q.flavor}": d.of(2, 1, 0) for q in QUOTES}
    change = change_of(limit_of(d), purchases) if d.of(False, True) else None
    pool = Pool(max_hosts=d.of(0, 0, 3, 5), max_price=limit_of(d))
    return World(pool, clouds, there, change, d.of({}, {"east/f1": 1, "west/f2": 1}))


def passes(world: World, taken: list[Quote], quote: Quote) -> bool:
    """Whether all limits hold after taking one more: added up by hand, from nothing."""
    lent = [h for h in world.hosts if not h.own and h.state is not HostState.RELEASED]
    prices: dict[str, list[Money | None]] = {"east": [], "west": []}
    for name, found in prices.items():
        found += [h.price for h in lent if h.cloud == name]
        found += [q.price for q in [*taken, quote] if q.cloud == name]
    cloud = next(c for c in world.clouds if c.name == quote.cloud)
    here, all_of_it = prices[quote.cloud], [*prices["east"], *prices["west"]]
    held = [
        quote.price is not None,
        cloud.barred.get(quote.flavor, 0) <= NOW,
        not cloud.max_hosts or len(here) <= cloud.max_hosts,
        not world.pool.max_hosts or len(all_of_it) <= world.pool.max_hosts,
        cloud.max_price is None or _below(here, {cloud.max_price.currency: cloud.max_price.nano}),
        world.pool.max_price is None or _below(all_of_it, world.pool.max_price.amounts),
    ]
    if world.change is not None and world.change.ceiling is not None:
        name = f"{quote.cloud}/{quote.flavor}"
        bought = world.bought.get(name, 0) + sum(f"{q.cloud}/{q.flavor}" == name for q in taken)
        held.append(bought < world.change.purchases.get(name, 0))
        held.append(_below(all_of_it, world.change.ceiling.amounts))
    return all(held)


def _below(prices: list[Money | None], limit: dict[str, int]) -> bool:
    """Whether prices add up to no more than a limit; an unknown one may be anything."""
    currencies = {p.currency for p in prices if p is not None}
    sums = {c: sum(p.nano for p in prices if p is not None and p.currency == c) for c in currencies}
    return None not in prices and all(nano <= limit.get(c, 0) for c, nano in sums.items())


@settings(max_examples=300)
@given(DRAWN, st.lists(DRAWN, max_size=2), st.lists(DRAWN, min_size=4, max_size=8))
def test_an_allowance_is_the_limits(drawn: Digits, hosts: list[Digits], wanted: list[Digits]) -> None:
    world = world_of(drawn, hosts)
    allowance = Allowance(
        pool=world.pool, clouds=world.clouds, hosts=world.hosts, change=world.change, bought=world.bought
    )
    taken: list[Quote] = []
    for d in wanted:
        quote = d.of(*QUOTES)
        why = allowance.refuse(quote, NOW)
        assert bool(why) is not passes(world, taken, quote), why
        assert allowance.refuse(quote, NOW) == why, "asking takes nothing"
        if not why:
            allowance.take(quote)
            taken.append(quote)


CHEAP, DEAR = QUOTES[1], QUOTES[2]
LENT = [host(1, CHEAP, own=False, state=HostState.BOOTING)]

REFUSALS: dict[str, tuple[dict[str, object], Quote, str]] = {
    "no price": ({}, QUOTES[4], "east gives no price for f4"),
    "barred": (
        {"clouds": [Cloud(name="east", driver="sim", barred={"f1": Micros(NOW + 1)})]},
        CHEAP,
        "east could not deliver f1 a moment ago",
    ),
    "cloud's hosts": (
        {"clouds": [Cloud(name="east", driver="sim", max_hosts=1)]},
        CHEAP,
        "east is limited to 1 hosts, and has 1",
    ),
    "pool's hosts": ({"pool": Pool(max_hosts=1)}, CHEAP, "the pool is limited to 1 lent hosts, and has 1"),
    "cloud's price": (
        {"clouds": [Cloud(name="east", driver="sim", max_price=Money(30))]},
        DEAR,
        "f2 would take east over its limit per hour",
    ),
    "pool's price": (
        {"pool": Pool(max_price=Total(amounts={"EUR": 34}))},
        DEAR,
        "f2 would take the pool over its limit per hour",
    ),
    "not in the plan": ({"change": change_of(Total(), {})}, CHEAP, "the plan allows 0 of east/f1"),
    "plan's ceiling": (
        {"change": change_of(Total(amounts={"EUR": 30}), {"east/f2": 1})},
        DEAR,
        "f2 would take the bill over the plan's ceiling",
    ),
    "nothing": ({"change": change_of(Total(amounts={"EUR": 35}), {"east/f2": 1})}, DEAR, ""),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_words_of_refusals(case: str) -> None:
    fields, quote, words = REFUSALS[case]
    given_: dict[str, object] = {
        "pool": Pool(),
        "clouds": [Cloud(name="east", driver="sim")],
        "change": None,
        **fields,
    }
    allowance = Allowance(hosts=LENT, bought={}, **given_)  # type: ignore[arg-type]
    assert allowance.refuse(quote, NOW) == words
