"""Stacks, as people read them; and the cancelling of what is being done to one."""

from __future__ import annotations

from longshore.govern.bill import share
from longshore.model.ask import Cancel
from longshore.model.change import Change
from longshore.model.holding import HoldingKind
from longshore.model.ids import service_key
from longshore.model.lifecycle import OCCUPYING, ChangeState, HoldingState, StackState, TaskState
from longshore.model.money import Money, Total
from longshore.model.spec import RestartWhen, ServiceSpec
from longshore.model.stack import Service, Stack
from longshore.model.task import Task
from longshore.model.view import ServiceView, StackView
from longshore.service.answer import ask
from longshore.service.desk import Desk
from longshore.service.look import Look, look
from longshore.service.name import PROJECT, find_stack


async def stacks(desk: Desk, *, down: bool = False, project: str = PROJECT) -> list[StackView]:
    """The stacks of a project by name; those that are down too if `down`."""
    seen = await look(desk)
    tasks = seen.of_stack()
    changes = {change.stack: change for change in await desk.nouns(Change, state=ChangeState.APPLYING)}
    return [
        view_stack(seen, stack, tasks.get(stack.id, []), changes.get(stack.id))
        for stack in seen.stacks.values()
        if stack.project == project and (down or stack.state is not StackState.DOWN)
    ]


async def stack(desk: Desk, name: str, *, project: str = PROJECT) -> StackView:
    """One stack with all that is wanted of it.

    Raises:
        NotFound: `no-such-stack`.
    """
    found = await find_stack(desk, name, project=project)
    seen = await look(desk, stack=found)
    last = await desk.noun(Change, found.change) if found.change else None
    change = last if last is not None and last.state is ChangeState.APPLYING else None
    return view_stack(seen, found, list(seen.tasks), change, whole=True)


async def cancel(desk: Desk, name: str, *, revert: bool = False, project: str = PROJECT) -> Change:
    """Stop the stack's open change where it is, or go back to where it started.

    Raises:
        NotFound: `no-such-stack`.
        Refused: there is no open change.
    """
    found = await find_stack(desk, name, project=project)
    return await ask(desk, Cancel(project=project, stack=found.name, revert=revert), Change)


def view_stack(
    seen: Look, stack: Stack, tasks: list[Task], change: Change | None, *, whole: bool = False
) -> StackView:
    """A stack joined with its tasks and its open change; `whole`: with the stack itself."""
    by_service: dict[str, list[Task]] = {name: [] for name in stack.graph.services}
    for task in tasks:
        by_service.setdefault(task.service, []).append(task)
    services = tuple(
        _view_service(stack, spec, by_service[name], seen.services.get(service_key(stack.id, name)))
        for name, spec in stack.graph.services.items()
    )
    return StackView(
        name=stack.name,
        project=stack.project,
        state=stack.state,
        generation=stack.generation,
        services=services,
        wanted=sum(service.wanted for service in services),
        ready=sum(service.ready for service in services),
        volumes=kept_volumes(seen, stack),
        share=Total.of(shares_of(seen, tasks)),
        change=change,
        changed_at=stack.changed_at,
        stack=stack if whole else None,
    )


def count(seen: Look) -> tuple[int, int]:
    """How many replicas are wanted of all stacks together, and how many of them are ready."""
    wanted = ready = 0
    by_stack = seen.of_stack()
    for stack in seen.stacks.values():
        if stack.state is not StackState.ACTIVE:
            continue
        by_service: dict[str, list[Task]] = {}
        for task in by_stack.get(stack.id, ()):
            by_service.setdefault(task.service, []).append(task)
        for name, spec in stack.graph.services.items():
            wanted += spec.replicas
            ready += min(_ready(spec, by_service.get(name, [])), spec.replicas)
    return wanted, ready


def shares_of(seen: Look, tasks: list[Task]) -> list[Money | None]:
    """What each task that takes room takes of its host's price."""
    return [
        share(task, seen.hosts[task.host])
        for task in tasks
        if task.state in OCCUPYING and task.host in seen.hosts
    ]


def kept_volumes(seen: Look, stack: Stack) -> tuple[str, ...]:
    """The names of the volumes that hosts hold for a stack, by name; external ones are not its own."""
    return tuple(
        sorted(
            {
                holding.name
                for holding in seen.holdings
                if holding.stack == stack.id
                and holding.kind is HoldingKind.VOLUME
                and not holding.external
                and holding.state is not HoldingState.GONE
            }
        )
    )


def _view_service(stack: Stack, spec: ServiceSpec, tasks: list[Task], service: Service | None) -> ServiceView:
    published = dict.fromkeys(port for task in tasks if task.alive for port in task.published)
    return ServiceView(
        name=spec.name,
        image=spec.image.name,
        wanted=spec.replicas if stack.state is StackState.ACTIVE else 0,
        ready=_ready(spec, tasks),
        rollout=service.rollout if service else "steady",
        waiting=service.waiting if service else "",
        ports=tuple(published),
    )


def _ready(spec: ServiceSpec, tasks: list[Task]) -> int:
    """How many replicas are ready, or did what was wanted of them."""
    return len({task.slot for task in tasks if task.ready or _finished(spec, task)})


def _finished(spec: ServiceSpec, task: Task) -> bool:
    """Whether a task did what was wanted and need not run again: a job that ended well counts as ready."""
    return (
        task.state is TaskState.COMPLETED and not task.exit_code and spec.restart.when is not RestartWhen.ANY
    )
