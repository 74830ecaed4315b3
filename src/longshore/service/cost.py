"""Cost: the bill, host by host, and what each service takes of it."""

from __future__ import annotations

from collections import defaultdict

from longshore.govern.bill import BILLED, bill
from longshore.model.host import Host
from longshore.model.lifecycle import OCCUPYING
from longshore.model.money import Money, Total
from longshore.model.stack import Stack
from longshore.model.task import Task
from longshore.model.view import Cost, CostLine
from longshore.service.desk import Desk
from longshore.service.look import Look, look
from longshore.service.name import PROJECT, find_stack
from longshore.service.stack import shares_of


async def cost(desk: Desk, *, stack: str = "", project: str = PROJECT) -> Cost:
    """What everything costs per hour now; with `stack`, shares of that stack only.

    `shared` and `idle` are of all stacks either way, so that they add up to the bill.

    Raises:
        NotFound: `no-such-stack`.
    """
    wanted = await find_stack(desk, stack, project=project) if stack else None
    seen = await look(desk)
    whole = bill(seen.hosts.values())
    shared = Total.of(shares_of(seen, list(seen.tasks)))
    return Cost(
        bill=whole,
        hosts=tuple(_host_line(seen, host) for host in seen.hosts.values() if host.state in BILLED),
        shares=tuple(
            line
            for found in seen.stacks.values()
            if wanted is None or found.id == wanted.id
            for line in _share_lines(seen, found)
        ),
        shared=shared,
        # What is unknown of the bill, in hosts, stays so; what is unknown of the shares counts tasks.
        idle=whole.plus(Total(amounts=shared.amounts), sign=-1),
    )


def _host_line(seen: Look, host: Host) -> CostLine:
    cloud = seen.clouds.get(host.cloud)
    quote = host.quote
    kind = "own" if host.own else "lent"
    return CostLine(
        subject=host.name,
        kind="host",
        price=host.price,
        detail=f"{kind}, {host.cloud}" + (f", {host.flavor}" if host.flavor else ""),
        source=quote.source if quote else "declared" if host.price is not None else "",
        at=quote.at if quote else cloud.looked_at if cloud else host.ready_at,
    )


def _share_lines(seen: Look, stack: Stack) -> list[CostLine]:
    """A line per service and currency; tasks on hosts of unknown price have a line of their own."""
    tasks: dict[str, list[Task]] = defaultdict(list)
    for task in seen.tasks:
        if task.stack == stack.id and task.state in OCCUPYING:
            tasks[task.service].append(task)
    lines = []
    for service in sorted(tasks):
        subject = f"{stack.name}/{service}"
        shares = shares_of(seen, tasks[service])
        known = [money for money in shares if money is not None]
        for currency in sorted({money.currency for money in known}):
            of_it = [money for money in known if money.currency == currency]
            price = Money(sum(money.nano for money in of_it), currency)
            lines.append(CostLine(subject=subject, kind="service", price=price, detail=_tasks(len(of_it))))
        if unpriced := len(shares) - len(known):
            detail = f"{_tasks(unpriced)} on hosts of unknown price"
            lines.append(CostLine(subject=subject, kind="service", detail=detail))
    return lines


def _tasks(count: int) -> str:
    return f"{count} task{'s' if count != 1 else ''}"
