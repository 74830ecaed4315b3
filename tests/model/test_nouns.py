"""Keys and ids of nouns; and everything that is written down reads back as it was."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect
from tests.store.test_nouns import values

from longshore.model.ask import Body, Intent
from longshore.model.batch import NOUNS, Batch, Kind, key_of
from longshore.model.holding import HoldingKind, holding_key
from longshore.model.ids import HostId, Ids, StackId, service_key
from longshore.model.plan import WhatIf
from longshore.model.report import Input
from longshore.model.step import Action, Step
from longshore.model.unknown import Unknown

NAMED: dict[Kind, dict[str, Any]] = {
    Kind.CLOUD: {"name": "east", "driver": "sim"},
    Kind.POOL: {"name": "default"},
    Kind.HOST: {"id": "host-1", "name": "h1", "cloud": "east", "own": True, "state": "ready"},
    Kind.STACK: {
        "id": "stack-1",
        "project": "default",
        "name": "shop",
        "generation": 1,
        "state": "active",
        "graph": {"name": "shop"},
    },
    Kind.SERVICE: {"key": "stack-1/web"},
    Kind.TASK: {
        "id": "task-1",
        "stack": "stack-1",
        "service": "web",
        "slot": 1,
        "digest": "d",
        "generation": 1,
        "host": "host-1",
        "state": "placed",
    },
    Kind.HOLDING: {"host": "host-1", "kind": "volume", "name": "shop_data", "state": "present"},
    Kind.CHANGE: {
        "id": "change-1",
        "stack": "stack-1",
        "stack_name": "shop",
        "intent": {"kind": "Rollback"},
        "state": "applying",
        "plan": "",
        "actor": "ann",
        "base": 0,
        "generation": 1,
    },
    Kind.STEP: {
        "id": "step-1",
        "action": {"kind": "StopTask", "host": "host-1", "task": "task-1", "grace": 1},
        "subject": "shop/web.1",
        "reason": "",
        "at": 0,
    },
}

KEYS = {
    Kind.CLOUD: "east",
    Kind.POOL: "default",
    Kind.HOST: "host-1",
    Kind.STACK: "stack-1",
    Kind.SERVICE: "stack-1/web",
    Kind.TASK: "task-1",
    Kind.HOLDING: "host-1/volume/shop_data",
    Kind.CHANGE: "change-1",
    Kind.STEP: "step-1",
}


@pytest.mark.parametrize("kind", Kind)
def test_the_key_of_every_noun(kind: Kind) -> None:
    noun = msgspec.convert(NAMED[kind], NOUNS[kind])
    assert key_of(noun) == KEYS[kind]


def test_composed_keys() -> None:
    assert service_key(StackId("stack-1"), "web") == KEYS[Kind.SERVICE]
    key = holding_key(HostId("host-1"), HoldingKind.VOLUME, "shop_data")
    assert key == KEYS[Kind.HOLDING]


@given(st.integers(0, 1 << 128), st.integers(1, 50))
def test_ids_sort_in_the_order_in_which_they_were_given(start: int, count: int) -> None:
    ids = Ids(start % ((1 << 128) - 100))
    given_ = [ids.new("task") for _ in range(count)]
    assert given_ == sorted(given_)
    assert len(set(given_)) == count
    assert all(len(one) == len("task-") + 32 for one in given_)
    again = Ids(start % ((1 << 128) - 100))
    assert [again.new("task") for _ in range(count)] == given_


@pytest.mark.parametrize(
    "union",
    [Action, Body, Intent, Input, Step, WhatIf],
    ids=["action", "body", "intent", "input", "step", "what-if"],
)
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_written_down_reads_back(union: object, data: st.DataObject) -> None:
    """Steps, asks and answers as JSON and as msgpack, by their tags where there are several kinds."""
    if union is Input:
        # Inputs are never stored: each kind by itself is enough.
        union = data.draw(st.sampled_from(get_args(Input)))
    value = data.draw(values(inspect.type_info(union)))
    shape: Any = union
    assert msgspec.json.decode(msgspec.json.encode(value), type=shape) == value
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=shape) == value


def test_an_unknown_says_when_it_will_be_known() -> None:
    assert str(Unknown(resource="shop/web", attribute="port 80")) == "known after shop/web.port 80"


def test_an_empty_batch() -> None:
    assert Batch().empty
    assert not Batch(asks_until=1).empty
    assert not Batch(drops={Kind.TASK: ("task-1",)}).empty
