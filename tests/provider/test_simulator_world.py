"""The simulated world survives its server, repeats with its seed, and is fast enough to be large."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from longshore.model.clock import HOUR, MINUTE, SECOND, Micros
from longshore.model.errors import Failed, Invalid, Unreachable, Unsure
from longshore.model.holding import HoldingKind
from longshore.model.host import Quote
from longshore.model.ids import HostId, TaskId
from longshore.model.report import ContainerState
from longshore.model.seams import HoldingOrder, HostOrder, TaskOrder
from longshore.model.spec import ImageRef, RestartPolicy, RestartWhen, ServiceSpec
from longshore.provider import simulator
from longshore.provider.simulator import SimClock, SimulatedCloud, run_virtual
from longshore.provider.simulator.codes import CODES
from longshore.provider.simulator.engine import SimulatedEngine

START = Micros(1_700_000_000_000_000)
CELL = {"io.longshore.cell": "here"}
IMAGE = "sha256:web"


def order(number: int, **environment: str) -> TaskOrder:
    """A task that is not restarted."""
    spec = ServiceSpec(
        name="web",
        image=ImageRef(name="web", digest=IMAGE),
        environment=environment,
        restart=RestartPolicy(when=RestartWhen.NONE),
    )
    return TaskOrder(
        task=TaskId(f"t{number}"),
        name=f"web-{number}",
        hostname="web",
        spec=spec,
        networks={},
        volumes={},
        labels=CELL,
    )


def host(number: int) -> HostOrder:
    """A small host."""
    quote = Quote(cloud="sim", flavor="small")
    return HostOrder(host=HostId(f"host-{number}"), name=f"h{number}", quote=quote, labels=CELL)


async def ready(cloud: SimulatedCloud, number: int = 1) -> SimulatedEngine:
    """The engine of an own host, with the image."""
    engine = cloud.engine(HostId(f"host-{number}"), f"sim://sim/sim-{number}")
    await engine.provide(HoldingOrder(kind=HoldingKind.IMAGE, name=IMAGE, reference="web"))
    return engine


def test_the_world_survives_its_server(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "sim.json"
    settings = {"state": str(path), "hosts": "1", "flavors": "small:2:4GiB:0.05", "outage": "1h+1h"}

    async def first() -> None:
        cloud = SimulatedCloud("sim", settings, SimClock(), "here")
        engine = await ready(cloud)
        await engine.provide(HoldingOrder(kind=HoldingKind.VOLUME, name="data", labels=CELL))
        await engine.start(order(1))
        await engine.start(order(2, SIM_EXIT_CODE="3", SIM_EXIT_AFTER="60"))
        cloud.fail_next("start", "fail_after")
        with pytest.raises(Unsure):
            await engine.start(order(3))
        await cloud.create(host(1))
        # Killed here: nothing is closed.

    run_virtual(first(), start=START, limit=MINUTE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    async def second() -> None:
        cloud = SimulatedCloud("sim", settings, SimClock(), "here")
        own, lent = await cloud.hosts()
        assert (own.name, lent.host, lent.ready) == ("sim-1", "host-1", True)
        assert (await cloud.create(host(1))).foreign_id == lent.foreign_id
        report = await cloud.engine(HostId("host-1"), own.address).look()
        assert [h.name for h in report.held] == ["data"]
        one, two, three = report.containers
        assert (one.state, three.state) == (ContainerState.RUNNING, ContainerState.RUNNING)
        assert (two.state, two.exit_code) == (ContainerState.EXITED, 3)
        # It ended when it was to end, not when somebody looked.
        assert two.ended_at - two.started_at == 60 * SECOND
        made = await (await ready(cloud)).start(order(4))
        assert made.foreign_id not in {c.foreign_id for c in report.containers}
        await cloud.close()

    run_virtual(second(), start=Micros(START + 10 * MINUTE), limit=MINUTE)

    async def third() -> None:
        cloud = SimulatedCloud("sim", settings, SimClock(), "here")
        with pytest.raises(Unreachable):
            await cloud.hosts()

    run_virtual(third(), start=Micros(START + 90 * MINUTE), limit=MINUTE)


def test_a_file_that_is_no_world_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sim.json"
    path.write_text("[]")
    with pytest.raises(Invalid) as invalid:
        SimulatedCloud("sim", {"state": str(path)}, SimClock(START), "here")
    assert invalid.value.code == "bad-state"


def test_nothing_is_written_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def scene() -> None:
        cloud = SimulatedCloud("sim", {"hosts": "1"}, SimClock(), "here")
        await (await ready(cloud)).start(order(1))
        await cloud.close()

    run_virtual(scene(), start=START, limit=MINUTE)
    assert list(tmp_path.iterdir()) == []


async def busy_day(seed: str) -> list[str]:
    """Hosts come and go and tasks start on them, with every kind of mishap; what was seen, as text."""
    clock = SimClock()
    mishaps = dict.fromkeys(("fail_before", "fail_after", "hang", "slow", "crash", "boot_fail"), "0.1")
    settings = {"hosts": "3", "flavors": "small:2:4GiB:0.05", "jitter": "0.3", "seed": seed, **mishaps}
    cloud = SimulatedCloud("sim", settings, clock, "here")
    said: list[str] = []

    async def act(number: int) -> None:
        engine = cloud.engine(HostId("host"), f"sim://sim/sim-{number % 3 + 1}")
        image = HoldingOrder(kind=HoldingKind.IMAGE, name=IMAGE, reference="web")
        for call in (lambda: engine.provide(image), lambda: engine.start(order(number)), engine.look):
            try:
                async with asyncio.timeout(20):
                    said.append(f"{number} {clock.now()} {await call()}")
            except (Failed, Unsure, TimeoutError) as error:
                said.append(f"{number} {clock.now()} {error!r}")

    await asyncio.gather(*(act(number) for number in range(120)))
    for number in range(40):
        try:
            async with asyncio.timeout(20):
                said.append(str(await cloud.create(host(number))))
        except (Failed, Unsure, TimeoutError) as error:
            said.append(repr(error))
    await clock.sleep(HOUR)
    said.append(str(sorted(cloud.fired.items())))
    await cloud.close()
    return said


def test_two_runs_of_a_seed_are_the_same() -> None:
    first, again, other = (
        run_virtual(busy_day(seed), start=START, limit=6 * HOUR) for seed in ("a", "a", "b")
    )
    assert first == again
    assert first != other
    for kind in ("fail_before", "fail_after", "hang", "slow", "crash", "boot_fail"):
        assert f"'{kind}'" in first[-1]


def test_luck_does_not_hang_on_pythonhashseed() -> None:
    program = (
        "from longshore.provider.simulator.chance import Chance\n"
        "from longshore.provider.simulator.settings import read_settings\n"
        "chance = Chance('sim', read_settings('sim', {'fail_before': '0.5'}))\n"
        "print(''.join('x' if chance.fate('start', str(n)).before else '.' for n in range(40)))\n"
    )
    source = str(Path(simulator.__file__).parents[3])
    seen = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": source}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        seen.add(done.stdout)
    assert len(seen) == 1
    assert {"x", "."} <= set(seen.pop())


def test_ten_thousand_hosts_are_made_at_once() -> None:
    began = time.process_time()
    cloud = SimulatedCloud("sim", {"hosts": "10000", "zones": "3"}, SimClock(START), "here")
    assert time.process_time() - began < 0.2 * 5, "0.02 s where it was measured"
    assert cloud.census().hosts == ()


def test_no_task_waits_when_nothing_is_due() -> None:
    async def scene() -> None:
        cloud = SimulatedCloud("sim", {"hosts": "1"}, SimClock(), "here")
        engine = await ready(cloud)
        before = asyncio.all_tasks()
        await engine.start(order(1))
        assert asyncio.all_tasks() == before
        await engine.start(order(2, SIM_EXIT_AFTER="60"))
        await engine.start(order(3, SIM_EXIT_AFTER="30"))
        await engine.start(order(4, SIM_EXIT_AFTER="90"))
        assert len(asyncio.all_tasks() - before) == 1
        await SimClock().sleep(2 * MINUTE)
        assert asyncio.all_tasks() == before
        await cloud.close()

    run_virtual(scene(), start=START, limit=HOUR)


def test_every_code_is_written_down() -> None:
    room = Path(simulator.__file__).parent
    source = "".join(path.read_text() for path in room.glob("*.py") if path.name != "codes.py")
    used = set(re.findall(r'code="([a-z-]+)"', source)) | {"no-capacity"}
    used |= {f"{kind}-missing" for kind in ("image", "network", "volume")}
    used |= {f"{side}-{how}" for side in ("cloud", "engine") for how in ("error", "silent")}
    assert used == set(CODES)
