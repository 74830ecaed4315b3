"""What a reading finds: faults and warnings, gathered as it goes, and how much it may still do.

One `Findings` lives as long as one reading. It bounds the reading: past `MOST_FAULTS` nothing more
is written down, and past `MOST_WORK` the reading stops, because a short text can ask for very much
(aliases of aliases, variables in variables, ranges of ports).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

import msgspec

from longshore.model.fault import Fault
from longshore.template.codes import CODES
from longshore.template.nodes import Mark

MOST_FAULTS = 200
"""Nobody mends more at one sitting; and looking for the nearest word costs a millisecond each."""

MOST_WORK = 2 * 1024 * 1024
"""Characters, in all, that texts may grow to: four of the largest files; a few seconds' work."""

_LONGEST = 500
"""Characters of a message, a hint or a path."""

_PLAIN_KEY = re.compile(r"[\w-]+")


class TooMuch(Exception):
    """The text asks for more than a reading may do."""


class Findings:
    """Gathers faults and warnings, and counts the work."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._warnings: list[Fault] = []
        self._refusals: list[Fault] = []
        # In a list, so that findings kept aside count into the same sum.
        self._work = [0]

    def aside(self) -> Findings:
        """Findings apart from these, which may be dropped; what they cost counts here as well."""
        other = Findings()
        other._work = self._work
        return other

    def fault(self, fault: Fault) -> None:
        """Write a fault down, unless there are too many already."""
        if not self.full:
            self._faults.append(_known(fault))

    def warn(self, fault: Fault) -> None:
        """Write down what stops nothing."""
        if len(self._warnings) < MOST_FAULTS:
            self._warnings.append(_known(fault))

    def refuse(self, fault: Fault) -> None:
        """Write down what the language allows and Longshore cannot keep: it stops a plan."""
        if len(self._refusals) < MOST_FAULTS:
            self._refusals.append(_known(fault))

    @property
    def full(self) -> bool:
        """Whether further faults are dropped, so that nobody need look for their remedies."""
        return len(self._faults) >= MOST_FAULTS

    @property
    def count(self) -> int:
        """How many faults there are so far."""
        return len(self._faults)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong so far, so that what is missing is missing for no other reason."""
        return not self._faults

    def spend(self, characters: int) -> None:
        """Count work done; raises `TooMuch` when it is more than a reading may do."""
        self._work[0] += characters
        if self._work[0] > MOST_WORK:
            raise TooMuch

    def faults(self) -> tuple[Fault, ...]:
        """All faults, by file and line, each once."""
        found = _in_order(self._faults)
        if not self.full:
            return found
        words = f"more than {MOST_FAULTS} faults; the rest is not shown"
        return (*found, Fault(code="too-many-faults", message=words, hint="mend these first"))

    def refusals(self) -> tuple[Fault, ...]:
        """All refusals, by file and line, each once."""
        return _in_order(self._refusals)

    def warnings(self) -> tuple[Fault, ...]:
        """All warnings, by file and line, each once."""
        return _in_order(self._warnings)


class At(msgspec.Struct, frozen=True, gc=False):
    """Where in the template a check is at work, and where it writes what it finds.

    Nearly every step is taken for nothing, since nothing is found: its words are put together on asking.
    """

    findings: Findings
    root: str = ""
    above: At | None = None
    step: str | int = ""

    @property
    def path(self) -> str:
        """The way from the top of the template, as people write it: `services.web.ports[0]`."""
        steps: list[str | int] = []
        here = self
        while here.above is not None:
            steps.append(here.step)
            here = here.above
        found = here.root
        for step in reversed(steps):
            if isinstance(step, int):
                found += f"[{step}]"
            elif not _PLAIN_KEY.fullmatch(step):
                found += f'["{step}"]'
            else:
                found += f".{step}" if found else step
        return found

    def key(self, name: str) -> At:
        """One step down a mapping."""
        return At(self.findings, "", self, name)

    def item(self, index: int) -> At:
        """One step down a list."""
        return At(self.findings, "", self, index)

    def fault(self, code: str, mark: Mark, message: str, hint: str = "") -> None:
        """Say that something at this place is wrong, and what to write instead."""
        self.findings.fault(self._place(code, mark, message, hint))

    def warn(self, code: str, mark: Mark, message: str, hint: str = "") -> None:
        """Say something that stops nothing."""
        self.findings.warn(self._place(code, mark, message, hint))

    def refuse(self, code: str, mark: Mark, message: str, hint: str = "") -> None:
        """Say that something is right, but cannot be kept, and what to write instead."""
        self.findings.refuse(self._place(code, mark, message, hint))

    def near(self, word: str, words: Iterable[str]) -> str:
        """`did you mean "x"?`, or nothing where no known word is near."""
        # Long words are no slips of the pen, and comparing them is slow.
        if self.findings.full or len(word) > 60:
            return ""
        found = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
        return f'did you mean "{found[0]}"?' if found else ""

    def _place(self, code: str, mark: Mark, message: str, hint: str) -> Fault:
        return Fault(
            code=code,
            message=_short(message),
            file=mark.file,
            line=mark.line,
            column=mark.column,
            path=_short(self.path),
            hint=_short(hint),
        )


def _short(text: str) -> str:
    """Keys and values are the user's and may be endless; what is said about them is not."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _known(fault: Fault) -> Fault:
    assert fault.code in CODES, fault.code
    return fault


def _in_order(faults: list[Fault]) -> tuple[Fault, ...]:
    unique = dict.fromkeys(faults)
    return tuple(sorted(unique, key=lambda f: (f.file, f.line, f.column, f.path, f.code)))
