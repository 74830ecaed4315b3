"""The way in: sources to a reading."""

from __future__ import annotations

from longshore.model.template import Needs, Reading, Sources
from longshore.template import document
from longshore.template.dialects import DIALECTS, Dialect, dialect_of, guess
from longshore.template.document import STRICT, Manner
from longshore.template.findings import At, Findings, TooMuch
from longshore.template.nodes import Map, Mark, is_nothing, kind_of
from longshore.template.parameter_files import with_values

_NOWHERE = Mark("", 0, 0)

_BEGINNING = "a Compose file has services: at the top, a Heat template heat_template_version:"


def read(sources: Sources) -> Reading:
    """Read templates, as far as what was sent allows.

    The caller sends what a reading needs and reads again, until there is a graph or there are
    faults; each needs names only what was not sent before, so this ends. Never raises for
    whatever the texts hold.

    Args:
        sources: the templates' paths and what the client has sent so far.

    Returns:
        Needs, or all faults by file and line, or the graph with its contents.
    """
    findings = Findings()
    try:
        return _read(sources, findings)
    except TooMuch:
        file = sources.templates[0] if sources.templates else ""
        words = "with its variables, aliases and ranges this grows larger than a reading allows"
        at = At(findings)
        at.fault("too-large", Mark(file, 1, 1), words, "split it, or use less of them")
        return _failed(sources.dialect, findings)


def _read(sources: Sources, findings: Findings) -> Reading:
    given = (*sources.templates, *sources.parameter_files)
    missing = tuple(dict.fromkeys(path for path in given if path not in sources.files))
    if missing:
        return Reading(dialect=sources.dialect, needs=Needs(files=missing))
    at = At(findings)
    sources = with_values(sources, at)
    # Without a value that was meant to be given, what follows would only repeat that it is missing.
    if not findings.clean:
        return _failed(sources.dialect, findings)
    if not sources.templates:
        at.fault("missing-file", _NOWHERE, "no template was given", "name one: compose.yaml")
    guessed = [guess(text or "", sources.dialect) for text in map(sources.files.get, sources.templates)]
    layers = _parsed(sources, guessed, at)
    # A text that could not be parsed to its end cannot be asked what it needs.
    if not layers or any(f.code in _UNREADABLE for f in findings.faults()):
        return _failed(sources.dialect, findings)
    dialect = _dialect(sources, layers, at)
    if dialect is None or dialect.reads is None:
        return _failed(dialect.name if dialect else sources.dialect, findings)
    if any(d is not None and d is not dialect for d in guessed):
        # It only looked like another language, and was read in the manner of that.
        again = Findings()
        layers = _parsed(sources, [dialect] * len(guessed), At(again))
        return dialect.reads(sources, layers, again)
    return dialect.reads(sources, layers, findings)


def _parsed(sources: Sources, dialects: list[Dialect | None], at: At) -> list[Map]:
    """All files, each in the manner of its dialect."""
    layers: list[Map] = []
    for path, dialect in zip(sources.templates, dialects, strict=True):
        text = sources.files[path]
        manner = dialect.manner(text) if dialect is not None and text is not None else STRICT
        layers.extend(_layers(path, text, at, manner))
    return layers


_UNREADABLE = {"yaml-syntax", "bad-character", "too-large", "too-deep", "missing-file"}


def _layers(path: str, text: str | None, at: At, manner: Manner) -> list[Map]:
    """The documents of one file that are mappings; what else there is, is a fault."""
    if text is None:
        at.fault("missing-file", Mark(path, 0, 0), f'there is no file "{path}"', "mend the path")
        return []
    before = len(at.findings.faults())
    documents = document.parse(text, path, at.findings, manner)
    full = [node for node in documents if not is_nothing(node)]
    if not full and len(at.findings.faults()) == before:
        hint = _BEGINNING
        at.fault("empty-template", Mark(path, 1, 1), "there is nothing in this file", hint)
    for node in full:
        if not isinstance(node, Map):
            words = f"expected a mapping at the top, got {kind_of(node)}"
            at.fault("wrong-type", node.mark, words, _BEGINNING)
    return [node for node in full if isinstance(node, Map)]


def _dialect(sources: Sources, layers: list[Map], at: At) -> Dialect | None:
    known = {d.name: d for d in DIALECTS}
    if sources.dialect:
        found = known.get(sources.dialect)
        if found is None:
            words = f'there is no dialect "{sources.dialect}"'
            hint = at.near(sources.dialect, known) or f"one of {', '.join(known)}"
            at.fault("unknown-dialect", _NOWHERE, words, hint)
            return None
    else:
        found = next((d for layer in layers if (d := dialect_of(layer, at))), None)
    first = layers[0]
    mark = next(iter(first.marks.values()), first.mark)
    if found is None:
        words = "this is in no language that Longshore knows"
        hint = _BEGINNING
        at.fault("unknown-dialect", mark, words, hint)
    elif found.reads is None:
        words = f"{found.title} come in a later version"
        at.fault("dialect-not-yet", mark, words, "write it as a Compose file for now")
    return found


def _failed(dialect: str, findings: Findings) -> Reading:
    return Reading(dialect=dialect, faults=findings.faults(), warnings=findings.warnings())
