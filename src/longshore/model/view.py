"""What people and programs are shown: nouns joined for reading. The api answers with these."""

from __future__ import annotations

import msgspec

from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.cloud import Cloud
from longshore.model.host import Host
from longshore.model.money import Money, Total
from longshore.model.stack import Stack
from longshore.model.task import Task


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers: the server's version, its cell, and since when it runs."""

    version: str
    cell: str
    started_at: Micros = Micros(0)
    pid: int = 0


class WholeTask(Task, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    """A task as it is told to others: with every field, whatever it is."""


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task with the names of its stack, host and cloud. `name` is `STACK/SERVICE.N`."""

    name: str
    stack: str
    service: str
    host: str
    cloud: str
    image: str
    task: Task


class ServiceView(msgspec.Struct, frozen=True, kw_only=True):
    """A service: how many tasks are wanted, ready, and what it waits for."""

    name: str
    image: str
    wanted: int
    ready: int
    rollout: str = "steady"
    waiting: str = ""
    ports: tuple[str, ...] = ()


class StackView(msgspec.Struct, frozen=True, kw_only=True):
    """A stack with its services, its open change, volumes kept, and what it takes of the bill."""

    name: str
    project: str
    state: str
    generation: int
    services: tuple[ServiceView, ...] = ()
    wanted: int = 0
    ready: int = 0
    volumes: tuple[str, ...] = ()
    share: Total = Total()
    change: Change | None = None
    changed_at: Micros = Micros(0)
    stack: Stack | None = None


class HostView(msgspec.Struct, frozen=True, kw_only=True):
    """A host with what is claimed of it."""

    host: Host
    tasks: int = 0
    cpu: int = 0
    memory: int = 0
    condition: str = "reachable"


class CloudView(msgspec.Struct, frozen=True, kw_only=True):
    """A cloud with its number of hosts and their bill."""

    cloud: Cloud
    hosts: int = 0
    bill: Total = Total()


class Warning(msgspec.Struct, frozen=True, kw_only=True):  # noqa: A001 - the field's own word
    """Something that wants attention: a stable code, a sentence, and what to do."""

    code: str
    words: str
    remedy: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """One screen: is all well, and if not, what and how to mend it."""

    ok: bool
    version: Version
    stacks: int = 0
    tasks: int = 0
    ready: int = 0
    hosts: int = 0
    reachable: int = 0
    bill: Total = Total()
    warnings: tuple[Warning, ...] = ()


class CostLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one host, or one stack's service, costs per hour; `price` None is unknown."""

    subject: str
    kind: str
    price: Money | None = None
    detail: str = ""
    source: str = ""
    at: Micros = Micros(0)


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Bill: per host. Share: per service of each stack; `idle` is the bill less all shares."""

    bill: Total = Total()
    hosts: tuple[CostLine, ...] = ()
    shares: tuple[CostLine, ...] = ()
    shared: Total = Total()
    idle: Total = Total()
