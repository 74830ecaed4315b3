"""The estate: everything an engine knows, in memory, as frozen nouns in maps.

Every change goes through `put` and `drop`, which keep the indexes and the fleet, remember what was
written (for the store) and which subjects were touched (for the planner). A fork shares what it has
not written; the live estate is advanced by forking it, planning on the fork, committing what that
wrote, and adopting it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from longshore.model.batch import Kind, Noun, key_of
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.cloud import Cloud, Pool
from longshore.model.holding import Holding, HoldingKind
from longshore.model.host import Host
from longshore.model.ids import HostId, ServiceKey, StackId, service_key
from longshore.model.lifecycle import OCCUPYING, StepState
from longshore.model.spec import Graph, ServiceSpec, volumes_of
from longshore.model.stack import Service, Stack
from longshore.model.step import (
    BuyHost,
    Provide,
    ReleaseHost,
    RestartTask,
    StartTask,
    Step,
    StopTask,
    TendMesh,
    Withdraw,
)
from longshore.model.task import Task
from longshore.plan.agenda import Agenda, Subject
from longshore.plan.keeping import set_aside
from longshore.plan.marks import Marks
from longshore.plan.table import Table
from longshore.schedule.fleet import Fleet
from longshore.schedule.strategies import Strategy

N = TypeVar("N", bound=Noun)


class Link(NamedTuple):
    """What a service depends on, what depends on it, and `KIND/NAME` of what its tasks' hosts must hold."""

    needs: tuple[str, ...]
    needed_by: tuple[str, ...]
    holds: tuple[str, ...]


NO_LINKS: dict[str, Link] = {}


