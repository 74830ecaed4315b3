import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from longshore.cli.document import escaped, yaml_text

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def test_a_dollar_that_is_meant_is_doubled() -> None:
    value = {"$k": ["echo $((i+1))", {"a": "${B}", "n": 3, "z": None}]}
    assert escaped(value) == {"$k": ["echo $$((i+1))", {"a": "$${B}", "n": 3, "z": None}]}


@given(values)
def test_what_is_written_reads_back_as_it_was(value: object) -> None:
    assert yaml.safe_load(yaml_text(value)) == value


@pytest.mark.parametrize(
    "word", ["on", "No", "12:30", "010", "1e3", "~", "", " a", "a: b", "a #b", "2024-01-01"]
)
def test_words_that_others_would_misread(word: str) -> None:
    assert yaml.safe_load(yaml_text({"k": [word, {word: word}]})) == {"k": [word, {word: word}]}


@given(st.lists(st.text("a #:-'\"\\\n\t|>", max_size=6), max_size=5).map("\n".join))
def test_texts_of_several_lines(text: str) -> None:
    assert yaml.safe_load(yaml_text({"k": text, "l": {"m": text + "\n"}})) == {
        "k": text,
        "l": {"m": text + "\n"},
    }


def test_a_script_is_shown_line_by_line() -> None:
    assert yaml_text({"run": "set -e\n  echo a\n\necho b\n"}) == "run: |\n  set -e\n    echo a\n\n  echo b\n"


def test_it_looks_as_people_write_it() -> None:
    config = {
        "name": "shop",
        "services": {"web": {"image": "nginx:1.27", "ports": [{"target": 80}], "x": []}},
    }
    assert yaml_text(config) == (
        "name: shop\nservices:\n  web:\n    image: nginx:1.27\n    ports:\n      - target: 80\n    x: []\n"
    )
