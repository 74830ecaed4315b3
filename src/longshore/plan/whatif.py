"""What if: a rehearsal of losses, prices, loads and more hosts, on a fork. Nothing is touched."""

from __future__ import annotations

import msgspec

from longshore.govern.bill import bill
from longshore.model.ask import AskWhatIf, Scale
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.errors import NotFound
from longshore.model.host import Capacity, Host, Quote
from longshore.model.ids import ChangeId, HostId, Ids
from longshore.model.lifecycle import ChangeState, HostState
from longshore.model.money import Money, Total, format_nano, format_total
from longshore.model.plan import Difference, Loss, Refusal, WhatIf
from longshore.model.report import Intended
from longshore.plan.buying import host_of
from longshore.plan.estate import Estate
from longshore.plan.host import fail_host, lose_host
from longshore.plan.propose import effect_of, fresh_steps, plan_step, released_between
from longshore.plan.rehearse import Rehearsal, rehearse
from longshore.plan.remedies import remedies
from longshore.plan.survive import survive
from longshore.plan.task import touch_waiting
from longshore.plan.turn import Turn


def what_if(estate: Estate, ask: AskWhatIf, now: Micros) -> WhatIf:
    """Rehearse what is asked about.

    Raises:
        NotFound: a host, zone, cloud, offer, stack or service of that name does not exist.
    """
    if ask == AskWhatIf(survive=True):
        return _survival(estate, WhatIf(question=_question(ask)), now)
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
    for name, count in sorted(ask.add_hosts.items()):
        _add(turn, name, count)
    for host in _lost(draft, ask):
        _lose(turn, host)
    after = rehearse(draft, now, inputs=_scaled(draft, ask), seed=2)
    answer = _answer(estate, before, after, _question(ask), now)
    return _survival(after.end, answer, now) if ask.survive else answer


def _answer(estate: Estate, before: Rehearsal, after: Rehearsal, question: str, now: Micros) -> WhatIf:
    """What differs between two rehearsals."""
    steps = fresh_steps(before, after)
    # Against what is now, as tasks move from there; but what is given back anyway is not its doing.
    effect = msgspec.structs.replace(
        effect_of(estate, after.end, steps), hosts_released=released_between(before.end, after.end)
    )
    price, old = bill(after.end.hosts.values()), bill(before.end.hosts.values())
    return WhatIf(
        question=question,
        steps=tuple(plan_step(after.end, estate, at - now, step) for at, step in steps),
        refusals=tuple(_refusals(after.end)),
        price=price,
        difference=price.plus(old, -1),
        effect=effect,
        words=_words(effect, price, price.plus(old, -1)),
        quiet=after.quiet,
        duration=after.length,
    )


def _refusals(end: Estate) -> list[Refusal]:
    """What fits nowhere at the end, of all stacks."""
    refusals = []
    for stack in end.stacks.values():
        for key in end.services_of(stack.id):
            memory = end.services.get(key)
            if memory is not None and memory.unplaced:
                refusals.append(
                    Refusal(
                        subject=f"{stack.name}/{key.rpartition('/')[2]}",
                        count=memory.unplaced,
                        words=memory.waiting,
                        remedies=remedies(end, key),
                    )
                )
    return refusals


def _survival(estate: Estate, answer: WhatIf, now: Micros) -> WhatIf:
    """The same answer, with what the loss of each host would come to."""
    calm = rehearse(estate, now)

    def rehearsed(host: Host) -> Loss:
        draft = estate.fork()
        _lose(Turn(draft, now, Ids(7 << 100)), host)
        after = rehearse(draft, now, seed=2)
        effect = effect_of(estate, after.end, fresh_steps(calm, after))
        already = set(effect_of(estate, calm.end, ()).tasks_down)
        return Loss(
            host=host.name,
            tasks=sum(1 for task in estate.tasks_on(host.id) if task.alive),
            down=tuple(name for name in effect.tasks_down if name not in already),
            bought=effect.hosts_bought,
        )

    losses = survive(estate, rehearsed)
    words = survival_words(losses)
    return msgspec.structs.replace(
        answer, losses=losses, words=f"{answer.words}; then: {words}" if answer.words else words
    )


