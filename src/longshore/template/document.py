"""Text to nodes: YAML read event by event, every value with its place.

The parser's own composer is not used: it takes duplicate keys in silence, guesses types by YAML
1.1, and follows nesting with the C stack until that ends. Here depth, size and what aliases expand
to are bounded while reading; the weight of an anchored value counts again at every alias. What
dialects take differently (the meaning of plain words, keys that stand twice, size) is a `Manner`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

import msgspec
import yaml

from longshore.template.findings import MOST_FAULTS, MOST_WORK, At, Findings
from longshore.template.nodes import Data, Layout, Map, Mark, Node, Scalar, Seq, keyed, kind_of
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

Resolve = Callable[[str], Data]


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How a dialect wants its YAML read.

    Attributes:
        resolve: the meaning of a plain scalar.
        lenient: the last of two equal keys counts, and the doubling is only a warning; a key may be
            anything that is not a collection; and only what aliases repeat counts as work, since
            such a text may be large by itself.
        most_text: characters that one file may have.
        most_work: characters that it may grow to, a weight for each value included.
        tags: tags of the dialect's own; the nodes that bear them say so.
        prepares: changes a text, keeping every line where it is, before it is read.
    """

    resolve: Resolve = resolve_core
    lenient: bool = False
    most_text: int = MOST_TEXT
    most_work: int = MOST_WORK
    tags: tuple[str, ...] = ()
    prepares: Callable[[str], str] | None = None


STRICT = Manner(tags=("!reset", "!override"))
"""As Compose is read."""


_NO_KEY: Data = "no key"
"""The meaning of what cannot be a key, told apart by being this very text."""

_TEXTS = (f"{_CORE}timestamp", f"{_CORE}binary")
"""Tags of scalars that a lenient reader takes for text."""

_Key = tuple[str, Data, int, int, bool]
"""A key that waits for its value: its text, what it means, line, column, whether it is plain."""


class _Frame:
    """A collection that is not closed yet. A mapping waits for a key, then for that key's value."""

    __slots__ = (
        *("anchor", "is_map", "items", "key", "merged"),
        *("pairs", "place", "places", "tag", "typed", "weight"),
    )

    def __init__(self, place: Mark, anchor: str | None, *, is_map: bool, tag: str = "") -> None:
        self.place = place
        self.anchor = anchor
        self.is_map = is_map
        self.tag = tag
        self.weight = _NODE_WEIGHT
        self.items: list[Node] = []
        self.pairs: dict[str, Node] = {}
        self.places: list[str | int] = []
        self.key: _Key | None = None
        self.merged: list[Map] = []
        self.typed: dict[str, Data] | None = None


class _Unreadable(Exception):
    """The text cannot be read on from here; the fault is written down."""


def parse(text: str, file: str, findings: Findings, manner: Manner = STRICT) -> list[Node]:
    """All documents of a text. Faults go to `findings`; what cannot be read is left out.

    Args:
        text: the whole file.
        file: its name, for marks.
        findings: where faults are written; also bounds what aliases may expand to.
        manner: how the dialect wants it read.
    """
    at = At(findings)
    text = text.removeprefix("\ufeff")
    if not _acceptable(text, file, at, manner.most_text):
        return []
    if manner.prepares is not None:
        text = manner.prepares(text)
    reader = _Reader(text, file, at, manner)
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


