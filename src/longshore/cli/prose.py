"""Numbers as people read them: ages, room, money. Pure; what is shown is in `tables` and others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from longshore.model.clock import HOUR, MINUTE, SECOND
from longshore.model.money import HOURS_PER_MONTH, NANO, Money, Total, format_nano, format_total

_DAY = 24 * HOUR
_NUMBERED = re.compile(r"(.+/.+\.|[^/]+-)([1-9][0-9]*)")
"""Names of tasks, and of hosts that were lent: `shop/web.1`, `north-1`."""

_HASH = 12
"""Hexadecimal digits of a hash that people see: enough among any number of plans one keeps."""


def short(digest: str) -> str:
    """The beginning of a hash, as `apply` takes it."""
    return digest.removeprefix("sha256:")[:_HASH]


def length(micros: int) -> str:
    """A length of time by its largest unit: `12s`, `3m`, `2h`, `5d`."""
    if micros < MINUTE:
        return f"{max(micros, 0) // SECOND}s"
    if micros < HOUR:
        return f"{micros // MINUTE}m"
    if micros < _DAY:
        return f"{micros // HOUR}h"
    return f"{micros // _DAY}d"


def age(now: int, at: int) -> str:
    """How long ago `at` was; `-` where it never was (0)."""
    return length(now - at) if at else "-"


def ago(now: int, at: int) -> str:
    """As `age`, within a sentence."""
    return f"{age(now, at)} ago" if at else "never"


def plural(count: int, noun: str) -> str:
    """`1 host`, `2 hosts`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listing(words: Iterable[str]) -> str:
    """`a, b, c`, or `-` for nothing."""
    return ", ".join(words) or "-"


def cores(millis: int) -> str:
    """Thousandths of a core as cores."""
    return f"{millis / 1000:g}"


def memory(count: int) -> str:
    """Bytes by the largest binary unit that leaves at most one decimal."""
    size = float(count)
    for unit in ("B", "K", "M", "G"):
        if abs(size) < 1024:
            return f"{size:.1f}".removesuffix(".0") + unit
        size /= 1024
    return f"{size:.1f}".removesuffix(".0") + "T"


def hourly(price: Money | None) -> str:
    """A price per hour, or that it is unknown: unknown is not zero."""
    return "unknown" if price is None else format_nano(price.nano, price.currency)


def monthly(price: Money | None) -> str:
    """A price per month of 730 hours, or that it is unknown."""
    return "unknown" if price is None else format_nano(price.monthly_nano, price.currency, 2)


def rates(total: Total) -> str:
    """A total per hour and per month."""
    if total.unknown and not total.amounts:
        return "unknown"
    return f"{format_total(total)} per hour, {format_total(total, months=True)} per month"


def price_lines(after: Total, difference: Total) -> list[str]:
    """The bill before and after, per hour and per month in each currency, and how many hosts lack a price."""
    before = after.plus(difference, -1)
    currencies = sorted({*after.amounts, *before.amounts})
    if not currencies and not after.unknown and not before.unknown:
        currencies = ["EUR"]
    lines = []
    for currency in currencies:
        old, new = before.amounts.get(currency, 0), after.amounts.get(currency, 0)
        lines.append(_move(old, new, currency, 4, "per hour"))
        lines.append(_move(old * HOURS_PER_MONTH, new * HOURS_PER_MONTH, currency, 2, "per month"))
    if after.unknown or before.unknown:
        step = "no difference" if not difference.unknown else f"{difference.unknown:+}"
        lead = "and" if lines else "unknown:"
        lines.append(f"{lead} {plural(after.unknown, 'host')} without a known price ({step})")
    return lines


def terms(score: Mapping[str, float]) -> str:
    """The terms of a score in the order in which they count; prices in units of money."""
    return ", ".join(
        f"{name} {value / NANO if name == 'price' else value:g}" for name, value in score.items()
    )


def span(numbers: Iterable[int]) -> str:
    """Whole numbers with runs drawn together: `1-3,5`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def names(words: Iterable[str]) -> list[str]:
    """Names in order of first appearance, those that differ only in a number at the end as one."""
    stems: dict[str, set[int]] = {}
    for word in words:
        found = _NUMBERED.fullmatch(word)
        stem, number = (found[1], {int(found[2])}) if found else (word, set())
        stems.setdefault(stem, set()).update(number)
    # A hyphen would be read as part of a host's name.
    return [
        stem + (span(numbers).replace("-", "…") if stem.endswith("-") else span(numbers))
        for stem, numbers in stems.items()
    ]


def _move(before: int, after: int, currency: str, digits: int, unit: str) -> str:
    """One amount on its way: `0.0400 → 0.0850 EUR per hour (+0.0450)`."""
    new = format_nano(after, currency, digits)
    if before == after:
        return f"{new} {unit} (no difference)"
    sign = "+" if after > before else ""
    old = format_nano(before, currency, digits).split()[0]
    step = format_nano(after - before, currency, digits).split()[0]
    return f"{old} → {new} {unit} ({sign}{step})"
