"""Warnings: what wants attention, each check a row in a table, each warning with its remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from longshore.model.change import Change
from longshore.model.clock import HOUR, MINUTE, SECOND, Micros
from longshore.model.decision import Decision
from longshore.model.host import Host
from longshore.model.ids import DecisionId, service_key
from longshore.model.lifecycle import Health, HostState, StackState, TaskState
from longshore.model.stack import Rollout, Service, Stack
from longshore.model.view import Warning  # noqa: A004 - the field's own word
from longshore.service.cloud import LOCAL
from longshore.service.look import Look
from longshore.service.stack import kept_volumes

LEAST_SPACE = 512 * 1024 * 1024
"""Bytes to be free for the database: below, a busy hour's journal and its write-ahead log could fill it."""

STEADY = 5 * MINUTE
"""So long after its last failure a service whose tasks all run again is believed."""

CUT_OFF = 3
"""More than one in so many hosts of a cloud silent at once: more likely we are cut off than they are."""


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks look at.

    `trouble`: what keeps the engine from committing. `failed`: the last changes of stacks, where they
    failed. `refusals`: the decisions that services name as the reason of what is unplaced.
    """

    seen: Look
    now: Micros
    trouble: str = ""
    failed: tuple[Change, ...] = ()
    refusals: dict[DecisionId, Decision] = {}
    free_space: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A row: the code of what it finds, whether that is grave, and how it looks (words, remedy)."""

    code: str
    grave: bool
    find: Callable[[Scene], Iterator[tuple[str, str]]]


def warnings(scene: Scene) -> tuple[list[Warning], list[Warning]]:
    """All that the checks find: what is wrong, and what is only worth knowing."""
    found: dict[bool, list[Warning]] = {True: [], False: []}
    for check in CHECKS:
        found[check.grave] += [
            Warning(code=check.code, words=words, remedy=remedy) for words, remedy in check.find(scene)
        ]
    return found[True], found[False]


def _stuck(scene: Scene) -> Iterator[tuple[str, str]]:
    if scene.trouble:
        yield (
            f"the engine cannot write down what it does, and so does nothing: {scene.trouble}",
            "it goes on by itself once that is mended",
        )


def _full(scene: Scene) -> Iterator[tuple[str, str]]:
    if scene.free_space is not None and scene.free_space < LEAST_SPACE:
        yield (
            f"only {scene.free_space >> 20} MiB are free where the state lies",
            "free some space there, or set LONGSHORE_STATE to a place with more",
        )


def _cut_off(scene: Scene) -> Iterator[tuple[str, str]]:
    by_cloud: dict[str, list[Host]] = defaultdict(list)
    for host in _ready(scene):
        by_cloud[host.cloud].append(host)
    for cloud, hosts in by_cloud.items():
        silent = sum(1 for host in hosts if host.silent_since)
        if len(hosts) > CUT_OFF and silent * CUT_OFF > len(hosts):
            yield (
                f"{silent} of {len(hosts)} hosts of {cloud} fell silent: we are likely the ones cut off, "
                "so nothing is moved",
                f"look at the network between here and {cloud}",
            )


def _silent_hosts(scene: Scene) -> Iterator[tuple[str, str]]:
    for host in _ready(scene):
        if host.silent_since and not host.lost:
            why = f": {host.reason}" if host.reason else ""
            yield (
                f"{host.name} has not answered for {_length(scene.now - host.silent_since)}{why}",
                f"see that its container engine runs and can be reached; longshore explain {host.name}",
            )


def _lost_hosts(scene: Scene) -> Iterator[tuple[str, str]]:
    for host in _ready(scene):
        if host.lost:
            yield (
                f"{host.name} is lost: it has not answered for {_length(scene.now - host.silent_since)}",
                f"bring it back, or give it up: longshore explain {host.name}",
            )


def _failed_hosts(scene: Scene) -> Iterator[tuple[str, str]]:
    for host in scene.seen.hosts.values():
        if host.state is HostState.FAILED:
            why = f": {host.reason}" if host.reason else ""
            yield f"{host.name} of {host.cloud} failed{why}", f"longshore explain {host.name}"


def _silent_clouds(scene: Scene) -> Iterator[tuple[str, str]]:
    for cloud in scene.seen.clouds.values():
        if cloud.silent_since:
            why = f": {cloud.reason}" if cloud.reason else ""
            place = "DOCKER_HOST when the server starts, or the cloud's url" if cloud.driver == LOCAL else ""
            yield (
                f"cloud {cloud.name} has not answered for {_length(scene.now - cloud.silent_since)}{why}",
                f"see that it runs and can be reached from here; where it is: {place or 'its settings'}",
            )


def _no_clouds(scene: Scene) -> Iterator[tuple[str, str]]:
    if not scene.seen.clouds:
        yield "there is no cloud, so nothing can run", "longshore clouds add local home"


def _unplaced(scene: Scene) -> Iterator[tuple[str, str]]:
    for stack, name, service in _services(scene):
        if service.unplaced:
            decision = scene.refusals.get(service.refusal) if service.refusal else None
            words = decision.words if decision else service.waiting
            count = f"{service.unplaced} task{'s' if service.unplaced != 1 else ''}"
            yield (
                f"{count} of {stack.name}/{name} fit nowhere" + (f": {words}" if words else ""),
                f"longshore explain {stack.name}/{name} names the smallest change that helps",
            )


