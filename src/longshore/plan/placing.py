"""Placing: hosts for slots, purchases where nothing fits, and the decision that says why."""

from __future__ import annotations

import msgspec

from longshore.govern.limits import Allowance
from longshore.model.clock import Micros
from longshore.model.decision import Decision, DecisionKind
from longshore.model.host import Host, Quote
from longshore.model.ids import DecisionId, HostId, TaskId
from longshore.model.lifecycle import ChangeState, HostState, TaskState
from longshore.model.money import format_nano
from longshore.model.spec import ServiceSpec, volumes_of
from longshore.model.stack import Service, Stack
from longshore.model.step import BuyHost
from longshore.model.task import Task
from longshore.plan.agenda import Subject
from longshore.plan.holding import claim_holdings, pinned
from longshore.plan.turn import Turn
from longshore.schedule.place import Placed, place
from longshore.schedule.request import Request, ports_of, request_of
from longshore.schedule.shop import Shopping, shop


def place_slots(
    turn: Turn, stack: Stack, spec: ServiceSpec, memory: Service, empty: list[int], moving: list[int]
) -> None:
    """Place a task for each slot: those with nothing first, then those whose old task still runs.

    What fits nowhere makes the pool buy, within its limits and the open change's; what then still
    fits nowhere is refused, with the reason, and waits until there is room.
    """
    slots = [*empty, *moving]
    # The first task of a service with volumes decides where they are; the rest follow them.
    if volumes_of(spec) and len(slots) > 1 and pinned(turn.estate, stack, spec) is None:
        place_slots(turn, stack, spec, memory, slots[:1], [])
        slots = slots[1:]
        memory = turn.estate.services.get(memory.key) or memory
    request = request_of(memory.key, spec, pinned(turn.estate, stack, spec))
    placed = place(turn.estate.fleet, request, len(slots))
    passed_over: dict[str, str] = {}
    if len(placed.hosts) < len(slots):
        bought = _buy(turn, stack, request, len(slots) - len(placed.hosts))
        passed_over = bought.passed_over
        if bought.quotes:
            placed = place(turn.estate.fleet, request, len(slots))
    if placed.hosts:
        decision = _decide(turn, stack, request, placed, slots)
        for slot, host in zip(slots, placed.hosts, strict=False):
            _put_task(turn, stack, spec, memory, slot, host, decision)
    _refuse(turn, stack, request, placed, len(slots), passed_over)


def _put_task(
    turn: Turn,
    stack: Stack,
    spec: ServiceSpec,
    memory: Service,
    slot: int,
    host: HostId,
    decision: DecisionId,
) -> None:
    """Write a task down on its host, with what it will need there."""
    turn.estate.put(
        Task(
            id=TaskId(turn.ids.new("task")),
            stack=stack.id,
            service=spec.name,
            slot=slot,
            digest=memory.digest,
            generation=stack.generation,
            host=host,
            state=TaskState.PLACED,
            cpu=spec.resources.cpu,
            memory=spec.resources.memory,
            ports=ports_of(spec),
            restarted=stack.restarts.get(spec.name, 0),
            placed_at=turn.now,
            decision=decision,
        )
    )
    claim_holdings(turn, stack, spec, host)
    turn.touch(Subject.HOST, host)


def _decide(turn: Turn, stack: Stack, request: Request, placed: Placed, slots: list[int]) -> DecisionId:
    """Keep why these hosts were chosen."""
    names = ", ".join(f"{c.name} ({c.count})" if c.count > 1 else c.name for c in placed.chosen)
    more = len(set(placed.hosts)) - len(placed.chosen)
    names += f" and {more} more" if more > 0 else ""
    service = request.service.rpartition("/")[2]
    words = f"{len(placed.hosts)} of {len(slots)} on {names} by {request.strategy}: {placed.fit} of "
    words += f"{placed.considered} hosts fit{excluded_words(placed.excluded)}"
    return turn.decide(
        Decision(
            id=turn.decision_id(),
            at=turn.now,
            kind=DecisionKind.PLACE,
            subject=f"{stack.name}/{service}",
            words=words,
            strategy=request.strategy,
            count=len(placed.hosts),
            considered=placed.considered,
            fit=placed.fit,
            excluded=placed.excluded,
            chosen=placed.chosen,
            next_best=placed.next_best,
            change=stack.change,
        )
    )


def excluded_words(excluded: dict[str, int]) -> str:
    """`; constraints exclude 2, resources 1`."""
    if not excluded:
        return ""
    return "; excluded: " + ", ".join(f"{name} {count}" for name, count in excluded.items())


