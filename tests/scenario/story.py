"""Stories: a platform lives through a random sequence of wishes and bad days, told by a seed.

Afterwards the faults end, time passes, and everything that is wanted has to be there once; then all
goes down, and nothing may be left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

import msgspec
from tests.scenario.graphs import ALWAYS, NEVER, ON_FAILURE, graph, service
from tests.scenario.invariants import check_nothing_left
from tests.scenario.platform import Platform

from longshore.model.ask import Cancel, Down, DrainHost, Intent, Restart, Rollback, Scale, SetHost, Up
from longshore.model.change import Change
from longshore.model.clock import SECOND
from longshore.model.errors import Refused
from longshore.model.host import Effect, Host, Taint
from longshore.model.lifecycle import ChangeState, HostState, StackState, TaskState
from longshore.model.money import Money
from longshore.model.spec import (
    Awaited,
    FailureAction,
    Graph,
    Preempt,
    ServiceSpec,
    Toleration,
    UpdateOrder,
    UpdatePolicy,
)
from longshore.model.stack import Rollout
from longshore.provider.simulator import SimulatedCloud

FIRED: Counter[str] = Counter()
"""How often each kind of fault came to pass, over all stories of this run."""

PATIENCE = 1800 * SECOND
"""How long everything may take to be well again after the last fault: back-off alone is five minutes."""

STACKS = ("shop", "blog")


class Story:  # noqa: PLR0904 - one small method for each thing that may happen
    """One seed's platform and dice."""

    def __init__(self, p: Platform, dice: Random, *, meshed: bool = False) -> None:
        self.p = p
        self.meshed = meshed
        self.dice = dice
        self.files: dict[str, Graph] = {}
        self.told: list[str] = []

    async def begin(self) -> None:
        """Own machines for all, and a cloud or two to burst to; some of it unreliable."""
        p, dice = self.p, self.dice
        knobs = {
            "seed": str(dice.random()),
            "fail_before": dice.choice(["0", "0", "0.05"]),
            "fail_after": dice.choice(["0", "0.05", "0.1"]),
            "slow": dice.choice(["0", "0.02"]),
            "hang": dice.choice(["0", "0", "0.02"]),
            "crash": dice.choice(["0", "0.1"]),
            "slow_for": "2s",
            "start": dice.choice(["0", "300ms", "2s"]),
            "health": "2s",
            "jitter": "0.3",
            "mesh": "yes" if self.meshed else "no",
        }
        home = {"hosts": str(dice.randint(3, 4)), "cpu": "2", "memory": "4GiB", "zones": "2"}
        await p.add("home", {**home, **knobs}, own=True)
        for name in dice.sample(["east", "west"], dice.choice([1, 1, 2])):
            lent = {
                "flavors": f"small:2:4GiB:0.0{dice.randint(1, 5)},large:8:16GiB:0.1",
                "boot": f"{dice.randint(3, 15)}s",
                "lag": dice.choice(["0", "1s", "5s"]),
                "boot_fail": dice.choice(["0", "0.5"]),
                "quota": dice.choice(["0", "1", "1", "2"]),
            }
            cloud = await p.add(name, {**knobs, **lent}, max_hosts=4)
            cloud.fail_next("create", "no_capacity", dice.choice([0, 0, 1]))

    # What may happen

    async def happen(self) -> None:
        """One thing, and a while."""
        weights = [weight for weight, _ in EVENTS]
        (_, event) = self.dice.choices(EVENTS, weights)[0]
        self.told.append(f"{self.p.clock.now() // SECOND % 100_000} {event.__name__}")
        await event(self)
        await self.p.sleep(self.dice.choice([0, 0.03, 0.5, 3, 12]))

    async def wish(self, intent: Intent, stack: str) -> Change | None:
        """Plan and apply; a refusal is an answer too."""
        try:
            return await self.p.change(intent, stack)
        except Refused as error:
            self.told.append(f"  refused: {error.message}")
            return None

    async def up(self) -> None:
        """A new file, or an edited one."""
        name = self.dice.choice(STACKS)
        old = self.files.get(name)
        new = (
            edited(old, self.dice) if old is not None and self.dice.random() < 0.7 else drawn(name, self.dice)
        )
        if await self.wish(Up(graph=new, inputs=""), name) is not None:
            self.files[name] = new

    async def scale(self) -> None:
        for name, file in self.files.items():
            picked = self.dice.choice([s for s in file.services if s != "job"])
            await self.wish(Scale(replicas={picked: self.dice.randint(0, 5)}), name)

    async def restart_services(self) -> None:
        if self.files:
            await self.wish(Restart(), self.dice.choice(sorted(self.files)))

    async def roll_back(self) -> None:
        if self.files:
            await self.wish(Rollback(), self.dice.choice(sorted(self.files)))

    async def cancel(self) -> None:
        if self.files:
            body = Cancel(
                project="default", stack=self.dice.choice(sorted(self.files)), revert=self.dice.random() < 0.5
            )
            await self.p.ask(body)

    async def go_down(self) -> None:
        if self.files:
            await self.wish(Down(volumes=self.dice.random() < 0.3), self.dice.choice(sorted(self.files)))

    def machine(self) -> tuple[SimulatedCloud, str] | None:
        """Any host that serves."""
        hosts = [h for h in self.p.estate.hosts.values() if h.state is HostState.READY]
        if not hosts:
            return None
        host = self.dice.choice(hosts)
        return self.p.worlds.clouds[host.cloud], host.foreign_id

    async def lose_host(self) -> None:
        if found := self.machine():
            found[0].lose_host(found[1])
            self.p.fired["host lost"] += 1

    async def cut_host(self) -> None:
        if found := self.machine():
            found[0].cut_host(found[1])
            self.p.fired["host cut off"] += 1

    async def hang_host(self) -> None:
        if found := self.machine():
            found[0].hang_host(found[1])
            self.p.fired["host hung"] += 1

    async def restore_hosts(self) -> None:
        for world in self.p.worlds.clouds.values():
            for machine in list(world._stage.world.machines.values()):
                if not machine.deleted_at:
                    world.restore_host(machine.foreign_id)

    async def drain_host(self) -> None:
        hosts = [h for h in self.p.estate.hosts.values() if h.own]
        host = self.dice.choice(hosts)
        await self.p.ask(DrainHost(host=host.name, undo=host.draining))

    async def taint_host(self) -> None:
        """A host is set apart, for some or for all that runs there, or so no longer."""
        host = self.dice.choice([h for h in self.p.estate.hosts.values() if h.own])
        effect = self.dice.choice([Effect.NO_SCHEDULE, Effect.NO_EXECUTE])
        if host.taints:
            await self.p.ask(SetHost(host=host.name, untaint=("spot",)))
        else:
            await self.p.ask(SetHost(host=host.name, taints=(Taint(key="spot", effect=effect),)))

    async def remove_container(self) -> None:
        running = [t for t in self.p.estate.tasks.values() if t.state is TaskState.RUNNING]
        if running:
            task = self.dice.choice(running)
            if self.p.left(task.id):
                self.p.world_of(task).remove_container(task.id)
                self.p.fired["container removed"] += 1

    async def kill_container(self) -> None:
        running = [t for t in self.p.estate.tasks.values() if t.state is TaskState.RUNNING]
        if running:
            task = self.dice.choice(running)
            if self.p.left(task.id):
                self.p.world_of(task).kill_container(task.id)
                self.p.fired["container killed"] += 1

    async def cloud_outage(self) -> None:
        """Short or long: a cloud and all its hosts do not answer."""
        world = self.p.worlds.clouds[self.dice.choice(sorted(self.p.worlds.clouds))]
        world.outage(on=True)
        await self.p.sleep(self.dice.choice([2, 15, 60]))
        world.outage(on=False)
        self.p.fired["cloud outage"] += 1

    async def refuse_orders(self) -> None:
        for name in ("east", "west"):
            if name in self.p.worlds.clouds:
                kind = self.dice.choice(["no_capacity", "no_capacity", "boot_fail"])
                self.p.worlds.clouds[name].fail_next("create", kind)

    async def lose_answers(self) -> None:
        """Something is done, and the call never answered."""
        world = self.p.worlds.clouds[self.dice.choice(sorted(self.p.worlds.clouds))]
        for verb in ("start", "stop", "provide"):
            world.fail_next(verb, "hang_after")

    async def change_price(self) -> None:
        for name in ("east", "west"):
            if name in self.p.worlds.clouds:
                self.p.worlds.clouds[name].set_price("small", Money(self.dice.randint(5, 80) * 1_000_000))

    async def fill_disk(self) -> None:
        self.p.full = self.dice.randint(1, 3)

    async def set_clock_back(self) -> None:
        self.p.clock.step_back(self.dice.choice([1, 20, 90]) * SECOND)
        self.p.fired["clock set back"] += 1

    async def die(self) -> None:
        """The engine dies at its worst moments, and is started again, sooner or later."""
        moment = self.dice.choice(["intent", "outcome", "at rest"])
        if moment == "at rest" or not await self.p.die_in(moment, 10 * SECOND):
            self.p.fired["killed"] += 1
        await self.p.kill()
        away = self.dice.choice([0, 0, 5, 3600])
        if away == 3600:
            self.p.fired["an hour's absence"] += 1
        await self.p.sleep(away)
        await self.p.start()

    async def up_and_die(self) -> None:
        """The same, in the middle of a change."""
        await self.up()
        await self.die()

    # The end

    async def end(self) -> None:
        """Faults end; everything wanted comes to be, once; then nothing is left."""
        p = self.p
        p.full = 0
        await self.restore_hosts()
        for world in p.worlds.clouds.values():
            world.outage(on=False)
            calm(world)
        for host in list(p.estate.hosts.values()):
            if host.own and host.draining:
                await p.get(DrainHost(host=host.name, undo=True), Host)
            if host.taints:
                await p.get(SetHost(host=host.name, untaint=("spot",)), Host)
        await p.until(self.well, PATIENCE)
        for name, file in list(self.files.items()):
            change = await self.wish(Up(graph=file, inputs=""), name)
            why = self.told[-1]
            if change is not None:
                change = await p.over(change, PATIENCE)
                why = change.reason
            if change is None or change.state is not ChangeState.DONE:
                # Nothing but room may be missing now: quotas and limits go on, ports stay taken.
                assert " on none of " in why, f"{why}\n  {p.describe()}"
                del self.files[name]
        # What no event told of is found by the next look at each host.
        await p.sleep(12)
        await p.until(self.well, PATIENCE)
        for name, file in self.files.items():
            for spec in file.services.values():
                held = [t for t in p.estate.tasks.values() if t.key == f"{p.stack(name).id}/{spec.name}"]
                good = [t for t in held if t.ready or t.state is TaskState.COMPLETED]
                memory = p.estate.services.get(f"{p.stack(name).id}/{spec.name}")
                if memory is not None and memory.unplaced:
                    # Others of more priority came after it, or it had no place before.
                    assert len(held) == len(good) == spec.replicas - memory.unplaced, p.describe()
                    continue
                assert len(held) == len(good) == spec.replicas, p.describe()
        p.ledger.check_end(p)
        for stack in list(p.estate.stacks.values()):
            gone = await p.change(Down(volumes=True), stack.name)
            assert (await p.over(gone, PATIENCE)).state is ChangeState.DONE, p.describe()
        await p.until(lambda: not p.lent() and p.resting(), PATIENCE)
        check_nothing_left(p)

    def well(self) -> bool:
        """Whether every replica wanted is ready, be it of an older spec where an update was paused."""
        estate = self.p.estate
        for stack in estate.stacks.values():
            if stack.state is StackState.RETIRING:
                return False
            if stack.state is StackState.DOWN:
                continue
            for name, spec in stack.graph.services.items():
                memory = estate.services.get(f"{stack.id}/{name}")
                if memory is None:
                    return False
                tasks = list(estate.tasks_of(memory.key))
                ready = {t.slot for t in tasks if t.ready or t.state is TaskState.COMPLETED}
                paused = memory.rollout is Rollout.PAUSED
                failed = spec.restart.when == "none" and memory.failures
                # Without room, or waiting for what has no room: the last up shows whether that is so.
                blocked = memory.unplaced or memory.waiting.startswith("waits for")
                if not (memory.settled or failed or blocked or (paused and len(ready) >= spec.replicas)):
                    return False
        there = all(h.answers or not h.own for h in estate.hosts.values())
        return there and not any(True for _ in estate.steps)


