"""What is shown fits the screen, and loses nothing."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console, RenderableType

from longshore.cli import planview, tables
from longshore.cli.progress import Progress, line, picture, take
from longshore.model.ask import Rollback
from longshore.model.change import Change
from longshore.model.clock import HOUR, MINUTE, SECOND, Micros
from longshore.model.cloud import Cloud
from longshore.model.decision import Candidate, Decision, DecisionKind, Miss
from longshore.model.host import Capacity, Host, Quote
from longshore.model.ids import ChangeId, DecisionId, HostId, StackId, TaskId
from longshore.model.journal import Entry
from longshore.model.lifecycle import ChangeState, Health, HostState, TaskState
from longshore.model.money import Money, Total
from longshore.model.plan import Difference, Explanation, Plan, PlanStep, Refusal, Row, WhatIf
from longshore.model.task import Task
from longshore.model.view import (
    CloudView,
    Cost,
    CostLine,
    HostView,
    ServiceView,
    StackView,
    Status,
    TaskView,
    Version,
)
from longshore.model.view import (
    Warning as Attention,
)

NOW = 1_700_000_000_000_000
AGO = Micros(NOW - 12 * SECOND)
LONG = (
    "there is no room: 3 hosts have too little memory, 2 are drained, and [bold]no cloud[/bold] may be asked"
)
BILL = Total(amounts={"EUR": 1_045_000_000, "USD": 3_000_000}, unknown=2)

TASK = Task(
    id=TaskId("task-1"),
    stack=StackId("stack-1"),
    service="web",
    slot=1,
    digest="d",
    generation=1,
    host=HostId("host-1"),
    state=TaskState.RUNNING,
    health=Health.HEALTHY,
    restarts=2,
    published=("0.0.0.0:8080->80/tcp", "0.0.0.0:8443->443/tcp"),
    placed_at=AGO,
    started_at=AGO,
    reason=LONG,
)
TASK_VIEW = TaskView(
    name="shop-with-a-long-name/frontend.12",
    stack="shop-with-a-long-name",
    service="frontend",
    host="north-large-17",
    cloud="north",
    image="registry.example/team/frontend:2024.11.3",
    task=TASK,
)
QUOTE = Quote(
    cloud="north",
    flavor="large",
    capacity=Capacity(cpu=4000, memory=8 * 2**30),
    price=Money(45_000_000),
    source="the simulator's price list",
    at=AGO,
    boot=40 * SECOND,
)
HOST = Host(
    id=HostId("host-1"),
    name="north-large-17",
    cloud="north",
    own=False,
    state=HostState.READY,
    flavor="large",
    capacity=QUOTE.capacity,
    price=QUOTE.price,
    ready_at=AGO,
    reason=LONG,
)
CHANGE = Change(
    id=ChangeId("change-1"),
    stack=StackId("stack-1"),
    stack_name="shop",
    intent=Rollback(),
    state=ChangeState.FAILED,
    plan="0" * 64,
    actor="somebody",
    base=1,
    generation=2,
    ceiling=Total(),
    at=AGO,
    reason=LONG,
    remedy=LONG,
)
STACK = StackView(
    name="shop-with-a-long-name",
    project="default",
    state="active",
    generation=12,
    services=(
        ServiceView(name="web", image="i", wanted=3, ready=2, waiting=LONG),
        ServiceView(name="database", image="i", wanted=1, ready=1),
    ),
    wanted=4,
    ready=3,
    share=BILL,
    change=CHANGE,
    changed_at=AGO,
)
REFUSAL = Refusal(subject="shop/web", count=2, words=LONG, remedies=(LONG, "longshore clouds add"))
STEPS = (
    *(
        PlanStep(verb="start", subject=f"shop/web.{n}", place="north-large-17", reason=LONG)
        for n in (1, 2, 3)
    ),
    PlanStep(verb="buy", subject="north-large-18", place="north/large", reason="no own host has room"),
)
EFFECT = Difference(
    hosts_bought={"north/large": 2},
    hosts_released={"south/small": 1},
    tasks_moved=tuple(f"other/api.{n}" for n in range(1, 40)),
    tasks_down=("other/db.1",),
)
PLAN = Plan(
    hash="3fa9c1d2" * 8,
    stack="shop",
    intent=Rollback(),
    generation=2,
    base=1,
    at=AGO,
    steps=STEPS,
    refusals=(REFUSAL,),
    known_after=("web.address",),
    price=BILL,
    difference=Total(amounts={"EUR": 45_000_000}),
    share=BILL,
    effect=EFFECT,
    purchases={"north/large": 2},
    warnings=(LONG,),
    duration=90 * SECOND,
)
WHAT_IF = WhatIf(
    question="What if north were lost?",
    steps=STEPS,
    refusals=(REFUSAL,),
    price=BILL,
    difference=Total(amounts={"EUR": -45_000_000}),
    effect=EFFECT,
    words=LONG,
    duration=5 * MINUTE,
)
DECISION = Decision(
    id=DecisionId("decision-1"),
    at=AGO,
    kind=DecisionKind.PLACE,
    subject="shop/web",
    words=LONG,
    considered=200,
    fit=12,
    excluded={"resources": 180, "constraints": 8},
    chosen=(
        Candidate(
            host="host-1", name="north-large-17", count=3, alike=4, terms={"lent": 1, "price": 45_000_000}
        ),
    ),
    next_best=Candidate(host="host-2", name="south-1", terms={"price": 60_000_000}),
    misses=(Miss(host="host-3", name="home-1", rules=("resources",), words=LONG),),
    quote=QUOTE,
)
EXPLANATION = Explanation(
    subject="shop/web.1",
    kind="task",
    words=(LONG, "So it was."),
    decisions=(DECISION,),
    table=(
        Row(
            host="north-large-17",
            cloud="north",
            fits=True,
            words="",
            terms={"price": 45_000_000},
            price="0.0450 EUR",
        ),
        Row(host="home-1", cloud="home", fits=False, words=LONG),
    ),
    remedies=(LONG,),
)
ENTRIES = [
    Entry(
        at=AGO, kind="task.running", subject="shop-with-a-long-name/frontend.12", words=LONG, actor="somebody"
    ),
    Entry(at=AGO, kind="change.done", subject="shop", words=""),
]
COST = Cost(
    bill=BILL,
    hosts=(
        CostLine(
            subject="north-large-17", kind="lent", price=Money(45_000_000), detail=LONG, source="list", at=AGO
        ),
        CostLine(subject="home-1", kind="own", price=None, detail="no price was declared"),
    ),
    shares=(CostLine(subject="shop/web", kind="service", price=Money(5_000_000), detail="2 tasks"),),
    shared=Total(amounts={"EUR": 5_000_000}),
    idle=BILL,
)
STATUS = Status(
    ok=False,
    version=Version(version="0.1.0", cell="cell-0123456789abcdef", started_at=AGO, pid=12345),
    stacks=3,
    tasks=12_000,
    ready=11_999,
    hosts=12,
    reachable=11,
    bill=BILL,
    warnings=(Attention(code="host-silent", words=LONG, remedy=LONG),),
)


def moving() -> RenderableType:
    progress = Progress()
    for number in range(40):
        kind = "task.running" if number % 2 else "task.starting"
        progress = take(progress, Entry(at=AGO, kind=kind, subject=f"shop/web.{number}", words=LONG))
    return picture(progress, "applying shop, generation 1 → 2", 61 * SECOND)


SCREENS: dict[str, Callable[[], RenderableType]] = {
    "ps": lambda: tables.tasks([TASK_VIEW], NOW),
    "ps, empty": lambda: tables.tasks([], NOW),
    "stacks": lambda: tables.stacks([STACK], NOW),
    "stacks, empty": lambda: tables.stacks([], NOW),
    "hosts": lambda: tables.hosts([HostView(host=HOST, tasks=12, cpu=1500, memory=2**30)], NOW),
    "hosts, empty": lambda: tables.hosts([], NOW),
    "clouds": lambda: tables.clouds(
        [
            CloudView(
                cloud=Cloud(
                    name="north-by-northwest",
                    driver="sim",
                    max_hosts=5,
                    max_price=Money(500_000_000),
                    looked_at=AGO,
                    reason=LONG,
                ),
                hosts=2,
                bill=BILL,
            ),
            CloudView(cloud=Cloud(name="home", driver="local", own=True, price=Money(20_000_000))),
        ],
        NOW,
    ),
    "clouds, empty": lambda: tables.clouds([], NOW),
    "offers": lambda: tables.offers([QUOTE, Quote(cloud="north", flavor="huge")], NOW),
    "offers, empty": lambda: tables.offers([], NOW),
    "drivers": lambda: tables.drivers({"sim": LONG, "local": "the engine at hand"}),
    "cost": lambda: tables.cost(COST, NOW),
    "status": lambda: tables.status(STATUS, NOW),
    "events": lambda: tables.journal(ENTRIES, NOW),
    "events, empty": lambda: tables.journal([], NOW),
    "change": lambda: tables.change(CHANGE, NOW),
    "an entry": lambda: tables.entry_line(ENTRIES[0], "12:00:00"),
    "a plain line": lambda: line(ENTRIES[0]),
    "plan": lambda: planview.plan(PLAN),
    "what if": lambda: planview.whatif(WHAT_IF),
    "explain": lambda: planview.explanation(EXPLANATION, NOW),
    "progress": moving,
}


def printed(screen: RenderableType, width: int) -> str:
    file = io.StringIO()
    Console(file=file, width=width, _environ={}, markup=False).print(screen)
    return file.getvalue()


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_screen_and_nothing_is_cut_off(name: str, width: int) -> None:
    text = printed(SCREENS[name](), width)
    assert max(len(row) for row in text.splitlines()) <= width
    assert name == "progress" or "…" not in text


def words(name: str, width: int = 120) -> str:
    return " ".join(printed(SCREENS[name](), width).split())


def test_words_of_others_are_no_markup() -> None:
    assert "[bold]no cloud[/bold]" in words("change")


def test_ps_tells_it_all() -> None:
    text = printed(tables.tasks([TASK_VIEW], NOW), 200)
    for word in ("NAME", "IMAGE", "HOST", "STATE", "HEALTH", "RESTARTS", "PORTS", "AGE"):
        assert word in text
    for word in ("frontend.12", "north-large-17", "running", "healthy", "2", "8443->443/tcp", "12s"):
        assert word in text


def test_a_plan_tells_it_all() -> None:
    text = words("plan")
    for phrase in (
        "shop generation 1 → 2 plan 3fa9c1d23fa9",
        "shop/web.1-3",
        "1.0000 → 1.0450 EUR per hour (+0.0450) 730.00 → 762.85 EUR per month (+32.85)",
        "2 hosts without a known price",
        "2 x north/large bought, 1 x south/small given back",
        "Replaced other/api.1-39",
        "Not up other/db.1",
        "Refused: shop/web, 2 replicas: there is no room",
        "→ longshore clouds add",
        "Known after web.address",
        "warning: there is no room",
        "about 1m",
    ):
        assert phrase in text, phrase


def test_an_empty_plan_says_so() -> None:
    plan = Plan(hash="0" * 64, stack="shop", intent=Rollback(), generation=1, base=1, at=AGO)
    assert "Nothing to do" in printed(planview.plan(plan), 80)


def test_a_rehearsal_without_rest_says_so() -> None:
    plan = Plan(
        hash="0" * 64,
        stack="shop",
        intent=Rollback(),
        generation=1,
        base=1,
        at=AGO,
        steps=STEPS,
        quiet=False,
        horizon=HOUR,
    )
    assert "came to no rest within 1h" in " ".join(printed(planview.plan(plan), 80).split())


def test_steps_alike_become_one_line_and_many_lines_are_counted() -> None:
    assert planview.grouped(STEPS)[0][:3] == ("start", "shop/web.1-3", "north-large-17")
    assert planview.grouped(STEPS)[1][1] == "north-large-18"
    many = [PlanStep(verb="start", subject=f"s{n}/web.1", place="h", reason="r") for n in range(100)]
    assert "and 40 more lines" in printed(planview.steps(many), 80)


def test_steps_on_many_hosts_become_one_line() -> None:
    many = [
        *(PlanStep(verb="buy", subject=f"north-{n}", place="north/small", reason="r") for n in (1, 2, 3)),
        *(
            PlanStep(verb="provide image", subject="a/web:1.2", place=f"north-{n} (north)", reason="r")
            for n in (1, 2)
        ),
        *(
            PlanStep(verb="start", subject=f"shop/web.{n}", place=f"north-{n} (north)", reason="r")
            for n in (1, 2)
        ),
        *(
            PlanStep(
                verb="give back", subject=f"north-{n}", place=f"north-{n} (north)", reason="r", at=4 * MINUTE
            )
            for n in (1, 2)
        ),
    ]
    assert planview.grouped(many) == [
        ("buy", "north-1…3", "north/small", "r"),
        ("provide image", "a/web:1.2", "north-1…2 (north)", "r"),
        ("start", "shop/web.1", "north-1 (north)", "r"),
        ("start", "shop/web.2", "north-2 (north)", "r"),
        ("give back", "north-1…2", "north", "r (after 4m)"),
    ]


def test_a_subject_that_only_looks_numbered_is_left_alone() -> None:
    step = PlanStep(verb="buy", subject="10.0.0.1", place="north", reason="r")
    assert planview.grouped([step, step]) == [("buy", "10.0.0.1", "north", "r")]


def test_status_shows_each_warnings_remedy() -> None:
    text = words("status")
    assert "11,999 of 12,000 ready" in text
    assert "warning: there is no room" in text
    assert "→ there is no room" in text


def test_an_explanation_tells_it_all() -> None:
    text = words("explain")
    for phrase in (
        "200 hosts looked at, 12 fit; not by resources 180, constraints 8",
        "chosen north-large-17 x 3 (and 4 alike): lent 1, price 0.045",
        "next south-1: price 0.06",
        "not home-1: there is no room",
        "at north/large, 0.0450 EUR per hour (by the simulator's price list, 12s ago)",
        "What would change it",
    ):
        assert phrase in text, phrase


def test_progress_counts_all_and_names_those_on_their_way() -> None:
    text = words("progress")
    assert "1m · 20 running, 20 starting" in text
    assert "shop/web.38" in text
