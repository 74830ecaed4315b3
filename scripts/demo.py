"""The main job, step by step: an application on the engine at hand, then the same file on a simulated estate.

Every step says what it tries, runs it for real, and fails loudly where it does not come out. Whatever it
made is taken back at the end, also after a failure or Ctrl-C.

Exit codes: 0 all held, 1 something did not, 130 interrupted.
"""

# A script at the edge: it reads the clock, and what commands print is of any shape.
# ruff: noqa: ANN401, TID251

from __future__ import annotations

import json
import os
import re
import signal
import sys
import textwrap
import time
from subprocess import SubprocessError
from typing import Any

import engine_api
from narration import Broken, Narrator, list_of, money, stop_for_signal
from shop_page import address, get, post
from trial import BUILD, ENGINE, Trial, free_port

SHOP = "examples/shop/compose.yaml"
PRICE = "0.02 EUR"
HEALTHY = 24  # seconds until the machine that is to be lost falls silent: coming home takes about ten
RESERVE = """\
# A service that asks for twice the memory of this machine.
services:
  model:
    image: debian:bookworm-slim
    command: ["sleep", "infinity"]
    deploy:
      resources:
        reservations: {memory: %s}
"""


def engine_at_hand(n: Narrator, trial: Trial) -> None:
    """The shop on the real engine."""
    n.part(
        "Part one: the container engine at hand",
        f"A server of its own, apart from yours, on {ENGINE}."
        f" This machine is declared to cost {PRICE} per hour.",
    )
    _start(n, trial)
    _plan_and_apply(n, trial)
    _serve(n, trial)
    _scale_and_heal(n, trial)
    _explain(n, trial)
    _refuse(n, trial)
    n.step("Take it all down")
    n.run(trial, "down", "--yes", "--volumes", "demo")
    left = trial.left()
    n.check(not any(left.values()), f"nothing of it is left in the engine: no {list_of(list(left), 'or')}")
    n.tell("The four images stay, so that the next time is quick; make clean removes them.")


def _start(n: Narrator, trial: Trial) -> None:
    n.step(
        "Start the server",
        "There is none yet, so the first command starts one in the background, and says so.",
    )
    n.run(trial, "status")
    n.check(bool(trial.pid), f"a server answers, process {trial.pid}")
    n.until(lambda: trial.read("status")["reachable"], "the engine at hand answers")
    bill = trial.read("status")["bill"]["amounts"]
    n.check(bill == {"EUR": 20_000_000}, f"the bill so far is this machine's price, {money(bill)} per hour")


def _plan_and_apply(n: Narrator, trial: Trial) -> None:
    n.step(
        "Plan a Compose file",
        "What would be done, where, why and what it costs. Nothing is done yet but the images.",
    )
    said = n.run(trial, "plan", "-p", "demo", SHOP)
    plan = trial.read("plan", "-p", "demo", SHOP)
    name = plan["hash"][:12]
    n.check(f"plan {name}" in said.text, f"planned twice, it is the same plan: {name}")
    started = plan["effect"]["tasks_started"]
    n.check(started == 5, f"it would start {started} containers of 4 services")
    n.check(not plan["difference"]["amounts"], "it would cost nothing more: this machine is paid for already")
    n.check("per month" in said.text, "the price is told per hour and per month, before anything is done")
    n.check(not trial.left()["container"], "nothing runs yet")

    n.step(
        "Apply just this plan",
        "By its hash: had the world moved since, it would be refused with the difference.",
    )
    n.run(trial, "apply", name)
    tasks = _tasks(trial)
    n.check(
        len(tasks) == 5 and all(t["task"]["health"] == "healthy" for t in tasks),
        f"{len(tasks)} containers run, and their health checks pass",
    )


def _serve(n: Narrator, trial: Trial) -> None:
    n.step("Use it", f"The page is at {address(trial)} while the demo runs.")
    page = n.until(lambda: get(trial, "/"), "the page answers")
    n.check("<title>" in page, "the page answers, through web, api, PostgreSQL and Redis")
    post(trial, "/orders", item="forty fathoms of rope")
    n.check("forty fathoms of rope" in get(trial, "/"), "an order was placed, and is on the page")

    n.step("Restart the database", "In place, by the one path for all changes: a plan, and then its steps.")
    n.run(trial, "restart", "demo/db")
    summary = n.until(
        lambda: json.loads(get(trial, "/summary") or "{}").get("orders"), "the page has its data again"
    )
    n.check(summary[0]["item"] == "forty fathoms of rope", "the order survived: the data is in a volume")
    n.until(
        lambda: all(t["task"]["health"] == "healthy" for t in _tasks(trial)), "all containers are healthy"
    )