EVENTS: list[tuple[int, Callable[[Story], Awaitable[None]]]] = [
    (10, Story.up),
    (5, Story.scale),
    (2, Story.restart_services),
    (2, Story.roll_back),
    (2, Story.cancel),
    (2, Story.go_down),
    (3, Story.lose_host),
    (2, Story.cut_host),
    (3, Story.hang_host),
    (5, Story.restore_hosts),
    (2, Story.drain_host),
    (2, Story.taint_host),
    (3, Story.remove_container),
    (3, Story.kill_container),
    (3, Story.cloud_outage),
    (4, Story.refuse_orders),
    (1, Story.lose_answers),
    (1, Story.change_price),
    (3, Story.fill_disk),
    (2, Story.set_clock_back),
    (4, Story.die),
    (4, Story.up_and_die),
]


async def tell(p: Platform, seed: int) -> None:
    """Tell the story of a seed; what fails says how it came to that."""
    dice = Random(seed)
    # Without the dice, so that the stories of seeds stay what they were.
    story = Story(p, dice, meshed=seed % 3 == 0)
    try:
        await story.begin()
        for _ in range(dice.randint(8, 14)):
            await story.happen()
        await story.end()
    except BaseException as error:
        error.add_note(f"LONGSHORE_SEED={seed}")
        error.add_note("\n".join(story.told))
        raise
    finally:
        FIRED.update(p.fired)
        for world in p.worlds.clouds.values():
            FIRED.update(world.fired)