class Estate:
    """The nouns, by kind and key; indexes; the fleet; the heap of due times."""

    def __init__(self, strategies: Mapping[str, Strategy] | None = None) -> None:
        """Nothing yet. `strategies`: those to place by, by name (None: the built-in ones)."""
        self.clouds: Table[str, Cloud] = Table()
        self.pools: Table[str, Pool] = Table()
        self.hosts: Table[str, Host] = Table()
        self.stacks: Table[str, Stack] = Table()
        self.services: Table[str, Service] = Table()
        self.tasks: Table[str, Task] = Table()
        self.holdings: Table[str, Holding] = Table()
        self.changes: Table[str, Change] = Table()
        self.steps: Table[str, Step] = Table()
        self._by_service: Table[str, tuple[str, ...]] = Table()
        self._by_host: Table[str, tuple[str, ...]] = Table()
        self._services_of: Table[str, tuple[str, ...]] = Table()
        self._held_on: Table[str, tuple[str, ...]] = Table()
        self._held_by: Table[str, tuple[str, ...]] = Table()
        self._open: Table[str, str] = Table()
        self._names: Table[str, str] = Table()
        self._waiting: Table[str, str] = Table()
        self._unsettled: Table[str, tuple[str, ...]] = Table()
        self._links: Table[str, dict[str, Link]] = Table()
        self._in_realm: Table[str, tuple[str, ...]] = Table()
        self.acts: Table[str, dict[str, Micros]] = Table()
        self.marks = Marks()
        self._fleet = Fleet(strategies)
        self._fleet_is_mine = True
        self.readers = 0
        self.agenda = Agenda()
        self.written: dict[Kind, dict[str, Noun | None]] = {}

    # Forks

    def fork(self) -> Estate:
        """An estate that goes on from here by itself."""
        other = Estate.__new__(Estate)
        for name in _TABLES:
            setattr(other, name, getattr(self, name).fork())
        other._fleet, other._fleet_is_mine = self._fleet, False  # noqa: SLF001 - it is one of us
        other.marks = self.marks.fork()
        other.readers = 0
        other.agenda = self.agenda.fork()
        other.written = {}
        return other

    def adopt(self, draft: Estate) -> None:
        """Become what a fork has become; nothing else was written here since it was made."""
        for name in _TABLES:
            table: Table[str, object] = getattr(self, name)
            table.adopt(getattr(draft, name))
            if not self.readers:
                table.settle()
        self.marks.adopt(draft.marks, settle=not self.readers)
        self._fleet, self.agenda = draft.fleet, draft.agenda

    # Reading

    @property
    def fleet(self) -> Fleet:
        """The scheduler's picture. Read only: it follows what is put."""
        return self._fleet

    def tasks_of(self, key: ServiceKey) -> list[Task]:
        """A service's tasks, oldest first."""
        return self.tasks.many(self._by_service.get(key) or ())

    def count_of(self, key: ServiceKey) -> int:
        """How many tasks a service has."""
        return len(self._by_service.get(key) or ())

    def tasks_on(self, host: HostId) -> list[Task]:
        """A host's tasks, oldest first."""
        return self.tasks.many(self._by_host.get(host) or ())

    def services_of(self, stack: StackId) -> tuple[str, ...]:
        """The keys of services that a stack has, or still has tasks of."""
        return self._services_of.get(stack) or ()

    def holdings_on(self, host: HostId) -> list[Holding]:
        """What a host holds."""
        return self.holdings.many(self._held_on.get(host) or ())

    def holdings_of(self, stack: StackId) -> list[Holding]:
        """What hosts hold for a stack."""
        return self.holdings.many(self._held_by.get(stack) or ())

    def open_step(self, subject: str) -> Step | None:
        """The open step on a task, host or holding, by its key."""
        step = self._open.get(subject)
        return None if step is None else self.steps.get(step)

    def stack_named(self, project: str, name: str) -> Stack | None:
        """A stack by its name within a project."""
        found = self._names.get(f"{project}/{name}")
        return None if found is None else self.stacks.get(found)

    def host_named(self, name: str) -> Host | None:
        """A host by its name, or its id; the newest where several bore it."""
        found = self._names.get(f"host:{name}")
        return self.hosts.get(name if found is None else found)

    def unsettled(self, place: str) -> list[Step]:
        """The steps that a look at this host (by id) or cloud (by name) has to settle."""
        return self.steps.many(self._unsettled.get(place) or ())

    def links_of(self, stack: StackId) -> dict[str, Link]:
        """Per service of a stack: what it is linked with by dependencies."""
        return self._links.get(stack) or NO_LINKS

    def waiting(self) -> tuple[str, ...]:
        """Keys of services with replicas that fitted nowhere."""
        return tuple(self._waiting)

    def hosts_in(self, realm: str) -> list[Host]:
        """The hosts of a realm whose hosts have to be joined: own before lent, old before new."""
        found = self.hosts.many(self._in_realm.get(realm) or ())
        return sorted(found, key=lambda h: (not h.own, h.requested_at, h.id))

    # Writing

    def put(self, noun: Noun) -> None:
        """Set a noun; indexes, fleet and record of writes follow."""
        key = key_of(noun)
        match noun:
            case Task():
                self._follow_task(self.tasks.get(key), noun)
                self.tasks.put(key, noun)
                self._keep_on(noun.host)
            case Step():
                self._follow_step(self.steps.get(key), noun)
                self.steps.put(key, noun)
                self._open.put(subject_of(noun), key)
            case Service():
                self._follow_service(noun)
                self.services.put(key, noun)
            case Holding():
                if key not in self.holdings:
                    self._index(self._held_on, noun.host, key)
                    if noun.stack is not None:
                        self._index(self._held_by, noun.stack, key)
                self.holdings.put(key, noun)
            case Host():
                self._names.put(f"host:{noun.name}", key)
                self._follow_realm(self.hosts.get(key), noun)
                self.hosts.put(key, noun)
                self.marks.follow_host(noun)
                self._follow_host(noun)
            case Stack():
                self._follow_stack(noun)
                self.stacks.put(key, noun)
            case Cloud():
                self.clouds.put(key, noun)
            case Pool():
                self.pools.put(key, noun)
            case Change():
                self.changes.put(key, noun)
        self._record(noun, key)

    def drop(self, noun: Noun) -> None:
        """Forget a noun."""
        key = key_of(noun)
        match noun:
            case Task():
                old = self.tasks.get(key)
                self.tasks.drop(key)
                self._unindex(self._by_service, noun.key, key)
                self._unindex(self._by_host, noun.host, key)
                if old is not None:
                    self._leave(old)
            case Step():
                self._forget_step(noun)
            case Service():
                self.services.drop(key)
                self._waiting.drop(key)
                self._unindex(self._services_of, key.rpartition("/")[0], key)
            case Holding():
                self.holdings.drop(key)
                self._unindex(self._held_on, noun.host, key)
                if noun.stack is not None:
                    self._unindex(self._held_by, noun.stack, key)
            case Host():
                self.hosts.drop(key)
                self._names.drop(f"host:{noun.name}")
                self.marks.drop_host(key)
                self._leave_realm(noun)
                self.acts.drop(key)
                self._my_fleet().drop_host(noun.id)
            case Stack():
                self.stacks.drop(key)
                self.marks.drop_stack(key)
                self._names.drop(f"{noun.project}/{noun.name}")
            case Cloud():
                self.clouds.drop(key)
            case Pool():
                self.pools.drop(key)
            case Change():
                self.changes.drop(key)
        self.written.setdefault(_KINDS[type(noun)], {})[key] = None

    def load(self, nouns: Iterable[Noun]) -> None:
        """Take in what the store kept; everything is touched, and nothing counts as written."""
        for noun in nouns:
            self.put(noun)
        self.written = {}
        for name in _TABLES:
            getattr(self, name).settle()
        for subject, table in (
            (Subject.CLOUD, self.clouds),
            (Subject.STACK, self.stacks),
            (Subject.SERVICE, self.services),
            (Subject.HOST, self.hosts),
            (Subject.POOL, self.pools),
            (Subject.CHANGE, self.changes),
        ):
            for key in table:
                self.agenda.touch(subject, key)

    # What follows a write

    def _record(self, noun: Noun, key: str) -> None:
        self.written.setdefault(_KINDS[type(noun)], {})[key] = noun

    def _my_fleet(self) -> Fleet:
        if not self._fleet_is_mine:
            self._fleet, self._fleet_is_mine = self._fleet.fork(), True
        return self._fleet

    def _follow_task(self, old: Task | None, new: Task) -> None:
        if old is None:
            self._index(self._by_service, new.key, new.id)
            self._index(self._by_host, new.host, new.id)
        was, now = old is not None and claims(old), claims(new)
        if now and not was:
            self._my_fleet().claim(new)
        elif was and not now:
            self._my_fleet().claim(new, -1)
        self.marks.follow_task(new)

    def _leave(self, old: Task) -> None:
        if claims(old):
            self._my_fleet().claim(old, -1)
        self.marks.drop_task(old)
        self._keep_on(old.host)

    def _follow_host(self, host: Host) -> None:
        """The scheduler sees a host without the room that is kept there."""
        self._my_fleet().follow_host(set_aside(host, self.tasks_on(host.id), self.stacks.get))

    def _keep_on(self, host_id: HostId) -> None:
        """Tasks came or went where room is kept: what of it is still to be kept may be another."""
        host = self.hosts.get(host_id) if host_id in self.marks.keeping else None
        if host is not None:
            self._follow_host(host)

    def _follow_realm(self, old: Host | None, new: Host) -> None:
        """The hosts of a realm are looked at together whenever one of them stands otherwise."""
        if old is not None and old.meshes and old.realm != new.realm:
            self._unindex(self._in_realm, old.realm, new.id)
        if not new.meshes:
            return
        if old is None or old.realm != new.realm:
            self._index(self._in_realm, new.realm, new.id)
        if old is None or _in_mesh(old) != _in_mesh(new):
            self.agenda.touch(Subject.MESH, new.realm)

    def _leave_realm(self, host: Host) -> None:
        if host.meshes:
            self._unindex(self._in_realm, host.realm, host.id)
            self.agenda.touch(Subject.MESH, host.realm)

    def _follow_step(self, old: Step | None, new: Step) -> None:
        was = old is not None and old.state is StepState.UNSETTLED
        if was is not (new.state is StepState.UNSETTLED):
            (self._unindex if was else self._index)(self._unsettled, place_of(new), new.id)

    def _forget_step(self, step: Step) -> None:
        self._unindex(self._unsettled, place_of(step), step.id)
        self.steps.drop(step.id)
        self._open.drop(subject_of(step))

    def _follow_service(self, service: Service) -> None:
        stack = service.key.rpartition("/")[0]
        if service.key not in self.services:
            self._index(self._services_of, stack, service.key)
        if service.unplaced:
            self._waiting.put(service.key, service.key)
        else:
            self._waiting.drop(service.key)

    def _follow_stack(self, stack: Stack) -> None:
        old = self.stacks.get(stack.id)
        if old is not None and old.graph is stack.graph:
            return
        self._links.put(stack.id, _links(stack))
        self.marks.follow_stack(stack)
        self._names.put(f"{stack.project}/{stack.name}", stack.id)
        for name in stack.graph.services:
            key = service_key(stack.id, name)
            if key not in self.services:
                self.put(Service(key=key))

    @staticmethod
    def _index(table: Table[str, tuple[str, ...]], under: str, key: str) -> None:
        table.put(under, (*(table.get(under) or ()), key))

    @staticmethod
    def _unindex(table: Table[str, tuple[str, ...]], under: str, key: str) -> None:
        held = table.get(under)
        if held is None:
            return
        rest = tuple(k for k in held if k != key)
        if rest:
            table.put(under, rest)
        else:
            table.drop(under)


