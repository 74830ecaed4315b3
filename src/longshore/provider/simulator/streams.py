"""Simulated images, builds, logs and commands: the long, streaming things of an engine."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator

from longshore.model.errors import Failed
from longshore.model.ids import TaskId
from longshore.model.report import ContainerReport, ContainerState
from longshore.model.seams import ExecFrame, ExecInput, HoldingOrder, LogLine
from longshore.model.spec import Build
from longshore.provider.simulator import life
from longshore.provider.simulator.stage import Stage, no_such_container
from longshore.provider.simulator.world import Container

_OVER = (ContainerState.EXITED, ContainerState.DEAD, ContainerState.GONE)


def check_image(stage: Stage, name: str) -> str:
    """The digest of an image that can be had.

    Raises:
        Failed: `image-missing`: the setting `missing` names it.
    """
    if name in stage.world.built:
        return stage.world.built[name]
    if name in stage.settings.missing:
        raise Failed(
            f"image {name} cannot be had: simulated cloud {stage.name} is set so",
            code="image-missing",
            remedy="check the image's name, or build it",
            facts={"image": name, "cloud": stage.name},
        )
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


async def build(
    stage: Stage,
    foreign_id: str,
    name: str,
    build: Build,
    context: AsyncIterator[bytes],
) -> AsyncIterator[str]:
    """Take the whole stream; the image is known to the cloud, and on this machine already."""
    await stage.reach("build", name)
    machine = await stage.machine(foreign_id)
    source = "an inline file" if build.dockerfile_inline else build.dockerfile
    yield f"simulated build of {name} from {source}"
    content, size = hashlib.sha256(name.encode()), 0
    async for piece in context:
        content.update(piece)
        size += len(piece)
    digest = f"sha256:{content.hexdigest()}"
    machine.images[digest] = name
    stage.world.built[name] = digest
    stage.changed()
    yield f"took a context of {size:,} bytes"
    yield f"built {digest}"


async def save(stage: Stage, foreign_id: str, order: HoldingOrder) -> AsyncGenerator[bytes, None]:
    """Stand for an image that a machine has.

    Raises:
        Failed: `image-missing`.
    """
    await stage.reach("save", order.name)
    machine = await stage.machine(foreign_id)
    if order.name not in machine.images:
        raise Failed(f"image {order.reference} is not on {machine.name}", code="image-missing")
    yield order.name.encode()


async def load(stage: Stage, foreign_id: str, order: HoldingOrder, content: AsyncIterator[bytes]) -> None:
    """Take in an image that another machine has."""
    await stage.reach("load", order.name)
    async for _ in content:
        pass
    machine = await stage.machine(foreign_id)
    machine.images[order.name] = order.reference
    stage.changed()


async def logs(
    stage: Stage, foreign_id: str, task: TaskId, *, follow: bool, tail: int
) -> AsyncIterator[LogLine]:
    """What happened to a container so far, and, if `follow`, what comes until it ends."""
    feed = stage.subscribe(foreign_id)
    try:
        await stage.reach("logs", task)
        machine = await stage.machine(foreign_id)
        container = life.ours(stage, machine.containers.get(task))
        if container is None:
            no_such_container(Failed, task, machine.name)
        lines = _lines(container)
        for line in lines if tail < 0 else lines[len(lines) - min(tail, len(lines)) :]:
            yield line
        while follow and container.report.state not in _OVER:
            report = await feed.get()
            if report is None:
                return
            if report.task == task:
                yield _line(report)
    finally:
        stage.unsubscribe(foreign_id, feed)


def _lines(container: Container) -> list[LogLine]:
    report = container.report
    command = " ".join(container.spec.command or container.spec.entrypoint or ("its default command",))
    first = f"{container.name}: {container.spec.image.name} runs {command}"
    return [LogLine(task=container.task, text=first, at=report.started_at), _line(report)]


def _line(report: ContainerReport) -> LogLine:
    words = [str(report.state)]
    if report.health != "none":
        words.append(str(report.health))
    if report.message:
        words.append(report.message)
    return LogLine(
        task=report.task,
        text=", ".join(words),
        stream="stderr" if report.exit_code else "stdout",
        at=report.ended_at or report.started_at,
    )


async def execute(
    stage: Stage,
    foreign_id: str,
    task: TaskId,
    command: tuple[str, ...],
    *,
    stdin: AsyncIterator[ExecInput] | None,
) -> AsyncIterator[ExecFrame]:
    """Echo a command and what is typed.

    Raises:
        Failed: `container-missing`; `not-running`.
    """
    await stage.reach("execute", task)
    machine = await stage.machine(foreign_id)
    container = life.ours(stage, machine.containers.get(task))
    if container is None:
        no_such_container(Failed, task, machine.name)
    if container.report.state is not ContainerState.RUNNING:
        raise Failed(
            f"container {container.name} does not run",
            code="not-running",
            remedy="wait until it runs",
            facts={"task": task, "state": str(container.report.state)},
        )
    yield ExecFrame(data=f"{' '.join(command)}\n".encode())
    if stdin is not None:
        async for piece in stdin:
            if piece.data:
                yield ExecFrame(data=piece.data)
            if piece.end:
                break
    yield ExecFrame(exit_code=0)
