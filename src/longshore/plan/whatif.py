"""What if: a rehearsal of losses and prices, on a fork. Nothing is touched."""

from __future__ import annotations

import msgspec

from longshore.govern.bill import bill
from longshore.model.ask import AskWhatIf
from longshore.model.clock import Micros
from longshore.model.errors import NotFound
from longshore.model.host import Host, Quote
from longshore.model.ids import Ids
from longshore.model.lifecycle import HostState
from longshore.model.money import Money, Total, format_nano, format_total
from longshore.model.plan import Difference, Refusal, WhatIf
from longshore.plan.estate import Estate
from longshore.plan.explain import remedies
from longshore.plan.host import fail_host, lose_host
from longshore.plan.propose import effect_of, fresh_steps, plan_step, released_between
from longshore.plan.rehearse import rehearse
from longshore.plan.turn import Turn


def what_if(estate: Estate, ask: AskWhatIf, now: Micros) -> WhatIf:
    """Rehearse the losses and prices asked about.

    Raises:
        NotFound: a host or cloud of that name does not exist.
    """
    before = rehearse(estate, now)
    draft = estate.fork()
    turn = Turn(draft, now, Ids(7 << 100))
    for name, factor in sorted(ask.prices.items()):
        _reprice(turn, name, factor)
    for name in ask.lose_clouds:
        cloud = draft.clouds.get(name)
        if cloud is None:
            raise NotFound(f"there is no cloud {name}", code="no-such-cloud", remedy="longshore clouds")
        draft.put(msgspec.structs.replace(cloud, silent_since=now, offers=()))
    for host in _lost(draft, ask):
        _lose(turn, host)
    after = rehearse(draft, now, seed=2)
    steps = fresh_steps(before, after)
    # Against what is now, as tasks move from there; but what is given back anyway is not its doing.
    effect = msgspec.structs.replace(
        effect_of(estate, after.end, steps), hosts_released=released_between(before.end, after.end)
    )
    price, old = bill(after.end.hosts.values()), bill(before.end.hosts.values())
    refusals = []
    for stack in after.end.stacks.values():
        for key in after.end.services_of(stack.id):
            memory = after.end.services.get(key)
            if memory is not None and memory.unplaced:
                refusals.append(
                    Refusal(
                        subject=f"{stack.name}/{key.rpartition('/')[2]}",
                        count=memory.unplaced,
                        words=memory.waiting,
                        remedies=remedies(after.end, key),
                    )
                )
    return WhatIf(
        question=_question(ask),
        steps=tuple(plan_step(after.end, estate, at - now, step) for at, step in steps),
        refusals=tuple(refusals),
        price=price,
        difference=price.plus(old, -1),
        effect=effect,
        words=_words(effect, price, price.plus(old, -1)),
        quiet=after.quiet,
        duration=after.length,
    )


def _words(effect: Difference, price: Total, difference: Total) -> str:
    """What comes of it, in a sentence."""
    moved, down = len(effect.tasks_moved), len(effect.tasks_down)
    bought = sum(effect.hosts_bought.values())
    parts = [
        f"{moved or 'no'} task{'s move' if moved != 1 else ' moves'}",
        f"{down or 'none'} stay{'s' if down == 1 else ''} down",
        f"{bought or 'no'} host{'s are' if bought != 1 else ' is'} bought",
    ]
    steps = [
        ("+" if nano > 0 else "") + format_nano(nano, currency)
        for currency, nano in difference.amounts.items()
    ]
    if difference.unknown:
        steps.append(f"{difference.unknown:+} of unknown price")
    bill = f"is {format_total(price)} per hour ({', '.join(steps)})" if steps else "stays what it is"
    return f"{', '.join(parts)}; the bill {bill}"


def _question(ask: AskWhatIf) -> str:
    parts = [f"host {name} is lost" for name in ask.lose_hosts]
    parts += [f"cloud {name} is lost" for name in ask.lose_clouds]
    parts += [f"prices at {name} are multiplied by {factor / 1000:g}" for name, factor in ask.prices.items()]
    return "what if " + " and ".join(parts or ["nothing happens"]) + "?"


def _lost(estate: Estate, ask: AskWhatIf) -> list[Host]:
    """The hosts that the question takes away."""
    found: dict[str, Host] = {}
    for name in ask.lose_hosts:
        host = estate.host_named(name)
        if host is None:
            raise NotFound(f"there is no host {name}", code="no-such-host", remedy="longshore hosts")
        found[host.id] = host
    for host in estate.hosts.values():
        if host.cloud in ask.lose_clouds:
            found[host.id] = host
    return list(found.values())


def _lose(turn: Turn, host: Host) -> None:
    """A host is lost at once, its grace over."""
    if host.state is HostState.READY:
        silent = msgspec.structs.replace(host, silent_since=turn.now)
        turn.estate.put(silent)
        lose_host(turn, silent, "what if")
    elif host.state in {HostState.REQUESTED, HostState.BOOTING}:
        fail_host(turn, host, "what if")


def _reprice(turn: Turn, name: str, factor: int) -> None:
    """Quotes and lent hosts of a cloud cost `factor` thousandths of what they do."""
    cloud = turn.estate.clouds.get(name)
    if cloud is None:
        raise NotFound(f"there is no cloud {name}", code="no-such-cloud", remedy="longshore clouds")
    offers: list[Quote] = [msgspec.structs.replace(q, price=_times(q.price, factor)) for q in cloud.offers]
    turn.estate.put(msgspec.structs.replace(cloud, offers=tuple(offers), price=_times(cloud.price, factor)))
    for host in list(turn.estate.hosts.values()):
        if host.cloud == name:
            turn.estate.put(msgspec.structs.replace(host, price=_times(host.price, factor)))


def _times(price: Money | None, factor: int) -> Money | None:
    return None if price is None else Money(price.nano * factor // 1000, price.currency)
