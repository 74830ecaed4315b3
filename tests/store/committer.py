"""Commits batch after batch until it is killed, and says what it has done: PATH, then lines of `N SEQ`.

Batch N gives every task generation N, and writes as many entries and as many steps as there are tasks.
"""

from __future__ import annotations

import itertools
import sys

from longshore.model.ask import Apply, Ask
from longshore.model.batch import Batch, Kind, Noun
from longshore.model.clock import Micros
from longshore.model.ids import AskId, HostId, StackId, StepId, TaskId
from longshore.model.journal import Entry
from longshore.model.lifecycle import TaskState
from longshore.model.step import Step, StopTask
from longshore.model.task import Task
from longshore.store import Store

TASKS = 50


def batch_of(number: int) -> Batch:
    """The batch of this number: its puts replace those of the one before, its drops remove them."""
    tasks: dict[str, Noun] = {}
    steps: dict[str, Noun] = {}
    for slot in range(TASKS):
        task = Task(
            id=TaskId(f"task-{slot}"),
            stack=StackId("stack-1"),
            service="web",
            slot=slot,
            digest="d",
            generation=number,
            host=HostId("host-1"),
            state=TaskState.RUNNING,
        )
        step = Step(
            id=StepId(f"step-{number}-{slot}"),
            action=StopTask(host=task.host, task=task.id, grace=1),
            subject="shop/web",
            reason="scaled",
            at=Micros(number),
        )
        tasks[task.id], steps[step.id] = task, step
    entry = Entry(
        at=Micros(number), kind="task.running", subject="shop/web", words="", facts={"batch": number}
    )
    return Batch(
        puts={Kind.TASK: tasks, Kind.STEP: steps},
        drops={Kind.STEP: tuple(f"step-{number - 1}-{slot}" for slot in range(TASKS))},
        entries=(entry,) * TASKS,
        asks_until=number,
    )


def main() -> None:
    """Go on from where the last one was killed."""
    store = Store.open(sys.argv[1], cell="cell-1")
    for number in itertools.count(store.last_seq() // TASKS + 1):
        store.append_ask(Ask(id=AskId(f"ask-{number}"), at=Micros(number), actor="a", body=Apply(plan="x")))
        seq = store.commit(batch_of(number))
        sys.stdout.write(f"{number} {seq}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
