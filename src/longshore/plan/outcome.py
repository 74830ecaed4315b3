"""Outcomes: what came of steps, taken into the estate; and what a look says of those in doubt."""

from __future__ import annotations

import msgspec

from longshore.model.clock import MINUTE, SECOND, Micros
from longshore.model.holding import HoldingKind, holding_key
from longshore.model.ids import HostId
from longshore.model.lifecycle import HoldingState, HostState, StepState, TaskState
from longshore.model.report import (
    ContainerReport,
    ContainerState,
    Done,
    Doubtful,
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
    TendMesh,
    Withdraw,
)
from longshore.model.task import Task
from longshore.plan.acts import note_act
from longshore.plan.agenda import Subject
from longshore.plan.estate import subject_of
from longshore.plan.holding import drop_holdings
from longshore.plan.host import give_back_allowance
from longshore.plan.mesh import joined
from longshore.plan.task import (
    count_failure,
    drop_task,
    fail_task,
    name_of,
    see_container,
    stop_task,
)
from longshore.plan.turn import Turn

LONGEST_PAUSE = MINUTE
"""Between two tries of what has to be done in the end, however often it fails."""

MESH_PAUSE = 5 * SECOND
"""Until what an engine refused to do for a mesh is tried again."""

BARRED = MINUTE
"""How long a flavor that its cloud could not deliver is not asked for again."""


def come_out(turn: Turn, step: Step, outcome: Outcome) -> None:
    """A step came out one way or another."""
    match outcome:
        case Done():
            finish(turn, step, outcome)
        case Missed():
            miss(turn, step, outcome)
        case Doubtful():
            unsettle(turn, step, outcome.at)


def settle(turn: Turn, step: Step, done: Done | None) -> None:
    """The look showed it done; or it did not, and now it is safe to do it (again)."""
    if done is not None:
        finish(turn, step, done)
        return
    turn.retry(msgspec.structs.replace(step, state=StepState.INTENDED, attempt=step.attempt + 1))


def unsettle(turn: Turn, step: Step, at: Micros) -> None:
    """Nobody knows what came of a step: a look that begins later will tell.

    At once the first time; after that each time later, so that what fails for ever is tried seldom.
    """
    pause = 0 if step.attempt == 1 else min(SECOND << min(step.attempt - 2, 20), LONGEST_PAUSE)
    later = Micros(at + pause)
    turn.estate.put(msgspec.structs.replace(step, state=StepState.UNSETTLED, unsettled_at=later))


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
        case TendMesh(host=host_id):
            _tended(turn, host_id, done)
        case Provide():
            _provided(turn, step.action)
        case Withdraw():
            _withdrawn(turn, step.action)
        case StopTask(task=task_id) | StartTask(task=task_id) | RestartTask(task=task_id):
            task = turn.estate.tasks.get(task_id)
            if task is not None:
                _worked(turn, step.action, task, done)


def _tended(turn: Turn, host_id: HostId, done: Done) -> None:
    """A host's engine says how it stands to its mesh now; and so may others, asked again."""
    host = turn.estate.hosts.get(host_id)
    if host is None:
        return
    if done.mesh is not None:
        host = msgspec.structs.replace(host, mesh=done.mesh)
        turn.estate.put(host)
    joined(turn, host)


def _provided(turn: Turn, action: Provide) -> None:
    holding = turn.estate.holdings.get(holding_key(action.host, action.holding, action.name))
    if holding is not None:
        turn.estate.put(msgspec.structs.replace(holding, state=HoldingState.PRESENT, reason=""))
    _touch_users(turn, action)
    at = turn.estate.hosts.get(action.host)
    for peer in turn.estate.hosts_in(at.realm) if at is not None and at.meshes else ():
        # What is made for a mesh is made for all of it.
        turn.touch(Subject.HOST, peer.id)


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
        case TendMesh(host=host_id):
            turn.estate.drop(step)
            host = turn.estate.hosts.get(host_id)
            if host is not None:
                later = Micros(turn.now + MESH_PAUSE)
                turn.estate.put(msgspec.structs.replace(host, mesh_after=later))
                turn.note("mesh.failed", host.name, words)
                turn.look_again(later, Subject.MESH, host.realm)
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
                if missed.code == "container-missing":
                    gone = ContainerReport(task=task_id, foreign_id="", state=ContainerState.GONE)
                    see_container(turn, task, gone)
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
