"""Shopping: nothing refused is taken, it covers what it says, and the price per replica decides."""

from __future__ import annotations

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.schedule.drawing import GIB, WEB, offers, requests

from longshore.model.host import Capacity, Quote
from longshore.model.money import Money
from longshore.schedule.request import Request
from longshore.schedule.shop import Shopping, shop, takes


class Limits:
    """So many of each flavor may be taken; remembers what was asked and taken."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken: list[Quote] = []

    def refuse(self, quote: Quote) -> str:
        if sum(q.flavor == quote.flavor for q in self.taken) >= self.most:
            return f"no more than {self.most} of {quote.flavor}"
        return "its price is unknown" if quote.price is None else ""

    def take(self, quote: Quote) -> None:
        assert not self.refuse(quote), "refused a moment ago"
        self.taken.append(quote)

    def shop(self, request: Request, count: int, quotes: list[Quote]) -> Shopping:
        return shop(request, count, quotes, self.refuse, self.take)


@settings(max_examples=300)
@given(requests(), st.integers(1, 6), offers(), st.integers(0, 3))
def test_it_takes_what_may_be_taken_and_covers_what_it_says(
    request: Request, count: int, quotes: list[Quote], most: int
) -> None:
    limits = Limits(most)
    found = limits.shop(request, count, quotes)
    assert list(found.quotes) == limits.taken
    assert all(quote.price is not None for quote in found.quotes)
    assert found.covered == min(count, sum(takes(request, quote)[0] for quote in found.quotes))
    fewer = sum(takes(request, quote)[0] for quote in found.quotes[:-1])
    assert not found.quotes or fewer < count, "the last one was not needed"
    for quote in quotes:
        able, why = takes(request, quote)
        name = f"{quote.cloud}/{quote.flavor}"
        if not able:
            assert found.passed_over[name] == why
        elif found.covered < count:
            assert limits.refuse(quote), "this one could have been taken"
            assert found.passed_over[name] == limits.refuse(quote)


@settings(max_examples=300)
@given(requests(), st.integers(1, 6), offers(), st.integers(1, 3))
def test_each_purchase_is_the_best_then(request: Request, count: int, quotes: list[Quote], most: int) -> None:
    """Least per replica really taken, then least in all; only prices of one currency are compared."""
    left = count
    limits = Limits(most)
    bought = limits.shop(request, count, quotes).quotes
    again = Limits(most)
    for quote in bought:
        allowed = [q for q in quotes if takes(request, q)[0] and not again.refuse(q)]
        assert quote.price is not None
        peers = [q for q in allowed if q.price is not None and q.price.currency == quote.price.currency]
        assert allowed[0] in peers, "another currency than that of the first that could be had"
        assert key(request, quote, left) == min(key(request, q, left) for q in peers)
        again.take(quote)
        left -= takes(request, quote)[0]


def key(request: Request, quote: Quote, left: int) -> tuple[float, int]:
    assert quote.price is not None
    return (quote.price.nano / min(takes(request, quote)[0], left), quote.price.nano)


@given(st.integers(1, 9), st.permutations([10, 25, 40, 40]), st.integers(1, 3))
def test_of_like_flavors_the_cheapest(count: int, prices: list[int], most: int) -> None:
    """Flavors alike but for the price: together as cheap as can be."""
    quotes = [
        Quote(cloud="east", flavor=f"f{n}", capacity=Capacity(cpu=2000, memory=GIB), price=Money(price))
        for n, price in enumerate(prices)
    ]
    found = Limits(most).shop(Request(service=WEB, cpu=1000), count, quotes)
    hosts = min(-(-count // 2), most * len(prices))
    cheapest = sorted(price for price in prices for _ in range(most))[:hosts]
    assert sorted(q.price.nano for q in found.quotes if q.price) == cheapest


def test_an_unknown_price_is_never_taken_whoever_allows_it() -> None:
    quote = Quote(cloud="east", flavor="f", capacity=Capacity(cpu=2000, memory=GIB))
    found = shop(Request(service=WEB, cpu=1000), 1, [quote], lambda _: "", lambda _: None)
    assert (found.quotes, found.covered) == ((), 0)


def test_the_last_replicas_get_a_small_host() -> None:
    large = Quote(cloud="east", flavor="large", capacity=Capacity(cpu=8000, memory=GIB), price=Money(70))
    small = msgspec.structs.replace(large, flavor="small", capacity=Capacity(cpu=2000), price=Money(20))
    found = Limits(9).shop(Request(service=WEB, cpu=1000), 10, [large, small])
    assert Counter(q.flavor for q in found.quotes) == {"large": 1, "small": 1}
