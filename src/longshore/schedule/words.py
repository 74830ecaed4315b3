"""Amounts in words."""

from __future__ import annotations

UNITS = (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def cores(milli: int) -> str:
    """`1.5 cpus`."""
    return f"{milli / 1000:g} cpu{'' if milli == 1000 else 's'}"


def size_words(number: int) -> str:
    """`2.1 GiB`."""
    for unit, scale in UNITS:
        if abs(number) >= scale:
            return f"{number / scale:.4g} {unit}"
    return f"{number} B"


def amount_words(name: str, number: int) -> str:
    """So much of a plain resource: `1.5 cpus`, `2 GiB of disk`, `3 pids`, `2 licences`."""
    match name:
        case "cpu":
            return cores(number)
        case "memory":
            return size_words(number)
        case "disk":
            return f"{size_words(number)} of disk"
        case _:
            return f"{number} {name.removeprefix('counted.')}"
