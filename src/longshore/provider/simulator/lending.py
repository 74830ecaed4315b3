"""The machines of a simulated cloud: own ones, lent ones, what they cost, and how they are listed."""

from __future__ import annotations

import msgspec

from longshore.model.clock import HOUR, Micros
from longshore.model.errors import Refused
from longshore.model.host import Quote
from longshore.model.mesh import MESHED
from longshore.model.money import Money, Total
from longshore.model.report import LentHost
from longshore.model.seams import HostOrder
from longshore.provider.simulator import life
from longshore.provider.simulator.chance import Mishap
from longshore.provider.simulator.settings import Flavor
from longshore.provider.simulator.stage import Stage
from longshore.provider.simulator.world import CELL, Machine

_NEVER = 1 << 63


class Lender:
    """Keeps the machines of one simulated cloud."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._offers: tuple[Quote, ...] | None = None
        self._listing: tuple[LentHost, ...] = ()
        self._until = 0
        machines = stage.world.machines
        self._lent = {m.host: m.foreign_id for m in machines.values() if not m.own and not m.deleted_at}
        self._add_own()

    def offers(self) -> tuple[Quote, ...]:
        """A quote for each flavor; the same ones until a price changes."""
        if self._offers is None:
            self._offers = tuple(self._quote(flavor) for flavor in self._stage.settings.flavors)
        return self._offers

    def set_price(self, flavor: str, price: Money | None) -> None:
        """Change a price for machines lent from now on.

        Raises:
            Refused: `no-such-flavor`.
        """
        self._flavor(flavor)
        self._stage.world.prices[flavor] = (price, self._stage.clock.now())
        self._offers = None

    def lent(self, host: str) -> Machine | None:
        """The machine that was lent as this host of ours, unless it was given back."""
        foreign_id = self._lent.get(host)
        return self._stage.world.machines[foreign_id] if foreign_id is not None else None

    def lend(self, order: HostOrder, *, doomed: bool) -> Machine:
        """Lend a machine; a `doomed` one never comes up.

        Raises:
            Refused: `no-such-flavor`; `quota`.
        """
        stage = self._stage
        settings, world, now = stage.settings, stage.world, stage.clock.now()
        flavor = self._flavor(order.quote.flavor)
        if settings.quota and len(self._lent) >= settings.quota:
            stage.chance.fired[Mishap.QUOTA] += 1
            raise Refused(
                f"cloud {stage.name} lends at most {settings.quota} hosts, and that many are lent",
                code="quota",
                remedy="give a host back, ask the cloud for more, or use another cloud",
                facts={"cloud": stage.name, "quota": settings.quota, "used": len(self._lent)},
            )
        failed = doomed or stage.chance.hit("boot", order.name, settings.boot_fail)
        if failed:
            stage.chance.fired[Mishap.BOOT_FAIL] += 1
        number = world.next()
        machine = Machine(
            foreign_id=f"{stage.name}-vm-{number}",
            name=order.name,
            own=False,
            capacity=flavor.capacity,
            labels=self._labels(number, flavor.zone),
            host=order.host,
            flavor=flavor.name,
            tags=order.labels,
            created_at=now,
            ready_at=now + stage.chance.length("boot", order.name, settings.boot),
            failed="it did not come up (simulated)" if failed else "",
            price=self._price(flavor)[0],
        )
        world.machines[machine.foreign_id] = machine
        self._lent[order.host] = machine.foreign_id
        self._until = 0
        return machine

    def take_back(self, machine: Machine) -> None:
        """Delete a machine; it stays listed for the lag. One that is deleted: nothing."""
        if machine.deleted_at:
            return
        stage = self._stage
        if machine.price is not None:
            billed, currency = stage.world.billed, machine.price.currency
            billed[currency] = billed.get(currency, 0) + self._charge(machine, machine.price)
        stage.cut_feeds(machine.foreign_id)
        for container in list(machine.containers.values()):
            life.remove(stage, machine, container, stage.clock.now())
        machine.deleted_at = max(stage.clock.now(), 1)
        self._lent.pop(machine.host, None)
        self._until = 0
        stage.unhang(machine.foreign_id)

    def listing(self) -> tuple[LentHost, ...]:
        """Our cell's machines and own ones, as they were `lag` ago; made anew only when it differs."""
        stage = self._stage
        now = stage.clock.now()
        if now < self._until:
            return self._listing
        lag, machines = stage.settings.lag, stage.world.machines
        for gone in [m for m in machines.values() if m.deleted_at and m.deleted_at + lag <= now]:
            del machines[gone.foreign_id]
        listed, until = [], _NEVER
        for machine in machines.values():
            ahead = (machine.created_at + lag, machine.ready_at, machine.deleted_at + lag)
            until = min([until, *(moment for moment in ahead if moment > now)])
            ours = machine.own or machine.tags.get(CELL) == stage.cell
            if ours and (machine.own or machine.created_at + lag <= now):
                listed.append(self.shown(machine))
        self._listing, self._until = tuple(listed), until
        return self._listing

    def shown(self, machine: Machine) -> LentHost:
        """A machine as the cloud lists it."""
        ready = not machine.failed and machine.ready_at <= self._stage.clock.now()
        return LentHost(
            name=machine.name,
            foreign_id=machine.foreign_id,
            host=machine.host,
            ready=ready,
            failed=machine.failed,
            address=f"sim://{self._stage.name}/{machine.foreign_id}" if ready else "",
            flavor=machine.flavor,
            region=machine.labels.get("region", ""),
            zone=machine.labels.get("zone", ""),
            realm=self._realm,
            labels=machine.labels if machine.own else {**machine.labels, **machine.tags},
        )

    @property
    def _realm(self) -> str:
        return f"{MESHED}{self._stage.name}" if self._stage.settings.mesh else ""

    def bill(self) -> Total:
        """What all lent hosts cost so far: nano-units (an amount, not per hour) per currency."""
        world = self._stage.world
        amounts, unknown = dict(world.billed), 0
        for machine in world.machines.values():
            if machine.own or machine.deleted_at:
                continue
            if machine.price is None:
                unknown += 1
                continue
            currency = machine.price.currency
            amounts[currency] = amounts.get(currency, 0) + self._charge(machine, machine.price)
        return Total(amounts=dict(sorted(amounts.items())), unknown=unknown)

    def _charge(self, machine: Machine, price: Money) -> int:
        """What a machine cost until now: whole billing units of at least the least life."""
        settings = self._stage.settings
        life_so_far = max(self._stage.clock.now() - machine.created_at, settings.min_life, 1)
        units = -(-life_so_far // settings.billing)
        return price.nano * units * settings.billing // HOUR

    def _add_own(self) -> None:
        stage = self._stage
        settings, machines = stage.settings, stage.world.machines
        capacity = msgspec.structs.replace(
            settings.gpus,
            cpu=settings.cpu,
            memory=settings.memory,
            disk=settings.disk,
            counted=settings.counted,
        )
        for number in range(1, settings.hosts + 1):
            name = f"{stage.name}-{number}"
            if name not in machines:
                machines[name] = Machine(
                    foreign_id=name, name=name, own=True, capacity=capacity, labels=self._labels(number)
                )

    def _labels(self, number: int, zone: str = "") -> dict[str, str]:
        settings = self._stage.settings
        labels = dict(settings.labels)
        if settings.region:
            labels["region"] = settings.region
        if zone:
            labels["zone"] = zone
        elif settings.zones:
            labels["zone"] = f"z{(number - 1) % settings.zones + 1}"
        return labels

    def _quote(self, flavor: Flavor) -> Quote:
        settings = self._stage.settings
        price, at = self._price(flavor)
        # Which of its zones a host of the cloud's own choice comes to is not known before.
        unknown = bool(settings.zones and not flavor.zone)
        labels = {k: v for k, v in self._labels(1, flavor.zone).items() if k != "zone" or not unknown}
        return Quote(
            cloud=self._stage.name,
            flavor=flavor.name,
            capacity=flavor.capacity,
            price=price,
            source="simulator",
            at=at,
            billing_unit=max(settings.billing, settings.min_life),
            boot=settings.boot,
            labels=labels,
            region=labels.get("region", ""),
            zone=labels.get("zone", ""),
            realm=self._realm,
        )

    def _price(self, flavor: Flavor) -> tuple[Money | None, Micros]:
        """What a flavor costs now, and since when."""
        price, at = self._stage.world.prices.get(flavor.name, (flavor.price, self._stage.world.born))
        return price, Micros(at)

    def _flavor(self, name: str) -> Flavor:
        for flavor in self._stage.settings.flavors:
            if flavor.name == name:
                return flavor
        raise Refused(
            f"cloud {self._stage.name} has no flavor {name}",
            code="no-such-flavor",
            remedy=f"it has: {', '.join(f.name for f in self._stage.settings.flavors) or 'none'}",
            facts={"cloud": self._stage.name, "flavor": name},
        )
