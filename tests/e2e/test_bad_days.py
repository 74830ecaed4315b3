"""Bad days: an engine that does not answer, a full disk, a server that is away, names that others have."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.house import House, free_port, service, sh
from tests.e2e.line import Line
from tests.e2e.server import LONGSHORE
from tests.e2e.waiting import until

pytestmark = pytest.mark.engine

IMPATIENT = {"LONGSHORE_LOOK": "1", "LONGSHORE_ANSWER": "1", "LONGSHORE_GRACE": "6"}


@pytest.fixture
def line(house_away: House) -> Iterator[Line]:
    """A line to the engine, over which a server runs that has little patience."""
    with Line(house_away.state / "line.sock") as line:
        house_away.server.start(settings={"DOCKER_HOST": line.url, **IMPATIENT})
        until("the host is seen", lambda: [h.condition for h in house_away.hosts()] == ["reachable"])
        yield line
        line.mend()
        house_away.server.kill()


@pytest.fixture
def house_away(build: Callable[[], House]) -> House:
    """A house whose server is not started yet."""
    return build()


@pytest.fixture
def house(house_away: House) -> House:
    """The name by which failures show the server's log."""
    return house_away


def condition(house: House, wanted: str) -> None:
    until(f"the host is {wanted}", lambda: house.host().condition == wanted)


def test_an_engine_that_hangs_is_unreachable_then_lost_and_comes_back(house: House, line: Line) -> None:
    house.up({"services": {"a": service(deploy={"replicas": 3})}})
    before = house.ids()
    line.hang()
    condition(house, "unreachable")
    assert house.warned("host-silent")
    condition(house, "lost")
    assert "given up" in house.do("explain", house.host().host.name).out
    assert house.warned("host-lost")
    # Nobody can know what runs there, and nobody may touch it.
    assert house.ids() == before
    line.mend()
    condition(house, "reachable")
    until("each runs once, and the server says so", lambda: _agree(house, {"a": 3}))
    assert house.host().host.strangers == ()
    house.do("down", "--yes", house.name)
    assert house.census().empty


def test_a_line_that_breaks_in_the_middle_of_a_change(house: House, line: Line) -> None:
    template = {"services": {f"s{n}": service(deploy={"replicas": 2}) for n in range(4)}}
    house.up(template, "--detach")
    until("some of it is there", lambda: len(house.census().containers) > 2)
    line.cut()
    condition(house, "unreachable")
    line.mend()
    until("each runs once, and the server says so", lambda: _agree(house, {f"s{n}": 2 for n in range(4)}), 40)
    assert house.changes()[0].state == "done", house.changes()[0].reason


def test_a_slow_engine_is_only_slow(house: House, line: Line) -> None:
    line.slow(0.1)
    house.up({"services": {"a": service(deploy={"replicas": 2})}})
    assert len(house.running("a")) == 2
    assert "host.silent" not in {entry.kind for entry in house.journal()}


def test_an_engine_that_is_not_there(house_away: House) -> None:
    house = house_away
    house.server.start(settings={"DOCKER_HOST": f"unix://{house.state}/nobody.sock", **IMPATIENT})
    until("the screen says so", lambda: "nobody.sock" in house.warned("cloud-silent"))
    said = house.up({"services": {"a": service()}}, code=4)
    assert "no host answers" in said.err
    assert "longshore status" in said.err


def test_no_server(house_away: House) -> None:
    said = house_away.do("ps", code=4)
    assert "no server answers" in said.err
    assert "longshore serve" in said.err


def test_a_server_that_went_away_is_started_again_unasked(house: House) -> None:
    house.server.start()
    house.up({"services": {"a": service()}})
    before = house.ids()
    house.server.kill()
    said = house.do("ps", "--json", settings={"LONGSHORE_SERVER": ""})
    pid = house.do("version", "--json").json["server"]["pid"]
    try:
        assert "started one for you" in said.err
        assert [task["name"] for task in said.json] == [f"{house.name}/a.1"]
        assert house.ids() == before
    finally:
        os.kill(pid, 15)
        until("it ended", lambda: house.try_("ps").code == 4)


def test_over_tcp_only_with_the_token(house: House) -> None:
    port = free_port()
    house.server.start(*LONGSHORE, "serve", "--listen", f"127.0.0.1:{port}")
    place = {"LONGSHORE_SERVER": f"http://127.0.0.1:{port}"}
    for wrong in ("", "sesame"):
        said = house.do("ps", code=3, settings={"LONGSHORE_TOKEN": wrong, **place})
        assert "token" in said.err
    token = (house.state / "token").read_text().strip()
    assert (house.state / "token").stat().st_mode & 0o777 == 0o600
    assert house.do("ps", "--json", settings={"LONGSHORE_TOKEN": token, **place}).json == []


def test_a_second_server_on_the_same_state_is_refused(house: House) -> None:
    house.server.start()
    said = house.do("serve", code=3)
    assert f"process {house.server.pid} has the store" in said.err
    assert house.server.answers()


