"""Shopping: which offers to take for replicas that fit nowhere. Simple and right.

Again and again the offer with the least price per replica it would really take; the last few
replicas thereby get a small host, not a large one half empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from longshore.model.host import Quote
from longshore.model.ids import HostId
from longshore.schedule.facts import host_of_quote
from longshore.schedule.fleet import Fleet
from longshore.schedule.request import Request
from longshore.schedule.rules import broken_by, survey


class Shopping(msgspec.Struct, frozen=True, kw_only=True):
    """What to buy, how many replicas that takes, and why other offers were not taken."""

    quotes: tuple[Quote, ...]
    covered: int
    passed_over: dict[str, str]


def shop(
    request: Request,
    count: int,
    offers: Iterable[Quote],
    refuse: Callable[[Quote], str],
    take: Callable[[Quote], None],
) -> Shopping:
    """Pick offers for `count` replicas.

    `refuse` says why an offer may not be taken now (limits, ceilings, no price), `take` counts one
    that is. Prices in different currencies are not compared: the currency of the first offer that
    could be taken is looked at first.
    """
    passed: dict[str, str] = {}
    able: list[tuple[Quote, int]] = []
    for quote in offers:
        room, why = takes(request, quote)
        if room:
            able.append((quote, room))
        else:
            passed[f"{quote.cloud}/{quote.flavor}"] = why
    bought: list[Quote] = []
    left = count
    while left > 0:
        allowed = []
        for quote, room in able:
            why = refuse(quote)
            if why:
                passed[f"{quote.cloud}/{quote.flavor}"] = why
            elif quote.price is not None:
                allowed.append((quote, room, quote.price))
        if not allowed:
            break
        currency = allowed[0][2].currency
        quote, room, _ = min(
            (entry for entry in allowed if entry[2].currency == currency),
            key=lambda entry: (entry[2].nano / min(entry[1], left), entry[2].nano),
        )
        take(quote)
        bought.append(quote)
        left -= min(room, left)
    return Shopping(quotes=tuple(bought), covered=count - left, passed_over=passed)


def takes(request: Request, quote: Quote, fleet: Fleet | None = None) -> tuple[int, str]:
    """How many replicas a fresh host of this offer takes; if none, why.

    By the same rules as for hosts. Those about who is where need the fleet that the host would join;
    without one it is held against them as the only host there is.
    """
    if request.pinned is not None:
        return 0, "its volume is elsewhere"
    if request.own_only or request.client_bound:
        return 0, "it has to be your own machine"
    alone = fleet is None or not (request.skew or request.near)
    trial = Fleet() if fleet is None or alone else fleet.fork()
    trial.follow_host(msgspec.structs.replace(host_of_quote(quote), id=OFFERED))
    found = survey(trial, request)
    row = trial.rows[OFFERED]
    room = int(found.caps[row])
    if room:
        return room, ""
    rules, words = broken_by(trial, row, request, found)
    return 0, "is too small" if set(rules) <= ROOM else words


OFFERED = HostId("offered")
"""The host that an offer would become."""

ROOM = frozenset({"cpu", "memory", "disk", "pids", "counted"})
"""The rules of room: who breaks no other is too small, and its size is there to see."""
