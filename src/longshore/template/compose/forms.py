"""Long forms of what Compose lets one write in two ways: pairs, commands, paths, grants."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from longshore.template.findings import At
from longshore.template.nodes import Map, Mark, Node, Scalar, Seq, kind_of, mapping, nothing, scalar
from longshore.template.schema import Check, listed, optional, text, wrong_type

_OURS = "io.longshore."


def environment(node: Node, at: At) -> Node | None:
    """`NAME: value` or `- NAME=value`; without a value it is the client's own."""
    return _pairs(node, at)


def labels(node: Node, at: At) -> Node | None:
    """`name: value` or `- name=value`; a label without a value is empty."""
    pairs = _pairs(node, at)
    if pairs is None:
        return None
    for name in pairs.items:
        if name.startswith(_OURS):
            words = f'labels that begin with "{_OURS}" are set by Longshore'
            at.key(name).fault("reserved-label", pairs.at(name), words, "choose another name")
    items: dict[str, Node] = {
        k: scalar("", v.mark) if isinstance(v, Scalar) and v.data is None else v
        for k, v in pairs.items.items()
    }
    return Map(items, pairs.marks, pairs.mark)


def command(node: Node, at: At) -> Node | None:
    """A list of words, or one line split as a shell would."""
    if isinstance(node, Scalar) and node.data is None:
        return node
    if isinstance(node, Seq):
        return listed(text)(node, at)
    line = text(node, at)
    if not isinstance(line, Scalar):
        return None
    try:
        words = shlex.split(line.text)
    except ValueError as error:
        hint = "close the quotation, or write a list of words"
        at.fault("bad-value", node.mark, f"this cannot be split into words: {error}", hint)
        return None
    return Seq(tuple(scalar(w, node.mark) for w in words), node.mark)


def probe(node: Node, at: At) -> Node | None:
    """A health check's test: a line for the shell, or a list led by NONE, CMD or CMD-SHELL."""
    if not isinstance(node, Seq):
        line = text(node, at)
        shell = scalar("CMD-SHELL", node.mark)
        return None if line is None else Seq((shell, line), node.mark)
    kept = listed(text)(node, at)
    if not isinstance(kept, Seq) or not kept.items:
        return kept
    first = kept.items[0]
    if isinstance(first, Scalar) and first.text not in {"NONE", "CMD", "CMD-SHELL"}:
        hint = f'write ["CMD", "{first.text[:40]}", …]'
        at.item(0).fault("bad-value", first.mark, "a test begins with NONE, CMD or CMD-SHELL", hint)
        return None
    return kept


def env_files(check: Check) -> Check:
    """One path or several, each alone or with `required` and `format`, the way `check` says."""

    def one(node: Node, at: At) -> Node | None:
        if isinstance(node, Map):
            return check(node, at)
        path = text(node, at)
        return None if path is None else mapping({"path": path}, node.mark)

    return listed(one, single=True)


def attachments(check: Check) -> Check:
    """The networks of a service: a list of names, or a mapping with aliases."""
    return _names(optional(check), nothing)


def dependencies(check: Check) -> Check:
    """`depends_on`: a list of names, each to have started; or a mapping with conditions."""

    def started(mark: Mark) -> Node:
        return mapping({"condition": scalar("service_started", mark)}, mark)

    return _names(check, started)


def grants(check: Check) -> Check:
    """The secrets or configs of a service: names, or mappings with `source` and `target`."""

    def one(node: Node, at: At) -> Node | None:
        if isinstance(node, Map):
            return check(node, at)
        name = text(node, at)
        return None if name is None else mapping({"source": name}, node.mark)

    return listed(one)


def build(check: Check) -> Check:
    """A path alone is the context."""

    def one(node: Node, at: At) -> Node | None:
        if isinstance(node, Map):
            return check(node, at)
        context = text(node, at)
        return None if context is None else check(mapping({"context": context}, node.mark), at)

    return one


def external(node: Node, at: At) -> Node | None:
    """True, false, or the old `{name: …}`, which says true."""
    if isinstance(node, Map):
        hint = "write external: true, and name: beside it"
        at.fault("unsupported-value", node.mark, "a name within external is the old form", hint)
        return None
    if isinstance(node, Scalar) and isinstance(node.data, bool):
        return node
    if isinstance(node, Scalar) and node.text.lower() in {"true", "false"}:
        return scalar(node.text.lower() == "true", node.mark)
    wrong_type(node, at, "true or false")
    return None


_OCTAL = re.compile(r"0?o?([0-7]{1,4})")


def mode(node: Node, at: At) -> Node | None:
    """File permissions, octal when quoted or led by a zero, as `0440`."""
    if isinstance(node, Scalar) and isinstance(node.data, int) and not isinstance(node.data, bool):
        value: int | None = node.data
    else:
        match = _OCTAL.fullmatch(node.text) if isinstance(node, Scalar) else None
        value = int(match[1], 8) if match else None
    if value is not None and 0 <= value <= 0o7777:
        return scalar(f"0{value:o}", node.mark)
    at.fault("bad-value", node.mark, "these are no file permissions", 'write mode: "0440"')
    return None


def _names(check: Check, plain: Callable[[Mark], Node]) -> Check:
    """A list of names, each standing for `plain(mark)`; or a mapping of names to `check`."""

    def names(node: Node, at: At) -> Node | None:
        items: dict[str, Node] = {}
        marks: dict[str, Mark] = {}
        if isinstance(node, Seq):
            for i, item in enumerate(node.items):
                name = text(item, at.item(i))
                if isinstance(name, Scalar):
                    items[name.text] = plain(item.mark)
                    marks[name.text] = item.mark
            return Map(items, marks, node.mark)
        if not isinstance(node, Map):
            wrong_type(node, at, "a list of names, or a mapping")
            return None
        for key, value in node.items.items():
            kept = check(value, at.key(key))
            if kept is not None:
                items[key] = kept
        return Map(items, node.marks, node.mark)

    return names


def _pairs(node: Node, at: At) -> Map | None:
    if isinstance(node, Map):
        kept = {k: _pair_value(v, at.key(k)) for k, v in node.items.items()}
        items = {k: v for k, v in kept.items() if v is not None}
        marks = node.marks
    elif isinstance(node, Seq):
        items, marks = _listed_pairs(node, at)
    elif node.data is None:
        items, marks = {}, {}
    else:
        wrong_type(node, at, "a mapping, or a list of NAME=value")
        return None
    return Map({k: v for k, v in items.items() if _named(k, marks[k], at)}, marks, node.mark)


def _listed_pairs(node: Seq, at: At) -> tuple[dict[str, Node], dict[str, Mark]]:
    items: dict[str, Node] = {}
    marks: dict[str, Mark] = {}
    for i, item in enumerate(node.items):
        line = text(item, at.item(i))
        if not isinstance(line, Scalar):
            continue
        name, equals, value = line.text.partition("=")
        items[name] = scalar(value if equals else None, item.mark)
        marks[name] = item.mark
    return items, marks


def _named(name: str, mark: Mark, at: At) -> bool:
    if name and name == name.strip():
        return True
    words = f'"{name[:60]}" cannot be a name: it is empty, or begins or ends with a space'
    at.fault("bad-value", mark, words, "write NAME=value")
    return False


def _pair_value(node: Node, at: At) -> Node | None:
    """Numbers and truths are kept as they were written: `1.10` stays `1.10`."""
    if not isinstance(node, Scalar):
        at.fault("wrong-type", node.mark, f"expected a string, got {kind_of(node)}")
        return None
    return node if node.data is None else Scalar(node.text, node.text, node.mark)