def test_a_full_disk_stops_nothing_for_good(house_away: House) -> None:
    house = house_away
    with _small_disk(house) as (fill, free):
        house.server.start(settings={"LONGSHORE_LOOK": "1"})
        template: dict[str, Any] = {"services": {"a": service(deploy={"replicas": 2})}}
        house.up(template)
        fill()
        # What happens now cannot be written down, and so nothing is done about it.
        house.moby.remove(house.ids()["a.1"])
        until("the screen says so", lambda: house.warned("engine-stuck"))
        said = house.try_("scale", "--yes", house.name, "a=3")
        assert said.code == 1, said
        assert "the disk of" in said.err
        assert "df -h" in said.err
        assert len(house.running("a")) == 1
        free()
        until("it goes on", lambda: not house.warned("engine-stuck") and _agree(house, {"a": 2}))
        house.do("scale", "--yes", house.name, "a=3")
        assert _agree(house, {"a": 3})
        house.server.stop()


def test_what_longshore_did_not_make_is_never_touched(house: House) -> None:
    moby = house.moby
    house.server.start()
    name = house.name
    other = {"io.longshore.cell": "cell-of-somebody-else", "io.longshore.stack": name}
    theirs = [
        moby.run(f"{name}-a-1", "sleep", "600", labels={}),
        moby.run(f"{name}-a-2-0000", "sleep", "600", labels={**other, "io.longshore.task": "task-1"}),
        moby.run(f"{name}_a_1", "sleep", "600", labels={"com.docker.compose.project": name}),
    ]
    moby.make_volume(f"{name}_other", {})
    moby.make_volume(f"{name}_data2", other)
    moby.make_network(f"{name}_default2", other)
    began = [moby.inspect(c)["State"]["StartedAt"] for c in theirs]
    try:
        template = {"services": {"a": service(volumes=["data:/d"])}, "volumes": {"data": {}}}
        house.up(template)
        house.do("scale", name, "a=3")
        house.do("restart", name)
        house.server.stop()
        house.server.start()
        house.up(template)
        house.do("down", "--yes", "--volumes", name)
        assert house.census().empty
        assert house.host().host.strangers == ()
        assert [moby.inspect(c)["State"]["StartedAt"] for c in theirs] == began
        assert all(moby.inspect(c)["State"]["Running"] for c in theirs)
        for path in (f"/volumes/{name}_other", f"/volumes/{name}_data2", f"/networks/{name}_default2"):
            assert moby.ask("GET", path)["Name"] == path.rpartition("/")[2]
    finally:
        for container in theirs:
            moby.remove(container)
        for path in (f"/volumes/{name}_other", f"/volumes/{name}_data2", f"/networks/{name}_default2"):
            moby.ask("DELETE", path, missing=True)


def test_ours_but_unknown_is_named_and_left_alone(house: House) -> None:
    house.server.start(settings={"LONGSHORE_LOOK": "1"})
    ours = {"io.longshore.cell": house.server.cell, "io.longshore.task": "task-nobody-knows"}
    stranger = house.moby.run(f"{house.name}-stranger", "sleep", "600", labels=ours)
    until("it is named", lambda: house.host().host.strangers == (f"container {stranger[:12]}",))
    assert "nothing is removed unasked" in house.warned("strangers")
    house.up({"services": {"a": service()}})
    house.do("down", "--yes", house.name)
    assert house.moby.inspect(stranger)["State"]["Running"]


def test_a_hook_at_the_end_has_its_time(house: House) -> None:
    """SIGTERM comes first, and SIGKILL only after the grace."""
    house.server.start()
    (house.folder / "out").mkdir(mode=0o777)
    slow = sh("trap 'sleep 0.5; echo bye > /out/word; exit 0' TERM; sleep 600 & wait")
    house.up({"services": {"a": service(slow, volumes=["./out:/out"], stop_grace_period="10s")}})
    house.do("down", "--yes", house.name)
    assert (house.folder / "out" / "word").read_text() == "bye\n"


def _agree(house: House, wanted: dict[str, int]) -> bool:
    """Whether each wanted task runs once, and the server says the same of it."""
    running = [c for c in house.census().containers if c.state == "running"]
    there = sorted((c.service, c.slot) for c in running)
    views = house.tasks(ended=True)
    return (
        there == sorted((name, slot) for name, count in wanted.items() for slot in range(1, count + 1))
        and len(house.census().containers) == len(running)
        and sorted(v.task.foreign_id for v in views) == sorted(c.id for c in running)
        and house.still()
    )


@contextlib.contextmanager
def _small_disk(house: House) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """A state on a disk that the test can fill, and free again.

    A small file system of its own where we may mount one; else the server may write no larger files.
    """
    options = ("-o", "size=8m,mode=700")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", *options, "none", str(house.state)], capture_output=True, check=False
    )
    if mounted.returncode:
        yield (lambda: _limit(house, 4096)), (lambda: _limit(house, resource.RLIM_INFINITY))
        return
    ballast = house.state / "ballast"
    try:
        yield (lambda: _fill(ballast)), ballast.unlink
    finally:
        house.server.kill()
        subprocess.run(["umount", str(house.state)], check=True)


def _fill(ballast: Path) -> None:
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:
        for size in (65536, 512):
            with contextlib.suppress(OSError):
                while out.write(bytes(size)) == size:
                    pass


def _limit(house: House, size: int) -> None:
    _, hard = resource.prlimit(house.server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.server.pid, resource.RLIMIT_FSIZE, (size, hard))
