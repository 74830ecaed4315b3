"""What a simulated cloud is like, from `--set key=value`: one row per key, all of them text.

A key that does not exist, or a value that cannot be read, raises `Invalid` with code `bad-setting`
that names the key and what would be right.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

import msgspec

from longshore.model.clock import HOUR, MINUTE, SECOND
from longshore.model.errors import Invalid
from longshore.model.host import Capacity
from longshore.model.money import Money, parse_money


class Flavor(msgspec.Struct, frozen=True, kw_only=True):
    """A size of host to lend; `price` per hour is None where it is unknown."""

    name: str
    capacity: Capacity
    price: Money | None
    zone: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings as values: lengths in microseconds, sizes in bytes, cpu in thousandths of a core."""

    seed: str
    hosts: int
    cpu: int
    memory: int
    disk: int
    gpus: Capacity
    counted: dict[str, int]
    labels: dict[str, str]
    zones: int
    region: str
    mesh: bool
    flavors: tuple[Flavor, ...]
    currency: str
    quota: int
    billing: int
    min_life: int
    latency: int
    boot: int
    start: int
    health: int
    pull: int
    jitter: float
    lag: int
    outage: tuple[tuple[int, int], ...]
    fail_before: float
    fail_after: float
    boot_fail: float
    slow: float
    slow_for: int
    hang: float
    crash: float
    missing: tuple[str, ...]
    external: tuple[str, ...]
    state: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A setting: how to read it, what it is when not given, and what it means."""

    read: Callable[[str], object]
    default: str
    doc: str


_UNITS = {"us": 1, "ms": 1_000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": 24 * HOUR}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_FLAVORS = "small:2:4GiB:0.02,medium:4:8GiB:0.04,large:8:16GiB:0.08"


def read_length(text: str) -> int:
    """Read a length of time (`500ms`, `2s`, `1m30s`, `1h`, `0`), as microseconds.

    Raises:
        ValueError: the text is no length of time.
    """
    if text == "0":
        return 0
    parts = _LENGTH.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        msg = "write a length of time like 500ms, 2s, 5m or 1h"
        raise ValueError(msg)
    return round(sum(float(number) * _UNITS[unit] for number, unit in parts))


def read_size(text: str) -> int:
    """Read a size of memory (`512MiB`, `8GiB`, `8G`; powers of 1024 as Docker has it), as bytes.

    Raises:
        ValueError: the text is no size.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        msg = "write a size like 512MiB or 8GiB"
        raise ValueError(msg)
    return int(float(match[1]) * 1024 ** _POWERS[match[2].lower()])


def read_cpu(text: str) -> int:
    """Read a number of cores (`4`, `0.5`), as thousandths.

    Raises:
        ValueError: the text is no number of cores.
    """
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        msg = "write a number of cores like 4 or 0.5"
        raise ValueError(msg)
    return round(float(text) * 1000)


def read_settings(cloud: str, given: dict[str, str]) -> Settings:
    """The settings of a cloud, from what was given and the defaults.

    Raises:
        Invalid: `bad-setting`: a key is unknown, or a value cannot be read.
    """
    for key in given:
        if key not in SETTINGS:
            raise _unknown(cloud, key)
    values = {key: _read(cloud, key, given.get(key, row.default)) for key, row in SETTINGS.items()}
    settings = msgspec.convert(values, Settings)
    if "flavors" not in given and settings.hosts:
        # Hosts of one's own and nothing said of others: nothing is for sale.
        settings = msgspec.structs.replace(settings, flavors=())
    currency = settings.currency
    return msgspec.structs.replace(settings, flavors=tuple(_priced(f, currency) for f in settings.flavors))


def _read(cloud: str, key: str, text: str) -> object:
    try:
        return SETTINGS[key].read(text.strip())
    except ValueError as error:
        raise Invalid(
            f"setting {key}={text} of cloud {cloud}: {error}",
            code="bad-setting",
            remedy=f"{key}: {SETTINGS[key].doc}",
            facts={"cloud": cloud, "key": key, "value": text},
        ) from None


