"""Explain: why something is as it is, from the nouns, the rules as they stand, and rehearsal."""

from __future__ import annotations

from longshore.model.change import Change
from longshore.model.clock import HOUR, MINUTE, SECOND, Micros
from longshore.model.errors import NotFound
from longshore.model.host import Host, Share
from longshore.model.ids import service_key
from longshore.model.lifecycle import ChangeState, StackState, TaskState
from longshore.model.money import Money, format_nano
from longshore.model.plan import Explanation, Row
from longshore.model.stack import Service, Stack
from longshore.model.task import Task
from longshore.plan.asking import asked, fleet_for
from longshore.plan.estate import Estate
from longshore.plan.host_asks import taint_words
from longshore.plan.remedies import remedies
from longshore.schedule.fleet import Fleet
from longshore.schedule.relax import room
from longshore.schedule.request import Request
from longshore.schedule.rules import broken_by, cores, size_words, survey
from longshore.schedule.strategies import terms_of_all

ENDED = frozenset({TaskState.COMPLETED, TaskState.FAILED, TaskState.LOST})
"""States of which one says when they came, not for how long they have been."""


def explain(estate: Estate, subject: str, project: str, now: Micros) -> Explanation:
    """Why a task, service, stack, host or change is as it is.

    Raises:
        NotFound: nothing bears that name.
    """
    host = estate.host_named(subject)
    if host is not None:
        return _host(estate, host, now)
    change = estate.changes.get(subject)
    if change is not None:
        return _change(change)
    name, _, rest = subject.partition("/")
    stack = estate.stack_named(project, name)
    if stack is None:
        raise NotFound(
            f"nothing is called {subject}",
            code="no-such-subject",
            remedy="longshore ps --all, longshore hosts, or longshore events name what there is",
        )
    if not rest:
        return _stack(estate, stack, now)
    service, dot, slot = rest.rpartition(".")
    if not dot or not slot.isdigit():
        service, slot = rest, ""
    memory = estate.services.get(service_key(stack.id, service))
    if memory is None:
        raise NotFound(
            f"{name} has no service {service}",
            code="no-such-service",
            remedy=f"longshore ps {name}",
        )
    return _service(estate, stack, service, memory, int(slot or 0), now)


def _service(
    estate: Estate, stack: Stack, service: str, memory: Service, slot: int, now: Micros
) -> Explanation:
    """Why a service, or one task of it, is where and how it is."""
    tasks = [t for t in estate.tasks_of(memory.key) if not slot or t.slot == slot]
    name = f"{stack.name}/{service}" + (f".{slot}" if slot else "")
    spec = stack.graph.services.get(service)
    if slot and not tasks and (spec is None or slot > spec.replicas):
        raise NotFound(f"there is no task {name}", code="no-such-task", remedy=f"longshore ps {stack.name}")
    words = [task_words(estate, task, name if slot else f"{name}.{task.slot}", now) for task in tasks]
    if memory.waiting:
        words.append(f"{name} waits: {memory.waiting}")
    if memory.reason:
        words.append(f"the last failure: {memory.reason}")
    if not words:
        words.append(f"{name} has no tasks: {stack.name} is {stack.state}")
    table: tuple[Row, ...] = ()
    if spec is not None and stack.state is StackState.ACTIVE:
        request, fleet = asked(estate, stack, spec), fleet_for(estate, stack, service)
        table = table_of(fleet, request)
        words.append(room_words(fleet, request))
    return Explanation(
        subject=name,
        kind="task" if slot else "service",
        words=tuple(words),
        table=table,
        remedies=remedies(estate, memory.key),
        facts={
            "decisions": [t.decision for t in tasks if t.decision]
            + ([memory.refusal] if memory.refusal else []),
            "failures": memory.failures,
            "waiting": memory.waiting,
            "unplaced": memory.unplaced,
        },
    )


def room_words(fleet: Fleet, request: Request) -> str:
    """How many more replicas there is a place for now."""
    number = room(fleet, request)
    if not number:
        return "one more replica would fit nowhere"
    if number > 1_000_000:
        return "any number of replicas more would fit"
    return f"{number} more replica{'s' if number != 1 else ''} would fit"


def task_words(estate: Estate, task: Task, name: str, now: Micros) -> str:
    """A task's state and place in a sentence."""
    host = estate.hosts.get(task.host)
    where = "an unknown host" if host is None else f"{host.name} ({host.cloud})"
    since = max(task.ready_at, task.started_at, task.placed_at, task.ended_at)
    length = length_words(now - since)
    over = f"{name} {'was lost' if task.state is TaskState.LOST else task.state} on {where} {length} ago"
    words = over if task.state in ENDED else f"{name} has been {task.state} on {where} for {length}"
    if task.health != "none":
        words += f", {task.health}"
    if task.restarts:
        words += f", restarted {task.restarts} time{'s' if task.restarts != 1 else ''} by its engine"
    if task.reason:
        words += f": {task.reason}"
    return words


