"""Jobs: steps with all that performing them needs, taken from the estate when they are started."""

from __future__ import annotations

import msgspec

from longshore.engine.carry import sources
from longshore.model.cloud import Cloud
from longshore.model.holding import HoldingKind, holding_key
from longshore.model.host import Host
from longshore.model.ids import service_key
from longshore.model.spec import Graph, ServiceSpec, run_digest
from longshore.model.stack import Stack
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
from longshore.plan.estate import Estate
from longshore.plan.mesh import agreeing


class Job(msgspec.Struct, frozen=True):
    """A step with what of the estate it needs, taken when it was started.

    `external`: what is to be provided has to be there already. It is of no stack. `others`: hosts
    that answer and may have an image that no registry has, the likeliest first. `via`: the manager of
    the mesh that is asked for it. `cards`: the GPUs that the task to start was given.
    """

    step: Step
    place: str
    host: Host | None
    cloud: Cloud | None
    stack: Stack | None
    graph: Graph | None
    spec: ServiceSpec | None
    external: bool = False
    others: tuple[Host, ...] = ()
    via: Host | None = None
    cards: tuple[int, ...] = ()


def job_of(estate: Estate, step: Step) -> Job:
    """Gather what a step needs from the estate as it is now."""
    match step.action:
        case BuyHost(cloud=cloud) | ReleaseHost(cloud=cloud):
            return Job(step, f"cloud/{cloud}", None, estate.clouds.get(cloud), None, None, None)
        case (
            Provide(host=host, holding=kind, name=name, stack=stack_id)
            | Withdraw(host=host, holding=kind, name=name, stack=stack_id)
        ):
            stack = None if stack_id is None else estate.stacks.get(stack_id)
            graph = None if stack is None else stack.graph
            held = estate.holdings.get(holding_key(host, kind, name))
            external = held is not None and held.external
            others = sources(estate, host, name) if kind is HoldingKind.IMAGE else ()
            at = estate.hosts.get(host)
            meshed = kind is HoldingKind.NETWORK and at is not None and at.meshes
            via = agreeing(estate, at.realm) if meshed and at is not None else None
            return Job(step, f"host/{host}", at, None, stack, graph, None, external, others, via)
        case StartTask(host=host, task=task_id, stack=stack_id, service=service, digest=digest):
            task = estate.tasks.get(task_id)
            cards = () if task is None else task.cards
            stack = estate.stacks.get(stack_id)
            memory = estate.services.get(service_key(stack_id, service))
            graph, spec = None, None
            if stack is not None and memory is not None and memory.digest == digest:
                graph, spec = stack.graph, stack.graph.services.get(service)
            elif stack is not None:
                graph, spec = _spec_of(stack, service, digest)
            return Job(step, f"host/{host}", estate.hosts.get(host), None, stack, graph, spec, cards=cards)
        case TendMesh(host=host, via=manager):
            asked = None if manager is None else estate.hosts.get(manager)
            return Job(step, f"host/{host}", estate.hosts.get(host), None, None, None, None, via=asked)
        case StopTask(host=host) | RestartTask(host=host):
            return Job(step, f"host/{host}", estate.hosts.get(host), None, None, None, None)


def _spec_of(stack: Stack, service: str, digest: str) -> tuple[Graph | None, ServiceSpec | None]:
    """What a digest names: in what is wanted now, or was wanted at a generation that is kept."""
    for graph in (stack.graph, *(version.graph for version in reversed(stack.history))):
        spec = graph.services.get(service)
        if spec is not None and run_digest(spec, graph) == digest:
            return graph, spec
    return None, None
