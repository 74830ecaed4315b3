"""Says at the end how often each kind of fault came to pass."""

from __future__ import annotations

import pytest
from tests.scenario.story import FIRED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIRED:
        terminalreporter.section("faults that fired")
        counts = [f"{kind} {count}" for kind, count in sorted(FIRED.items())]
        terminalreporter.write_line(", ".join(counts))
