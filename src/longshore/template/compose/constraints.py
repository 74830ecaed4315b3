"""Placement constraints, as Swarm writes them: `node.labels.disk == ssd`."""

from __future__ import annotations

import re

from longshore.model.spec import Constraint
from longshore.template.findings import At
from longshore.template.nodes import Node, Scalar
from longshore.template.schema import text, unsupported

_FORM = re.compile(r"\s*([\w.\-/]+)\s*(==|!=)\s*(\S(?:.*\S)?)\s*")
_KEYS = ("node.id", "node.hostname", "node.name", "node.platform.os", "node.platform.arch")
_LABELS = ("node.labels.", "engine.labels.")
_ROLE = "Longshore has no managers and workers; label the hosts, and ask for node.labels.NAME"


def parse(line: str) -> Constraint | None:
    """A constraint, or None where the text is none."""
    match = _FORM.fullmatch(line)
    if match is None or not _known(match[1]):
        return None
    return Constraint(key=match[1], value=match[3], equal=match[2] == "==")


def constraint(node: Node, at: At) -> Node | None:
    """Check a constraint."""
    line = text(node, at)
    if not isinstance(line, Scalar):
        return None
    match = _FORM.fullmatch(line.text)
    if match is None:
        words = f'"{line.text[:80]}" is no constraint'
        at.fault("bad-constraint", node.mark, words, "write node.labels.NAME==VALUE")
        return None
    return line if _fitting(match[1], node, at) else None


def label(node: Node, at: At) -> Node | None:
    """Check the key that a spread preference names."""
    line = text(node, at)
    if not isinstance(line, Scalar) or not _fitting(line.text, node, at):
        return None
    return line


def _fitting(key: str, node: Node, at: At) -> bool:
    if _known(key):
        return True
    if key == "node.role":
        unsupported(node, at, "node.role is not done", _ROLE)
        return False
    words = f'"{key[:80]}" names nothing about a host'
    known = (*_KEYS, *(f"{label}NAME" for label in _LABELS))
    at.fault("bad-constraint", node.mark, words, at.near(key, known) or f"use {', '.join(known)}")
    return False


def _known(key: str) -> bool:
    return key in _KEYS or any(key.startswith(w) and len(key) > len(w) for w in _LABELS)
