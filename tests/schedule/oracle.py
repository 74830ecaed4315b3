"""The slow obvious scheduler: for each replica filter all hosts, score all hosts, take the best, claim.

Plain Python on the nouns, with code of its own for every rule, written from the words of the rule. It
shares nothing with the scheduler but the nouns, so that where the two agree both are likely right.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from fnmatch import fnmatchcase
from typing import NamedTuple

from tests.schedule.mixture import WEB, Case

from longshore.model.host import Effect, Host, Taint
from longshore.model.lifecycle import HostState
from longshore.model.spec import Affinity, Constraint, Match, MountKind
from longshore.model.task import Task

CARD = 1000
MILLION = 1_000_000
NO_PRICE = 1 << 62
PLAIN = ("cpu", "memory", "disk", "pids")

Rank = tuple[int, ...]
Target = tuple[int, int, int, int]
"""Cpu, memory, thousandths of GPU cards, and its weight in ten thousandths."""


class Taken(NamedTuple):
    """Something on a host: a task that was there, or a replica placed."""

    service: str
    ports: tuple[str, ...]
    needs: dict[str, int]
    cards: tuple[int, ...]
    share: int


class World:
    """The hosts by row, what is on each, and what is asked for."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.hosts = case.hosts
        self.there: list[list[Taken]] = [[] for _ in case.hosts]
        rows = {host.id: row for row, host in enumerate(case.hosts)}
        for task in case.tasks:
            self.there[rows[task.host]].append(_taken(task))
        self.targets = _targets(case.tasks)
        self.largest_cpu = max(1, *(total(host, "cpu") for host in self.hosts))
        self.largest_cards = max(host.capacity.gpus for host in self.hosts) * CARD
        prices = [host.price.nano for host in self.hosts if host.price is not None]
        self.dearest = max(prices, default=0) or 1
        self.image_held = any(self.has_image(row) for row in range(len(self.hosts)))

        resources = case.spec.resources
        self.needs = {
            "cpu": resources.cpu,
            "memory": resources.memory,
            "disk": resources.disk,
            "pids": resources.pids,
            **resources.counted,
        }
        self.cards = -(-resources.gpu // CARD)
        self.share = min(resources.gpu, CARD)
        self.ports = tuple(f"{p.published}/{p.protocol}" for p in case.spec.ports)

    def free(self, row: int, name: str) -> int:
        """What is left of a plain resource; a host that shrank may have less than nothing."""
        return total(self.hosts[row], name) - sum(one.needs.get(name, 0) for one in self.there[row])

    def free_cards(self, row: int) -> list[int]:
        """Thousandths left of each card."""
        left = [CARD] * self.hosts[row].capacity.gpus
        for one in self.there[row]:
            for card in one.cards:
                left[card] -= one.share
        return left

    def count(self, row: int, service: str = WEB) -> int:
        """Tasks of a service on a host."""
        return sum(one.service == service for one in self.there[row])

    def has_image(self, row: int) -> bool:
        """Whether the host holds the image already."""
        return self.case.spec.image.name in self.hosts[row].images

    def place(self, row: int, cards: tuple[int, ...]) -> None:
        """A replica comes."""
        self.there[row].append(Taken(WEB, self.ports, self.needs, cards, self.share))


def _taken(task: Task) -> Taken:
    more = task.more
    needs = {"cpu": task.cpu, "memory": task.memory, "disk": more.disk, "pids": more.pids, **more.counted}
    return Taken(task.key, task.ports, needs, task.cards, min(more.gpu, CARD))


def total(host: Host, name: str) -> int:
    """What tasks may claim: less what is reserved, times the overcommit, less what foreigners take."""
    has, kept, others = host.capacity, host.share.reserved, host.foreign
    if name in ("disk", "pids") and not getattr(has, name):
        return 1 << 60
    if name not in PLAIN:
        return has.counted.get(name, 0) - kept.counted.get(name, 0) - others.counted.get(name, 0)
    left = getattr(has, name) - getattr(kept, name)
    if name == "cpu":
        left = left * host.share.overcommit_cpu // 1000
    if name == "memory":
        left = left * host.share.overcommit_memory // 1000
    return int(max(left - getattr(others, name), 0))


def fact(host: Host, key: str) -> str:
    """A host's fact, looked up by hand."""
    for prefix in ("node.labels.", "engine.labels."):
        if key.startswith(prefix):
            return host.labels.get(key[len(prefix) :], "")
    return {
        "node.hostname": host.name,
        "node.name": host.name,
        "node.id": host.id,
        "node.platform.os": host.os,
        "node.platform.arch": host.arch,
        "node.cloud": host.cloud,
        "node.kind": host.kind.value,
        "node.region": host.region,
        "node.zone": host.zone,
    }[key]


# What excludes a host.


def meets(constraint: Constraint, host: Host) -> bool:
    """Whether a host meets a constraint."""
    found = fact(host, constraint.key)
    if constraint.match is Match.GLOB:
        same = fnmatchcase(found, constraint.value)
    elif constraint.match is Match.REGEX:
        same = re.search(constraint.value, found) is not None
    else:
        same = found == constraint.value
    return same == constraint.equal


def tolerated(taint: Taint, world: World) -> bool:
    """Whether the service puts up with a taint."""
    return any(
        not t.key or (t.key == taint.key and t.value in ("", taint.value))
        for t in world.case.spec.placement.tolerations
    )


def standing_breaks(world: World, row: int) -> set[str]:
    """The rules a host breaks whatever is on it."""
    host, spec, place = world.hosts[row], world.case.spec, world.case.spec.placement
    broken = set()
    in_service = host.state in (HostState.REQUESTED, HostState.BOOTING, HostState.READY)
    if not in_service or host.silent_since or host.lost or host.draining:
        broken.add("health")
    if any(not meets(c, host) for c in place.constraints if not c.soft):
        broken.add("constraints")
    if any(t.effect is not Effect.PREFER_NO_SCHEDULE and not tolerated(t, world) for t in host.taints):
        broken.add("taints")
    if place.platform and not _runs(place.platform, host):
        broken.add("platform")
    if world.case.pinned is not None and host.id not in world.case.pinned:
        broken.add("volumes")
    bound = any(m.kind is MountKind.BIND and m.from_client for m in spec.mounts)
    if bound and host.labels.get("longshore.client") != "true":
        broken.add("client")
    if world.case.own_only and not host.own:
        broken.add("own")
    cap = place.max_price
    if cap is not None and not _affordable(world, host, cap.nano):
        broken.add("price")
    return broken


def _affordable(world: World, host: Host, cap: int) -> bool:
    """Whether a task's share of the price is within the cap; all prices here are in one currency."""
    if host.price is None:
        return host.own
    shares = [world.needs[name] / max(total(host, name), 1) for name in ("cpu", "memory")]
    return host.price.nano * max(shares) <= cap


def _runs(platform: str, host: Host) -> bool:
    system, _, arch = platform.partition("/")
    if arch:
        return (system, arch.split("/")[0]) == (host.os, host.arch)
    return system in (host.os, host.arch)


def room_breaks(world: World, row: int) -> set[str]:
    """The rules a host breaks by what is on it now."""
    host, place = world.hosts[row], world.case.spec.placement
    lacks = {name for name, need in world.needs.items() if need and need > world.free(row, name)}
    broken = {name if name in PLAIN else "counted" for name in lacks}
    if world.cards:
        fits = sum(left >= world.share for left in world.free_cards(row)) >= world.cards
        model = world.case.spec.resources.gpu_model
        if not fits or (model and host.capacity.gpu_model != model):
            broken.add("gpu")
    if any(port in one.ports for one in world.there[row] for port in world.ports):
        broken.add("ports")
    if place.max_per_host and world.count(row) >= place.max_per_host:
        broken.add("max-per-host")
    if any(not a.soft and not _near(world, row, a) for a in place.affinities):
        broken.add("affinity")
    return broken


def _near(world: World, row: int, affinity: Affinity) -> bool:
    """Whether a host has whom it has to have beside it, or has not whom it may not have."""
    service = _key(affinity.service)
    first = not any(world.count(n) for n in range(len(world.hosts)))
    if service == WEB and not affinity.anti and first:
        return not affinity.domain or bool(fact(world.hosts[row], affinity.domain))
    return bool(beside(world, row, service, affinity.domain)) != affinity.anti


def skewed(world: World, row: int, eligible: list[int]) -> bool:
    """Whether a replica more would put a domain too far ahead of the emptiest one that counts."""
    for skew in world.case.spec.placement.skew:
        mine = fact(world.hosts[row], skew.key)
        if skew.soft:
            continue
        if not mine:
            return True
        values = {fact(world.hosts[n], skew.key) for n in eligible} - {""}
        fewest = min((within(world, skew.key, value) for value in values), default=0)
        if within(world, skew.key, mine) + 1 - fewest > skew.most:
            return True
    return False


# How good a host is: smaller is better, term by term.


def score(world: World, row: int) -> Rank:
    """What a host is compared by for its next replica."""
    host, place = world.hosts[row], world.case.spec.placement
    coming = int(host.state is not HostState.READY)
    if place.weights:
        mixed = sum(round(w * 1000) * _measure(world, row, name) for name, w in place.weights.items())
        return (*_preferences(world, row), coming, mixed)
    return (*_preferences(world, row), *_terms(world, row, place.strategy, coming))


def _preferences(world: World, row: int) -> Rank:
    """Soft constraints unmet, taints disliked, and soft affinities in their order."""
    host, place = world.hosts[row], world.case.spec.placement
    unmet = sum(not meets(c, host) for c in place.constraints if c.soft)
    disliked = sum(t.effect is Effect.PREFER_NO_SCHEDULE and not tolerated(t, world) for t in host.taints)
    found = [unmet, disliked]
    for affinity in place.affinities:
        service = _key(affinity.service)
        if affinity.soft and not (service == WEB and affinity.domain):
            number = beside(world, row, service, affinity.domain)
            found.append(number if affinity.anti else int(not number))
    return tuple(found)


def _key(service: str) -> str:
    return service if "/" in service else f"stack-1/{service}"


def beside(world: World, row: int, service: str, domain: str) -> int:
    """Tasks of a service in a host's domain; none where the host has no such fact."""
    if not domain:
        return world.count(row, service)
    mine = fact(world.hosts[row], domain)
    return within(world, domain, mine, service) if mine else 0


def within(world: World, key: str, value: str, service: str = WEB) -> int:
    """Tasks of a service on all hosts with this value of a fact."""
    return sum(world.count(n, service) for n, host in enumerate(world.hosts) if fact(host, key) == value)


def _terms(world: World, row: int, strategy: str, coming: int) -> Rank:
    host = world.hosts[row]
    pull = int(world.image_held and not world.has_image(row))
    crowd = (coming, world.count(row), pull, len(world.there[row]))
    if strategy == "spread":
        return crowd
    if strategy == "cheapest":
        return (int(not host.own), _price(host), *crowd)
    if strategy == "binpack":
        return (coming, _share_free(world, row), pull)
    if strategy == "random":
        return (coming, _drawn(world, row))
    return (coming, growth(world, row) // (20 * 10_000), _share_free(world, row))


def _price(host: Host) -> int:
    if host.own:
        return 0
    return NO_PRICE if host.price is None else host.price.nano


def _share_free(world: World, row: int) -> int:
    """Millionths free: cpu and memory of the host's own, or cpu and cards of the largest host's."""
    host = world.hosts[row]
    cpu, memory = world.free(row, "cpu"), world.free(row, "memory")
    if world.largest_cards:
        cards = sum(world.free_cards(row))
        return math.floor((cpu / world.largest_cpu + cards / world.largest_cards) * (MILLION / 2))
    all_cpu, all_memory = total(host, "cpu"), total(host, "memory")
    shares = (cpu / all_cpu if all_cpu else 0.0) + (memory / all_memory if all_memory else 0.0)
    return math.floor(shares * (MILLION / 2))


def _drawn(world: World, row: int) -> int:
    """32 bits by service, host and replicas there: the mixing of splitmix64."""
    bits = (1 << 64) - 1
    mixed = ((row << 20) + world.count(row)) * 0x9E3779B97F4A7C15 + zlib.crc32(WEB.encode()) & bits
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & bits
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & bits
    return mixed >> 32


def _measure(world: World, row: int, strategy: str) -> int:
    """A strategy's score as one number up to a million."""
    if strategy == "cheapest":
        return int(min(_price(world.hosts[row]), world.dearest) * (MILLION / world.dearest))
    if strategy == "spread":
        held, tasks = world.count(row), len(world.there[row])
        return MILLION // 2 * held // (held + 1) + MILLION // 2 * tasks // (tasks + 1)
    if strategy == "binpack":
        return _share_free(world, row)
    if strategy == "random":
        return _drawn(world, row) * MILLION >> 32
    ends = 8 * CARD * 10_000
    return (max(-ends, min(growth(world, row), ends)) + ends) * MILLION // (2 * ends)


# Fragmentation.


def _targets(tasks: list[Task]) -> list[Target]:
    """The shapes there are, weighed by how often, in ten thousandths."""
    shapes = Counter((t.cpu, t.memory, t.more.gpu) for t in tasks)
    every = sum(shapes.values())
    return [(*shape, round(number / every * 10_000)) for shape, number in shapes.items()]


def fragments(world: World, host: Host, cpu: int, memory: int, cards: list[int]) -> int:
    """What of a host's free room the targets could not use, times their weights."""
    lost = 0
    all_cpu, all_memory = total(host, "cpu"), total(host, "memory")
    plain = cpu * CARD // all_cpu if all_cpu else 0
    plain += int(memory / all_memory * CARD) if all_memory else 0
    whole = sum(cards) if cards else max(plain, 0) // 2
    for want_cpu, want_memory, gpu, weight in world.targets:
        share = min(gpu, CARD)
        usable = [left for left in cards if left >= share]
        fits = cpu >= want_cpu and memory >= want_memory
        if gpu:
            fits = fits and len(usable) >= -(-gpu // CARD)
        if not fits or (cards and not gpu):
            lost += weight * whole
        elif gpu:
            lost += weight * (sum(cards) - sum(usable))
    return lost


def growth(world: World, row: int) -> int:
    """By how much fragments grow with a replica more."""
    return _best_card(world, row)[0]


def _best_card(world: World, row: int) -> tuple[int, tuple[int, ...]]:
    host, cards = world.hosts[row], world.free_cards(row)
    cpu, memory = world.free(row, "cpu"), world.free(row, "memory")
    before = fragments(world, host, cpu, memory, cards)
    cpu, memory = cpu - world.needs["cpu"], memory - world.needs["memory"]
    found = []
    for chosen in _choices(world, cards):
        left = [free - world.share * (number in chosen) for number, free in enumerate(cards)]
        found.append((fragments(world, host, cpu, memory, left) - before, chosen))
    return min(found)


def _choices(world: World, cards: list[int]) -> list[tuple[int, ...]]:
    """The sets of cards that a replica might get; whole ones are the first idle."""
    if not world.cards:
        return [()]
    usable = [number for number, left in enumerate(cards) if left >= world.share]
    if world.share == CARD:
        return [tuple(usable[: world.cards])]
    return [(number,) for number in usable]


def cards_for(world: World, row: int) -> tuple[int, ...]:
    """The cards a replica gets: by fragmentation, or the fullest that will do."""
    place = world.case.spec.placement
    heaviest = max(place.weights, key=lambda name: place.weights[name]) if place.weights else place.strategy
    if heaviest == "least-fragmentation":
        return _best_card(world, row)[1]
    cards = world.free_cards(row)
    return min(_choices(world, cards), key=lambda chosen: cards[chosen[0]] if chosen else 0)


# All together.


def broken_rules(world: World) -> list[set[str]]:
    """By row, the rules that a host breaks now for one replica more."""
    rows = range(len(world.hosts))
    standing = [standing_breaks(world, row) for row in rows]
    eligible = [row for row in rows if not standing[row]]
    skew = [{"skew"} if skewed(world, row, eligible) else set() for row in rows]
    return [standing[row] | room_breaks(world, row) | skew[row] for row in rows]


def domain_costs(world: World, row: int, eligible: list[int]) -> Rank:
    """What domains are compared by before hosts are: soft skews, soft affinity to its own, spread."""
    host, place = world.hosts[row], world.case.spec.placement
    costs = []
    for skew in place.skew:
        if skew.soft:
            values = {fact(world.hosts[n], skew.key) for n in eligible} - {""}
            fewest = min((within(world, skew.key, value) for value in values), default=0)
            ahead = within(world, skew.key, fact(host, skew.key)) + 1 - fewest
            costs.append(max(0, ahead - skew.most))
    for affinity in place.affinities:
        if affinity.soft and affinity.domain and _key(affinity.service) == WEB:
            number = beside(world, row, WEB, affinity.domain)
            costs.append(number if affinity.anti else int(not number))
    for depth in range(1, len(place.spread) + 1):
        mine = [fact(host, key) for key in place.spread[:depth]]
        alike = [
            n
            for n, other in enumerate(world.hosts)
            if [fact(other, key) for key in place.spread[:depth]] == mine
        ]
        costs.append(sum(world.count(n) for n in alike))
    return tuple(costs)


def place_one_by_one(world: World, count: int) -> list[tuple[int, tuple[int, ...]]]:
    """For each replica, of all hosts that break no rule the best, ties to the lower row; with its cards."""
    standing = [standing_breaks(world, row) for row in range(len(world.hosts))]
    eligible = [row for row, broken in enumerate(standing) if not broken]
    picks = []
    for _ in range(count):
        fitting = [
            row for row in eligible if not room_breaks(world, row) and not skewed(world, row, eligible)
        ]
        if not fitting:
            break
        best = min(fitting, key=lambda row: (domain_costs(world, row, eligible), score(world, row), row))
        cards = cards_for(world, best)
        picks.append((best, cards))
        world.place(best, cards)
    return picks


def hopeless(world: World, row: int) -> bool:
    """Whether a host could never take a replica: it breaks a rule even when well and empty."""
    host, place = world.hosts[row], world.case.spec.placement
    model = world.case.spec.resources.gpu_model
    wrong_cards = world.cards > host.capacity.gpus or (model and host.capacity.gpu_model != model)
    return bool(
        standing_breaks(world, row) - {"health"}
        or any(need > total(host, name) for name, need in world.needs.items() if need)
        or (world.cards and wrong_cards)
        or any(not fact(host, skew.key) for skew in place.skew if not skew.soft)
    )
