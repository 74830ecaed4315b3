"""Intake: what was seen and what came of steps, taken into the estate. Decides nothing further."""

from __future__ import annotations

import msgspec

from longshore.model.clock import MINUTE, SECOND, Micros
from longshore.model.holding import HoldingKind, holding_key
from longshore.model.host import Host
from longshore.model.lifecycle import HoldingState, HostState, StepState, TaskState
from longshore.model.report import (
    Asked,
    CloudSeen,
    CloudSilent,
    ContainerReport,
    ContainerSeen,
    ContainerState,
    Done,
    Doubtful,
    HostReport,
    HostSeen,
    HostSilent,
    Input,
    Intended,
    Missed,
    Outcome,
)
from longshore.model.step import (
    BuyHost,
    Provide,
    ReleaseHost,
    RestartTask,
    StartTask,
    Step,
    StopTask,
    Withdraw,
)
from longshore.model.task import Task
from longshore.plan.acts import acted_since, forget_acts, note_act
from longshore.plan.agenda import Subject
from longshore.plan.asks import take_ask
from longshore.plan.estate import subject_of
from longshore.plan.holding import drop_holdings
from longshore.plan.host import give_back_allowance
from longshore.plan.hosts_seen import see_cloud, see_silent_cloud
from longshore.plan.task import (
    count_failure,
    drop_task,
    fail_task,
    name_of,
    see_container,
    stop_task,
    touch_waiting,
)
from longshore.plan.turn import Turn
from longshore.plan.wish import wish

LONGEST_PAUSE = MINUTE
BARRED = MINUTE
"""How long a flavor that its cloud could not deliver is not asked for again."""


def take_in(turn: Turn, seen: Input) -> None:
    """Take one input in. Inputs about what is no longer known change nothing."""
    match seen:
        case Asked(ask=ask):
            take_ask(turn, ask)
        case Intended():
            wish(turn, seen)
        case HostSeen(report=report):
            see_host(turn, report)
        case HostSilent():
            _see_silence(turn, seen)
        case ContainerSeen(container=container):
            _see(turn, container)
        case CloudSeen():
            see_cloud(turn, seen)
            _settle_cloud(turn, seen)
        case CloudSilent():
            see_silent_cloud(turn, seen)
        case Done() | Missed() | Doubtful():
            step = turn.estate.steps.get(seen.step)
            if step is not None:
                _come_out(turn, step, seen)


def _come_out(turn: Turn, step: Step, outcome: Outcome) -> None:
    """A step came out one way or another."""
    match outcome:
        case Done():
            finish(turn, step, outcome)
        case Missed():
            miss(turn, step, outcome)
        case Doubtful():
            unsettle(turn, step, outcome.at)


def unsettle(turn: Turn, step: Step, at: Micros) -> None:
    """Nobody knows what came of a step: a look that begins later will tell.

    At once the first time; after that each time later, so that what fails for ever is tried seldom.
    """
    pause = 0 if step.attempt == 1 else min(SECOND << min(step.attempt - 2, 20), LONGEST_PAUSE)
    later = Micros(at + pause)
    turn.estate.put(msgspec.structs.replace(step, state=StepState.UNSETTLED, unsettled_at=later))


def _see(turn: Turn, container: ContainerReport) -> None:
    task = turn.estate.tasks.get(container.task)
    if task is not None:
        see_container(turn, task, container)


def _see_silence(turn: Turn, seen: HostSilent) -> None:
    """A host stopped answering. Its grace counts from the later of last seen and our first look."""
    host = turn.estate.hosts.get(seen.host)
    if host is None or host.silent_since or host.state is not HostState.READY:
        return
    turn.estate.put(msgspec.structs.replace(host, silent_since=seen.since, reason=seen.reason))
    turn.note("host.silent", host.name, seen.reason)
    turn.touch(Subject.HOST, host.id)


