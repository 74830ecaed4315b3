from __future__ import annotations

from pathlib import Path

from longshore.model.ask import Down
from tests.scenario.graphs import graph, service
from tests.scenario.invariants import check_nothing_left
from tests.scenario.platform import Platform, play


def test_up_and_down(tmp_path: Path) -> None:
    async def scene(p: Platform) -> None:
        await p.add("home", own=True, hosts="4")
        change = await p.up(graph(service("web", replicas=3), service("db", volumes=["data"])))
        assert change.state == "done", change.reason
        await p.rest()
        change = await p.over(await p.change(Down(volumes=True)))
        assert change.state == "done"
        check_nothing_left(p)

    play(tmp_path, scene)
