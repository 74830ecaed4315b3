"""Tasks as people read them, and commands run in them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from longshore.model.errors import Invalid, Refused, Unreachable
from longshore.model.host import Host
from longshore.model.lifecycle import OCCUPYING, TaskState
from longshore.model.seams import ExecFrame, ExecInput
from longshore.model.stack import Stack
from longshore.model.task import Task
from longshore.model.view import TaskView, WholeTask
from longshore.service.desk import Desk
from longshore.service.look import Look, image_of, look
from longshore.service.name import PROJECT, Name, check_service, find_stack, parse_name, unknown
from longshore.service.relay import relay


async def tasks(
    desk: Desk,
    *,
    stack: str = "",
    service: str = "",
    slot: int = 0,
    ended: bool = False,
    project: str = PROJECT,
) -> list[TaskView]:
    """Tasks by name; those that completed, failed or were lost too if `ended`.

    Raises:
        NotFound: `no-such-stack`, `no-such-service`.
    """
    found = await find_stack(desk, stack, project=project) if stack else None
    if found is not None and service:
        check_service(found.graph, found.name, service)
    seen = await look(desk, stack=found)
    images: dict[tuple[str, str, str], str] = {}
    views = [
        _view(seen, seen.stacks[task.stack], task, images)
        for task in seen.tasks
        if task.stack in seen.stacks
        and seen.stacks[task.stack].project == project
        and service in {"", task.service}
        and slot in {0, task.slot}
        and (ended or task.state in OCCUPYING)
    ]
    return sorted(views, key=lambda view: (view.stack, view.service, view.task.slot, view.task.id))


async def execute(
    desk: Desk,
    text: str,
    command: tuple[str, ...],
    *,
    tty: bool,
    stdin: AsyncIterator[ExecInput] | None,
    project: str = PROJECT,
) -> AsyncGenerator[ExecFrame, None]:
    """Run a command in a task, named `STACK/SERVICE.N`; without N in the first that runs.

    Raises:
        NotFound: `no-such-stack`, `no-such-service`, `no-such-task`.
        Invalid: `name-malformed`.
        Refused: `task-not-running`.
        Unreachable: `host-silent`.
    """
    name = parse_name(text)
    if not name.service:
        raise Invalid(
            f"{text} is a stack, and a command runs in a task",
            code="name-malformed",
            remedy=f"name a service or task: longshore ps {text} shows which there are",
        )
    stack = await find_stack(desk, name.stack, project=project)
    check_service(stack.graph, stack.name, name.service)
    task = _running(text, name, await desk.nouns(Task, stack=stack.id))
    host = await desk.noun(Host, task.host)
    if host is None or not host.answers:
        place = host.name if host else task.host
        why = f": {host.reason}" if host and host.reason else ""
        raise Unreachable(
            f"{place}, where {text} runs, does not answer{why}",
            code="host-silent",
            remedy=f"longshore explain {place}",
        )
    return relay(desk.streams.execute(task.host, task.id, command, tty=tty, stdin=stdin))


def _running(text: str, name: Name, there: list[Task]) -> Task:
    """The first running task of that name."""
    alike = [t for t in there if t.service == name.service and name.slot in {0, t.slot}]
    if not alike:
        slots = sorted({f"{name.stack}/{t.service}.{t.slot}" for t in there if t.service == name.service})
        raise unknown("task", text, slots)
    running = [task for task in alike if task.state is TaskState.RUNNING]
    if not running:
        newest = max(alike, key=lambda task: task.id)
        raise Refused(
            f"{text} is not running: it is {newest.state}" + (f" ({newest.reason})" if newest.reason else ""),
            code="task-not-running",
            remedy=f"longshore explain {text}",
        )
    return min(running, key=lambda task: (task.slot, task.id))


def _view(seen: Look, stack: Stack, task: Task, images: dict[tuple[str, str, str], str]) -> TaskView:
    """A task joined; the image is worked out once for all tasks that run the same."""
    same = (task.stack, task.service, task.digest)
    if same not in images:
        images[same] = image_of(stack, task)
    host = seen.hosts.get(task.host)
    return TaskView(
        name=f"{stack.name}/{task.service}.{task.slot}",
        stack=stack.name,
        service=task.service,
        host=host.name if host else "",
        cloud=host.cloud if host else "",
        image=images[same],
        task=WholeTask(**msgspec.structs.asdict(task)),
    )
