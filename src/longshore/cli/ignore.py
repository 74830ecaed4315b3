"""Which files of a build context stay behind: `.dockerignore`, by the rules Docker's client has.

The rules are those of moby's `patternmatcher`: shell patterns per path segment, `**` for any number
of segments, `!` takes a path back in, the last pattern that matches decides, and a pattern that
matches a folder matches all that is in it.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from longshore.model.errors import Invalid

_SPECIAL = frozenset(".+()|{}$^")
"""Plain in a pattern, special in a regular expression."""


class Rule(NamedTuple):
    """One line: `keep` is True for those that begin with `!`; `text` is the cleaned pattern."""

    text: str
    keep: bool
    regex: re.Pattern[str]


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a `.dockerignore`, in order.

    Raises:
        Invalid: a pattern cannot be read.
    """
    rules = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.startswith("#") or not line.strip():
            continue
        pattern = line.strip()
        keep = pattern.startswith("!")
        pattern = pattern[1:].strip() if keep else pattern
        if keep and not pattern:
            raise _unreadable(line, number)
        pattern = posixpath.normpath(pattern)
        pattern = pattern.lstrip("/") or "."
        try:
            rules.append(Rule(pattern, keep, _compile(pattern)))
        except re.error:
            raise _unreadable(line, number) from None
    return tuple(rules)


def ignored(path: str, rules: tuple[Rule, ...]) -> bool:
    """Whether a path (relative to the context, with `/`) stays behind."""
    parts = path.split("/")
    ancestry = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    out = False
    for rule in rules:
        # A rule that would change nothing need not be looked at.
        if rule.keep is out and any(rule.regex.fullmatch(p) for p in ancestry):
            out = not rule.keep
    return out


def hopeless(folder: str, rules: tuple[Rule, ...]) -> bool:
    """Whether nothing below an ignored folder can come back in, so that it need not be walked."""
    for rule in rules:
        if not rule.keep:
            continue
        literal = re.split(r"[*?\[\\]", rule.text, maxsplit=1)[0]
        if literal != rule.text and folder.startswith(literal.rpartition("/")[0]):
            return False
        if f"{rule.text}/".startswith(f"{folder}/") or literal.startswith(f"{folder}/"):
            return False
    return True


def _compile(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern."""
    out, at, end = [], 0, len(pattern)
    while at < end:
        char = pattern[at]
        at += 1
        if char == "*" and pattern[at : at + 1] == "*":
            at += 1
            slash = pattern[at : at + 1] == "/"
            at += slash
            # `a/**` is all below a; `**/a` is a at any depth; `**a` is whatever ends in a.
            suffix = at == 2 and not slash and not re.search(r"[*?\[\\]", pattern[at:])
            out.append(".*" if at == end or suffix else "(.*/)?")
        elif char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "\\":
            out.append(re.escape(pattern[at : at + 1] or "\\"))
            at += 1
        elif char == "[":
            close = pattern.find("]", at + 1)
            if close < 0:
                raise re.error(pattern)
            out.append(f"[{pattern[at:close]}]")
            at = close + 1
        else:
            out.append(f"\\{char}" if char in _SPECIAL else char)
    return re.compile("".join(out), re.DOTALL)


def _unreadable(line: str, number: int) -> Invalid:
    """The error for a line that is no pattern."""
    return Invalid(
        f".dockerignore, line {number}: {line.strip()!r} is no pattern",
        code="dockerignore-unreadable",
        remedy="mend or remove that line",
    )