def _in_mesh(host: Host) -> tuple[object, ...]:
    """What a mesh looks at in a host."""
    return host.realm, host.state, host.answers, host.lost, host.draining, host.mesh


def claims(task: Task) -> bool:
    """Whether a task takes room on its host; one that ended holds none while it is cleared away."""
    return task.state in OCCUPYING and not task.ended_at


def _links(stack: Stack) -> dict[str, Link]:
    """Dependencies both ways, and what hosts must hold, per service."""
    graph = stack.graph
    needed: dict[str, list[str]] = {}
    for name, spec in graph.services.items():
        for dependency in spec.depends_on:
            needed.setdefault(dependency.service, []).append(name)
    return {
        name: Link(
            tuple(d.service for d in spec.depends_on),
            tuple(needed.get(name, ())),
            tuple(f"{kind}/{held}" for kind, held in held_for(spec, graph)),
        )
        for name, spec in graph.services.items()
    }


def held_for(spec: ServiceSpec, graph: Graph) -> list[tuple[HoldingKind, str]]:
    """What a host must hold for a service's tasks: kinds, and names as the engine knows them."""
    image = [(HoldingKind.IMAGE, spec.image.digest)] if spec.image.digest else []
    networks = [(HoldingKind.NETWORK, graph.networks[a.network].name) for a in spec.networks]
    return [*image, *networks, *((HoldingKind.VOLUME, graph.volumes[v].name) for v in volumes_of(spec))]


