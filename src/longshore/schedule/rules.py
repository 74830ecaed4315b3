"""The rules that exclude hosts, as rows: a mask over the fleet, and words for one host.

All rules a host breaks are known, not just the first; the survey counts each. Room, ports and what is
allowed per host are also caps: how many replicas a host can still take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np

from longshore.schedule import crowd, resources, standing
from longshore.schedule.fleet import Fleet
from longshore.schedule.request import Request
from longshore.schedule.resources import MANY
from longshore.schedule.tally import Bools, Ints
from longshore.schedule.words import UNITS, cores, size_words

__all__ = [
    "MANY",
    "RULES",
    "UNITS",
    "Rule",
    "Sifted",
    "Survey",
    "broken_by",
    "cores",
    "sift",
    "size_words",
    "survey",
]

Passes = Callable[[Fleet, Request], Bools | None]
Words = Callable[[Fleet, int, Request], str]


class Rule(NamedTuple):
    """`passes(fleet, request)`: bool per row, None where all do; `words`: why a row does not.

    `standing`: it looks at what a host is, not at its load. `ever`: who would pass with nobody else there
    (None: whoever; a host that does not is impossible).
    """

    name: str
    passes: Passes
    words: Words
    standing: bool = False
    ever: Passes | None = None


def _standing(name: str, passes: Passes, words: Words) -> Rule:
    """A rule about what a host is; no waiting helps who breaks it."""
    return Rule(name, passes, words, standing=True, ever=passes)


def _plain(name: str) -> Rule:
    passes, words, ever = resources.plain(name)
    return Rule(name, passes, words, ever=ever)


def _skew(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts in domains that may have one more now; it looks at all standing rules first."""
    return crowd.skew_open(fleet, request, standing_mask(fleet, request)) if request.skew else None


def _skew_words(fleet: Fleet, row: int, request: Request) -> str:
    return crowd.skew_words(fleet, row, request, standing_mask(fleet, request))


RULES: tuple[Rule, ...] = (
    # Who is ill may get well: it is standing, but not impossible.
    Rule("health", standing.health, standing.health_words, standing=True),
    _standing("constraints", standing.constraints, standing.constraints_words),
    _standing("platform", standing.platform, standing.platform_words),
    _standing("volumes", standing.volumes, standing.volumes_words),
    _standing("client", standing.client, standing.client_words),
    _standing("own", standing.own, standing.own_words),
    _standing("taints", standing.taints, standing.taints_words),
    _standing("price", standing.price, standing.price_words),
    Rule("affinity", crowd.affinity, crowd.affinity_words),
    Rule("skew", _skew, _skew_words, ever=crowd.has_domains),
    Rule("ports", crowd.ports, crowd.ports_words),
    Rule("max-per-host", crowd.per_host, crowd.per_host_words),
    _plain("cpu"),
    _plain("memory"),
    _plain("disk"),
    _plain("pids"),
    Rule("gpu", resources.gpu, resources.gpu_words, ever=resources.gpu_ever),
    Rule("counted", resources.counted, resources.counted_words, ever=resources.counted_ever),
)


class Sifted(NamedTuple):
    """Hosts against the rules: `good` (rows,) may take a replica at some time in the course of a placement.

    `eligible` pass the standing rules. `fit`: how many take one now; `excluded`: hosts per rule.
    """

    good: Bools
    eligible: Bools
    considered: int
    fit: int
    excluded: dict[str, int]


def sift(fleet: Fleet, request: Request) -> Sifted:
    """Hold every host against every rule, and count."""
    size = fleet.size
    known = fleet.known[:size]
    considered = size - fleet.gone
    excluded: dict[str, int] = {}
    good = eligible = known
    now: Bools | None = None
    for rule in RULES:
        if rule.name == "skew":
            # A domain that has too many now may have its turn when others have caught up.
            now = passes = crowd.skew_open(fleet, request, eligible) if request.skew else None
            opens = crowd.has_domains(fleet, request)
        else:
            passes = opens = rule.passes(fleet, request)
        if passes is not None:
            failing = considered - int(np.count_nonzero(passes & known if fleet.gone else passes))
            if failing:
                excluded[rule.name] = failing
                good = good if opens is None else good & opens
        if rule.standing:
            eligible = good
    fit = int(np.count_nonzero(good if now is None else good & now))
    return Sifted(good=good, eligible=eligible, considered=considered, fit=fit, excluded=excluded)


def standing_mask(fleet: Fleet, request: Request) -> Bools:
    """Hosts that pass all rules about what a host is."""
    good = fleet.known[: fleet.size]
    for rule in RULES:
        mask = rule.passes(fleet, request) if rule.standing else None
        if mask is not None:
            good = good & mask
    return good


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """Which hosts pass now: `caps` (rows,) is how many replicas each can take, 0 where any rule fails.

    `failing`: rule name -> bool per row, of the rows that fail it.
    """

    caps: Ints
    failing: dict[str, Bools]
    considered: int


def survey(fleet: Fleet, request: Request) -> Survey:
    """Hold every host against every rule, and keep who fails which."""
    size = fleet.size
    known = fleet.known[:size]
    good = known
    failing: dict[str, Bools] = {}
    for rule in RULES:
        passes = rule.passes(fleet, request)
        if passes is not None and not passes.all():
            failing[rule.name] = ~passes & known
            good = good & passes
    caps = np.where(good, caps_of(fleet, request, np.arange(size)), 0)
    return Survey(caps=caps, failing=failing, considered=int(known.sum()))


def caps_of(fleet: Fleet, request: Request, rows: Ints) -> Ints:
    """How many replicas these rows take by their room, and by who else is there."""
    caps = resources.room_for(fleet, request, rows)
    crowded = crowd.crowd_caps(fleet, request, rows)
    return caps if crowded is None else np.minimum(caps, crowded)


def impossible(fleet: Fleet, request: Request) -> int:
    """How many hosts could not take a replica if nobody else were there, and they were well."""
    able = fleet.known[: fleet.size]
    considered = int(np.count_nonzero(able))
    for rule in RULES:
        mask = None if rule.ever is None else rule.ever(fleet, request)
        if mask is not None:
            able = able & mask
    return considered - int(np.count_nonzero(able))


def broken_by(fleet: Fleet, row: int, request: Request, found: Survey) -> tuple[tuple[str, ...], str]:
    """The names of all rules a host breaks, and the sentence that says how."""
    rules = [rule for rule in RULES if rule.name in found.failing and found.failing[rule.name][row]]
    return tuple(r.name for r in rules), "; ".join(r.words(fleet, row, request) for r in rules)
