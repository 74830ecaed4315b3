"""A host converges: it boots, starts what was placed on it, falls silent, is lost, and is given back."""

from __future__ import annotations

import msgspec

from longshore.model.clock import HOUR, MINUTE, SECOND, Micros
from longshore.model.cloud import Pool
from longshore.model.decision import Decision, DecisionKind
from longshore.model.holding import HoldingKind
from longshore.model.host import Host
from longshore.model.ids import HostId
from longshore.model.lifecycle import HoldingState, HostState, TaskState
from longshore.model.step import ReleaseHost
from longshore.model.task import Task
from longshore.plan.agenda import Subject
from longshore.plan.estate import claims
from longshore.plan.holding import drop_holdings, missing, provide
from longshore.plan.host_asks import expire_kept
from longshore.plan.task import drop_task, fail_task, lose_task, spec_of, start_task, touch_waiting
from longshore.plan.turn import Turn

BOOT_DEADLINE = 15 * MINUTE
"""A lent host that does not answer by then is given back."""

BILLING_MARGIN = 2 * MINUTE
"""A lent host that is idle is given back so long before its next billing unit begins."""


def converge_host(turn: Turn, host_id: HostId) -> None:
    """Decide the next moves of one host."""
    host = turn.estate.hosts.get(host_id)
    if host is None:
        return
    if host.kept:
        host = expire_kept(turn, host)
    match host.state:
        case HostState.REQUESTED:
            return
        case HostState.BOOTING:
            _boot(turn, host)
        case HostState.READY:
            _serve(turn, host)
        case HostState.FAILED | HostState.RELEASING:
            release(turn, host, host.reason)
        case HostState.RELEASED:
            return


def pool_of(turn: Turn) -> Pool:
    """The pool with its patience and limits."""
    return next(turn.estate.pools.values())


def _boot(turn: Turn, host: Host) -> None:
    """Wait for a host until its deadline; own ones that were not made here for ever."""
    if host.own and host.quote is None:
        return
    deadline = host.requested_at + max(BOOT_DEADLINE, 4 * (host.quote.boot if host.quote else 0))
    if turn.now < deadline:
        turn.look_again(deadline, Subject.HOST, host.id)
        return
    fail_host(turn, host, f"it did not answer within {(deadline - host.requested_at) // MINUTE} minutes")


def _serve(turn: Turn, host: Host) -> None:
    """A host in service: start what is placed there, or count its silence, or see it go."""
    if host.silent_since:
        _wait_for(turn, host)
        return
    provide(turn, host)
    _launch(turn, host)
    _leave(turn, host)


def _launch(turn: Turn, host: Host) -> None:
    """Start the placed tasks whose host holds all they need; fail those that can never start."""
    for task in list(turn.estate.tasks_on(host.id)):
        if task.state is not TaskState.PLACED or _in_the_way(turn, task):
            continue
        stack = turn.estate.stacks.get(task.stack)
        spec = spec_of(turn, task)
        memory = turn.estate.services.get(task.key)
        if stack is None or spec is None or memory is None or memory.digest != task.digest:
            drop_task(turn, task)
            continue
        lacking = missing(turn.estate, task)
        if lacking is None:
            start_task(turn, task, "it is wanted")
        elif lacking.state is HoldingState.FAILED:
            fail_task(turn, task, lacking.reason)
        elif lacking.state is HoldingState.GONE:
            drop_task(turn, task)


def _in_the_way(turn: Turn, task: Task) -> bool:
    """Whether those whose room a task was given are still there."""
    others = turn.estate.tasks.many(task.after)
    return any(claims(other) for other in others)


def _wait_for(turn: Turn, host: Host) -> None:
    """A silent host: given up when its grace is over, unless it is we who are cut off."""
    if host.lost:
        _give_up(turn, host)
        return
    grace = host.silent_since + pool_of(turn).grace
    if turn.now < grace:
        turn.look_again(grace, Subject.HOST, host.id)
        return
    # Those given up before do not count: it is about falling silent at once.
    peers = [
        h
        for h in turn.estate.hosts.values()
        if h.cloud == host.cloud and h.state is HostState.READY and not h.lost
    ]
    silent = [h for h in peers if h.silent_since]
    # More than a third of a cloud at once: more likely our own line than all of theirs.
    if len(silent) > 1 and len(silent) * 3 > len(peers):
        turn.look_again(turn.now + pool_of(turn).grace, Subject.HOST, host.id)
        return
    lose_host(turn, host, "its grace is over")


def _give_up(turn: Turn, host: Host) -> None:
    """A lent host that stays lost costs, and serves nobody: it goes back, unless it holds data."""
    if host.own or _holds_data(turn, host):
        return
    until = host.silent_since + pool_of(turn).grace + pool_of(turn).settle
    if turn.now < until:
        turn.look_again(until, Subject.HOST, host.id)
        return
    turn.note("host.releasing", host.name, "it is lost")
    release(turn, host, "it is lost")


def lose_host(turn: Turn, host: Host, reason: str) -> None:
    """Give a host up: its tasks are replaced elsewhere, but for those whose data is there."""
    decision = turn.decide(
        Decision(
            id=turn.decision_id(),
            at=turn.now,
            kind=DecisionKind.REPAIR,
            subject=host.name,
            words=f"{host.name} is given up, {reason}: its tasks are replaced elsewhere",
            count=sum(1 for t in turn.estate.tasks_on(host.id) if t.alive),
        )
    )
    turn.estate.put(msgspec.structs.replace(host, lost=True, reason=reason, decision=decision))
    turn.note("host.lost", host.name, reason, decision=decision)
    for task in list(turn.estate.tasks_on(host.id)):
        lose_task(turn, task, f"its host {host.name} is lost: {reason}")
        turn.touch(Subject.STACK, task.stack)
    for holding in list(turn.estate.holdings_on(host.id)):
        step = turn.estate.open_step(holding.key)
        if step is not None:
            turn.estate.drop(step)
    touch_waiting(turn, host.id)


