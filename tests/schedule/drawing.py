"""Fleets and requests to draw examples from, and the slow obvious way to ask whether one fits."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from longshore.model.host import Capacity, Host, HostKind, Quote
from longshore.model.ids import HostId, ServiceKey, StackId, TaskId
from longshore.model.lifecycle import HostState, TaskState
from longshore.model.money import Money
from longshore.model.spec import Constraint
from longshore.model.task import Task
from longshore.schedule.fleet import Fleet
from longshore.schedule.request import Request

GIB = 1 << 30
MIB = 1 << 20
WEB = ServiceKey("stack-1/web")
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


def labels() -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "zone": st.sampled_from(["a", "b", "c"]),
            "disk": st.sampled_from(["ssd", "hdd"]),
            "longshore.client": st.just("true"),
        },
    )


@st.composite
def hosts(draw: st.DrawFn, number: int) -> Host:
    own = draw(st.booleans())
    price = draw(st.none() | st.integers(0, 4).map(lambda n: Money(n * 10_000_000)))
    healthy = draw(st.integers(0, 3)) > 0
    return Host(
        id=HostId(f"host-{number}"),
        name=f"h{number}",
        cloud=draw(st.sampled_from(["home", "east"])),
        own=own,
        state=draw(
            st.sampled_from([HostState.READY] * 4 + [HostState.BOOTING, HostState.REQUESTED])
            if healthy
            else st.sampled_from(list(HostState))
        ),
        capacity=Capacity(
            cpu=draw(st.sampled_from([0, 1000, 2000, 3000, 4000])),
            memory=draw(st.sampled_from([0, 1, 2, 3, 8])) * GIB,
        ),
        labels=draw(labels()),
        os=draw(st.sampled_from(["linux", "linux", "linux", "windows"])),
        arch=draw(st.sampled_from(["amd64", "amd64", "arm64"])),
        price=price,
        lost=not healthy and draw(st.booleans()),
        draining=not healthy and draw(st.booleans()),
        silent_since=0 if healthy else draw(st.sampled_from([0, 5])),
    )


@st.composite
def places(draw: st.DrawFn, most: int = 7) -> Place:
    """A few hosts, some with tasks, seldom more than there is room for (a host may shrink)."""
    found = [draw(hosts(number)) for number in range(draw(st.integers(1, most)))]
    tasks = [
        task(
            number,
            draw(st.sampled_from(found)),
            draw(st.sampled_from(["web", "web", "db"])),
            draw(st.sampled_from([0, 250, 500, 1000])),
            draw(st.sampled_from([0, 256, 512, 1024, 1536])) * MIB,
            tuple(draw(st.lists(st.sampled_from(PORTS), max_size=1))),
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    return Place(found, tasks)


CONSTRAINTS = [
    Constraint(key="node.labels.zone", value="a"),
    Constraint(key="node.labels.zone", value="c", equal=False),
    Constraint(key="engine.labels.disk", value="ssd"),
    Constraint(key="node.hostname", value="h1", equal=False),
    Constraint(key="node.platform.arch", value="amd64"),
    Constraint(key="node.cloud", value="home"),
]


@st.composite
def requests(draw: st.DrawFn, *, simple: bool = False) -> Request:
    """A request under some of the rules; most are under few, else nothing ever fits."""

    def seldom(some: st.SearchStrategy[object], none: object) -> object:
        return draw(some) if draw(st.integers(0, 3)) == 0 else none

    return Request(
        service=WEB,
        cpu=draw(st.sampled_from([0, 100, 250, 500, 1000, 1500])),
        memory=draw(st.sampled_from([0, 100, 256, 512, 1024])) * MIB,
        ports=seldom(st.lists(st.sampled_from(PORTS), unique=True, max_size=2).map(tuple), ()),  # type: ignore[arg-type]
        constraints=seldom(st.lists(st.sampled_from(CONSTRAINTS), unique=True, max_size=2).map(tuple), ()),  # type: ignore[arg-type]
        spread=seldom(
            st.sampled_from([("node.labels.zone",), ("node.cloud", "node.labels.zone")]),
            (),  # type: ignore[arg-type]
        ),
        max_per_host=seldom(st.integers(1, 3), 0),  # type: ignore[arg-type]
        platform="" if simple else seldom(st.sampled_from(["linux", "arm64", "linux/amd64/v2"]), ""),  # type: ignore[arg-type]
        strategy=draw(st.sampled_from(["cheapest", "spread", "binpack"])),
        pinned=None
        if simple
        else seldom(
            st.lists(st.integers(0, 7).map(lambda n: HostId(f"host-{n}")), unique=True, max_size=3).map(tuple),
            None,  # type: ignore[arg-type]
        ),
        own_only=not simple and seldom(st.just(True), False) is True,  # noqa: FBT003
        client_bound=not simple and draw(st.integers(0, 15)) == 0,
    )


@st.composite
def quotes(draw: st.DrawFn, number: int) -> Quote:
    return Quote(
        cloud=draw(st.sampled_from(["east", "west"])),
        flavor=f"f{number}",
        kind=HostKind.VM,
        capacity=Capacity(
            cpu=draw(st.sampled_from([0, 500, 1000, 2000, 8000])),
            memory=draw(st.sampled_from([0, 1, 2, 16])) * GIB,
        ),
        price=draw(
            st.none()
            | st.builds(
                Money, st.integers(0, 90).map(lambda n: n * 1_000_000), st.sampled_from(["EUR", "EUR", "USD"])
            )
        ),
        labels=draw(labels()),
        arch=draw(st.sampled_from(["amd64", "amd64", "arm64"])),
    )


def offers() -> st.SearchStrategy[list[Quote]]:
    return st.integers(0, 5).flatmap(lambda n: st.tuples(*(quotes(i) for i in range(n))).map(list))


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
    if request.platform:
        wanted = request.platform.split("/")
        if len(wanted) > 1 and (host.os, host.arch) != (wanted[0], wanted[1]):
            broken.add("platform")
        if len(wanted) == 1 and wanted[0] not in (host.os, host.arch):
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
    free_cpu = host.capacity.cpu - sum(t.cpu for t in here)
    free_memory = host.capacity.memory - sum(t.memory for t in here)
    if (request.cpu and free_cpu < request.cpu) or (request.memory and free_memory < request.memory):
        broken.add("resources")
    return broken


def with_one_more(place: Place, request: Request, host: Host) -> Place:
    """The same with a replica placed."""
    name = request.service.rpartition("/")[2]
    new = task(1000 + len(place.tasks), host, name, request.cpu, request.memory, request.ports)
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
