"""Shopping: which offers to take for replicas that fit nowhere. Simple and right.

Again and again the offer with the least price per replica it would really take; the last few
replicas thereby get a small host, not a large one half empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from longshore.model.host import Quote
from longshore.schedule.request import Request
from longshore.schedule.rules import MANY, fact_of_quote, runs


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


def takes(request: Request, quote: Quote) -> tuple[int, str]:
    """How many replicas a fresh host of this offer takes; if none, why."""
    if request.pinned is not None:
        return 0, "its volume is elsewhere"
    if request.own_only or request.client_bound:
        return 0, "it has to be your own machine"
    if request.platform and not runs(request.platform, quote.os, quote.arch):
        return 0, f"is {quote.os}/{quote.arch}, not {request.platform}"
    for constraint in request.constraints:
        if (fact_of_quote(quote, constraint.key) == constraint.value) is not constraint.equal:
            return 0, f"does not meet {constraint}"
    room = MANY
    if request.cpu:
        room = min(room, quote.capacity.cpu // request.cpu)
    if request.memory:
        room = min(room, quote.capacity.memory // request.memory)
    if request.ports:
        room = min(room, 1)
    if request.max_per_host:
        room = min(room, request.max_per_host)
    return room, "" if room else "is too small"
