"""What must hold after every turn, and at the end of every scene."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from longshore.govern.bill import BILLED, bill
from longshore.model.batch import Batch, Kind
from longshore.model.cloud import Pool
from longshore.model.holding import HoldingKind
from longshore.model.ids import TaskId
from longshore.model.lifecycle import (
    CHANGE_MOVES,
    HOLDING_MOVES,
    HOST_MOVES,
    OCCUPYING,
    STACK_MOVES,
    TASK_MOVES,
    HoldingState,
    HostState,
    StackState,
    TaskState,
)
from longshore.model.spec import UpdateOrder, volumes_of
from longshore.plan.estate import Estate

if TYPE_CHECKING:
    from tests.scenario.platform import Platform

MOVES: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.HOST: {str(k): tuple(map(str, v)) for k, v in HOST_MOVES.items()},
    Kind.TASK: {str(k): tuple(map(str, v)) for k, v in TASK_MOVES.items()},
    Kind.HOLDING: {str(k): tuple(map(str, v)) for k, v in HOLDING_MOVES.items()},
    Kind.STACK: {str(k): tuple(map(str, v)) for k, v in STACK_MOVES.items()},
    Kind.CHANGE: {str(k): tuple(map(str, v)) for k, v in CHANGE_MOVES.items()},
}


def reachable(moves: dict[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """State -> the states one can come to from there, by any number of legal moves."""
    found = {state: {state} for state in moves}
    for state, seen in found.items():
        todo = [state]
        while todo:
            for following in moves[todo.pop()]:
                if following not in seen:
                    seen.add(following)
                    todo.append(following)
    return found


REACHABLE = {kind: reachable(moves) for kind, moves in MOVES.items()}


class Ledger:
    """Remembers what was committed, and holds estates against the rules."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._states: dict[tuple[Kind, str], str] = {}
        self.most_alive: Counter[str] = Counter()

    def committed(self, batch: Batch) -> None:
        """Every noun's state moved along its table (several moves may fall into one turn)."""
        for kind, keys in batch.drops.items():
            for key in keys:
                self._states.pop((kind, key), None)
        for kind, reach in REACHABLE.items():
            for key, noun in batch.puts.get(kind, {}).items():
                new = str(noun.state)  # type: ignore[union-attr]
                old = self._states.get((kind, key))
                assert old is None or new in reach[old], f"{kind} {key} went from {old} to {new}"
                self._states[kind, key] = new

    def check(self, estate: Estate) -> None:
        """The rules that hold after every turn."""
        self._check_room(estate)
        self._check_limits(estate)
        self._check_slots(estate)
        self._check_writers(estate)

    def _check_room(self, estate: Estate) -> None:
        """What waits for others to make way does not fit beside them, but has to without them."""
        waits = {t.id: t.after for t in estate.tasks.values() if t.after and t.state is TaskState.PLACED}
        self._check_room_but(estate, set(waits))
        if waits:
            self._check_room_but(estate, {gone for after in waits.values() for gone in after})

    @staticmethod
    def _check_room_but(estate: Estate, left_out: set[TaskId]) -> None:
        used: dict[str, list[int]] = {}
        ports: Counter[tuple[str, str]] = Counter()
        for task in estate.tasks.values():
            if task.state not in OCCUPYING or task.ended_at or task.id in left_out:
                continue
            room = used.setdefault(task.host, [0, 0])
            room[0] += task.cpu
            room[1] += task.memory
            for port in task.ports:
                ports[task.host, port] += 1
        for host_id, (cpu, memory) in used.items():
            host = estate.hosts.get(host_id)
            assert host is not None, f"tasks are on {host_id}, which is not there"
            assert cpu <= host.capacity.cpu, f"{host.name} is overcommitted: {cpu} of {host.capacity.cpu}"
            assert memory <= host.capacity.memory, f"{host.name} is overcommitted in memory"
        twice = [key for key, count in ports.items() if count > 1]
        assert not twice, f"a port is promised twice: {twice}"

    def _check_limits(self, estate: Estate) -> None:
        lent = [h for h in estate.hosts.values() if not h.own and h.state in BILLED]
        for cloud in estate.clouds.values():
            count = sum(h.cloud == cloud.name for h in lent)
            assert not cloud.max_hosts or count <= cloud.max_hosts, f"{cloud.name} lends {count}"
        assert not self._pool.max_hosts or len(lent) <= self._pool.max_hosts
        if self._pool.max_price is not None:
            assert bill(lent).within(self._pool.max_price)
        for change in estate.changes.values():
            for name, count in change.bought.items():
                bound = change.purchases.get(name, 0)
                assert change.ceiling is None or count <= bound, f"a change bought {count} {name}"

    @staticmethod
    def _check_slots(estate: Estate) -> None:
        alive: Counter[tuple[str, int]] = Counter()
        for task in estate.tasks.values():
            if task.alive:
                alive[task.key, task.slot] += 1
        crowded = [slot for slot, count in alive.items() if count > 2]
        assert not crowded, f"more than an old and a new task: {crowded}"

    @staticmethod
    def _check_writers(estate: Estate) -> None:
        """Of a service with volumes, and stop-first, no slot ever has two containers that may write."""
        writers: Counter[tuple[str, int]] = Counter()
        for task in estate.tasks.values():
            stack = estate.stacks.get(task.stack)
            spec = None if stack is None else stack.graph.services.get(task.service)
            if spec is None or not volumes_of(spec) or spec.update.order is not UpdateOrder.STOP_FIRST:
                continue
            if task.state in OCCUPYING and task.state is not TaskState.PLACED and not task.ended_at:
                writers[task.key, task.slot] += 1
        assert all(count == 1 for count in writers.values()), f"two may write at once: {writers}"

    # At the end

    def check_end(self, platform: Platform) -> None:
        """What there is, is what the estate says there is."""
        estate = platform.estate
        seqs = [entry.seq for entry in platform.store.journal(limit=10_000_000)]
        assert seqs == list(range(1, len(seqs) + 1)), "the journal has gaps"
        for name, world in platform.worlds.clouds.items():
            census = world.census()
            assert not census.overcommitted, f"{name}: {census.overcommitted} starts took more than there was"
            again = [t for t in census.twice if " while on " in t]
            assert not again, again
            self._same(estate, name, platform)

    @staticmethod
    def _same(estate: Estate, cloud: str, platform: Platform) -> None:
        census = platform.worlds.clouds[cloud].census()
        hosts = {h.id: h for h in estate.hosts.values() if h.cloud == cloud}
        # Of a host that does not answer nobody can know.
        blind = {h.name for h in hosts.values() if not h.answers}
        names = {h.id: h.name for h in hosts.values()}
        lent = {h.labels.get("io.longshore.host") for h in census.hosts}
        known = {h.id for h in hosts.values() if not h.own}
        kept = {h.id for h in hosts.values() if not h.own and h.state is not HostState.RELEASING}
        assert kept <= lent <= known, f"{cloud} lends {lent}, and the estate knows {known}"
        there = sorted(c.task for c in census.containers if c.host not in blind)
        wanted = sorted(
            t.id
            for t in estate.tasks.values()
            if t.host in hosts and names[t.host] not in blind and t.state is not TaskState.PLACED
        )
        # A task that never started has failed without leaving a container; one that is done needs none.
        ended = {TaskState.FAILED, TaskState.COMPLETED}
        empty = {t.id for t in estate.tasks.values() if t.state in ended}
        extra, gone = set(there) - set(wanted), set(wanted) - set(there) - empty
        assert not extra, f"{cloud} runs what the estate does not know: {extra}\n  {platform.describe()}"
        assert not gone, f"{cloud} does not run what it should: {gone}\n  {platform.describe()}"
        assert len(there) == len(set(there))
        for kind, made in ((HoldingKind.NETWORK, census.networks), (HoldingKind.VOLUME, census.volumes)):
            found = sorted((m.host, m.name) for m in made if m.host not in blind)
            held = sorted(
                (names[h.host], h.name)
                for h in estate.holdings.values()
                if h.host in hosts
                and h.kind is kind
                and not h.external
                and h.state is HoldingState.PRESENT
                and names[h.host] not in blind
            )
            if kind is HoldingKind.NETWORK and any(h.meshes for h in hosts.values()):
                # A mesh's networks are on all of its machines, whoever needs them.
                found, held = (
                    [("", name) for name in sorted({n for _, n in pairs})] for pairs in (found, held)
                )
            assert found == held, f"{cloud} holds {found}, the estate says {held}"


def check_nothing_left(platform: Platform, *, volumes: int = 0) -> None:
    """After everything went down: no container, network or lent host; so many volumes."""
    for name, world in platform.worlds.clouds.items():
        census = world.census()
        assert not census.containers, f"{name} still runs {census.containers}"
        assert not census.networks, f"{name} still has networks {census.networks}"
        assert not census.hosts, f"{name} still lends {census.hosts}"
    found = sum(len(w.census().volumes) for w in platform.worlds.clouds.values())
    assert found == volumes, f"{found} volumes are left, not {volumes}"
    assert all(s.state is StackState.DOWN for s in platform.estate.stacks.values())
    assert not list(platform.estate.tasks)
