"""From templates to a change that is done: needs, builds, the question, following."""

import io
import json
import sys
import tarfile
from pathlib import Path

import click.testing
import msgspec
import pytest
from starlette.responses import Response
from tests.cli.conftest import NOW, Api, Asked, House, Lines

from longshore.cli import follow
from longshore.cli.app import build
from longshore.cli.session import Session
from longshore.model.ask import Down, Rollback, Scale
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.errors import Refused
from longshore.model.fault import Fault
from longshore.model.ids import ChangeId, StackId
from longshore.model.journal import Entry
from longshore.model.lifecycle import ChangeState
from longshore.model.money import Total
from longshore.model.plan import Plan, PlanStep, Refusal
from longshore.model.spec import Build, Graph, ImageRef, ServiceSpec
from longshore.model.template import Needs, Reading

STEP = PlanStep(verb="start", subject="shop/web.1", place="h1", reason="it is wanted")
PLAN = Plan(
    hash="3fa9c1d2" * 8, stack="shop", intent=Rollback(), generation=1, base=0, at=Micros(NOW), steps=(STEP,)
)
EMPTY = msgspec.structs.replace(PLAN, steps=())
COSTLY = msgspec.structs.replace(PLAN, difference=Total(amounts={"EUR": 1}))
REFUSED = msgspec.structs.replace(
    PLAN, refusals=(Refusal(subject="shop/web", count=1, words="no room", remedies=("add a cloud",)),)
)
READING = Reading(dialect="compose", graph=Graph(name="shop"), config={"name": "shop"})


def change(state: ChangeState, reason: str = "") -> Change:
    return Change(
        id=ChangeId("change-1"),
        stack=StackId("stack-1"),
        stack_name="shop",
        intent=Rollback(),
        state=state,
        plan=PLAN.hash,
        actor="somebody",
        base=0,
        generation=1,
        ceiling=Total(),
        at=Micros(NOW),
        reason=reason,
    )


def entry(kind: str, subject: str, seq: int) -> Entry:
    return Entry(at=Micros(NOW), kind=kind, subject=subject, words="", stack="shop", seq=seq)


def foresee(api: Api, plan: Plan = PLAN, end: ChangeState = ChangeState.DONE, reason: str = "") -> None:
    """All that an `up` asks, answered well."""
    api.will("POST /v1/readings", READING)
    api.will("POST /v1/plans", plan)
    api.will(
        "GET /v1/journal",
        [entry("cloud.seen", "north", 4)],
        Lines([entry("task.running", "shop/web.1", 5), entry("change.done", "shop", 6)]),
    )
    api.will("POST /v1/changes", change(ChangeState.APPLYING))
    api.will("GET /v1/changes/change-1", change(ChangeState.APPLYING), change(end, reason))


@pytest.fixture
def shop(house: House) -> House:
    (Path(house.cwd) / "compose.yaml").write_text("services: {}")
    return house


def test_up_plans_applies_and_follows(shop: House, api: Api) -> None:
    foresee(api)
    result = shop.run("up", "--yes")
    assert result.exit_code == 0, result.stderr
    assert "shop/web.1" in result.stdout
    assert "shop/web.1  task.running" in result.stderr
    assert "Done: shop is at generation 1 (0s)" in result.stderr
    assert api.bodies("POST /v1/changes") == [{"plan": PLAN.hash}]
    asked = api.bodies("POST /v1/plans")
    assert len(asked) == 1
    assert (asked[0]["project"], asked[0]["stack"], asked[0]["intent"], asked[0]["rebuilt"]) == (
        "default",
        "",
        None,
        False,
    )
    assert asked[0]["sources"]["files"] == {"compose.yaml": "services: {}"}
    assert api.queries("GET /v1/journal")[1] == {"after": "4", "stack": "shop", "follow": "1"}


def test_up_for_programs_prints_the_change_only(shop: House, api: Api) -> None:
    foresee(api)
    result = shop.run("up", "--yes", "--json")
    assert result.stdout.encode() == msgspec.json.encode(change(ChangeState.DONE)) + b"\n"


