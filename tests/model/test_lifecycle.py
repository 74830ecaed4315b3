"""Lifecycles are tables in which every state can be come to, and the last ones are left no more."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import pytest

from longshore.model.lifecycle import (
    ALIVE,
    CHANGE_MOVES,
    HOLDING_MOVES,
    HOST_MOVES,
    OCCUPYING,
    STACK_MOVES,
    TASK_MOVES,
    ChangeState,
    HoldingState,
    HostState,
    StackState,
    TaskState,
)


class Table(NamedTuple):
    """State -> its moves; the state it begins in, and those it ends in."""

    moves: Mapping[Any, tuple[StrEnum, ...]]
    first: StrEnum
    last: set[StrEnum]


TABLES: dict[type[StrEnum], Table] = {
    HostState: Table(HOST_MOVES, HostState.REQUESTED, {HostState.RELEASED}),
    TaskState: Table(TASK_MOVES, TaskState.PLACED, {TaskState.GONE}),
    HoldingState: Table(HOLDING_MOVES, HoldingState.PROVIDING, {HoldingState.GONE}),
    StackState: Table(STACK_MOVES, StackState.ACTIVE, set()),
    ChangeState: Table(CHANGE_MOVES, ChangeState.APPLYING, {*ChangeState} - {ChangeState.APPLYING}),
}


@pytest.mark.parametrize("states", TABLES, ids=lambda states: states.__name__)
def test_every_state_can_be_come_to_and_left_but_for_the_last(states: type[StrEnum]) -> None:
    moves, first, last = TABLES[states]
    assert set(moves) == set(states)
    reached, todo = {first}, [first]
    while todo:
        for following in moves[todo.pop()]:
            if following not in reached:
                reached.add(following)
                todo.append(following)
    assert reached == set(states)
    assert {state for state, onward in moves.items() if not onward} == last
    for state, onward in moves.items():
        assert state not in onward, "staying is no move"
        assert len(set(onward)) == len(onward)


@pytest.mark.parametrize("states", TABLES, ids=lambda states: states.__name__)
def test_from_every_state_an_end_can_be_come_to(states: type[StrEnum]) -> None:
    moves, _, last = TABLES[states]
    ends = set(last) or {StackState.DOWN}
    grown = True
    while grown:
        more = {s for s, onward in moves.items() if ends & set(onward)} | ends
        grown, ends = more != ends, more
    assert ends == set(states)


def test_sets_of_task_states() -> None:
    assert ALIVE < OCCUPYING
    assert {TaskState.STOPPING} == OCCUPYING - ALIVE
    assert not any(TASK_MOVES[state] == () for state in OCCUPYING)
