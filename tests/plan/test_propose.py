"""Plans: the hash moves if and only if what it binds moves; the same estate gives the same plan."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest
from tests.plan.drawing import graph_of, intent_of, life_of
from tests.plan.living import Life, cloud, estate_of, own_host
from tests.scenario.graphs import graph, service
from tests.schedule.drawing import Digits

from longshore.model.ask import Down, Intent, Restart, Scale, Up
from longshore.model.clock import HOUR, Micros
from longshore.model.errors import Invalid, NotFound, Refused
from longshore.model.ids import Ids
from longshore.model.lifecycle import Health, TaskState
from longshore.model.money import Money, Total
from longshore.model.plan import Plan
from longshore.model.report import ContainerReport, ContainerSeen, ContainerState
from longshore.model.spec import Graph, digest_of
from longshore.plan.intake import take_in
from longshore.plan.propose import moved_since
from longshore.plan.turn import Turn

ROOT = Path(__file__).parents[2]


def shop(*, image: str = "app:1", replicas: int = 2) -> Graph:
    return graph(service("db", volumes=["data"]), service("web", image=image, replicas=replicas, cpu=1000))


def other(replicas: int = 2, cpu: int = 250) -> Graph:
    return graph(service("bot", replicas=replicas, cpu=cpu), name="other")


def life_before() -> Life:
    """Two own hosts, a cloud, and two stacks that run."""
    life = Life(estate_of([own_host(1), own_host(2)], [cloud("east")]))
    life.up(shop())
    life.up(other())
    return life


UPDATE = Up(graph=shop(image="app:2", replicas=3), inputs="")
GROW = Scale(replicas={"web": 9})
"""More than fits at home: one host is bought."""


# What is not bound


def time_goes_by(life: Life) -> None:
    life.now = Micros(life.now + HOUR)


def another_stack_heals(life: Life) -> None:
    """A container of it was removed by hand: its healing is in both rehearsals."""
    task = life.tasks("bot", "other")[0]
    gone = ContainerReport(task=task.id, foreign_id="", state=ContainerState.GONE)
    take_in(Turn(life.estate, life.now, Ids(3 << 110)), ContainerSeen(host=task.host, container=gone))


def other_hosts_are_emptier(life: Life) -> None:
    """The other stack moves the load about: stateless tasks will be placed elsewhere."""
    life.up(other(replicas=5, cpu=100))


def tasks_have_other_ids(life: Life) -> None:
    for task in life.tasks("web"):
        life.estate.drop(task)
        life.put(task, id=f"task-{'f' * 20}{task.slot:012x}", foreign_id="abc")


def heartbeats_come(life: Life) -> None:
    east = life.estate.clouds.get("east")
    assert east is not None
    offers = tuple(msgspec.structs.replace(q, at=life.now) for q in east.offers)
    life.put(east, looked_at=life.now, offers=offers)


def engines_restarted_it(life: Life) -> None:
    life.put(life.tasks("web")[0], restarts=3, health=Health.NONE)


UNBOUND: list[Callable[[Life], None]] = [
    time_goes_by,
    another_stack_heals,
    other_hosts_are_emptier,
    tasks_have_other_ids,
    heartbeats_come,
    engines_restarted_it,
]


@pytest.mark.parametrize("happen", UNBOUND, ids=lambda happen: happen.__name__)
@pytest.mark.parametrize("intent", [UPDATE, GROW, Restart(), Down()], ids=lambda i: type(i).__name__)
def test_the_hash_stays_when(happen: Callable[[Life], None], intent: Intent) -> None:
    life = life_before()
    before = life.plan(intent)
    happen(life)
    after = life.plan(intent)
    assert moved_since(before, after) == {}
    assert after.hash == before.hash


def test_places_are_only_indicative() -> None:
    life = life_before()
    before = life.plan(UPDATE)
    other_hosts_are_emptier(life)
    after = life.plan(UPDATE)
    assert {(s.subject, s.place) for s in before.steps} != {(s.subject, s.place) for s in after.steps}


# What is bound


def scaled_by_somebody(life: Life) -> None:
    life.change(Scale(replicas={"web": 1}))


def scaled_and_back(life: Life) -> None:
    life.change(Scale(replicas={"web": 1}))
    life.change(Scale(replicas={"web": 2}))


def a_volume_went(life: Life) -> None:
    """Somebody removed the volume by hand; the plan would make another."""
    for task in life.tasks("db"):
        life.estate.drop(task)
    for holding in list(life.estate.holdings_of(life.stack().id)):
        if holding.kind == "volume":
            life.estate.drop(holding)


def the_price_rose(life: Life) -> None:
    life.estate.put(cloud("east", price=30_000_000))


def a_cheaper_cloud_came(life: Life) -> None:
    life.estate.put(cloud("west", price=10_000_000))


def home_is_full(life: Life) -> None:
    """Another stack takes the room at home: a host has to be bought, or another one too."""
    life.up(other(replicas=5, cpu=1000))


def nothing_is_for_sale(life: Life) -> None:
    life.estate.put(msgspec.structs.replace(cloud("east"), offers=()))


BOUND: list[tuple[Callable[[Life], None], Intent, set[str]]] = [
    (scaled_by_somebody, UPDATE, {"base"}),
    (scaled_and_back, UPDATE, {"base"}),
    (a_volume_went, UPDATE, {"volumes"}),
    (the_price_rose, GROW, {"price"}),
    (a_cheaper_cloud_came, GROW, {"price", "purchases"}),
    (home_is_full, UPDATE, {"price", "purchases"}),
    (nothing_is_for_sale, GROW, {"price", "purchases", "refused"}),
]


@pytest.mark.parametrize(("happen", "intent", "keys"), BOUND, ids=lambda v: getattr(v, "__name__", ""))
def test_the_hash_moves_when(happen: Callable[[Life], None], intent: Intent, keys: set[str]) -> None:
    life = life_before()
    before = life.plan(intent)
    happen(life)
    after = life.plan(intent)
    assert set(moved_since(before, after)) == keys
    assert after.hash != before.hash


INTENTS: dict[str, Intent] = {
    "as it is": Up(graph=shop(), inputs=""),
    "another image": Up(graph=shop(image="app:2"), inputs=""),
    "other replicas": Up(graph=shop(replicas=3), inputs=""),
    "other files": Up(graph=shop(), inputs="abc"),
    "scale": Scale(replicas={"web": 3}),
    "scale more": Scale(replicas={"web": 4}),
    "restart": Restart(),
    "restart one": Restart(services=("web",)),
    "down": Down(),
    "down with volumes": Down(volumes=True),
}


def test_every_other_intent_has_another_hash() -> None:
    life = life_before()
    plans = {name: life.plan(intent) for name, intent in INTENTS.items()}
    assert len({plan.hash for plan in plans.values()}) == len(INTENTS)
    assert all(plan.hash == digest_of(plan.binding) for plan in plans.values())
    assert plans["as it is"].empty
    services = {n: p.binding["services"] for n, p in plans.items()}
    image = service("x", image="app:1").image.digest
    assert services["scale"] == {
        "db": {"action": "keep", "replicas": 1, "image": image},
        "web": {"action": "scale", "replicas": 3, "image": image},
    }
    assert services["down"] == {"db": {"action": "remove"}, "web": {"action": "remove"}}
    assert plans["down"].binding["volumes"] == {"made": [], "removed": []}
    assert plans["down with volumes"].binding["volumes"] == {"made": [], "removed": ["shop_data"]}
    assert plans["down with volumes"].warnings == (
        "volumes are deleted for good, with all that is in them: shop_data",
    )


def test_a_plan_changes_nothing() -> None:
    life = life_before()
    life.estate.written = {}
    for intent in INTENTS.values():
        life.plan(intent)
    assert not life.estate.written
    assert [t.state for t in life.tasks("web")] == [TaskState.RUNNING] * 2


def test_a_purchase_is_priced_and_bounded() -> None:
    plan = life_before().plan(GROW)
    assert plan.purchases == {"east/small": 1}
    assert plan.difference == Total(amounts={"EUR": 20_000_000})
    assert plan.ceiling == Total.of([Money(20_000_000)])
    assert plan.effect.tasks_started == 7
    assert [s.verb for s in plan.steps if s.subject == "east-1"] == ["buy"]


@pytest.mark.parametrize(
    ("intent", "name", "error", "code"),
    [
        (Scale(replicas={"wbe": 1}), "shop", Invalid, "no-such-service"),
        (Restart(services=("wbe",)), "shop", Invalid, "no-such-service"),
        (Down(), "shpo", NotFound, "no-such-stack"),
        (Scale(replicas={}), "shpo", NotFound, "no-such-stack"),
    ],
)
def test_what_does_not_fit_is_an_error(
    intent: Intent, name: str, error: type[Invalid | NotFound | Refused], code: str
) -> None:
    with pytest.raises(error) as raised:
        life_before().plan(intent, name)
    assert raised.value.code == code


# The same estate gives the same plan


def plans() -> list[Plan]:
    """Plans of random worlds, the same ones each time."""
    found = []
    for seed in range(25):
        dice = Random(seed)

        def digits(dice: Random = dice) -> Digits:
            return Digits(dice.getrandbits(72))

        life, _ = life_of(digits())
        asked = graph_of(digits())
        found.append(life.plan(Up(graph=asked, inputs="")))
        life.up(asked)
        found.append(life.plan(intent_of(digits(), asked)))
    return found


PRINT = (
    "import sys, msgspec; from tests.plan.test_propose import plans; "
    "sys.stdout.buffer.write(msgspec.json.encode(plans()))"
)


def printed(seed: str) -> bytes:
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", PRINT], env=env, capture_output=True, check=True)
    return done.stdout


def test_two_hash_seeds_give_identical_plans() -> None:
    first = printed("1")
    assert len(msgspec.json.decode(first)) == 50
    assert first == printed("2")