def survival_words(losses: tuple[Loss, ...]) -> str:
    """Whether it survives the loss of any one host, in a sentence."""
    fatal = [loss for loss in losses if loss.down]
    if not losses:
        return "there is no host that could be lost"
    if not fatal:
        bought = sum(1 for loss in losses if loss.bought)
        with_purchase = f", of {bought} by buying others" if bought else ""
        return f"yes: the loss of any one of {len(losses)} hosts leaves no task down{with_purchase}"
    first = fatal[0]
    shown = ", ".join(first.down[:3]) + (f" and {len(first.down) - 3} more" if len(first.down) > 3 else "")
    return (
        f"no: the loss of any one of {len(fatal)} of {len(losses)} hosts would leave tasks down; "
        f"of {first.host}: {shown}"
    )


def _scaled(draft: Estate, ask: AskWhatIf) -> tuple[Intended, ...]:
    """Changes that give services so many times their replicas, rounded up.

    Raises:
        NotFound: there is no such stack or service.
    """
    by_stack: dict[str, dict[str, int]] = {}
    for name, factor in sorted(ask.scale.items()):
        stack_name, _, service = name.partition("/")
        stack = draft.stack_named("default", stack_name)
        if stack is None:
            raise NotFound(f"there is no stack {stack_name}", code="no-such-stack", remedy="longshore stacks")
        named = [service] if service else list(stack.graph.services)
        for each in named:
            spec = stack.graph.services.get(each)
            if spec is None:
                raise NotFound(
                    f"{stack_name} has no service {each}",
                    code="no-such-service",
                    remedy=f"longshore ps {stack_name}",
                )
            by_stack.setdefault(stack_name, {})[each] = -(-spec.replicas * factor // 1000)
    inputs = []
    for stack_name, replicas in by_stack.items():
        stack = draft.stack_named("default", stack_name)
        assert stack is not None
        change = Change(
            id=ChangeId(f"what-if-{stack_name}"),
            stack=stack.id,
            stack_name=stack_name,
            intent=Scale(replicas=replicas),
            state=ChangeState.APPLYING,
            plan="",
            actor="what if",
            base=stack.generation,
            generation=0,
        )
        inputs.append(Intended(change=change, project="default"))
    return tuple(inputs)


def _add(turn: Turn, name: str, count: int) -> None:
    """So many hosts more, ready: of an offer, or like an own host that there is.

    Raises:
        NotFound: `no-such-offer`.
    """
    cloud, _, kind = name.partition("/")
    there = turn.estate.clouds.get(cloud)
    offer = next((q for q in there.offers if q.flavor == kind), None) if there is not None else None
    like = turn.estate.host_named(kind)
    if offer is None and (like is None or like.cloud != cloud):
        raise NotFound(
            f"{cloud} offers no {kind}, and has no host of that name",
            code="no-such-offer",
            remedy=f"longshore clouds offers {cloud}",
        )
    for number in range(1, count + 1):
        host_id = HostId(turn.ids.new("host"))
        new = f"new-{kind}-{number}"
        if offer is not None:
            host = host_of(offer, host_id, new, turn.now)
            host = msgspec.structs.replace(host, state=HostState.READY, ready_at=turn.now)
        else:
            assert like is not None
            host = msgspec.structs.replace(like, id=host_id, name=new, foreign_id=new, foreign=Capacity())
        turn.estate.put(host)
        touch_waiting(turn, host_id)


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
    parts += [f"zone {name} is lost" for name in ask.lose_zones]
    parts += [f"{name} has {factor / 1000:g} times its replicas" for name, factor in ask.scale.items()]
    parts += [
        f"there {'is' if count == 1 else 'are'} {count} {name} more" for name, count in ask.add_hosts.items()
    ]
    parts += [f"prices at {name} are multiplied by {factor / 1000:g}" for name, factor in ask.prices.items()]
    survives = "does it survive the loss of any one host?"
    if ask.survive and not parts:
        return survives
    question = "what if " + " and ".join(parts or ["nothing happens"]) + "?"
    return f"{question} And then, {survives}" if ask.survive else question


def _lost(estate: Estate, ask: AskWhatIf) -> list[Host]:
    """The hosts that the question takes away."""
    found: dict[str, Host] = {}
    for name in ask.lose_hosts:
        host = estate.host_named(name)
        if host is None:
            raise NotFound(f"there is no host {name}", code="no-such-host", remedy="longshore hosts")
        found[host.id] = host
    zones = {host.zone for host in estate.hosts.values() if host.zone}
    for name in ask.lose_zones:
        if name not in zones:
            there = ", ".join(sorted(zones)) or "none"
            raise NotFound(
                f"no host is in a zone {name}",
                code="no-such-zone",
                remedy=f"zones there are: {there}; longshore hosts set HOST --zone NAME",
            )
    for host in estate.hosts.values():
        if host.cloud in ask.lose_clouds or (host.zone and host.zone in ask.lose_zones):
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