def _scale_and_heal(n: Narrator, trial: Trial) -> None:
    n.step("Scale a service", "It costs nothing more here, so it does not ask.")
    n.run(trial, "scale", "demo", "api=3")
    n.check(len(_tasks(trial, "api")) == 3, "three replicas of the API run")

    n.step("Kill a container, behind Longshore's back")
    victim = _tasks(trial, "api")[1]
    container = victim["task"]["foreign_id"]
    n.tell(f"To the engine itself: remove the container of {victim['name']}, {container[:12]}, by force.")
    engine_api.ask(ENGINE, "DELETE", f"/containers/{container}?force=1").read()

    def replaced() -> Any:
        again = [t for t in _tasks(trial, "api") if t["name"] == victim["name"]]
        return (
            again and again[0]["task"]["foreign_id"] != container and again[0]["task"]["health"] == "healthy"
        )

    n.until(replaced, "it is replaced")
    n.run(trial, "events", "--stack", "demo", "-n", "4")
    n.check("task.lost" in _kinds(trial), "it was replaced by a new one, and the journal says why")


def _explain(n: Narrator, trial: Trial) -> None:
    n.step("Ask why something is where it is")
    n.run(trial, "explain", "demo/db")
    why = trial.read("explain", "demo/db")
    decision = why["decisions"][0]
    n.check(
        decision["kind"] == "place" and decision["considered"] >= 1,
        "the decision was stored with its numbers: hosts looked at, hosts fit, and what they scored",
    )
    n.run(trial, "cost", "demo")
    cost = trial.read("cost")
    n.check(
        cost["bill"]["amounts"] == {"EUR": 20_000_000},
        "the bill is what the machine costs, shares and idle part told",
    )


def _refuse(n: Narrator, trial: Trial) -> None:
    n.step("Ask for what cannot be had")
    host = trial.read("hosts")[0]["host"]
    template = trial.folder / "greedy.yaml"
    name = os.path.relpath(template, BUILD.parent)
    template.write_text(RESERVE % f"{2 * host['capacity']['memory'] >> 20}M")
    n.show(template.read_text())
    n.run(trial, "plan", "-p", "greedy", name, code=3)
    refusal = trial.read("plan", "-p", "greedy", name)["refusals"][0]
    n.check(
        bool(refusal["remedies"]),
        "refused (exit code 3), with the smallest change of each kind that would help",
    )

    enough = next(filter(None, (re.search(r"reserve ([\d.]+) ([MGT])iB", r) for r in refusal["remedies"])))
    # The words are rounded to four figures, maybe up: a thousandth less is certain to be within.
    size = f"{float(enough[1]) * 0.999 * 1024 ** 'MGT'.index(enough[2]):.0f}M"
    template.write_text(RESERVE % size)
    n.tell(f"Taken at its word, with {size}:")
    n.run(trial, "plan", "-p", "greedy", name)
    n.check(not trial.read("plan", "-p", "greedy", name)["refusals"], "with that change, it fits")


def simulated_estate(n: Narrator, trial: Trial) -> None:
    """The shop on own hosts and two priced clouds."""
    n.part(
        "Part two: the same file on an estate",
        "Three small machines of your own and two clouds with prices, all simulated: the planner, the engine"
        " and the commands are the same. Patience is set to seconds where it would be minutes.",
    )
    _found(n, trial)
    _burst(n, trial)
    moment = _come_home(n, trial)
    expected = _ask_what_if(n, trial)
    _lose(n, trial, moment, expected)
    _recover(n, trial)
    n.step("Take it all down")
    n.run(trial, "down", "--yes", "--volumes", "demo")
    n.until(lambda: not _lent(trial), "no host is lent")
    n.run(trial, "clouds")
    status = trial.read("status")
    n.check((status["stacks"], status["tasks"]) == (0, 0), "nothing is left: no stack, no task")
    n.check(not _lent(trial), "no host is lent any more: the bill is that of your own machines")


