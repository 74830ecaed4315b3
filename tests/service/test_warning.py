"""What status warns of, one case per check."""

from __future__ import annotations

import msgspec
import pytest

from longshore.model.ask import Restart
from longshore.model.change import Change
from longshore.model.clock import MINUTE, Micros
from longshore.model.cloud import Cloud
from longshore.model.decision import Decision, DecisionKind
from longshore.model.holding import Holding, HoldingKind
from longshore.model.host import Host
from longshore.model.ids import ChangeId, DecisionId, HostId, StackId, TaskId, service_key
from longshore.model.lifecycle import ChangeState, Health, HoldingState, HostState, StackState, TaskState
from longshore.model.money import Money
from longshore.model.spec import Graph, ImageRef, ServiceSpec
from longshore.model.stack import Rollout, Service, Stack
from longshore.model.task import Task
from longshore.service.look import Look
from longshore.service.warning import CHECKS, LEAST_SPACE, Check, Scene, warnings

NOW = Micros(100 * MINUTE)
AGO = Micros(90 * MINUTE)

HOST = Host(
    id=HostId("host-1"),
    name="h1",
    cloud="home",
    own=True,
    state=HostState.READY,
    price=Money(1),
)
CLOUD = Cloud(name="home", driver="local")
STACK = Stack(
    id=StackId("stack-1"),
    project="default",
    name="shop",
    generation=1,
    state=StackState.ACTIVE,
    graph=Graph(name="shop", services={"web": ServiceSpec(name="web", image=ImageRef(name="nginx"))}),
)
SERVICE = Service(key=service_key(STACK.id, "web"))
TASK = Task(
    id=TaskId("task-1"),
    stack=STACK.id,
    service="web",
    slot=1,
    digest="",
    generation=1,
    host=HOST.id,
    state=TaskState.RUNNING,
)
CHANGE = Change(
    id=ChangeId("change-1"),
    stack=STACK.id,
    stack_name="shop",
    intent=Restart(),
    state=ChangeState.FAILED,
    plan="ab",
    actor="ann",
    base=0,
    generation=1,
    reason="web failed",
    remedy="mend web",
)
VOLUME = Holding(
    host=HOST.id,
    kind=HoldingKind.VOLUME,
    name="shop_data",
    state=HoldingState.PRESENT,
    stack=STACK.id,
)
REFUSAL = Decision(
    id=DecisionId("decision-1"),
    at=AGO,
    kind=DecisionKind.REFUSE,
    subject="shop/web",
    words="no host has 8 cores",
)

but = msgspec.structs.replace


def scene(
    *,
    hosts: tuple[Host, ...] = (HOST,),
    clouds: tuple[Cloud, ...] = (CLOUD,),
    stack: Stack = STACK,
    service: Service = SERVICE,
    task: Task = TASK,
    holdings: tuple[Holding, ...] = (),
    failed: tuple[Change, ...] = (),
    refusals: tuple[Decision, ...] = (),
    free_space: int | None = None,
    trouble: str = "",
) -> Scene:
    seen = Look(
        stacks={stack.id: stack},
        services={service.key: service},
        tasks=(task,),
        hosts={host.id: host for host in hosts},
        clouds={cloud.name: cloud for cloud in clouds},
        holdings=holdings,
    )
    return Scene(
        seen=seen,
        now=NOW,
        failed=failed,
        refusals={decision.id: decision for decision in refusals},
        free_space=free_space,
        trouble=trouble,
    )


def crowd(silent: int, of: int) -> tuple[Host, ...]:
    return tuple(
        but(HOST, id=HostId(f"host-{n}"), name=f"h{n}", silent_since=AGO if n < silent else Micros(0))
        for n in range(of)
    )


SILENT = but(HOST, silent_since=AGO, reason="refused")

CASES = {
    "engine-stuck": (scene(trouble="the disk is full"), "does nothing: the disk is full"),
    "space-low": (scene(free_space=LEAST_SPACE - 1), "only 511 MiB are free"),
    "cloud-none": (scene(clouds=()), "nothing can run"),
    "cut-off": (scene(hosts=crowd(2, 5)), "2 of 5 hosts of home fell silent"),
    "cloud-silent": (
        scene(clouds=(but(CLOUD, silent_since=AGO, reason="no route"),)),
        "cloud home has not answered for 10 min: no route",
    ),
    "host-lost": (scene(hosts=(but(SILENT, lost=True),)), "h1 is lost"),
    "host-silent": (scene(hosts=(SILENT,)), "h1 has not answered for 10 min: refused"),
    "host-failed": (scene(hosts=(but(HOST, state=HostState.FAILED, reason="quota"),)), "home failed: quota"),
    "service-unplaced": (
        scene(service=but(SERVICE, unplaced=2, refusal=REFUSAL.id, waiting="room"), refusals=(REFUSAL,)),
        "2 tasks of shop/web fit nowhere: no host has 8 cores",
    ),
    "service-failing": (
        scene(service=but(SERVICE, failures=1, reason="exit 3")),
        "shop/web failed once: exit 3",
    ),
    "rollout-paused": (scene(service=but(SERVICE, rollout=Rollout.PAUSED)), "rollout of shop/web is paused"),
    "task-unhealthy": (scene(task=but(TASK, health=Health.UNHEALTHY)), "shop/web.1 runs, but"),
    "change-failed": (scene(failed=(CHANGE,)), "the last change of shop failed: web failed"),
    "strangers": (scene(hosts=(but(HOST, strangers=("a", "b")),)), "h1 has 2 of ours"),
    "price-unknown": (scene(hosts=(but(HOST, price=None),)), "the price of 1 host of home is unknown"),
    "volumes-kept": (
        scene(stack=but(STACK, state=StackState.DOWN), holdings=(VOLUME,)),
        "shop is down and its volumes are kept: shop_data",
    ),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_each_check_finds_its_case(check: Check) -> None:
    code = check.code
    case, words = CASES[code]
    grave, slight = warnings(case)
    (found,) = [warning for warning in (*grave, *slight) if warning.code == code and words in warning.words]
    assert found.remedy


@pytest.mark.parametrize(
    "quiet",
    [
        scene(),
        scene(free_space=LEAST_SPACE),
        # What a stack that is down left behind is no trouble, nor is a wanted stack's volume.
        scene(stack=but(STACK, state=StackState.DOWN), service=but(SERVICE, failures=9)),
        scene(holdings=(VOLUME,)),
        scene(stack=but(STACK, state=StackState.DOWN), holdings=(but(VOLUME, external=True),)),
        # What failed and has come right since.
        scene(service=but(SERVICE, failures=9, settled=True, retry_at=Micros(NOW - 6 * MINUTE))),
        scene(service=but(SERVICE, settled=True), failed=(CHANGE,)),
        # A host on its way is not silent, one that was given back costs nothing.
        scene(hosts=(but(SILENT, state=HostState.BOOTING),)),
        scene(hosts=(but(HOST, state=HostState.RELEASED, price=None),)),
    ],
)
def test_all_is_well(quiet: Scene) -> None:
    assert warnings(quiet) == ([], [])


def test_a_third_is_no_crowd() -> None:
    grave, _ = warnings(scene(hosts=crowd(2, 6)))
    assert [warning.code for warning in grave] == ["host-silent", "host-silent"]


def test_what_is_only_worth_knowing_is_not_grave() -> None:
    grave, slight = warnings(CASES["price-unknown"][0])
    assert (grave, [warning.code for warning in slight]) == ([], ["price-unknown"])
