"""Durations and sizes as people write them, and back."""

from __future__ import annotations

import math
import re

from longshore.template.nodes import Data

_NUMBER = r"(?:\d+\.?\d*|\.\d+)"
_UNIT = "(?:[u\u00b5\u03bc]s|ns|ms|s|m|h|d|w)"
_DURATION = re.compile(f"[-+]?(?:{_NUMBER}{_UNIT})+")
_TERM = re.compile(f"({_NUMBER})({_UNIT})")
_MICROSECONDS = {
    "ns": 0.001,
    "us": 1,
    "\u00b5s": 1,
    "\u03bcs": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?b)?", re.IGNORECASE)
_LONGEST = 30
"""Characters; no duration or size that means anything is longer."""


def duration(text: str) -> int | None:
    """Microseconds of `1m30s`, `500ms`, `1h`; None where the text is no duration.

    Zero may stand without a unit, as in Go, from which the notation comes.
    """
    if text in {"0", "+0", "-0"}:
        return 0
    if len(text) > _LONGEST or not _DURATION.fullmatch(text):
        return None
    found = round(sum(float(n) * _MICROSECONDS[unit] for n, unit in _TERM.findall(text)))
    return -found if text.startswith("-") else found


def duration_text(microseconds: int) -> str:
    """A duration as Go prints it: `1m30s`, `1h0m0s`, `500ms`."""
    if microseconds < 0:
        return "-" + duration_text(-microseconds)
    if microseconds < 1_000:
        return f"{microseconds}\u00b5s" if microseconds else "0s"
    if microseconds < 1_000_000:
        return f"{microseconds / 1_000:.10g}ms"
    minutes, rest = divmod(microseconds, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest / 1_000_000:.10g}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def size(text: str) -> int | None:
    """Bytes of `512m`, `1.5g`, `64kb`; units are powers of 1024. None where it is no size."""
    match = _SIZE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if match is None:
        return None
    return int(float(match[1]) * 1024 ** " kmgtp".index(match[2].lower() or " "))


def number_text(data: Data) -> str:
    """A plain value as Go prints it: `1.1` for 1.10, `1e+06` for 1000000.0, `true`."""
    if isinstance(data, bool):
        return str(data).lower()
    if not isinstance(data, float):
        return "" if data is None else str(data)
    if not math.isfinite(data):
        return {"inf": "+Inf", "-inf": "-Inf"}.get(str(data), "NaN")
    mantissa, _, exponent = f"{data:e}".partition("e")
    shortest = repr(data)
    digits = shortest.lower().partition("e")[0].replace(".", "").replace("-", "").strip("0") or "0"
    power = int(exponent)
    # Go turns to an exponent below a ten-thousandth, and from a million on.
    if data == 0 or -4 <= power < 6:
        return f"{data:.{max(0, len(digits) - 1 - power)}f}"
    sign = "-" if mantissa.startswith("-") else ""
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02d}"
