"""Fleets and requests to draw examples from, and the slow obvious way to ask whether one fits."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

from longshore.model.clock import Micros
from longshore.model.host import Capacity, Host, HostKind, Quote
from longshore.model.ids import HostId, ServiceKey, StackId, TaskId
from longshore.model.lifecycle import HostState, TaskState
from longshore.model.money import Money
from longshore.model.spec import Constraint
from longshore.model.task import Task
from longshore.schedule.fleet import Fleet
from longshore.schedule.request import Request

T = TypeVar("T")

GIB = 1 << 30
MIB = 1 << 20
WEB = ServiceKey("stack-1/web")
NEW = 1000
"""The tasks from this number on are the replicas just placed."""

PORTS = ("80/tcp", "53/udp", "443/tcp")


class Place(NamedTuple):
    """Hosts and the tasks on them, as plain lists."""

    hosts: list[Host]
    tasks: list[Task]

    @property
    def fleet(self) -> Fleet:
        fleet = Fleet()
        for host in self.hosts:
            fleet.follow_host(host)
        for task in self.tasks:
            fleet.claim(task)
        return fleet


def task(number: int, host: Host, service: str, cpu: int, memory: int, ports: tuple[str, ...]) -> Task:
    return Task(
        id=TaskId(f"task-{number}"),
        stack=StackId("stack-1"),
        service=service,
        slot=number,
        digest="d",
        generation=1,
        host=host.id,
        state=TaskState.RUNNING,
        cpu=cpu,
        memory=memory,
        ports=ports,
    )


class Digits:
    """Choices read off one drawn number, digit by digit: quicker to draw than each by itself."""

    def __init__(self, number: int) -> None:
        self._left = number

    def of(self, *choices: T) -> T:
        self._left, digit = divmod(self._left, len(choices))
        return choices[digit]

    def odds(self, one_in: int) -> bool:
        """True once in so many; 0 (what a failing example shrinks to) is False."""
        return self.of(*([False] * (one_in - 1)), True)


DRAWN = st.binary(min_size=9, max_size=9).map(lambda drawn: Digits(int.from_bytes(drawn, "little")))
"""Bytes, as hypothesis draws large integers small too often."""


def labels(d: Digits) -> dict[str, str]:
    found = {
        "zone": d.of("a", "b", "c", ""),
        "disk": d.of("ssd", "hdd"),
        "longshore.client": d.of("", "true"),
    }
    return {key: value for key, value in found.items() if value}


def host(number: int, d: Digits) -> Host:
    ill = d.odds(4)
    own = d.of(True, False)
    return Host(
        id=HostId(f"host-{number}"),
        name=f"h{number}",
        cloud=d.of("home", "east"),
        own=own,
        state=d.of(*HostState)
        if ill
        else d.of(*[HostState.READY] * 4, HostState.BOOTING, HostState.REQUESTED),
        capacity=Capacity(cpu=d.of(1000, 2000, 3000, 4000, 0), memory=d.of(1, 2, 3, 8, 0) * GIB),
        labels=labels(d),
        os=d.of("linux", "linux", "linux", "windows"),
        arch=d.of("amd64", "amd64", "arm64"),
        price=d.of(None, *(Money(n * 10_000_000) for n in range(5))),
        lost=ill and d.of(False, True),
        draining=ill and d.of(False, True),
        silent_since=Micros(d.of(0, 5) if ill else 0),
    )


@st.composite
def places(draw: st.DrawFn, most: int = 7) -> Place:
    """A few hosts, some with tasks, seldom more than there is room for (a host may shrink)."""
    hosts = [host(number, d) for number, d in enumerate(draw(st.lists(DRAWN, min_size=1, max_size=most)))]
    tasks = [
        task(
            number,
            d.of(*hosts),
            d.of("web", "web", "db"),
            d.of(0, 250, 500, 1000),
            d.of(0, 256, 512, 1024, 1536) * MIB,
            d.of((), *((port,) for port in PORTS)),
        )
        for number, d in enumerate(draw(st.lists(DRAWN, max_size=8)))
    ]
    return Place(hosts, tasks)


CONSTRAINTS = [
    Constraint(key="node.labels.zone", value="a"),
    Constraint(key="node.labels.zone", value="c", equal=False),
    Constraint(key="engine.labels.disk", value="ssd"),
    Constraint(key="node.hostname", value="h1", equal=False),
    Constraint(key="node.platform.arch", value="amd64"),
    Constraint(key="node.cloud", value="home"),
]


def requests(*, simple: bool = False) -> st.SearchStrategy[Request]:
    """A request under some of the rules; most are under few, else nothing ever fits."""
    return DRAWN.map(lambda d: _request(d, simple=simple))


def _request(d: Digits, *, simple: bool) -> Request:
    pins = (None, *((HostId(f"host-{n}"), HostId(f"host-{n + 2}")) for n in range(4)))
    return Request(
        service=WEB,
        cpu=d.of(0, 100, 250, 500, 1000, 1500),
        memory=d.of(0, 100, 256, 512, 1024) * MIB,
        ports=d.of((PORTS[0],), PORTS[:2]) if d.odds(4) else (),
        constraints=(d.of(*CONSTRAINTS[:3]), d.of(*CONSTRAINTS[3:]))[: d.of(1, 2)] if d.odds(3) else (),
        spread=d.of((), (), ("node.labels.zone",), ("node.cloud", "node.labels.zone")),
        max_per_host=d.of(1, 2, 3) if d.odds(4) else 0,
        platform=d.of("linux", "arm64", "linux/amd64/v2") if d.odds(4) and not simple else "",
        strategy=d.of("cheapest", "spread", "binpack"),
        pinned=d.of(*pins) if d.odds(5) and not simple else None,
        own_only=d.odds(6) and not simple,
        client_bound=d.odds(12) and not simple,
    )


def _quote(number: int, d: Digits) -> Quote:
    price = Money(d.of(20, 10, 25, 35, 40, 60, 0) * 1_000_000, d.of("EUR", "EUR", "USD"))
    return Quote(
        cloud=d.of("east", "west"),
        flavor=f"f{number}",
        kind=HostKind.VM,
        capacity=Capacity(cpu=d.of(1000, 500, 2000, 8000, 0), memory=d.of(1, 2, 16, 0) * GIB),
        price=None if d.odds(6) else price,
        labels=labels(d),
        arch=d.of("amd64", "amd64", "arm64"),
    )


def offers() -> st.SearchStrategy[list[Quote]]:
    return st.lists(DRAWN, max_size=5).map(lambda found: [_quote(n, d) for n, d in enumerate(found)])


# The obvious way


def fact(host: Host, key: str) -> str:
    """A host's fact, looked up by hand."""
    if key.startswith(("node.labels.", "engine.labels.")):
        return host.labels.get(key.split(".", 2)[2], "")
    facts = {"hostname": host.name, "platform.arch": host.arch, "cloud": host.cloud}
    return facts[key.removeprefix("node.")]


