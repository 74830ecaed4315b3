"""What a template says is so: in the container, between containers, and after they are gone."""

from __future__ import annotations

from functools import partial

import httpx
import pytest
from tests.e2e.house import House, free_port, lines, service, sh, web
from tests.e2e.waiting import until

pytestmark = pytest.mark.engine


def test_up_and_down_leave_nothing(house: House) -> None:
    house.up({"services": {"a": service(deploy={"replicas": 2}), "b": service()}})
    there = house.census()
    assert [(c.service, c.slot, c.state) for c in there.containers] == [
        ("a", 1, "running"),
        ("a", 2, "running"),
        ("b", 1, "running"),
    ]
    assert there.networks == (f"{house.name}_default",)
    house.do("down", "--yes", house.name)
    assert house.census().empty


def test_data_in_a_named_volume_outlives_down(house: House) -> None:
    template = {"services": {"db": service(volumes=["data:/data"])}, "volumes": {"data": {}}}
    house.up(template)
    house.do("exec", f"{house.name}/db", "sh", "-c", "echo kept > /data/note")
    house.do("down", "--yes", house.name)
    assert house.census().volumes == (f"{house.name}_data",)
    assert not house.census().containers
    house.up(template)
    assert house.do("exec", f"{house.name}/db", "cat", "/data/note").out == "kept\n"
    house.do("down", "--yes", "--volumes", house.name)
    assert house.census().empty


def test_mounts_secrets_configs_and_settings_are_in_the_container(house: House) -> None:
    (house.folder / "bound").mkdir()
    (house.folder / "bound" / "page").write_text("from the host\n")
    (house.folder / "password.txt").write_text("sesame\n")
    (house.folder / "app.conf").write_text("level = 1\n")
    (house.folder / "app.env").write_text("FROM_FILE=yes\nBOTH=file\n")
    house.up(
        {
            "services": {
                "a": service(
                    volumes=["./bound:/bound:ro"],
                    tmpfs=["/scratch"],
                    secrets=[{"source": "password", "uid": "1000", "gid": "1000", "mode": 0o400}, "plain"],
                    configs=[{"source": "app", "target": "/etc/app/app.conf", "gid": "1000", "mode": 0o440}],
                    env_file="app.env",
                    environment={"BOTH": "template", "PRICE": "5 $ each"},
                    working_dir="/etc/app",
                    user="1000:1000",
                )
            },
            "secrets": {"password": {"file": "password.txt"}, "plain": {"file": "password.txt"}},
            "configs": {"app": {"file": "app.conf"}},
        }
    )

    def inside(script: str) -> str:
        return house.do("exec", "-T", f"{house.name}/a", "sh", "-c", script).out.strip()

    assert inside("cat /bound/page") == "from the host"
    assert inside("touch /bound/x 2>&1 || true").endswith("Read-only file system")
    assert inside("stat -f -c %T /scratch") == "tmpfs"
    assert (
        inside("cat /run/secrets/password; stat -c '%u %g %a' /run/secrets/password")
        == "sesame\n1000 1000 400"
    )
    assert inside("stat -c '%u %g %a' /run/secrets/plain") == "0 0 444"
    assert inside("cat app.conf; stat -c %a app.conf") == "level = 1\n440"
    assert inside('echo "$FROM_FILE $BOTH $PRICE $(id -u) $PWD"') == "yes template 5 $ each 1000 /etc/app"


def test_networks_connect_and_keep_apart_by_name(house: House) -> None:
    house.up(
        {
            "services": {
                "front": service(networks=["outer"]),
                "middle": service(networks={"outer": {"aliases": ["shop"]}, "inner": {"aliases": ["stock"]}}),
                "back": service(networks=["inner"]),
            },
            "networks": {"outer": {}, "inner": {"internal": True}},
        }
    )
    assert house.census().networks == (f"{house.name}_inner", f"{house.name}_outer")

    def knows(who: str, name: str) -> bool:
        # What the engine knows it tells at once; for the rest it asks the world, which may be slow.
        look = ("timeout", "1", "getent", "hosts", name)
        return house.try_("exec", "-T", f"{house.name}/{who}", *look).code == 0

    assert knows("front", "middle")
    assert knows("front", "shop")
    assert knows("back", "stock")
    assert not knows("front", "stock")
    assert not knows("front", "back")
    assert not knows("back", "shop")


