"""How full hosts are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from longshore.schedule.cards import NO_CARD, total_free
from longshore.schedule.fleet import Fleet
from longshore.schedule.look import PARTS, Look
from longshore.schedule.request import CARD
from longshore.schedule.tally import Ints

Reals = npt.NDArray[np.float64]


def share_free(look: Look) -> Ints:
    """The share of a host that is free before it takes the next replica, in millionths.

    The mean of cpu and memory, each of the host's own. Where the fleet has GPUs: of cpu and cards, each of
    what the largest host has; measured against its own, a small host would look as full as a large one, and
    what is left over there is what counts (memory is seldom what runs out first on machines with cards).
    """
    largest_cpu, largest_cards = _largest(look.fleet)
    cpu = look.free("cpu")
    if largest_cards:
        parts: Reals = cpu / largest_cpu + gpu_free(look) / largest_cards
    else:
        memory = _share(look.free("memory"), look.of(look.fleet.total["memory"]))
        parts = _share(cpu, look.of(look.fleet.total["cpu"])) + memory
    share: Ints = np.floor(parts * (PARTS / 2)).astype(np.int64)
    return share


def gpu_free(look: Look) -> Ints:
    """Thousandths of cards free on each host."""
    taken = look.taken * (look.request.cards * look.request.share)
    return total_free(look.of(look.fleet.cards)) - taken


def _share(free: Ints, total: Ints) -> Reals:
    """The share free; nothing of nothing is nothing."""
    share: Reals = np.where(total, free, 0) / np.maximum(total, 1)
    return share


def _largest(fleet: Fleet) -> tuple[int, int]:
    """The most cpu that a host has, and the most thousandths of cards; kept until hosts change."""
    kept = fleet.kept.get("largest")
    if isinstance(kept, tuple) and kept[0] == fleet.version:
        return int(kept[1]), int(kept[2])
    size = fleet.size
    cards = int((fleet.cards[:size] != NO_CARD).sum(axis=1).max(initial=0)) * CARD
    cpu = max(int(fleet.total["cpu"][:size].max(initial=0)), 1)
    fleet.kept["largest"] = (fleet.version, cpu, cards)
    return cpu, cards
