"""Names as people write them."""

from __future__ import annotations

import pytest

from longshore.model.errors import Invalid, NotFound
from longshore.model.spec import Graph, ImageRef, ServiceSpec
from longshore.service.name import REMEDIES, Name, check_service, parse_name, unknown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("shop", Name(stack="shop")),
        ("shop/web", Name(stack="shop", service="web")),
        ("shop/web.2", Name(stack="shop", service="web", slot=2)),
        ("shop/web.v2.13", Name(stack="shop", service="web.v2", slot=13)),
        ("shop/web.v2", Name(stack="shop", service="web.v2")),
        ("my-shop_2/a-b", Name(stack="my-shop_2", service="a-b")),
    ],
)
def test_names(text: str, name: Name) -> None:
    assert parse_name(text) == name


@pytest.mark.parametrize("text", ["", "/", "shop/", "/web", "a/b/c", "a b", "shop/web 1", "shop/web.1\n"])
def test_no_names(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_name(text)
    assert caught.value.code == "name-malformed"
    assert "STACK/SERVICE.N" in caught.value.remedy


@pytest.mark.parametrize("kind", REMEDIES)
def test_unknown_names_the_nearest_and_the_list(kind: str) -> None:
    error = unknown(kind, "shpo", ["shop", "blog"])
    assert (error.code, error.facts) == (f"no-such-{kind}", {"name": "shpo", "near": "shop"})
    assert "did you mean 'shop'?" in error.message
    assert error.remedy == REMEDIES[kind]


def test_nothing_is_near() -> None:
    error = unknown("stack", "shop", [])
    assert (error.message, error.facts) == ("there is no stack 'shop'", {"name": "shop"})


def test_a_stack_says_which_services_it_has() -> None:
    graph = Graph(name="shop", services={"web": ServiceSpec(name="web", image=ImageRef(name="nginx"))})
    check_service(graph, "shop", "web")
    with pytest.raises(NotFound, match="did you mean 'web'") as caught:
        check_service(graph, "shop", "wbe")
    assert caught.value.remedy == "it has web"
