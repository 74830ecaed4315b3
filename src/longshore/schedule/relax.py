"""The smallest changes that would make a request fit: a search over relaxations, each exact.

Every answer is a value that was held against the same rules: with it the replicas fit, and with
anything less of its kind they do not. Where no one change helps, two of those that give a rule up
are tried together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

import msgspec

from longshore.model.host import Effect, Quote
from longshore.model.money import Money, exact, format_nano
from longshore.model.spec import Toleration, tolerates
from longshore.schedule.fleet import Fleet
from longshore.schedule.place import place
from longshore.schedule.request import CARD, Near, Request, counted_name
from longshore.schedule.rules import MANY, UNITS, cores, survey
from longshore.schedule.shop import takes


class Relaxation(msgspec.Struct, frozen=True, kw_only=True):
    """One change: its kind, what to set, and the sentence that says so. `value`: the kind's number."""

    kind: str
    words: str
    value: int = 0
    subject: str = ""


PAIRED = 12
"""Rules given up that are tried two by two: 66 pairs, some tens of milliseconds on a large fleet."""


def room(fleet: Fleet, request: Request) -> int:
    """How many replicas fit now."""
    caps = survey(fleet, request).caps
    return int(caps.clip(max=MANY).sum()) if caps.size else 0


def relax(fleet: Fleet, request: Request, count: int, offers: Iterable[Quote] = ()) -> tuple[Relaxation, ...]:
    """The smallest change of each kind after which `count` replicas fit (none: no change of it helps)."""
    offers = list(offers)
    found: list[Relaxation] = []
    for change in (_giving_up, _amounts, _per_host, _skew, _price, _free, _replicas):
        found.extend(change(fleet, request, count))
    found.extend(_buy(request, count - _fitting(fleet, request, count), offers))
    if not any(r.kind not in {"replicas", "buy"} for r in found):
        found = [*_pairs(fleet, request, count), *found]
    return tuple(found)


def _fits(fleet: Fleet, request: Request, count: int) -> bool:
    return _fitting(fleet, request, count) >= count


def _fitting(fleet: Fleet, request: Request, count: int) -> int:
    """How many of so many replicas fit now; rules between replicas are known only by placing them."""
    if request.skew or any(near.anti and near.key == request.service for near in request.near):
        return len(place(fleet, request, count).hosts)
    return room(fleet, request)


Way = tuple[Relaxation, Request]
"""A rule that is given up, and the request without it."""


def ways(fleet: Fleet, request: Request) -> list[Way]:
    """Every single rule that a user may give up, in the order in which they are told."""
    found: list[Way] = []
    hard = [c for c in request.constraints if not c.soft]
    for dropped in hard:
        rest = tuple(c for c in request.constraints if c != dropped)
        words = f"drop the constraint {dropped}"
        found.append(_way(request, "constraint", words, str(dropped), constraints=rest))
    for taint in _taints(fleet, request):
        mark = f"{taint.key}={taint.value}" if taint.value else taint.key
        more = (*request.tolerations, taint)
        found.append(_way(request, "taint", f"tolerate the taint {mark}", mark, tolerations=more))
    for near in (n for n in request.near if not n.soft):
        rest_near = tuple(n for n in request.near if n != near)
        found.append(
            _way(request, "affinity", f"drop that it is {_near_words(near)}", near.key, near=rest_near)
        )
    if request.platform:
        words = f"let it run elsewhere than on {request.platform}"
        found.append(_way(request, "platform", words, request.platform, platform=""))
    if request.gpu_model:
        words = f"let it have GPUs other than {request.gpu_model}"
        found.append(_way(request, "gpu-model", words, request.gpu_model, gpu_model=""))
    for port in request.ports:
        rest_ports = tuple(p for p in request.ports if p != port)
        words = f"publish another port than {port}"
        found.append(_way(request, "port", words, port, ports=rest_ports))
    return found


def _way(request: Request, kind: str, words: str, subject: str, **fields: object) -> Way:
    relaxation = Relaxation(kind=kind, words=words, subject=subject)
    return relaxation, msgspec.structs.replace(request, **fields)


def _taints(fleet: Fleet, request: Request) -> list[Toleration]:
    """The taints of hosts that keep it off, as what would tolerate them."""
    found: dict[tuple[str, str], None] = {}
    for host in fleet.hosts:
        for taint in host.taints if host.id in fleet.rows else ():
            hard = taint.effect is not Effect.PREFER_NO_SCHEDULE
            if hard and not tolerates(request.tolerations, taint):
                found[taint.key, taint.value] = None
    return [Toleration(key=key, value=value) for key, value in sorted(found)]


def _near_words(near: Near) -> str:
    where = f" by {near.domain}" if near.domain else ""
    return f"{'away from' if near.anti else 'beside'} {near.key.rpartition('/')[2]}{where}"


