"""Asks that are answered within a turn: cancelling, and clouds and hosts coming and going."""

from __future__ import annotations

import msgspec

from longshore.model.ask import AddCloud, Answer, Ask, Cancel, DrainHost, KeepRoom, RemoveCloud, SetHost
from longshore.model.change import Change
from longshore.model.cloud import Cloud
from longshore.model.errors import Invalid, LongshoreError, NotFound, Refused
from longshore.model.host import Host
from longshore.model.ids import service_key
from longshore.model.lifecycle import ChangeState, TaskState
from longshore.model.money import Money, format_nano
from longshore.model.stack import Rollout, Stack
from longshore.plan.agenda import Subject
from longshore.plan.change import end_change
from longshore.plan.host_asks import find_host, keep_room, set_host
from longshore.plan.rollback import roll_back, version_to_return_to
from longshore.plan.task import touch_waiting
from longshore.plan.turn import Turn
from longshore.plan.wish import answer_error, scaled


def take_ask(turn: Turn, ask: Ask) -> None:
    """Do what is asked, and answer with the noun it changed, or with the error."""
    try:
        noun = _take(turn, ask)
    except LongshoreError as error:
        answer_error(turn, ask.id, error)
        return
    turn.answers.append(
        Answer(ask=ask.id, at=turn.now, status=0, result=msgspec.Raw(msgspec.json.encode(noun)))
    )


def _take(turn: Turn, ask: Ask) -> Change | Cloud | Host:
    match ask.body:
        case Cancel():
            return _cancel(turn, ask.body, ask.actor)
        case AddCloud(cloud=cloud):
            return _add_cloud(turn, cloud, ask.actor)
        case RemoveCloud(name=name):
            return _remove_cloud(turn, name, ask.actor)
        case DrainHost(host=name, undo=undo):
            return _drain(turn, name, ask.actor, undo=undo)
        case SetHost():
            return set_host(turn, ask.body, ask.actor)
        case KeepRoom():
            return keep_room(turn, ask.body, ask.actor)
        case _:
            raise Invalid(f"{type(ask.body).__name__} is not answered here", code="bad-ask")


def _cancel(turn: Turn, body: Cancel, actor: str) -> Change:
    stack = turn.estate.stack_named(body.project, body.stack)
    if stack is None:
        raise NotFound(f"there is no stack {body.stack}", code="no-such-stack", remedy="longshore stacks")
    change = None if stack.change is None else turn.estate.changes.get(stack.change)
    if change is None or change.state is not ChangeState.APPLYING:
        raise Refused(
            f"{stack.name} has no open change",
            code="nothing-to-cancel",
            remedy="longshore stacks shows which have",
        )
    if body.revert and version_to_return_to(stack) is None:
        raise Refused(
            f"{stack.name} has no earlier generation that was done",
            code="nothing-to-roll-back-to",
            remedy=f"longshore cancel {stack.name}, or longshore down {stack.name}",
        )
    end_change(turn, change, ChangeState.CANCELLED, f"cancelled by {actor}", "")
    if body.revert:
        roll_back(turn, stack, f"cancelled by {actor}")
    else:
        _freeze(turn, stack)
    return turn.estate.changes.get(change.id) or change


def _freeze(turn: Turn, stack: Stack) -> None:
    """Rollouts stop, and what there is now is what is wanted: that much goes on being healed."""
    there: dict[str, int] = {}
    for name, spec in stack.graph.services.items():
        key = service_key(stack.id, name)
        tasks = turn.estate.tasks_of(key)
        slots = {t.slot for t in tasks if t.alive or t.state is TaskState.COMPLETED}
        there[name] = min(len(slots), spec.replicas)
        memory = turn.estate.services.get(key)
        if memory is not None and memory.rollout is Rollout.UPDATING:
            turn.estate.put(msgspec.structs.replace(memory, rollout=Rollout.PAUSED))
        turn.touch(Subject.SERVICE, key)
    turn.estate.put(
        msgspec.structs.replace(stack, generation=stack.generation + 1, graph=scaled(stack, there))
    )