def calm(world: SimulatedCloud) -> None:
    """No faults from now on."""
    stage = world._stage
    stage.settings = msgspec.structs.replace(
        stage.settings, fail_before=0, fail_after=0, slow=0, hang=0, crash=0, boot_fail=0
    )
    stage.chance._settings, stage.chance._risky = stage.settings, False
    stage.chance._forced.clear()


def drawn(name: str, dice: Random) -> Graph:
    """A small graph with dependencies; one in three holds data, some run a job first."""
    specs: list[ServiceSpec] = []
    health = dice.random() < 0.5
    if dice.random() < 0.4:
        specs.append(service("db", volumes=["data"], healthy=health))
    if dice.random() < 0.3:
        after = {"db": Awaited.HEALTHY} if specs else {}
        specs.append(service("job", restart=NEVER, after=after, SIM_EXIT_AFTER="2"))
    for number in range(dice.randint(1, 3)):
        after = {}
        if specs and dice.random() < 0.6:
            other = dice.choice(specs)
            after[other.name] = (
                Awaited.COMPLETED if other.name == "job" else dice.choice([Awaited.STARTED, Awaited.HEALTHY])
            )
        specs.append(
            service(
                f"s{number}",
                replicas=dice.randint(1, 4),
                image=f"app:{dice.randint(1, 3)}",
                cpu=dice.choice([0, 250, 500, 1000]),
                ports=[8000 + number] if dice.random() < 0.2 else [],
                healthy=dice.random() < 0.4,
                restart=dice.choice([ALWAYS, ON_FAILURE]),
                after=after,
                update=policy(dice),
                spread=("zone",) if dice.random() < 0.2 else (),
                placement=wishes(dice),
            )
        )
    return graph(*specs, name=name)


