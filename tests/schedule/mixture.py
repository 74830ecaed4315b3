"""Cases for the oracle, drawn from a seed: a few hosts, what is on them, and a request under many rules.

Each rule is in play in about one case of four, so that cases under several at once are common, and
yet most have some host that fits. Numbers are small, so that limits are met often.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from longshore.model.clock import Micros
from longshore.model.host import Capacity, Effect, Host, HostKind, Share, Taint
from longshore.model.ids import HostId, ServiceKey, StackId, TaskId, service_key
from longshore.model.lifecycle import HostState, TaskState
from longshore.model.money import Money
from longshore.model.spec import (
    Affinity,
    Constraint,
    ImageRef,
    Match,
    Mount,
    MountKind,
    Placement,
    Port,
    Protocol,
    Resources,
    ServiceSpec,
    Skew,
    Toleration,
)
from longshore.model.task import Claim, Task

T = TypeVar("T")

GIB = 1 << 30
MIB = 1 << 20
STACK = StackId("stack-1")
WEB = service_key(STACK, "web")
IMAGE = "app:1"

DOMAINS = ("node.zone", "node.labels.rack", "node.cloud", "node.region")


class Case(NamedTuple):
    """Hosts by row, the tasks on them, and what is asked for."""

    hosts: list[Host]
    tasks: list[Task]
    spec: ServiceSpec
    pinned: tuple[HostId, ...] | None
    own_only: bool
    replicas: int


class Draw:
    """Choices from a seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def of(self, *choices: T) -> T:
        """One of these."""
        return self.random.choice(choices)

    def odds(self, share: float) -> bool:
        """True in this share of draws."""
        return self.random.random() < share

    def some(self, choices: Sequence[T], most: int) -> tuple[T, ...]:
        """Up to `most` of these, at least one, in drawn order."""
        return tuple(self.random.sample(choices, self.random.randint(1, most)))


def case(strategy: str, seed: int) -> Case:
    """The case of this number; `mixed` stands for weights over several strategies."""
    d = Draw(f"{strategy}-{seed}")
    gpus = d.odds(0.9 if strategy == "least-fragmentation" else 0.35)
    hosts = [_host(d, number, gpus=gpus) for number in range(d.random.randint(3, 12))]
    tasks = _tasks(d, hosts)
    pinned = tuple(d.random.choice(hosts).id for _ in range(3)) if d.odds(0.04) else None
    spec = _spec(d, strategy, gpus=gpus)
    return Case(hosts, tasks, spec, pinned, d.odds(0.05), d.random.randint(1, 15))


def _host(d: Draw, number: int, *, gpus: bool) -> Host:
    own = d.odds(0.5)
    ill = d.odds(0.12)
    state = d.of(*HostState) if ill else d.of(*[HostState.READY] * 4, HostState.BOOTING)
    labels = {"disk": d.of("ssd", "hdd", "nvme"), "rack": d.of("r1", "r2", "r3", "")}
    if d.odds(0.3):
        labels["longshore.client"] = "true"
    return Host(
        id=HostId(f"host-{number}"),
        name=f"h{number}",
        cloud="home" if own else d.of("east", "west"),
        own=own,
        state=state,
        kind=d.of(*HostKind),
        capacity=Capacity(
            cpu=d.of(1000, 2000, 3000, 4000, 8000),
            memory=d.of(1, 2, 3, 8) * GIB,
            disk=d.of(0, 4, 10, 20) * GIB,
            pids=d.of(0, 60, 100, 400),
            gpus=d.of(0, 1, 2, 2, 4, 4) if gpus else 0,
            gpu_model=d.of("T4", "T4", "A10") if gpus else "",
            counted={"licence": d.of(1, 2, 5)} if d.odds(0.6) else {},
        ),
        labels={key: value for key, value in labels.items() if value},
        region=d.of("eu", "us"),
        zone=d.of("z1", "z1", "z2", "z3", ""),
        taints=_taints(d),
        share=_share(d),
        foreign=Capacity(cpu=d.of(0, 250), memory=d.of(0, 256) * MIB) if d.odds(0.2) else Capacity(),
        images=d.of((), (), (IMAGE,), ("other:2", IMAGE)),
        os=d.of("linux", "linux", "linux", "linux", "windows"),
        arch=d.of("amd64", "amd64", "arm64"),
        price=d.of(None, *(Money(n * 20_000_000) for n in range(5))),
        lost=ill and d.odds(0.3),
        draining=ill and d.odds(0.3),
        silent_since=Micros(5 if ill and d.odds(0.3) else 0),
    )