def see_host(turn: Turn, report: HostReport) -> None:
    """Take in a full look at a host: everything of ours that is there, and that is all there is."""
    host = turn.estate.hosts.get(report.host)
    if host is None or host.state not in {HostState.BOOTING, HostState.READY}:
        return
    host = _follow_report(turn, host, report)
    _settle_host(turn, report)
    there = {container.task for container in report.containers}
    strangers = []
    for container in report.containers:
        task = turn.estate.tasks.get(container.task)
        if acted_since(turn.estate, host.id, container.task, report.began):
            continue
        if task is None or task.host != host.id:
            strangers.append(f"container {container.foreign_id[:12]}")
        else:
            see_container(turn, task, container)
    for task in list(turn.estate.tasks_on(host.id)):
        busy = turn.estate.open_step(task.id) is not None
        if task.id not in there and not busy and not acted_since(turn.estate, host.id, task.id, report.began):
            nothing = ContainerReport(task=task.id, foreign_id="", state=ContainerState.GONE)
            see_container(turn, task, nothing)
    strangers += _see_held(turn, host, report)
    if tuple(strangers) != host.strangers:
        turn.estate.put(msgspec.structs.replace(host, strangers=tuple(strangers)))
        for words in strangers:
            turn.note("host.stranger", host.name, f"{words} is ours, but not in the journal")
    forget_acts(turn.estate, host.id, report.began)
    turn.touch(Subject.HOST, host.id)


def _follow_report(turn: Turn, host: Host, report: HostReport) -> Host:
    """What the host is, and that it answers."""
    new = msgspec.structs.replace(
        host,
        state=HostState.READY,
        silent_since=Micros(0),
        lost=False,
        capacity=report.capacity,
        os=report.os,
        arch=report.arch,
        engine=report.engine,
        labels={**report.labels, **host.labels},
    )
    if host.state is HostState.BOOTING:
        new = msgspec.structs.replace(new, ready_at=turn.now, reason="")
        turn.note("host.ready", host.name, f"its engine answers ({report.engine})")
    elif host.silent_since:
        new = msgspec.structs.replace(new, reason="")
        turn.note("host.back", host.name, "its engine answers again")
    if new != host:
        turn.estate.put(new)
        if not host.answers:
            _touch_all(turn, host)
        if not host.answers or new.capacity != host.capacity or new.labels != host.labels:
            touch_waiting(turn, host.id)
    return new


def _touch_all(turn: Turn, host: Host) -> None:
    """A host answers (again): what had to wait for that, to be stopped or taken back, is looked at."""
    for task in turn.estate.tasks_on(host.id):
        turn.touch(Subject.SERVICE, task.key)
    for holding in turn.estate.holdings_on(host.id):
        turn.touch(Subject.STACK, holding.stack or "")


def _see_held(turn: Turn, host: Host, report: HostReport) -> list[str]:
    """Networks and volumes: those gone behind our back are forgotten; those unknown are named."""
    there = {holding_key(host.id, held.kind, held.name) for held in report.held}
    for holding in list(turn.estate.holdings_on(host.id)):
        if holding.kind is HoldingKind.IMAGE or holding.external or holding.key in there:
            continue
        if acted_since(turn.estate, host.id, holding.key, report.began):
            continue
        if holding.state is HoldingState.PRESENT and turn.estate.open_step(holding.key) is None:
            turn.estate.drop(holding)
            turn.note(
                f"{holding.kind}.gone",
                holding.name,
                f"it was removed on {host.name} by somebody else",
                stack=holding.stack,
            )
    return [
        f"{held.kind} {held.name}"
        for held in report.held
        if (key := holding_key(host.id, held.kind, held.name)) not in turn.estate.holdings
        and not acted_since(turn.estate, host.id, key, report.began)
    ]


def _settle_host(turn: Turn, report: HostReport) -> None:
    """Steps on this host that nobody knew the outcome of: what the look shows is the outcome."""
    containers = {container.task: container for container in report.containers}
    held = {(h.kind, h.name) for h in report.held}
    for step in list(turn.estate.unsettled(report.host)):
        if step.unsettled_at > report.began:
            continue
        match step.action:
            case StartTask(host=host, task=task) if host == report.host:
                found = containers.get(task)
                done = found is not None and found.state is not ContainerState.CREATED
                _settle(turn, step, Done(step=step.id, at=turn.now, container=found) if done else None)
            case StopTask(host=host, task=task) if host == report.host:
                _settle(turn, step, None if task in containers else Done(step=step.id, at=turn.now))
            case Provide(host=host, holding=kind, name=name) if host == report.host:
                done = (kind, name) in held
                _settle(turn, step, Done(step=step.id, at=turn.now) if done else None)
            case Withdraw(host=host, holding=kind, name=name) if host == report.host:
                gone = (kind, name) not in held
                _settle(turn, step, Done(step=step.id, at=turn.now) if gone else None)
            case RestartTask(host=host) if host == report.host:
                _settle(turn, step, None)
            case _:
                continue


