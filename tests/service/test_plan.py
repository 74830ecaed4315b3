"""From sources to what the engine is asked for."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.service.conftest import ScriptedStreams

from longshore.model.ask import MakePlan, Scale, Up
from longshore.model.batch import Batch
from longshore.model.clock import Micros
from longshore.model.errors import Invalid, Refused, Unreachable
from longshore.model.plan import Plan
from longshore.model.spec import Pull
from longshore.model.template import Reading, Sources
from longshore.service.desk import Desk
from longshore.service.plan import RESOLVING, plan, plan_up, plans

pytestmark = pytest.mark.anyio

UNSET = {"COMPOSE_PROJECT_NAME": None, "COMPOSE_PROFILES": None}


def sources(text: str, **files: str) -> Sources:
    return Sources(
        templates=("compose.yaml",),
        directory="shop",
        files={"compose.yaml": text, ".env": None, **files},
        variables=dict(UNSET),
    )


async def asked(desk: Desk, wanted: Sources) -> Up:
    """What a plan for these sources asks of the engine (there is none, so it goes unanswered)."""
    with pytest.raises(Unreachable):
        await plan_up(desk, wanted, project="default", rebuilt=True)
    body = desk.store.asks_after(0)[-1].body
    assert isinstance(body, MakePlan)
    assert isinstance(body.intent, Up)
    assert (body.project, body.stack) == ("default", "shop")
    return body.intent


async def test_images_are_pinned_each_once_and_not_all_at_a_time(
    desk: Desk, streams: ScriptedStreams
) -> None:
    services = "\n".join(f"  s{n}: {{image: 'i{n // 2}'}}" for n in range(40))
    up = await asked(desk, sources(f"services:\n{services}\n"))
    assert {spec.image.digest for spec in up.graph.services.values()} == {f"sha256:i{n}" for n in range(20)}
    assert [*up.graph.services] == [f"s{n}" for n in range(40)]
    assert 1 < streams.most_resolving <= RESOLVING


async def test_who_says_what_an_image_means_is_said_by_the_template(
    desk: Desk, streams: ScriptedStreams
) -> None:
    policies = ("always", "never", "missing", "if_not_present", "daily", "refresh")
    services = "\n".join(f"  {word}: {{image: i, pull_policy: {word}}}" for word in policies)
    await asked(
        desk, sources(f"services:\n{services}\n  built: {{build: ., image: i, pull_policy: always}}\n")
    )
    assert streams.pulls == [("i", pull) for pull in (Pull.ALWAYS, Pull.MISSING, Pull.NEVER)]


async def test_what_cannot_be_kept_is_refused_with_its_place(desk: Desk) -> None:
    wanted = sources("services: {web: {image: i, annotations: {a: b}}}\n")
    with pytest.raises(Refused, match="1 thing that") as caught:
        await plan_up(desk, wanted, project="default")
    (fault,) = caught.value.faults
    assert (caught.value.code, fault.path, fault.line) == ("template-refused", "services.web.annotations", 1)
    assert desk.store.asks_after(0) == []


async def test_a_language_that_is_only_read_is_refused(desk: Desk) -> None:
    reading = Reading(dialect="hot", outline={"resources": {}})
    desk = dataclasses.replace(desk, read=lambda _: reading)
    with pytest.raises(Refused, match="running them comes in a later version") as caught:
        await plan_up(desk, sources("heat_template_version: 2021-04-16"), project="default")
    assert (caught.value.code, caught.value.exit_code) == ("dialect-not-run", 3)


async def test_inputs_follow_the_graph_and_the_contents(desk: Desk) -> None:
    text = "services: {web: {image: nginx, configs: [conf]}}\nconfigs: {conf: {file: ./conf}}\n"
    one = await asked(desk, sources(text, conf="a"))
    same = await asked(desk, sources(text, conf="a"))
    other = await asked(desk, sources(text, conf="b"))
    assert one.inputs == same.inputs != other.inputs
    (mount,) = one.graph.services["web"].files
    assert desk.store.contents([mount.digest]) == {mount.digest: b"a"}


async def test_a_prefix_of_two_plans_names_both(desk: Desk) -> None:
    def made(digest: str) -> Plan:
        intent = Scale(replicas={})
        return Plan(
            hash=digest, stack="s", intent=intent, generation=1, base=0, at=Micros(1), binding={"a": 1}
        )

    desk.store.commit(Batch(plans=(made("ab" * 32), made("ac" * 32))))
    assert (await plan(desk, "ab")).hash == "ab" * 32
    with pytest.raises(Invalid) as caught:
        await plan(desk, "a")
    assert caught.value.code == "plan-ambiguous"
    assert caught.value.facts == {"plans": ["ab" * 32, "ac" * 32]}
    assert [found.binding for found in await plans(desk)] == [{}, {}]


async def test_a_resolver_that_cannot_be_reached_is_no_fault_of_the_template(
    desk: Desk, streams: ScriptedStreams
) -> None:
    async def nowhere(name: str, pull: Pull = Pull.MISSING) -> str:
        raise Unreachable(f"no host to ask for {name}, {pull}", code="host-silent")

    streams.resolve = nowhere  # type: ignore[method-assign]
    wanted = sources("services: {web: {image: nginx}, api: {image: python}}\n")
    with pytest.raises(Unreachable, match="no host to ask"):
        await plan_up(desk, wanted, project="default")
    assert desk.store.asks_after(0) == []
