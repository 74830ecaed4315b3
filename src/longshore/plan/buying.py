"""Buying: hosts for replicas that fit nowhere, within the limits that stand and those of the change."""

from __future__ import annotations

import msgspec

from longshore.govern.limits import Allowance
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.cloud import Cloud
from longshore.model.decision import Decision, DecisionKind
from longshore.model.host import Host, Quote
from longshore.model.ids import HostId
from longshore.model.lifecycle import ChangeState, HostState
from longshore.model.money import format_nano
from longshore.model.stack import Stack
from longshore.model.step import BuyHost
from longshore.plan.agenda import Subject
from longshore.plan.turn import Turn
from longshore.schedule.request import Request
from longshore.schedule.shop import Shopping, shop

GOING = frozenset({HostState.FAILED, HostState.RELEASING, HostState.RELEASED})
"""States of a host that is not counted on any more."""

NOTHING = Shopping(quotes=(), covered=0, passed_over={})


def offers_of(turn: Turn) -> list[Quote]:
    """What clouds that answer offer, in the order of the pool."""
    clouds = sorted(turn.estate.clouds.values(), key=lambda cloud: (not cloud.own, cloud.order, cloud.name))
    return [
        quote
        for cloud in clouds
        # Of one's own there is what there is: `keep` says how many.
        if not (cloud.own or cloud.silent_since or cloud.removing)
        for quote in cloud.offers
    ]


def keep(turn: Turn, cloud: Cloud) -> None:
    """Have as many hosts made as a cloud is to keep, of its first flavor that can be had."""
    there = [h for h in turn.estate.hosts.values() if h.cloud == cloud.name and h.state not in GOING]
    offer = next((q for q in cloud.offers if cloud.barred.get(q.flavor, 0) <= turn.now), None)
    if offer is None:
        if cloud.offers and len(there) < cloud.keep:
            turn.look_again(min(cloud.barred.values()), Subject.CLOUD, cloud.name)
        return
    for _ in range(cloud.keep - len(there)):
        host_id = HostId(turn.ids.new("host"))
        name = f"{cloud.name}-{_number(turn, cloud.name)}"
        words = f"{cloud.name} is to have {cloud.keep} hosts"
        host = host_of(offer, host_id, name, turn.now)
        price = cloud.price if cloud.own else host.price
        turn.estate.put(msgspec.structs.replace(host, own=cloud.own, price=price))
        turn.step(BuyHost(host=host_id, name=name, cloud=cloud.name, quote=offer), name, words)
        turn.note("host.requested", name, words)
        turn.touch(Subject.HOST, host_id)


def buy(turn: Turn, stack: Stack, request: Request, count: int, *, whole: bool = False) -> Shopping:
    """Buy hosts for replicas that fit nowhere, as far as limits allow; `whole`: for all of them, or none."""
    offers = offers_of(turn)
    if not offers:
        return NOTHING
    change = None if stack.change is None else turn.estate.changes.get(stack.change)
    # The bounds of a change hold while it is open, and after it failed: more needs a new one.
    bounds = change is not None and change.state in {ChangeState.APPLYING, ChangeState.FAILED}
    allowance = Allowance(
        pool=next(turn.estate.pools.values()),
        clouds=turn.estate.clouds.values(),
        hosts=turn.estate.hosts.values(),
        change=change if bounds else None,
        bought=change.bought if change is not None else {},
    )
    shopping = shop(request, count, offers, lambda quote: allowance.refuse(quote, turn.now), allowance.take)
    if whole and shopping.covered < count:
        return msgspec.structs.replace(shopping, quotes=(), covered=0)
    for quote in shopping.quotes:
        _order(turn, stack, request, quote, _dearer_for(quote, offers, shopping.passed_over))
    if change is not None and bounds:
        _count(turn, change, shopping.quotes)
    return shopping


def _count(turn: Turn, change: Change, quotes: tuple[Quote, ...]) -> None:
    """What a change may buy is less by what it has bought."""
    if not quotes:
        return
    bought = dict(change.bought)
    for quote in quotes:
        name = f"{quote.cloud}/{quote.flavor}"
        bought[name] = bought.get(name, 0) + 1
    turn.estate.put(msgspec.structs.replace(change, bought=bought))


def _dearer_for(quote: Quote, offers: list[Quote], passed_over: dict[str, str]) -> str:
    """Why this is the one: the cheapest that does, or why cheaper ones were passed over."""
    if quote.price is None:
        return ""
    cheaper = [
        f"{other.cloud}/{other.flavor}: {passed_over[name]}"
        for other in offers
        if (name := f"{other.cloud}/{other.flavor}") in passed_over
        and other.price is not None
        and other.price.currency == quote.price.currency
        and other.price.nano < quote.price.nano
    ]
    if not cheaper:
        return "is the cheapest that does"
    more = f" (and {len(cheaper) - 1} more)" if len(cheaper) > 1 else ""
    return f"is the cheapest that may be had; passed over: {cheaper[0]}{more}"


def _order(turn: Turn, stack: Stack, request: Request, quote: Quote, why: str) -> None:
    """Write a host down as wanted, and have its cloud asked for it. Tasks may be placed there at once."""
    host_id = HostId(turn.ids.new("host"))
    name = f"{quote.cloud}-{_number(turn, quote.cloud)}"
    service = f"{stack.name}/{request.service.rpartition('/')[2]}"
    price = "at an unknown price" if quote.price is None else _price(quote)
    words = f"{service} fits on no host: {quote.cloud}/{quote.flavor} {price} per hour {why}"
    decision = turn.decide(
        Decision(
            id=turn.decision_id(),
            at=turn.now,
            kind=DecisionKind.BUY,
            subject=name,
            words=words,
            count=1,
            excluded={},
            quote=quote,
            change=stack.change,
        )
    )
    host = host_of(quote, host_id, name, turn.now)
    turn.estate.put(msgspec.structs.replace(host, decision=decision))
    turn.step(
        BuyHost(host=host_id, name=name, cloud=quote.cloud, quote=quote),
        name,
        words,
        change=stack.change,
        decision=decision,
    )
    turn.note("host.requested", name, words, stack=stack.id, decision=decision)
    turn.touch(Subject.HOST, host_id)


def host_of(quote: Quote, host: HostId, name: str, now: Micros) -> Host:
    """A host as it is written down when an offer is taken."""
    return Host(
        id=host,
        name=name,
        cloud=quote.cloud,
        own=False,
        state=HostState.REQUESTED,
        kind=quote.kind,
        flavor=quote.flavor,
        capacity=quote.capacity,
        labels=quote.labels,
        realm=quote.realm,
        region=quote.region,
        zone=quote.zone,
        os=quote.os,
        arch=quote.arch,
        price=quote.price,
        quote=quote,
        requested_at=now,
    )


def _price(quote: Quote) -> str:
    return "" if quote.price is None else f"for {format_nano(quote.price.nano, quote.price.currency)}"


def _number(turn: Turn, cloud: str) -> int:
    """The lowest number that no host of this cloud bears."""
    taken = {host.name for host in turn.estate.hosts.values()}
    number = 1
    while f"{cloud}-{number}" in taken:
        number += 1
    return number
