"""Marks of the scheduler: tasks placed a second, one task's wait, memory, and how well GPUs are packed.

Rates are of placing and claiming, with what a service's request takes to make; drawing the workload and
following the hosts come before the clock. A mark that others could slow runs in a process of its own.
"""

from __future__ import annotations

import csv
import functools
import json
import multiprocessing
import queue
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import plain_loop
import workload
from workload import Wanted

from longshore.main import tune
from longshore.model.batch import Batch, Kind
from longshore.model.clock import Micros
from longshore.model.decision import Decision, DecisionKind
from longshore.model.host import Capacity, Host
from longshore.model.ids import DecisionId, HostId, Ids, ServiceKey, TaskId
from longshore.model.lifecycle import HostState, TaskState
from longshore.model.task import Task
from longshore.schedule.fleet import Fleet, Shape
from longshore.schedule.place import Placed, place
from longshore.schedule.request import Request, request_of
from longshore.store import Store

Rows = npt.NDArray[np.int64]

STRATEGY = "spread"
"""The strategy of all rates: the one whose score changes with every replica."""

MANY_HOSTS = 100_000
MANY_SERVICES = 1_000
"""On 100,000 hosts a thousand services are placed, about 100,000 tasks."""

BATCH = 8_000
"""Tasks to a commit, at least: some eighty services."""

OPENB = Path(__file__).parent.parent.parent / "shared" / "data" / "openb"
INFLATION = 1.3
SEEDS = 10


# Rates.


def rate_10k() -> float:
    """Tasks a second on 10,000 hosts: the whole workload, in a process of its own."""
    return float(_in_process("rate")["rate"])


def rate_stored() -> float:
    """The same with a row per task and each service's decision committed, until the last is durable."""
    return float(_stored()["rate"])


def memory_stored() -> float:
    """The most memory that process held, in MB."""
    return float(_stored()["memory"])


@functools.cache
def rate_100k() -> float:
    """Tasks a second on 100,000 hosts."""
    found = _fleet(MANY_HOSTS)
    return _rate(found, workload.services()[:MANY_SERVICES])


def ratio() -> float:
    """Our rate over that of the plain loop, in one process, taken in turns.

    Both have placed the same first half of the workload; then, in turns, we go on with five hundred
    services, and the loop with ten tasks of as many other services.
    """
    return float(_in_process("ratio")["ratio"])


def wait_10k() -> float:
    """The 99th percentile of placing and claiming one new task on 10,000 hosts, in ms."""
    return float(_in_process("wait")["wait"])


def wait_100k() -> float:
    """The same on 100,000 hosts."""
    return _wait(_fleet(MANY_HOSTS), workload.services(), warm=100)


def _fleet(count: int) -> Fleet:
    return workload.fleet_of(workload.hosts(count))


def _request(wanted: Wanted) -> Request:
    return msgspec.structs.replace(request_of(wanted.key, wanted.spec, None), strategy=STRATEGY)


def _put(fleet: Fleet, request: Request, count: int) -> Placed:
    placed = place(fleet, request, count)
    fleet.claim_many(request, _rows(placed), cards=placed.cards)
    return placed


def _rows(placed: Placed) -> Rows:
    return np.array(placed.rows, np.int64)


def _rate(fleet: Fleet, services: Iterable[Wanted]) -> float:
    count = 0
    begun = time.perf_counter()
    for wanted in services:
        count += len(_put(fleet, _request(wanted), wanted.count).hosts)
    return count / (time.perf_counter() - begun)


def _wait(fleet: Fleet, services: list[Wanted], warm: int) -> float:
    """Services as they come, on a fleet that holds some already; each sends one task more."""
    _rate(fleet, services[:warm])
    waits = []
    for wanted in services[warm : warm + 1_000]:
        request = _request(wanted)
        begun = time.perf_counter()
        _put(fleet, request, 1)
        waits.append(time.perf_counter() - begun)
    return 1_000 * statistics.quantiles(waits, n=100)[98]


def _ratio() -> float:
    services = workload.services()
    half = len(services) // 2
    fleet = _fleet(workload.HOSTS)
    rows = plain_loop.rows_of(workload.hosts())
    for wanted in services[:half]:
        request = _request(wanted)
        placed = _put(fleet, request, wanted.count)
        plain_loop.take_over(rows, wanted, _rows(placed).tolist())
    ratios = []
    for start in range(half, len(services), 500):
        ours = _rate(fleet, services[start : start + 500])
        begun = time.perf_counter()
        for wanted in services[start : start + 500 : 50]:
            plain_loop.place_one(rows, wanted)
        ratios.append(ours * (time.perf_counter() - begun) / 10)
    return statistics.median(ratios)


# With the store.


@functools.cache
def _stored() -> dict[str, float]:
    return _in_process("stored")


def _store_all(folder: Path) -> float:
    """Place and commit the whole workload; two threads, as the engine does: one decides, one commits."""
    fleet, services = _fleet(workload.HOSTS), workload.services()
    ids = Ids(time.time_ns() << 64)
    store = Store.open(str(folder / "bench.db"), cell=ids.new("cell"))
    batches: queue.Queue[Batch | None] = queue.Queue(2)

    def commit() -> None:
        while (batch := batches.get()) is not None:
            store.commit(batch)

    committing = threading.Thread(target=commit)
    committing.start()
    count = 0
    begun = time.perf_counter()
    for batch in _batches(fleet, services, ids):
        count += len(batch.puts[Kind.TASK])
        batches.put(batch)
    batches.put(None)
    committing.join()
    length = time.perf_counter() - begun
    stored = len(store.nouns(Kind.TASK, stack=services[-1].key.partition("/")[0]))
    store.close()
    if not stored:
        raise SystemExit("bench: the last service's tasks are not in the store")
    return count / length


