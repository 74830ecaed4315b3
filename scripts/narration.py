"""Tells what is tried and what came of it: numbered steps, commands with their real output, and a ✓ or a ✗.

Reads the same on a terminal and in a log; a terminal also gets some colour, and sees what is running.
"""

# A script at the edge: it waits, and what commands print is of any shape.
# ruff: noqa: ANN401, TID251

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

from trial import PATIENCE, Trial

MARGIN = "    "
WIDEST = 110  # columns: more is hard to read
SEVERAL = 3  # lines of a kind that are shown before the rest is only counted
POLL = 0.2  # seconds between two looks

# Lines that come by the dozen and say the same: what a build prints, and each task on its way.
BUILDING = re.compile(r"^\S+ \| ")
MANY_TASKS = re.compile(r"^(\S+\s+(task\.\w+)  |\S+ is running on )")


class Broken(Exception):
    """A step did not do what it should; the message says what."""


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    text: str
    code: int


class Narrator:
    """Speaks on standard output. `columns` is the width of what commands print."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.steps = 0
        self.checks = 0
        self.live = sys.stdout.isatty()
        width = min(shutil.get_terminal_size((100, 24)).columns, WIDEST)
        self.columns = width - len(MARGIN)

    def part(self, title: str, words: str) -> None:
        """Begin a part."""
        print(f"\n{self._paint('1', title)}\n{'─' * len(title)}", flush=True)
        self.tell(words)

    def step(self, title: str, words: str = "") -> None:
        """Begin a step."""
        self.steps += 1
        print(f"\n{self._paint('1', f'{self.steps:2}  {title}')}", flush=True)
        if words:
            self.tell(words)

    def tell(self, words: str) -> None:
        """Say something about it, in lines of a good length."""
        for line in textwrap.wrap(" ".join(words.split()), self.columns, break_on_hyphens=False):
            print(f"{MARGIN}{line}" if self.steps else line)
        sys.stdout.flush()

    def show(self, text: str) -> None:
        """Show a text as it is."""
        for line in text.split("\n"):
            print(f"{MARGIN}{self._paint('2', '│')} {line}".rstrip(), flush=True)

    def run(self, trial: Trial, *words: str, code: int = 0) -> Said:
        """Run a command, show what it prints while it does, and see that it exits as it should.

        Raises:
            Broken: it exits otherwise.
        """
        print(f"{MARGIN}{self._paint('36', '$ ' + ' '.join(('longshore', *words)))}", flush=True)
        trial.environ["COLUMNS"] = str(self.columns - 2)
        with trial.open(*words) as process:
            try:
                text = self._pass_on(process)
                found = process.wait(PATIENCE)
            except BaseException:
                process.kill()
                raise
        if not trial.pid:
            trial.note()
        if found != code:
            raise Broken(f"longshore {words[0]} exited with {found} where {code} was expected")
        return Said(text, found)

    def check(self, holds: bool, words: str) -> None:  # noqa: FBT001 - a claim, and what it says
        """Say that something holds.

        Raises:
            Broken: it does not.
        """
        if not holds:
            raise Broken(f"not so: {words}")
        self.checks += 1
        lead = f"{MARGIN}{self._paint('32', '✓')} "
        for line in textwrap.wrap(words, self.columns - 2, break_on_hyphens=False):
            print(lead + line, flush=True)
            lead = f"{MARGIN}  "

    def until(self, found: Callable[[], Any], words: str, seconds: float = 30.0) -> Any:
        """Wait until something is so, and give what was found.

        Raises:
            Broken: it was not, for so many seconds.
        """
        began = time.monotonic()
        while not (answer := found()):
            elapsed = time.monotonic() - began
            if elapsed > seconds:
                raise Broken(f"not so within {seconds:.0f} s: {words}")
            self._pass_by(f"waiting until {words}  {elapsed:.0f} s")
            time.sleep(POLL)
        self._pass_by("")
        return answer

    def broken(self, words: str, log: str) -> None:
        """Say that a step did not do what it should, and what the server wrote last."""
        print(f"{MARGIN}{self._paint('31', '✗')} {words}", flush=True)
        if log:
            self.tell("The server's last words:")
            self.show(log)

    def _pass_on(self, process: subprocess.Popen[str]) -> str:
        """Show lines as they come; of many of a kind, the first few and how many more there were."""
        said: list[str] = []
        kind, count = "", 0
        for raw in process.stdout or ():
            line = raw.rstrip()
            said.append(line)
            new = _kind(line)
            if new != kind:
                self._more(kind, count)
                kind, count = new, 0
            count += 1
            if not kind or (count <= SEVERAL and kind != "build"):
                self._pass_by("")
                self.show(line)
            else:
                self._pass_by(line)
        self._more(kind, count)
        return "\n".join(said)

    def _more(self, kind: str, count: int) -> None:
        self._pass_by("")
        if kind == "build":
            self.show(f"… {count} lines of a build")
        elif kind and count > SEVERAL:
            self.show(f"… and {count - SEVERAL} lines more like these")

    def _pass_by(self, words: str) -> None:
        """On a terminal: one line that the next one writes over."""
        if self.live:
            room = self.columns - 2
            print(
                f"\r\033[K{MARGIN}{self._paint('2', '· ' + words[:room])}" if words else "\r\033[K",
                end="",
                flush=True,
            )

    def _paint(self, colour: str, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self.live and not os.environ.get("NO_COLOR") else text


def _kind(line: str) -> str:
    """What kind of line it is, where those come by the dozen; else nothing."""
    if BUILDING.match(line):
        return "build"
    return "task" if MANY_TASKS.match(line) else ""


def money(amounts: dict[str, int]) -> str:
    """An hourly total in words."""
    return " + ".join(f"{nano / 1e9:.4f} {currency}" for currency, nano in amounts.items()) or "nothing"


def stop_for_signal(*_: object) -> NoReturn:
    """A request to end is heard like Ctrl-C, so that all is taken down."""
    raise KeyboardInterrupt


def list_of(words: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "none"
