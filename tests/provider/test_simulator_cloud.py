"""A simulated cloud: lending twice is lending once, whatever happens to the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from longshore.model.clock import HOUR, MINUTE, SECOND, Micros
from longshore.model.errors import Failed, Refused, Unreachable, Unsure
from longshore.model.host import Quote
from longshore.model.ids import HostId
from longshore.model.money import Money
from longshore.model.seams import CloudDriver, Engine, HostOrder
from longshore.provider.simulator import SimClock, SimulatedCloud, run_virtual

START = Micros(1_700_000_000_000_000)
CELL = {"io.longshore.cell": "here"}


def play(
    settings: dict[str, str], scene: Callable[[SimulatedCloud, SimClock], Awaitable[None]]
) -> SimulatedCloud:
    """Play a scene with a cloud in simulated time."""

    async def main() -> SimulatedCloud:
        clock = SimClock()
        cloud = SimulatedCloud("sim", settings, clock, "here")
        try:
            await scene(cloud, clock)
        finally:
            await cloud.close()
            await cloud.close()
        return cloud

    return run_virtual(main(), start=START, limit=24 * HOUR)


def order(number: int = 1, flavor: str = "small", cell: str = "here") -> HostOrder:
    """An order of a host."""
    return HostOrder(
        host=HostId(f"host-{number}"),
        name=f"h{number}",
        quote=Quote(cloud="sim", flavor=flavor),
        labels={"io.longshore.cell": cell, "io.longshore.host": f"host-{number}"},
    )


def test_it_is_what_the_seams_say() -> None:
    cloud = SimulatedCloud("sim", {}, SimClock(START), "here")
    driver: CloudDriver = cloud
    engine: Engine = cloud.engine(HostId("host-1"), "sim://sim/sim-1")
    assert driver is cloud
    assert engine is not None


def test_own_hosts_are_listed_from_the_start() -> None:
    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        hosts = await cloud.hosts()
        assert [h.name for h in hosts] == ["sim-1", "sim-2", "sim-3"]
        assert [h.labels["zone"] for h in hosts] == ["z1", "z2", "z1"]
        assert all(h.ready and not h.host and h.address == f"sim://sim/{h.foreign_id}" for h in hosts)
        assert await cloud.offers() == ()
        report = await cloud.engine(HostId("host-1"), hosts[0].address).look()
        assert (report.capacity.cpu, report.capacity.memory) == (2000, 4 << 30)
        assert report.labels == {"disk": "ssd", "zone": "z1", "region": "north"}
        assert (report.began, report.at) == (START + 40_000, START + 60_000)
        with pytest.raises(Refused) as refused:
            await cloud.delete("sim-1")
        assert refused.value.code == "own-host"

    settings = {"hosts": "3", "zones": "2", "cpu": "2", "memory": "4GiB", "labels": "disk=ssd"}
    play({**settings, "region": "north"}, scene)


def test_offers_have_a_price_its_source_and_its_age() -> None:
    async def scene(cloud: SimulatedCloud, clock: SimClock) -> None:
        small, odd = await cloud.offers()
        assert (small.price, small.source, small.at) == (Money(50_000_000, "USD"), "simulator", START)
        assert (small.billing_unit, small.boot, odd.price) == (60 * SECOND, 30 * SECOND, None)
        cloud.set_price("small", Money(70_000_000, "USD"))
        again = (await cloud.offers())[0]
        assert again.price == Money(70_000_000, "USD")
        assert again.at == clock.now() - 20_000
        assert await cloud.offers() is await cloud.offers()
        with pytest.raises(Refused):
            cloud.set_price("tiny", None)

    flavors = "small:2:4GiB:0.05,odd:8:16GiB:?"
    play({"flavors": flavors, "currency": "USD", "billing": "1s", "min_life": "60s"}, scene)


def test_a_host_is_accepted_then_boots_and_is_ready() -> None:
    async def scene(cloud: SimulatedCloud, clock: SimClock) -> None:
        lent = await cloud.create(order())
        assert (lent.host, lent.name, lent.ready, lent.address) == ("host-1", "h1", False, "")
        engine = cloud.engine(HostId("host-1"), f"sim://sim/{lent.foreign_id}")
        with pytest.raises(Unreachable):
            await engine.look()
        await clock.sleep(30 * SECOND)
        (ready,) = await cloud.hosts()
        assert (ready.ready, ready.flavor, ready.labels["io.longshore.host"]) == (True, "small", "host-1")
        assert (await engine.look()).capacity.cpu == 2000

    play({}, scene)


def test_created_and_deleted_twice_is_once() -> None:
    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        first = await cloud.create(order())
        assert (await cloud.create(order())).foreign_id == first.foreign_id
        assert len(await cloud.hosts()) == 1
        assert cloud.census().twice == ("create host-1 on h1",)
        await cloud.delete(first.foreign_id)
        await cloud.delete(first.foreign_id)
        await cloud.delete("never-was")
        assert await cloud.hosts() == ()
        assert cloud.census().hosts == ()

    play({}, scene)


def test_an_answer_is_lost_and_a_look_shows_what_was_done() -> None:
    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        with pytest.raises(Unsure):
            await cloud.create(order())
        with pytest.raises(Unsure):
            await cloud.create(order())
        (host,) = await cloud.hosts()
        assert host.host == "host-1"
        with pytest.raises(Unsure):
            await cloud.delete(host.foreign_id)
        assert await cloud.hosts() == ()

    assert play({"fail_after": "1"}, scene).fired == {"fail_after": 3}


def test_failing_before_leaves_nothing() -> None:
    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        with pytest.raises(Failed):
            await cloud.create(order())
        assert await cloud.hosts() == ()

    assert play({"fail_before": "1"}, scene).fired == {"fail_before": 1}


def test_the_listing_lags_both_ways() -> None:
    async def scene(cloud: SimulatedCloud, clock: SimClock) -> None:
        lent = await cloud.create(order())
        assert await cloud.hosts() == ()
        # Ordering again what is not listed yet is still one host.
        assert (await cloud.create(order())).foreign_id == lent.foreign_id
        await clock.sleep(10 * SECOND)
        assert len(await cloud.hosts()) == 1
        await cloud.delete(lent.foreign_id)
        assert len(await cloud.hosts()) == 1
        assert cloud.census().hosts == ()
        await clock.sleep(10 * SECOND)
        assert await cloud.hosts() == ()

    play({"lag": "10s"}, scene)


def test_the_quota_counts_what_is_lent() -> None:
    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        first = await cloud.create(order(1))
        await cloud.create(order(2))
        with pytest.raises(Refused) as refused:
            await cloud.create(order(3))
        assert refused.value.code == "quota"
        await cloud.delete(first.foreign_id)
        await cloud.create(order(3))

    assert play({"quota": "2"}, scene).fired == {"quota": 1}


def test_an_outage_has_its_time_and_takes_the_hosts_along() -> None:
    async def scene(cloud: SimulatedCloud, clock: SimClock) -> None:
        engine = cloud.engine(HostId("host-1"), "sim://sim/sim-1")
        await cloud.hosts()
        await clock.sleep(MINUTE)
        with pytest.raises(Unreachable):
            await cloud.hosts()
        with pytest.raises(Unreachable):
            await engine.look()
        await clock.sleep(MINUTE)
        await cloud.hosts()
        cloud.outage(on=True)
        with pytest.raises(Unreachable):
            await cloud.offers()
        cloud.outage(on=False)
        await engine.look()

    assert play({"hosts": "1", "outage": "1m+1m"}, scene).fired == {"outage": 3}


def test_a_host_that_does_not_come_up_says_so() -> None:
    async def scene(cloud: SimulatedCloud, clock: SimClock) -> None:
        cloud.fail_next("create", "boot_fail")
        await cloud.create(order(1))
        await cloud.create(order(2))
        await clock.sleep(MINUTE)
        bad, good = await cloud.hosts()
        assert (bool(bad.failed), bad.ready) == (True, False)
        assert (bool(good.failed), good.ready) == (False, True)

    assert play({}, scene).fired == {"boot_fail": 1}


def test_what_is_forced_happens_so_often() -> None:
    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        cloud.fail_next("create", "no_capacity", 2)
        for number in (1, 2):
            with pytest.raises(Failed) as failed:
                await cloud.create(order(number))
            assert failed.value.code == "no-capacity"
        await cloud.create(order())
        with pytest.raises(ValueError, match="start"):
            cloud.fail_next("start", "no_capacity")
        with pytest.raises(ValueError, match="rain"):
            cloud.fail_next("start", "rain")

    assert play({}, scene).fired == {"no_capacity": 2}


def test_a_flavor_that_is_not_sold_is_said() -> None:
    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        with pytest.raises(Refused) as refused:
            await cloud.create(order(flavor="tiny"))
        assert refused.value.code == "no-such-flavor"
        assert "small, medium, large" in refused.value.remedy

    play({}, scene)


def test_another_cells_hosts_are_not_shown_and_still_counted() -> None:
    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        await cloud.create(order(cell="there"))
        assert await cloud.hosts() == ()
        assert len(cloud.census().hosts) == 1

    play({}, scene)


@pytest.mark.parametrize(
    ("billing", "min_life", "lived", "hours"),
    [
        ("1h", "0", 10 * MINUTE, 1.0),
        ("1h", "0", 61 * MINUTE, 2.0),
        ("1m", "0", 90 * MINUTE, 1.5),
        ("1m", "30m", MINUTE, 0.5),
    ],
)
def test_the_bill_is_in_whole_units(billing: str, min_life: str, lived: int, hours: float) -> None:
    async def scene(cloud: SimulatedCloud, clock: SimClock) -> None:
        lent = await cloud.create(order())
        await clock.sleep(lived)
        before = cloud.bill().amounts
        await cloud.delete(lent.foreign_id)
        assert before == cloud.bill().amounts == {"EUR": round(20_000_000 * hours)}

    play({"billing": billing, "min_life": min_life, "latency": "0"}, scene)


def test_slow_is_late_and_hanging_is_never() -> None:
    async def scene(cloud: SimulatedCloud, clock: SimClock) -> None:
        cloud.fail_next("hosts", "slow")
        await cloud.hosts()
        assert clock.now() - START == 3 * SECOND + 20_000

    assert play({"slow_for": "3s"}, scene).fired == {"slow": 1}


def luck(seed: str, numbers: list[int]) -> dict[int, str]:
    """What happens to the orders of some hosts."""
    happened: dict[int, str] = {}

    async def scene(cloud: SimulatedCloud, _: SimClock) -> None:
        for number in numbers:
            try:
                await cloud.create(order(number))
                happened[number] = "done"
            except (Failed, Unsure) as error:
                happened[number] = error.code

    play({"seed": seed, "fail_before": "0.3", "fail_after": "0.3", "boot_fail": "0.3"}, scene)
    return happened


def test_luck_is_of_the_seed_and_the_subject_not_of_the_order() -> None:
    there = luck("a", list(range(60)))
    assert there == luck("a", list(range(59, -1, -1)))
    assert there != luck("b", list(range(60)))
    assert set(there.values()) == {"done", "cloud-error", "cloud-silent"}