def fail_host(turn: Turn, host: Host, reason: str) -> None:
    """A host that was to come will not: its tasks are placed elsewhere, and it is given back."""
    turn.estate.put(msgspec.structs.replace(host, state=HostState.FAILED, reason=reason))
    turn.note("host.failed", host.name, reason)
    give_back_allowance(turn, host)
    for task in list(turn.estate.tasks_on(host.id)):
        lose_task(turn, task, reason)
    # It never answered, so nothing was made there.
    drop_holdings(turn, host.id)
    touch_waiting(turn, host.id)


def give_back_allowance(turn: Turn, host: Host) -> None:
    """A purchase came to nothing: the change that it was made for may make another in its place."""
    name = f"{host.cloud}/{host.flavor}"
    # The first task placed there is of the stack that the host was bought for.
    for task in turn.estate.tasks_on(host.id):
        stack = turn.estate.stacks.get(task.stack)
        change = None if stack is None else turn.estate.changes.get(stack.change or "")
        if change is not None and change.bought.get(name):
            bought = {**change.bought, name: change.bought[name] - 1}
            turn.estate.put(msgspec.structs.replace(change, bought=bought))
        return


def _holds_data(turn: Turn, host: Host) -> bool:
    return any(h.kind is HoldingKind.VOLUME for h in turn.estate.holdings_on(host.id))


def _leave(turn: Turn, host: Host) -> None:
    """A lent host without tasks and data is given back, when its time is over, unless its cloud keeps it."""
    if host.own or _kept(turn, host):
        return
    # What ended is not worth a host: only its record is of use.
    busy = any(t.state not in {TaskState.COMPLETED, TaskState.FAILED} for t in turn.estate.tasks_on(host.id))
    if busy or _holds_data(turn, host):
        if host.idle_since:
            turn.estate.put(msgspec.structs.replace(host, idle_since=Micros(0)))
        return
    if not host.idle_since:
        host = msgspec.structs.replace(host, idle_since=turn.now)
        turn.estate.put(host)
    until = _keep_until(turn, host)
    if until > turn.now:
        turn.look_again(until, Subject.HOST, host.id)
        return
    turn.decide(
        Decision(
            id=turn.decision_id(),
            at=turn.now,
            kind=DecisionKind.RELEASE,
            subject=host.name,
            words=f"{host.name} has had no tasks for {(turn.now - host.idle_since) // SECOND} s",
            quote=host.quote,
        )
    )
    turn.note("host.releasing", host.name, "it has no tasks")
    release(turn, host, "it has no tasks")


def _kept(turn: Turn, host: Host) -> bool:
    """Whether a host is one of those that its cloud is to have: the oldest."""
    cloud = turn.estate.clouds.get(host.cloud)
    if cloud is None or not cloud.keep or cloud.removing:
        return False
    peers = [h for h in turn.estate.hosts.values() if h.cloud == host.cloud and h.state is HostState.READY]
    return host in sorted(peers, key=lambda h: (h.requested_at, h.id))[: cloud.keep]


def _keep_until(turn: Turn, host: Host) -> int:
    """Until when an idle lent host is kept: settled, past its least life, and its paid time used."""
    pool = pool_of(turn)
    until = max(host.idle_since + pool.settle, host.requested_at + pool.min_life)
    unit = host.quote.billing_unit if host.quote is not None else 0
    if unit >= HOUR // 4:
        begun = (max(until, turn.now) - host.requested_at) // unit
        until = max(until, host.requested_at + (begun + 1) * unit - BILLING_MARGIN)
    return until


def release(turn: Turn, host: Host, reason: str) -> None:
    """Have a cloud take a host back; it is forgotten when the cloud lists it no longer."""
    if host.state is not HostState.RELEASING:
        host = msgspec.structs.replace(host, state=HostState.RELEASING, reason=reason, idle_since=turn.now)
        turn.estate.put(host)
    elif turn.estate.open_step(host.id) is not None:
        return
    elif turn.now < host.idle_since + MINUTE:
        # Asked for: what is left is to see it gone. If it is still listed after a minute, ask again.
        turn.look_again(host.idle_since + MINUTE, Subject.HOST, host.id)
        return
    else:
        turn.estate.put(msgspec.structs.replace(host, idle_since=turn.now))
    if turn.estate.open_step(host.id) is None:
        turn.step(ReleaseHost(host=host.id, cloud=host.cloud, foreign_id=host.foreign_id), host.name, reason)


def forget_host(turn: Turn, host: Host) -> None:
    """A host is gone: so is everything on it, but for the record of what was completed there."""
    for task in list(turn.estate.tasks_on(host.id)):
        if task.state is not TaskState.COMPLETED:
            drop_task(turn, task)
    drop_holdings(turn, host.id)
    step = turn.estate.open_step(host.id)
    if step is not None:
        turn.estate.drop(step)
    turn.estate.drop(host)
    turn.note("host.released", host.name, host.reason or "its cloud lists it no longer")
    touch_waiting(turn, host.id)
    turn.touch(Subject.POOL, pool_of(turn).name)
    turn.touch(Subject.CLOUD, host.cloud)
