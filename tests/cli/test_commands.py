"""Each command: which request it makes, and that the answer is shown."""

import json

import msgspec
import pytest
from tests.cli.conftest import NOW, Api, House, Lines

from longshore.model.ask import AskWhatIf
from longshore.model.clock import SECOND, Micros
from longshore.model.cloud import Cloud
from longshore.model.errors import Failed
from longshore.model.host import Host, Quote
from longshore.model.ids import HostId, StackId, TaskId
from longshore.model.journal import Entry
from longshore.model.lifecycle import HostState, TaskState
from longshore.model.money import Money
from longshore.model.plan import Explanation, Loss, WhatIf
from longshore.model.task import Task
from longshore.model.view import CloudView, Cost, HostView, Status, TaskView, Version

HOST = HostView(host=Host(id=HostId("h"), name="north-1", cloud="north", own=True, state=HostState.READY))
STATUS = Status(ok=True, version=Version(version="0.1.0", cell="c"))
ENTRIES = [
    Entry(at=Micros(NOW - n * SECOND), kind="task.running", subject=f"shop/web.{n}", words="why", seq=9 - n)
    for n in (3, 2, 1)
]


def task(slot: int, state: TaskState = TaskState.RUNNING) -> TaskView:
    inner = Task(
        id=TaskId(f"task-{slot}"),
        stack=StackId("stack-1"),
        service="web",
        slot=slot,
        digest="d",
        generation=1,
        host=HostId("h"),
        state=state,
    )
    return TaskView(
        name=f"shop/web.{slot}", stack="shop", service="web", host="h", cloud="c", image="i", task=inner
    )


READS = [
    # words, request, query, answer, a word of what is shown
    ("stacks --all", "GET /v1/stacks", {"all": "1"}, [], "No stacks"),
    ("stacks", "GET /v1/stacks", {}, [], "No stacks"),
    ("ps", "GET /v1/tasks", {}, [task(1)], "shop/web.1"),
    ("ps -a shop/web", "GET /v1/tasks", {"stack": "shop", "service": "web", "all": "1"}, [], "No tasks"),
    ("ps shop/web.2", "GET /v1/tasks", {"stack": "shop", "service": "web", "slot": "2"}, [], "No tasks"),
    ("hosts", "GET /v1/hosts", {}, [HOST], "north-1"),
    ("clouds", "GET /v1/clouds", {}, [], "No clouds"),
    (
        "clouds offers north",
        "GET /v1/clouds/north/offers",
        {},
        [Quote(cloud="north", flavor="xl")],
        "unknown",
    ),
    ("clouds drivers", "GET /v1/drivers", {}, {"sim": "simulated"}, "simulated"),
    ("cost", "GET /v1/cost", {}, Cost(), "BILL"),
    ("cost shop", "GET /v1/cost", {"stack": "shop"}, Cost(), "SHARE"),
    ("status", "GET /v1/status", {}, STATUS, "All is well."),
    ("events -n 3 --stack shop", "GET /v1/journal", {"after": "-3", "stack": "shop"}, ENTRIES, "3s ago"),
]


@pytest.mark.parametrize(("words", "request_", "query", "answer", "shown"), READS)
def test_reading(
    house: House, api: Api, words: str, request_: str, query: dict[str, str], answer: object, shown: str
) -> None:
    api.will(request_, answer)
    result = house.run(*words.split())
    assert result.exit_code == 0, result.stderr
    assert api.queries(request_) == [query]
    assert shown in result.stdout
    raw = house.run(*words.split(), "--json")
    assert raw.stdout.encode() == msgspec.json.encode(answer) + b"\n"


def test_explain(house: House, api: Api) -> None:
    api.will("POST /v1/explain", Explanation(subject="shop/web", kind="service", words=("because",)))
    assert "because" in house.run("explain", "shop/web").stdout
    assert api.bodies("POST /v1/explain") == [{"subject": "shop/web"}]


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("lose host a b", {"lose_hosts": ["a", "b"]}),
        ("lose cloud north", {"lose_clouds": ["north"]}),
        ("lose zone z1 z2", {"lose_zones": ["z1", "z2"]}),
        ("price north=2.0", {"prices": {"north": 2000}}),
        ("survive", {"survive": True}),
        (
            "--lose-zone z1 --lose-host a --scale shop/web=2x --add-host north/small=3 "
            "--price north=0.5 --survive",
            {
                "lose_zones": ["z1"],
                "lose_hosts": ["a"],
                "scale": {"shop/web": 2000},
                "add_hosts": {"north/small": 3},
                "prices": {"north": 500},
                "survive": True,
            },
        ),
    ],
)
def test_whatif(house: House, api: Api, words: str, asked: dict[str, object]) -> None:
    api.will("POST /v1/whatif", WhatIf(question="what if?", words="nothing much"))
    result = house.run("whatif", *words.split())
    assert "nothing much" in result.stdout
    nothing = json.loads(msgspec.json.encode(AskWhatIf()))
    assert api.bodies("POST /v1/whatif") == [{**nothing, **asked}]


