"""The life of a simulated container: made, started, healthy, ended, started again, removed.

An environment variable of its service can steer it: `SIM_EXIT_CODE` and `SIM_EXIT_AFTER` (seconds,
or a length like 500ms) let it exit, `SIM_HEALTH` (never, unhealthy) spoils its health check, and
`SIM_START=fail` keeps it from starting.

A restart policy works in place as on a Docker engine: after 100 ms, doubled each time, up to a minute;
bounded, and on failures only, unless it is `any` without a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec import structs

from longshore.model.clock import MINUTE, SECOND, Micros
from longshore.model.errors import Failed
from longshore.model.lifecycle import Health
from longshore.model.report import ContainerReport, ContainerState
from longshore.model.seams import TaskOrder
from longshore.model.spec import Port, RestartWhen, ServiceSpec, volumes_of
from longshore.provider.simulator.chance import Mishap
from longshore.provider.simulator.settings import read_length
from longshore.provider.simulator.stage import Stage
from longshore.provider.simulator.world import CELL, Container, Machine

_TRIES = 3
"""Restarts in place after failures where the policy sets no bound, as with Docker."""

_BUILT_IN = frozenset({"bridge", "host", "none"})
_ANY = "0.0.0.0"  # noqa: S104  # the address in a report, nothing binds here
_FREE_PORTS = 32768
_CRASH_WITHIN = 30 * SECOND
_FIRST_DELAY = SECOND // 10
_ENDED = (ContainerState.CREATED, ContainerState.EXITED, ContainerState.DEAD)


def create(stage: Stage, machine: Machine, order: TaskOrder) -> Container:
    """Make a task's container, not yet started.

    Raises:
        Failed: `image-missing`, `network-missing`, `volume-missing`: it was not provided; `name-taken`:
            another task's or another cell's container has that name.
    """
    spec = order.spec
    networks = tuple(order.networks[a.network].name for a in spec.networks)
    volumes = tuple(order.volumes[source].name for source in volumes_of(spec))
    _check_provided(stage, machine, spec, networks, volumes)
    if order.name in machine.names:
        raise Failed(
            f"host {machine.name} has another container named {order.name}",
            code="name-taken",
            remedy=f"remove or rename {order.name}",
            facts={"name": order.name, "host": machine.name},
        )
    container = Container(
        task=order.task,
        name=order.name,
        labels=order.labels,
        spec=spec,
        networks=networks,
        volumes=volumes,
        report=ContainerReport(
            task=order.task,
            foreign_id=f"{machine.foreign_id}-c{stage.world.next()}",
            state=ContainerState.CREATED,
        ),
    )
    elsewhere = stage.world.where.get(order.task)
    if elsewhere is not None:
        stage.repeated("start", order.task, f"{machine.name} while on {elsewhere}")
    stage.world.where[order.task] = machine.foreign_id
    machine.containers[order.task] = container
    machine.names.add(order.name)
    return container


def _check_provided(
    stage: Stage, machine: Machine, spec: ServiceSpec, networks: tuple[str, ...], volumes: tuple[str, ...]
) -> None:
    external = stage.settings.external
    image = spec.image
    if image.digest not in machine.images and image.name not in machine.images.values():
        raise _missing("image", image.name, machine)
    for name in networks:
        if name not in machine.networks and name not in external and name not in _BUILT_IN:
            raise _missing("network", name, machine)
    for name in volumes:
        if name not in machine.volumes and name not in external:
            raise _missing("volume", name, machine)


def _missing(kind: str, name: str, machine: Machine) -> Failed:
    return Failed(
        f"host {machine.name} has no {kind} {name}",
        code=f"{kind}-missing",
        remedy=f"provide the {kind} first",
        facts={"kind": kind, "name": name, "host": machine.name},
    )


def run(stage: Stage, machine: Machine, container: Container, at: Micros, *, restarts: int = 0) -> None:
    """Start a container that does not run.

    Raises:
        Failed: `start-failed` by its environment; `port-taken`.
    """
    spec = container.spec
    if spec.environment.get("SIM_START") == "fail":
        raise Failed(
            f"container {container.name} cannot be started: SIM_START=fail",
            code="start-failed",
            remedy="take SIM_START out of the service's environment",
            facts={"name": container.name, "host": machine.name},
        )
    _claim(machine, container)
    container.starts += 1
    container.revive = False
    checked = spec.healthcheck is not None and not spec.healthcheck.disable
    container.report = ContainerReport(
        task=container.task,
        foreign_id=container.report.foreign_id,
        state=ContainerState.RUNNING,
        health=Health.STARTING if checked else Health.NONE,
        restarts=restarts,
        started_at=at,
        published=container.published,
    )
    if checked and spec.environment.get("SIM_HEALTH") != "never":
        container.check_at = at + stage.chance.length("health", container.name, stage.settings.health)
    _plan_end(stage, container, at)
    schedule(stage, machine, container)
    stage.publish(machine, container)


def _plan_end(stage: Stage, container: Container, at: Micros) -> None:
    """Decide when this run of the container ends by itself, and how."""
    environment = container.spec.environment
    code, after = environment.get("SIM_EXIT_CODE"), environment.get("SIM_EXIT_AFTER")
    if code is not None or after is not None:
        container.turn_at = at + _seconds(after or "0")
        container.turn_code = int(code or 0)
        container.turn_why = "as SIM_EXIT_CODE says"
    elif stage.chance.hit("crash", container.name, stage.settings.crash):
        dice = stage.chance.dice("crash after", container.name, container.starts)
        container.turn_at = at + dice.randrange(SECOND, _CRASH_WITHIN)
        container.turn_code = 1
        container.turn_why = "a simulated crash"


def _seconds(text: str) -> int:
    return round(float(text) * SECOND) if text.replace(".", "", 1).isdecimal() else read_length(text)


def schedule(stage: Stage, machine: Machine, container: Container) -> None:
    """Put what will happen to a container by itself on the ticker."""
    if container.turn_at:
        stage.ticker.at(container.turn_at, partial(_turn, stage, machine, container, container.turn_at))
    if container.check_at:
        stage.ticker.at(container.check_at, partial(_check, stage, machine, container, container.check_at))


def _turn(stage: Stage, machine: Machine, container: Container, due: int) -> None:
    """The state moves on by itself: a run ends, or a restart is due."""
    if container.turn_at != due:
        return
    container.turn_at = 0
    if container.report.state is ContainerState.RUNNING:
        if container.turn_why == "a simulated crash":
            stage.chance.fired[Mishap.CRASH] += 1
        end(stage, machine, container, container.turn_code, Micros(due), container.turn_why)
        return
    restarts = container.report.restarts
    if container.report.state is ContainerState.RESTARTING:
        restarts += 1
    try:
        run(stage, machine, container, Micros(due), restarts=restarts)
    except Failed as error:
        container.report = _ended(container, 128, Micros(due), error.message)
        stage.publish(machine, container)


def _check(stage: Stage, machine: Machine, container: Container, due: int) -> None:
    """The health check speaks for the first time; it stays with what it says."""
    if container.check_at != due or container.report.state is not ContainerState.RUNNING:
        return
    container.check_at = 0
    bad = container.spec.environment.get("SIM_HEALTH") == "unhealthy"
    container.report = structs.replace(
        container.report,
        health=Health.UNHEALTHY if bad else Health.HEALTHY,
        message="Its health check fails, as SIM_HEALTH says." if bad else "",
    )
    stage.publish(machine, container)


def end(
    stage: Stage,
    machine: Machine,
    container: Container,
    code: int,
    at: Micros,
    why: str,
    *,
    oom: bool = False,
) -> None:
    """A run ends with an exit code; the restart policy may start it again, a little later."""
    restarts = container.report.restarts
    container.check_at = container.turn_at = 0
    report = _ended(container, code, at, f"It ended with exit code {code}: {why}." if code else "", oom=oom)
    container.report = report
    if _again(container.spec, code, restarts):
        container.report = structs.replace(report, state=ContainerState.RESTARTING, ended_at=Micros(0))
        container.turn_at = at + min(_FIRST_DELAY << min(restarts, 10), MINUTE)
        schedule(stage, machine, container)
    else:
        free(machine, container)
    stage.publish(machine, container)


def _again(spec: ServiceSpec, code: int, restarts: int) -> bool:
    policy = spec.restart
    if policy.when is RestartWhen.NONE:
        return False
    if policy.when is RestartWhen.ANY and not policy.max_attempts:
        return True
    return code != 0 and restarts < (policy.max_attempts or _TRIES)


def _ended(
    container: Container, code: int, at: Micros, message: str, *, oom: bool = False
) -> ContainerReport:
    return ContainerReport(
        task=container.task,
        foreign_id=container.report.foreign_id,
        state=ContainerState.EXITED,
        exit_code=code,
        restarts=container.report.restarts,
        oom=oom,
        started_at=container.report.started_at,
        ended_at=at,
        message=message,
    )


def halt(machine: Machine, container: Container, at: Micros) -> None:
    """The machine loses its power: nobody is told, and what has a restart policy comes back with it."""
    if container.report.state in _ENDED:
        return
    container.check_at = container.turn_at = 0
    container.revive = container.spec.restart.when is not RestartWhen.NONE
    container.report = _ended(container, 137, at, "Its host went down.")
    free(machine, container)


def remove(stage: Stage, machine: Machine, container: Container, at: Micros) -> None:
    """Remove a container, running or not."""
    free(machine, container)
    container.check_at = container.turn_at = 0
    del machine.containers[container.task]
    machine.names.discard(container.name)
    if stage.world.where.get(container.task) == machine.foreign_id:
        del stage.world.where[container.task]
    container.report = ContainerReport(
        task=container.task,
        foreign_id=container.report.foreign_id,
        state=ContainerState.GONE,
        restarts=container.report.restarts,
        started_at=container.report.started_at,
        ended_at=at,
    )
    stage.publish(machine, container)


def ours(stage: Stage, container: Container | None) -> Container | None:
    """The container, unless it is another cell's."""
    if container is None or container.labels.get(CELL) != stage.cell:
        return None
    return container


