import pytest

from longshore.cli import prose
from longshore.model.clock import HOUR, MINUTE, SECOND
from longshore.model.money import Money, Total


@pytest.mark.parametrize(
    ("micros", "words"),
    [
        (-5, "0s"),
        (12 * SECOND, "12s"),
        (MINUTE, "1m"),
        (59 * MINUTE + 59 * SECOND, "59m"),
        (2 * HOUR, "2h"),
        (50 * HOUR, "2d"),
    ],
)
def test_lengths(micros: int, words: str) -> None:
    assert prose.length(micros) == words


def test_ages() -> None:
    assert prose.ago(100 * SECOND, 88 * SECOND) == "12s ago"
    assert prose.ago(100 * SECOND, 0) == "never"
    assert prose.age(100 * SECOND, 0) == "-"


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0B"), (1023, "1023B"), (1024, "1K"), (1536 * 1024, "1.5M"), (2**40, "1T")]
)
def test_memory(count: int, words: str) -> None:
    assert prose.memory(count) == words


def test_spans() -> None:
    assert prose.span([3, 1, 2, 5, 9, 8]) == "1-3,5,8-9"


def test_unknown_is_not_zero() -> None:
    assert prose.hourly(None) == prose.monthly(None) == "unknown"
    assert prose.hourly(Money(0)) == "0.0000 EUR"


def test_a_price_that_moves() -> None:
    after = Total(amounts={"EUR": 85_000_000, "USD": 5_000_000}, unknown=1)
    difference = Total(amounts={"EUR": 45_000_000})
    assert prose.price_lines(after, difference) == [
        "0.0400 → 0.0850 EUR per hour (+0.0450)",
        "29.20 → 62.05 EUR per month (+32.85)",
        "0.0050 USD per hour (no difference)",
        "3.65 USD per month (no difference)",
        "and 1 host without a known price (no difference)",
    ]


def test_a_price_that_is_not_known() -> None:
    assert prose.price_lines(Total(unknown=1), Total()) == [
        "unknown: 1 host without a known price (no difference)"
    ]
    assert prose.price_lines(Total(unknown=2), Total(unknown=1)) == [
        "unknown: 2 hosts without a known price (+1)"
    ]
    assert prose.price_lines(Total(amounts={"EUR": 10**9}), Total(unknown=-1))[-1] == (
        "and 0 hosts without a known price (-1)"
    )
    assert prose.rates(Total(unknown=3)) == "unknown"
    assert prose.rates(Total(amounts={"EUR": 10**9}, unknown=3)) == (
        "1.0000 EUR + 3 unknown per hour, 730.00 EUR + 3 unknown per month"
    )


def test_names_are_drawn_together() -> None:
    words = ["shop/web.1", "shop/web.2", "north-3", "10.0.0.1", "shop/web.4", "north-4", "vm", "10.0.0.1"]
    assert prose.names(words) == ["shop/web.1-2,4", "north-3…4", "10.0.0.1", "vm"]


def test_a_price_that_falls_to_nothing() -> None:
    lines = prose.price_lines(Total(), Total(amounts={"EUR": -45_000_000}))
    assert lines == ["0.0450 → 0.0000 EUR per hour (-0.0450)", "32.85 → 0.00 EUR per month (-32.85)"]


def test_no_price_at_all() -> None:
    lines = prose.price_lines(Total(), Total())
    assert lines == ["0.0000 EUR per hour (no difference)", "0.00 EUR per month (no difference)"]
