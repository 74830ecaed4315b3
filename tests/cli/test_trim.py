"""Nothing invisible stands at the end of a line."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from longshore.cli.tables import table
from longshore.cli.trim import Trimmed

ROWS = [("a", "short"), ("b", "a much longer word"), ("c", "two words that wrap when it gets narrow " * 3)]


@pytest.mark.parametrize("width", [30, 80, 120])
def test_tables_end_where_their_words_end(width: int) -> None:
    out = io.StringIO()
    Console(file=out, width=width).print(Trimmed(table("KEY WORDS", ROWS)))
    lines = out.getvalue().splitlines()
    assert lines[0] == "KEY  WORDS"
    assert all(line == line.rstrip() for line in lines)


def test_words_with_colours_keep_them() -> None:
    out = io.StringIO()
    console = Console(file=out, width=20, force_terminal=True, color_system="standard", _environ={})
    console.print(Trimmed(Text("on \n off  ", "green")))
    assert out.getvalue() == "\x1b[32mon\x1b[0m\n\x1b[32m off\x1b[0m\n"
