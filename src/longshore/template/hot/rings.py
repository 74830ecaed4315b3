"""Rings among things that wait for each other, found in one walk however many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def rings(needs: Mapping[str, Collection[str]]) -> list[list[str]]:
    """A ring out of every knot of things that wait for each other, in the order found.

    The walk keeps a stack of its own, so that a chain may be as long as it likes. Strongly connected
    components are found as by Tarjan (1972); of each, one shortest ring is shown.

    Args:
        needs: for each thing, what it waits for; names that are no keys are passed over.
    """
    return [_ring(knot, needs) for knot in _knots(needs)]


def _knots(needs: Mapping[str, Collection[str]]) -> list[list[str]]:
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    is_open: set[str] = set()
    found: list[list[str]] = []
    for start in needs:
        if start in order:
            continue
        walk = [(start, iter(needs[start]))]
        order[start] = low[start] = len(order)
        open_.append(start)
        is_open.add(start)
        while walk:
            here, rest = walk[-1]
            following = next((n for n in rest if n in needs and (n not in order or n in is_open)), None)
            if following is not None and following not in order:
                order[following] = low[following] = len(order)
                open_.append(following)
                is_open.add(following)
                walk.append((following, iter(needs[following])))
                continue
            if following is not None:
                low[here] = min(low[here], order[following])
                continue
            walk.pop()
            if walk:
                low[walk[-1][0]] = min(low[walk[-1][0]], low[here])
            if low[here] == order[here]:
                knot: list[str] = []
                while not knot or knot[-1] != here:
                    knot.append(open_.pop())
                    is_open.discard(knot[-1])
                if len(knot) > 1 or here in needs[here]:
                    found.append(knot)
    return found


def _ring(knot: list[str], needs: Mapping[str, Collection[str]]) -> list[str]:
    """The shortest way within a knot from its first member back to it."""
    members = set(knot)
    start = min(knot, key=list(needs).index) if len(knot) < 100 else knot[0]
    came: dict[str, str] = {}
    queue = [start]
    for here in queue:
        for following in needs[here]:
            if following == start:
                ring = [here]
                while ring[-1] != start:
                    ring.append(came[ring[-1]])
                return ring[::-1]
            if following in members and following not in came:
                came[following] = here
                queue.append(following)
    return knot
