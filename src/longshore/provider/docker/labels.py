"""The labels by which we find again what is ours."""

from __future__ import annotations

CELL = "io.longshore.cell"
STACK = "io.longshore.stack"
TASK = "io.longshore.task"

COMPOSE_PROJECT = "com.docker.compose.project"
"""Docker Compose's own label: it tells a person whose a name is that we cannot have."""


def filters(cell: str, **further: list[str]) -> dict[str, list[str]]:
    """The engine's filter for what our cell made; further filters narrow it."""
    labels = [f"{CELL}={cell}", *further.pop("label", [])]
    return {"label": labels, **further}


def owner(labels: dict[str, str] | None) -> str:
    """Who made a thing that is not ours, in words, as far as its labels tell."""
    have = labels or {}
    if have.get(CELL):
        return f"another Longshore cell, {have[CELL]}"
    if have.get(COMPOSE_PROJECT):
        return f"Docker Compose, for its project {have[COMPOSE_PROJECT]}"
    return "a person or program other than Longshore"
