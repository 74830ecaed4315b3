"""Asking: the request that a service makes of the scheduler, with what the estate knows about it."""

from __future__ import annotations

import msgspec

from longshore.model.ids import ServiceKey, service_key
from longshore.model.spec import ServiceSpec
from longshore.model.stack import Stack
from longshore.plan.estate import Estate
from longshore.plan.holding import pinned
from longshore.plan.keeping import is_for, set_aside
from longshore.schedule.fleet import Fleet
from longshore.schedule.request import Near, Request, request_of


def asked(estate: Estate, stack: Stack, spec: ServiceSpec) -> Request:
    """What a service's next replica asks for. Those that keep away from it are kept away from."""

    def find(name: str) -> ServiceKey | None:
        other, _, service = name.partition("/")
        found = estate.stack_named(stack.project, other)
        return None if found is None else service_key(found.id, service)

    key = service_key(stack.id, spec.name)
    also = _shunned_by(estate, stack, spec)
    return request_of(key, spec, pinned(estate, stack, spec), find=find, also=also)


def _shunned_by(estate: Estate, stack: Stack, spec: ServiceSpec) -> tuple[Near, ...]:
    """The services that must not be beside this one, as it looks from here."""
    found = []
    for other in estate.stacks.many(estate.marks.shy):
        names = {spec.name} if other.id == stack.id else {f"{stack.name}/{spec.name}"}
        if other.project != stack.project:
            continue
        for name, theirs in other.graph.services.items():
            if other.id == stack.id and name == spec.name:
                continue
            found += [
                Near(key=service_key(other.id, name), domain=affinity.domain, anti=True)
                for affinity in theirs.placement.affinities
                if affinity.anti and not affinity.soft and affinity.service in names
            ]
    return tuple(dict.fromkeys(found))


def fleet_for(estate: Estate, stack: Stack, service: str) -> Fleet:
    """The scheduler's picture as this service sees it: room that is kept for it is free."""
    fleet = estate.fleet
    hosts = estate.hosts.many(estate.marks.keeping)
    mine = [host for host in hosts if any(is_for(kept, stack, service) for kept in host.kept)]
    if not mine:
        return fleet
    fleet = fleet.fork()
    for host in mine:
        others = tuple(kept for kept in host.kept if not is_for(kept, stack, service))
        seen = msgspec.structs.replace(host, kept=others)
        fleet.follow_host(set_aside(seen, estate.tasks_on(host.id), estate.stacks.get))
    return fleet


def priority_of(estate: Estate, key: str) -> int:
    """A service's priority, as it is wanted now."""
    stack_id, _, name = key.rpartition("/")
    stack = estate.stacks.get(stack_id)
    spec = None if stack is None else stack.graph.services.get(name)
    return 0 if spec is None else spec.placement.priority
