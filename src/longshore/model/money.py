"""Money: int64 nano-units of a currency per hour, totals per currency, unknown is not zero."""

from __future__ import annotations

import msgspec

HOURS_PER_MONTH = 730
"""The billing convention of public clouds: 8,760 hours a year over twelve months."""

NANO = 1_000_000_000


class Money(msgspec.Struct, frozen=True, order=True):
    """An hourly price: `nano` is 1e-9 of one unit of `currency` (an ISO 4217 code) per hour."""

    nano: int
    currency: str = "EUR"

    def __mul__(self, count: int) -> Money:
        """This price `count` times."""
        return Money(self.nano * count, self.currency)

    @property
    def monthly_nano(self) -> int:
        """The price for 730 hours, in nano-units."""
        return self.nano * HOURS_PER_MONTH


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """A sum of hourly prices: nano-units per currency, and how many addends had no known price."""

    amounts: dict[str, int] = {}
    unknown: int = 0

    @classmethod
    def of(cls, prices: list[Money | None]) -> Total:
        """The sum of prices, where None is an unknown one."""
        amounts: dict[str, int] = {}
        for price in prices:
            if price is not None:
                amounts[price.currency] = amounts.get(price.currency, 0) + price.nano
        return cls(amounts=dict(sorted(amounts.items())), unknown=sum(1 for p in prices if p is None))

    def plus(self, other: Total, sign: int = 1) -> Total:
        """This total and `sign` times the other, without currencies that cancel out."""
        amounts = dict(self.amounts)
        for currency, nano in other.amounts.items():
            amounts[currency] = amounts.get(currency, 0) + sign * nano
        return Total(
            amounts={c: n for c, n in sorted(amounts.items()) if n},
            unknown=self.unknown + sign * other.unknown,
        )

    def within(self, ceiling: Total) -> bool:
        """Whether no currency is above that of the ceiling; an unknown price never is within."""
        return self.unknown <= ceiling.unknown and all(
            nano <= ceiling.amounts.get(currency, 0) for currency, nano in self.amounts.items()
        )


def parse_money(text: str) -> Money:
    """Read `0.045`, `0.045 EUR` or `USD 0.045`: a price per hour.

    Raises:
        ValueError: the text is no price.
    """
    words = text.replace("/h", " ").split()
    codes = [w.upper() for w in words if w.isalpha()]
    numbers = [w for w in words if not w.isalpha()]
    if len(numbers) != 1 or len(words) > 2 or any(len(code) != 3 for code in codes):
        msg = f"{text!r} is no price per hour; write it like 0.045 or 0.045 USD"
        raise ValueError(msg)
    whole, _, part = numbers[0].partition(".")
    if not (whole or part) or not (whole or "0").isdigit() or not (part or "0").isdigit() or len(part) > 9:
        msg = f"{text!r} is no price per hour; write it like 0.045 or 0.045 USD"
        raise ValueError(msg)
    nano = int(whole or 0) * NANO + int((part or "0").ljust(9, "0"))
    return Money(nano, codes[0] if codes else "EUR")


def format_nano(nano: int, currency: str, digits: int = 4) -> str:
    """An amount in words, `0.0450 EUR`; rounded half away from zero."""
    scale = 10 ** (9 - digits)
    units = (abs(nano) + scale // 2) // scale
    sign = "-" if nano < 0 and units else ""
    whole, part = divmod(units, 10**digits)
    return f"{sign}{whole}.{part:0{digits}d} {currency}"


def exact(money: Money) -> str:
    """An amount as `parse_money` reads it, with all its decimals."""
    whole, part = divmod(money.nano, NANO)
    return f"{whole}.{part:09d}".rstrip("0").rstrip(".") + f" {money.currency}"


def format_total(total: Total, *, months: bool = False) -> str:
    """A total per hour, or per month of 730 hours, in words; says when a part is unknown, or all of it."""
    times, digits = (HOURS_PER_MONTH, 2) if months else (1, 4)
    parts = [format_nano(nano * times, currency, digits) for currency, nano in total.amounts.items()]
    if total.unknown:
        parts.append(f"{total.unknown} unknown" if parts else "unknown")
    return " + ".join(parts) or "0"
