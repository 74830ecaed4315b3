"""Containers of tasks: start, stop, restart, and what they look like.

A start has several calls. Broken off between them it leaves a container that was created and not
started; the next start of the same task finds it by its name and goes on from there. Refused, it takes
back what it made, so that `Failed` always means that nothing was left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from longshore.model.clock import MINUTE
from longshore.model.errors import Failed, LongshoreError, Unreachable, Unsure
from longshore.model.ids import TaskId
from longshore.model.report import ContainerReport
from longshore.model.seams import TaskOrder
from longshore.provider.docker.answers import Created, Inspected, Listed
from longshore.provider.docker.holdings import find_volume
from longshore.provider.docker.images import image_missing, references
from longshore.provider.docker.labels import CELL, TASK, filters, owner
from longshore.provider.docker.logs import last_words
from longshore.provider.docker.order import (
    container_body,
    endpoint,
    files_tar,
    further_networks,
    named_volumes,
    seconds,
)
from longshore.provider.docker.report import container_report, ended_badly
from longshore.provider.docker.streams import gone
from longshore.provider.docker.wire import QUICK, SLOW, Wire, part

_GRACE_OVER = MINUTE // 2
"""What the engine may take to kill and to answer after a grace has run out."""


async def list_tasks(
    wire: Wire, cell: str, task: TaskId | None = None, *, limit: int = QUICK
) -> list[Listed]:
    """The containers of our cell, ended ones too; of one task if it is named."""
    narrowed = filters(cell, label=[f"{TASK}={task}"]) if task is not None else filters(cell)
    return await wire.call(
        "GET", "/containers/json", list[Listed], query={"all": True, "filters": narrowed}, limit=limit
    )


async def find_task(wire: Wire, cell: str, task: TaskId) -> str:
    """The id of a task's container.

    Raises:
        Failed: `container-missing`.
    """
    found = await list_tasks(wire, cell, task)
    if not found:
        raise gone(task)
    return found[0].id


async def inspect(wire: Wire, container: str) -> Inspected | None:
    """What the engine knows of a container, by id or name; None where it is not there."""
    try:
        return await wire.call("GET", f"/containers/{part(container)}/json", Inspected)
    except Failed as error:
        if error.code != "container-missing":
            raise
        return None


async def report(wire: Wire, container: str) -> ContainerReport | None:
    """A container's report, with its last words where it ended badly; None where it is not there."""
    seen = await inspect(wire, container)
    if seen is None:
        return None
    words = ""
    if ended_badly(seen) and not seen.state.error:
        words = await last_words(wire, seen)
    return container_report(seen, words)


async def start_task(wire: Wire, cell: str, order: TaskOrder) -> ContainerReport:
    """Create and start a task's container, or go on where an earlier start broke off.

    One that was started before is left as it is, even if it has ended: a job must not run twice.

    Raises:
        Failed: with one of `faults.CODES`; nothing was left.
        Unreachable: nothing was done.
        Unsure: it may have been created, or started.
    """
    await _check_volumes(wire, order)
    made, networks = "", set[str]()
    try:
        made = await _create(wire, order)
    except Failed as error:
        if error.code != "name-taken":
            raise
        found = await inspect(wire, order.name)
        _check_ours(found, cell, order, error)
        if found is not None and found.state.status != "created":
            return await _reported(wire, found.id)
        if found is not None:
            made, networks = found.id, set(found.network_settings.networks or {})
    with _underway(f"The container {order.name} was created"):
        try:
            await _finish(wire, order, made, networks)
        except Failed as error:
            await _scrap(wire, made, error)
            raise await _explained(wire, error) from error
        return await _reported(wire, made)


async def stop_task(wire: Wire, cell: str, task: TaskId, grace: int) -> None:
    """Stop a task's container within `grace` microseconds, and remove it with its anonymous volumes.

    Raises:
        Failed: the engine could not remove it.
        Unreachable: nothing was done.
        Unsure: it may have been stopped, or removed.
    """
    rows = await list_tasks(wire, cell, task)
    with _underway(f"The end of {task} was begun"):
        for row in rows:
            if row.state == "paused":
                # A paused process would take no signal, and only waste its grace.
                await _unless_gone(wire, "POST", f"/containers/{row.id}/unpause")
            path, query = f"/containers/{row.id}/stop", {"t": seconds(grace)}
            await _unless_gone(wire, "POST", path, query=query, limit=grace + _GRACE_OVER)
            await remove(wire, row.id)


async def restart_task(wire: Wire, cell: str, task: TaskId, grace: int) -> ContainerReport:
    """Restart a task's container in place.

    Raises:
        Failed: `container-missing`, or it could not be started again.
        Unreachable: nothing was done.
        Unsure: it may have been stopped, or started.
    """
    container = await find_task(wire, cell, task)
    try:
        await wire.tell(
            "POST",
            f"/containers/{container}/restart",
            query={"t": seconds(grace)},
            limit=grace + _GRACE_OVER,
        )
    except Failed as error:
        raise await _explained(wire, error) from error
    with _underway(f"The container {container[:12]} was restarted"):
        return await _reported(wire, container)