def _taints(d: Draw) -> tuple[Taint, ...]:
    if d.odds(0.85):
        return ()
    kinds = [
        Taint(key="gpu"),
        Taint(key="dedicated", value="db"),
        Taint(key="dedicated", value="web", effect=Effect.NO_EXECUTE),
        Taint(key="slow", effect=Effect.PREFER_NO_SCHEDULE),
    ]
    return d.some(kinds, 2)


def _share(d: Draw) -> Share:
    if d.odds(0.75):
        return Share()
    return Share(
        reserved=Capacity(
            cpu=d.of(0, 250), memory=d.of(0, 256) * MIB, disk=d.of(0, 2) * GIB, pids=d.of(0, 20)
        ),
        overcommit_cpu=d.of(1000, 1500, 2000),
        overcommit_memory=d.of(1000, 1250),
    )


def _tasks(d: Draw, hosts: list[Host]) -> list[Task]:
    """What runs already; seldom more than there is room for, as a host may have shrunk."""
    tasks: list[Task] = []
    free = {host.id: [1000] * host.capacity.gpus for host in hosts}
    for number in range(d.random.randint(0, 2 * len(hosts))):
        host = d.of(*hosts)
        gpu, cards = _cards(d, free[host.id])
        tasks.append(
            Task(
                id=TaskId(f"task-{number}"),
                stack=d.of(STACK, STACK, StackId("stack-2")),
                service=d.of("web", "web", "db", "cache"),
                slot=number,
                digest="d",
                generation=1,
                host=host.id,
                state=TaskState.RUNNING,
                cpu=d.of(0, 100, 250, 500),
                memory=d.of(0, 128, 256, 512) * MIB,
                ports=d.of((), (), (), ("80/tcp",), ("53/udp", "80/tcp")),
                more=Claim(
                    disk=d.of(0, 0, 1, 4) * GIB,
                    pids=d.of(0, 0, 20),
                    gpu=gpu,
                    gpu_model=host.capacity.gpu_model if gpu else "",
                    counted={"licence": 1} if d.odds(0.15) else {},
                ),
                cards=cards,
            )
        )
    return tasks


def _cards(d: Draw, free: list[int]) -> tuple[int, tuple[int, ...]]:
    """A share of a card or whole cards that are still free, and which."""
    whole = [number for number, left in enumerate(free) if left == 1000]
    if whole and d.odds(0.15):
        free[whole[0]] = 0
        return 1000, (whole[0],)
    share = d.of(200, 300, 500)
    roomy = [number for number, left in enumerate(free) if left >= share]
    if roomy and d.odds(0.3):
        card = d.of(*roomy)
        free[card] -= share
        return share, (card,)
    return 0, ()


CONSTRAINTS = (
    Constraint(key="node.labels.disk", value="ssd"),
    Constraint(key="node.labels.disk", value="hdd", equal=False),
    Constraint(key="node.labels.disk", value="s*", match=Match.GLOB),
    Constraint(key="node.labels.disk", value="ssd|nvme", match=Match.REGEX),
    Constraint(key="engine.labels.rack", value="r[12]", match=Match.REGEX, equal=False),
    Constraint(key="node.labels.rack", value="r?", match=Match.GLOB, equal=False),
    Constraint(key="node.hostname", value="h1", equal=False),
    Constraint(key="node.name", value="h*", match=Match.GLOB),
    Constraint(key="node.id", value="host-2", equal=False),
    Constraint(key="node.platform.arch", value="amd64"),
    Constraint(key="node.platform.os", value="linux"),
    Constraint(key="node.cloud", value="home"),
    Constraint(key="node.region", value="eu"),
    Constraint(key="node.zone", value="z3", equal=False),
    Constraint(key="node.zone", value="z1|z2", match=Match.REGEX),
    Constraint(key="node.kind", value="vm", equal=False),
    Constraint(key="node.labels.none", value="", equal=False),
)


