"""Rules about what a host is: facts and conditions, whatever its load."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Hashable
from functools import lru_cache

import numpy as np

from longshore.model.host import Effect, Host, Taint
from longshore.model.money import format_nano
from longshore.model.spec import Constraint, Match, Toleration, tolerates
from longshore.schedule.facts import CURRENCY, PLATFORM, TAINTS, fact_of
from longshore.schedule.fleet import UNPRICED, Fleet
from longshore.schedule.request import Request
from longshore.schedule.tally import Bools


def holds(constraint: Constraint, host: Host) -> bool:
    """Whether a host meets a constraint, in Swarm's grammar."""
    return matches(constraint, fact_of(host, constraint.key)) is constraint.equal


def matches(constraint: Constraint, found: str) -> bool:
    """Whether a value is the constraint's, as it compares them.

    Globs are as a shell's, over the whole value; a regular expression may be found anywhere in it, as classic
    Swarm has it. One that is not well formed is found nowhere.
    """
    match constraint.match:
        case Match.EXACT:
            return found == constraint.value
        case Match.GLOB:
            return fnmatch.fnmatchcase(found, constraint.value)
        case Match.REGEX:
            pattern = _pattern(constraint.value)
            return pattern is not None and pattern.search(found) is not None


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:
        return None


def meets(fleet: Fleet, constraint: Constraint) -> Bools:
    """Per row whether the host meets a constraint."""
    column = fleet.column(constraint.key)
    if constraint.match is Match.EXACT:
        found = column.equals(fleet.size, constraint.value)
    else:
        question = (constraint.match, constraint.value)
        found = column.rows(fleet.size, question, lambda value: matches(constraint, str(value)))
    return found if constraint.equal else ~found


def health(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts that are there or coming, and not silent, lost or draining."""
    del request
    return fleet.usable[: fleet.size]


def health_words(fleet: Fleet, row: int, request: Request) -> str:
    """Which of these it is."""
    del request
    host = fleet.hosts[row]
    if host.lost:
        return "is lost"
    if host.silent_since:
        return "does not answer"
    if host.draining:
        return "is draining"
    return f"is {host.state}"


def constraints(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts that meet every constraint that is not soft."""
    found: Bools | None = None
    for constraint in request.constraints:
        if not constraint.soft:
            mask = meets(fleet, constraint)
            found = mask if found is None else found & mask
    return found


def constraints_words(fleet: Fleet, row: int, request: Request) -> str:
    """Those it does not meet, with what it has."""
    host = fleet.hosts[row]
    broken = [c for c in request.constraints if not c.soft and not holds(c, host)]
    return ", ".join(f"{c} (it has {fact_of(host, c.key) or 'none'})" for c in broken)


def platform(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts of the platform asked for."""
    wanted = request.platform
    if not wanted:
        return None

    def fits(value: Hashable) -> bool:
        return isinstance(value, tuple) and runs(wanted, *value)

    return fleet.column(PLATFORM).rows(fleet.size, wanted, fits)


def runs(wanted: str, system: str, arch: str) -> bool:
    """Whether a host of this system and architecture runs `OS/ARCH[/VARIANT]` (or just `ARCH`)."""
    parts = wanted.split("/")
    return parts[0] in {arch, system} if len(parts) == 1 else parts[:2] == [system, arch]


def platform_words(fleet: Fleet, row: int, request: Request) -> str:
    """What it is instead."""
    host = fleet.hosts[row]
    return f"is {host.os}/{host.arch}, not {request.platform}"


def volumes(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts that hold the service's volumes."""
    if request.pinned is None:
        return None
    mask = np.zeros(fleet.size, np.bool_)
    mask[[fleet.rows[host] for host in request.pinned if host in fleet.rows]] = True
    return mask


def volumes_words(fleet: Fleet, row: int, request: Request) -> str:
    """Where its volumes are."""
    del row
    names = [fleet.hosts[fleet.rows[h]].name for h in request.pinned or () if h in fleet.rows]
    return f"does not hold its volume, which is on {', '.join(names) or 'no one host'}"


CLIENT_LABEL = "node.labels.longshore.client"


def client(fleet: Fleet, request: Request) -> Bools | None:
    """The machine whose folders it mounts."""
    if not request.client_bound:
        return None
    return fleet.column(CLIENT_LABEL).equals(fleet.size, "true")


def client_words(fleet: Fleet, row: int, request: Request) -> str:
    """That it is another one."""
    del fleet, row, request
    return "is not the machine whose folders it mounts"


def own(fleet: Fleet, request: Request) -> Bools | None:
    """The user's own hosts, where it has to be one."""
    return fleet.own[: fleet.size] if request.own_only else None


def own_words(fleet: Fleet, row: int, request: Request) -> str:
    """That it is lent."""
    del fleet, row, request
    return "is not your own"


def taints(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts without a taint that keeps off those who do not tolerate it."""
    column = fleet.column(TAINTS)
    if column.values == [()]:
        return None

    def passes(value: Hashable) -> bool:
        return isinstance(value, tuple) and not _hard(value, request.tolerations)

    return column.rows(fleet.size, request.tolerations, passes)


def _hard(there: tuple[Taint, ...], tolerations: tuple[Toleration, ...]) -> list[Taint]:
    hard = [taint for taint in there if taint.effect is not Effect.PREFER_NO_SCHEDULE]
    return [taint for taint in hard if not tolerates(tolerations, taint)]


def taints_words(fleet: Fleet, row: int, request: Request) -> str:
    """The taints it has."""
    hard = _hard(fleet.hosts[row].taints, request.tolerations)
    names = [f"{t.key}{'=' * bool(t.value)}{t.value}:{t.effect}" for t in hard]
    return f"is tainted {', '.join(names)}, which is not tolerated"


def price(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts where a task's share of the price is within its cap.

    The share is the larger of those of cpu and memory. An own host without a price is paid for; a lent
    one of unknown price, or of another currency than the cap's, is not within it.
    """
    cap = request.max_price
    if cap is None:
        return None
    size = fleet.size
    known = fleet.price[:size] < UNPRICED
    same = fleet.column(CURRENCY).equals(size, cap.currency)
    cost = np.where(known, fleet.price[:size], 0) * _shares(fleet, request)
    within: Bools = known & same & (cost <= cap.nano)
    return within | (fleet.own[:size] & ~known)


def _shares(fleet: Fleet, request: Request) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The larger of the shares of cpu and memory that a replica takes of each host."""
    size = fleet.size
    share = np.zeros(size)
    for name, need in (("cpu", request.cpu), ("memory", request.memory)):
        if need:
            share = np.maximum(share, need / np.maximum(fleet.total[name][:size], 1))
    return share


def price_words(fleet: Fleet, row: int, request: Request) -> str:
    """What it would cost there."""
    cap, there = request.max_price, fleet.hosts[row].price
    if cap is None or there is None:
        return "has no known price"
    if there.currency != cap.currency:
        return f"is priced in {there.currency}, not {cap.currency}"
    cost = round(there.nano * float(_shares(fleet, request)[row]))
    return f"costs a task {format_nano(cost, cap.currency)}, more than {format_nano(cap.nano, cap.currency)}"
