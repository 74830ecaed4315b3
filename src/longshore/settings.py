"""Settings: what the environment may say, read once by main. `docs/settings.md` lists them all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from longshore.model.clock import SECOND
from longshore.model.errors import Invalid
from longshore.model.money import Money, parse_money
from longshore.provider.docker.address import Address, read_address


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a server of this user runs. Lengths in microseconds.

    `engine` and the `tls_…` files: the container engine at hand, as DOCKER_HOST and its companions
    say. `local`: whether that engine is a cloud from the start, at `price` per hour. The rest are the
    pool's patience and the watch's pace, as in the structs `Pool` and `Pace`.
    """

    state: Path
    engine: str = "unix:///var/run/docker.sock"
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    local: bool = True
    price: Money | None = None
    grace: int = 30 * SECOND
    settle: int = 120 * SECOND
    min_life: int = 300 * SECOND
    headroom: int = 50
    weights: dict[str, float] = {}
    look: int = 30 * SECOND
    answer: int = 8 * SECOND

    @property
    def address(self) -> Address:
        """Where the container engine at hand is."""
        return Address(url=self.engine, tls_ca=self.tls_ca, tls_cert=self.tls_cert, tls_key=self.tls_key)

    @property
    def socket(self) -> Path:
        """The server's own socket."""
        return self.state / "longshore.sock"


class Setting(NamedTuple):
    """A variable: its name, what it sets, how its text is read, and what it means."""

    name: str
    field: str
    read: Callable[[str], object]
    meaning: str


LONGEST = 366 * 24 * 3600
"""Seconds that a length may have: a year; more is a slip of the pen."""


MOST_WEIGHT = 1000.0
"""Who is due a thousand times what others are would better have a priority."""


def _seconds(text: str) -> int:
    try:
        length = float(text.removesuffix("s"))
    except ValueError:
        length = -1.0
    if not 0 <= length <= LONGEST:
        msg = "write a number of seconds, like 30"
        raise ValueError(msg)
    return round(length * SECOND)


def _pace(text: str) -> int:
    length = _seconds(text)
    if length < SECOND // 10:
        msg = "write a number of seconds from 0.1"
        raise ValueError(msg)
    return length


def _share(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 1000):
        msg = "write a whole number from 0 to 1000"
        raise ValueError(msg)
    return int(text)


def _weights(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in text.split(","):
        name, equal, number = item.strip().partition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = 0.0
        if not (name and equal and 0 < weight <= MOST_WEIGHT):
            msg = "write PROJECT=N or PROJECT/STACK=N, comma between; N is above 0"
            raise ValueError(msg)
        found[name] = weight
    return found


def _flag(text: str) -> bool:
    if text.lower() not in {"yes", "no", "1", "0", "true", "false"}:
        msg = "write yes or no"
        raise ValueError(msg)
    return text.lower() in {"yes", "1", "true"}


SETTINGS: tuple[Setting, ...] = (
    Setting("DOCKER_HOST", "engine", str, "the container engine at hand"),
    Setting("LONGSHORE_LOCAL", "local", _flag, "yes or no: use the engine at hand as a cloud (`local`)"),
    Setting("LONGSHORE_PRICE", "price", parse_money, "price per hour of the machine at hand: 0.045 EUR"),
    Setting("LONGSHORE_GRACE", "grace", _seconds, "seconds of silence before a host is given up"),
    Setting("LONGSHORE_SETTLE", "settle", _seconds, "seconds that home must have room before tasks return"),
    Setting("LONGSHORE_MIN_LIFE", "min_life", _seconds, "seconds that a lent host is kept at least"),
    Setting("LONGSHORE_HEADROOM", "headroom", _share, "thousandths of own hosts left free by coming home"),
    Setting("LONGSHORE_WEIGHTS", "weights", _weights, "dues of projects and stacks: team=2,default/shop=0.5"),
    Setting("LONGSHORE_LOOK", "look", _pace, "seconds between full looks at a host"),
    Setting("LONGSHORE_ANSWER", "answer", _pace, "seconds that an engine may take to answer a look"),
)
"""All that shape the server. LONGSHORE_STATE, LONGSHORE_SERVER and LONGSHORE_TOKEN say where it is."""


def state_of(environ: Mapping[str, str]) -> Path:
    """The folder of the state, absolute: LONGSHORE_STATE, or `longshore` under XDG_STATE_HOME."""
    own = environ.get("LONGSHORE_STATE")
    if own:
        return Path(own).absolute()
    home = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME", "/")) / ".local" / "state"
    return Path(home) / "longshore"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the environment.

    Raises:
        Invalid: a variable has a value that means nothing; says which, and what it should be.
    """
    found: dict[str, object] = {"state": state_of(environ)}
    for setting in SETTINGS:
        text = environ.get(setting.name, "")
        if not text:
            continue
        try:
            found[setting.field] = setting.read(text)
        except ValueError as error:
            raise Invalid(
                f"{setting.name}={text} cannot be used: {error}",
                code="bad-setting",
                remedy=f"{setting.name}: {setting.meaning}",
            ) from error
    folder = environ.get("DOCKER_CERT_PATH", "")
    if folder and environ.get("DOCKER_TLS_VERIFY"):
        for field, name in (("tls_ca", "ca.pem"), ("tls_cert", "cert.pem"), ("tls_key", "key.pem")):
            found[field] = str(Path(folder) / name)
    settings = Settings(**found)  # type: ignore[arg-type]
    if settings.local:
        _check_engine(settings)
    return settings


def make_state(state: Path) -> None:
    """Make the folder of the state, for this user only. Twice: once.

    Raises:
        Invalid: it cannot be made or written to.
    """
    why = ""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        why = "a file is in its place"
    except OSError as error:
        why = str(error.strerror)
    if not why and not os.access(state, os.W_OK | os.X_OK):
        why = "it is not yours to write to"
    if why:
        raise Invalid(
            f"the state folder {state} cannot be used: {why}",
            code="state-unusable",
            remedy="set LONGSHORE_STATE to a folder that you can write to",
        )


def _check_engine(settings: Settings) -> None:
    try:
        read_address({}, settings.address)
    except Invalid as error:
        raise Invalid(
            f"DOCKER_HOST: {error.message}",
            code="bad-setting",
            remedy=f"{error.remedy} Or do without the engine at hand: LONGSHORE_LOCAL=no",
        ) from error