def test_up_detached_does_not_wait(shop: House, api: Api) -> None:
    foresee(api)
    result = shop.run("up", "--yes", "-d")
    assert result.exit_code == 0
    assert "longshore cancel shop" in result.stderr
    assert not api.queries("GET /v1/changes/change-1")


def test_without_a_terminal_and_without_yes_nothing_is_done(shop: House, api: Api) -> None:
    foresee(api)
    result = shop.run("up", stdin="y\n")
    assert result.exit_code == 3
    assert "no terminal" in result.stderr
    assert f"longshore apply {PLAN.hash[:12]}" in result.stderr
    assert "shop/web.1" in result.stdout
    assert not api.bodies("POST /v1/changes")


@pytest.mark.parametrize(
    ("words", "agreed"),
    [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False), ("yo\n", False)],
)
def test_the_question_on_a_terminal(
    house: House, monkeypatch: pytest.MonkeyPatch, words: str, agreed: bool
) -> None:
    terminal = io.StringIO(words)
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)
    session = Session(house.wiring())
    if agreed:
        session.confirm("Apply this plan?", "remedy")
        return
    with pytest.raises(Refused, match="as you said"):
        session.confirm("Apply this plan?", "remedy")


def test_nothing_to_do_is_done(shop: House, api: Api) -> None:
    foresee(api, EMPTY)
    result = shop.run("up")
    assert (result.exit_code, "Nothing to do" in result.stdout) == (0, True)
    assert shop.run("up", "--json").stdout.encode() == msgspec.json.encode(EMPTY) + b"\n"


def test_a_refusal_is_no_change(shop: House, api: Api) -> None:
    foresee(api, REFUSED)
    for command in ("up", "plan"):
        result = shop.run(command)
        assert result.exit_code == 3
        assert "Refused: shop/web, 1 replica: no room" in result.stdout
        assert "add a cloud" in result.stdout
        assert shop.run(command, "--json").stdout.encode() == msgspec.json.encode(REFUSED) + b"\n"
    assert not api.bodies("POST /v1/changes")


@pytest.mark.parametrize(
    ("end", "code"), [(ChangeState.FAILED, 1), (ChangeState.CANCELLED, 3), (ChangeState.SUPERSEDED, 3)]
)
def test_a_change_that_ends_badly(shop: House, api: Api, end: ChangeState, code: int) -> None:
    foresee(api, end=end, reason="the port is taken")
    result = shop.run("up", "-y", "--json")
    assert result.exit_code == code
    assert "the port is taken" in result.stderr
    told = json.loads(result.stdout)
    assert told["error"]["code"] == f"change-{end}"
    assert told["error"]["facts"]["change"]["id"] == "change-1"


def test_a_world_that_has_moved(shop: House, api: Api) -> None:
    foresee(api)
    api.will("POST /v1/changes", Refused("the world has moved", code="moved", remedy="plan again"))
    result = shop.run("apply", "3fa9")
    assert (result.exit_code, result.stderr) == (3, "error: the world has moved\n  → plan again\n")


def test_a_server_that_goes_away_in_the_middle(shop: House, api: Api) -> None:
    foresee(api)
    api.will("GET /v1/journal", [], Lines([entry("task.running", "shop/web.1", 5)]))
    api.will("GET /v1/changes/change-1", change(ChangeState.APPLYING))
    result = shop.run("up", "-y")
    assert result.exit_code == 4
    assert "goes on when it is back" in " ".join(result.stderr.split())

    def breaks(_: Asked) -> object:
        return Response(b"{}", headers={"content-length": "100"}, media_type="application/json")

    api.will("POST /v1/plans", breaks)
    result = shop.run("up", "-y")
    assert result.exit_code == 4
    assert "went away in the middle" in " ".join(result.stderr.split())