def _refuse(
    turn: Turn,
    stack: Stack,
    request: Request,
    placed: Placed,
    count: int,
    passed_over: dict[str, str],
) -> None:
    """Record how many replicas fit nowhere, and keep why, if that is new."""
    memory = turn.estate.services.get(request.service)
    if memory is None:
        return
    missing = count - len(placed.hosts)
    if not missing:
        if memory.unplaced or memory.waiting:
            turn.estate.put(msgspec.structs.replace(memory, unplaced=0, waiting="", refusal=None))
        return
    words = refusal_words(missing, placed, passed_over)
    if memory.unplaced == missing and memory.waiting == words:
        return
    name = f"{stack.name}/{request.service.rpartition('/')[2]}"
    decision = turn.decide(
        Decision(
            id=turn.decision_id(),
            at=turn.now,
            kind=DecisionKind.REFUSE,
            subject=name,
            words=words,
            strategy=request.strategy,
            count=missing,
            considered=placed.considered,
            fit=placed.fit,
            excluded=placed.excluded,
            misses=placed.misses,
            change=stack.change,
        )
    )
    turn.estate.put(
        msgspec.structs.replace(memory, unplaced=missing, waiting=words, refusal=decision, settled=False)
    )
    turn.note("service.refused", name, words, stack=stack.id, decision=decision)
    turn.touch(Subject.CHANGE, stack.change or "")


def refusal_words(missing: int, placed: Placed, passed_over: dict[str, str]) -> str:
    """Why replicas fit nowhere: rules with counts, the nearest miss, and why nothing was bought."""
    one = missing == 1
    parts = [f"{missing} {'replica fits' if one else 'replicas fit'} on none of {placed.considered} hosts"]
    if placed.considered == 1:
        parts = [f"{missing} {'replica does' if one else 'replicas do'} not fit on the one host there is"]
    if placed.misses:
        parts.append(f"nearest: {placed.misses[0].words}")
    if passed_over:
        name, why = next(iter(passed_over.items()))
        more = f" (and {len(passed_over) - 1} more offers)" if len(passed_over) > 1 else ""
        parts.append(f"not bought: {name}, {why}{more}")
    return "; ".join(parts)


def offers_of(turn: Turn) -> list[Quote]:
    """What clouds that answer offer, in the order of the pool."""
    clouds = sorted(turn.estate.clouds.values(), key=lambda cloud: (not cloud.own, cloud.order, cloud.name))
    return [
        quote for cloud in clouds if not cloud.silent_since and not cloud.removing for quote in cloud.offers
    ]


def _buy(turn: Turn, stack: Stack, request: Request, count: int) -> Shopping:
    """Buy hosts for replicas that fit nowhere, as far as limits allow."""
    offers = offers_of(turn)
    if not offers:
        return Shopping(quotes=(), covered=0, passed_over={})
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
    for quote in shopping.quotes:
        _order(turn, stack, request, quote)
    if shopping.quotes and change is not None and bounds:
        bought = dict(change.bought)
        for quote in shopping.quotes:
            name = f"{quote.cloud}/{quote.flavor}"
            bought[name] = bought.get(name, 0) + 1
        turn.estate.put(msgspec.structs.replace(change, bought=bought))
    return shopping


def _order(turn: Turn, stack: Stack, request: Request, quote: Quote) -> None:
    """Write a host down as wanted, and have its cloud asked for it. Tasks may be placed there at once."""
    host_id = HostId(turn.ids.new("host"))
    name = f"{quote.cloud}-{_number(turn, quote.cloud)}"
    service = f"{stack.name}/{request.service.rpartition('/')[2]}"
    price = "at an unknown price" if quote.price is None else _price(quote)
    words = (
        f"{service} fits on no host: {quote.cloud}/{quote.flavor} {price} per hour is the cheapest that does"
    )
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
    turn.estate.put(
        Host(
            id=host_id,
            name=name,
            cloud=quote.cloud,
            own=False,
            state=HostState.REQUESTED,
            kind=quote.kind,
            flavor=quote.flavor,
            capacity=quote.capacity,
            labels=quote.labels,
            os=quote.os,
            arch=quote.arch,
            price=quote.price,
            quote=quote,
            requested_at=Micros(turn.now),
            decision=decision,
        )
    )
    turn.step(
        BuyHost(host=host_id, name=name, cloud=quote.cloud, quote=quote),
        name,
        words,
        change=stack.change,
        decision=decision,
    )
    turn.note("host.requested", name, words, stack=stack.id, decision=decision)
    turn.touch(Subject.HOST, host_id)


def _price(quote: Quote) -> str:
    return "" if quote.price is None else f"for {format_nano(quote.price.nano, quote.price.currency)}"


def _number(turn: Turn, cloud: str) -> int:
    """The lowest number that no host of this cloud bears."""
    taken = {host.name for host in turn.estate.hosts.values()}
    number = 1
    while f"{cloud}-{number}" in taken:
        number += 1
    return number