def subject_of(step: Step) -> str:
    """The key of the noun that a step works on; a noun has at most one open step."""
    match step.action:
        case StartTask(task=task) | StopTask(task=task) | RestartTask(task=task):
            return task
        case BuyHost(host=host) | ReleaseHost(host=host):
            return host
        case Provide() | Withdraw():
            return f"{step.action.host}/{step.action.holding}/{step.action.name}"
        case TendMesh(host=host):
            return mesh_of(host)


def mesh_of(host: HostId) -> str:
    """The key under which a host has at most one open step on its mesh."""
    return f"{host}/mesh"


def place_of(step: Step) -> str:
    """The host (by id) or cloud (by name) that a look at settles a step."""
    match step.action:
        case BuyHost(cloud=cloud) | ReleaseHost(cloud=cloud):
            return cloud
        case _:
            return step.action.host


_KINDS: dict[type, Kind] = {
    Cloud: Kind.CLOUD,
    Pool: Kind.POOL,
    Host: Kind.HOST,
    Stack: Kind.STACK,
    Service: Kind.SERVICE,
    Task: Kind.TASK,
    Holding: Kind.HOLDING,
    Change: Kind.CHANGE,
    Step: Kind.STEP,
}

_TABLES = (
    "clouds",
    "pools",
    "hosts",
    "stacks",
    "services",
    "tasks",
    "holdings",
    "changes",
    "steps",
    "_by_service",
    "_by_host",
    "_services_of",
    "_held_on",
    "_held_by",
    "_open",
    "_names",
    "_waiting",
    "_links",
    "_in_realm",
    "_unsettled",
    "acts",
)
