"""Money is exact: it reads back as it was written, and totals add up with unknowns and currencies kept."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.model.money import NANO, Money, Total, format_nano, format_total, parse_money

CURRENCIES = st.sampled_from(["EUR", "USD", "CHF"])
MONEY = st.builds(Money, st.integers(0, 10**15), CURRENCIES)
TOTALS = st.builds(
    Total.of, st.lists(st.none() | st.builds(Money, st.integers(-(10**9), 10**9), CURRENCIES), max_size=6)
)


@given(MONEY)
def test_a_price_reads_back_as_it_was_written(price: Money) -> None:
    assert parse_money(format_nano(price.nano, price.currency, digits=9)) == price
    assert parse_money(f"{price.currency.lower()} {price.nano // NANO}.{price.nano % NANO:09d}/h") == price


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0.045", Money(45_000_000)),
        ("0.045 EUR", Money(45_000_000)),
        ("USD 0.045", Money(45_000_000, "USD")),
        ("0.045 usd/h", Money(45_000_000, "USD")),
        ("1", Money(NANO)),
        (".5", Money(500_000_000)),
        ("2.", Money(2 * NANO)),
        ("0.000000001", Money(1)),
        ("0", Money(0)),
    ],
)
def test_prices_as_people_write_them(text: str, price: Money) -> None:
    assert parse_money(text) == price


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EUR",
        "cheap",
        ".",
        "-1",
        "1,5",
        "1.5.5",
        "0.0000000001",
        "1 EUR USD",
        "1 2",
        "1e3",
        "0x10",
        "1 EURO",
        "free 1",
    ],
)
def test_what_is_no_price(text: str) -> None:
    with pytest.raises(ValueError, match="is no price per hour"):
        parse_money(text)


@given(st.integers(-(10**12), 10**12), st.integers(0, 9))
def test_amounts_round_half_away_from_zero(nano: int, digits: int) -> None:
    text, currency = format_nano(nano, "EUR", digits).split()
    assert currency == "EUR"
    shown = round(float(text) * 10**digits) if digits < 6 else None
    scale = 10 ** (9 - digits)
    exact = (abs(nano) + scale // 2) // scale * (1 if nano >= 0 else -1)
    assert shown is None or shown == exact
    assert not text.startswith("-") or any(c in "123456789" for c in text), "there is no minus nothing"


@given(st.lists(st.none() | MONEY, max_size=8))
def test_a_total_is_the_sum(prices: list[Money | None]) -> None:
    total = Total.of(prices)
    known = [p for p in prices if p is not None]
    sums: Counter[str] = Counter()
    for price in known:
        sums[price.currency] += price.nano
    assert total.amounts == dict(sums)
    assert list(total.amounts) == sorted(total.amounts)
    assert total.unknown == len(prices) - len(known)


def shown(total: Total) -> tuple[dict[str, int], int]:
    """A total without currencies of which there is nothing."""
    return {c: n for c, n in total.amounts.items() if n}, total.unknown


@given(TOTALS, TOTALS, TOTALS)
def test_totals_add_and_take_away(a: Total, b: Total, c: Total) -> None:
    assert shown(a.plus(b)) == shown(b.plus(a))
    assert shown(a.plus(b).plus(c)) == shown(a.plus(b.plus(c)))
    assert shown(a.plus(b).plus(b, -1)) == shown(a)
    assert shown(a.plus(a, -1)) == ({}, 0)
    assert a.plus(b).unknown == a.unknown + b.unknown


@given(TOTALS, TOTALS)
def test_within_is_per_currency_and_unknown_is_not_zero(a: Total, ceiling: Total) -> None:
    each = all(nano <= ceiling.amounts.get(currency, 0) for currency, nano in a.amounts.items())
    assert a.within(ceiling) is (each and a.unknown <= ceiling.unknown)
    assert a.within(a)
    assert not a.plus(Total.of([None])).within(a)


@given(MONEY, st.integers(0, 99))
def test_times_and_months(price: Money, count: int) -> None:
    assert price * count == Money(price.nano * count, price.currency)
    assert price.monthly_nano == price.nano * 730


def test_totals_in_words() -> None:
    total = Total.of([Money(45_000_000), Money(10_000_000, "USD"), None, None])
    assert format_total(total) == "0.0450 EUR + 0.0100 USD + 2 unknown"
    assert format_total(total, months=True) == "32.85 EUR + 7.30 USD + 2 unknown"
    assert format_total(Total()) == "0"
    assert format_nano(-5_000, "EUR") == "0.0000 EUR"
