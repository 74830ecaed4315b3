"""Text to nodes: YAML read event by event, every value with its place.

The parser's own composer is not used: it takes duplicate keys in silence, guesses types by YAML
1.1, and follows nesting with the C stack until that ends. Here depth, size and what aliases expand
to are bounded while reading; the weight of an anchored value counts again at every alias.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

import msgspec
import yaml

from longshore.template.findings import MOST_WORK, At, Findings
from longshore.template.nodes import Data, Map, Mark, Node, Scalar, Seq, kind_of
from longshore.template.scalars import resolve as resolve_core

MOST_TEXT = 512 * 1024
"""Characters of one file: Heat's own bound, and many times any Compose file we have met."""

MOST_DEPTH = 60
"""Compose nests ten deep; sixty leaves room for extensions, and for recursion over the nodes."""

_NODE_WEIGHT = 16
"""Characters a node counts for besides its text, so that empty lists cannot be had for nothing."""

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_CORE = "tag:yaml.org,2002:"
_TAG_REMEDY = {
    "!reset": "leave the key out of the earlier file",
    "!override": "leave the key out of the earlier file, or give the whole value there",
}

Resolve = Callable[[str], Data]


class _Frame(msgspec.Struct):
    """A collection that is not closed yet; a mapping's items are key, value, key, value."""

    mark: Mark
    is_map: bool
    anchor: str | None
    items: list[Node] = msgspec.field(default_factory=list)
    weight: int = _NODE_WEIGHT


class _Unreadable(Exception):
    """The text cannot be read on from here; the fault is written down."""


def parse(text: str, file: str, findings: Findings, resolve: Resolve = resolve_core) -> list[Node]:
    """All documents of a text. Faults go to `findings`; what cannot be read is left out.

    Args:
        text: the whole file.
        file: its name, for marks.
        findings: where faults are written; also bounds what aliases may expand to.
        resolve: the meaning of a plain scalar in the dialect.
    """
    at = At(findings)
    text = text.removeprefix("\ufeff")
    if not _acceptable(text, file, at):
        return []
    reader = _Reader(text, file, at, resolve)
    try:
        return reader.documents()
    except _Unreadable:
        return []
    except yaml.MarkedYAMLError as error:
        _syntax_fault(error, text, file, at)
        return []
    except yaml.YAMLError as error:
        at.fault("yaml-syntax", Mark(file, 1, 1), f"this is not YAML: {error}")
        return []


def _acceptable(text: str, file: str, at: At) -> bool:
    if len(text) > MOST_TEXT:
        words = f"the file has {len(text):,} characters; a template may have {MOST_TEXT:,}"
        at.fault("too-large", Mark(file, 1, 1), words, "split it into several files")
        return False
    found = _FORBIDDEN.search(text)
    if found is None:
        return True
    before = _BREAK.split(text[: found.start()])
    mark = Mark(file, len(before), len(before[-1]) + 1)
    words = f"the character U+{ord(found[0]):04X} may not stand in YAML"
    at.fault("bad-character", mark, words, "remove it, or save the file as UTF-8 text")
    return False


def _syntax_fault(error: yaml.MarkedYAMLError, text: str, file: str, at: At) -> None:
    place = error.problem_mark or error.context_mark
    line, column = (place.line, place.column) if place else (0, 0)
    lines = _BREAK.split(text)
    # An error at the end of the text is shown at its last line that says something.
    while line > 0 and (line >= len(lines) or not lines[line].strip()):
        line, column = line - 1, len(lines[line - 1])
    words = error.problem or "this is not YAML"
    context = f" {error.context}" if error.context else ""
    hint = "indent with spaces, never with tabs" if "\t" in lines[line] else ""
    at.fault("yaml-syntax", Mark(file, line + 1, column + 1), f"{words}{context}", hint)