CONSISTENT = 10 * SECOND
"""How far a cloud's list may lag behind its own answers before we take a missing host for never made."""


def _settle_cloud(turn: Turn, seen: CloudSeen) -> None:
    """Purchases and releases that nobody knew the outcome of."""
    listed = {host.host: host for host in seen.hosts if host.host}
    ids = {host.foreign_id for host in seen.hosts}
    for step in list(turn.estate.unsettled(seen.cloud)):
        match step.action:
            case BuyHost(host=host, cloud=cloud) if cloud == seen.cloud:
                found = listed.get(host)
                if found is not None:
                    done = Done(step=step.id, at=turn.now, foreign_id=found.foreign_id, address=found.address)
                    _settle(turn, step, done)
                elif step.unsettled_at + CONSISTENT <= seen.began:
                    _settle(turn, step, None)
            case ReleaseHost(foreign_id=foreign_id, cloud=cloud) if cloud == seen.cloud:
                if step.unsettled_at <= seen.began:
                    gone = foreign_id not in ids
                    _settle(turn, step, Done(step=step.id, at=turn.now) if gone else None)
            case _:
                continue


def _settle(turn: Turn, step: Step, done: Done | None) -> None:
    """The look showed it done; or it did not, and now it is safe to do it (again)."""
    if done is not None:
        finish(turn, step, done)
        return
    turn.retry(msgspec.structs.replace(step, state=StepState.INTENDED, attempt=step.attempt + 1))


def finish(turn: Turn, step: Step, done: Done) -> None:
    """A step is done: the estate says so."""
    turn.estate.drop(step)
    if not isinstance(step.action, BuyHost | ReleaseHost):
        note_act(turn.estate, step.action.host, subject_of(step), done.at)
    match step.action:
        case BuyHost(host=host_id):
            _bought(turn, host_id, done)
        case ReleaseHost(host=host_id):
            # Gone only when its cloud lists it no longer: see_cloud forgets it.
            turn.touch(Subject.HOST, host_id)
        case Provide():
            _provided(turn, step.action)
        case Withdraw():
            _withdrawn(turn, step.action)
        case StopTask(task=task_id) | StartTask(task=task_id) | RestartTask(task=task_id):
            task = turn.estate.tasks.get(task_id)
            if task is not None:
                _worked(turn, step.action, task, done)


def _provided(turn: Turn, action: Provide) -> None:
    holding = turn.estate.holdings.get(holding_key(action.host, action.holding, action.name))
    if holding is not None:
        turn.estate.put(msgspec.structs.replace(holding, state=HoldingState.PRESENT, reason=""))
    _touch_users(turn, action)


def _touch_users(turn: Turn, action: Provide) -> None:
    """Tasks wait for what was to be provided; where they are gone meanwhile, their stack takes it back."""
    turn.touch(Subject.HOST, action.host)
    if all(task.stack != action.stack for task in turn.estate.tasks_on(action.host)):
        turn.touch(Subject.STACK, action.stack or "")


def _withdrawn(turn: Turn, action: Withdraw) -> None:
    holding = turn.estate.holdings.get(holding_key(action.host, action.holding, action.name))
    if holding is not None:
        turn.estate.drop(holding)
    turn.touch(Subject.STACK, action.stack or "")
    turn.touch(Subject.HOST, action.host)


def _worked(turn: Turn, action: StopTask | StartTask | RestartTask, task: Task, done: Done) -> None:
    """A step on a task is done."""
    if isinstance(action, StopTask):
        turn.note("task.stopped", name_of(turn, task), task.reason, stack=task.stack)
        drop_task(turn, task)
        return
    if isinstance(action, RestartTask):
        task = msgspec.structs.replace(task, restarted=action.restarted)
        turn.estate.put(task)
        turn.note("task.restarted", name_of(turn, task), "as was asked", stack=task.stack)
    if done.container is not None:
        see_container(turn, task, done.container)
    turn.touch(Subject.SERVICE, task.key)


