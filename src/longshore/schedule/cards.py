"""GPU cards: what is free of each, and which ones a replica gets.

A share (less than a whole card) lies on one card; whole cards have to be idle. All functions work on
many hosts at once: `free` is (hosts, cards), thousandths free per card, -1 where a host has no such card.
"""

from __future__ import annotations

import numpy as np

from longshore.schedule.request import CARD, Request
from longshore.schedule.tally import Bools, Ints

NO_CARD = -1


def total_free(free: Ints) -> Ints:
    """Thousandths free on all cards of each host."""
    total: Ints = np.maximum(free, 0).sum(axis=-1)
    return total


def room_on(free: Ints, request: Request) -> Ints:
    """How many replicas the cards of each host take."""
    if request.gpu < CARD:
        shares: Ints = (np.maximum(free, 0) // request.gpu).sum(axis=-1)
        return shares
    idle: Ints = (free >= CARD).sum(axis=-1)
    return idle // request.cards


def tightest(free: Ints, request: Request) -> Bools:
    """The cards that a replica gets on each host: the fullest that will do, or the first idle ones.

    On hosts where it does not fit, none.
    """
    fits: Bools = free >= request.share
    if request.gpu >= CARD:
        taken: Bools = fits & (np.cumsum(fits, axis=-1) <= request.cards)
        taken &= fits.sum(axis=-1, keepdims=True) >= request.cards
        return taken
    best = np.where(fits, free, 2 * CARD).argmin(axis=-1)
    fits &= np.arange(free.shape[-1]) == best[..., None]
    return fits