def _found(n: Narrator, trial: Trial) -> None:
    n.step("Declare the estate")
    n.run(
        trial, "clouds", "add", "sim", "own", "--own", "--price", "0.008",
        "--set", "hosts=3", "--set", "cpu=0.5", "--set", "memory=1GiB",
    )  # fmt: skip
    boot = ("--set", "boot=2s", "--set")
    n.run(trial, "clouds", "add", "sim", "north", *boot, "flavors=small:1:2GiB:0.012,large:4:8GiB:0.040")
    n.run(trial, "clouds", "add", "sim", "south", *boot, "flavors=small:1:2GiB:0.010,medium:2:4GiB:0.019")
    n.until(lambda: trial.read("status")["reachable"] == 3, "its hosts were seen")
    n.run(trial, "hosts")
    n.run(trial, "clouds", "offers", "south")

    n.step("The same file, now over three hosts")
    n.run(trial, "up", "--yes", "-p", "demo", SHOP)
    hosts = sorted({t["host"] for t in _tasks(trial)})
    n.check(len(hosts) == 3, f"the containers are spread over {list_of(hosts)}")


def _burst(n: Narrator, trial: Trial) -> None:
    n.step(
        "More than your machines can carry",
        "First only planned: what would be bought, why, and for how much.",
    )
    n.run(trial, "plan", "--scale", "demo", "api=18")
    plan = trial.read("plan", "--scale", "demo", "api=18")
    bought = list_of([f"{count} x {flavor}" for flavor, count in plan["purchases"].items()])
    n.check(plan["purchases"] == {"south/small": 1}, f"it would buy {bought}, the cheapest that is enough")
    reason = next(step["reason"] for step in plan["steps"] if step["verb"] == "buy")
    n.check("fits on no host" in reason, "with the reason")
    n.check(
        plan["difference"]["amounts"] == {"EUR": 10_000_000},
        f"and the price, as a difference from now: {money(plan['difference']['amounts'])} per hour more",
    )
    n.check(not _lent(trial), "nothing is bought yet")
    n.run(trial, "apply", plan["hash"][:12])
    n.run(trial, "hosts")
    n.check(
        len(_lent(trial)) == 1 and len(_tasks(trial, "api")) == 18, "one host was lent, and 18 replicas run"
    )


def _come_home(n: Narrator, trial: Trial) -> float:
    """Returns when the new machine will fall silent (of `time.monotonic`)."""
    n.step(
        "Coming home",
        "You add a machine of your own. When all of a lent host's tasks fit at home, they come home.",
    )
    added = time.monotonic()
    n.run(
        trial, "clouds", "add", "sim", "annex", "--own", "--price", "0.008",
        "--set", "hosts=1", "--set", "cpu=1", "--set", "memory=2GiB", "--set", f"outage={HEALTHY}s+15s",
    )  # fmt: skip
    n.until(lambda: not _lent(trial), "the lent host is given back")
    n.run(trial, "hosts")
    _show_journal(n, trial, "host.draining", "host.releasing", "host.released")
    n.check(len(_tasks(trial, "api")) == 18, "new before old goes: all 18 replicas still run, now at home")
    bill = trial.read("status")["bill"]["amounts"]
    n.check(
        bill == {"EUR": 32_000_000}, f"the lent host is given back; the bill is {money(bill)} per hour again"
    )
    return added + HEALTHY


def _ask_what_if(n: Narrator, trial: Trial) -> dict[str, Any]:
    n.step("What if that machine were lost?", "A rehearsal on a copy of the estate: nothing is touched.")
    n.run(trial, "whatif", "lose", "host", "annex-1")
    expected: dict[str, Any] = trial.read("whatif", "lose", "host", "annex-1")
    effect = expected["effect"]
    n.check(
        bool(effect["tasks_moved"]) and not effect["tasks_down"],
        f"{len(effect['tasks_moved'])} tasks would be replaced, none would stay down, and the bill would be"
        f" {money(expected['price']['amounts'])} per hour",
    )
    return expected