def broken_rules(host: Host, tasks: list[Task], request: Request) -> set[str]:
    """The rules that a host breaks for one replica more, `tasks` being all there are."""
    here = [t for t in tasks if t.host == host.id]
    broken = set()
    in_service = host.state in {HostState.REQUESTED, HostState.BOOTING, HostState.READY}
    if not in_service or host.silent_since or host.lost or host.draining:
        broken.add("health")
    for constraint in request.constraints:
        if (fact(host, constraint.key) == constraint.value) != constraint.equal:
            broken.add("constraints")
    system, _, arch = request.platform.partition("/")
    if request.platform and (
        arch.split("/")[0] != host.arch or system != host.os if arch else system not in (host.os, host.arch)
    ):
        broken.add("platform")
    if request.pinned is not None and host.id not in request.pinned:
        broken.add("volumes")
    if request.client_bound and host.labels.get("longshore.client") != "true":
        broken.add("client")
    if request.own_only and not host.own:
        broken.add("own")
    if any(port in t.ports for t in here for port in request.ports):
        broken.add("ports")
    if request.max_per_host and sum(t.key == request.service for t in here) >= request.max_per_host:
        broken.add("max-per-host")
    return broken | _lacking(host, here, request)


def _lacking(host: Host, here: list[Task], request: Request) -> set[str]:
    """What is asked for and not free; where nothing is asked for, nothing need be."""
    lacking = set()
    if request.cpu and host.capacity.cpu - sum(t.cpu for t in here) < request.cpu:
        lacking.add("cpu")
    if request.memory and host.capacity.memory - sum(t.memory for t in here) < request.memory:
        lacking.add("memory")
    return lacking


def with_one_more(place: Place, request: Request, host: Host) -> Place:
    """The same with a replica placed."""
    name = request.service.rpartition("/")[2]
    new = task(NEW + len(place.tasks), host, name, request.cpu, request.memory, request.ports)
    return Place(place.hosts, [*place.tasks, new])


ENOUGH = 12
"""More replicas than any example asks for: what takes as many takes any number."""


def naive_room(place: Place, request: Request) -> int:
    """How many replicas fit, found by filling host after host; `ENOUGH` stands for any number."""
    total = 0
    for host in place.hosts:
        while total < ENOUGH and not broken_rules(host, place.tasks, request):
            place = with_one_more(place, request, host)
            total += 1
    return total
