"""Writes docs/states.md from the tables of legal moves in model/lifecycle.py.

python3 scripts/states.py            writes the file
python3 scripts/states.py --print    prints it instead
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from longshore.model import lifecycle
from longshore.model.lifecycle import (
    ChangeState,
    Health,
    HoldingState,
    HostState,
    StackState,
    StepState,
    TaskState,
)

PAGE = Path(__file__).resolve().parent.parent / "docs" / "states.md"

INTRODUCTION = """\
# States

This page is written by `scripts/states.py` from the tables in `src/longshore/model/lifecycle.py`; a test
holds the two together.

A noun's state moves forward along its table and along nothing else, and the planner alone writes states. What
is merely observed is a *condition*: a separate field that is free to move either way. A host is *reachable*,
*silent*, *lost* or *draining*; a task's health is one of the values at the end of this page.
"""


# Each noun's table has its own enum for keys.
Moves = Mapping[Any, tuple[StrEnum, ...]]


class Noun(NamedTuple):
    """A noun with its table; `meaning` has a sentence for each state."""

    title: str
    moves: Moves
    begins: StrEnum
    meaning: Mapping[Any, str]


NOUNS = (
    Noun(
        "Host",
        lifecycle.HOST_MOVES,
        HostState.REQUESTED,
        {
            HostState.REQUESTED: "a cloud is asked for it; tasks may be placed on it already",
            HostState.BOOTING: "its cloud accepted the order, or you declared it; its engine is waited for",
            HostState.READY: "its engine has answered; whether it still does is a condition",
            HostState.RELEASING: "its cloud is asked to take it back",
            HostState.RELEASED: "its cloud lists it no longer",
            HostState.FAILED: "it did not come up, or its cloud says it is broken; it is given back next",
        },
    ),
    Noun(
        "Task",
        lifecycle.TASK_MOVES,
        TaskState.PLACED,
        {
            TaskState.PLACED: "it has its host for good, and claims room; what it needs is being provided",
            TaskState.STARTING: "its container is being created and started",
            TaskState.RUNNING: "its container runs; if its engine restarts it, that is counted",
            TaskState.STOPPING: "its container is being stopped and removed",
            TaskState.COMPLETED: "its container ended with 0, and its service does not want it back",
            TaskState.FAILED: "its container ended badly, could not be started, or kept dying",
            TaskState.LOST: "its host was given up, or its container was removed by somebody else",
            TaskState.GONE: "nothing is left of it",
        },
    ),
    Noun(
        "Holding (a network, volume or image on a host)",
        lifecycle.HOLDING_MOVES,
        HoldingState.PROVIDING,
        {
            HoldingState.PROVIDING: "it is being made or fetched",
            HoldingState.PRESENT: "it is there",
            HoldingState.WITHDRAWING: "it is being removed",
            HoldingState.FAILED: "it could not be made or fetched; the reason is kept",
            HoldingState.GONE: "nothing is left of it",
        },
    ),
    Noun(
        "Stack",
        lifecycle.STACK_MOVES,
        StackState.ACTIVE,
        {
            StackState.ACTIVE: "it is wanted",
            StackState.RETIRING: "it is being taken down",
            StackState.DOWN: "nothing of it runs; volumes that were kept are remembered",
        },
    ),
    Noun(
        "Change",
        lifecycle.CHANGE_MOVES,
        ChangeState.APPLYING,
        {
            ChangeState.APPLYING: "it is on its way",
            ChangeState.DONE: "everything is as its plan says",
            ChangeState.FAILED: "it was given up; the reason and the remedy are kept",
            ChangeState.CANCELLED: "somebody stopped it",
            ChangeState.SUPERSEDED: "a newer change of the same stack took over",
        },
    ),
)

OTHERS: tuple[tuple[str, str, Mapping[StrEnum, str]], ...] = (
    (
        "Step",
        "A step exists from the moment its intent is written down until its outcome was taken in.",
        {
            StepState.INTENDED: "written down, and being performed",
            StepState.UNSETTLED: "nobody knows what came of it: a later look at the world settles it",
        },
    ),
    (
        "Health of a task",
        "A condition, observed.",
        {
            Health.NONE: "it has no health check",
            Health.STARTING: "its health check has not passed yet",
            Health.HEALTHY: "its health check passes",
            Health.UNHEALTHY: "its health check fails; it is replaced",
        },
    ),
)


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for noun in NOUNS:
        lines = [f"## {noun.title}", "", "| state | means | may become |", "|---|---|---|"]
        for state, onward in noun.moves.items():
            name = f"**{state}**" if state is noun.begins else str(state)
            lines.append(f"| {name} | {noun.meaning[state]} | {', '.join(onward) or 'the end'} |")
        parts.append("\n".join([*lines, "", f"It begins as *{noun.begins}*.", ""]))
    for title, words, meaning in OTHERS:
        lines = [f"## {title}", "", words, "", "| value | means |", "|---|---|"]
        lines += [f"| {value} | {sentence} |" for value, sentence in meaning.items()]
        parts.append("\n".join([*lines, ""]))
    return "\n".join(parts)


def main(words: list[str]) -> int:
    """Write the page, or print it."""
    if words == ["--print"]:
        print(page(), end="")
    else:
        PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