def _bought(turn: Turn, host_id: str, done: Done) -> None:
    """A cloud accepted an order."""
    host = turn.estate.hosts.get(host_id)
    if host is None:
        return
    turn.note("host.booting", host.name, f"{host.cloud} accepted the order")
    state = HostState.BOOTING if host.state is HostState.REQUESTED else host.state
    turn.estate.put(
        msgspec.structs.replace(
            host, state=state, foreign_id=done.foreign_id, address=done.address or host.address
        )
    )
    turn.touch(Subject.HOST, host_id)


def miss(turn: Turn, step: Step, missed: Missed) -> None:
    """A step went wrong and left nothing: who wanted it has to think again."""
    words = f"{missed.reason}" + (f" ({missed.remedy})" if missed.remedy else "")
    match step.action:
        case BuyHost():
            turn.estate.drop(step)
            _not_delivered(turn, step.action, missed)
        case Provide(host=host_id, holding=kind, name=name):
            turn.estate.drop(step)
            holding = turn.estate.holdings.get(holding_key(host_id, kind, name))
            if holding is not None:
                turn.estate.put(msgspec.structs.replace(holding, state=HoldingState.FAILED, reason=words))
            _touch_users(turn, step.action)
        case StartTask(task=task_id):
            turn.estate.drop(step)
            task = turn.estate.tasks.get(task_id)
            if task is not None:
                _forget_what_was_missing(turn, step.action, missed.code)
                _not_started(turn, step, task, words)
        case RestartTask(task=task_id, restarted=restarted):
            turn.estate.drop(step)
            task = turn.estate.tasks.get(task_id)
            if task is not None:
                turn.estate.put(msgspec.structs.replace(task, restarted=restarted))
                turn.note("task.not-restarted", name_of(turn, task), words, stack=task.stack)
                turn.touch(Subject.SERVICE, task.key)
        case StopTask() | Withdraw() | ReleaseHost():
            # These have no other way out: they are tried again after a later look.
            unsettle(turn, step, missed.at)


def _not_started(turn: Turn, step: Step, task: Task, words: str) -> None:
    """A start failed: the task has failed. What an earlier attempt may have left is cleared away first."""
    if task.state is not TaskState.STARTING:
        return
    if step.attempt == 1:
        fail_task(turn, task, words)
        return
    turn.note("task.failed", name_of(turn, task), words, stack=task.stack)
    count_failure(turn, task, words)
    stop_task(turn, task, words)


def _forget_what_was_missing(turn: Turn, action: StartTask, code: str) -> None:
    """The engine lacks what we thought it holds: have it made again."""
    kinds = {
        "image-missing": HoldingKind.IMAGE,
        "network-missing": HoldingKind.NETWORK,
        "volume-missing": HoldingKind.VOLUME,
    }
    kind = kinds.get(code)
    for holding in list(turn.estate.holdings_on(action.host)):
        if (
            holding.kind is kind
            and holding.state is HoldingState.PRESENT
            and not turn.estate.open_step(holding.key)
        ):
            turn.estate.drop(holding)


def _not_delivered(turn: Turn, action: BuyHost, missed: Missed) -> None:
    """A cloud refused an order: the flavor is left alone for a while, and the tasks placed anew."""
    cloud = turn.estate.clouds.get(action.cloud)
    if cloud is not None:
        barred = {**cloud.barred, action.quote.flavor: Micros(turn.now + BARRED)}
        turn.estate.put(msgspec.structs.replace(cloud, barred=barred))
    host = turn.estate.hosts.get(action.host)
    if host is None:
        return
    give_back_allowance(turn, host)
    turn.note("host.not-delivered", action.name, missed.reason)
    for task in list(turn.estate.tasks_on(action.host)):
        turn.look_again(turn.now + BARRED, Subject.SERVICE, task.key)
        drop_task(turn, task)
    drop_holdings(turn, host.id)
    turn.estate.drop(host)
