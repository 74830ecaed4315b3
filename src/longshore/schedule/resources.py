"""Rules about room: plain resources, GPU cards, and whatever is counted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from longshore.schedule.cards import NO_CARD, room_on, total_free
from longshore.schedule.facts import GPU_MODEL
from longshore.schedule.fleet import PLAIN, Fleet
from longshore.schedule.request import CARD, Request
from longshore.schedule.tally import Bools, Ints
from longshore.schedule.words import amount_words, cores, size_words

MANY = 1 << 40
"""More replicas than any host is asked to take."""

Passes = Callable[[Fleet, Request], Bools | None]
Words = Callable[[Fleet, int, Request], str]


def plain(name: str) -> tuple[Passes, Words, Passes]:
    """The rule of one plain resource: who has room, words, and who would have it were nobody else there."""

    def passes(fleet: Fleet, request: Request) -> Bools | None:
        need = getattr(request, name)
        size = fleet.size
        return fleet.free[name][:size] >= need if need else None

    def words(fleet: Fleet, row: int, request: Request) -> str:
        return _lack_words(
            name, getattr(request, name), int(fleet.free[name][row]), int(fleet.total[name][row])
        )

    def ever(fleet: Fleet, request: Request) -> Bools | None:
        need = getattr(request, name)
        return fleet.total[name][: fleet.size] >= need if need else None

    return passes, words, ever


def _lack_words(name: str, need: int, left: int, total: int) -> str:
    of = size_words(total) if name in {"memory", "disk"} else cores(total) if name == "cpu" else str(total)
    free = size_words(left) if name == "disk" else amount_words(name, left)
    return f"needs {amount_words(name, need)}, has {free} of {of} free"


def counted(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts with as many of each counted resource free."""
    found: Bools | None = None
    for name, need in _counted_needs(request):
        mask = _free(fleet, name) >= need
        found = mask if found is None else found & mask
    return found


def counted_words(fleet: Fleet, row: int, request: Request) -> str:
    """Those it lacks."""
    parts = []
    for name, need in _counted_needs(request):
        if name not in fleet.total:
            parts.append(f"needs {amount_words(name, need)}, has none")
            continue
        free, total = int(fleet.free[name][row]), int(fleet.total[name][row])
        if free < need:
            parts.append(_lack_words(name, need, free, total))
    return " and ".join(parts)


def counted_ever(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts that have as many of each."""
    found: Bools | None = None
    for name, need in _counted_needs(request):
        total = fleet.total.get(name)
        mask = np.zeros(fleet.size, np.bool_) if total is None else total[: fleet.size] >= need
        found = mask if found is None else found & mask
    return found


def _counted_needs(request: Request) -> list[tuple[str, int]]:
    return [(name, need) for name, need in request.needs.items() if name not in PLAIN]


def _free(fleet: Fleet, name: str) -> Ints:
    size = fleet.size
    if name not in fleet.total:
        return np.zeros(size, np.int64)
    return fleet.free[name][:size]


def gpu(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts with the cards it needs free, of the model it wants."""
    if not request.gpu:
        return None
    free = fleet.cards[: fleet.size]
    fits: Bools = (free >= request.share).sum(axis=1) >= request.cards
    return _of_model(fleet, request, fits)


def gpu_ever(fleet: Fleet, request: Request) -> Bools | None:
    """Hosts that have as many cards of the model it wants."""
    if not request.gpu:
        return None
    fits: Bools = (fleet.cards[: fleet.size] != NO_CARD).sum(axis=1) >= request.cards
    return _of_model(fleet, request, fits)


def _of_model(fleet: Fleet, request: Request, fits: Bools) -> Bools:
    if request.gpu_model:
        fits &= fleet.column(GPU_MODEL).equals(fleet.size, request.gpu_model)
    return fits


def gpu_words(fleet: Fleet, row: int, request: Request) -> str:
    """What is free of its cards."""
    capacity = fleet.hosts[row].capacity
    wanted = f"{request.gpu / CARD:g} GPU" if request.gpu < CARD else f"{request.cards} whole GPUs"
    if request.cards == 1 and request.gpu >= CARD:
        wanted = "1 whole GPU"
    if request.gpu_model:
        wanted += f" ({request.gpu_model})"
    if not capacity.gpus:
        return f"needs {wanted}, has none"
    free = fleet.cards[row]
    idle = int((free >= CARD).sum())
    name = f" {capacity.gpu_model}" if capacity.gpu_model else ""
    most, total = max(int(free.max()), 0) / CARD, int(total_free(free)) / CARD
    return f"needs {wanted}, has {idle} of {capacity.gpus}{name} idle, {most:g} free on one, {total:g} on all"


def room_for(fleet: Fleet, request: Request, rows: Ints) -> Ints:
    """How many replicas the free resources of these rows take."""
    caps = np.full(len(rows), MANY, np.int64)
    for name, need in request.needs.items():
        if name not in fleet.total:
            return np.zeros(len(rows), np.int64)
        caps = np.minimum(caps, fleet.free[name][rows] // need)
    if request.gpu:
        caps = np.minimum(caps, room_on(fleet.cards[rows], request))
    return np.maximum(caps, 0)
