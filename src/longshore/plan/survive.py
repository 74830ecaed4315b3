"""Surviving: whether what runs would find a place again if any one host were lost; every host is tried.

A host's tasks are placed on a copy of the others' arrays, service by service in their order, as the
planner would place them. Where all fit, nothing is bought and nobody is preempted, and that is exact.
Where some do not, the loss is rehearsed whole, for it may be that hosts are bought or others give way.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from longshore.model.host import Host
from longshore.model.ids import ServiceKey
from longshore.model.plan import Loss
from longshore.model.task import Task
from longshore.plan.asking import asked, fleet_for, priority_of
from longshore.plan.estate import Estate
from longshore.schedule.fleet import Fleet
from longshore.schedule.place import place
from longshore.schedule.preempt import cards_of

REHEARSED = 20
"""Losses that are rehearsed whole; what more there are is told by the arrays alone, and says so."""


def survive(estate: Estate, rehearsed: Callable[[Host], Loss]) -> tuple[Loss, ...]:
    """What the loss of each host that serves would come to, those that leave tasks down first."""
    losses = []
    whole = 0
    for host in estate.hosts.values():
        if not host.answers:
            continue
        loss = _lose(estate, host)
        if loss.down and whole < REHEARSED:
            whole += 1
            loss = rehearsed(host)
        elif loss.down:
            loss = msgspec.structs.replace(loss, rehearsed=False)
        losses.append(loss)
    losses.sort(key=lambda loss: (-len(loss.down), -sum(loss.bought.values()), loss.host))
    return tuple(losses)


def _lose(estate: Estate, host: Host) -> Loss:
    """Place a host's tasks elsewhere, on a copy."""
    tasks = [task for task in estate.tasks_on(host.id) if task.alive]
    by_service: dict[ServiceKey, list[Task]] = {}
    for task in tasks:
        by_service.setdefault(task.key, []).append(task)
    trial = estate.fleet.fork()
    for task in tasks:
        trial.claim(task, -1)
    trial.drop_host(host.id)
    down: list[str] = []
    for key in sorted(by_service, key=lambda key: -priority_of(estate, key)):
        down += _replace(estate, trial, host, by_service[key])
    return Loss(host=host.name, tasks=len(tasks), down=tuple(sorted(down)))


def _replace(estate: Estate, trial: Fleet, lost: Host, tasks: list[Task]) -> list[str]:
    """Find places for one service's tasks; the names of those that have none."""
    first = tasks[0]
    stack = estate.stacks.get(first.stack)
    spec = None if stack is None else stack.graph.services.get(first.service)
    if stack is None or spec is None:
        return []
    request = asked(estate, stack, spec)
    fleet = trial
    # Room that is kept for it is free to it alone.
    own = fleet_for(estate, stack, spec.name)
    if own is not estate.fleet:
        fleet = trial.fork()
        for host in estate.hosts.many(estate.marks.keeping):
            if host.id != lost.id:
                fleet.follow_host(own.hosts[own.rows[host.id]])
    placed = place(fleet, request, len(tasks))
    seats = placed.hosts
    if spec.placement.gang and len(seats) < len(tasks):
        seats = ()
    for number, (task, host_id) in enumerate(zip(tasks, seats, strict=False)):
        trial.claim(msgspec.structs.replace(task, host=host_id, cards=cards_of(placed, number)))
    return [f"{stack.name}/{spec.name}.{task.slot}" for task in tasks[len(seats) :]]
