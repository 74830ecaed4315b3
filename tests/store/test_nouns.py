"""Every kind of noun comes back as it was put, whatever its fields hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from longshore.model.batch import NOUNS, Batch, Kind, Noun, key_of
from longshore.model.cloud import Pool
from longshore.store import Store
from longshore.store.schema import NOUN_TABLES

INT64 = st.integers(-(2**63), 2**63 - 1)
LEAVES: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.StrType: st.text(max_size=8),
    inspect.IntType: INT64,
    inspect.BoolType: st.booleans(),
    inspect.FloatType: st.floats(allow_nan=False, allow_infinity=False),
    inspect.NoneType: st.none(),
    inspect.AnyType: st.one_of(
        st.none(), st.booleans(), INT64, st.text(max_size=4), st.lists(INT64, max_size=2)
    ),
}


def values(type_: inspect.Type) -> st.SearchStrategy[Any]:
    """Any value that a field of this type may hold."""
    match type_:
        case inspect.StructType():
            fields = {field.name: values(field.type) for field in type_.fields}
            return st.builds(type_.cls, **fields)
        case inspect.EnumType():
            return st.sampled_from(type_.cls)
        case inspect.UnionType():
            return st.one_of(*map(values, type_.types))
        case inspect.VarTupleType():
            return st.lists(values(type_.item_type), max_size=2).map(tuple)
        case inspect.DictType():
            return st.dictionaries(values(type_.key_type), values(type_.value_type), max_size=2)
        case _:
            return LEAVES[type(type_)]


ANY: dict[Kind, st.SearchStrategy[Noun]] = {k: values(inspect.type_info(t)) for k, t in NOUNS.items()}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.open(str(tmp_path_factory.mktemp("store") / "longshore.db"), cell="cell-1")
    yield store
    store.close()


def columns_of(kind: Kind, noun: Noun) -> dict[str, str]:
    noun_table = NOUN_TABLES[kind]
    return dict(zip(noun_table.columns, noun_table.values(noun), strict=True))


def test_there_is_a_table_for_every_kind() -> None:
    assert list(NOUN_TABLES) == list(Kind)


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_noun_comes_back_as_it_was_put(store: Store, kind: Kind, data: st.DataObject) -> None:
    noun = data.draw(ANY[kind])
    key = key_of(noun)
    store.commit(Batch(puts={kind: {key: noun}}))

    assert store.noun(kind, key) == noun
    columns = columns_of(kind, noun)
    assert noun in store.nouns(kind, **columns)
    assert {type(value) for value in columns.values()} <= {str}, "the driver is slow with anything else"

    store.commit(Batch(drops={kind: (key,)}))
    assert store.noun(kind, key) is None


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_second_put_replaces_doc_and_columns(store: Store, kind: Kind, data: st.DataObject) -> None:
    """Where a column is fixed, the second noun keeps it, as real ones do."""
    first, second = data.draw(ANY[kind]), data.draw(ANY[kind])
    identity = {"host", "kind", "name"} if kind is Kind.HOLDING else {"id", "key", "name"}
    fixed = {"stack", "service", "host"} if kind is Kind.TASK else set()
    kept = (identity | fixed) & set(first.__struct_fields__)
    second = msgspec.structs.replace(second, **{name: getattr(first, name) for name in sorted(kept)})
    key = key_of(first)
    assert key_of(second) == key

    store.commit(Batch(puts={kind: {key: first}}))
    store.commit(Batch(puts={kind: {key: second}}))

    assert store.noun(kind, key) == second
    columns = columns_of(kind, second)
    assert second in store.nouns(kind, **columns)
    store.commit(Batch(drops={kind: (key,)}))


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 21, 255, 256, 257, 1000])
def test_no_row_falls_between_the_pieces(store: Store, count: int) -> None:
    """Statements put 256, 64, 16, 4 or 1 rows, and drop as many at once."""
    pools: dict[str, Noun] = {f"pool-{n:04}": Pool(name=f"pool-{n:04}", max_hosts=n) for n in range(count)}
    store.commit(Batch(puts={Kind.POOL: pools}))
    assert store.nouns(Kind.POOL) == list(pools.values())

    store.commit(Batch(drops={Kind.POOL: tuple(pools)}))
    assert store.nouns(Kind.POOL) == []


def test_a_key_both_dropped_and_put_is_put(store: Store) -> None:
    pool = Pool(name="both")
    store.commit(Batch(puts={Kind.POOL: {"both": pool}}, drops={Kind.POOL: ("both",)}))
    assert store.noun(Kind.POOL, "both") == pool


def test_an_unknown_column_is_named(store: Store) -> None:
    with pytest.raises(ValueError, match="task has no column colour; it has: stack, service"):
        store.nouns(Kind.TASK, colour="red")
