"""The engine's answers as our reports. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from longshore.model.clock import Micros
from longshore.model.holding import HoldingKind
from longshore.model.host import Capacity
from longshore.model.ids import TaskId
from longshore.model.lifecycle import Health
from longshore.model.report import ContainerReport, ContainerState, Held
from longshore.provider.docker.answers import Info, Inspected, Network, Volume
from longshore.provider.docker.gpus import GPU_MODEL, GPUS, counted
from longshore.provider.docker.labels import STACK, TASK

ENDED = frozenset({ContainerState.EXITED, ContainerState.DEAD})

_WORDS = {
    **{str(state): state for state in ContainerState},
    "stopped": ContainerState.EXITED,
    "configured": ContainerState.CREATED,
    "initialized": ContainerState.CREATED,
}
"""Docker's words, and podman's where they differ."""

_HEALTHS = {str(health): health for health in Health}

_ARCHES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
"""The kernel's names of architectures, as container images call them."""

_EXITS = {
    125: "the engine could not run it",
    126: "the command is not executable",
    127: "the command was not found",
    137: "killed",
    139: "it crashed (segmentation fault)",
    143: "terminated",
}
"""Exit codes that a shell or the engine gives a meaning."""


def container_state(word: str) -> ContainerState:
    """The engine's word as our state; one that we do not know means that it is there and not ended."""
    return _WORDS.get(word, ContainerState.RUNNING)


def container_report(seen: Inspected, last_words: str = "") -> ContainerReport:
    """A container as the engine shows it.

    Args:
        seen: The engine's answer.
        last_words: What it wrote last, where it ended badly.
    """
    state = container_state(seen.state.status)
    ended = state in ENDED
    return ContainerReport(
        task=TaskId((seen.config.labels or {}).get(TASK, "")),
        foreign_id=seen.id,
        state=state,
        health=_health(seen),
        exit_code=seen.state.exit_code if ended or state is ContainerState.RESTARTING else None,
        restarts=seen.restart_count,
        oom=seen.state.oom_killed,
        started_at=micros(seen.state.started_at),
        ended_at=micros(seen.state.finished_at) if ended else Micros(0),
        published=published(seen),
        message=_message(seen, last_words) if ended_badly(seen) else "",
    )


def ended_badly(seen: Inspected) -> bool:
    """Whether a container's end, or its last one before a restart, needs words."""
    state = container_state(seen.state.status)
    if seen.state.error:
        return True
    return (state in ENDED or state is ContainerState.RESTARTING) and seen.state.exit_code != 0


def published(seen: Inspected) -> tuple[str, ...]:
    """A container's ports as the host has them now: `HOST_IP:PORT->TARGET/PROTOCOL`, sorted."""
    found = []
    for target, places in (seen.network_settings.ports or {}).items():
        for place in places or []:
            address = f"[{place.host_ip}]" if ":" in place.host_ip else place.host_ip
            found.append(f"{address}:{place.host_port}->{target}")
    return tuple(sorted(found))


def held(networks: Iterable[Network], volumes: Iterable[Volume]) -> tuple[Held, ...]:
    """Networks and volumes of ours, each kind by name; a task's anonymous volumes are its own matter."""
    found = [(HoldingKind.NETWORK, thing.name, thing.labels or {}) for thing in networks]
    found += [(HoldingKind.VOLUME, thing.name, thing.labels or {}) for thing in volumes]
    return tuple(
        Held(kind=kind, name=name, stack=labels.get(STACK, ""))
        for kind, name, labels in sorted(found, key=lambda row: row[:2])
        if TASK not in labels
    )


CPU = "io.longshore.cpu"
MEMORY = "io.longshore.memory"
"""Labels of an engine that may use less than its machine has: thousandths of a core, bytes."""


def capacity(info: Info) -> Capacity:
    """What the engine's host has; no more than the engine's own labels allow."""
    bounds = host_labels(info)
    return Capacity(
        cpu=_bounded(info.ncpu * 1000, bounds.get(CPU, "")),
        memory=_bounded(info.mem_total, bounds.get(MEMORY, "")),
        gpus=int(cards) if (cards := bounds.get(GPUS, "")).isdecimal() else 0,
        gpu_model=bounds.get(GPU_MODEL, ""),
        counted=counted(info.generic_resources),
    )


def _bounded(there: int, bound: str) -> int:
    return min(there, int(bound)) if bound.isdecimal() else there


def arch(info: Info) -> str:
    """The host's architecture, as images call it."""
    return _ARCHES.get(info.architecture, info.architecture)


def host_labels(info: Info) -> dict[str, str]:
    """The labels that the engine was started with."""
    pairs = (label.partition("=") for label in info.labels or [])
    return {key: value for key, _, value in pairs}


def micros(stamp: str) -> Micros:
    """The engine's RFC 3339 time; its zero, the year 1, and none at all are our 0."""
    if not stamp or stamp.startswith("0001-"):
        return Micros(0)
    at = datetime.fromisoformat(stamp)
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return Micros((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def _health(seen: Inspected) -> Health:
    word = seen.state.health.status if seen.state.health else ""
    return _HEALTHS.get(word, Health.NONE)


def _message(seen: Inspected, last_words: str) -> str:
    if seen.state.error:
        return seen.state.error
    code = seen.state.exit_code
    if seen.state.oom_killed:
        why = f"It used more memory than its limit and was killed (exit code {code})"
    elif code in _EXITS:
        why = f"It ended with exit code {code}: {_EXITS[code]}"
    else:
        why = f"It ended with exit code {code}"
    return f"{why}. Last lines:\n{last_words}" if last_words else f"{why}; it wrote nothing."
