"""How people name things on the command line: STACK[/SERVICE[.N]], KEY=VALUE."""

from __future__ import annotations

from typing import NamedTuple

from longshore.model.errors import Invalid


class Name(NamedTuple):
    """A stack, a service of it (or empty), and a replica of that (or 0: all of them)."""

    stack: str
    service: str = ""
    slot: int = 0

    def query(self) -> dict[str, str | int]:
        """As the query of a request, without what was not named."""
        query: dict[str, str | int] = {"stack": self.stack}
        if self.service:
            query["service"] = self.service
        if self.slot:
            query["slot"] = self.slot
        return query


def parse_name(text: str) -> Name:
    """Read `shop`, `shop/web` or `shop/web.2`. A service's own name may hold dots.

    Raises:
        Invalid: the text names nothing.
    """
    stack, slash, rest = text.partition("/")
    service, dot, number = rest.rpartition(".")
    if not (dot and _whole(number)):
        service, number = rest, "0"
    if not stack or "/" in rest or (slash and not service):
        raise Invalid(
            f"{text!r} is no name",
            code="name-unreadable",
            remedy="write STACK, STACK/SERVICE or STACK/SERVICE.N, like shop/web.1",
        )
    return Name(stack, service, int(number))


def parse_stack(text: str) -> str:
    """Read the name of a stack, and nothing below it.

    Raises:
        Invalid: the text names a service or task, or nothing.
    """
    name = parse_name(text)
    if name.service:
        raise Invalid(
            f"{text!r} is not a stack", code="name-unreadable", remedy=f"name the stack only: {name.stack}"
        )
    return name.stack


def parse_pairs(words: tuple[str, ...], example: str) -> dict[str, str]:
    """Read KEY=VALUE words; `example` shows how in the message.

    Raises:
        Invalid: a word has no key or no `=`, or a key comes twice.
    """
    pairs: dict[str, str] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not key or not sign:
            raise Invalid(
                f"{word!r} is not KEY=VALUE", code="pair-unreadable", remedy=f"write it like {example}"
            )
        if key in pairs:
            raise Invalid(f"{key!r} is given twice", code="pair-twice", remedy="give it once")
        pairs[key] = value
    return pairs


def parse_counts(words: tuple[str, ...]) -> dict[str, int]:
    """Read SERVICE=N words.

    Raises:
        Invalid: as `parse_pairs`, or a count is not a whole number from 0.
    """
    pairs = parse_pairs(words, "web=3")
    for key, value in pairs.items():
        if not _whole(value):
            raise Invalid(
                f"{value!r} is no number of replicas for {key!r}",
                code="count-unreadable",
                remedy=f"write a whole number from 0, like {key}=3",
            )
    return {key: int(value) for key, value in pairs.items()}


def parse_factors(words: tuple[str, ...]) -> dict[str, int]:
    """Read CLOUD=FACTOR words; the factors come back in thousandths.

    Raises:
        Invalid: as `parse_pairs`, or a factor is not a number from 0.
    """
    pairs = parse_pairs(words, "north=2.0")
    factors: dict[str, int] = {}
    for key, value in pairs.items():
        whole, _, part = value.partition(".")
        if not _whole(whole + part) or len(part) > 3:
            raise Invalid(
                f"{value!r} is no factor for the price of {key!r}",
                code="factor-unreadable",
                remedy=f"write a number of at most three decimals, like {key}=2.0",
            )
        factors[key] = int(whole or 0) * 1000 + int(part.ljust(3, "0"))
    return factors


def _whole(text: str) -> bool:
    """Whether this is a whole number, in the digits that everybody means by that."""
    return text.isascii() and text.isdigit()
