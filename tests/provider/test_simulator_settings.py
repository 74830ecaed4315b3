"""Settings of a simulated cloud: what users type, as tables."""

from __future__ import annotations

import pytest

from longshore.model.clock import HOUR, MINUTE, SECOND
from longshore.model.errors import Invalid
from longshore.model.host import Capacity
from longshore.model.money import Money
from longshore.provider.simulator import SETTINGS, Settings, read_settings
from longshore.provider.simulator.settings import Flavor

GIB = 1 << 30


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("seed", "tuesday", "tuesday"),
        ("hosts", "3", 3),
        ("cpu", "4", 4000),
        ("cpu", "0.5", 500),
        ("memory", "8GiB", 8 * GIB),
        ("memory", "512MiB", GIB // 2),
        ("memory", "1.5g", GIB * 3 // 2),
        ("memory", "2048", 2048),
        ("labels", "disk=ssd, zone=a", {"disk": "ssd", "zone": "a"}),
        ("labels", "", {}),
        ("zones", "3", 3),
        ("boot", "90s", 90 * SECOND),
        ("boot", "1m30s", 90 * SECOND),
        ("boot", "500ms", SECOND // 2),
        ("boot", "0", 0),
        ("billing", "1h", HOUR),
        ("min_life", "5m", 5 * MINUTE),
        ("outage", "10m+5m", ((10 * MINUTE, 5 * MINUTE),)),
        ("outage", "1s+1s,1m+2s", ((SECOND, SECOND), (MINUTE, 2 * SECOND))),
        ("fail_after", "0.25", 0.25),
        ("fail_after", "1", 1.0),
        ("jitter", ".1", 0.1),
        ("missing", "a:1, b", ("a:1", "b")),
        ("currency", "usd", "USD"),
    ],
)
def test_a_setting_is_read(key: str, text: str, value: object) -> None:
    assert getattr(read_settings("sim", {key: text}), key) == value


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("hosts", "many", "whole number"),
        ("hosts", "-1", "whole number"),
        ("cpu", "four", "cores"),
        ("memory", "8 GB of", "size"),
        ("labels", "ssd", "disk=ssd"),
        ("boot", "90", "length of time"),
        ("boot", "5 s", "length of time"),
        ("boot", "s", "length of time"),
        ("billing", "0", "above zero"),
        ("outage", "10m", "FROM.LENGTH"),
        ("fail_before", "2", "0 to 1"),
        ("fail_before", "ten", "0 to 1"),
        ("currency", "euro", "three letters"),
        ("flavors", "small:2:4GiB", "NAME:CPU:MEMORY:PRICE"),
        ("flavors", "small:2:4GiB:cheap", "price"),
        ("flavors", "a:1:1g:1,a:1:1g:1", "twice"),
    ],
)
def test_a_malformed_value_names_its_key(key: str, text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        read_settings("sim", {key: text})
    assert caught.value.code == "bad-setting"
    assert caught.value.facts["key"] == key
    assert key in caught.value.message


@pytest.mark.parametrize(("key", "meant"), [("boots", "boot"), ("flavor", "flavors"), ("xyzzy", "")])
def test_an_unknown_key_is_refused_with_the_nearest(key: str, meant: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_settings("sim", {key: "1"})
    assert caught.value.code == "bad-setting"
    assert caught.value.facts["meant"] == meant
    assert ("did you mean" in caught.value.message) is bool(meant)


def test_flavors_have_a_price_in_the_currency_or_an_unknown_one() -> None:
    text = "small:2:4GiB:0.05,odd:8:16GiB:?"
    assert read_settings("sim", {"flavors": text, "currency": "USD"}).flavors == (
        Flavor(name="small", capacity=Capacity(cpu=2000, memory=4 * GIB), price=Money(50_000_000, "USD")),
        Flavor(name="odd", capacity=Capacity(cpu=8000, memory=16 * GIB), price=None),
    )


def test_without_own_hosts_there_is_something_to_lend() -> None:
    assert [f.name for f in read_settings("sim", {}).flavors] == ["small", "medium", "large"]
    assert read_settings("sim", {"hosts": "2"}).flavors == ()


def test_every_setting_has_a_row_with_words() -> None:
    assert set(SETTINGS) == set(Settings.__struct_fields__)
    assert all(row.doc for row in SETTINGS.values())
