"""Coming home: lent hosts whose tasks would all fit on own hosts are emptied and given back.

Only when all of a host's tasks fit with headroom, that has been so for a settled time, and the host
has had its least life; never what holds data.
"""

from __future__ import annotations

import msgspec

from longshore.model.clock import SECOND, Micros
from longshore.model.decision import Decision, DecisionKind
from longshore.model.host import Host
from longshore.model.lifecycle import ChangeState, HostState, TaskState
from longshore.model.spec import volumes_of
from longshore.plan.agenda import Subject
from longshore.plan.asking import asked
from longshore.plan.task import spec_of
from longshore.plan.turn import Turn
from longshore.schedule.fleet import Fleet
from longshore.schedule.place import place
from longshore.schedule.preempt import cards_of


def converge_pool(turn: Turn, name: str) -> None:
    """See which lent hosts could be emptied, dearest first."""
    pool = turn.estate.pools.get(name)
    if pool is None:
        return
    lent = [
        h
        for h in turn.estate.hosts.values()
        if not h.own and h.state is HostState.READY and not h.draining and h.answers
    ]
    if not lent or turn.estate.waiting():
        _unsettle(turn, lent)
        return
    trial = turn.estate.fleet.fork()
    for host in trial.hosts:
        if host.own and host.id in trial.rows:
            row = trial.rows[host.id]
            trial.cpu[row] -= trial.cpu[row] * pool.headroom // 1000
            trial.memory[row] -= trial.memory[row] * pool.headroom // 1000
    for host in sorted(lent, key=lambda h: (-(h.price.nano if h.price else 0), h.name)):
        if not _fits_at_home(turn, host, trial):
            _unsettle(turn, [host])
            continue
        since = host.home_since or turn.now
        if not host.home_since:
            turn.estate.put(msgspec.structs.replace(host, home_since=since))
        until = max(since + pool.settle, host.requested_at + pool.min_life)
        if until > turn.now:
            turn.look_again(until, Subject.POOL, name)
            continue
        _go_home(turn, host, since)


def _unsettle(turn: Turn, hosts: list[Host]) -> None:
    for host in hosts:
        if host.home_since:
            turn.estate.put(msgspec.structs.replace(host, home_since=Micros(0)))


def _fits_at_home(turn: Turn, host: Host, trial: Fleet) -> bool:
    """Whether all tasks of a host fit on own hosts, beside those found to fit before them."""
    ended = {TaskState.COMPLETED, TaskState.FAILED}
    tasks = [t for t in turn.estate.tasks_on(host.id) if t.state not in ended]
    if not tasks:
        return False
    claimed = []
    for task in tasks:
        spec = spec_of(turn, task)
        stack = turn.estate.stacks.get(task.stack)
        change = None if stack is None or stack.change is None else turn.estate.changes.get(stack.change)
        busy = change is not None and change.state is ChangeState.APPLYING
        if stack is None or spec is None or not task.ready or busy or volumes_of(spec):
            break
        request = msgspec.structs.replace(asked(turn.estate, stack, spec), own_only=True)
        placed = place(trial, request, 1)
        if not placed.hosts:
            break
        moved = msgspec.structs.replace(task, host=placed.hosts[0], cards=cards_of(placed, 0))
        trial.claim(moved)
        claimed.append(moved)
    if len(claimed) == len(tasks):
        return True
    for moved in claimed:
        trial.claim(moved, -1)
    return False


def _go_home(turn: Turn, host: Host, since: int) -> None:
    decision = turn.decide(
        Decision(
            id=turn.decision_id(),
            at=turn.now,
            kind=DecisionKind.HOME,
            subject=host.name,
            words=f"all tasks of {host.name} have fitted on own hosts for {(turn.now - since) // SECOND} s:"
            " they come home, and it is given back",
            quote=host.quote,
        )
    )
    turn.estate.put(msgspec.structs.replace(host, draining=True, home_since=Micros(0), decision=decision))
    turn.note("host.draining", host.name, "its tasks come home", decision=decision)
    for task in turn.estate.tasks_on(host.id):
        turn.touch(Subject.SERVICE, task.key)
