"""One template of Heat's: its text read, its version known, its sections those of that version."""

from __future__ import annotations

import re

import msgspec

from longshore.template import document
from longshore.template.document import Manner
from longshore.template.findings import At
from longshore.template.hot import limits, scalars, versions
from longshore.template.hot.scope import hint
from longshore.template.hot.versions import VERSIONS, Version
from longshore.template.nodes import Map, Mark, Node, Scalar, is_nothing, kind_of

MANNER = Manner(
    resolve=scalars.resolve,
    lenient=True,
    most_text=limits.MOST_TEXT,
    most_work=limits.MOST_WORK,
)
"""YAML as Heat reads it."""

_JSON = msgspec.structs.replace(MANNER, resolve=scalars.resolve_json, prepares=scalars.prepared_json)

KEYS = tuple(dict.fromkeys(version.key for version in VERSIONS))
"""The words that name a version, and by which a template is known."""


_HINT = re.compile(rf"^[\s{{\"']*(?:{'|'.join(KEYS)})[\"']?\s*:|\"(?:{'|'.join(KEYS)})\"\s*:", re.MULTILINE)


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What the sections and the keys of an output are called in a family of versions."""

    parameters: str
    resources: str
    outputs: str
    conditions: str
    mappings: str
    description: str
    value: str
    condition: str


HOT = Words(
    parameters="parameters",
    resources="resources",
    outputs="outputs",
    conditions="conditions",
    mappings="",
    description="description",
    value="value",
    condition="condition",
)
CFN = Words(
    parameters="Parameters",
    resources="Resources",
    outputs="Outputs",
    conditions="Conditions",
    mappings="Mappings",
    description="Description",
    value="Value",
    condition="Condition",
)


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template that can be read on: `place` is its file."""

    root: Map
    version: Version
    place: str

    @property
    def words(self) -> Words:
        """What its sections are called."""
        return CFN if self.version.cfn else HOT

    def section(self, name: str) -> Node | None:
        """A section; None where there is none, or nothing in it."""
        node = self.root.get(name) if name else None
        return None if node is None or is_nothing(node) else node


def hints(text: str) -> bool:
    """Whether a text looks like one of Heat's templates, before it is parsed."""
    return _HINT.search(text) is not None


def manner_of(text: str) -> Manner:
    """How a text is read: as JSON where it is JSON, else as YAML 1.1."""
    return _JSON if scalars.is_json(text) else MANNER


def parse(text: str, place: str, at: At) -> Template | None:
    """The template in a text; None, with faults, where there is none."""
    found = document.parse(text, place, at.findings, manner_of(text))
    if len(found) != 1 or not isinstance(found[0], Map):
        if found or at.findings.clean:
            words = (
                "a template is one mapping"
                if not found
                else f"a template is one mapping, this is {kind_of(found[-1])}"
            )
            at.fault("wrong-type", found[-1].mark if found else Mark(place, 1, 1), words)
        return None
    return opened(found[0], place, at)


def opened(root: Map, place: str, at: At) -> Template | None:
    """The template of a mapping; None, with faults, where its version cannot be known."""
    version = _version(root, at)
    if version is None:
        return None
    template = Template(root=root, version=version, place=place)
    for key in root.items:
        if key not in version.sections:
            words = f'a template of version {version.name} has no section "{key}"'
            at.fault("unknown-section", root.at(key), words, hint(at, key, version.sections))
    return template


def _version(root: Map, at: At) -> Version | None:
    named = {
        key: node for key in KEYS if isinstance(node := root.get(key), Scalar) and isinstance(node.data, str)
    }
    if len(named) > 1:
        second = list(named)[1]
        words = f"a template names one version; this names two: {', '.join(named)}"
        at.fault("conflict", root.at(second), words, "leave one of them out")
        return None
    if not named:
        key = next((key for key in KEYS if key in root.items), "")
        mark = root.place(key) if key else root.mark
        at.fault(
            "unknown-version",
            mark,
            "the version of the template is missing",
            "heat_template_version: 2018-08-31",
        )
        return None
    ((key, node),) = named.items()
    name = str(node.data)
    found = versions.find(key, name)
    if found is None:
        known = versions.names(key)
        words = f'there is no version "{name}" of {key}; there are {", ".join(known)}'
        at.key(key).fault("unknown-version", node.mark, words, hint(at, name, known))
    return found
