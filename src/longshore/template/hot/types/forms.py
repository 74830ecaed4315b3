"""Forms of values that have a name: addresses, names of hosts, times.

Most names (`nova.flavor`, `neutron.network` and the like) mean that a cloud has such a thing. No cloud
is asked here, so these answer yes; what a text can tell by itself is checked as Heat checks it.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable

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
    r"\d{4}(-?\d{2}(-?\d{2})?)?([T ]\d{2}(:?\d{2}(:?\d{2}([.,]\d+)?)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?"
)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]*")


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
    if _IPV4.fullmatch(text):
        return True
    if re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}", text):
        # Zeros in front are allowed, and mean nothing.
        return all(int(part) < 256 for part in text.split("."))
    return ":" in text and _is_ipv6(text)


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
    if isinstance(value, str) and _TIME.fullmatch(value.strip()):
        return None
    return f"{_shown(value)} is no time, such as 2030-01-31T12:00:00Z"


def _expiration(value: object) -> str | None:
    # Whether it has passed depends on the day of asking, which nobody here knows.
    return _time(value) if value else None


_CRON_FIELD = re.compile(r"[\w*/,?#-]+", re.IGNORECASE)
_CRON_WORDS = frozenset(
    ("@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
)
_CRON_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7), (0, 59), (1970, 2099))


def _cron(value: object) -> str | None:
    if not value:
        return None
    text = str(value).strip()
    fields = text.split()
    if text.lower() in _CRON_WORDS - {"@reboot"}:
        return None
    if len(fields) not in (5, 6, 7) or not all(map(_is_cron_field, fields, _CRON_BOUNDS)):
        return f'{_shown(value)} is no cron expression, such as "*/5 * * * *"'
    return None


def _is_cron_field(field: str, bounds: tuple[int, int]) -> bool:
    if not _CRON_FIELD.fullmatch(field):
        return False
    least, most = bounds
    numbers = [int(each) for part in field.split(",") for each in re.findall(r"\d+", part.split("/")[0])]
    return all(least <= each <= most for each in numbers)


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
