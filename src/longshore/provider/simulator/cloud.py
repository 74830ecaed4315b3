"""A simulated cloud: lends hosts at a price, has own ones, and has levers to spoil a day with.

The levers are for tests, demonstrations and what-ifs: they act at once, and name a host by its name,
its foreign id or ours.
"""

from __future__ import annotations

from longshore.model.clock import Clock
from longshore.model.errors import NotFound, Refused
from longshore.model.host import Quote
from longshore.model.ids import HostId, TaskId
from longshore.model.money import Money, Total
from longshore.model.report import ContainerState, LentHost
from longshore.model.seams import HostOrder
from longshore.provider.simulator import life
from longshore.provider.simulator.chance import Mishap
from longshore.provider.simulator.engine import SimulatedEngine
from longshore.provider.simulator.lending import Lender
from longshore.provider.simulator.settings import read_settings
from longshore.provider.simulator.stage import Stage, no_such_container
from longshore.provider.simulator.world import Census, Container, Machine, census_of


class SimulatedCloud:
    """A cloud as the seams have it. `cell` is ours: another cell's hosts are not shown.

    Raises:
        Invalid: `bad-setting`; `bad-state` where the file that `state` names cannot be read.
    """

    def __init__(self, name: str, settings: dict[str, str], clock: Clock, cell: str) -> None:
        self._stage = Stage(name, read_settings(name, settings), clock, cell)
        self._lender = Lender(self._stage)
        self._resume()

    async def offers(self) -> tuple[Quote, ...]:
        """What can be bought, with prices; `at` is when a price was set. Repeating it is free."""
        await self._stage.reach("offers", "")
        return self._lender.offers()

    async def create(self, order: HostOrder) -> LentHost:
        """Order a host; returns when it was accepted. Twice with the same `host`: one host.

        Raises:
            Refused: `quota`; `no-such-flavor`.
            Failed: `no-capacity`, where chance or a lever has it so.
        """
        stage = self._stage
        fate = await stage.reach("create", order.name)
        machine = self._lender.lent(order.host)
        if machine is None:
            machine = self._lender.lend(order, doomed=fate.before is Mishap.BOOT_FAIL)
        else:
            stage.repeated("create", order.host, machine.name)
        await stage.answer(fate, "create", order.name)
        return self._lender.shown(machine)

    async def delete(self, foreign_id: str) -> None:
        """Give a host back, with all that is on it. Of an unknown one: nothing.

        Raises:
            Refused: `own-host`: it was not lent.
        """
        stage = self._stage
        machine = stage.world.machines.get(foreign_id)
        fate = await stage.reach("delete", machine.name if machine is not None else foreign_id)
        if machine is not None and machine.own:
            raise Refused(
                f"host {machine.name} of cloud {stage.name} is its own and cannot be given back",
                code="own-host",
                remedy=f"remove cloud {stage.name}, or set hosts to fewer",
                facts={"host": machine.name, "cloud": stage.name},
            )
        if machine is not None:
            self._lender.take_back(machine)
        await stage.answer(fate, "delete", foreign_id)

    async def hosts(self) -> tuple[LentHost, ...]:
        """All hosts of our cell, and own ones, as they were `lag` ago. Repeating it is free."""
        await self._stage.reach("hosts", "")
        return self._lender.listing()

    async def close(self) -> None:
        """Break streams and end what hangs. The world stays. Twice: nothing."""
        await self._stage.close()

    def engine(self, host: HostId, address: str) -> SimulatedEngine:
        """The engine at `sim://CLOUD/FOREIGN-ID`; where there is no such host its verbs say so."""
        return SimulatedEngine(self._stage, host, address)

    # What tests and benches read.

    @property
    def fired(self) -> dict[str, int]:
        """How often each kind of mishap came to pass; kinds that did not are missing."""
        return dict(self._stage.chance.fired)

    def census(self) -> Census:
        """All hosts lent, containers, networks and volumes there are now, of every cell."""
        self._stage.ticker.catch_up(self._stage.clock.now())
        return census_of(self._stage.world)

    def bill(self) -> Total:
        """What all lent hosts cost so far: nano-units (an amount, not per hour) per currency."""
        return self._lender.bill()

    # Levers.

    def lose_host(self, name: str) -> None:
        """The host loses its power: containers die, its engine is gone, the cloud still lists it."""
        machine = self._find(name)
        machine.down = True
        for container in machine.containers.values():
            life.halt(machine, container, self._stage.clock.now())
        self._stage.cut_feeds(machine.foreign_id)
        self._stage.changed()

    def cut_host(self, name: str) -> None:
        """The host loses its network: its containers run on, its engine cannot be reached."""
        machine = self._find(name)
        machine.cut = True
        self._stage.cut_feeds(machine.foreign_id)
        self._stage.changed()

    def hang_host(self, name: str) -> None:
        """The host's engine hangs: it takes calls and does not answer, its events come later."""
        self._find(name).hung = True
        self._stage.changed()

    def restore_host(self, name: str) -> None:
        """End of whatever was wrong; after a loss of power, what has a restart policy runs again."""
        stage, machine = self._stage, self._find(name)
        machine.down = machine.cut = machine.hung = False
        for container in list(machine.containers.values()):
            if container.revive:
                life.run(stage, machine, container, stage.clock.now(), restarts=container.report.restarts)
        stage.unhang(machine.foreign_id)
        stage.changed()

    def remove_host(self, name: str) -> None:
        """Somebody deletes a lent host in the cloud's own console."""
        self._lender.take_back(self._find(name))
        self._stage.changed()

    def kill_container(self, task: TaskId) -> None:
        """The container's process is killed (exit 137); its restart policy applies."""
        machine, container = self._container(task)
        if container.report.state is ContainerState.RUNNING:
            life.end(self._stage, machine, container, 137, self._stage.clock.now(), "it was killed")
            self._stage.changed()

    def remove_container(self, task: TaskId) -> None:
        """Somebody removes the container by hand."""
        machine, container = self._container(task)
        life.remove(self._stage, machine, container, self._stage.clock.now())
        self._stage.changed()

    def set_price(self, flavor: str, price: Money | None) -> None:
        """The price of a flavor changes, for hosts lent from now on.

        Raises:
            Refused: `no-such-flavor`.
        """
        self._lender.set_price(flavor, price)
        self._stage.changed()

    def outage(self, *, on: bool) -> None:
        """The cloud and all its hosts stop answering, or do so again; containers run on."""
        self._stage.world.out = on
        if on:
            self._stage.cut_all_feeds()
        self._stage.changed()

    def fail_next(self, verb: str, kind: Mishap | str, times: int = 1) -> None:
        """Let the next calls of a verb (`create`, `start`, `look`, …) go wrong in a way.

        Raises:
            ValueError: there is no such mishap, or it cannot happen to that verb.
        """
        self._stage.chance.force(verb, Mishap(kind), times)

    def _resume(self) -> None:
        """Put what a loaded world has ahead of it on the ticker."""
        for machine in self._stage.world.machines.values():
            for container in machine.containers.values():
                life.schedule(self._stage, machine, container)

    def _find(self, name: str) -> Machine:
        for machine in self._stage.world.machines.values():
            if name in (machine.name, machine.foreign_id, machine.host) and not machine.deleted_at:
                return machine
        raise NotFound(
            f"cloud {self._stage.name} has no host {name}",
            code="no-such-host",
            remedy="ask it for its hosts",
            facts={"cloud": self._stage.name, "host": name},
        )

    def _container(self, task: TaskId) -> tuple[Machine, Container]:
        try:
            return self._stage.find(task)
        except KeyError:
            no_such_container(NotFound, task, f"of cloud {self._stage.name}")
