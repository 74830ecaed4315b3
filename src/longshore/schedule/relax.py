"""The smallest changes that would make a request fit: one kind of change at a time, each exact.

Every answer is a value that was held against the same rules: with it the replicas fit, and with
anything less of its kind they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from longshore.model.host import Quote
from longshore.model.money import Money, format_nano
from longshore.schedule.fleet import Fleet
from longshore.schedule.request import Request
from longshore.schedule.rules import MANY, UNITS, cores, survey
from longshore.schedule.shop import takes


class Relaxation(msgspec.Struct, frozen=True, kw_only=True):
    """One change: its kind, what to set, and the sentence that says so. `value`: the kind's number."""

    kind: str
    words: str
    value: int = 0
    subject: str = ""


def room(fleet: Fleet, request: Request) -> int:
    """How many replicas fit now."""
    caps = survey(fleet, request).caps
    return int(caps.clip(max=MANY).sum()) if caps.size else 0


def relax(fleet: Fleet, request: Request, count: int, offers: Iterable[Quote] = ()) -> tuple[Relaxation, ...]:
    """The smallest change of each kind after which `count` replicas fit (none: no change of it helps)."""
    found: list[Relaxation] = []
    for change in (_constraint, _memory, _cpu, _per_host, _port, _free, _replicas):
        found.extend(change(fleet, request, count))
    found.extend(_buy(request, count - room(fleet, request), offers))
    return tuple(found)


def _fits(fleet: Fleet, request: Request, count: int) -> bool:
    return room(fleet, request) >= count


def _constraint(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Drop one constraint."""
    found = []
    for dropped in request.constraints:
        rest = tuple(c for c in request.constraints if c != dropped)
        if _fits(fleet, msgspec.structs.replace(request, constraints=rest), count):
            found.append(
                Relaxation(kind="constraint", words=f"drop the constraint {dropped}", subject=str(dropped))
            )
    return found


def _memory(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Reserve less memory: the most that fits."""
    best = _most(
        request.memory,
        lambda v: _fits(fleet, msgspec.structs.replace(request, memory=v), count),
    )
    if not best:
        return []
    return [Relaxation(kind="memory", words=f"reserve {_at_most(best)} of memory or less", value=best)]


def _at_most(size: int) -> str:
    """A size in words, rounded down: what is written still fits."""
    scale, unit, ten = _digits(size)
    return f"{size * ten // scale / ten:g} {unit}"


def _at_least(size: int) -> str:
    """A size in words, rounded up: what is written is enough."""
    scale, unit, ten = _digits(size)
    return f"{-(-size * ten // scale) / ten:g} {unit}"


def _digits(size: int) -> tuple[int, str, int]:
    """The unit to write a size in, its name, and the power of ten that leaves four digits or less."""
    unit, scale = next(((u, s) for u, s in UNITS if size >= s), ("B", 1))
    return scale, unit, 10 ** max(4 - len(str(size // scale)), 0) if scale > 1 else 1


def _cpu(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Reserve less cpu: the most that fits."""
    best = _most(request.cpu, lambda v: _fits(fleet, msgspec.structs.replace(request, cpu=v), count))
    if not best:
        return []
    return [Relaxation(kind="cpu", words=f"reserve {cores(best)} or less", value=best)]


def _most(asked: int, fits: Callable[[int], bool]) -> int:
    """The largest value below what was asked that fits, by bisection; 0 if none above 0 does."""
    if asked < 2 or not fits(1):
        return 0
    low, high = 1, asked
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _per_host(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Allow more replicas on a host: the fewest that fit."""
    if not request.max_per_host:
        return []
    # A host may have more already than is allowed now: the limit was another then.
    there = max(fleet.counts.get(request.service, {}).values(), default=0)
    for limit in range(request.max_per_host + 1, max(request.max_per_host, there) + count + 1):
        if _fits(fleet, msgspec.structs.replace(request, max_per_host=limit), count):
            return [Relaxation(kind="max-per-host", words=f"allow {limit} replicas per host", value=limit)]
    return []


def _port(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Publish one port less (or elsewhere)."""
    found = []
    for dropped in request.ports:
        rest = tuple(p for p in request.ports if p != dropped)
        if _fits(fleet, msgspec.structs.replace(request, ports=rest), count):
            found.append(
                Relaxation(kind="port", words=f"publish another port than {dropped}", subject=dropped)
            )
    return found


def _free(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Free room on one host, for the one replica that is missing: the host that needs least."""
    if room(fleet, request) != count - 1 or not (request.cpu or request.memory):
        return []
    roomy = survey(fleet, msgspec.structs.replace(request, cpu=0, memory=0))
    fitting = survey(fleet, request).caps
    best: tuple[float, int, int, int] | None = None
    for row in roomy.caps.nonzero()[0].tolist():
        if fitting[row] >= roomy.caps[row]:
            continue
        number = int(fitting[row]) + 1
        cpu = _lacking(request.cpu, number, int(fleet.cpu[row] - fleet.cpu_used[row]))
        memory = _lacking(request.memory, number, int(fleet.memory[row] - fleet.memory_used[row]))
        weight = cpu / max(request.cpu, 1) + memory / max(request.memory, 1)
        if (cpu or memory) and (best is None or (weight, row) < best[:2]):
            best = (weight, row, cpu, memory)
    if best is None:
        return []
    _, row, cpu, memory = best
    parts = [cores(cpu)] * bool(cpu) + [_at_least(memory)] * bool(memory)
    host = fleet.hosts[row]
    words = f"free (or add) {' and '.join(parts)} on {host.name}"
    return [Relaxation(kind="free", words=words, value=memory or cpu, subject=host.name)]


def _lacking(each: int, number: int, free: int) -> int:
    """What is missing for so many; where nothing is asked for, an overcommitted host lacks nothing."""
    return max(0, each * number - free) if each else 0


def _replicas(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Fewer replicas: all that fit."""
    fitting = min(room(fleet, request), count)
    there = sum(fleet.counts.get(request.service, {}).values())
    # None at all is no way to have a service.
    if fitting >= count or not fitting + there:
        return []
    fewer = count - fitting
    words = f"have {fewer} replica{'s' if fewer != 1 else ''} fewer"
    return [Relaxation(kind="replicas", words=words, value=fitting)]


def _buy(request: Request, missing: int, offers: Iterable[Quote]) -> list[Relaxation]:
    """Allow a purchase: the cheapest offer that takes a replica, and the hourly price of all needed.

    Prices in different currencies are not compared: that of the first offer counts, as in shopping.
    """
    best: tuple[Money, int, Quote] | None = None
    for quote in offers:
        able, _ = takes(request, quote)
        if not able or quote.price is None or missing < 1:
            continue
        hosts = -(-missing // able)
        price = quote.price * hosts
        if best is None or (price.currency == best[0].currency and price.nano < best[0].nano):
            best = (price, hosts, quote)
    if best is None:
        return []
    price, hosts, quote = best
    words = (
        f"allow {hosts} {quote.cloud}/{quote.flavor} for {format_nano(price.nano, price.currency)} per hour"
    )
    return [Relaxation(kind="buy", words=words, value=price.nano, subject=f"{quote.cloud}/{quote.flavor}")]
