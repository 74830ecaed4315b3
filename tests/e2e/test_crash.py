"""A server that is killed at any moment: after its restart nothing is there twice, lost, or left over.

Each life is a seeded course of changes to one stack. At every change the server kills itself at a
seeded point, often a second time while it recovers; each time it is started again, has to bring the change
to its end by itself, and everything in the engine is counted. One seed again: LONGSHORE_SEED=N.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.e2e.crashing_server import POINTS
from tests.e2e.house import House, service, sh
from tests.e2e.server import GONE
from tests.e2e.waiting import until

pytestmark = pytest.mark.engine

SEEDS = [int(os.environ["LONGSHORE_SEED"])] if "LONGSHORE_SEED" in os.environ else list(range(1, 6))
CHANGES = 8
"""Changes in a life. With the second kills, five lives are more than fifty kills."""

AGAIN = 0.3
"""How often the server is killed once more while it recovers."""

CRASHING = Path(__file__).with_name("crashing_server.py")
FARTHEST = {"ask.kept": 1, "outcome": 6, "call.before": 8, "call.after": 8}
"""The latest passage to be killed at: beyond what every change passes, a life would see fewer kills."""

LATEST = 4
"""The same for the other points."""

fired: Counter[str] = Counter()


class Wish(NamedTuple):
    """What the stack should be: replicas by service, the version of `api`; no replicas: it is down.

    `data`: whether there is a volume, which outlives the stack.
    """

    replicas: dict[str, int]
    version: int
    data: bool


class Life:
    """A stack in a house, and the course of what is wanted of it."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.dice = random.Random(seed)
        self.wish = Wish({}, 0, data=False)
        self.point = ""
        self.course: list[str] = []
        self.made: Counter[str] = Counter()
        self.volume = ""
        self.since = house.moby.now()

    def live(self) -> None:
        """All of it: changes, kills, restarts and counts."""
        self._start_crashing("apply")
        self._change(self._up)
        for _ in range(CHANGES - 2):
            self._change(
                self.dice.choice([self._up, self._scale, self._restart] if self.wish.replicas else [self._up])
            )
            if self.wish.replicas and self.dice.random() < 0.15:
                self._change(self._down)
        self._change(self._down_with_data)
        self._finish()

    def _change(self, change: Callable[[], tuple[Wish, subprocess.Popen[str]]]) -> None:
        """Have something changed, see the server die of it, start it again, and count."""
        words = change.__name__.strip("_")
        self.wish, command = change()
        until("the command ends, or the server", lambda: command.poll() is not None, 40)
        out, err = command.communicate()
        if command.returncode:
            until(f"the server is gone, which is why the command says: {err}", self.house.server.ended, 5)
        died = self.house.server.ended()
        self.course.append(
            f"{words} to {self.wish} killed at {self.point}" + ("" if died else ", that was not passed")
        )
        # It may have died of what came after the change was done.
        assert command.returncode in ({0, 4} if died else {0}), f"{out}{err}"
        fired[self.point.split()[1] if died else "at rest"] += 1
        self.house.server.kill()
        while self.dice.random() < AGAIN:
            self._start_crashing("start")
            self.course.append(f"killed again at {self.point}")
            if not self._dies():
                self.course[-1] += ", that was not passed"
                fired["at rest"] += 1
            else:
                fired[f"{self.point.split()[1]}, recovering"] += 1
            self.house.server.kill()
        self._start_crashing("apply")
        self._count()

    def _dies(self) -> bool:
        """Whether a server that recovers dies before it has come to rest."""

        def over() -> bool:
            try:
                return self.house.server.ended() or (self.house.server.answers() and self._right())
            except GONE:
                # It died between one question and the next.
                return False

        until(f"it dies or is done: {self.course}", over, 40)
        return self.house.server.ended()

    def _start_crashing(self, since: str) -> None:
        point = self.dice.choice(list(POINTS))
        if since == "start" and point == "ask.kept":
            # Nobody asks for anything then.
            point = "commit.half"
        self.point = f"{since} {point} {self.dice.randint(1, FARTHEST.get(point, LATEST))}"
        words = (sys.executable, str(CRASHING), *self.point.split())
        self.house.server.start(*words, wait=since == "apply")

    # Changes: each answers with what is wanted then, and the command that asks for it

    def _up(self) -> tuple[Wish, subprocess.Popen[str]]:
        version = self.wish.version + 1
        wish = Wish({"db": 1, "api": 3, "web": 2, "job": 1}, version, data=True)
        self.house.write(template(version))
        return wish, self.house.open("up", "--yes", "-p", self.house.name, "compose.yaml")

    def _scale(self) -> tuple[Wish, subprocess.Popen[str]]:
        counts = {"api": self.dice.randint(1, 5), "web": self.dice.randint(0, 3)}
        wish = self.wish._replace(replicas={**self.wish.replicas, **counts})
        words = [f"{name}={count}" for name, count in counts.items()]
        return wish, self.house.open("scale", "--yes", self.house.name, *words)

    def _restart(self) -> tuple[Wish, subprocess.Popen[str]]:
        return self.wish, self.house.open("restart", f"{self.house.name}/api")

    def _down(self) -> tuple[Wish, subprocess.Popen[str]]:
        return self.wish._replace(replicas={}), self.house.open("down", "--yes", self.house.name)

    def _down_with_data(self) -> tuple[Wish, subprocess.Popen[str]]:
        wish = self.wish._replace(replicas={}, data=False)
        return wish, self.house.open("down", "--yes", "--volumes", self.house.name)

    # Counts

    def _count(self) -> None:
        """Everything comes to what is wanted, by itself, and the server says the same."""
        try:
            until("all is as wanted", self._right, 40)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._differences()}") from None
        self._count_more()

    def _count_more(self) -> None:
        """What a look at the end alone does not show: things that were made again."""
        born = self.house.moby.born(f"{self.house.name}_data") if self.wish.data else ""
        assert not (born and self.volume) or born == self.volume, "the volume was made anew: data is lost"
        self.volume = born
        now = self.house.moby.now()
        self.made.update(self.house.moby.created(self.house.server.cell, self.since, now))
        self.since = now
        assert all(count == 1 for count in self.made.values()), f"a task had several containers: {self.made}"

    def _right(self) -> bool:
        return not self._differences()

    def _differences(self) -> list[str]:
        """What is not as it should be."""
        house, name = self.house, self.house.name
        there = house.census()
        up = bool(self.wish.replicas)
        wanted = sorted((s, slot) for s, n in self.wish.replicas.items() for slot in range(1, n + 1))
        states = {"job": "exited"}
        views = house.tasks(ended=True)
        host = house.host()
        found = {
            "containers": (sorted((c.service, c.slot) for c in there.containers), wanted),
            "states": ([c for c in there.containers if c.state != states.get(c.service, "running")], []),
            "versions": ({c.labels["version"] for c in there.containers} - {str(self.wish.version)}, set()),
            "networks": (there.networks, (f"{name}_back", f"{name}_front") if up else ()),
            "volumes": (there.volumes, (f"{name}_data",) if self.wish.data else ()),
            "the server's tasks": (
                sorted(v.task.foreign_id for v in views),
                sorted(c.id for c in there.containers),
            ),
            "strangers": (host.host.strangers, ()),
            "condition": (host.condition, "reachable"),
            "open or failed changes": (
                [c for c in house.changes() if c.state not in {"done", "superseded"}],
                [],
            ),
            "the stack": (house.stack().state, "active" if up else "down"),
        }
        return [f"{what}: {seen}, not {right}" for what, (seen, right) in found.items() if seen != right]

    def _finish(self) -> None:
        """At the end of a life: the command line says the same, and nothing is left."""
        assert self.house.do("ps", "--json").json == []
        assert [h["host"]["strangers"] for h in self.house.do("hosts", "--json").json] == [[]]
        assert self.house.census().empty
        assert len(self.made) > CHANGES


