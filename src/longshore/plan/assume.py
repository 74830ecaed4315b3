"""Assume: what each kind of step would come to, if all goes well. One case per kind.

Performed refines assumed: against a world without faults, performing a step ends in the state that
is assumed here, but for unknowns, times and foreign ids.
"""

from __future__ import annotations

from longshore.model.clock import Micros
from longshore.model.holding import HoldingKind
from longshore.model.host import Host, Quote
from longshore.model.ids import HostId
from longshore.model.lifecycle import Health
from longshore.model.report import (
    CloudSeen,
    ContainerReport,
    ContainerSeen,
    ContainerState,
    Done,
    HostReport,
    HostSeen,
    Input,
    LentHost,
)
from longshore.model.spec import ServiceSpec
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
from longshore.plan.estate import Estate

ONE_SHOT = 1
"""How long (microseconds) a task that others wait for to complete is assumed to run."""


def assume(estate: Estate, step: Step, now: Micros) -> list[tuple[int, Input]]:
    """What will be seen of a step, and when: (time, input) pairs, the outcome first."""
    done = Done(step=step.id, at=now)
    match step.action:
        case BuyHost():
            return _bought(step.action, Done(step=step.id, at=now, foreign_id=f"new-{step.action.name}"), now)
        case ReleaseHost(host=host, cloud=cloud):
            return [(now, done), (now, _without(estate, cloud, host, now))]
        case StartTask(task=task, stack=stack_id, service=service):
            stack = estate.stacks.get(stack_id)
            spec = None if stack is None else stack.graph.services.get(service)
            return _started(step, task, spec, now, awaited=_awaited(estate, stack_id, service))
        case RestartTask(task=task):
            return [(now, Done(step=step.id, at=now, container=_running(task, Health.NONE, now)))]
        case StopTask() | Provide() | Withdraw():
            return [(now, done)]


def _started(
    step: Step, task: str, spec: ServiceSpec | None, now: Micros, *, awaited: bool
) -> list[tuple[int, Input]]:
    """A container runs at once; it is healthy after its first check, and completes if that is waited for."""
    check = None if spec is None else spec.healthcheck
    checked = check is not None and not check.disable and bool(check.test)
    first = _running(task, Health.STARTING if checked else Health.NONE, now)
    seen: list[tuple[int, Input]] = [(now, Done(step=step.id, at=now, container=first))]
    host = step.action.host if isinstance(step.action, StartTask) else None
    if host is None:
        return seen
    if awaited:
        ended = ContainerReport(task=first.task, foreign_id="", state=ContainerState.EXITED, exit_code=0)
        return [*seen, (now + ONE_SHOT, ContainerSeen(host=host, container=ended))]
    if checked and check is not None:
        later = Micros(now + check.interval)
        well = _running(task, Health.HEALTHY, later)
        seen.append((later, ContainerSeen(host=host, container=well)))
    return seen


def _awaited(estate: Estate, stack_id: str, service: str) -> bool:
    """Whether another service waits for this one to complete."""
    stack = estate.stacks.get(stack_id)
    return stack is not None and any(
        d.service == service and d.condition == "service_completed_successfully"
        for spec in stack.graph.services.values()
        for d in spec.depends_on
    )


def _running(task: str, health: Health, now: Micros) -> ContainerReport:
    return ContainerReport(
        task=task,  # type: ignore[arg-type]
        foreign_id="",
        state=ContainerState.RUNNING,
        health=health,
        started_at=now,
    )


def _bought(action: BuyHost, done: Done, now: Micros) -> list[tuple[int, Input]]:
    """A host answers after its boot time, as large as its flavor says."""
    ready = Micros(now + action.quote.boot)
    return [(now, done), (ready, booted(action.host, action.quote, ready))]


def booted(host: HostId, quote: Quote, at: Micros) -> HostSeen:
    """The first look at a host that was bought."""
    return HostSeen(
        report=HostReport(
            host=host,
            began=at,
            at=at,
            capacity=quote.capacity,
            os=quote.os,
            arch=quote.arch,
            labels=quote.labels,
        )
    )


def _without(estate: Estate, cloud: str, gone: str, now: Micros) -> CloudSeen:
    """A look at a cloud that lists all its hosts but one."""
    found = estate.clouds.get(cloud)
    return CloudSeen(
        cloud=cloud,
        began=now,
        at=now,
        hosts=tuple(_listed(h) for h in estate.hosts.values() if h.cloud == cloud and h.id != gone),
        offers=() if found is None else found.offers,
    )


def _listed(host: Host) -> LentHost:
    return LentHost(
        name=host.name,
        foreign_id=host.foreign_id,
        host="" if host.own else host.id,
        ready=True,
        address=host.address,
        labels=host.labels,
    )


HELD = {HoldingKind.NETWORK, HoldingKind.VOLUME}
"""The holdings that a look at a host lists."""
