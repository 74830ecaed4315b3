"""Placement constraints: `node.labels.disk == ssd`, with the whole grammar that Swarm ever had.

`==` and `!=`, with globs (`us-*`) and regular expressions (`/ssd|nvme/`); `=~` is a regular
expression too. A `~` behind `==` or `!=` makes it soft: hosts that meet it come first.
"""

from __future__ import annotations

import re

from longshore.model.spec import Constraint, Match
from longshore.template.findings import At
from longshore.template.nodes import Node, Scalar
from longshore.template.schema import text, unsupported

_FORM = re.compile(r"\s*([\w.\-/]+)\s*(==~|!=~|==|!=|=~)\s*(\S(?:.*\S)?)\s*")
_KEYS = (
    *("node.id", "node.hostname", "node.name", "node.platform.os", "node.platform.arch"),
    *("node.cloud", "node.region", "node.zone", "node.kind"),
)
_LABELS = ("node.labels.", "engine.labels.")
_ROLE = "Longshore has no managers and workers; label the hosts, and ask for node.labels.NAME"
_LONGEST_EXPRESSION = 200
"""Characters: a list of names fits, and what takes for ever to match seldom does."""


def parse(line: str) -> Constraint | None:
    """A constraint, or None where the text is none."""
    match = _FORM.fullmatch(line)
    if match is None or not known(match[1]):
        return None
    key, sign, value = match.groups()
    how, value = _how(sign, value)
    if how is Match.REGEX and not _compiles(value):
        return None
    return Constraint(key=key, value=value, equal=sign[0] == "=", match=how, soft=len(sign) == 3)


def _how(sign: str, value: str) -> tuple[Match, str]:
    """How a value is to be compared, and the value without what says so."""
    slashed = len(value) > 2 and value.startswith("/") and value.endswith("/")
    if slashed or sign == "=~":
        return Match.REGEX, value[1:-1] if slashed else value
    return (Match.GLOB if "*" in value or "?" in value else Match.EXACT), value


def _compiles(expression: str) -> bool:
    if len(expression) > _LONGEST_EXPRESSION:
        return False
    try:
        re.compile(expression)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def constraint(node: Node, at: At) -> Node | None:
    """Check a constraint."""
    line = text(node, at)
    if not isinstance(line, Scalar):
        return None
    match = _FORM.fullmatch(line.text)
    if match is None:
        words = f'"{line.text[:80]}" is no constraint'
        at.refuse("bad-constraint", node.mark, words, "write node.labels.NAME==VALUE")
        return line
    how, value = _how(match[2], match[3])
    if how is Match.REGEX and not _compiles(value):
        words = f'"{value[:80]}" is no regular expression'
        at.refuse("bad-constraint", node.mark, words, "write node.labels.NAME=~ssd|nvme")
        return line
    _check_key(match[1], node, at)
    return line


def label(node: Node, at: At) -> Node | None:
    """Check the key of a host's fact that a skew or a domain names."""
    line = text(node, at)
    if not isinstance(line, Scalar) or known(line.text):
        return line
    words, hint = _unknown(line.text, at)
    at.fault("bad-constraint", node.mark, words, hint)
    return None


def preference(node: Node, at: At) -> Node | None:
    """Check the key of a host's fact that a spread names; Compose takes any text for one."""
    line = text(node, at)
    if isinstance(line, Scalar):
        _check_key(line.text, node, at)
    return line


def _check_key(key: str, node: Node, at: At) -> None:
    if known(key):
        return
    if key == "node.role":
        unsupported(node, at, "node.role is not done", _ROLE)
        return
    words, hint = _unknown(key, at)
    at.refuse("bad-constraint", node.mark, words, hint)


def _unknown(key: str, at: At) -> tuple[str, str]:
    names = (*_KEYS, *(f"{prefix}NAME" for prefix in _LABELS))
    hint = at.near(key, names) or f"use {', '.join(names)}"
    return f'"{key[:80]}" names nothing about a host', hint


def known(key: str) -> bool:
    """Whether a key names a fact of hosts."""
    return key in _KEYS or any(key.startswith(w) and len(key) > len(w) for w in _LABELS)
