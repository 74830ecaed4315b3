"""A server's API over a real store, with a small estate in it and a few lines that play the engine."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec
import pytest

from longshore.api import make_app
from longshore.model.ask import (
    AddCloud,
    Answer,
    Apply,
    Ask,
    AskExplain,
    AskWhatIf,
    Body,
    Cancel,
    DrainHost,
    KeepRoom,
    MakePlan,
    RemoveCloud,
    Restart,
    SetHost,
)
from longshore.model.batch import Batch, Kind, Noun, key_of
from longshore.model.change import Change
from longshore.model.clock import HOUR, SECOND, Micros
from longshore.model.cloud import Cloud
from longshore.model.errors import Failed, LongshoreError, Refused
from longshore.model.holding import Holding, HoldingKind
from longshore.model.host import Capacity, Host, Kept, Quote
from longshore.model.ids import ChangeId, HostId, Ids, StackId, TaskId, service_key
from longshore.model.journal import Entry
from longshore.model.lifecycle import ChangeState, Health, HoldingState, HostState, StackState, TaskState
from longshore.model.money import Money, Total
from longshore.model.plan import Explanation, Plan, PlanStep, WhatIf
from longshore.model.seams import ExecFrame, ExecInput, LogLine
from longshore.model.spec import Build, Graph, ImageRef, Pull, ServiceSpec, digest_of, run_digest
from longshore.model.stack import Service, Stack
from longshore.model.task import Task
from longshore.service.desk import Desk
from longshore.store import Store

NOW = Micros(1_700_000_000 * SECOND)
GIB = 1 << 30


class StillClock:
    """A clock that stands."""

    def now(self) -> Micros:
        return NOW

    async def sleep(self, length: int) -> None:
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=length / SECOND)


class PlainStreams:
    """Hosts that know two images, say two lines per task, and echo what is typed."""

    def __init__(self) -> None:
        self.images = {"nginx:1": "sha256:" + "11" * 32, "postgres:16": "sha256:" + "22" * 32}
        self.received: list[bytes] = []
        self.closed: list[str] = []

    async def resolve(self, name: str, pull: Pull = Pull.MISSING) -> str:  # noqa: ARG002
        if name not in self.images:
            raise Failed(f"nobody knows the image {name}", code="image-missing", remedy=f"docker pull {name}")
        return self.images[name]

    async def build(self, name: str, build: Build, context: AsyncIterator[bytes]) -> AsyncIterator[str]:
        if name == "refused":
            raise Failed("no engine builds that", code="build-refused")
        yield f"Step 1/1 : FROM scratch in {build.dockerfile}"
        async for piece in context:
            self.received.append(piece)
        if b"fail" in b"".join(self.received):
            raise Failed("the build failed", code="build-failed", remedy="mend the Dockerfile")
        self.images[name] = "sha256:" + hashlib.sha256(b"".join(self.received)).hexdigest()
        yield f"Successfully tagged {name}"

    async def logs(self, host: HostId, task: TaskId, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        try:
            if host == "host-2":
                raise Failed("the container is gone", code="container-gone")
            lines = [LogLine(task=task, text=f"hello {n}", at=NOW + n) for n in (1, 2)]
            for line in lines if tail < 0 else lines[2 - tail :]:
                yield line
            if follow:
                await asyncio.Event().wait()
        finally:
            self.closed.append(f"logs {task}")

    async def execute(
        self,
        host: HostId,
        task: TaskId,
        command: tuple[str, ...],
        *,
        tty: bool,
        stdin: AsyncIterator[ExecInput] | None,
    ) -> AsyncIterator[ExecFrame]:
        try:
            terminal = "a terminal" if tty else "no terminal"
            yield ExecFrame(data=f"{' '.join(command)} on {host} with {terminal}".encode())
            if stdin is not None:
                async for item in stdin:
                    yield ExecFrame(data=item.data)
            yield ExecFrame(exit_code=7)
        finally:
            self.closed.append(f"exec {task}")

    def drivers(self) -> dict[str, str]:
        return {"local": "the engine at hand", "sim": "a simulated cloud"}


def spec(name: str, image: str, replicas: int = 1) -> ServiceSpec:
    return ServiceSpec(name=name, image=ImageRef(name=image, digest="sha256:aa"), replicas=replicas)


SHOP = Graph(
    name="shop",
    services={"web": spec("web", "nginx:1", 2), "db": spec("db", "postgres:16")},
)

OFFER = Quote(
    cloud="sky",
    flavor="small",
    capacity=Capacity(cpu=2000, memory=4 * GIB),
    price=Money(50_000_000),
    source="price list",
    at=NOW,
)


def task(number: int, service: str, slot: int, host: str, state: TaskState = TaskState.RUNNING) -> Task:
    return Task(
        id=TaskId(f"task-{number}"),
        stack=StackId("stack-1"),
        service=service,
        slot=slot,
        digest=run_digest(SHOP.services[service], SHOP),
        generation=1,
        host=HostId(host),
        state=state,
        cpu=500,
        memory=GIB,
        health=Health.UNHEALTHY if number == 2 else Health.NONE,
        foreign_id=f"container-{number}",
        published=("0.0.0.0:8080->80/tcp",) if service == "web" else (),
        started_at=NOW,
        reason="exit code 1" if state is TaskState.FAILED else "",
    )


NOUNS: list[Noun] = [
    Cloud(name="home", driver="local", own=True, price=Money(40_000_000)),
    Cloud(name="sky", driver="sim", order=1, offers=(OFFER,), looked_at=NOW),
    Host(
        id=HostId("host-1"),
        name="h1",
        cloud="home",
        own=True,
        state=HostState.READY,
        capacity=Capacity(cpu=4000, memory=8 * GIB),
        price=Money(40_000_000),
    ),
    Host(
        id=HostId("host-2"),
        name="sky-1",
        cloud="sky",
        own=False,
        state=HostState.READY,
        flavor="small",
        capacity=Capacity(cpu=2000, memory=4 * GIB),
        price=Money(50_000_000),
        quote=OFFER,
        silent_since=Micros(NOW - 3 * HOUR),
        reason="connection refused",
    ),
    Stack(
        id=StackId("stack-1"),
        project="default",
        name="shop",
        generation=1,
        state=StackState.ACTIVE,
        graph=SHOP,
        change=ChangeId("change-1"),
    ),
    Stack(
        id=StackId("stack-2"),
        project="default",
        name="blog",
        generation=3,
        state=StackState.DOWN,
        graph=Graph(name="blog"),
    ),
    Service(key=service_key(StackId("stack-1"), "web"), failures=3, reason="exit code 1"),
    Holding(
        host=HostId("host-1"),
        kind=HoldingKind.VOLUME,
        name="blog_data",
        state=HoldingState.PRESENT,
        stack=StackId("stack-2"),
        resource="data",
    ),
    task(1, "web", 1, "host-1"),
    task(2, "web", 2, "host-2"),
    task(3, "db", 1, "host-1"),
    task(4, "web", 2, "host-1", TaskState.FAILED),
    Change(
        id=ChangeId("change-1"),
        stack=StackId("stack-1"),
        stack_name="shop",
        intent=Restart(),
        state=ChangeState.FAILED,
        plan="ab" * 32,
        actor="ann",
        base=0,
        generation=1,
        reason="web failed 3 times",
    ),
]

ENTRIES = tuple(
    Entry(at=NOW, kind=kind, subject=subject, words=words, stack=stack)
    for kind, subject, words, stack in (
        ("cloud.added", "home", "driver local", ""),
        ("task.running", "shop/web.1", "it runs", "shop"),
        ("task.failed", "shop/web.2", "exit code 1", "shop"),
    )
)


def put(*nouns: Noun) -> dict[Kind, dict[str, Noun]]:
    """Nouns as a batch takes them."""
    puts: dict[Kind, dict[str, Noun]] = {}
    for noun in nouns:
        puts.setdefault(Kind(type(noun).__name__.lower()), {})[key_of(noun)] = noun
    return puts


def answer_ask(store: Store, ask: Ask) -> Batch:
    """What the engine would commit, in the plainest way that keeps the contract."""
    try:
        result, batch = take(store, ask.body)
        answer = Answer(ask=ask.id, at=NOW, status=0, result=msgspec.Raw(msgspec.json.encode(result)))
    except LongshoreError as error:
        told = {"type": type(error).__name__, "code": error.code, "message": error.message}
        raw = msgspec.Raw(msgspec.json.encode(told))
        answer = Answer(ask=ask.id, at=NOW, status=error.exit_code, result=raw)
        batch = Batch()
    return msgspec.structs.replace(batch, answers=(answer,), asks_until=ask.seq)


def take(store: Store, body: Body) -> tuple[object, Batch]:  # noqa: C901, PLR0912 - a case for each ask
    match body:
        case MakePlan():
            plan = Plan(
                hash=digest_of(body),
                stack=body.stack,
                intent=body.intent,
                generation=2,
                base=1,
                at=NOW,
                steps=(PlanStep(verb="start", subject="shop/web.1", place="h1", reason="wanted"),),
                price=Total(amounts={"EUR": 40_000_000}),
                binding={"base": 1},
            )
            return plan, Batch(plans=(plan,))
        case Apply():
            plan = store.plan(body.plan)[0]
            change = Change(
                id=ChangeId("change-2"),
                stack=StackId("stack-1"),
                stack_name=plan.stack,
                intent=plan.intent,
                state=ChangeState.APPLYING,
                plan=plan.hash,
                actor="ann",
                base=1,
                generation=2,
                at=NOW,
            )
            return change, Batch(puts=put(change))
        case Cancel():
            raise Refused(f"{body.stack} has no open change", code="nothing-to-cancel")
        case AskWhatIf():
            return WhatIf(question="what if?", words="nothing falls"), Batch()
        case AskExplain():
            return Explanation(subject=body.subject, kind="service", words=("it is so",)), Batch()
        case AddCloud():
            if store.noun(Kind.CLOUD, body.cloud.name):
                raise Refused(f"there is a cloud {body.cloud.name} already", code="name-taken")
            return body.cloud, Batch(puts=put(body.cloud))
        case RemoveCloud():
            if body.name == "home":
                raise Refused("tasks run on h1", code="cloud-in-use")
            return {}, Batch(drops={Kind.CLOUD: (body.name,)})
        case DrainHost():
            host = next(n for n in store.nouns(Kind.HOST) if isinstance(n, Host) and n.name == body.host)
            host = msgspec.structs.replace(host, draining=not body.undo)
            return host, Batch(puts=put(host))
        case SetHost() | KeepRoom():
            host = next(n for n in store.nouns(Kind.HOST) if isinstance(n, Host) and n.name == body.host)
            if isinstance(body, SetHost):
                host = msgspec.structs.replace(host, zone=body.zone or "", taints=body.taints)
            else:
                host = msgspec.structs.replace(host, kept=(Kept(whom=body.whom, room=body.room),))
            return host, Batch(puts=put(host))


async def play_engine(store: Store) -> None:
    """Answer asks until cancelled."""
    seq = 0
    while True:
        heard = store.bell.rings
        for ask in store.asks_after(seq):
            seq = ask.seq
            store.commit(answer_ask(store, ask))
        await store.bell.wait(1.0, heard)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The desk of a server whose engine answers."""
    store = Store.open(str(tmp_path / "longshore.db"), cell="cell-1")
    store.commit(Batch(puts=put(*NOUNS), entries=ENTRIES))
    engine = asyncio.create_task(play_engine(store))
    yield Desk(
        store=store,
        streams=PlainStreams(),
        clock=StillClock(),
        ids=Ids(0),
        cell=store.cell,
        started_at=NOW,
        pid=1,
        owner="ann",
        free_space=lambda: 1 << 40,
    )
    engine.cancel()
    with suppress(asyncio.CancelledError):
        await engine
    store.close()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server's API, in this process."""
    app = make_app(desk, token=None, allowed_hosts=())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://longshore") as http:
        yield http
