"""Rules about who else is there: ports, affinity, replicas per host, skew between domains."""

from __future__ import annotations

import numpy as np

from longshore.model.spec import Skew
from longshore.schedule.facts import fact_of
from longshore.schedule.fleet import Fleet
from longshore.schedule.prefer import count_beside, counts_by
from longshore.schedule.request import Near, Request
from longshore.schedule.tally import Bools, Ints


def ports(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts where the ports it publishes are free."""
    taken = [fleet.ports[port].rows for port in request.ports if port in fleet.ports]
    if not taken:
        return None
    mask = np.ones(fleet.size, np.bool_)
    for rows in taken:
        mask[rows] = False
    return mask


def ports_words(fleet: Fleet, row: int, request: Request) -> str:
    """Which are not."""
    taken = [port for port in request.ports if port in fleet.ports and fleet.ports[port].get(row)]
    return f"port {', '.join(taken)} {'is' if len(taken) == 1 else 'are'} taken there"


def affinity(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts beside whom it has to be, and away from whom.

    Towards its own service an affinity excludes no domain while there is no replica: the first goes
    anywhere, and the others follow it.
    """
    found: Bools | None = None
    for near in hard_near(request):
        mask = _near(fleet, request, near)
        if mask is not None:
            found = mask if found is None else found & mask
    return found


def hard_near(request: Request) -> list[Near]:
    """Its affinities that are not soft."""
    return [near for near in request.near if not near.soft]


def _near(fleet: Fleet, request: Request, near: Near) -> Bools | None:
    if not len(fleet.held(near.key).rows) and (near.anti or near.key == request.service):
        if near.anti or not near.domain:
            return None
        return ~fleet.column(near.domain).equals(fleet.size, "")
    there = count_beside(fleet, near) > 0
    return ~there if near.anti else there


def affinity_words(fleet: Fleet, row: int, request: Request) -> str:
    """Who is there who should not be, and who is not."""
    parts = []
    for near in hard_near(request):
        mask = _near(fleet, request, near)
        if mask is None or mask[row]:
            continue
        name = "a replica" if near.key == request.service else f"a task of {near.key.rpartition('/')[2]}"
        if near.domain and not fact_of(fleet.hosts[row], near.domain):
            parts.append(f"has no {near.domain}")
            continue
        where = f"in its {near.domain}" if near.domain else "there"
        parts.append(f"{'has' if near.anti else 'has not'} {name} {where}")
    return " and ".join(parts)


def once_per_host(request: Request) -> bool:
    """Whether a replica keeps the next one off its host."""
    return bool(request.ports) or any(
        near.anti and not near.domain and near.key == request.service for near in hard_near(request)
    )


def per_host(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts with fewer replicas than are allowed on one."""
    tally = fleet.held(request.service)
    if not request.max_per_host or not len(tally.rows):
        return None
    mask = np.ones(fleet.size, np.bool_)
    mask[tally.rows[tally.counts >= request.max_per_host]] = False
    return mask


def per_host_words(fleet: Fleet, row: int, request: Request) -> str:
    """How many it has."""
    return f"has {fleet.held(request.service).get(row)} of at most {request.max_per_host}"


def crowd_caps(fleet: Fleet, request: Request, rows: Ints) -> Ints | None:
    """How many replicas these rows take as far as others of its own there go; None: any number."""
    caps: Ints | None = None
    if request.max_per_host:
        held = fleet.held(request.service).spread_over(fleet.size)[rows]
        caps = np.maximum(request.max_per_host - held, 0)
    if once_per_host(request):
        caps = np.ones(len(rows), np.int64) if caps is None else np.minimum(caps, 1)
    return caps


def hard_skews(request: Request) -> list[Skew]:
    """Its skews that are not soft."""
    return [skew for skew in request.skew if not skew.soft]


def has_domains(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts that have every fact by which replicas may differ only so much."""
    found: Bools | None = None
    for skew in hard_skews(request):
        if fleet.column(skew.key).place_of("") < 0:
            continue
        mask = ~fleet.column(skew.key).equals(fleet.size, "")
        found = mask if found is None else found & mask
    return found


def skew_open(fleet: Fleet, request: Request, eligible: Bools) -> Bools | None:
    """Hosts in whose domains one replica more makes them differ by no more than is allowed, now.

    `eligible`: hosts whose domains count, as they pass all rules about what a host is. So a domain that is
    full holds the others back, as with Kubernetes' DoNotSchedule; one that is down does not.
    """
    found = has_domains(fleet, request)
    for skew in hard_skews(request):
        column = fleet.column(skew.key)
        counts = counts_by(fleet, request.service, skew.key)
        least = least_of(fleet, skew.key, counts, eligible)
        allowed = counts + 1 - least <= skew.most
        if allowed.all():
            continue
        mask = allowed[column.codes[: fleet.size]]
        found = mask if found is None else found & mask
    return found


def eligible_domains(fleet: Fleet, key: str, eligible: Bools) -> Bools:
    """Per value of a fact whether any eligible host has it; none at all is no value.

    Read only: it is kept until it is asked of other hosts, as one placement asks several times.
    """
    kept = fleet.kept.get(("eligible", key))
    if isinstance(kept, tuple) and kept[0] == fleet.version and kept[1] is eligible:
        known: Bools = kept[2]
        return known
    column = fleet.column(key)
    codes = column.codes[: fleet.size]
    there = np.bincount(codes, weights=eligible, minlength=len(column.values)) > 0
    nowhere = column.place_of("")
    if nowhere >= 0:
        there[nowhere] = False
    fleet.kept["eligible", key] = (fleet.version, eligible, there)
    return there


def least_of(fleet: Fleet, key: str, counts: Ints, eligible: Bools) -> int:
    """The fewest replicas that an eligible domain has."""
    there = counts[eligible_domains(fleet, key, eligible)]
    return int(there.min()) if len(there) else 0


def skew_words(fleet: Fleet, row: int, request: Request, eligible: Bools) -> str:
    """Which domain has too many already, or that it is in none."""
    parts = []
    for skew in hard_skews(request):
        column = fleet.column(skew.key)
        value = str(column.values[column.codes[row]])
        if not value:
            parts.append(f"has no {skew.key}")
            continue
        counts = counts_by(fleet, request.service, skew.key)
        least = least_of(fleet, skew.key, counts, eligible)
        there = int(counts[column.codes[row]])
        if there + 1 - least > skew.most:
            parts.append(
                f"{skew.key} {value} has {there}, the fewest is {least}, they may differ by {skew.most}"
            )
    return " and ".join(parts)
