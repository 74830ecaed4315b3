"""The bench: measures the marks that the project holds itself to.

`make bench` prints a table and writes build/bench.json: name -> {value, unit, must, ok}. It ends with
1 where a mark is missed. What can be compared is compared within one run, interleaved, by medians:
machines are noisy, ratios less so. `make bench ONLY=flood,idle` runs a part.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import engine_marks
import process_marks
import schedule_marks
import simulated_marks
import template_marks

ROOT = Path(__file__).parent.parent


class Mark(NamedTuple):
    """A figure to reach: `must` is `<= 0.5` or `>= 5000`; `measure` gives the value, None where it cannot."""

    name: str
    unit: str
    must: str
    measure: Callable[[], float | None]


MARKS = (
    Mark("help", "times python -c pass", "<= 8", process_marks.help_ratio),
    Mark("resident", "MB", "<= 120", process_marks.resident),
    Mark("plan-50-over-200", "s", "<= 0.5", simulated_marks.plan_services),
    Mark("idle-turn", "cost at 10,000 hosts / at 1,000", "<= 1.5", simulated_marks.idle_ratio),
    Mark("one-change", "ms to its steps", "<= 20", simulated_marks.one_change),
    Mark("flood", "tasks/s", ">= 5000", simulated_marks.flood),
    Mark("place-10k", "tasks/s on 10,000 hosts", ">= 200000", schedule_marks.rate_10k),
    Mark("place-10k-stored", "tasks/s, each row durable", ">= 100000", schedule_marks.rate_stored),
    Mark("place-memory", "MB at the most", "<= 2048", schedule_marks.memory_stored),
    Mark("place-ratio", "times a plain Python loop", ">= 500", schedule_marks.ratio),
    Mark("place-one-10k", "ms for one task, p99", "<= 1", schedule_marks.wait_10k),
    Mark("place-100k", "tasks/s on 100,000 hosts", ">= 25000", schedule_marks.rate_100k),
    Mark("place-one-100k", "ms for one task, p99", "<= 5", schedule_marks.wait_100k),
    Mark("pack-best-fit", "% of GPUs allocated (openb)", ">= 92.9", schedule_marks.best_fit),
    Mark("pack-fragmentation", "% of GPUs allocated (openb)", ">= 95.2", schedule_marks.least_fragmentation),
    Mark("hot-ratio", "times Heat's own classes", "<= 0.1", template_marks.against_heat),
    Mark("hot-10000", "s for 10,000 resources", "<= 3", template_marks.hot_10000),
    Mark("compose-200", "s for 200 services", "<= 0.3", template_marks.compose_200),
    Mark("template-memory", "times the text", "<= 20", template_marks.memory),
    Mark("up-20", "times 20 docker run -d", "<= 1", engine_marks.up_ratio),
    Mark("change-1-of-20", "containers touched", "<= 1", engine_marks.touched),
)


def main() -> int:
    """Measure, print, write; 1 where a mark is missed."""
    only = {name for name in os.environ.get("ONLY", "").split(",") if name}
    found: dict[str, dict[str, object]] = {}
    for mark in MARKS:
        if only and mark.name not in only:
            continue
        print(f"{mark.name:<18} …", end="", flush=True)
        value = mark.measure()
        if value is None:
            print(f"\r{mark.name:<18} {'-':>12}  skipped: its data is not here", flush=True)
            continue
        sign, _, limit = mark.must.partition(" ")
        ok = value <= float(limit) if sign == "<=" else value >= float(limit)
        found[mark.name] = {"value": round(value, 4), "unit": mark.unit, "must": mark.must, "ok": ok}
        verdict = "ok" if ok else "MISSED"
        print(f"\r{mark.name:<18} {value:>12,.3f}  {mark.unit:<32} {mark.must:<9} {verdict}", flush=True)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "bench.json").write_text(json.dumps(found, indent=2) + "\n")
    missed = [name for name, row in found.items() if not row["ok"]]
    if missed:
        print(f"missed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