async def remove(wire: Wire, container: str) -> None:
    """Remove a container, running or not, with its anonymous volumes. Of one not there: nothing."""
    try:
        await wire.tell("DELETE", f"/containers/{container}", query={"force": True, "v": True}, limit=SLOW)
    except Failed as error:
        if error.code == "container-missing":
            return
        if "is already in progress" not in str(error.facts.get("engine")):
            raise
        # Someone else is at it; we answer when it is done.
        query = {"condition": "removed"}
        await _unless_gone(wire, "POST", f"/containers/{container}/wait", query=query, limit=SLOW)


async def _check_volumes(wire: Wire, order: TaskOrder) -> None:
    """The engine would make a missing volume, empty and without a word: data seem lost, and are not ours."""
    names = named_volumes(order)
    for name, found in zip(names, await asyncio.gather(*(find_volume(wire, n) for n in names)), strict=True):
        if found is None:
            raise Failed(
                f"The volume {name} is not on this host.",
                code="volume-missing",
                remedy=f"Bring it back from a backup, or start empty: docker volume create {name}.",
                facts={"volume": name},
            )


async def _create(wire: Wire, order: TaskOrder) -> str:
    for image in references(order.spec.image):
        try:
            made = await wire.call(
                "POST",
                "/containers/create",
                Created,
                query={"name": order.name},
                body=container_body(order, image),
                limit=SLOW,
            )
        except Failed as error:
            if error.code != "image-missing":
                raise
        else:
            return made.id
    name = order.spec.image.name
    raise image_missing(name, "it is not on this host (any more)", built=bool(order.spec.image.digest))


async def _finish(wire: Wire, order: TaskOrder, made: str, networks: set[str]) -> None:
    """What lies between creation and start; each part may be done again."""
    for network in further_networks(order):
        if network not in networks:
            body = {"Container": made, "EndpointConfig": endpoint(order, network)}
            await wire.tell("POST", f"/networks/{part(network)}/connect", body=body)
    files = files_tar(order)
    if files:
        await wire.tell("PUT", f"/containers/{made}/archive", query={"path": "/"}, body=files, limit=SLOW)
    await wire.tell("POST", f"/containers/{made}/start", limit=SLOW)


async def _reported(wire: Wire, container: str) -> ContainerReport:
    """The report after a change."""
    seen = await report(wire, container)
    if seen is None:
        raise Unsure(
            f"The container {container[:12]} was removed by someone else meanwhile.",
            code="engine-silent",
            remedy="Look again: longshore ps.",
        )
    return seen


async def _scrap(wire: Wire, made: str, error: Failed) -> None:
    """Take back what could not be started; if that fails too, something is left and a look must tell."""
    try:
        await remove(wire, made)
    except LongshoreError as left:
        raise Unsure(
            f"{error.message} What was made could not be taken back: {left.message}",
            code="engine-silent",
            remedy=error.remedy,
        ) from error


@contextmanager
def _underway(done: str) -> Iterator[None]:
    """After the first call that changed something, an engine not reached does not mean nothing done."""
    try:
        yield
    except Unreachable as error:
        raise Unsure(
            f"{done}, then the engine fell silent: {error.message}",
            code="engine-silent",
            remedy=error.remedy,
        ) from error


def _check_ours(found: Inspected | None, cell: str, order: TaskOrder, error: Failed) -> None:
    """Whether the holder of our name is this very task of this very cell."""
    if found is None:
        # It was removed between the refusal and the question: the next attempt will tell.
        raise error
    labels = found.config.labels or {}
    if labels.get(CELL) == cell and labels.get(TASK) == order.task:
        return
    raise Failed(
        f"There is a container named {order.name} already, made by {owner(labels)}.",
        code="name-taken",
        remedy=f"If nobody needs it: docker rm -f {order.name}; else give the stack another name.",
        facts={"name": order.name, "labels": labels},
    )


async def _explained(wire: Wire, error: Failed) -> Failed:
    """A taken port with the name of the container that holds it, where it is one."""
    port = error.facts.get("port")
    if error.code != "port-taken" or not isinstance(port, int):
        return error
    try:
        query = {"filters": {"publish": [str(port)]}}
        rows = await wire.call("GET", "/containers/json", list[Listed], query=query)
    except LongshoreError:
        # Only the name of the other is lost.
        rows = []
    if not rows:
        return error
    name = (rows[0].names or [rows[0].id])[0].lstrip("/")
    ours = (rows[0].labels or {}).get(TASK)
    whose = f"of our task {ours}" if ours else f"made by {owner(rows[0].labels)}"
    return Failed(
        f"Port {port} on this host is held by the container {name}, {whose}.",
        code=error.code,
        remedy=f"Publish another port, or stop it: docker stop {name}.",
        facts={**error.facts, "container": name},
    )


async def _unless_gone(
    wire: Wire, method: str, path: str, *, query: Mapping[str, object] | None = None, limit: int = QUICK
) -> None:
    try:
        await wire.tell(method, path, query=query, limit=limit)
    except Failed as error:
        if error.code != "container-missing":
            raise
