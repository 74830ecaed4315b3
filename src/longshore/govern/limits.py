"""Limits: what may still be bought, under the pool's and each cloud's standing limits and a change's own."""

from __future__ import annotations

from collections.abc import Iterable

from longshore.govern.bill import BILLED, bill
from longshore.model.change import Change
from longshore.model.clock import Micros
from longshore.model.cloud import Cloud, Pool
from longshore.model.host import Host, Quote
from longshore.model.money import Total


class Allowance:
    """Counts down what may be bought, purchase by purchase.

    Built from what is lent now. `refuse` says why a quote may not be taken, in words with numbers,
    or nothing.
    """

    def __init__(
        self,
        *,
        pool: Pool,
        clouds: Iterable[Cloud],
        hosts: Iterable[Host],
        change: Change | None,
        bought: dict[str, int],
    ) -> None:
        self._pool = pool
        self._clouds = {cloud.name: cloud for cloud in clouds}
        self._change = change
        self._bought = dict(bought)
        lent = [host for host in hosts if not host.own and host.state in BILLED]
        self._lent = bill(lent)
        self._count = len(lent)
        self._by_cloud: dict[str, list[Host]] = {}
        for host in lent:
            self._by_cloud.setdefault(host.cloud, []).append(host)
        self._taken: dict[str, list[Quote]] = {}

    def refuse(self, quote: Quote, now: Micros) -> str:
        """Why this quote may not be taken now; empty if it may."""
        cloud = self._clouds[quote.cloud]
        if quote.price is None:
            return f"{quote.cloud} gives no price for {quote.flavor}"
        barred = cloud.barred.get(quote.flavor)
        if barred is not None and barred > now:
            return f"{quote.cloud} could not deliver {quote.flavor} a moment ago"
        here = len(self._by_cloud.get(quote.cloud, ())) + len(self._taken.get(quote.cloud, ()))
        if cloud.max_hosts and here >= cloud.max_hosts:
            return f"{quote.cloud} is limited to {cloud.max_hosts} hosts, and has {here}"
        if self._pool.max_hosts and self._count >= self._pool.max_hosts:
            return f"the pool is limited to {self._pool.max_hosts} lent hosts, and has {self._count}"
        if cloud.max_price is not None:
            spent = bill(self._by_cloud.get(quote.cloud, ()))
            spent = spent.plus(Total.of([q.price for q in self._taken.get(quote.cloud, ())]))
            if not spent.plus(Total.of([quote.price])).within(Total.of([cloud.max_price])):
                return f"{quote.flavor} would take {quote.cloud} over its limit per hour"
        return self._refuse_total(quote)

    def _refuse_total(self, quote: Quote) -> str:
        """The bounds on everything lent: the pool's, and those of the change that asks."""
        after = self._lent.plus(Total.of([quote.price]))
        if self._pool.max_price is not None and not after.within(self._pool.max_price):
            return f"{quote.flavor} would take the pool over its limit per hour"
        change = self._change
        if change is None or change.ceiling is None:
            return ""
        name = f"{quote.cloud}/{quote.flavor}"
        if self._bought.get(name, 0) >= change.purchases.get(name, 0):
            return f"the plan allows {change.purchases.get(name, 0)} of {name}"
        if not after.within(change.ceiling):
            return f"{quote.flavor} would take the bill over the plan's ceiling"
        return ""

    def take(self, quote: Quote) -> None:
        """Count a purchase."""
        name = f"{quote.cloud}/{quote.flavor}"
        self._bought[name] = self._bought.get(name, 0) + 1
        self._taken.setdefault(quote.cloud, []).append(quote)
        self._lent = self._lent.plus(Total.of([quote.price]))
        self._count += 1
