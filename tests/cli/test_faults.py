import msgspec
import pytest
from rich.cells import cell_len

from longshore.cli.faults import error_json, error_text, fault_text, faults_json
from longshore.model.errors import Invalid, Refused
from longshore.model.fault import Fault

FAULT = Fault(
    code="unknown-key",
    message="there is no key 'imagee' in a service",
    file="compose.yaml",
    line=3,
    column=5,
    path="services.web.imagee",
    hint="did you mean 'image'?",
)
TEXTS = {"compose.yaml": "services:\n  web:\n    imagee: nginx\n"}


def test_a_fault_shows_its_line_with_a_caret() -> None:
    assert fault_text(FAULT, TEXTS, {"compose.yaml": "shop/compose.yaml"}).plain == (
        "error[unknown-key]: there is no key 'imagee' in a service\n"
        "  shop/compose.yaml:3:5  services.web.imagee\n"
        "    3 │     imagee: nginx\n"
        "      │     ^\n"
        "  → did you mean 'image'?"
    )


def test_a_fault_without_a_file_at_hand_has_no_line() -> None:
    assert "│" not in fault_text(FAULT, {}, {}).plain
    assert "│" not in fault_text(FAULT, {"compose.yaml": "one line"}, {}).plain
    assert fault_text(Fault(code="x", message="so"), {}, {}).plain == "error[x]: so"


def test_all_faults_are_listed() -> None:
    error = Invalid("2 faults", code="template-faults", faults=(FAULT, Fault(code="b", message="another")))
    text = error_text(error, TEXTS, {}).plain
    assert text.count("error[") == 2
    assert text.endswith("error[b]: another\n\n2 faults")


def test_an_error_has_its_remedy() -> None:
    error = Refused("the world has moved", code="moved", remedy="plan again")
    assert error_text(error, {}, {}).plain == "error: the world has moved\n  → plan again"


def test_an_error_for_programs_is_as_the_server_writes_it() -> None:
    error = Invalid("no", code="c", remedy="r", facts={"n": 1}, faults=(FAULT,))
    told = msgspec.json.decode(error_json(error))
    assert told["exit"] == 2
    assert told["error"]["code"] == "c"
    assert told["error"]["faults"][0]["line"] == 3


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("column", [1, 60, 301, 330])
def test_a_long_line_is_cut_around_its_place(width: int, column: int) -> None:
    line = "".join(f"{n:05d}" for n in range(60)) + "x" * 30
    fault = Fault(code="c", message="word " * 60, file="f", line=1, column=column, hint="edit it " * 30)
    text = fault_text(fault, {"f": line}, {}, width=width).plain
    assert max(cell_len(row) for row in text.splitlines()) <= width
    shown, caret = next(
        (row, below)
        for row, below in zip(text.splitlines(), text.splitlines()[1:], strict=False)
        if "1 │" in row
    )
    at = caret.index("^")
    assert shown[at] == line[column - 1]
    before = shown[:at].partition("│ ")[2].removeprefix("…")
    assert line[: column - 1].endswith(before)
    assert "…" in shown


def test_the_caret_stands_below_wide_letters_and_tabs() -> None:
    fault = Fault(code="c", message="m", file="f", line=2, column=5)
    text = fault_text(fault, {"f": "first\x0bfirst\n\t港口:x"}, {}).plain
    shown, caret = text.splitlines()[-2:]
    assert cell_len(shown[: shown.index("x")]) == caret.index("^")


def test_what_a_file_says_cannot_steer_the_terminal() -> None:
    fault = Fault(
        code="c", message="no key \x1b[31m", file="f", line=1, column=2, path="a\x9b", hint="b\u202ec"
    )
    text = fault_text(fault, {"f": "\x1b]0;evil\x07: 1"}, {}).plain
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_a_hint_of_one_word_is_the_word_that_was_meant() -> None:
    fault = Fault(code="c", message="m", hint="image")
    assert fault_text(fault, {}, {}).plain.endswith('→ did you mean "image"?')
    missing = Fault(code="missing-property", message="m", hint="image")
    assert fault_text(missing, {}, {}).plain.endswith("→ add image")
    told = msgspec.json.decode(faults_json(Invalid("", code="x", faults=(fault,)), {}))
    assert told["faults"][0]["hint"] == "image"


def test_an_error_without_faults_is_the_only_fault() -> None:
    error = Invalid("cannot read a.yaml", code="file-unreadable", remedy="mend", facts={"path": "/a.yaml"})
    told = msgspec.json.decode(faults_json(error, {}))
    assert told["ok"] is False
    assert [(f["code"], f["file"], f["hint"]) for f in told["faults"]] == [
        ("file-unreadable", "/a.yaml", "mend")
    ]