def _add_cloud(turn: Turn, cloud: Cloud, actor: str) -> Cloud:
    there = turn.estate.clouds.get(cloud.name)
    if there is not None:
        if there.removing or (there.driver, there.own, there.settings) != (
            cloud.driver,
            cloud.own,
            cloud.settings,
        ):
            raise Refused(
                f"there is a cloud {cloud.name} already, with another driver or other settings",
                code="name-taken",
                remedy=f"choose another name, or give it other prices and bounds: "
                f"longshore clouds change {cloud.name} --help",
            )
        return change_cloud(turn, there, cloud, actor)
    turn.estate.put(cloud)
    turn.touch(Subject.CLOUD, cloud.name)
    turn.note("cloud.added", cloud.name, f"driver {cloud.driver}", actor=actor)
    return cloud


def change_cloud(turn: Turn, old: Cloud, new: Cloud, actor: str) -> Cloud:
    """Give a cloud the price, bounds and order of another; its own hosts cost what it says. Twice: once."""
    changed = msgspec.structs.replace(
        old,
        price=new.price,
        max_hosts=new.max_hosts,
        max_price=new.max_price,
        order=new.order,
        keep=new.keep,
    )
    words = [
        f"{field.replace('_', ' ')} {_shown(was)} → {_shown(now)}"
        for field in ("price", "max_hosts", "max_price", "order", "keep")
        if (was := getattr(old, field)) != (now := getattr(changed, field))
    ]
    if not words:
        return old
    turn.estate.put(changed)
    turn.touch(Subject.CLOUD, changed.name)
    for host in list(turn.estate.hosts.values()):
        if host.cloud == old.name and host.own and host.price != changed.price:
            turn.estate.put(msgspec.structs.replace(host, price=changed.price))
    turn.note("cloud.changed", old.name, ", ".join(words), actor=actor)
    for key in turn.estate.waiting():
        turn.touch(Subject.SERVICE, key)
    return changed


def _shown(value: Money | int | None) -> str:
    """A price, bound or order in words."""
    if isinstance(value, Money):
        return format_nano(value.nano, value.currency)
    return "none" if value is None else str(value)


def _remove_cloud(turn: Turn, name: str, actor: str) -> Cloud:
    cloud = turn.estate.clouds.get(name)
    if cloud is None:
        raise NotFound(f"there is no cloud {name}", code="no-such-cloud", remedy="longshore clouds")
    hosts = [h for h in turn.estate.hosts.values() if h.cloud == name]
    busy = [h.name for h in hosts if any(t.alive for t in turn.estate.tasks_on(h.id))]
    held = [h.name for h in hosts if any(v.kind == "volume" for v in turn.estate.holdings_on(h.id))]
    if busy or held:
        where = (busy or held)[0]
        raise Refused(
            f"{name} is in use: {'tasks run' if busy else 'volumes are kept'} on {where}",
            code="cloud-in-use",
            remedy=f"longshore hosts drain {where}, or take the stacks down",
        )
    cloud = msgspec.structs.replace(cloud, removing=True)
    turn.estate.put(cloud)
    turn.note("cloud.removing", name, "its hosts are given back", actor=actor)
    turn.touch(Subject.CLOUD, name)
    return cloud


def _drain(turn: Turn, name: str, actor: str, *, undo: bool) -> Host:
    host = find_host(turn.estate, name)
    host = msgspec.structs.replace(host, draining=not undo)
    turn.estate.put(host)
    words = "it takes tasks again" if undo else "its tasks leave it"
    turn.note("host.undrained" if undo else "host.draining", host.name, words, actor=actor)
    for task in turn.estate.tasks_on(host.id):
        turn.touch(Subject.SERVICE, task.key)
    touch_waiting(turn, host.id)
    return host
