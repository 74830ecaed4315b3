"""The languages a template may be in: one row each.

A row says how its text is known and how it is read. Languages that Longshore knows but does not
read yet are rows too, so that a user is told so rather than of a hundred unknown keys.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from longshore.model.template import Reading, Sources
from longshore.template.compose import project
from longshore.template.document import STRICT, Manner
from longshore.template.findings import At, Findings
from longshore.template.hot import reading as hot
from longshore.template.hot import template as heat
from longshore.template.nodes import Map, Seq

Detects = Callable[[Map, At], bool]
Reads = Callable[[Sources, list[Map], Findings], Reading]


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """One language. `reads` is None where it is for later.

    `manner` is how its YAML is read, which has to be known before the text is; so `hints` guesses
    the language from a look at the text.
    """

    name: str
    title: str
    detects: Detects
    reads: Reads | None = None
    manner: Callable[[str], Manner] = lambda _text: STRICT
    hints: Callable[[str], bool] = lambda _text: False


def _brooklyn(root: Map, _at: At) -> bool:
    listed = isinstance(root.get("services"), Seq)
    return "brooklyn.catalog" in root.items or "camp_version" in root.items or listed


def _cloud_foundry(root: Map, _at: At) -> bool:
    return "applications" in root.items


# In order: what only one language has is looked for first.
DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        name=hot.DIALECT,
        title="OpenStack Heat templates (HOT)",
        detects=hot.detects,
        reads=hot.read,
        manner=heat.manner_of,
        hints=heat.hints,
    ),
    Dialect(name="cloudfoundry", title="Cloud Foundry manifests", detects=_cloud_foundry),
    Dialect(name="brooklyn", title="Brooklyn blueprints", detects=_brooklyn),
    Dialect(
        name=project.DIALECT,
        title="Compose files",
        detects=project.detects,
        reads=project.read,
    ),
)


def guess(text: str, named: str) -> Dialect | None:
    """The language a text seems to be in: the one that was named, or the one it looks like."""
    return next((d for d in DIALECTS if d.name == named or (not named and d.hints(text))), None)


def dialect_of(root: Map, at: At) -> Dialect | None:
    """The language a text is in, if any."""
    return next((d for d in DIALECTS if d.detects(root, at)), None)
