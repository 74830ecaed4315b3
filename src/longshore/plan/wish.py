"""Wishes: an intent becomes what is wanted, as a new generation with a change that leads to it."""

from __future__ import annotations

import msgspec

from longshore.model.ask import Answer, Down, Restart, Rollback, Scale, Up
from longshore.model.change import Change
from longshore.model.errors import Invalid, LongshoreError, NotFound, Refused
from longshore.model.ids import ServiceKey, StackId
from longshore.model.lifecycle import ChangeState, StackState
from longshore.model.report import Intended
from longshore.model.spec import Graph
from longshore.model.stack import Rollout, Service, Stack
from longshore.plan.agenda import Subject
from longshore.plan.rollback import version_to_return_to
from longshore.plan.turn import Turn
from longshore.schedule.strategies import strategies_of


def wish(turn: Turn, intended: Intended) -> None:
    """Open a change: answered with it, or with the error that stops it."""
    try:
        change = open_change(turn, intended.change, intended.project)
    except LongshoreError as error:
        answer_error(turn, intended.ask, error)
        return
    if intended.ask is not None:
        turn.answers.append(
            Answer(ask=intended.ask, at=turn.now, status=0, result=msgspec.Raw(msgspec.json.encode(change)))
        )


def answer_error(turn: Turn, ask: str | None, error: LongshoreError) -> None:
    """Answer an ask with an error."""
    if ask is not None:
        turn.answers.append(error_answer(ask, turn.now, error))


def error_answer(ask: str, now: int, error: LongshoreError) -> Answer:
    """The answer that an error makes."""
    body = {
        "type": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "facts": error.facts,
    }
    return Answer(
        ask=ask,  # type: ignore[arg-type]
        at=now,  # type: ignore[arg-type]
        status=error.exit_code,
        result=msgspec.Raw(msgspec.json.encode(body)),
    )


def open_change(turn: Turn, change: Change, project: str) -> Change:
    """Want what a change's intent says. The stack is made if it is new.

    Raises:
        Invalid: the intent does not fit the stack (no such service).
        NotFound: there is no such stack (`no-such-stack`), or strategy (`no-such-strategy`).
        Refused: the stack has moved on since (`generation-moved`), or has nothing to go back to.
    """
    old = turn.estate.stack_named(project, change.stack_name)
    if (0 if old is None else old.generation) != change.base:
        raise Refused(
            f"{change.stack_name} has moved on: the plan was made at generation {change.base}",
            code="generation-moved",
            remedy="plan again",
        )
    new = _wanted(turn, old, change, project)
    _check_strategies(turn, new)
    _supersede(turn, new)
    change = msgspec.structs.replace(
        change, stack=new.id, generation=new.generation, at=turn.now, state=ChangeState.APPLYING
    )
    new = msgspec.structs.replace(new, change=change.id, changed_at=turn.now)
    turn.estate.put(new)
    turn.estate.put(change)
    verb = type(change.intent).__name__.lower()
    words = f"{verb}: generation {change.base} to {change.generation}, plan {change.plan[:12]}"
    turn.note("change.applying", new.name, words, actor=change.actor, stack=new.id, change=change.id)
    for key in dict.fromkeys((*turn.estate.services_of(new.id),)):
        turn.touch(Subject.SERVICE, key)
        memory = turn.estate.services.get(key)
        # A person looked at it: back-off and pauses of before count no more.
        if memory is not None and (memory.failures or memory.rollout is Rollout.PAUSED):
            turn.estate.put(Service(key=ServiceKey(key)))
    turn.touch(Subject.STACK, new.id)
    turn.touch(Subject.CHANGE, change.id)
    return change