def _acceptable(text: str, file: str, at: At, most: int) -> bool:
    if len(text) > most:
        words = f"the file has {len(text):,} characters; a template may have {most:,}"
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
    """Builds nodes from events, with a stack of its own instead of the machine's.

    Nearly all the time of a large file goes by in `documents` and `_scalar`: there a few words are
    saved on purpose.
    """

    def __init__(self, text: str, file: str, at: At, manner: Manner) -> None:
        self._loader = yaml.CSafeLoader(text)
        self._file = file
        self._at = at
        self._manner = manner
        self._resolve = manner.resolve
        # Words, numbers and layouts that come again and again are kept once.
        self._plain: dict[str, tuple[str, Data]] = {}
        self._layouts: dict[Layout, Layout] = {}
        self._line = 0
        self._repeated = 0
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._aliased = 0

    def documents(self) -> list[Node]:
        found: list[Node] = []
        takes: dict[type, Callable[..., None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
        }
        next_event = self._loader.get_event
        while True:
            event = next_event()
            take = takes.get(type(event))
            if take is not None:
                take(event)
            elif event is None or isinstance(event, yaml.StreamEndEvent):
                return found
            elif isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                self._stack = [_Frame(self._mark(event), None, is_map=False)]
            elif isinstance(event, yaml.DocumentEndEvent):
                self._at.findings.spend(self._aliased if self._manner.lenient else self._stack[0].weight)
                found.extend(self._stack[0].items)

    def _mark(self, event: yaml.Event) -> Mark:
        place = event.start_mark
        assert place is not None
        line = place.line + 1
        if line != self._line:
            self._line = line
        return Mark(self._file, self._line, place.column + 1)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        text: str = event.value
        plain = not event.style
        tag = event.tag
        data: Data = text
        own = ""
        if tag is None:
            if plain:
                known = self._plain.get(text)
                if known is None:
                    known = self._new_word(text, event)
                text, data = known
            frame = self._stack[-1]
            if frame.is_map and frame.key is None and event.anchor is None:
                # Half of all scalars are keys: of these nothing is kept but the text and the place.
                place = event.start_mark
                if place.line + 1 != self._line:  # type: ignore[union-attr]
                    self._line = place.line + 1  # type: ignore[union-attr]
                frame.key = (text, data, self._line, place.column + 1, plain)  # type: ignore[union-attr]
                frame.weight += _NODE_WEIGHT + len(text)
                return
        mark = self._mark(event)
        if tag is None:
            pass
        elif tag == f"{_CORE}str" or (self._manner.lenient and tag in _TEXTS):
            plain = False
        elif tag != "!":
            own = self._check_tag(tag, mark, ("int", "float", "bool", "null"))
            data = self._resolve(text) if plain or not own else text
            if self._manner.lenient and isinstance(data, str) and not tag.endswith(":null"):
                self._at.fault("bad-value", mark, f'"{text}" is not what its tag says', "remove the tag")
        self._add(Scalar(text, data, mark, plain, own), _NODE_WEIGHT + len(text), event.anchor)

    def _new_word(self, text: str, event: yaml.ScalarEvent) -> tuple[str, Data]:
        if text == "=" and self._manner.lenient:
            # In YAML 1.1 it asks for a default value, which no program gives.
            words = "an equals sign alone means something else in YAML 1.1"
            self._at.fault("bad-value", self._mark(event), words, 'write "=", in quotes')
        known = self._plain[text] = (text, self._resolve(text))
        return known

    def _alias(self, event: yaml.AliasEvent) -> None:
        mark = self._mark(event)
        if event.anchor not in self._anchors:
            self._stop("yaml-syntax", mark, f'there is no anchor "&{event.anchor}" before this')
        known = self._anchors[event.anchor]
        if known is None:
            self._stop("yaml-syntax", mark, f'"*{event.anchor}" stands within itself')
        self._aliased += known[1]
        if self._aliased > MOST_WORK:
            self._too_much(mark)
        self._add(*known, None)

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        mark = self._mark(event)
        is_map = isinstance(event, yaml.MappingStartEvent)
        if len(self._stack) > MOST_DEPTH:
            self._stop("too-deep", mark, f"values are nested deeper than {MOST_DEPTH}")
        own = ""
        if event.tag not in (None, "!"):
            fitting = ("map", "set") if is_map else ("seq", "omap", "pairs")
            own = self._check_tag(event.tag, mark, fitting if self._manner.lenient else fitting[:1])
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame(mark, event.anchor, is_map=is_map, tag=own))

    def _close(self, _event: yaml.Event) -> None:
        frame = self._stack.pop()
        node = self._map(frame) if frame.is_map else Seq(tuple(frame.items), frame.place, frame.tag)
        self._add(node, frame.weight, frame.anchor)

    def _add(self, node: Node, weight: int, anchor: str | None) -> None:
        frame = self._stack[-1]
        frame.weight += weight
        # Only aliases, or a text of next to nothing but brackets, can bring it this far.
        if frame.weight > self._manner.most_work:
            self._too_much(frame.place)
        if anchor:
            self._anchors[anchor] = (node, weight)
        if not frame.is_map:
            frame.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node)
        else:
            self._pair(frame, frame.key, node)
            frame.key = None

    def _key(self, node: Node) -> _Key:
        mark = node.mark
        if isinstance(node, Scalar):
            return (node.text, node.data, mark.line, mark.column, node.plain)
        self._bad_key(mark, kind_of(node))
        return ("", _NO_KEY, mark.line, mark.column, False)

    def _pair(self, frame: _Frame, key: _Key, value: Node) -> None:
        name, data, line, column, plain = key
        if data is not name:
            if data is _NO_KEY:
                return
            if data is None and not self._manner.lenient:
                self._bad_key(Mark(self._file, line, column), "nothing")
                return
            if frame.typed is None:
                frame.typed = {}
            frame.typed[name] = data
        if name == "<<" and plain:
            frame.merged.extend(self._merged(value, Mark(self._file, line, column)))
            return
        if name in frame.pairs:
            first = self._first(frame, name)
            if self._last_counts(name, Mark(self._file, line, column), first):
                frame.pairs[name] = value
            return
        frame.pairs[name] = value
        frame.places += (name, line - frame.place.line, column)

    def _bad_key(self, mark: Mark, kind: str) -> None:
        self._at.fault("bad-key", mark, f"a key has to be a word, this is {kind}")

    def _first(self, frame: _Frame, name: str) -> int:
        """The line of a key that stands twice; looking for it is slow, so not for what nobody is told."""
        if self._at.findings.full or self._repeated > MOST_FAULTS:
            return 0
        self._repeated += 1
        return frame.place.line + int(frame.places[frame.places.index(name) + 1])

    def _last_counts(self, name: str, mark: Mark, first: int) -> bool:
        """Whether the later of two equal keys is taken; either way it is said."""
        words = f'the key "{name}" stands here twice, first in line {first}'
        if self._manner.lenient:
            self._at.warn("duplicate-key", mark, f"{words}; the last one counts", "keep one of the two")
            return True
        self._at.fault("duplicate-key", mark, words, "keep one of the two")
        return False

    def _map(self, frame: _Frame) -> Map:
        items, places = frame.pairs, frame.places
        for other in frame.merged:
            for (name, value), place in zip(other.items.items(), other.marks.values(), strict=True):
                if name not in items:
                    items[name] = value
                    places += (name, place.line - frame.place.line, place.column)
        found = keyed(places, frame.place)
        if isinstance(found, tuple):
            found = self._layouts.setdefault(found, found)
        return Map(items, found, frame.place, frame.typed, frame.tag)

    def _too_much(self, mark: Mark) -> NoReturn:
        self._stop("too-large", mark, "this expands to more than a reading allows", "use fewer aliases")

    def _merged(self, value: Node, mark: Mark) -> list[Map]:
        found = value.items if isinstance(value, Seq) else (value,)
        for node in found:
            if not isinstance(node, Map):
                words = f'"<<" takes a mapping or a list of mappings, this is {kind_of(node)}'
                self._at.fault("bad-merge", mark, words)
        return [node for node in found if isinstance(node, Map)]

    def _check_tag(self, tag: str, mark: Mark, fitting: tuple[str, ...]) -> str:
        """The tag, where it is one of the dialect's own; faults where it means nothing here."""
        if tag in self._manner.tags:
            return tag
        if tag.removeprefix(_CORE) in fitting:
            return ""
        shown = tag.replace(_CORE, "!!")
        words = f'the tag "{shown}" is not supported here'
        self._at.fault("unsupported-tag", mark, words, "remove the tag")
        return ""

    def _stop(self, code: str, mark: Mark, message: str, hint: str = "") -> NoReturn:
        self._at.fault(code, mark, message, hint)
        raise _Unreadable
