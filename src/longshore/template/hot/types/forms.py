"""Forms of values that have a name: addresses, names of hosts, times.

Most names (`nova.flavor`, `neutron.network` and the like) mean that a cloud has such a thing. No cloud
is asked here, so these answer yes; what a text can tell by itself is checked as Heat checks it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import re
from collections.abc import Callable, Collection

import msgspec

_OCTET = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"{_OCTET}(\.{_OCTET}){{3}}")
_IPV4_SUBNET = re.compile(rf"{_OCTET}(\.{_OCTET}){{3}}/(3[0-2]|[12]?\d)")
_LABEL = re.compile(r"[a-z0-9-]{1,63}")
_LONGEST_NAME = 255
"""Characters of a full name of a host (RFC 1035)."""

_HEX = "[0-9a-f]"
_MAC = re.compile(
    "|".join(
        (
            f"{_HEX}{{1,2}}(:{_HEX}{{1,2}}){{5}}",
            f"{_HEX}{{1,2}}(-{_HEX}{{1,2}}){{5}}",
            f"{_HEX}{{1,4}}(:{_HEX}{{1,4}}){{2}}",
            f"{_HEX}{{1,4}}(-{_HEX}{{1,4}}){{2}}",
            rf"{_HEX}{{1,4}}(\.{_HEX}{{1,4}}){{2}}",
            f"{_HEX}{{5,6}}[-:]{_HEX}{{5,6}}",
            f"{_HEX}{{11,12}}",
        )
    ),
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(\d{4})(?:-?(\d{1,2})(?:-?(\d{1,2}))?)?"
    r"(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?\s*(?:Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_AREAS = (
    "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico"
)
_ZONE = re.compile(
    rf"({_AREAS}|Pacific|US)/[\w+/-]+|UTC|UCT|GMT[+-]?0?|Greenwich|Universal|Zulu|[ECMW]ET|[EMH]ST"
    "|(EST5E|CST6C|MST7M|PST8P)DT|Cuba|Egypt|Eire|GB|GB-Eire|Hongkong|Iceland|Iran|Israel|Jamaica|Japan"
    "|Kwajalein|Libya|NZ|NZ-CHAT|Navajo|PRC|Poland|Portugal|ROC|ROK|Singapore|Turkey|W-SU|Factory"
)
"""Names of the tz database, as far as a look at the name can tell."""


def broken(name: str, value: object) -> str | None:
    """What is wrong with a value of the form `name`, in words; None where nothing is."""
    reads = _FORMS.get(name)
    return reads(value) if reads is not None else None


def is_known(name: str) -> bool:
    """Whether the form is checked here, rather than by a cloud."""
    return name in _FORMS


def _address(value: object) -> str | None:
    if isinstance(value, str) and _is_address(value):
        return None
    return f"{_shown(value)} is no IP address"


def _is_address(text: str) -> bool:
    return bool(_IPV4.fullmatch(text)) or (":" in text and "%" not in text and _is_ipv6(text))


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _subnet(value: object) -> str | None:
    if isinstance(value, str) and _is_subnet(value):
        return None
    return f"{_shown(value)} is no subnet, such as 10.0.0.0/24"


def _is_subnet(text: str) -> bool:
    if _IPV4_SUBNET.fullmatch(text):
        return True
    if ":" not in text or "/" not in text or re.search(r"\s", text):
        return False
    try:
        ipaddress.IPv6Interface(text)
    except ValueError:
        return False
    return True


def _address_or_subnet(value: object) -> str | None:
    return _subnet(value) if isinstance(value, str) and "/" in value else _address(value)


def _mac(value: object) -> str | None:
    if isinstance(value, str) and _MAC.fullmatch(value):
        return None
    return f"{_shown(value)} is no MAC address"


def _name(value: object) -> str | None:
    """A name of a host: labels of small letters, digits and hyphens, with dots between."""
    if not value or not isinstance(value, str):
        return None
    labels = value.removesuffix(".").split(".")
    if len(value.removesuffix(".")) > _LONGEST_NAME:
        return f"the name is longer than {_LONGEST_NAME} characters"
    for label in labels:
        if not _LABEL.fullmatch(label) or label.startswith("-") or label.endswith("-"):
            return f"{_shown(value)} is no name of a host: small letters, digits and hyphens within"
    if value.endswith(".") and len(labels) > 1 and labels[-1].isdigit():
        return f"{_shown(value)} ends in a number"
    return None


def _relative_name(value: object) -> str | None:
    if not value or not isinstance(value, str):
        return None
    if value.endswith("."):
        return f"{_shown(value)} ends in a dot, but has to be relative"
    if len(value) > _LONGEST_NAME - 3:
        return "the name leaves no room for a domain"
    return _name(value)


def _domain(value: object) -> str | None:
    if not value or not isinstance(value, str):
        return None
    why = _name(value)
    if why is None and not value.endswith("."):
        return f"{_shown(value)} has to end in a dot"
    return why


def _time(value: object) -> str | None:
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is not None and _is_real(*(int(part) if part else None for part in match.groups())):
        return None
    return f"{_shown(value)} is no time, such as 2030-01-31T12:00:00Z"


def _is_real(*parts: int | None) -> bool:
    """Whether there is such a day and such a time of the day."""
    year, month, day, *clock = parts
    hour, minute, second = (part or 0 for part in clock)
    try:
        first = dt.date(year or 0, 1 if month is None else month, 1 if day is None else day)
        dt.datetime.combine(first, dt.time(hour, minute, second))
    except ValueError:
        return False
    return True


def _expiration(value: object) -> str | None:
    # Whether it has passed depends on the day of asking, which nobody here knows.
    return _time(value) if value else None


_CRON_WORDS = frozenset(("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"))
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


class _Field(msgspec.Struct, frozen=True):
    """One of the fields of a cron expression: its bounds, its names, and what else may stand there."""

    least: int
    most: int
    names: Collection[str] = ()
    others: str = "(?!)"


_CRON_FIELDS = (
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31, (), r"\?|l"),
    _Field(1, 12, _MONTHS),
    _Field(0, 7, _DAYS, r"\?|l[0-7]|(?:[0-7]|sun|mon|tue|wed|thu|fri|sat)#[1-5]"),
    _Field(0, 59),
    _Field(1970, 2099),
)


def _cron(value: object) -> str | None:
    """Five fields, as crontab has them; or six with seconds, or seven with years."""
    if not value:
        return None
    text = str(value).strip().lower()
    fields = text.split()
    if text in _CRON_WORDS:
        return None
    if len(fields) not in (5, 6, 7) or not all(map(_is_cron_field, fields, _CRON_FIELDS)):
        return f'{_shown(value)} is no cron expression, such as "*/5 * * * *"'
    return None


def _is_cron_field(text: str, field: _Field) -> bool:
    return all(_is_cron_part(part, field) for part in text.split(","))


def _is_cron_part(text: str, field: _Field) -> bool:
    base, slash, step = text.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if base in ("*", "r") or re.fullmatch(field.others, base):
        return True
    ends = base.split("-")
    return len(ends) <= 2 and all(_is_cron_value(end, field) for end in ends)


def _is_cron_value(text: str, field: _Field) -> bool:
    return text in field.names or (text.isdecimal() and field.least <= int(text) <= field.most)


def _zone(value: object) -> str | None:
    if not value or (isinstance(value, str) and _ZONE.fullmatch(value)):
        return None
    return f"{_shown(value)} is no time zone, such as Europe/Paris"


def _json(value: object) -> str | None:
    if not value or not isinstance(value, str):
        return None
    try:
        json.loads(value)
    except ValueError as fault:
        return f"this is no JSON: {fault}"
    return None


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:80] + "…"


_FORMS: dict[str, Callable[[object], str | None]] = {
    "ip_addr": _address,
    "net_cidr": _subnet,
    "ip_or_cidr": _address_or_subnet,
    "mac_addr": _mac,
    "dns_name": _name,
    "rel_dns_name": _relative_name,
    "dns_domain": _domain,
    "iso_8601": _time,
    "expiration": _expiration,
    "cron_expression": _cron,
    "timezone": _zone,
    "json_string": _json,
}