def _claim(machine: Machine, container: Container) -> None:
    """Take the ports and the room of a container; held already: nothing.

    Raises:
        Failed: `port-taken`; nothing was taken.
    """
    if container.claimed:
        return
    spec = container.spec
    if spec.ports:
        _bind(machine, container, spec.ports)
    container.claimed = True
    machine.cpu_used += spec.resources.cpu
    machine.memory_used += spec.resources.memory
    if machine.cpu_used > machine.capacity.cpu or machine.memory_used > machine.capacity.memory:
        machine.overcommitted += 1


def _bind(machine: Machine, container: Container, ports: tuple[Port, ...]) -> None:
    """Take the ports on the host; a port of 0 gets the lowest free one."""
    bound: list[tuple[str, str]] = []
    published = []
    for port in ports:
        address = port.host_ip or _ANY
        number = port.published or next(
            n for n in range(_FREE_PORTS, 65536) if f"{n}/{port.protocol}" not in machine.ports
        )
        key = f"{number}/{port.protocol}"
        if any(_ANY in (address, other) or address == other for other in machine.ports.get(key, ())):
            _unbind(machine, bound)
            raise Failed(
                f"port {key} is taken on host {machine.name}",
                code="port-taken",
                remedy=f"free port {number} there, or publish another",
                facts={"port": number, "protocol": str(port.protocol), "host": machine.name},
            )
        machine.ports.setdefault(key, []).append(address)
        bound.append((key, address))
        published.append(f"{address}:{number}->{port.target}/{port.protocol}")
    container.bound, container.published = tuple(bound), tuple(sorted(published))


def free(machine: Machine, container: Container) -> None:
    """Give back the ports and the room of a container. Not held: nothing."""
    if not container.claimed:
        return
    _unbind(machine, container.bound)
    container.claimed, container.bound, container.published = False, (), ()
    machine.cpu_used -= container.spec.resources.cpu
    machine.memory_used -= container.spec.resources.memory


def _unbind(machine: Machine, bound: Sequence[tuple[str, str]]) -> None:
    for key, address in bound:
        machine.ports[key].remove(address)
        if not machine.ports[key]:
            del machine.ports[key]
