import msgspec

from longshore.cli.faults import error_json, error_text, fault_text
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
        "error: there is no key 'imagee' in a service\n"
        "  shop/compose.yaml:3:5  services.web.imagee\n"
        "    3 │     imagee: nginx\n"
        "      │     ^\n"
        "  → did you mean 'image'?"
    )


def test_a_fault_without_a_file_at_hand_has_no_line() -> None:
    assert "│" not in fault_text(FAULT, {}, {}).plain
    assert "│" not in fault_text(FAULT, {"compose.yaml": "one line"}, {}).plain
    assert fault_text(Fault(code="x", message="so"), {}, {}).plain == "error: so"


def test_all_faults_are_listed() -> None:
    error = Invalid("2 faults", code="template-faults", faults=(FAULT, Fault(code="b", message="another")))
    text = error_text(error, TEXTS, {}).plain
    assert text.count("error: ") == 2
    assert text.endswith("error: another")


def test_an_error_has_its_remedy() -> None:
    error = Refused("the world has moved", code="moved", remedy="plan again")
    assert error_text(error, {}, {}).plain == "error: the world has moved\n  → plan again"


def test_an_error_for_programs_is_as_the_server_writes_it() -> None:
    error = Invalid("no", code="c", remedy="r", facts={"n": 1}, faults=(FAULT,))
    told = msgspec.json.decode(error_json(error))
    assert told["exit"] == 2
    assert told["error"]["code"] == "c"
    assert told["error"]["faults"][0]["line"] == 3