def _lose(n: Narrator, trial: Trial, moment: float, expected: dict[str, Any]) -> None:
    n.step("And then it is lost", "The simulator lets it fall silent. After a grace, it is given up.")
    seconds = max(moment - time.monotonic(), 0)
    n.until(lambda: _host(trial, "annex-1")["lost"], "annex-1 is given up", seconds + 20)
    n.until(lambda: len(_tasks(trial, "api")) == 18, "all replicas run again")
    n.run(trial, "hosts")
    n.run(trial, "status")
    lent = [f"{h['cloud']}/{h['flavor']}" for h in _lent(trial)]
    bought = [flavor for flavor, count in expected["effect"]["hosts_bought"].items() for _ in range(count)]
    n.check(lent == bought, f"it bought what the what-if had said: {list_of(lent)}")
    bill = trial.read("status")["bill"]["amounts"]
    n.check(bill == expected["price"]["amounts"], f"and the bill is what it had said: {money(bill)} per hour")


def _recover(n: Narrator, trial: Trial) -> None:
    n.step("And comes back", "Its old containers still run there: they are stopped, as they were replaced.")
    n.until(lambda: not _host(trial, "annex-1")["silent_since"], "annex-1 answers again", 40)
    n.until(lambda: not _lent(trial), "the lent host is given back again")
    _show_journal(
        n, trial, "host.silent", "host.lost", "host.requested", "host.back", "host.draining", "host.released"
    )
    n.check(len(_tasks(trial, "api")) == 18, "18 replicas run, none twice, and all of them at home")


def _tasks(trial: Trial, service: str = "") -> list[dict[str, Any]]:
    """The tasks that run, of one service or of all."""
    tasks = trial.read("ps", "demo")
    return [t for t in tasks if service in {"", t["service"]} and t["task"]["state"] == "running"]


def _host(trial: Trial, name: str) -> dict[str, Any]:
    return next(row["host"] for row in trial.read("hosts") if row["host"]["name"] == name)


def _lent(trial: Trial) -> list[dict[str, Any]]:
    return [row["host"] for row in trial.read("hosts") if not row["host"]["own"]]


def _kinds(trial: Trial) -> set[str]:
    return {entry["kind"] for entry in trial.read("events", "-n", "500")}


def _show_journal(n: Narrator, trial: Trial, *kinds: str) -> None:
    """The last entry of each of these kinds, in their order: the journal is long by now."""
    last: dict[str, dict[str, Any]] = {}
    for entry in trial.read("events", "-n", "500"):
        if entry["kind"] in kinds:
            last[entry["kind"]] = entry
    n.tell("From the journal (longshore events):")
    for entry in sorted(last.values(), key=lambda e: e["seq"]):
        lead = f"{entry['kind']:<15} {entry['subject']:<8} "
        n.show(
            textwrap.fill(
                entry["words"], n.columns - 2, initial_indent=lead, subsequent_indent=" " * len(lead)
            )
        )
    missing = [kind for kind in kinds if kind not in last]
    n.check(
        not missing,
        f"the journal tells each of these steps, and why{': but ' + list_of(missing) if missing else ''}",
    )


PARTS = (
    (engine_at_hand, "demo", {"LONGSHORE_PRICE": PRICE, "LONGSHORE_LOOK": "5"}),
    (
        simulated_estate,
        "demo-estate",
        {
            "LONGSHORE_LOCAL": "no",
            "LONGSHORE_LOOK": "1",
            "LONGSHORE_GRACE": "4",
            "LONGSHORE_SETTLE": "3",
            "LONGSHORE_MIN_LIFE": "5",
        },
    ),
)


FAILURES = (Broken, OSError, LookupError, TypeError, ValueError, SubprocessError, engine_api.EngineError)
"""What a step can end in: what is looked for may also be missing from what a command prints."""


def main() -> int:
    """Both parts, and their end."""
    n = Narrator()
    signal.signal(signal.SIGTERM, stop_for_signal)
    for part, name, settings in PARTS:
        trial = Trial(name, {**settings, "SHOP_PORT": str(free_port())})
        try:
            part(n, trial)
        except KeyboardInterrupt:
            print("\nInterrupted; taking everything down …", flush=True)
            return 130
        except FAILURES as error:
            words = str(error) if isinstance(error, Broken) else f"{type(error).__name__}: {error}"
            n.broken(words, trial.log())
            return 1
        finally:
            trial.close()
    seconds = time.monotonic() - n.began
    print(f"\nAll {n.checks} checks of {n.steps} steps held, in {seconds:.0f} s. Nothing is left running.")
    print("By hand:  .venv/bin/longshore up examples/shop/compose.yaml    Undo all:  make clean")
    return 0


if __name__ == "__main__":
    sys.exit(main())