def _giving_up(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Give one rule up."""
    return [relaxation for relaxation, asked in ways(fleet, request) if _fits(fleet, asked, count)]


def _pairs(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Give two rules up, where one alone does not help: the first pair that does."""
    for (first, asked), (then, _) in combinations(ways(fleet, request)[:PAIRED], 2):
        second = next((way for way in ways(fleet, asked) if way[0] == then), None)
        if second is not None and _fits(fleet, second[1], count):
            words = f"{first.words} and {second[0].words}"
            return [Relaxation(kind="both", words=words, subject=f"{first.subject} {second[0].subject}")]
    return []


def _amounts(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Reserve less of one resource: the most that fits."""
    found = []
    for name in ("memory", "cpu", "disk", "pids", "gpu"):
        best = _most(fleet, request, count, name)
        if best:
            words = f"reserve {_AMOUNT[name](best)} or less"
            found.append(Relaxation(kind=name, words=words, value=best))
    for name, asked in request.counted.items():
        best = _largest(asked, lambda v, n=name: _fits(fleet, _with_counted(request, n, v), count))  # type: ignore[misc]
        if best:
            found.append(
                Relaxation(kind="counted", words=f"ask for {best} {name} or less", value=best, subject=name)
            )
    return found


def _with_counted(request: Request, name: str, value: int) -> Request:
    return msgspec.structs.replace(request, counted={**request.counted, name: value})


def _most(fleet: Fleet, request: Request, count: int, name: str) -> int:
    asked: int = getattr(request, name)
    if name == "gpu" and asked > CARD:
        # More than one card are whole cards.
        whole = _largest(
            request.cards, lambda v: _fits(fleet, msgspec.structs.replace(request, gpu=v * CARD), count)
        )
        if whole:
            return whole * CARD
        asked = CARD
    return _largest(asked, lambda v: _fits(fleet, msgspec.structs.replace(request, **{name: v}), count))


def _largest(asked: int, fits: Callable[[int], bool]) -> int:
    """The largest value below what was asked that fits, by bisection; 0 if none above 0 does."""
    if asked < 2 or not fits(1):
        return 0
    low, high = 1, asked
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


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


_AMOUNT: dict[str, Callable[[int], str]] = {
    "memory": lambda v: f"{_at_most(v)} of memory",
    "cpu": cores,
    "disk": lambda v: f"{_at_most(v)} of disk",
    "pids": lambda v: f"{v} processes",
    "gpu": lambda v: f"{v / CARD:g} of a GPU" if v < CARD else f"{v // CARD} GPU{'s' if v > CARD else ''}",
}


def _per_host(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Allow more replicas on a host: the fewest that fit."""
    if not request.max_per_host:
        return []
    # A host may have more already than is allowed now: the limit was another then.
    there = max(fleet.held(request.service).values(), default=0)
    for limit in range(request.max_per_host + 1, max(request.max_per_host, there) + count + 1):
        if _fits(fleet, msgspec.structs.replace(request, max_per_host=limit), count):
            return [Relaxation(kind="max-per-host", words=f"allow {limit} replicas per host", value=limit)]
    return []


def _skew(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Let replicas differ by more over a fact: the least that fits."""
    found = []
    for number, skew in enumerate(request.skew):
        if skew.soft:
            continue

        def wider(most: int, at: int = number) -> Request:
            skews = list(request.skew)
            skews[at] = msgspec.structs.replace(skews[at], most=most)
            return msgspec.structs.replace(request, skew=tuple(skews))

        low, high = skew.most, skew.most + count + fleet.held(request.service).total
        if not _fits(fleet, wider(high), count):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _fits(fleet, wider(middle), count) else (middle, high)
        words = f"let replicas differ by {high} over {skew.key}"
        found.append(Relaxation(kind="skew", words=words, value=high, subject=skew.key))
    return found


def _price(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Raise what a task may cost: to the least that is enough."""
    cap = request.max_price
    if cap is None or not _fits(fleet, msgspec.structs.replace(request, max_price=None), count):
        return []

    def fits(nano: int) -> bool:
        return _fits(fleet, msgspec.structs.replace(request, max_price=Money(nano, cap.currency)), count)

    low, high = cap.nano, max(2 * cap.nano, 1_000_000)
    while not fits(high):
        if high > 1 << 55:
            return []
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    words = f"raise the price cap per task to {exact(Money(high, cap.currency))} per hour"
    return [Relaxation(kind="max-price", words=words, value=high)]


def _free(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Free room on one host, for the one replica that is missing: the host that needs least."""
    needs = request.needs
    if _fitting(fleet, request, count) != count - 1 or not needs:
        return []
    bare = msgspec.structs.replace(request, cpu=0, memory=0, disk=0, pids=0, counted={})
    roomy, fitting = survey(fleet, bare).caps, survey(fleet, request).caps
    best: tuple[float, int, dict[str, int]] | None = None
    for row in roomy.nonzero()[0].tolist():
        if fitting[row] >= roomy[row]:
            continue
        number = int(fitting[row]) + 1
        lacks = {name: _lacking(fleet, name, row, each * number) for name, each in needs.items()}
        weight = sum(lack / needs[name] for name, lack in lacks.items())
        if weight and (best is None or (weight, row) < best[:2]):
            best = (weight, row, {name: lack for name, lack in lacks.items() if lack})
    if best is None:
        return []
    _, row, lacks = best
    parts = [_lack_words(name, lack) for name, lack in lacks.items()]
    host = fleet.hosts[row]
    words = f"free (or add) {' and '.join(parts)} on {host.name}"
    value = lacks.get("memory") or next(iter(lacks.values()))
    return [Relaxation(kind="free", words=words, value=value, subject=host.name)]


def _lacking(fleet: Fleet, name: str, row: int, asked: int) -> int:
    """What is missing of a resource on a row."""
    there = int(fleet.free[name][row]) if name in fleet.total else 0
    return max(0, asked - there)


def _lack_words(name: str, lack: int) -> str:
    match name:
        case "cpu":
            return cores(lack)
        case "memory":
            return _at_least(lack)
        case "disk":
            return f"{_at_least(lack)} of disk"
        case "pids":
            return f"{lack} processes"
        case _:
            return f"{lack} {name.removeprefix(counted_name(''))}"


def _replicas(fleet: Fleet, request: Request, count: int) -> list[Relaxation]:
    """Fewer replicas: all that fit."""
    fitting = min(_fitting(fleet, request, count), count)
    there = fleet.held(request.service).total
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
