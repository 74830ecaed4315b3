"""Amounts of room, taints and times as people write them on the command line."""

from __future__ import annotations

import re

from longshore.cli.names import parse_pairs
from longshore.model.clock import HOUR, MINUTE, SECOND
from longshore.model.errors import Invalid
from longshore.model.host import Capacity, Effect, Taint

_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LENGTH = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": 24 * HOUR}
_TAINT = re.compile(r"([^=:\s]+)(?:=([^:\s]*))?(?::([A-Za-z]+))?")


def parse_room(text: str) -> Capacity:
    """Read `cpu=1,memory=2GiB,disk=10GiB,pids=100`; other names are counted resources. `none` is no room.

    Raises:
        Invalid: as `parse_pairs`, or `room-unreadable`.
    """
    if text == "none":
        return Capacity()
    pairs = parse_pairs(tuple(text.split(",")), "cpu=1,memory=2GiB")
    return Capacity(
        cpu=_number(pairs.pop("cpu", "0"), 1000),
        memory=_size(pairs.pop("memory", "0")),
        disk=_size(pairs.pop("disk", "0")),
        pids=_number(pairs.pop("pids", "0"), 1),
        counted={name: _number(value, 1) for name, value in pairs.items()},
    )


def parse_ratio(text: str) -> int:
    """Read `1.5`: thousandths.

    Raises:
        Invalid: `room-unreadable`.
    """
    return _number(text, 1000)


def _number(text: str, scale: int) -> int:
    if not re.fullmatch(r"\d{1,12}(\.\d+)?", text):
        raise _unreadable(text)
    return round(float(text) * scale)


def _size(text: str) -> int:
    match = _SIZE.fullmatch(text)
    if match is None:
        raise _unreadable(text)
    return int(float(match[1]) * 1024 ** _POWERS[match[2].lower()])


def _unreadable(text: str) -> Invalid:
    return Invalid(
        f"{text!r} is no amount", code="room-unreadable", remedy="write it like cpu=1.5,memory=2GiB"
    )


def parse_taint(text: str) -> Taint:
    """Read `dedicated=gpu:NoSchedule`, `dedicated:NoExecute` or `dedicated`.

    Raises:
        Invalid: `taint-unreadable`.
    """
    match = _TAINT.fullmatch(text)
    effects = {str(effect).lower(): effect for effect in Effect}
    effect = effects.get((match[3] or Effect.NO_SCHEDULE).lower()) if match is not None else None
    if match is None or effect is None:
        raise Invalid(
            f"{text!r} is no taint",
            code="taint-unreadable",
            remedy=f"write KEY=VALUE:EFFECT; effects are {', '.join(Effect)}",
        )
    return Taint(key=match[1], value=match[2] or "", effect=effect)


def parse_length(text: str) -> int:
    """Read `90s`, `15m`, `2h` or `1d`, as microseconds.

    Raises:
        Invalid: `length-unreadable`.
    """
    match = _LENGTH.fullmatch(text)
    if match is None:
        raise Invalid(
            f"{text!r} is no length of time", code="length-unreadable", remedy="write it like 30m, 2h or 1d"
        )
    return int(match[1]) * _UNITS[match[2]]