def _check_strategies(turn: Turn, stack: Stack) -> None:
    """See that all strategies that services name are there; one of the user's own may be missing."""
    known = strategies_of(turn.estate.fleet)
    for name, spec in stack.graph.services.items():
        for strategy in filter(None, (spec.placement.strategy, *spec.placement.weights)):
            if strategy not in known:
                raise NotFound(
                    f"{name} asks for the strategy {strategy}, which there is not",
                    code="no-such-strategy",
                    remedy=f"there are {', '.join(known)}; your own come with a package: docs/placement.md",
                )


def _wanted(turn: Turn, old: Stack | None, change: Change, project: str) -> Stack:
    """The stack as it is wanted from now on."""
    intent = change.intent
    if isinstance(intent, Up):
        return _up(turn, old, intent, change, project)
    if old is None:
        raise NotFound(
            f"there is no stack {change.stack_name}", code="no-such-stack", remedy="longshore stacks"
        )
    generation = old.generation + 1
    match intent:
        case Down(volumes=volumes):
            return msgspec.structs.replace(
                old, generation=generation, state=StackState.RETIRING, drop_volumes=volumes
            )
        case Scale(replicas=replicas):
            graph = scaled(old, replicas)
            return msgspec.structs.replace(old, generation=generation, graph=graph)
        case Restart(services=services):
            return msgspec.structs.replace(old, generation=generation, restarts=_restarts(old, services))
        case Rollback():
            version = version_to_return_to(old)
            if version is None:
                raise Refused(
                    f"{old.name} has no earlier generation that was done",
                    code="nothing-to-roll-back-to",
                    remedy=f"longshore events --stack {old.name}",
                )
            return msgspec.structs.replace(
                old,
                generation=generation,
                graph=version.graph,
                state=StackState.ACTIVE,
                drop_volumes=False,
            )


def _up(turn: Turn, old: Stack | None, intent: Up, change: Change, project: str) -> Stack:
    if old is None:
        return Stack(
            id=StackId(turn.ids.new("stack")),
            project=project,
            name=change.stack_name,
            generation=1,
            state=StackState.ACTIVE,
            graph=intent.graph,
            inputs=intent.inputs,
            created_at=turn.now,
        )
    return msgspec.structs.replace(
        old,
        generation=old.generation + 1,
        state=StackState.ACTIVE,
        graph=intent.graph,
        inputs=intent.inputs,
        drop_volumes=False,
    )


def scaled(stack: Stack, replicas: dict[str, int]) -> Graph:
    """The stack's graph with other counts."""
    unknown = [name for name in replicas if name not in stack.graph.services]
    if unknown:
        raise Invalid(
            f"{stack.name} has no service {unknown[0]}; it has {', '.join(stack.graph.services)}",
            code="no-such-service",
            remedy=f"longshore ps {stack.name}",
        )
    services = {
        name: msgspec.structs.replace(spec, replicas=replicas.get(name, spec.replicas))
        for name, spec in stack.graph.services.items()
    }
    return msgspec.structs.replace(stack.graph, services=services)


def _restarts(stack: Stack, services: tuple[str, ...]) -> dict[str, int]:
    """One restart more for the services named (none: all), and for those that follow their restarts."""
    scaled(stack, dict.fromkeys(services, 1))
    named = set(services or stack.graph.services)
    grown = True
    while grown:
        follow = {
            name
            for name, spec in stack.graph.services.items()
            if any(d.restart and d.service in named for d in spec.depends_on)
        }
        grown = not follow <= named
        named |= follow
    return {
        name: stack.restarts.get(name, 0) + (name in named)
        for name in stack.graph.services
        if name in named or name in stack.restarts
    }


def _supersede(turn: Turn, stack: Stack) -> None:
    """One open change per stack: a newer one takes over where the older one is."""
    old = None if stack.change is None else turn.estate.changes.get(stack.change)
    if old is not None and old.state is ChangeState.APPLYING:
        turn.estate.put(
            msgspec.structs.replace(
                old,
                state=ChangeState.SUPERSEDED,
                ended_at=turn.now,
                reason="a newer change took over",
            )
        )
        turn.note("change.superseded", stack.name, "a newer change took over", change=old.id)
