"""What breaks comes back by itself, and what cannot work gives a reason a person can act on."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from tests.e2e.house import House, Said, service, sh
from tests.e2e.moby import CELL, IMAGE
from tests.e2e.waiting import seconds, until

pytestmark = pytest.mark.engine


def test_a_container_removed_by_hand_comes_back_in_seconds(house: House) -> None:
    house.up({"services": {"a": service(deploy={"replicas": 3})}})
    before = house.ids()
    began = seconds()
    house.moby.remove(before["a.2"])
    until("there are three again", lambda: len(house.running("a")) == 3, 10)
    assert seconds() - began < 6
    after = house.ids()
    assert {name for name in after if after[name] != before[name]} == {"a.2"}
    until("the server says so", lambda: {t.task.foreign_id for t in house.tasks()} == set(after.values()))
    assert "removed by somebody else" in house.do("events", "-n", "20").out


def test_a_killed_container_is_replaced(house: House) -> None:
    house.up({"services": {"a": service(deploy={"replicas": 2})}})
    before = house.ids()
    house.moby.kill(before["a.1"])
    until("there are two again", lambda: len(house.running("a")) == 2)
    until("only two are left", lambda: len(house.census().containers) == 2)
    assert house.ids()["a.2"] == before["a.2"]
    assert house.ids()["a.1"] != before["a.1"]


def test_a_process_that_dies_is_started_again_by_the_engine(house: House) -> None:
    house.up({"services": {"a": service(sh("sleep 1; kill -9 $$; exit 1"))}})
    until("it was restarted", lambda: house.tasks()[0].task.restarts > 0)


def test_all_that_was_removed_while_we_were_away_comes_back(house: House) -> None:
    house.up({"services": {"a": service(deploy={"replicas": 2}, networks=["n"])}, "networks": {"n": {}}})
    house.server.stop()
    for container in house.ids().values():
        house.moby.remove(container)
    house.moby.ask("DELETE", f"/networks/{house.name}_n")
    house.server.start()
    until("all is there again", lambda: len(house.running("a")) == 2)
    assert house.census().networks == (f"{house.name}_n",)


def test_an_image_that_cannot_be_had(house: House) -> None:
    missing = "no-such-image-of-anybody:1"
    said = house.up({"services": {"a": {"image": missing}, "b": service()}}, code=2)
    assert missing in said.err
    assert "image" in said.err
    assert "build it here" in said.err
    assert house.census().empty


def test_an_image_that_went_away_meanwhile(house: House) -> None:
    house.moby.ask("POST", f"/images/{IMAGE}/tag", repo=house.name, tag="1")
    made = house.moby.ask(
        "POST",
        "/commit",
        {"Labels": {"made": house.name}},
        container=_any_container(house),
        repo=house.name,
        tag="2",
    )["Id"]
    try:
        template = {"services": {"a": service(image=f"{house.name}:2")}}
        plan = house.do("plan", "-p", house.name, house.write(template), "--json").json
        house.moby.ask("DELETE", f"/images/{made}", force=1)
        said = house.do("apply", plan["hash"], code=1)
    finally:
        house.moby.ask("DELETE", f"/images/{house.name}:1", missing=True)
        house.moby.ask("DELETE", f"/images/{made}", missing=True, force=1)
    _is_explained(house, said, "is not to be had", f"{house.name}:2")


def test_a_port_that_is_taken(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        template = {"services": {"a": service(ports=[f"127.0.0.1:{port}:80"], restart="no")}}
        said = house.up(template, code=1)
        _is_explained(house, said, f"Port {port} (on 127.0.0.1) is held by a program on the host")
        assert f"ss -lptn sport = :{port}" in said.err
    house.up(template)
    assert len(house.running("a")) == 1


def test_a_command_that_is_not_there(house: House) -> None:
    said = house.up({"services": {"a": service(["no-such-program", "--now"])}}, code=1)
    _is_explained(house, said, "The command no-such-program cannot be run", "Correct `command:`")


def test_a_container_that_dies_at_its_start(house: House) -> None:
    said = house.up({"services": {"a": service(sh("echo cannot open the ledger >&2; exit 1"))}}, code=1)
    _is_explained(house, said, "cannot open the ledger", "exit code 1")


def test_a_job_that_fails(house: House) -> None:
    said = house.up(
        {"services": {"job": service(sh("echo disk of cheese >&2; exit 4"), restart="no"), "b": service()}},
        code=1,
    )
    _is_explained(house, said, "disk of cheese", "exited with 4", service="job")
    assert len(house.census().of("job")) == 1


@pytest.mark.parametrize("kind", ["volume", "network"])
def test_a_name_that_is_taken(house: House, kind: str) -> None:
    name = f"{house.name}_mine"
    if kind == "volume":
        house.moby.make_volume(name, {})
        template: dict[str, Any] = {
            "services": {"a": service(volumes=["mine:/data"])},
            "volumes": {"mine": {}},
        }
    else:
        house.moby.make_network(name, {})
        template = {"services": {"a": service(networks=["mine"])}, "networks": {"mine": {}}}
    try:
        said = house.up(template, code=1)
        _is_explained(house, said, f"There is a {kind} named {name} already", "external: true")
        house.do("down", "--yes", "--volumes", house.name)
        # Taken at its word:
        template[f"{kind}s"]["mine"] = {"external": True, "name": name}
        house.up(template)
        assert len(house.running("a")) == 1
        house.do("down", "--yes", "--volumes", house.name)
        assert house.census().empty
        assert house.moby.ask("GET", f"/{kind}s/{name}")["Name"] == name
    finally:
        house.close()
        house.moby.ask("DELETE", f"/{kind}s/{name}", missing=True)


def _is_explained(house: House, said: Said, *words: str, service: str = "a") -> None:
    """The command that failed said why, and so do `explain` and the screen of status."""
    told = house.do("explain", f"{house.name}/{service}").out
    warned = house.warned("change-failed")
    for word in words:
        assert word in said.err, said.err
        assert word in told, told
    assert "explain" in said.err
    assert words[0] in warned, warned


def _any_container(house: House) -> str:
    """A container that never ran, to make an image of; the cell's, so that it is swept."""
    body = {"Image": IMAGE, "Cmd": ["true"], "Labels": {CELL: house.server.cell}}
    made: str = house.moby.ask("POST", "/containers/create", body)["Id"]
    return made