def test_whatif_of_nothing_is_no_question(house: House) -> None:
    assert house.run("whatif").exit_code == 2


def test_survival_names_what_would_be_down(house: House, api: Api) -> None:
    losses = (
        Loss(host="h1", tasks=3, down=("shop/db.1",)),
        Loss(host="h2", tasks=2, bought={"north/small": 1}),
        Loss(host="h3", tasks=9, down=("shop/web.1",), rehearsed=False),
    )
    api.will("POST /v1/whatif", WhatIf(question="does it survive?", words="no", losses=losses))
    shown = house.run("whatif", "survive").stdout
    assert "shop/db.1" in shown
    assert "1 x north/small" in shown
    assert "unless hosts are bought" in shown


def test_setting_a_host(house: House, api: Api) -> None:
    api.will("POST /v1/hosts/north-1/settings", HOST.host)
    words = "--taint dedicated=gpu --taint fire:noexecute --untaint old --label disk=ssd --unlabel rack"
    words += " --zone z1 --reserve cpu=0.5,memory=1GiB,fpga=2 --overcommit-cpu 2"
    assert house.run("hosts", "set", "north-1", *words.split()).exit_code == 0
    room = {"cpu": 500, "memory": 1 << 30, "disk": 0, "pids": 0, "gpus": 0, "gpu_model": ""}
    assert api.bodies("POST /v1/hosts/north-1/settings") == [
        {
            "labels": {"disk": "ssd", "rack": None},
            "taints": [
                {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"},
                {"key": "fire", "value": "", "effect": "NoExecute"},
            ],
            "untaint": ["old"],
            "zone": "z1",
            "reserved": {**room, "counted": {"fpga": 2}},
            "overcommit_cpu": 2000,
        }
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("set north-1", "usage"),
        ("set north-1 --taint =x", "taint-unreadable"),
        ("set north-1 --taint a=b:Sometimes", "taint-unreadable"),
        ("set north-1 --reserve cpu=much", "room-unreadable"),
        ("set north-1 --overcommit-cpu -1", "room-unreadable"),
        ("keep north-1 --for shop --room cpu=1 --length soon", "length-unreadable"),
    ],
)
def test_a_setting_that_cannot_be_read(house: House, words: str, code: str) -> None:
    result = house.run("hosts", *words.split(), "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == code


def test_keeping_room(house: House, api: Api) -> None:
    api.will("POST /v1/hosts/north-1/kept", HOST.host)
    words = "keep north-1 --for shop/web --room cpu=2,memory=4g --length 2h"
    assert house.run("hosts", *words.split()).exit_code == 0
    body = api.bodies("POST /v1/hosts/north-1/kept")[0]
    assert (body["whom"], body["length"]) == ("shop/web", 7_200_000_000)
    assert (body["room"]["cpu"], body["room"]["memory"]) == (2000, 4 << 30)


def test_draining(house: House, api: Api) -> None:
    api.will("POST /v1/hosts/north-1/drain", HOST.host)
    assert house.run("hosts", "drain", "north-1").exit_code == 0
    assert house.run("hosts", "undrain", "north-1", "--json").stdout.encode().startswith(b'{"id":"h"')
    assert api.bodies("POST /v1/hosts/north-1/drain") == [{"undo": False}, {"undo": True}]


def test_adding_a_cloud(house: House, api: Api) -> None:
    api.will("POST /v1/clouds", Cloud(name="north", driver="sim"))
    words = "clouds add sim north --set seed=7 --set zone=a --max-hosts 5 --max-price 0.5 --order 2"
    assert house.run(*words.split()).exit_code == 0
    house.run("clouds", "add", "local", "here", "--own", "--price", "0.02 USD")
    north, here = api.bodies("POST /v1/clouds")
    assert (north["driver"], north["name"], north["own"], north["order"]) == ("sim", "north", False, 2)
    assert north["settings"] == {"seed": "7", "zone": "a"}
    assert (north["max_hosts"], north["max_price"]) == (5, {"nano": 500_000_000, "currency": "EUR"})
    assert here["own"]
    assert msgspec.convert(here["price"], Money) == Money(20_000_000, "USD")
    assert house.run("clouds", "add", "sim", "x", "--price", "cheap").exit_code == 2
    result = house.run("clouds", "add", "sim")
    assert (result.exit_code, "clouds add --help" in result.stderr) == (2, True)


def test_a_cloud_is_given_another_price_and_other_bounds(house: House, api: Api) -> None:
    north = Cloud(name="north", driver="sim", order=2, max_hosts=5, max_price=Money(9), settings={"a": "b"})
    api.will("GET /v1/clouds", [CloudView(cloud=north)])
    api.will("POST /v1/clouds", {})
    assert house.run("clouds", "change", "north", "--max-hosts", "8", "--max-price", "0").exit_code == 0
    assert house.run("clouds", "change", "north", "--price", "0.02 USD", "--order", "1").exit_code == 0
    first, second = api.bodies("POST /v1/clouds")
    assert (first["max_hosts"], first["max_price"], first["order"], first["settings"]) == (
        8,
        None,
        2,
        {"a": "b"},
    )
    assert second["price"] == {"nano": 20_000_000, "currency": "USD"}
    assert (second["max_hosts"], second["max_price"], second["order"]) == (
        5,
        {"nano": 9, "currency": "EUR"},
        1,
    )
    assert house.run("clouds", "change", "north").exit_code == 2
    assert "no cloud 'nrth'" in house.run("clouds", "change", "nrth", "--order", "1").stderr


def test_removing_a_cloud(house: House, api: Api) -> None:
    api.will("DELETE /v1/clouds/north", {})
    assert house.run("clouds", "remove", "north", "--json").stdout == "{}\n"


def test_cancelling(house: House, api: Api) -> None:
    api.will("POST /v1/stacks/shop/cancel", Failed("no open change", code="change-none"))
    assert house.run("cancel", "shop", "--revert").exit_code == 1
    assert api.bodies("POST /v1/stacks/shop/cancel") == [{"revert": True}]


def test_logs(house: House, api: Api) -> None:
    lines = [
        {"task": "shop/web.1", "text": "one\n", "stream": "stdout", "at": 1},
        {"task": "shop/web.2", "text": "two\u2028[bold]x", "stream": "stderr", "at": 2},
        {"task": "shop/web.3", "text": "its host is silent", "stream": "error", "at": 3},
    ]
    api.will("GET /v1/logs", Lines(lines))
    result = house.run("logs", "-f", "--tail", "5", "shop/web")
    assert result.stdout == "shop/web.1 | one\nshop/web.2 | two\u2028[bold]x\n"
    assert result.stderr == "shop/web.3: its host is silent\n"
    assert api.queries("GET /v1/logs") == [{"stack": "shop", "service": "web", "follow": "1", "tail": "5"}]
    assert house.run("logs", "shop/web.1").stdout.startswith("one\n")
    raw = house.run("logs", "shop", "--json").stdout.encode()
    assert raw == b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def test_an_error_in_the_middle_of_a_stream(house: House, api: Api) -> None:
    error = {"error": {"code": "gone", "message": "the host is silent", "remedy": ""}, "exit": 4}
    api.will("GET /v1/logs", Lines([{"task": "shop/web.1", "text": "one"}, error]))
    result = house.run("logs", "shop")
    assert (result.exit_code, result.stdout) == (4, "shop/web.1 | one\n")
    assert "the host is silent" in result.stderr


def test_following_events_begins_after_the_last_one_shown(house: House, api: Api) -> None:
    new = Entry(at=Micros(NOW), kind="task.lost", subject="shop/web.1", words="its host is silent", seq=9)
    api.will("GET /v1/journal", ENTRIES, Lines([new]), ENTRIES, Lines([new]))
    result = house.run("events", "-f", "-n", "2")
    rows = result.stdout.splitlines()
    assert [row.split()[1] for row in rows] == ["shop/web.2", "shop/web.1", "shop/web.1"]
    assert "task.lost  its host is silent  (longshore)" in rows[2]
    assert api.queries("GET /v1/journal") == [{"after": "-2"}, {"after": "8", "follow": "1"}]
    raw = house.run("events", "-f", "-n", "1", "--json").stdout.splitlines()
    assert [json.loads(line)["seq"] for line in raw] == [8, 9]


def test_exec_wants_a_task_that_is_ready(house: House, api: Api) -> None:
    api.will("GET /v1/tasks", [task(1, TaskState.FAILED)])
    result = house.run("exec", "-T", "shop/web", "true")
    assert result.exit_code == 2
    assert "no task of shop/web is ready" in result.stderr
    assert house.run("exec", "-T", "shop", "true").exit_code == 2
    assert house.run("exec", "-T", "-t", "shop/web.1", "true").exit_code == 2
    assert house.run("exec", "-t", "shop/web.1", "true").exit_code == 2
