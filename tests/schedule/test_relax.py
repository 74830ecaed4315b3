"""The smallest change that is named makes it fit, and none smaller of its kind does."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.schedule.drawing import ENOUGH, GIB, MIB, WEB, Place, naive_room, offers, places, requests

from longshore.model.host import Capacity, Host, Quote
from longshore.model.ids import HostId
from longshore.model.lifecycle import HostState
from longshore.schedule.relax import Relaxation, relax, room
from longshore.schedule.request import Request
from longshore.schedule.shop import takes

CALM = settings(derandomize=True, deadline=None, max_examples=300)
COUNTS = st.integers(1, 6)
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": MIB, "GiB": GIB}


def fits(place: Place, request: Request, count: int) -> bool:
    return room(place.fleet, request) >= count


@CALM
@given(places(), requests())
def test_room_is_what_fits(place: Place, request: Request) -> None:
    assert min(room(place.fleet, request), ENOUGH) == naive_room(place, request)


@CALM
@given(places(), requests(), COUNTS, offers())
def test_each_relaxation_is_exact(place: Place, request: Request, count: int, quotes: list[Quote]) -> None:
    assume(not fits(place, request, count))
    for found in relax(place.fleet, request, count, quotes):
        assert helps(place, request, count, quotes, found, less=0), found
        assert not helps(place, request, count, quotes, found, less=1), f"less would do than {found}"


@CALM
@given(places(), requests(), COUNTS)
def test_none_that_helps_is_left_out(place: Place, request: Request, count: int) -> None:
    assume(not fits(place, request, count))
    named = {(found.kind, found.subject) for found in relax(place.fleet, request, count)}
    kinds = {kind for kind, _ in named}
    tries = {
        "memory": replace(request, memory=min(request.memory, 1)),
        "cpu": replace(request, cpu=min(request.cpu, 1)),
        "max-per-host": replace(request, max_per_host=0),
    }
    for kind, changed in tries.items():
        assert kind in kinds or not fits(place, changed, count)
    assert "replicas" in kinds or not room(place.fleet, request)
    for constraint in request.constraints:
        rest = tuple(c for c in request.constraints if c != constraint)
        if fits(place, replace(request, constraints=rest), count):
            assert ("constraint", str(constraint)) in named
    for port in request.ports:
        rest_ = tuple(p for p in request.ports if p != port)
        if fits(place, replace(request, ports=rest_), count):
            assert ("port", port) in named


@CALM
@given(requests(simple=True), offers())
def test_takes_agrees_with_the_rules(request: Request, quotes: list[Quote]) -> None:
    for quote in quotes:
        able, why = takes(request, quote)
        assert min(able, ENOUGH) == naive_room(Place([bought(quote, 0)], []), request)
        assert bool(able) is not bool(why)


def test_the_words_can_be_followed_to_the_letter() -> None:
    """What is printed is rounded, but never to where it would not fit."""
    for memory in (GIB + 1, 3 * GIB - 7, 1_234_567_890, 999 * MIB + 13, 12_345):
        place = Place([own(memory=memory)], [])
        request = Request(service=WEB, memory=memory + 5 * MIB)
        words = {r.kind: r.words for r in relax(place.fleet, request, 1)}
        told = re.search(r"reserve ([\d.]+) (\w+) of memory", words["memory"])
        assert told is not None
        assert 0 <= memory - float(told[1]) * UNITS[told[2]] < memory / 1000
        told = re.search(r"free \(or add\) ([\d.]+) (\w+) on", words["free"])
        assert told is not None
        assert float(told[1]) * UNITS[told[2]] >= 5 * MIB


def helps(  # noqa: PLR0911 - a case for each kind of change
    place: Place, request: Request, count: int, quotes: list[Quote], found: Relaxation, *, less: int
) -> bool:
    """Whether it fits after a change that is smaller by `less` units of its kind."""
    kept = [found.subject] if less else []
    match found.kind:
        case "constraint":
            rest = tuple(c for c in request.constraints if str(c) != found.subject or str(c) in kept)
            return fits(place, replace(request, constraints=rest), count)
        case "platform":
            return fits(place, replace(request, platform=request.platform if less else ""), count)
        case "both":
            # With both given up it fits; that one alone does not help is why there are two.
            if less:
                return any(fits(place, asked, count) for asked in given_up(request, found.words))
            return any(
                fits(place, twice, count)
                for once in given_up(request, found.words)
                for twice in given_up(once, found.words)
            )
        case "port":
            ports = tuple(p for p in request.ports if p != found.subject or p in kept)
            return fits(place, replace(request, ports=ports), count)
        case "memory":
            return fits(place, replace(request, memory=found.value + less), count)
        case "cpu":
            return fits(place, replace(request, cpu=found.value + less), count)
        case "max-per-host":
            return fits(place, replace(request, max_per_host=found.value - less), count)
        case "replicas":
            return fits(place, request, found.value + less)
        case "free":
            return fits(freed(place, found, less), request, count)
        case "buy":
            number = int(found.words.split()[1]) - less
            quote = next(q for q in quotes if f"{q.cloud}/{q.flavor}" == found.subject)
            grown = [*place.hosts, *(bought(quote, n) for n in range(number))]
            return fits(Place(grown, place.tasks), request, count)
        case _:
            raise AssertionError(found.kind)


def given_up(request: Request, words: str) -> list[Request]:
    """The request without each one of the rules that the words name."""
    without = [
        replace(request, constraints=tuple(c for c in request.constraints if c != dropped))
        for dropped in request.constraints
        if f"drop the constraint {dropped}" in words
    ]
    without += [
        replace(request, ports=tuple(p for p in request.ports if p != dropped))
        for dropped in request.ports
        if f"another port than {dropped}" in words
    ]
    if request.platform and f"than on {request.platform}" in words:
        without.append(replace(request, platform=""))
    return without


def freed(place: Place, found: Relaxation, less: int) -> Place:
    """The hosts, one of them larger by what is to be freed there."""
    cpu = re.search(r"([\d.]+) cpu", found.words)
    more_cpu = round(float(cpu[1]) * 1000) if cpu else 0
    # `value` is the memory, or the cpu where no memory is missing.
    more_memory = found.value if "iB" in found.words or re.search(r"\d B", found.words) else 0
    hosts = []
    for host in place.hosts:
        if host.name == found.subject:
            capacity = host.capacity
            bigger = replace(
                capacity,
                cpu=capacity.cpu + max(more_cpu - less * bool(more_cpu), 0),
                memory=capacity.memory + max(more_memory - less * bool(more_memory), 0),
            )
            host = replace(host, capacity=bigger)  # noqa: PLW2901
        hosts.append(host)
    return Place(hosts, place.tasks)


def bought(quote: Quote, number: int) -> Host:
    return Host(
        id=HostId(f"bought-{number}"),
        name=f"bought-{number}",
        cloud=quote.cloud,
        own=False,
        state=HostState.REQUESTED,
        kind=quote.kind,
        capacity=quote.capacity,
        labels=quote.labels,
        os=quote.os,
        arch=quote.arch,
        price=quote.price,
    )


def own(*, memory: int) -> Host:
    return Host(
        id=HostId("host-1"),
        name="h1",
        cloud="home",
        own=True,
        state=HostState.READY,
        capacity=Capacity(cpu=1000, memory=memory),
    )
