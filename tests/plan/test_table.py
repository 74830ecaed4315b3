"""A table is a dict, and so are its forks, each going its own way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.plan.table import Table

KEYS = ["a", "b", "c", "d", "e"]
OPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "drop", "fork", "adopt", "settle"]),
        st.sampled_from(KEYS),
        st.integers(0, 9),
        st.integers(0, 3),
    ),
    max_size=40,
)


def same(table: Table[str, int], model: dict[str, int]) -> None:
    assert dict(zip(table, table.values(), strict=True)) == model
    for key in KEYS:
        assert table.get(key) == model.get(key)
        assert (key in table) is (key in model)
    assert table.many(KEYS) == [model[key] for key in KEYS if key in model]


@settings(max_examples=200)
@given(OPS)
def test_a_table_and_its_forks_are_dicts(ops: list[tuple[str, str, int, int]]) -> None:
    """Forks are written side by side; one is adopted by the table it was forked from, or dropped."""
    main: Table[str, int] = Table()
    model: dict[str, int] = {}
    forks: list[tuple[Table[str, int], dict[str, int]]] = []
    for op, key, value, which in ops:
        # Some writes go to forks; the main table is not written while any are open.
        table, expected = forks[which % len(forks)] if forks else (main, model)
        match op:
            case "put":
                table.put(key, value)
                expected[key] = value
            case "drop":
                table.drop(key)
                expected.pop(key, None)
            case "fork" if len(forks) < 3:
                forks.append((table.fork(), expected.copy()))
            case "adopt" if forks:
                chosen, model = forks[which % len(forks)]
                main.adopt(chosen)
                forks = []
            case "settle" if not forks:
                main.settle()
        same(main, model)
        for fork, beside in forks:
            same(fork, beside)


def test_keys_come_in_the_order_in_which_they_first_came() -> None:
    table: Table[str, int] = Table()
    for key in "cab":
        table.put(key, 1)
    table.settle()
    table.put("d", 2)
    table.put("a", 3)
    table.drop("c")
    assert list(table) == ["a", "b", "d"]
    assert list(table.values()) == [3, 1, 2]
    fork = table.fork()
    fork.put("c", 4)
    assert list(fork) == ["c", "a", "b", "d"], "a key that comes back takes its old place"
    assert list(table) == ["a", "b", "d"]
