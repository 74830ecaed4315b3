"""Changing what runs: only what differs is touched, nobody waits, and what fails is taken back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from tests.e2e.house import House, service, sh, web
from tests.e2e.waiting import until

pytestmark = pytest.mark.engine

ANSWERS = {
    "test": ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080"],
    "interval": "300ms",
    "retries": 3,
}
"""A health check: something listens at 8080."""

ASK = r"""
once='exec 3<>/dev/tcp/web/8080 && printf "GET / HTTP/1.0\r\n\r\n" >&3
      says=$(tail -n 1 <&3) && [ -n "$says" ] && echo "$says"'
ask() { timeout 2 bash -c "$once" 2>/dev/null; }
while sleep 0.02; do ask || ask || echo failed; done
"""
"""A client that asks `web` again and again, and tries once more where one went away meanwhile."""


QUICK = {"update_config": {"monitor": "100ms"}, "rollback_config": {"monitor": "100ms"}}
"""Tasks that are not watched for long after an update."""


def test_changing_one_of_many_touches_just_that_one(house: House) -> None:
    template: dict[str, Any] = {
        "services": {f"s{n}": service(deploy={"replicas": 2, **QUICK}) for n in range(5)}
    }
    house.up(template)
    before = house.ids()
    template["services"]["s2"]["environment"] = {"NEW": "1"}
    house.up(template)
    after = house.ids()
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"s2.1", "s2.2"}
    said = house.up(template)
    assert house.ids() == after
    assert "Nothing" in said.out or "nothing" in said.out, said.out


def test_an_update_that_starts_the_new_first_is_not_felt(house: House) -> None:
    update = {"order": "start-first", "parallelism": 1}
    deploy = {"replicas": 2, "update_config": update}

    def template(says: str) -> dict[str, Any]:
        return {
            "services": {
                "web": web(says, healthcheck=ANSWERS, deploy=deploy),
                "load": service(sh(ASK), depends_on={"web": {"condition": "service_healthy"}}),
            }
        }

    def answers() -> Counter[str]:
        return Counter(house.do("logs", f"{house.name}/load.1").out.split())

    house.up(template("one"))
    until("the load is there", lambda: answers()["one"] > 20)
    house.write(template("two"))
    with house.open("up", "--yes", "-p", house.name, "compose.yaml") as updating:
        ready = []
        while updating.poll() is None:
            ready.append(sum(view.task.ready for view in house.tasks("web")))
        assert updating.wait() == 0, updating.communicate()
    assert min(ready) >= 2, ready
    seen = answers()["two"]
    until("all is new", lambda: answers()["two"] > seen + 20)
    found = answers()
    assert found["failed"] == 0, found
    assert found["one"] > 20
    assert {c.slot for c in house.running("web")} == {1, 2}
    assert len(house.running("web")) == 2


def test_an_update_that_fails_is_taken_back(house: House) -> None:
    def template(script: str) -> dict[str, Any]:
        deploy = {"replicas": 2, "update_config": {"failure_action": "rollback", "order": "start-first"}}
        return {"services": {"web": service(sh(script), deploy=deploy), "other": service()}}

    house.up(template("exec sleep 600"))
    before = house.ids()
    said = house.up(template("echo no such table >&2; exit 3"), code=1)
    assert "the update of" in said.err
    assert "no such table" in said.err
    until("the old version is wanted, and all of it is there", lambda: _well(house, "exec sleep 600"))
    assert house.stack().generation == 3
    assert len(house.census().containers) == 3
    after = house.ids()
    assert after["other.1"] == before["other.1"]
    # New before old goes: what never became ready cost the old ones nothing but the first.
    assert after["web.2"] == before["web.2"]
    assert "no such table" in house.do("explain", house.name).out


def test_restart_in_place_keeps_the_container(house: House) -> None:
    house.up({"services": {"a": service(deploy={"replicas": 2}), "b": service()}})
    before = house.ids()
    began = {name: house.moby.inspect(container)["State"]["StartedAt"] for name, container in before.items()}
    house.do("restart", f"{house.name}/a")
    assert house.ids() == before
    again = {name: house.moby.inspect(container)["State"]["StartedAt"] for name, container in before.items()}
    assert {name for name in began if began[name] != again[name]} == {"a.1", "a.2"}


def test_scale_and_roll_back(house: House) -> None:
    def template(version: str) -> dict[str, Any]:
        return {"services": {"a": service(labels={"version": version}, deploy={"replicas": 2, **QUICK})}}

    def versions() -> list[str]:
        return [c.labels["version"] for c in house.running("a")]

    house.up(template("one"))
    first = house.ids()
    house.do("scale", house.name, "a=4")
    assert house.ids().items() > first.items()
    assert len(house.running("a")) == 4
    house.do("scale", house.name, "a=1")
    assert house.ids() == {"a.1": first["a.1"]}
    house.up(template("two"))
    assert versions() == ["two", "two"]
    house.do("rollback", "--yes", house.name)
    assert set(versions()) == {"one"}


def test_cancel_stops_where_it_is_or_goes_back(house: House) -> None:
    never = {"test": ["CMD", "false"], "interval": "1s", "retries": 1000, "start_period": "1h"}

    def template(**keys: Any) -> dict[str, Any]:  # noqa: ANN401 - a template's
        return {"services": {"a": service(deploy={"replicas": 2, **QUICK}, **keys)}}

    house.up(template())
    house.up(template(healthcheck=never, environment={"NEW": "1"}), "--detach")
    until("the update is under way", lambda: any(t.task.health == "starting" for t in house.tasks()))
    house.do("cancel", house.name)
    assert house.still()
    assert house.changes()[0].state == "cancelled"
    house.do("cancel", house.name, code=3)

    house.up(template())
    good = house.ids()
    house.up(template(healthcheck=never, environment={"NEW": "2"}), "--detach")
    until("the update is under way", lambda: any(t.task.health == "starting" for t in house.tasks()))
    house.do("cancel", "--revert", house.name)
    until("it is as before", lambda: [t.task.ready for t in house.tasks()] == [True, True] and house.still())
    until("nothing is left over", lambda: len(house.census().containers) == 2)
    assert "NEW" not in str([house.moby.inspect(c)["Config"]["Env"] for c in house.ids().values()])
    assert house.ids()["a.2"] == good["a.2"]


def _well(house: House, script: str) -> bool:
    tasks = house.tasks("web", ended=True)
    commands = [house.moby.inspect(c.id)["Config"]["Cmd"][-1] for c in house.running("web")]
    return house.still() and [t.task.ready for t in tasks] == [True, True] and commands == [script] * 2