def template(version: int) -> dict[str, Any]:
    """A small application: data, dependencies, two networks, replicas, a job, and two ways of replacing."""
    labels = {"version": str(version)}
    pace = {"parallelism": 2, "monitor": "100ms"}
    return {
        "services": {
            "db": service(volumes=["data:/data"], networks=["back"], labels=labels),
            "api": service(
                networks=["front", "back"],
                labels=labels,
                depends_on=["db"],
                deploy={"replicas": 3, "update_config": pace},
            ),
            "web": service(
                networks=["front"],
                labels=labels,
                deploy={"replicas": 2, "update_config": {**pace, "order": "start-first"}},
            ),
            "job": service(sh("exit 0"), networks=["back"], labels=labels, restart="no", depends_on=["db"]),
        },
        "networks": {"front": {}, "back": {}},
        "volumes": {"data": {}},
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_any_point_nothing_is_twice_lost_or_left_over(
    build: Callable[[], House], seed: int
) -> None:
    house = build()
    life = Life(house, seed)
    try:
        life.live()
    except BaseException as error:
        error.add_note(f"LONGSHORE_SEED={seed}\n" + "\n".join(life.course) + f"\n{house.server.log()}")
        raise


def test_there_were_fifty_kills() -> None:
    """After all lives: how often each point was fatal."""
    if len(SEEDS) == 1:
        pytest.skip("one seed alone")
    print(", ".join(f"{point} {count}" for point, count in sorted(fired.items())))  # noqa: T201 - for the CI's log
    deadly = sum(count for point, count in fired.items() if point != "at rest")
    assert deadly >= 50, fired
    assert {point.partition(",")[0] for point in fired} >= set(POINTS), fired