def test_control_c_stops_the_looking_only(shop: House, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    foresee(api)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(follow, "_entries", interrupted)
    result = shop.run("up", "-y")
    assert result.exit_code == 130
    assert "The change goes on; to stop it: longshore cancel shop" in result.stderr


def test_what_the_reader_needs_is_sent_round_by_round(shop: House, api: Api) -> None:
    foresee(api)
    (Path(shop.cwd) / "web.env").write_text("A=1")
    shop.environ["TAG"] = "1.2"
    api.will(
        "POST /v1/readings",
        Reading(dialect="compose", needs=Needs(variables=("TAG",))),
        Reading(dialect="compose", needs=Needs(files=("web.env",), optional=(".env",))),
        READING,
    )
    assert shop.run("plan").exit_code == 0
    first, second, third = api.bodies("POST /v1/readings")
    assert first["variables"] == {}
    assert second["variables"] == {"TAG": "1.2"}
    assert third["files"] == {"compose.yaml": "services: {}", "web.env": "A=1", ".env": None}
    assert api.bodies("POST /v1/plans")[0]["sources"] == third


def test_options_travel(shop: House, api: Api) -> None:
    foresee(api)
    words = "plan -f compose.yaml -p mine --profile a --profile b --env-file x.env"
    assert shop.run(*words.split()).exit_code == 0
    sources = api.bodies("POST /v1/readings")[0]
    assert sources["templates"] == ["compose.yaml"]
    assert (sources["project"], sources["profiles"], sources["env_files"]) == ("mine", ["a", "b"], ["x.env"])


def test_faults_are_all_listed_with_place_and_line(shop: House) -> None:
    faults = tuple(
        Fault(code="c", message=f"fault {n}", file="compose.yaml", line=1, column=n, hint="mend it")
        for n in (1, 2)
    )
    shop.reader.will("POST /v1/readings", Reading(dialect="compose", faults=faults))
    result = shop.run("validate")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "error[c]: fault 1\n  compose.yaml:1:1\n    1 │ services: {}\n      │ ^\n  → mend it" in result.stderr
    )
    assert "compose.yaml:1:2" in result.stderr
    told = json.loads(shop.run("config", "--json").stdout)
    assert [fault["message"] for fault in told["faults"]] == ["fault 1", "fault 2"]


def test_config_and_validate_need_no_server(lonely: House) -> None:
    (Path(lonely.cwd) / "compose.yaml").write_text("services: {}")
    warned = msgspec.structs.replace(READING, warnings=(Fault(code="w", message="an old key"),))
    lonely.reader.will("POST /v1/readings", warned)
    result = lonely.run("config")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "name: shop\n", "warning[w]: an old key\n")
    assert "is right: shop, 0 services" in lonely.run("validate").stdout
    assert json.loads(lonely.run("validate", "--json").stdout)["ok"] is True
    assert lonely.run("config", "-", stdin="services: {}").exit_code == 0
    assert lonely.started == 0


def with_build(shop: House) -> dict[str, object]:
    folder = Path(shop.cwd) / "web"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch")
    wanted = Build(context=str(folder), args={"A": "1"})
    return {"service": "web", "name": "shop-web", "build": wanted}


def test_images_are_built_where_they_are_wanted(shop: House, api: Api) -> None:
    foresee(api)
    want = with_build(shop)
    api.will("POST /v1/plans", {"builds": [want]}, PLAN)
    api.will("POST /v1/builds", Lines([{"line": "Step 1/1 : FROM scratch\n"}, {"digest": "sha256:0"}]))
    result = shop.run("plan")
    assert result.exit_code == 0, result.stderr
    assert "web | Step 1/1 : FROM scratch" in result.stderr
    assert "built web as shop-web" in result.stderr
    assert [body["rebuilt"] for body in api.bodies("POST /v1/plans")] == [False, True]
    sent = next(asked for asked in api.asked if asked.path == "/v1/builds")
    request = json.loads(sent.query["request"])
    assert (request["name"], request["build"]["args"]) == ("shop-web", {"A": "1"})
    with tarfile.open(fileobj=io.BytesIO(sent.body)) as tar:
        assert tar.getnames() == ["Dockerfile"]


