"""Expressions at random: whatever is written, there is a value or a fault, and soon."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longshore.model.unknown import Unknown
from longshore.template.findings import TooMuch
from longshore.template.hot import versions

Worked = Callable[..., Any]

WORDS = sorted({word for v in versions.VERSIONS for word in (*v.functions, *v.conditions)})
NAMES = ["size", "zones", "ports", "web", "live", "nowhere", "first_address", "x.sh", "", "%x%"]
KEYS = [
    *WORDS,
    "template",
    "params",
    "for_each",
    "permutations",
    "expression",
    "data",
    "keys",
    "host",
    "a",
    "%x%",
]
QUERIES = ["$.data", "$.data.len()", "$.data.select($ + 1)", "$.data.join(',')", "$.a.b", "1 +", "now()"]
AROUND: dict[str, Any] = {
    "parameters": {"size": 3, "zones": ["a", "b"], "ports": {"web": {"p": [1, None]}}, "%x%": "x"},
    "conditions": {"live": True, "": False},
    "resources": {"web": "OS::Nova::Server"},
    "attributes": {"OS::Nova::Server": frozenset({"first_address"})},
    "files": {"x.sh": "#!/bin/sh"},
    "mappings": {"a": {"a": {"a": 1}}},
}

scalars = st.one_of(
    st.sampled_from([*NAMES, *QUERIES, "md5", ",", "1", "{", "[1]", "é\u2028"]),
    st.integers(-2, 3),
    st.floats(allow_nan=True),
    st.booleans(),
    st.none(),
    st.text(max_size=5),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
        st.tuples(st.sampled_from(WORDS), inner).map(lambda pair: {pair[0]: pair[1]}),
        st.tuples(st.sampled_from(WORDS), st.lists(inner, min_size=2, max_size=3)).map(
            lambda pair: {pair[0]: pair[1]}
        ),
        st.tuples(inner, inner).map(lambda pair: {"str_replace": {"template": pair[0], "params": pair[1]}}),
        st.tuples(inner, st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)).map(
            lambda pair: {"repeat": {"template": pair[0], "for_each": pair[1]}}
        ),
        st.tuples(st.sampled_from(QUERIES), inner).map(
            lambda pair: {"yaql": {"expression": pair[0], "data": pair[1]}}
        ),
    ),
    max_leaves=25,
)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """The library of queries takes a moment to load, which is nobody's second."""
    __import__("longshore.template.hot.functions.yaql_engine")


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    data=values,
    version=st.sampled_from([v.name for v in versions.VERSIONS]),
    condition=st.booleans(),
)
def test_every_expression_ends_soon_in_a_value_or_a_fault(
    data: object, version: str, condition: bool, worked: Worked
) -> None:
    began = time.process_time()
    try:
        answer = worked(data, version, condition=condition, **AROUND)
    except TooMuch:
        return
    finally:
        assert time.process_time() - began < 1
    assert _is_plain(answer.value)
    for fault in answer.faults:
        assert fault.line > 0
        assert fault.message


def _is_plain(value: object) -> bool:
    """Whether a value is one of JSON's, or known later."""

    def later(other: object) -> str:
        assert isinstance(other, Unknown)
        return ""

    return bool(json.dumps(value, default=later))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=values, version=st.sampled_from([v.name for v in versions.VERSIONS]))
def test_the_same_expression_always_comes_to_the_same(data: object, version: str, worked: Worked) -> None:
    try:
        first = worked(data, version, **AROUND)
        second = worked(data, version, **AROUND)
    except TooMuch:
        return
    # By their texts: what is no number equals nothing, not even itself.
    assert repr(first.value) == repr(second.value)
    assert first.faults == second.faults