def _failing(scene: Scene) -> Iterator[tuple[str, str]]:
    for stack, name, service in _services(scene):
        if service.failures and (not service.settled or scene.now - service.retry_at < STEADY):
            times = "once" if service.failures == 1 else f"{service.failures} times in a row"
            yield (
                f"{stack.name}/{name} failed {times}" + (f": {service.reason}" if service.reason else ""),
                f"longshore logs {stack.name}/{name}, and longshore explain {stack.name}/{name}",
            )


def _paused(scene: Scene) -> Iterator[tuple[str, str]]:
    for stack, name, service in _services(scene):
        if service.rollout is Rollout.PAUSED:
            why = f": {service.reason}" if service.reason else ""
            yield (
                f"the rollout of {stack.name}/{name} is paused{why}",
                f"longshore rollback {stack.name}, or longshore up with a mended file",
            )


def _unhealthy(scene: Scene) -> Iterator[tuple[str, str]]:
    for task in scene.seen.tasks:
        stack = scene.seen.stacks.get(task.stack)
        if stack and task.state is TaskState.RUNNING and task.health is Health.UNHEALTHY:
            name = f"{stack.name}/{task.service}.{task.slot}"
            yield f"{name} runs, but its health check fails", f"longshore logs {name}"


def _failed_changes(scene: Scene) -> Iterator[tuple[str, str]]:
    busy = {stack.id for stack, _, service in _services(scene) if not service.settled}
    for change in scene.failed:
        # What has come right by itself since needs nobody's attention.
        if change.stack not in busy:
            continue
        yield (
            f"the last change of {change.stack_name} failed: {change.reason or 'see the journal'}",
            change.remedy or f"longshore rollback {change.stack_name}, or longshore up with a mended file",
        )


def _strangers(scene: Scene) -> Iterator[tuple[str, str]]:
    places = [(host.name, host.strangers) for host in scene.seen.hosts.values()]
    places += [(cloud.name, cloud.strangers) for cloud in scene.seen.clouds.values()]
    for place, strangers in places:
        if strangers:
            some = ", ".join(strangers[:3]) + (", …" if len(strangers) > 3 else "")
            yield (
                f"{place} has {len(strangers)} of ours that the journal does not know ({some}): an old "
                "backup may have been restored",
                "nothing is removed unasked; remove them there by hand if nobody needs them",
            )


def _unpriced(scene: Scene) -> Iterator[tuple[str, str]]:
    by_cloud: dict[str, int] = defaultdict(int)
    for host in scene.seen.hosts.values():
        if host.price is None and host.state in {HostState.REQUESTED, HostState.BOOTING, HostState.READY}:
            by_cloud[host.cloud] += 1
    for cloud, count in by_cloud.items():
        yield (
            f"the price of {count} host{'s' if count != 1 else ''} of {cloud} is unknown, "
            "and missing in all sums",
            f"say what one costs per hour: longshore clouds change {cloud} --price 0.02",
        )


def _kept(scene: Scene) -> Iterator[tuple[str, str]]:
    for stack in scene.seen.stacks.values():
        volumes = kept_volumes(scene.seen, stack)
        if stack.state is StackState.DOWN and volumes:
            yield (
                f"{stack.name} is down and its volumes are kept: {', '.join(volumes)}",
                f"longshore down {stack.name} --volumes removes them and what is in them",
            )


CHECKS: tuple[Check, ...] = (
    Check(code="engine-stuck", grave=True, find=_stuck),
    Check(code="space-low", grave=True, find=_full),
    Check(code="cloud-none", grave=True, find=_no_clouds),
    Check(code="cut-off", grave=True, find=_cut_off),
    Check(code="cloud-silent", grave=True, find=_silent_clouds),
    Check(code="host-lost", grave=True, find=_lost_hosts),
    Check(code="host-silent", grave=True, find=_silent_hosts),
    Check(code="host-failed", grave=True, find=_failed_hosts),
    Check(code="service-unplaced", grave=True, find=_unplaced),
    Check(code="service-failing", grave=True, find=_failing),
    Check(code="rollout-paused", grave=True, find=_paused),
    Check(code="task-unhealthy", grave=True, find=_unhealthy),
    Check(code="change-failed", grave=True, find=_failed_changes),
    Check(code="strangers", grave=False, find=_strangers),
    Check(code="price-unknown", grave=False, find=_unpriced),
    Check(code="volumes-kept", grave=False, find=_kept),
)
"""The gravest first, as status shows them."""


def _ready(scene: Scene) -> Iterator[Host]:
    return (host for host in scene.seen.hosts.values() if host.state is HostState.READY)


def _services(scene: Scene) -> Iterator[tuple[Stack, str, Service]]:
    """The services of stacks that are wanted, with what the planner remembers of them."""
    for stack in scene.seen.stacks.values():
        if stack.state is not StackState.ACTIVE:
            continue
        for name in stack.graph.services:
            service = scene.seen.services.get(service_key(stack.id, name))
            if service is not None:
                yield stack, name, service


def _length(length: int) -> str:
    """A length of time in words."""
    if length < 2 * MINUTE:
        return f"{max(length, 0) // SECOND} s"
    if length < 2 * HOUR:
        return f"{length // MINUTE} min"
    return f"{length // HOUR} h"
