"""Explain: why something is as it is, from the nouns, the rules as they stand, and rehearsal."""

from __future__ import annotations

from longshore.govern.bill import BILLED, bill
from longshore.model.change import Change
from longshore.model.clock import HOUR, MINUTE, SECOND, Micros
from longshore.model.errors import NotFound
from longshore.model.host import Host
from longshore.model.ids import Ids, ServiceKey, service_key
from longshore.model.lifecycle import ChangeState, StackState, TaskState
from longshore.model.money import Money, Total, exact, format_nano
from longshore.model.plan import Explanation, Row
from longshore.model.stack import Service, Stack
from longshore.model.task import Task
from longshore.plan.asking import asked
from longshore.plan.buying import offers_of
from longshore.plan.estate import Estate
from longshore.plan.turn import Turn
from longshore.schedule.place import STRATEGIES
from longshore.schedule.relax import Relaxation, relax, room
from longshore.schedule.request import Request
from longshore.schedule.rules import broken_by, cores, size_words, survey

NO_TIME = Micros(0)

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


def remedies(estate: Estate, key: str) -> tuple[str, ...]:
    """The smallest changes after which what a service lacks would fit, each in words."""
    request, count = _lacking(estate, ServiceKey(key))
    if request is None:
        return ()
    offers = offers_of(Turn(estate, NO_TIME, Ids(0)))
    return tuple(_allowed(estate, r) for r in relax(estate.fleet, request, count, offers))


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


def _lacking(estate: Estate, key: ServiceKey) -> tuple[Request | None, int]:
    """What a service asks for, and how many replicas of it fit nowhere."""
    stack_id, _, name = key.rpartition("/")
    stack, memory = estate.stacks.get(stack_id), estate.services.get(key)
    spec = None if stack is None else stack.graph.services.get(name)
    if stack is None or spec is None or memory is None or not memory.unplaced:
        return None, 0
    return asked(estate, stack, spec), memory.unplaced


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
        request = asked(estate, stack, spec)
        table = table_of(estate, request)
        words.append(room_words(estate, request))
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


def room_words(estate: Estate, request: Request) -> str:
    """How many more replicas there is a place for now."""
    number = room(estate.fleet, request)
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


def table_of(estate: Estate, request: Request) -> tuple[Row, ...]:
    """Every host: its score's terms, or every rule it breaks with numbers."""
    fleet = estate.fleet
    found = survey(fleet, request)
    counts = fleet.counts.get(request.service, {})
    rows = []
    for row in range(fleet.size):
        host = fleet.hosts[row]
        if host.id not in fleet.rows:
            continue
        fits = bool(found.caps[row])
        terms = {
            name: float(value)
            for name, value in STRATEGIES[request.strategy](fleet, row, counts.get(row, 0), 0).items()
        }
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
    if host.home_since:
        words.append(f"all its tasks have fitted at home for {length_words(now - host.home_since)}")
    words += [f"{stranger} carries our label, but is not in the journal" for stranger in host.strangers]
    return Explanation(
        subject=host.name,
        kind="host",
        words=tuple(words),
        facts={"decisions": [host.decision] if host.decision else [], "tasks": len(tasks)},
    )


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
