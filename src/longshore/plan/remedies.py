"""Remedies: the smallest changes after which what a service lacks would fit, each in words."""

from __future__ import annotations

import msgspec

from longshore.govern.bill import BILLED, bill
from longshore.model.clock import Micros
from longshore.model.ids import Ids
from longshore.model.money import Money, Total, exact
from longshore.model.spec import Preempt, ServiceSpec
from longshore.plan.asking import asked, fleet_for
from longshore.plan.buying import offers_of
from longshore.plan.estate import Estate
from longshore.plan.preempting import claim_of, gang_of, preempt
from longshore.plan.task import name_of
from longshore.plan.turn import Turn
from longshore.schedule.fleet import Fleet
from longshore.schedule.relax import Relaxation, relax, room
from longshore.schedule.request import Request

NO_TIME = Micros(0)

RANKS = 8
"""Priorities that are tried, from the lowest up: each is a search over the hosts."""


def remedies(estate: Estate, key: str) -> tuple[str, ...]:
    """The smallest changes after which what a service lacks would fit; none where it lacks nothing."""
    stack_id, _, name = key.rpartition("/")
    stack, memory = estate.stacks.get(stack_id), estate.services.get(key)
    spec = None if stack is None else stack.graph.services.get(name)
    if stack is None or spec is None or memory is None or not memory.unplaced:
        return ()
    fleet = fleet_for(estate, stack, name)
    request = asked(estate, stack, spec)
    turn = Turn(estate, NO_TIME, Ids(0))
    found = relax(fleet, request, memory.unplaced, offers_of(turn))
    words = [_allowed(estate, _named(estate, r)) for r in found]
    words += _kept_for_others(estate, request, memory.unplaced)
    return (*words, *_priority(turn, spec, fleet, request, memory.unplaced))


def _named(estate: Estate, change: Relaxation) -> Relaxation:
    """Services of other stacks by their stack's name."""
    stack = estate.stacks.get(change.subject.rpartition("/")[0]) if change.kind == "affinity" else None
    if stack is None:
        return change
    name = change.subject.rpartition("/")[2]
    return msgspec.structs.replace(change, words=change.words.replace(name, f"{stack.name}/{name}", 1))


def _allowed(estate: Estate, change: Relaxation) -> str:
    """A change in words; for a purchase that a cloud's bounds forbid, with the command that widens them."""
    name, _, flavor = change.subject.partition("/")
    cloud = estate.clouds.get(name) if change.kind == "buy" else None
    quote = next((q for q in cloud.offers if q.flavor == flavor), None) if cloud is not None else None
    if cloud is None or quote is None or quote.price is None or not quote.price.nano:
        return change.words
    lent = [h for h in estate.hosts.values() if h.cloud == name and h.state in BILLED]
    count = len(lent) + change.value // quote.price.nano
    options = []
    if cloud.max_hosts and count > cloud.max_hosts:
        options.append(f"--max-hosts {count}")
    price = bill(lent).plus(Total(amounts={quote.price.currency: change.value}))
    if cloud.max_price is not None and not price.within(Total.of([cloud.max_price])):
        options.append(
            f"--max-price '{exact(Money(price.amounts[quote.price.currency], quote.price.currency))}'"
        )
    if not options:
        return change.words
    return f"{change.words}: longshore clouds change {name} {' '.join(options)}"


def _kept_for_others(estate: Estate, request: Request, count: int) -> list[str]:
    """Keep room for others no longer, where that alone helps."""
    words = []
    for host in estate.hosts.many(estate.marks.keeping):
        for kept in host.kept:
            fleet = estate.fleet.fork()
            fleet.follow_host(msgspec.structs.replace(host, kept=()))
            if room(fleet, request) < count:
                continue
            words.append(
                f"keep no room for {kept.whom} on {host.name}: "
                f"longshore hosts keep {host.name} --for {kept.whom} --room none"
            )
    return words


def _priority(turn: Turn, spec: ServiceSpec, fleet: Fleet, request: Request, count: int) -> list[str]:
    """A priority with which others would give way: the lowest that is enough."""
    if spec.placement.preempt is Preempt.NEVER:
        return []
    ranks = sorted({task.priority + 1 for task in turn.estate.tasks.values() if task.alive})
    for rank in [rank for rank in ranks if rank > spec.placement.priority][:RANKS]:
        raised = msgspec.structs.replace(
            spec, placement=msgspec.structs.replace(spec.placement, priority=rank)
        )
        raids = preempt(turn, raised, fleet, request, claim_of(request, raised), count)
        if len(raids) < count:
            continue
        gone = dict.fromkeys(task for r in raids for v in r.victims for task in gang_of(turn, v.task))
        names = [name_of(turn, task) for task in turn.estate.tasks.many(gone)]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        way = "gives" if len(names) == 1 else "give"
        return [f"raise its priority to {rank}: then {shown} {way} way"]
    return []
