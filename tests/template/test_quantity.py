"""Durations and sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.template import quantity

DURATIONS = {
    "0": 0,
    "0s": 0,
    "1us": 1,
    "\u00b5s": None,
    "3\u00b5s": 3,
    "500ms": 500_000,
    "1.5s": 1_500_000,
    "1m30s": 90_000_000,
    "1h5m30s20ms": 3_930_020_000,
    "2d": 172_800_000_000,
    "1w": 604_800_000_000,
    "": None,
    "5": None,
    "-1s": -1_000_000,
    ".5s": 500_000,
    "1d12h": 129_600_000_000,
    "s": None,
    "1 s": None,
    "9" * 40 + "s": None,
}


@pytest.mark.parametrize(("text", "value"), DURATIONS.items())
def test_duration(text: str, value: int | None) -> None:
    assert quantity.duration(text) == value


TEXTS = {
    0: "0s",
    1: "1\u00b5s",
    1_500: "1.5ms",
    10_000_000: "10s",
    90_500_000: "1m30.5s",
    7_200_000_000: "2h0m0s",
}


@pytest.mark.parametrize(("value", "text"), TEXTS.items())
def test_duration_text(value: int, text: str) -> None:
    assert quantity.duration_text(value) == text


@given(st.integers(0, 10**12))
def test_a_duration_is_read_back(value: int) -> None:
    assert quantity.duration(quantity.duration_text(value)) == value


SIZES = {
    "0": 0,
    "12": 12,
    "1b": 1,
    "64k": 65536,
    "64KB": 65536,
    "1.5m": 1572864,
    "2GiB": 2 << 30,
    "1 g": 1 << 30,
    "": None,
    "m": None,
    "-1": None,
    "1x": None,
    "1e3": None,
}


@pytest.mark.parametrize(("text", "value"), SIZES.items())
def test_size(text: str, value: int | None) -> None:
    assert quantity.size(text) == value