class _Reader:
    """Builds nodes from events, with a stack of its own instead of the machine's."""

    def __init__(self, text: str, file: str, at: At, resolve: Resolve) -> None:
        self._loader = yaml.CSafeLoader(text)
        self._file = file
        self._at = at
        self._resolve = resolve
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int] | None] = {}

    def documents(self) -> list[Node]:
        found: list[Node] = []
        while True:
            event = self._loader.get_event()
            if event is None or isinstance(event, yaml.StreamEndEvent):
                return found
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                self._stack = [_Frame(self._mark(event), is_map=False, anchor=None)]
            elif isinstance(event, yaml.DocumentEndEvent):
                self._at.findings.spend(self._stack[0].weight)
                found.extend(self._stack[0].items)
            elif not isinstance(event, yaml.StreamStartEvent):
                self._take(event)

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case _:
                self._close()

    def _mark(self, event: yaml.Event) -> Mark:
        place = event.start_mark
        assert place is not None
        return Mark(self._file, place.line + 1, place.column + 1)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        mark = self._mark(event)
        plain = event.style in (None, "")
        tag = event.tag
        if tag in (None, "!"):
            data = self._resolve(event.value) if plain and tag is None else event.value
        elif tag == f"{_CORE}str":
            plain, data = False, event.value
        else:
            self._check_tag(tag, mark, ("int", "float", "bool", "null"))
            data = self._resolve(event.value)
        node = Scalar(event.value, data, mark, plain)
        self._add(node, _NODE_WEIGHT + len(event.value), event.anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        mark = self._mark(event)
        if event.anchor not in self._anchors:
            self._stop("yaml-syntax", mark, f'there is no anchor "&{event.anchor}" before this')
        known = self._anchors[event.anchor]
        if known is None:
            self._stop("yaml-syntax", mark, f'"*{event.anchor}" stands within itself')
        self._add(*known, None)

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        mark = self._mark(event)
        is_map = isinstance(event, yaml.MappingStartEvent)
        if len(self._stack) > MOST_DEPTH:
            self._stop("too-deep", mark, f"values are nested deeper than {MOST_DEPTH}")
        if event.tag not in (None, "!"):
            self._check_tag(event.tag, mark, ("map",) if is_map else ("seq",))
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame(mark, is_map, event.anchor))

    def _close(self) -> None:
        frame = self._stack.pop()
        node = self._map(frame) if frame.is_map else Seq(tuple(frame.items), frame.mark)
        self._add(node, frame.weight, frame.anchor)

    def _add(self, node: Node, weight: int, anchor: str | None) -> None:
        frame = self._stack[-1]
        frame.items.append(node)
        frame.weight += weight
        # Only aliases, or a text of next to nothing but brackets, can bring it this far.
        if frame.weight > MOST_WORK:
            words = "this expands to more than a reading allows"
            self._stop("too-large", frame.mark, words, "use fewer aliases")
        if anchor:
            self._anchors[anchor] = (node, weight)

    def _map(self, frame: _Frame) -> Map:
        items: dict[str, Node] = {}
        marks: dict[str, Mark] = {}
        merged: list[Map] = []
        pairs = iter(frame.items)
        for key, value in zip(pairs, pairs, strict=True):
            if not isinstance(key, Scalar) or key.data is None:
                words = f"a key has to be a word, this is {kind_of(key)}"
                self._at.fault("bad-key", key.mark, words)
            elif key.plain and key.text == "<<":
                merged.extend(self._merged(value, key.mark))
            elif key.text in items:
                first = marks[key.text].line
                words = f'the key "{key.text}" stands here twice, first in line {first}'
                self._at.fault("duplicate-key", key.mark, words, "keep one of the two")
            else:
                items[key.text] = value
                marks[key.text] = key.mark
        for other in merged:
            for name, value in other.items.items():
                if name not in items:
                    items[name] = value
                    marks[name] = other.marks[name]
        return Map(items, marks, frame.mark)

    def _merged(self, value: Node, mark: Mark) -> list[Map]:
        found = value.items if isinstance(value, Seq) else (value,)
        for node in found:
            if not isinstance(node, Map):
                words = f'"<<" takes a mapping or a list of mappings, this is {kind_of(node)}'
                self._at.fault("bad-merge", mark, words)
        return [node for node in found if isinstance(node, Map)]

    def _check_tag(self, tag: str, mark: Mark, fitting: tuple[str, ...]) -> None:
        if tag.removeprefix(_CORE) in fitting:
            return
        shown = tag.replace(_CORE, "!!")
        hint = _TAG_REMEDY.get(tag, "remove the tag")
        self._at.fault("unsupported-tag", mark, f'the tag "{shown}" is not supported here', hint)

    def _stop(self, code: str, mark: Mark, message: str, hint: str = "") -> NoReturn:
        self._at.fault(code, mark, message, hint)
        raise _Unreadable