def _batches(fleet: Fleet, services: list[Wanted], ids: Ids) -> Iterator[Batch]:
    tasks: dict[str, Task] = {}
    decisions: list[Decision] = []
    for wanted in services:
        request = _request(wanted)
        placed = _put(fleet, request, wanted.count)
        decision = _decision(wanted, request, placed, ids)
        decisions.append(decision)
        _add_tasks(tasks, wanted, placed, decision.id, ids)
        if len(tasks) >= BATCH:
            yield Batch(puts={Kind.TASK: tasks}, decisions=tuple(decisions))
            tasks, decisions = {}, []
    yield Batch(puts={Kind.TASK: tasks}, decisions=tuple(decisions))


def _decision(wanted: Wanted, request: Request, placed: Placed, ids: Ids) -> Decision:
    names = ", ".join(candidate.name for candidate in placed.chosen)
    return Decision(
        id=DecisionId(ids.new("decision")),
        at=Micros(1),
        kind=DecisionKind.PLACE if placed.hosts else DecisionKind.REFUSE,
        subject=wanted.key,
        words=f"{len(placed.hosts)} of {wanted.count} on {names} by {request.strategy}: {placed.fit} of"
        f" {placed.considered} hosts fit",
        strategy=request.strategy,
        count=len(placed.hosts),
        considered=placed.considered,
        fit=placed.fit,
        excluded=placed.excluded,
        chosen=placed.chosen,
        next_best=placed.next_best,
        misses=placed.misses,
    )


def _add_tasks(
    tasks: dict[str, Task], wanted: Wanted, placed: Placed, decision: DecisionId, ids: Ids
) -> None:
    resources = wanted.spec.resources
    first = Task(
        id=TaskId(""),
        stack=wanted.stack,
        service=wanted.spec.name,
        slot=0,
        digest="0123456789abcdef",
        generation=1,
        host=HostId(""),
        state=TaskState.PLACED,
        cpu=resources.cpu,
        memory=resources.memory,
        placed_at=Micros(1),
        decision=decision,
    )
    for slot, host in enumerate(placed.hosts, 1):
        task = TaskId(ids.new("task"))
        tasks[task] = msgspec.structs.replace(first, id=task, slot=slot, host=host)


# Packing of GPUs.


def best_fit() -> float | None:
    """GPUs allocated, in %, by `binpack`: mean of ten seeds. None where the trace is not there."""
    return _packed("binpack")


def least_fragmentation() -> float | None:
    """The same by `least-fragmentation`, which knows the trace's shapes and how often they come."""
    return _packed("least-fragmentation")


def _packed(strategy: str) -> float | None:
    if not OPENB.is_dir():
        return None
    # Seeds have nothing to do with each other, and time is not measured here.
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        return statistics.fmean(pool.map(_allocated, repeat(strategy), range(SEEDS)))


def _allocated(strategy: str, seed: int) -> float:
    """Pods drawn until they ask for 130 % of the cards, each placed in its turn or dropped."""
    hosts, pods = _trace()
    draw = random.Random(seed)
    fleet = workload.fleet_of(iter(hosts))
    fleet.targets = tuple(Counter(pod for pod in pods if pod.gpu).items())
    requests = {pod: _pod_request(pod, strategy) for pod in pods}
    cards = 1000 * sum(host.capacity.gpus for host in hosts)
    asked = given = 0
    while asked < INFLATION * cards:
        pod = draw.choice(pods)
        asked += pod.gpu
        if _put(fleet, requests[pod], 1).hosts:
            given += pod.gpu
    return 100 * given / cards


def _pod_request(pod: Shape, strategy: str) -> Request:
    return Request(
        service=ServiceKey("openb/pod"),
        cpu=pod.cpu,
        memory=pod.memory,
        gpu=pod.gpu,
        strategy=strategy,
    )


@functools.cache
def _trace() -> tuple[list[Host], list[Shape]]:
    """The nodes as hosts, and the pods' shapes, from the files as published with the FGD paper."""
    with (OPENB / "openb_node_list_gpu_node.csv").open() as file:
        hosts = [
            Host(
                id=HostId(row["sn"]),
                name=row["sn"],
                cloud="own",
                own=True,
                state=HostState.READY,
                capacity=Capacity(
                    cpu=int(row["cpu_milli"]),
                    memory=int(row["memory_mib"]) * workload.MIB,
                    gpus=int(row["gpu"]),
                    gpu_model=row["model"],
                ),
            )
            for row in csv.DictReader(file)
        ]
    with (OPENB / "openb_pod_list_default.csv").open() as file:
        pods = [
            Shape(
                int(row["cpu_milli"]),
                int(row["memory_mib"]) * workload.MIB,
                int(row["num_gpu"]) * int(row["gpu_milli"]),
            )
            for row in csv.DictReader(file)
        ]
    return hosts, pods


# Processes of their own.


def _in_process(name: str) -> dict[str, float]:
    run = subprocess.run([sys.executable, __file__, name], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(run.stdout)
    return found


def _alone(name: str) -> dict[str, float]:
    """What a process of its own measures, set up as the server sets itself up."""
    tune()
    if name == "rate":
        return {"rate": _rate(_fleet(workload.HOSTS), workload.services())}
    if name == "ratio":
        return {"ratio": _ratio()}
    if name == "wait":
        return {"wait": _wait(_fleet(workload.HOSTS), workload.services(), warm=1_000)}
    with tempfile.TemporaryDirectory(prefix="longshore-bench-") as folder:
        rate = _store_all(Path(folder))
    return {"rate": rate, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    print(json.dumps(_alone(sys.argv[1])))
