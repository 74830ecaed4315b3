"""Variables in scalars: the grammar, what is asked for, what is a fault."""

from __future__ import annotations

import pytest

from longshore.template.interpolation import BadText, RequiredVariable, evaluate, names_of, parts_of

SET = {"FULL": "f", "EMPTY": ""}

VALUES = {
    "plain": "plain",
    "$FULL": "f",
    "${FULL}": "f",
    "a$FULL.b": "af.b",
    "${FULL}${FULL}": "ff",
    "$EMPTY|$UNSET": "|",
    "$$": "$",
    "$$FULL $${FULL}": "$FULL ${FULL}",
    "${FULL:-d}": "f",
    "${EMPTY:-d}": "d",
    "${EMPTY-d}": "",
    "${UNSET:-d}": "d",
    "${UNSET-d}": "d",
    "${UNSET:-}": "",
    "${FULL:+w}": "w",
    "${EMPTY:+w}": "",
    "${EMPTY+w}": "w",
    "${UNSET:+w}": "",
    "${UNSET+w}": "",
    "${FULL:?no}": "f",
    "${EMPTY?no}": "",
    "${UNSET:-a:b-c?d+e}": "a:b-c?d+e",
    "${UNSET:-${EMPTY:-${FULL}}}": "f",
    "${UNSET:-$$x}": "$x",
    "${UNSET:-a {b} c}": "a {b c}",
    "${UNSET:-http://x:80/?a=b}": "http://x:80/?a=b",
}


@pytest.mark.parametrize(("text", "value"), VALUES.items(), ids=VALUES)
def test_value(text: str, value: str) -> None:
    assert evaluate(parts_of(text), SET.get, lambda _: None) == value


REQUIRED = {"${UNSET:?}": "", "${EMPTY:?say $FULL}": "say f", "${UNSET?x}": "x"}


@pytest.mark.parametrize(("text", "message"), REQUIRED.items(), ids=REQUIRED)
def test_required(text: str, message: str) -> None:
    with pytest.raises(RequiredVariable) as caught:
        evaluate(parts_of(text), SET.get, lambda _: None)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text", ["$", "a$ b", "$1", "${", "${}", "${A", "${A:-b", "${1}", "${A!b}", "${A:x}"]
)
def test_no_template(text: str) -> None:
    with pytest.raises(BadText):
        parts_of(text)


def test_every_name_is_asked_for_at_once_in_order() -> None:
    parts = parts_of("$A ${B:-$C} ${D:+${E-$A}} $$F")
    assert list(names_of(parts)) == ["A", "B", "C", "D", "E", "A"]


def test_only_a_variable_that_has_no_word_is_reported_unset() -> None:
    unset: list[str] = []
    evaluate(parts_of("$A ${B:-x} ${C:+y} ${D}"), lambda _: None, unset.append)
    assert unset == ["A", "D"]
