"""Environment files: each way of writing a line."""

from __future__ import annotations

import pytest

from longshore.template import dotenv
from longshore.template.findings import At, Findings

OWN = {"OWN": "own", "A": "mine"}

LINES = {
    "": {},
    "# A=1\n\n  \n": {},
    "X=1": {"X": "1"},
    "X=1\r\nY=2\r\n": {"X": "1", "Y": "2"},
    "X = 1 ": {"X": "1"},
    "X: 1": {"X": "1"},
    "export X=1": {"X": "1"},
    "X=": {"X": ""},
    "X=a b # remark": {"X": "a b"},
    "X=a#b": {"X": "a#b"},
    "X=# remark": {"X": ""},
    'X="a # b" # remark': {"X": "a # b"},
    'X="a\\nb\\"c"': {"X": 'a\nb"c'},
    'X="a\nb"\nY=2': {"X": "a\nb", "Y": "2"},
    "X='a\\nb $OWN'": {"X": "a\\nb $OWN"},
    "X=$OWN": {"X": "own"},
    'X="${OWN}s"': {"X": "owns"},
    'X="\\$OWN"': {"X": "$OWN"},
    "X=${NO:-d}": {"X": "d"},
    "X=1\nY=$X$X": {"X": "1", "Y": "11"},
    "A=file\nY=$A": {"A": "file", "Y": "mine"},
    "OWN": {"OWN": "own"},
    "NO": {},
    "X=1\nX=2": {"X": "2"},
    "A.B-C=1": {"A.B-C": "1"},
}


@pytest.mark.parametrize(("text", "values"), LINES.items(), ids=map(repr, LINES))
def test_lines(text: str, values: dict[str, str]) -> None:
    findings = Findings()
    entries = dotenv.entries_of(text, ".env", At(findings))
    assert dotenv.values_of(entries, OWN.get, At(findings)) == values
    assert findings.clean


def test_raw_takes_everything_as_it_stands() -> None:
    at = At(Findings())
    entries = dotenv.entries_of("# r\nX='a' # b $C\nY\n", "f", at, raw=True)
    assert dotenv.values_of(entries, {"Y": "y"}.get, at) == {"X": "'a' # b $C", "Y": "y"}


def test_the_names_a_file_asks_for() -> None:
    entries = dotenv.entries_of("A=1\nB\nC=$A${D:-$E}\nF='$G'", "f", At(Findings()))
    assert list(dotenv.names_in(entries)) == ["B", "A", "D", "E"]


def test_lines_are_counted_through_values_of_several_lines() -> None:
    entries = dotenv.entries_of('A="1\n2\n3"\n\n  B=1', "f", At(Findings()))
    assert [(e.name, e.mark.line, e.mark.column) for e in entries] == [("A", 1, 1), ("B", 5, 3)]