def test_what_depends_waits_until_what_it_needs_is_there(house: House) -> None:
    check = {"test": ["CMD", "test", "-e", "/tmp/up"], "interval": "300ms", "retries": 50}
    house.up(
        {
            "services": {
                "web": service(
                    depends_on={
                        "db": {"condition": "service_healthy"},
                        "migrate": {"condition": "service_completed_successfully"},
                    }
                ),
                "migrate": service(sh("sleep 0.2"), restart="no", depends_on=["db"]),
                "db": service(sh("sleep 0.5; touch /tmp/up; exec sleep 600"), healthcheck=check),
            }
        }
    )
    told = [(e.kind, e.subject.partition("/")[2]) for e in house.journal()]
    began = told.index(("task.running", "web.1"))
    assert told.index(("task.healthy", "db.1")) < began
    assert told.index(("task.completed", "migrate.1")) < began
    (job,) = house.tasks("migrate", ended=True)
    assert (job.task.state, job.task.exit_code) == ("completed", 0)
    assert len(house.census().of("migrate")) == 1


def test_profiles_take_services_in(house: House) -> None:
    template = {"services": {"web": service(), "debug": service(profiles=["tools"])}}
    house.up(template)
    assert set(house.ids()) == {"web.1"}
    house.up(template, "--profile", "tools")
    assert set(house.ids()) == {"web.1", "debug.1"}


def test_a_published_port_answers(house: House) -> None:
    port = free_port()
    house.up({"services": {"web": web("good day", ports=[f"127.0.0.1:{port}:8080", "127.0.0.1::8080"])}})
    (task,) = house.tasks()
    published = [p for p in task.task.published if p.endswith("->8080/tcp")]
    assert len(published) == 2
    assert f"127.0.0.1:{port}->8080/tcp" in published
    for place in published:
        url = f"http://{place.partition('->')[0]}/"
        assert until(f"{url} answers", partial(_get, url), 5) == "good day"
    assert str(port) in house.do("ps", house.name).out


def test_exec_passes_exit_code_and_input(house: House) -> None:
    house.up({"services": {"a": service()}})
    name = f"{house.name}/a"
    assert house.do("exec", "-T", name, "sh", "-c", "echo out; echo err >&2; exit 7", code=7) == (
        7,
        "out\n",
        "err\n",
    )
    text = "line\n" * 20_000
    said = house.do("exec", "-T", f"{name}.1", "sh", "-c", "cat; echo end", stdin=text)
    assert said.out == text + "end\n"
    missing = house.try_("exec", "-T", name, "no-such-program")
    # Engines differ: older ones say 126, newer 127.
    assert missing.code in {126, 127}
    assert "no-such-program" in missing.err + missing.out


def test_logs_are_told_and_followed(house: House) -> None:
    house.up(
        {
            "services": {
                "a": service(
                    sh("echo first; until test -e /tmp/go; do sleep 0.05; done; echo second; exec sleep 600")
                )
            }
        }
    )
    assert house.do("logs", f"{house.name}/a").out == f"{house.name}/a.1 | first\n"
    with house.open("logs", "-f", f"{house.name}/a.1") as following:
        told = lines(following)
        assert next(told) == "first"
        house.do("exec", "-T", f"{house.name}/a", "touch", "/tmp/go")
        assert next(told) == "second"
        following.terminate()
    assert house.do("logs", "--tail", "1", f"{house.name}/a.1").out == "second\n"


def _get(url: str) -> str:
    try:
        return httpx.get(url, timeout=2, trust_env=False).text
    except httpx.HTTPError:
        return ""