def _constraints(d: Draw) -> tuple[Constraint, ...]:
    found: list[Constraint] = []
    if d.odds(0.25):
        found.extend(d.some(CONSTRAINTS, 2))
    if d.odds(0.25):
        found.extend(
            Constraint(key=c.key, value=c.value, equal=c.equal, match=c.match, soft=True)
            for c in d.some(CONSTRAINTS, 2)
        )
    return tuple(found)


def _affinities(d: Draw) -> tuple[Affinity, ...]:
    found: list[Affinity] = []
    for _ in range(d.of(0, 0, 0, 0, 0, 1, 1, 2)):
        anti = d.odds(0.6)
        found.append(
            Affinity(
                service=d.of("web", "web", "db", "stack-2/cache") if anti else d.of("db", "cache", "web"),
                domain=d.of("", "", *DOMAINS[:2]),
                anti=anti,
                soft=d.odds(0.5),
            )
        )
    return tuple(found)


def _skews(d: Draw) -> tuple[Skew, ...]:
    if d.odds(0.7):
        return ()
    keys = d.some(DOMAINS[:3], 2)
    return tuple(Skew(key=key, most=d.of(1, 1, 2), soft=d.odds(0.4)) for key in keys)


def _spec(d: Draw, strategy: str, *, gpus: bool) -> ServiceSpec:
    weights: dict[str, float] = {}
    if strategy == "mixed":
        names = d.some(("spread", "binpack", "cheapest", "random", "least-fragmentation"), 3)
        weights = {name: d.of(0.25, 0.5, 1.0, 2.0) for name in names}
    ports = d.of((80,), (80, 443), (8080,)) if d.odds(0.15) else ()
    return ServiceSpec(
        name="web",
        image=ImageRef(name=IMAGE),
        ports=tuple(Port(target=port, published=port, protocol=Protocol.TCP) for port in ports),
        mounts=(Mount(kind=MountKind.BIND, target="/src", source="/home", from_client=True),)
        if d.odds(0.04)
        else (),
        resources=Resources(
            cpu=d.of(0, 100, 250, 300, 500, 1000),
            memory=d.of(0, 100, 128, 256, 700) * MIB,
            disk=d.of(1, 3) * GIB if d.odds(0.2) else 0,
            pids=d.of(10, 50) if d.odds(0.2) else 0,
            gpu=d.of(200, 300, 500, 700, 1000, 2000) if gpus and d.odds(0.6) else 0,
            gpu_model=d.of("T4", "", "") if gpus else "",
            counted={"licence": 1} if d.odds(0.1) else {},
        ),
        placement=Placement(
            constraints=_constraints(d),
            spread=d.some(DOMAINS[:3], 2) if d.odds(0.25) else (),
            skew=_skews(d),
            affinities=_affinities(d),
            tolerations=d.some(
                (
                    Toleration(),
                    Toleration(key="gpu"),
                    Toleration(key="dedicated"),
                    Toleration(key="dedicated", value="db"),
                ),
                2,
            )
            if d.odds(0.35)
            else (),
            max_per_host=d.of(1, 2, 3) if d.odds(0.2) else 0,
            max_price=Money(d.of(4, 10, 20) * 1_000_000) if d.odds(0.1) else None,
            platform=d.of("linux", "arm64", "linux/amd64/v2") if d.odds(0.08) else "",
            strategy="" if weights else strategy,
            weights=weights,
        ),
    )


SERVICE: ServiceKey = WEB
