"""Bill and share: unknown is not zero, a share is never more than the price, and sums are sums."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from longshore.govern.bill import BILLED, bill, share
from longshore.model.host import Capacity, Host
from longshore.model.ids import HostId, StackId, TaskId
from longshore.model.lifecycle import HostState, TaskState
from longshore.model.money import Money, Total
from longshore.model.task import Task

PRICES = st.none() | st.builds(Money, st.integers(0, 10**12), st.sampled_from(["EUR", "USD"]))
CPU = st.integers(0, 64_000)
MEMORY = st.integers(0, 1 << 40)


def host(
    price: Money | None, cpu: int = 4000, memory: int = 1 << 33, state: HostState = HostState.READY
) -> Host:
    return Host(
        id=HostId("host-1"),
        name="h1",
        cloud="east",
        own=False,
        state=state,
        capacity=Capacity(cpu=cpu, memory=memory),
        price=price,
    )


def task(cpu: int, memory: int) -> Task:
    return Task(
        id=TaskId("task-1"),
        stack=StackId("stack-1"),
        service="web",
        slot=1,
        digest="d",
        generation=1,
        host=HostId("host-1"),
        state=TaskState.RUNNING,
        cpu=cpu,
        memory=memory,
    )


@given(st.lists(st.tuples(PRICES, st.sampled_from(list(HostState))), max_size=8))
def test_the_bill_is_the_sum_and_counts_what_is_unknown(found: list[tuple[Money | None, HostState]]) -> None:
    total = bill(host(price, state=state) for price, state in found)
    billed = [price for price, state in found if state in BILLED]
    assert total.unknown == sum(price is None for price in billed)
    for currency in ("EUR", "USD"):
        expected = sum(p.nano for p in billed if p is not None and p.currency == currency)
        assert total.amounts.get(currency, 0) == expected


def test_a_host_is_billed_until_it_is_given_back() -> None:
    assert {s for s in HostState if s not in BILLED} == {HostState.RELEASED}


@given(PRICES, CPU, MEMORY, CPU, MEMORY)
def test_a_share_is_at_most_the_price(
    price: Money | None, cpu: int, memory: int, used_cpu: int, used_memory: int
) -> None:
    found = share(task(min(used_cpu, cpu), min(used_memory, memory)), host(price, cpu, memory))
    if price is None:
        assert found is None
    else:
        assert found is not None
        assert 0 <= found.nano <= price.nano
        assert found.currency == price.currency


@given(st.lists(st.tuples(CPU, MEMORY), min_size=1, max_size=6), st.integers(0, 10**12))
def test_shares_of_one_resource_never_exceed_the_price(tasks: list[tuple[int, int]], nano: int) -> None:
    """Tasks that claim all of the cpu (and no memory) together pay the price, but for what is rounded off."""
    total = sum(cpu for cpu, _ in tasks)
    shares = [share(task(cpu, 0), host(Money(nano), cpu=total)) for cpu, _ in tasks]
    paid = sum(found.nano for found in shares if found is not None)
    assert paid <= nano
    assert not total or nano - paid < len(tasks)


def test_the_larger_share_counts() -> None:
    price = Money(40_000_000)
    assert share(task(1000, 1 << 32), host(price)) == Money(20_000_000)
    assert share(task(3000, 1 << 32), host(price)) == Money(30_000_000)
    assert share(task(0, 0), host(price)) == Money(0)
    assert share(task(1000, 0), host(price, cpu=0, memory=0)) == Money(0)
    assert bill([]) == Total()