def wishes(dice: Random) -> dict[str, object]:
    """What few ask of the scheduler: a priority, all or none, to put up with a taint."""
    found: dict[str, object] = {}
    if dice.random() < 0.3:
        found["priority"] = dice.choice([-10, 10, 20])
        found["preempt"] = dice.choice(list(Preempt))
    if dice.random() < 0.1:
        found["gang"] = True
    if dice.random() < 0.2:
        found["tolerations"] = (Toleration(key="spot"),)
    return found


def policy(dice: Random) -> UpdatePolicy:
    return UpdatePolicy(
        parallelism=dice.choice([0, 1, 1, 2]),
        delay=dice.choice([0, 0, 3 * SECOND]),
        order=dice.choice([UpdateOrder.STOP_FIRST, UpdateOrder.START_FIRST]),
        failure_action=dice.choice(list(FailureAction)),
        monitor=2 * SECOND,
        max_failure_ratio=dice.choice([0.0, 0.5]),
    )


def edited(old: Graph, dice: Random) -> Graph:
    """The same file with another image or count in one of its services."""
    name = dice.choice(sorted(s for s in old.services if s != "job") or sorted(old.services))
    spec = old.services[name]
    if dice.random() < 0.6 or name == "db":
        image = service("x", image=f"app:{dice.randint(1, 5)}").image
        spec = msgspec.structs.replace(spec, image=image)
    else:
        spec = msgspec.structs.replace(spec, replicas=dice.randint(1, 4))
    return msgspec.structs.replace(old, services={**old.services, name: spec})
