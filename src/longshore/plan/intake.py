"""Intake: what was seen and asked, taken into the estate. Decides nothing further."""

from __future__ import annotations

import msgspec

from longshore.model.clock import SECOND, Micros
from longshore.model.holding import HoldingKind, holding_key
from longshore.model.host import Host
from longshore.model.lifecycle import HoldingState, HostState
from longshore.model.mesh import Standing
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
)
from longshore.model.step import (
    BuyHost,
    Provide,
    ReleaseHost,
    RestartTask,
    StartTask,
    StopTask,
    TendMesh,
    Withdraw,
)
from longshore.plan.acts import acted_since, forget_acts
from longshore.plan.agenda import Subject
from longshore.plan.asks import take_ask
from longshore.plan.hosts_seen import see_cloud, see_silent_cloud
from longshore.plan.mesh import follow, joined
from longshore.plan.outcome import come_out, settle
from longshore.plan.task import (
    see_container,
    touch_waiting,
)
from longshore.plan.turn import Turn
from longshore.plan.wish import wish


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
                come_out(turn, step, seen)


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
    _settle_host(turn, host, report)
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
        mesh=follow(host.mesh, report.mesh) if host.meshes else host.mesh,
        mesh_after=Micros(0) if report.mesh.standing is Standing.ACTIVE else host.mesh_after,
        foreign=report.foreign,
        images=host.images if report.images is None else report.images,
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
        if new.mesh != host.mesh:
            joined(turn, new)
        if not host.answers:
            _touch_all(turn, host)
        roomier = (new.capacity, new.foreign) != (host.capacity, host.foreign)
        if not host.answers or roomier or new.labels != host.labels:
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
        if holding.kind is HoldingKind.NETWORK and host.meshes:
            # A mesh's network comes to a host with its first container there, and goes with the last.
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
        if not (host.meshes and held.kind is HoldingKind.NETWORK)
        if (key := holding_key(host.id, held.kind, held.name)) not in turn.estate.holdings
        and not acted_since(turn.estate, host.id, key, report.began)
    ]


def _settle_host(turn: Turn, at: Host, report: HostReport) -> None:
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
                settle(turn, step, Done(step=step.id, at=turn.now, container=found) if done else None)
            case StopTask(host=host, task=task) if host == report.host:
                settle(turn, step, None if task in containers else Done(step=step.id, at=turn.now))
            case Provide(host=host, holding=kind) | Withdraw(host=host, holding=kind) if (
                host == at.id and at.meshes and kind is HoldingKind.NETWORK
            ):
                # Made and removed at a manager: what this host shows tells nothing, and both may be repeated.
                settle(turn, step, None)
            case Provide(host=host, holding=kind, name=name) if host == report.host:
                done = (kind, name) in held
                settle(turn, step, Done(step=step.id, at=turn.now) if done else None)
            case Withdraw(host=host, holding=kind, name=name) if host == report.host:
                gone = (kind, name) not in held
                settle(turn, step, Done(step=step.id, at=turn.now) if gone else None)
            case RestartTask(host=host) if host == report.host:
                settle(turn, step, None)
            case TendMesh(host=host) if host == report.host:
                # What the look says of the mesh tells what to do next.
                turn.estate.drop(step)
                joined(turn, at)
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
                    settle(turn, step, done)
                elif step.unsettled_at + CONSISTENT <= seen.began:
                    settle(turn, step, None)
            case ReleaseHost(foreign_id=foreign_id, cloud=cloud) if cloud == seen.cloud:
                if step.unsettled_at <= seen.began:
                    gone = foreign_id not in ids
                    settle(turn, step, Done(step=step.id, at=turn.now) if gone else None)
            case _:
                continue
