"""Lines that are split into words, and where the split is not that of a shell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.model.template import Reading
from longshore.template.compose.commands import split

Answer = Callable[..., Reading]

LINES: dict[str, tuple[list[str], str]] = {
    "": ([], ""),
    "a b  c": (["a", "b", "c"], ""),
    "a 'b c' \"d e\"": (["a", "b c", "d e"], ""),
    "a'b'c": (["abc"], ""),
    "a '' b": (["a", "", "b"], ""),
    'a "it\'s"': (["a", "it's"], ""),
    "a\\ b \\'": (["a b", "'"], ""),
    "'a\\b'": (["a\\b"], ""),
    '"a\\"b"': (['a"b'], ""),
    "a && b": (["a"], "&& b"),
    "a; b": (["a"], "; b"),
    "a>b": (["a"], ">b"),
    "a 2>b": (["a"], ">b"),
    "a '&&' b": (["a", "&&", "b"], ""),
    "a $(b c) d": (["a", "$(b c)", "d"], ""),
    "a `b c`": (["a", "`b c`"], ""),
    "$HOME": (["$HOME"], ""),
}


@pytest.mark.parametrize(("line", "wanted"), LINES.items(), ids=LINES)
def test_split(line: str, wanted: tuple[list[str], str]) -> None:
    assert split(line) == wanted


@pytest.mark.parametrize("line", ["a 'b", 'a "b', "a \\", "a (b)", "a `b", "a $(b"])
def test_lines_that_cannot_be_split(ask: Answer, line: str) -> None:
    quoted = line.replace("$", "$$").replace("'", "''")
    reading = ask(f"services: {{a: {{image: x, command: '{quoted}'}}}}")
    assert [(f.code, f.path) for f in reading.faults] == [("bad-value", "services.a.command")]
