"""Placing: hosts for slots, purchases where nothing fits, and the decision that says why."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from longshore.model.decision import Decision, DecisionKind
from longshore.model.host import Capacity
from longshore.model.ids import DecisionId, HostId, ServiceKey, TaskId, service_key
from longshore.model.lifecycle import TaskState
from longshore.model.spec import Preempt, ServiceSpec, volumes_of
from longshore.model.stack import Service, Stack
from longshore.model.task import Claim, Task
from longshore.plan.agenda import Subject
from longshore.plan.asking import asked, fleet_for
from longshore.plan.buying import buy
from longshore.plan.holding import claim_holdings, pinned
from longshore.plan.preempting import claim_of, gang_of, more_of, preempt
from longshore.plan.task import name_of
from longshore.plan.turn import Turn, Wanted
from longshore.schedule.fleet import Fleet
from longshore.schedule.order import Due, Shares, in_order, shares_of
from longshore.schedule.place import Placed, place
from longshore.schedule.preempt import Raid, cards_of
from longshore.schedule.request import Request, ports_of
from longshore.schedule.rules import survey

SHOWN = 5
"""Tasks that are named one by one; of more the number says more."""


class Seat(NamedTuple):
    """A place for one replica: its host, its cards there, and who has to go first."""

    host: HostId
    cards: tuple[int, ...] = ()
    after: tuple[TaskId, ...] = ()


class Found(NamedTuple):
    """What came of looking for places: seats, fewer than asked for where no more fit, and why."""

    seats: list[Seat]
    placed: Placed
    passed_over: dict[str, str]
    decision: DecisionId | None = None


def place_wanted(turn: Turn) -> None:
    """Give places to all services that want some, in their order."""
    for key in _order(turn):
        wanted = turn.unwant(key)
        stack_id, _, name = key.rpartition("/")
        stack, memory = turn.estate.stacks.get(stack_id), turn.estate.services.get(key)
        spec = None if stack is None else stack.graph.services.get(name)
        if stack is not None and spec is not None and memory is not None:
            _place(turn, stack, spec, memory, wanted)


def _order(turn: Turn) -> list[ServiceKey]:
    """By priority, dominant share and age; the shares are looked at only where stacks compete."""
    stacks = {key: turn.estate.stacks.get(key.rpartition("/")[0]) for key in turn.wanted}
    rivals = {stack.id: stack for stack in stacks.values() if stack is not None}
    if len(rivals) < 2 and not turn.estate.marks.ranked:
        return list(turn.wanted)
    dues = []
    for key, wanted in turn.wanted.items():
        stack = stacks[key]
        spec = None if stack is None else stack.graph.services.get(key.rpartition("/")[2])
        if stack is None or spec is None:
            continue
        claim = Capacity(cpu=spec.resources.cpu, memory=spec.resources.memory)
        dues.append(
            Due(
                key=key,
                project=stack.project,
                stack=f"{stack.project}/{stack.name}",
                priority=spec.placement.priority,
                since=stack.changed_at,
                demand=shares_of(turn.estate.fleet, [(len(wanted.empty) + len(wanted.moving), claim)]),
            )
        )
    weights = next((pool.weights for pool in turn.estate.pools.values()), {})
    return in_order(dues, _held(turn, list(rivals.values())), weights)


def _held(turn: Turn, rivals: list[Stack]) -> dict[str, Shares]:
    """What the stacks that compete, and their projects if these compete, have of the fleet."""
    projects = {stack.project: None for stack in rivals}
    counted = rivals if len(projects) < 2 else list(turn.estate.stacks.values())
    claims: dict[str, list[tuple[int, Capacity]]] = {}
    for stack in counted:
        for name, spec in stack.graph.services.items():
            number = turn.estate.count_of(service_key(stack.id, name))
            claim = (number, Capacity(cpu=spec.resources.cpu, memory=spec.resources.memory))
            claims.setdefault(f"{stack.project}/{stack.name}", []).append(claim)
            claims.setdefault(stack.project, []).append(claim)
    return {name: shares_of(turn.estate.fleet, found) for name, found in claims.items()}


def _place(turn: Turn, stack: Stack, spec: ServiceSpec, memory: Service, wanted: Wanted) -> None:
    """Place a task for each slot: those with nothing first, then those whose old task still runs.

    What fits nowhere makes the pool buy, within its limits and the open change's; what then still
    fits nowhere may preempt, and is else refused, with the reason, and waits until there is room.
    """
    slots = [*wanted.empty, *wanted.moving]
    if not slots:
        return
    gang = spec.placement.gang
    # The first task of a service with volumes decides where they are; the rest follow them.
    lone = bool(volumes_of(spec)) and len(slots) > 1 and pinned(turn.estate, stack, spec) is None
    first = slots[:1] if lone else slots
    request = asked(turn.estate, stack, spec)
    if lone and gang:
        request = msgspec.structs.replace(request, pinned=_whole(turn, stack, request, len(slots)))
    found = _find(turn, stack, spec, request, len(first), len(wanted.empty))
    placed = _seat(turn, stack, spec, memory, first, found)
    if lone and placed:
        request = asked(turn.estate, stack, spec)
        found = _find(turn, stack, spec, request, len(slots) - 1, len(wanted.empty) - 1)
        placed += _seat(turn, stack, spec, memory, slots[1:], found)
    _refuse(turn, stack, request, found.placed, len(slots) - placed, found.passed_over, gang=gang)


def _whole(turn: Turn, stack: Stack, request: Request, count: int) -> tuple[HostId, ...]:
    """The hosts that take all replicas of a gang, which share a volume."""
    fleet = fleet_for(turn.estate, stack, request.service.rpartition("/")[2])
    caps = survey(fleet, request).caps
    return tuple(fleet.hosts[row].id for row in range(fleet.size) if caps[row] >= count)


def _find(turn: Turn, stack: Stack, spec: ServiceSpec, request: Request, count: int, empty: int) -> Found:
    """Look for places: what is free, what may be bought, whom to preempt; of a gang for all, or none.

    `empty`: how many of the slots have nothing; only for those anybody is preempted.
    """
    gang = spec.placement.gang
    fleet = fleet_for(turn.estate, stack, spec.name)
    placed = place(fleet, request, count)
    passed_over: dict[str, str] = {}
    raids: tuple[Raid, ...] = ()
    if len(placed.hosts) < count and spec.placement.preempt is Preempt.FIRST:
        raids = _raid(turn, spec, fleet, request, placed, count, empty)
    if len(placed.hosts) + len(raids) < count:
        bought = buy(turn, stack, request, count - len(placed.hosts) - len(raids), whole=gang)
        passed_over = bought.passed_over
        if bought.quotes:
            fleet = fleet_for(turn.estate, stack, spec.name)
            placed = place(fleet, request, count - len(raids))
    if len(placed.hosts) + len(raids) < count and spec.placement.preempt is Preempt.LAST:
        raids = _raid(turn, spec, fleet, request, placed, count, empty)
    seats = [Seat(host, cards_of(placed, n)) for n, host in enumerate(placed.hosts)]
    seats += [_taken(turn, r) for r in raids]
    if gang and len(seats) < count:
        return Found([], placed, passed_over)
    decision = _decide_raids(turn, stack, spec, raids) if raids else None
    return Found(seats, placed, passed_over, decision)


def _raid(
    turn: Turn, spec: ServiceSpec, fleet: Fleet, request: Request, placed: Placed, count: int, empty: int
) -> tuple[Raid, ...]:
    """Places in the room of others, beside those that were found free."""
    missing = min(count, empty) - len(placed.hosts)
    if missing < 1 or (spec.placement.gang and empty < count):
        return ()
    claim = claim_of(request, spec)
    if placed.hosts:
        fleet = fleet.fork()
        for number, host in enumerate(placed.hosts):
            fleet.claim(msgspec.structs.replace(claim, host=host, cards=cards_of(placed, number)))
    return preempt(turn, spec, fleet, request, claim, missing)


def _taken(turn: Turn, raid: Raid) -> Seat:
    """A place that others leave: with who goes there, the rest of his gang goes."""
    after = dict.fromkeys(gone for v in raid.victims for gone in gang_of(turn, v.task))
    return Seat(raid.host, raid.cards, tuple(after))


def _decide_raids(turn: Turn, stack: Stack, spec: ServiceSpec, raids: tuple[Raid, ...]) -> DecisionId:
    """Keep whose room was taken, and have their services look at it."""
    victims = dict.fromkeys(gone for r in raids for gone in _taken(turn, r).after)
    tasks = turn.estate.tasks.many(victims)
    for task in tasks:
        turn.touch(Subject.SERVICE, task.key)
    names = [name_of(turn, task) for task in tasks]
    shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    hosts = {r.host: turn.estate.hosts.get(r.host) for r in raids}
    where = ", ".join(host.name for host in hosts.values() if host is not None)
    subject = f"{stack.name}/{spec.name}"
    words = (
        f"{subject} (priority {spec.placement.priority}) fits nowhere else: {shown} "
        f"{'gives' if len(names) == 1 else 'give'} way on {where}, with priority "
        f"{max(task.priority for task in tasks)} at most"
    )
    decision = turn.decide(
        Decision(
            id=turn.decision_id(),
            at=turn.now,
            kind=DecisionKind.PREEMPT,
            subject=subject,
            words=words,
            count=len(tasks),
            change=stack.change,
        )
    )
    turn.note("task.preempted", subject, words, stack=stack.id, decision=decision)
    return decision


def _seat(
    turn: Turn, stack: Stack, spec: ServiceSpec, memory: Service, slots: list[int], found: Found
) -> int:
    """Write down a task for each seat; how many there are."""
    if not found.seats:
        return 0
    free = sum(1 for seat in found.seats if not seat.after)
    request = asked(turn.estate, stack, spec)
    decision = _decide(turn, stack, request, found.placed, slots) if free else None
    more = more_of(request)
    for slot, seat in zip(slots, found.seats, strict=False):
        why = found.decision if seat.after else decision
        _put_task(turn, stack, spec, memory, slot, seat, more, why)
    return min(len(slots), len(found.seats))


def _put_task(
    turn: Turn,
    stack: Stack,
    spec: ServiceSpec,
    memory: Service,
    slot: int,
    seat: Seat,
    more: Claim,
    decision: DecisionId | None,
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
            host=seat.host,
            state=TaskState.PLACED,
            cpu=spec.resources.cpu,
            memory=spec.resources.memory,
            ports=ports_of(spec),
            more=more,
            cards=seat.cards,
            priority=spec.placement.priority,
            after=seat.after,
            restarted=stack.restarts.get(spec.name, 0),
            placed_at=turn.now,
            decision=decision,
        )
    )
    claim_holdings(turn, stack, spec, seat.host)
    turn.touch(Subject.HOST, seat.host)


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
    missing: int,
    passed_over: dict[str, str],
    *,
    gang: bool,
) -> None:
    """Record how many replicas fit nowhere, and keep why, if that is new."""
    memory = turn.estate.services.get(request.service)
    if memory is None:
        return
    if not missing:
        if memory.unplaced or memory.waiting:
            turn.estate.put(msgspec.structs.replace(memory, unplaced=0, waiting="", refusal=None))
        return
    words = refusal_words(missing, placed, passed_over)
    if gang and placed.hosts:
        words = f"all or none: {len(placed.hosts)} would fit, {words}"
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
    if placed.impossible:
        whole = placed.impossible == placed.considered
        parts.append("none of them ever could" if whole else f"{placed.impossible} of them never could")
    if placed.misses:
        parts.append(f"nearest: {placed.misses[0].words}")
    if passed_over:
        name, why = next(iter(passed_over.items()))
        more = f" (and {len(passed_over) - 1} more offers)" if len(passed_over) > 1 else ""
        parts.append(f"not bought: {name}, {why}{more}")
    return "; ".join(parts)
