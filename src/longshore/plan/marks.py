"""Marks: what is out of the ordinary in an estate, so that where nothing is, nothing is looked for."""

from __future__ import annotations

from longshore.model.host import Host
from longshore.model.lifecycle import TaskState
from longshore.model.spec import Graph
from longshore.model.stack import Stack
from longshore.model.task import Task
from longshore.plan.table import Table


class Marks:
    """Keys of nouns that somebody has to look at more closely; forked and adopted with the estate.

    `ranked`: stacks with a priority; `shy`: stacks with services that keep away from others; `evicting`:
    hosts with a taint that makes tasks leave; `keeping`: hosts where room is kept; `yielding`: tasks
    whose room was given to another, with that task.
    """

    __slots__ = ("evicting", "keeping", "ranked", "shy", "yielding")

    def __init__(self) -> None:
        self.ranked: Table[str, str] = Table()
        self.shy: Table[str, str] = Table()
        self.evicting: Table[str, str] = Table()
        self.keeping: Table[str, str] = Table()
        self.yielding: Table[str, str] = Table()

    def fork(self) -> Marks:
        """Marks that go on from here by themselves."""
        other = Marks()
        for name in self.__slots__:
            setattr(other, name, getattr(self, name).fork())
        return other

    def adopt(self, fork: Marks, *, settle: bool) -> None:
        """Become what a fork has become; `settle` where nobody else looks."""
        for name in self.__slots__:
            table: Table[str, str] = getattr(self, name)
            table.adopt(getattr(fork, name))
            if settle:
                table.settle()

    def follow_stack(self, stack: Stack) -> None:
        """Take in what a stack wants now."""
        _note(self.ranked, stack.id, noted=_is_ranked(stack.graph))
        _note(self.shy, stack.id, noted=_is_shy(stack.graph))

    def drop_stack(self, key: str) -> None:
        """A stack is gone."""
        self.ranked.drop(key)
        self.shy.drop(key)

    def follow_host(self, host: Host) -> None:
        """Take in how a host is now."""
        _note(self.evicting, host.id, noted=host.evicts)
        _note(self.keeping, host.id, noted=bool(host.kept))

    def drop_host(self, key: str) -> None:
        """A host is gone."""
        self.evicting.drop(key)
        self.keeping.drop(key)

    def follow_task(self, task: Task) -> None:
        """A task waits for the room of others, or does no longer."""
        waits = task.state is TaskState.PLACED
        for victim in task.after:
            if waits:
                self.yielding.put(victim, task.id)
            else:
                self.yielding.drop(victim)

    def drop_task(self, task: Task) -> None:
        """A task is gone; whose room it waited for may stay."""
        for victim in task.after:
            self.yielding.drop(victim)


def _note(table: Table[str, str], key: str, *, noted: bool) -> None:
    if noted:
        table.put(key, key)
    else:
        table.drop(key)


def _is_ranked(graph: Graph) -> bool:
    return any(spec.placement.priority for spec in graph.services.values())


def _is_shy(graph: Graph) -> bool:
    return any(a.anti and not a.soft for spec in graph.services.values() for a in spec.placement.affinities)
