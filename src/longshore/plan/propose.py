"""Propose: what a change will do, as a plan with steps, places, reasons, price and hash.

A plan is the end of a rehearsal with the change less the end of one without it, so that other
stacks' healing is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from longshore.govern.bill import bill, share
from longshore.model.ask import MakePlan
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.holding import HoldingKind
from longshore.model.ids import ChangeId, Ids, ServiceKey, StackId, service_key
from longshore.model.lifecycle import ChangeState, HoldingState, StackState
from longshore.model.money import Total
from longshore.model.plan import Difference, Plan, PlanStep, Refusal
from longshore.model.report import Intended
from longshore.model.spec import ServiceSpec, digest_of, run_digest
from longshore.model.stack import Service, Stack
from longshore.model.step import (
    BuyHost,
    Provide,
    ReleaseHost,
    RestartTask,
    StartTask,
    Step,
    StopTask,
    TendMesh,
    Withdraw,
)
from longshore.model.unknown import Unknown
from longshore.plan.change import is_stuck
from longshore.plan.estate import Estate
from longshore.plan.rehearse import Rehearsal, rehearse
from longshore.plan.remedies import remedies
from longshore.plan.task import PREEMPTED
from longshore.plan.turn import Turn
from longshore.plan.wish import open_change

GONE = frozenset({StackState.DOWN, StackState.RETIRING})


def propose(estate: Estate, body: MakePlan, actor: str, now: Micros) -> Plan:
    """Rehearse an intent and say what it would do. Changes nothing.

    Raises:
        LongshoreError: the intent does not fit the stack; as in `open_change`.
    """
    old = estate.stack_named(body.project, body.stack)
    change = Change(
        id=ChangeId("change-of-plan"),
        stack=StackId("") if old is None else old.id,
        stack_name=body.stack,
        intent=body.intent,
        state=ChangeState.APPLYING,
        plan="",
        actor=actor,
        base=0 if old is None else old.generation,
        generation=0,
    )
    # Tried on a fork by itself first, so that what does not fit the stack is an error of the asker.
    trial = estate.fork()
    open_change(Turn(trial, now, Ids(0)), change, body.project)
    change = msgspec.structs.replace(change, without=_untouched(estate, old, trial))
    before = rehearse(estate, now)
    after = rehearse(estate, now, inputs=(Intended(change=change, project=body.project),))
    return describe(estate, before, after, change, body.project, now)


def describe(
    estate: Estate, before: Rehearsal, after: Rehearsal, change: Change, project: str, now: Micros
) -> Plan:
    """The plan that two rehearsals make."""
    stack = after.end.stack_named(project, change.stack_name)
    assert stack is not None
    old = estate.stack_named(project, change.stack_name)
    steps = fresh_steps(before, after, own=stack.name)
    without = tuple(name for name in change.without if _stuck(after.end, stack, name))
    refusals = tuple(_refusals(after.end, stack, without))
    volumes = _bound_volumes(estate, after.end, stack)
    purchases = _count(s.action.quote for _, s in steps if isinstance(s.action, BuyHost))
    released = released_between(before.end, after.end)
    price_before, price = bill(before.end.hosts.values()), bill(after.end.hosts.values())
    difference = price.plus(price_before, -1)
    services = _bound_services(old, stack)
    binding: dict[str, object] = {
        "stack": f"{project}/{change.stack_name}",
        "base": change.base,
        "intent": type(change.intent).__name__.lower(),
        "inputs": digest_of(change.intent),
        "services": services,
        "volumes": volumes,
        "purchases": purchases,
        "releases": released,
        "price": difference.amounts,
        "refused": {r.subject: r.count for r in refusals},
        "without": without,
        "preempted": _preempted(steps),
    }
    return Plan(
        hash=digest_of(binding),
        stack=change.stack_name,
        intent=change.intent,
        generation=stack.generation if old is None or stack.generation != old.generation else change.base + 1,
        base=change.base,
        at=now,
        project=project,
        # What others are about to buy counts too: it is the bill of all lent hosts that is held to it.
        ceiling=bill(h for h in estate.hosts.values() if not h.own).plus(
            Total.of([s.action.quote.price for _, s in after.steps if isinstance(s.action, BuyHost)])
        ),
        steps=tuple(plan_step(after.end, estate, at - now, step) for at, step in steps)
        or _silent_change(stack, services),
        decisions=after.decisions,
        refusals=refusals,
        without=without,
        known_after=_known_after(stack, steps),
        price=price,
        difference=difference,
        share=share_of(after.end, stack),
        effect=effect_of(before.end, after.end, steps),
        purchases=purchases,
        binding=binding,
        warnings=(*_warnings(estate, old, volumes["removed"]), *_left_out(after.end, stack, without)),
        quiet=after.quiet,
        horizon=0 if after.quiet else after.length,
        duration=after.length,
    )


def _untouched(estate: Estate, old: Stack | None, trial: Estate) -> tuple[str, ...]:
    """Services that fit nowhere as it is, and that a change which touches others does not touch.

    They keep nobody from the rest. A change that touches nothing is about them, and they are not left out.
    """
    new = None if old is None else trial.stacks.get(old.id)
    if old is None or new is None or new.state in GONE:
        return ()
    kept = [name for name, bound in _bound_services(old, new).items() if bound["action"] == "keep"]
    if len(kept) == len({*old.graph.services, *new.graph.services}):
        return ()
    return tuple(name for name in kept if _stuck(estate, old, name))


def _stuck(estate: Estate, stack: Stack, service: str) -> bool:
    memory = estate.services.get(service_key(stack.id, service))
    return memory is not None and is_stuck(memory)


def _left_out(end: Estate, stack: Stack, without: Iterable[str]) -> list[str]:
    """What a change is done without, in words."""
    words = []
    for name in without:
        memory = end.services.get(service_key(stack.id, name))
        why = "" if memory is None else memory.waiting
        words.append(f"{stack.name}/{name} is not touched, and has no place now as before: {why}")
    return words


def _preempted(steps: Iterable[tuple[Micros, Step]]) -> dict[str, int]:
    """How many tasks of each service are stopped for others of more priority. Part of the hash."""
    counts: dict[str, int] = {}
    for _, step in steps:
        if isinstance(step.action, StopTask) and step.reason.startswith(PREEMPTED):
            name = step.subject.rpartition(".")[0]
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def fresh_steps(before: Rehearsal, after: Rehearsal, own: str = "") -> list[tuple[Micros, Step]]:
    """The steps of the second rehearsal that the first does not take as well.

    Those for tasks of the stack `own` are fresh in any case: what is tried again and again without the
    change, and may never come, is what the change is to bring about.
    """
    spare: dict[tuple[str, str], int] = {}
    for _, step in before.steps:
        spare[_kind(step)] = spare.get(_kind(step), 0) + 1
    fresh = []
    for at, step in after.steps:
        if spare.get(_kind(step), 0) and not (own and step.subject.startswith(f"{own}/")):
            spare[_kind(step)] -= 1
        else:
            fresh.append((at, step))
    return fresh


def _silent_change(stack: Stack, services: dict[str, dict[str, object]]) -> tuple[PlanStep, ...]:
    """A line that says that only what is wanted changes: nothing runs yet that would have to be touched."""
    if all(bound["action"] == "keep" for bound in services.values()):
        return ()
    reason = "only what is wanted changes; nothing that runs is touched"
    return (PlanStep(verb="note", subject=stack.name, place="", reason=reason),)


def _kind(step: Step) -> tuple[str, str]:
    return type(step.action).__name__, step.subject


VERBS: dict[type, str] = {
    BuyHost: "buy",
    ReleaseHost: "give back",
    Provide: "provide",
    Withdraw: "remove",
    StartTask: "start",
    StopTask: "stop",
    RestartTask: "restart",
    TendMesh: "mesh",
}
"""What plans call the kinds of step."""


def plan_step(end: Estate, start: Estate, at: int, step: Step) -> PlanStep:
    """One line of a plan."""
    action = step.action
    verb = VERBS[type(action)]
    host = end.hosts.get(action.host) or start.hosts.get(action.host)
    place = "" if host is None else f"{host.name} ({host.cloud})"
    if isinstance(action, BuyHost):
        place = f"{action.cloud}/{action.quote.flavor}"
    if isinstance(action, Provide | Withdraw):
        verb = f"{verb} {action.holding}"
    if isinstance(action, TendMesh):
        verb = f"{action.act} mesh"
    return PlanStep(verb=verb, subject=step.subject, place=place, reason=step.reason, at=at)


def share_of(estate: Estate, stack: Stack) -> Total:
    """What a stack's tasks take of their hosts' price, per hour."""
    shares = []
    for key in estate.services_of(stack.id):
        for task in estate.tasks_of(ServiceKey(key)):
            host = estate.hosts.get(task.host)
            if host is not None and task.alive:
                shares.append(share(task, host))
    return Total.of(shares)


def effect_of(before: Estate, after: Estate, steps: Iterable[tuple[Micros, Step]]) -> Difference:
    """Counts of what changes, the tasks that moved, and those that are down at the end."""
    actions = [step.action for _, step in steps]
    places = {n: h for n, (h, up) in _slots(before).items() if up}
    ends = {n: h for n, (h, up) in _slots(after).items() if up}
    return Difference(
        hosts_bought=_count(a.quote for a in actions if isinstance(a, BuyHost)),
        hosts_released=released_between(before, after),
        tasks_started=sum(1 for a in actions if isinstance(a, StartTask)),
        tasks_stopped=sum(1 for a in actions if isinstance(a, StopTask)),
        tasks_moved=tuple(sorted(n for n in ends if n in places and places[n] != ends[n])),
        tasks_down=tuple(sorted(n for n in _wanted(after) if n not in ends)),
    )


def _slots(estate: Estate) -> dict[str, tuple[str, bool]]:
    """`STACK/SERVICE.N` -> (host, whether it is of use)."""
    slots: dict[str, tuple[str, bool]] = {}
    for task in estate.tasks.values():
        stack = estate.stacks.get(task.stack)
        name = f"{stack.name if stack else '?'}/{task.service}.{task.slot}"
        if task.alive or name not in slots:
            slots[name] = (task.host, task.alive or task.state == "completed")
    return slots


def _wanted(estate: Estate) -> list[str]:
    return [
        f"{stack.name}/{name}.{slot}"
        for stack in estate.stacks.values()
        if stack.state is StackState.ACTIVE
        for name, spec in stack.graph.services.items()
        for slot in range(1, spec.replicas + 1)
    ]


def _count(quotes: Iterable[object]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for quote in quotes:
        name = f"{quote.cloud}/{quote.flavor}"  # type: ignore[attr-defined]
        counts[name] = counts.get(name, 0) + 1
    return counts


def released_between(before: Estate, after: Estate) -> dict[str, int]:
    """Hosts that are there at the end without the change, and not with it."""
    counts: dict[str, int] = {}
    for host in before.hosts.values():
        if after.hosts.get(host.id) is None and not host.own:
            name = f"{host.cloud}/{host.flavor}"
            counts[name] = counts.get(name, 0) + 1
    return counts


def _bound_services(old: Stack | None, new: Stack) -> dict[str, dict[str, object]]:
    """Per service: the action, the replicas and the image. Part of the hash."""
    was = {} if old is None or old.state in GONE else old.graph.services
    now = {} if new.state in GONE else new.graph.services
    bound: dict[str, dict[str, object]] = {}
    for name in sorted({*was, *now}):
        if name not in now:
            bound[name] = {"action": "remove"}
            continue
        action = _action(old, new, was.get(name), now[name])
        image = now[name].image
        bound[name] = {
            "action": action,
            "replicas": now[name].replicas,
            "image": image.digest or image.name,
        }
    return bound


def _action(old: Stack | None, new: Stack, was: ServiceSpec | None, now: ServiceSpec) -> str:
    """What happens to a service, in a word."""
    if was is None or old is None:
        return "create"
    if run_digest(was, old.graph) != run_digest(now, new.graph):
        return "update"
    if was.replicas != now.replicas:
        return "scale"
    if old.restarts.get(now.name, 0) != new.restarts.get(now.name, 0):
        return "restart"
    return "keep"


def _bound_volumes(start: Estate, end: Estate, stack: Stack) -> dict[str, list[str]]:
    """Volumes that are made and removed. Part of the hash."""

    def names(estate: Estate) -> set[str]:
        return {
            h.name
            for h in estate.holdings_of(stack.id)
            if h.kind is HoldingKind.VOLUME and h.state is not HoldingState.FAILED
        }

    was, now = names(start), names(end)
    return {"made": sorted(now - was), "removed": sorted(was - now)}


def _refusals(end: Estate, stack: Stack, without: tuple[str, ...]) -> Iterable[Refusal]:
    """What fits nowhere, and what was given up; with the smallest changes that would help.

    But for what the change is done `without`, and what waits for nothing but that.
    """
    for key in end.services_of(stack.id):
        memory: Service | None = end.services.get(key)
        if memory is None or stack.state in GONE or key.rpartition("/")[2] in without:
            continue
        name = f"{stack.name}/{key.rpartition('/')[2]}"
        if memory.unplaced:
            yield Refusal(
                subject=name,
                count=memory.unplaced,
                words=memory.waiting,
                remedies=remedies(end, key),
            )
        elif memory.waiting and not memory.settled:
            yield Refusal(subject=name, count=0, words=memory.waiting)


def _known_after(stack: Stack, steps: Iterable[tuple[Micros, Step]]) -> tuple[str, ...]:
    """What only the engines can tell: the ports they choose."""
    started = {s.action.service for _, s in steps if isinstance(s.action, StartTask)}
    unknown = []
    for name, spec in stack.graph.services.items():
        for port in spec.ports:
            if name in started and not port.published:
                value = Unknown(resource=f"{stack.name}/{name}", attribute=f"port {port.target}")
                unknown.append(f"{name}: the host's port for {port.target}/{port.protocol} is {value}")
    return tuple(unknown)


def _warnings(estate: Estate, old: Stack | None, removed: list[str]) -> tuple[str, ...]:
    """What a person should know before saying yes."""
    words = [
        f"cloud {cloud.name} does not answer: {cloud.reason}"
        for cloud in estate.clouds.values()
        if cloud.silent_since
    ]
    words += [f"host {host.name} does not answer" for host in estate.hosts.values() if host.silent_since]
    if old is not None and old.state not in GONE:
        for key in estate.services_of(old.id):
            memory = estate.services.get(key)
            if memory is not None and memory.failures and memory.waiting:
                words.append(f"{old.name}/{key.rpartition('/')[2]} {memory.waiting}")
    if removed:
        words.append(f"volumes are deleted for good, with all that is in them: {', '.join(removed)}")
    return tuple(words)


def moved_since(plan: Plan, again: Plan) -> dict[str, object]:
    """What moved between two plans of one intent: binding key -> (then, now). Empty: nothing."""
    return {
        key: {"planned": plan.binding.get(key), "now": again.binding.get(key)}
        for key in {**plan.binding, **again.binding}
        if msgspec.json.encode(plan.binding.get(key), order="deterministic")
        != msgspec.json.encode(again.binding.get(key), order="deterministic")
    }