def _unknown(cloud: str, key: str) -> Invalid:
    near = difflib.get_close_matches(key, SETTINGS, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Invalid(
        f"cloud {cloud} has no setting {key}{hint}",
        code="bad-setting",
        remedy=f"settings of a simulated cloud: {', '.join(SETTINGS)}",
        facts={"cloud": cloud, "key": key, "meant": near[0] if near else ""},
    )


def _priced(flavor: Flavor, currency: str) -> Flavor:
    if flavor.price is None:
        return flavor
    return msgspec.structs.replace(flavor, price=Money(flavor.price.nano, currency))


def _count(text: str) -> int:
    if not text.isdecimal():
        msg = "write a whole number"
        raise ValueError(msg)
    return int(text)


def _share(text: str) -> float:
    if not re.fullmatch(r"\d*\.?\d+", text) or float(text) > 1:
        msg = "write a share from 0 to 1 like 0.05"
        raise ValueError(msg)
    return float(text)


def _billing(text: str) -> int:
    length = read_length(text)
    if length <= 0:
        msg = "write a unit of time above zero like 60s or 1h"
        raise ValueError(msg)
    return length


def _currency(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        msg = "write three letters like EUR or USD"
        raise ValueError(msg)
    return text.upper()


def _yes(text: str) -> bool:
    if text not in {"yes", "no"}:
        msg = "write yes or no"
        raise ValueError(msg)
    return text == "yes"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def read_labels(text: str) -> dict[str, str]:
    """Read labels (`disk=ssd,zone=a`).

    Raises:
        ValueError: one has no `=`.
    """
    labels = {}
    for item in _names(text):
        key, equal, value = item.partition("=")
        if not equal or not key.strip():
            msg = "write labels like disk=ssd,zone=a"
            raise ValueError(msg)
        labels[key.strip()] = value.strip()
    return labels


def read_flavors(text: str) -> tuple[Flavor, ...]:
    """Read sizes of host with prices (`small:2:4GiB:0.05`, comma between; `?`: unknown).

    Raises:
        ValueError: one cannot be read, or is there twice.
    """
    flavors = tuple(_flavor(item) for item in _names(text))
    names = [flavor.name for flavor in flavors]
    if len(set(names)) < len(names):
        msg = f"flavor {next(n for n in names if names.count(n) > 1)} is there twice"
        raise ValueError(msg)
    return flavors


def _flavor(text: str) -> Flavor:
    parts = [part.strip() for part in text.split(":")]
    if len(parts) not in {4, 5} or not parts[0]:
        msg = f"write a flavor as NAME:CPU:MEMORY:PRICE like small:2:4GiB:0.05, not {text}"
        raise ValueError(msg)
    name, cpu, memory, price = parts[:4]
    more = dict(_extra(item) for item in parts[4].split("+")) if len(parts) == 5 else {}
    cards = _gpus(more.pop("gpu", "0"))
    zone, disk = more.pop("zone", ""), read_size(more.pop("disk", "0"))
    capacity = msgspec.structs.replace(
        cards,
        cpu=read_cpu(cpu),
        memory=read_size(memory),
        disk=disk,
        counted={kind: _count(number) for kind, number in more.items()},
    )
    paid = None if price == "?" else parse_money(price)
    return Flavor(name=name, capacity=capacity, price=paid, zone=zone)


def _extra(text: str) -> tuple[str, str]:
    name, equal, value = text.partition("=")
    if not equal or not name.strip():
        msg = "write what a flavor has besides like gpu=2xA100+disk=100GiB+zone=z1+fpga=1"
        raise ValueError(msg)
    return name.strip(), value.strip()


def _gpus(text: str) -> Capacity:
    """GPU cards, `2` or `2xA100`."""
    number, _, model = text.partition("x")
    return Capacity(gpus=_count(number), gpu_model=model)


def _counts(text: str) -> dict[str, int]:
    return {kind: _count(number) for kind, number in read_labels(text).items()}


def _outage(text: str) -> tuple[tuple[int, int], ...]:
    windows = []
    for item in _names(text):
        begin, plus, length = item.partition("+")
        if not plus:
            msg = "write an outage as FROM+LENGTH like 10m+5m"
            raise ValueError(msg)
        windows.append((read_length(begin), read_length(length)))
    return tuple(windows)


SETTINGS: dict[str, Row] = {
    "seed": Row(read=str, default="0", doc="any text; the same seed gives the same mishaps"),
    "hosts": Row(read=_count, default="0", doc="how many hosts of its own there are from the start"),
    "cpu": Row(read=read_cpu, default="4", doc="cores of each own host"),
    "memory": Row(read=read_size, default="8GiB", doc="memory of each own host"),
    "disk": Row(read=read_size, default="0", doc="disk of each own host; 0: not known, and no bound"),
    "gpus": Row(read=_gpus, default="0", doc="GPU cards of each own host, like 2 or 2xA100"),
    "counted": Row(read=_counts, default="", doc="what else each own host has so many of, like fpga=2"),
    "labels": Row(read=read_labels, default="", doc="labels of all its hosts, like disk=ssd,zone=a"),
    "zones": Row(read=_count, default="0", doc="spread the hosts over so many zones: label zone=z1, z2, …"),
    "region": Row(read=str, default="", doc="label region of all its hosts"),
    "mesh": Row(
        read=_yes,
        default="no",
        doc="yes: hosts have to be joined before their containers reach each other",
    ),
    "flavors": Row(
        read=read_flavors,
        default=_FLAVORS,
        doc="sizes to lend, NAME:CPU:MEMORY:PRICE per hour (? for unknown), comma between; "
        "what else there is behind one more colon: gpu=2xA100+disk=100GiB+zone=z1+fpga=1; "
        "without own hosts there are three",
    ),
    "currency": Row(read=_currency, default="EUR", doc="of all its prices"),
    "quota": Row(read=_count, default="0", doc="the most hosts it lends at a time; 0: no limit"),
    "billing": Row(read=_billing, default="1s", doc="the unit of time it bills"),
    "min_life": Row(read=read_length, default="0", doc="the least time it bills for a host"),
    "latency": Row(read=read_length, default="20ms", doc="how long any answer takes"),
    "boot": Row(read=read_length, default="30s", doc="time until a host it lends can be used"),
    "start": Row(read=read_length, default="0", doc="time for a container to start, beyond the latency"),
    "health": Row(
        read=read_length, default="1s", doc="time until a container with a health check is healthy"
    ),
    "pull": Row(read=read_length, default="1s", doc="time to fetch an image to a host"),
    "jitter": Row(read=_share, default="0", doc="share by which boot, start, health and pull vary"),
    "lag": Row(read=read_length, default="0", doc="how late its list of hosts shows new and gone ones"),
    "outage": Row(read=_outage, default="", doc="when it does not answer: FROM+LENGTH, like 10m+5m"),
    "fail_before": Row(read=_share, default="0", doc="share of acts that fail and leave nothing"),
    "fail_after": Row(read=_share, default="0", doc="share of acts done whose answer is lost"),
    "boot_fail": Row(read=_share, default="0", doc="share of hosts it lends that never come up"),
    "slow": Row(read=_share, default="0", doc="share of calls that take slow_for longer"),
    "slow_for": Row(read=read_length, default="5s", doc="how much longer a slow call takes"),
    "hang": Row(read=_share, default="0", doc="share of calls that are never answered"),
    "crash": Row(read=_share, default="0", doc="share of started containers that exit 1 within 30 s"),
    "missing": Row(read=_names, default="", doc="images that cannot be had, comma between"),
    "external": Row(
        read=_names, default="", doc="networks and volumes that were there before, on every host"
    ),
    "state": Row(
        read=str,
        default="",
        doc="a file of the server in which the simulated world survives; not for users to choose",
    ),
}