def test_build_builds_what_is_there_already(shop: House, api: Api) -> None:
    foresee(api)
    want = with_build(shop)
    build = want["build"]
    assert isinstance(build, Build)
    spec = ServiceSpec(name="web", image=ImageRef(name="shop-web"), build=build)
    api.will(
        "POST /v1/readings", Reading(dialect="compose", graph=Graph(name="shop", services={"web": spec}))
    )
    api.will("POST /v1/builds", Lines([{"digest": "sha256:0"}]))
    assert shop.run("up", "--build", "-y").exit_code == 0
    assert [body["rebuilt"] for body in api.bodies("POST /v1/plans")] == [True]


@pytest.mark.parametrize(
    ("lines", "code", "words"),
    [
        ([{"line": "x"}, {"error": {"code": "build-failed", "message": "exit 1"}, "exit": 1}], 1, "exit 1"),
        ([{"line": "x"}], 1, "without an image"),
        ([{"digest": "sha256:0"}], 1, "though it was just built"),
    ],
)
def test_builds_that_go_wrong(shop: House, api: Api, lines: list[object], code: int, words: str) -> None:
    foresee(api)
    api.will("POST /v1/plans", {"builds": [with_build(shop)]})
    api.will("POST /v1/builds", Lines(lines))
    result = shop.run("plan")
    assert result.exit_code == code
    assert words in result.stderr


def test_no_build_is_kept(shop: House, api: Api) -> None:
    foresee(api)
    api.will("POST /v1/plans", {"builds": [with_build(shop)]})
    assert shop.run("up", "--no-build").exit_code == 2
    assert api.bodies("POST /v1/plans")[0]["rebuilt"]
    assert shop.run("up", "--no-build", "--build").exit_code == 2


VERBS = [
    ("plan --down shop", Down()),
    ("plan --down shop -v", Down(volumes=True)),
    ("plan --scale shop web=3 api=0", Scale(replicas={"web": 3, "api": 0})),
    ("plan --rollback shop", Rollback()),
    ("down shop -y", Down()),
    ("down shop -v -y", Down(volumes=True)),
    ("scale shop web=5", Scale(replicas={"web": 5})),
    ("rollback shop --yes", Rollback()),
]


@pytest.mark.parametrize(("words", "intent"), VERBS)
def test_verbs_on_a_stack_that_is_there(house: House, api: Api, words: str, intent: object) -> None:
    foresee(api)
    result = house.run(*words.split())
    assert result.exit_code == 0, result.stderr
    body = api.bodies("POST /v1/plans")[0]
    assert body == {
        "project": "default",
        "stack": "shop",
        "sources": None,
        "intent": msgspec.to_builtins(intent),
        "rebuilt": False,
    }
    assert bool(api.bodies("POST /v1/changes")) is not words.startswith("plan")


def test_restart(house: House, api: Api) -> None:
    foresee(api)
    assert house.run("restart", "shop/web").exit_code == 0
    foresee(api)
    assert house.run("restart", "shop", "-d").exit_code == 0
    intents = [body["intent"] for body in api.bodies("POST /v1/plans")]
    assert intents == [{"kind": "Restart", "services": ["web"]}, {"kind": "Restart", "services": []}]
    assert house.run("restart", "shop/web.1").exit_code == 2


def test_scaling_asks_only_where_it_costs_more(house: House, api: Api) -> None:
    foresee(api, COSTLY)
    assert house.run("scale", "shop", "web=5").exit_code == 3
    assert house.run("scale", "shop", "web=5", "-y").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        "plan --down shop compose.yaml",
        "plan --down shop --rollback shop",
        "plan -v",
        "plan --scale shop",
        "plan --scale shop web",
        "plan --scale shop/web web=1",
        "down shop/web",
    ],
)
def test_words_that_do_not_go_together(house: House, words: str) -> None:
    assert house.run(*words.split()).exit_code == 2


def test_an_interrupted_question_is_130(shop: House, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    foresee(api)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "confirm", interrupted)
    result = click.testing.CliRunner().invoke(build(shop.wiring()), ["up"])
    assert result.exit_code == 130
