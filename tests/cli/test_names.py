import pytest

from longshore.cli.names import Name, parse_counts, parse_factors, parse_name, parse_pairs, parse_stack
from longshore.model.errors import Invalid


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("shop", Name("shop")),
        ("shop/web", Name("shop", "web")),
        ("shop/web.2", Name("shop", "web", 2)),
        ("shop/web.api", Name("shop", "web.api")),
        ("shop/web.api.12", Name("shop", "web.api", 12)),
        ("my.shop", Name("my.shop")),
    ],
)
def test_a_name_is_read(text: str, name: Name) -> None:
    assert parse_name(text) == name


@pytest.mark.parametrize("text", ["", "/web", "shop/", "shop/web/1", "shop/.1"])
def test_what_names_nothing_is_wrong_input(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_name(text)
    assert caught.value.remedy


def test_a_query_holds_only_what_was_named() -> None:
    assert parse_name("shop").query() == {"stack": "shop"}
    assert parse_name("shop/web.2").query() == {"stack": "shop", "service": "web", "slot": 2}


def test_a_stack_is_no_service() -> None:
    assert parse_stack("shop") == "shop"
    with pytest.raises(Invalid, match="not a stack"):
        parse_stack("shop/web")


def test_pairs() -> None:
    assert parse_pairs(("a=1", "b=x=y", "c="), "k=v") == {"a": "1", "b": "x=y", "c": ""}
    for words in [("a",), ("=1",), ("a=1", "a=2")]:
        with pytest.raises(Invalid):
            parse_pairs(words, "k=v")


def test_counts() -> None:
    assert parse_counts(("web=3", "api=0")) == {"web": 3, "api": 0}
    for word in ("web=x", "web=-1", "web=1.5", "web=", "web=²", "web=٣"):
        with pytest.raises(Invalid):
            parse_counts((word,))


@pytest.mark.parametrize(("word", "thousandths"), [("2", 2000), ("2.0", 2000), ("0.5", 500), (".125", 125)])
def test_factors(word: str, thousandths: int) -> None:
    assert parse_factors((f"north={word}",)) == {"north": thousandths}


@pytest.mark.parametrize("word", ["two", "-1", "", ".", "1.2345"])
def test_what_is_no_factor(word: str) -> None:
    with pytest.raises(Invalid):
        parse_factors((f"north={word}",))