def length_words(length: int) -> str:
    """A length of time by its largest unit that tells enough."""
    if length < 2 * MINUTE:
        return f"{max(length, 0) // SECOND} s"
    return f"{length // MINUTE} min" if length < 2 * HOUR else f"{length // HOUR} h"


def table_of(fleet: Fleet, request: Request) -> tuple[Row, ...]:
    """Every host: its score's terms, or every rule it breaks with numbers."""
    found = survey(fleet, request)
    scores = terms_of_all(fleet, request)
    rows = []
    for row in range(fleet.size):
        host = fleet.hosts[row]
        if host.id not in fleet.rows:
            continue
        fits = bool(found.caps[row])
        terms = {name: float(values[row]) for name, values in scores.items()}
        _, broken = broken_by(fleet, row, request, found)
        rows.append(
            Row(
                host=host.name,
                cloud=host.cloud,
                fits=fits,
                words="fits" if fits else broken,
                terms=terms if fits else {},
                price=price_words(host.price),
            )
        )
    rows.sort(key=lambda r: (not r.fits, tuple(r.terms.values()), r.host))
    return tuple(rows)


def price_words(price: Money | None) -> str:
    """A price per hour; unknown is not zero."""
    return "unknown" if price is None else format_nano(price.nano, price.currency)


def _host(estate: Estate, host: Host, now: Micros) -> Explanation:
    """Why a host is there, and what it carries."""
    tasks = [t for t in estate.tasks_on(host.id) if t.alive]
    cpu, memory = sum(t.cpu for t in tasks), sum(t.memory for t in tasks)
    carried = "1 task, which claims" if len(tasks) == 1 else f"{len(tasks)} tasks, which claim"
    words = [
        f"{host.name} is {host.state} in {host.cloud}, {'your own' if host.own else 'lent'}, at "
        f"{price_words(host.price)} per hour",
        f"it carries {carried} {cores(cpu)} of {cores(host.capacity.cpu)} and "
        f"{size_words(memory)} of {size_words(host.capacity.memory)}",
    ]
    if host.silent_since:
        words.append(f"it has not answered for {length_words(now - host.silent_since)}: {host.reason}")
    if host.lost:
        words.append("it is given up: what could be replaced elsewhere was")
    if host.draining:
        words.append("its tasks are leaving it")
    words += _set_words(host, now)
    if host.home_since:
        words.append(f"all its tasks have fitted at home for {length_words(now - host.home_since)}")
    words += [f"{stranger} carries our label, but is not in the journal" for stranger in host.strangers]
    return Explanation(
        subject=host.name,
        kind="host",
        words=tuple(words),
        facts={"decisions": [host.decision] if host.decision else [], "tasks": len(tasks)},
    )


def _set_words(host: Host, now: Micros) -> list[str]:
    """What a person said of a host."""
    words = []
    if host.zone or host.region:
        words.append(f"it is in {' of '.join(filter(None, (host.zone, host.region)))}")
    if host.taints:
        words.append(f"tainted: {', '.join(taint_words(taint) for taint in host.taints)}")
    if host.share != Share():
        words.append(
            f"{cores(host.share.reserved.cpu)} and {size_words(host.share.reserved.memory)} are reserved for "
            f"the machine; tasks may claim {host.share.overcommit_cpu / 1000:g} times its processors and "
            f"{host.share.overcommit_memory / 1000:g} times its memory"
        )
    for kept in host.kept:
        until = f" for {length_words(kept.until - now)} more" if kept.until else ""
        words.append(
            f"{cores(kept.room.cpu)} and {size_words(kept.room.memory)} are kept for {kept.whom}{until}"
        )
    return words


def _change(change: Change) -> Explanation:
    words = [
        f"{change.actor} had {change.stack_name} changed by plan {change.plan[:12]}: {change.state}",
        change.reason or "it goes on",
    ]
    return Explanation(
        subject=change.id,
        kind="change",
        words=tuple(words),
        remedies=(change.remedy,) if change.remedy else (),
        facts={"state": change.state, "plan": change.plan},
    )


def _stack(estate: Estate, stack: Stack, now: Micros) -> Explanation:
    """How far a stack is, and what each of its services waits for."""
    change = None if stack.change is None else estate.changes.get(stack.change)
    words = [f"{stack.name} is {stack.state} at generation {stack.generation}"]
    helps: list[str] = []
    if change is not None:
        words.append(f"its last change is {change.state}: {change.reason or 'it goes on'}")
        if change.state is ChangeState.FAILED and change.remedy:
            helps.append(change.remedy)
    for key in estate.services_of(stack.id):
        memory = estate.services.get(key)
        if memory is not None and (memory.waiting or memory.reason):
            words.append(f"{key.rpartition('/')[2]}: {memory.waiting or memory.reason}")
        helps.extend(remedies(estate, key))
    del now
    return Explanation(subject=stack.name, kind="stack", words=tuple(words), remedies=tuple(helps))
