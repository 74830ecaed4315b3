"""Long forms of what Compose lets one write in two ways: pairs, paths, names, grants."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from longshore.template.findings import At
from longshore.template.nodes import Map, Mark, Node, Scalar, Seq, kind_of, mapping, nothing, remade, scalar
from longshore.template.quantity import number_text
from longshore.template.schema import Check, listed, optional, text, wrong_type

_OURS = "io.longshore."


def environment(node: Node, at: At) -> Node | None:
    """`NAME: value` or `- NAME=value`; without a value it is the client's own."""
    if isinstance(node, Seq):
        for i, item in enumerate(node.items):
            name = item.text.partition("=")[0] if isinstance(item, Scalar) else ""
            if name and name[-1].isspace():
                words = f'the variable "{name[:60]}" ends with a space'
                at.item(i).fault("bad-value", item.mark, words, "write NAME=value")
    return pairs(node, at)


def labels(node: Node, at: At) -> Node | None:
    """`name: value` or `- name=value`; a label without a value is empty."""
    found = filled(node, at)
    if isinstance(found, Map):
        for name in found.items:
            if name.startswith(_OURS):
                words = f'labels that begin with "{_OURS}" are set by Longshore'
                at.key(name).refuse("reserved-label", found.at(name), words, "choose another name")
    return found


def filled(node: Node, at: At) -> Node | None:
    """Pairs in either form, where one without a value is empty."""
    found = pairs(node, at)
    if found is None:
        return None
    items: dict[str, Node] = {
        k: scalar("", v.mark) if isinstance(v, Scalar) and v.data is None else v
        for k, v in found.items.items()
    }
    return remade(found, items)


def contexts(node: Node, at: At) -> Node | None:
    """Further contexts of a build: pairs that all have a value."""
    if isinstance(node, Seq):
        for i, item in enumerate(node.items):
            if isinstance(item, Scalar) and "=" not in item.text:
                words = f'"{item.text[:60]}" is no pair'
                at.item(i).fault("bad-value", item.mark, words, "write name=path")
    return filled(node, at)


def ssh(node: Node, at: At) -> Node | None:
    """Agents and keys of a build: pairs, or the one word `default`."""
    if isinstance(node, Seq):
        for i, item in enumerate(node.items):
            if isinstance(item, Scalar) and "=" not in item.text and item.text != "default":
                words = f'"{item.text[:60]}" names no key'
                at.item(i).fault("bad-value", item.mark, words, "write default, or name=path")
    return pairs(node, at)


def hosts(node: Node, at: At) -> Node | None:
    """`extra_hosts`: a name with its addresses, as `name=address`, `name:address`, or a mapping."""
    items: dict[str, Node] = {}
    if isinstance(node, Map):
        for name, value in node.items.items():
            kept = listed(text, single=True)(value, at.key(name))
            if isinstance(kept, Seq):
                items[name] = Seq(tuple(_address(item) for item in kept.items), kept.mark)
        return remade(node, items)
    kept_list = listed(text, distinct=True)(node, at)
    if not isinstance(kept_list, Seq):
        return None
    for i, item in enumerate(kept_list.items):
        line = item.text if isinstance(item, Scalar) else ""
        name, found, address = line.partition("=" if "=" in line else ":")
        if not found:
            words = f'"{line[:60]}" has no address'
            at.item(i).fault("bad-value", item.mark, words, "write name=address")
            continue
        known = items.get(name)
        before = known.items if isinstance(known, Seq) else ()
        mark = known.mark if known else item.mark
        items[name] = Seq((*before, _address(scalar(address, item.mark))), mark)
    return mapping(items, node.mark)


def _address(node: Node) -> Node:
    """An address without the brackets of IPv6."""
    found = re.fullmatch(r"\[(.*)\]", node.text) if isinstance(node, Scalar) else None
    return scalar(found[1], node.mark) if found else node


def env_files(check: Check) -> Check:
    """One path or several, each alone or with `required` and `format`, the way `check` says."""

    def one(node: Node, at: At) -> Node | None:
        if isinstance(node, Map):
            return check(node, at)
        path = text(node, at)
        return None if path is None else mapping({"path": path}, node.mark)

    def several(node: Node, at: At) -> Node | None:
        if isinstance(node, Map):
            wrong_type(node, at, "a path, or a list of them", "write - path: …")
            return None
        return listed(one, single=True)(node, at)

    return several


def attachments(check: Check) -> Check:
    """The networks of a service: a list of names, or a mapping with more about each, or nothing more."""
    return _names(optional(check), nothing)


def models(check: Check) -> Check:
    """The models of a service: a list of names, or a mapping with more about each."""
    return _names(check, lambda mark: Map({}, (), mark))


def dependencies(check: Check) -> Check:
    """`depends_on`: a list of names, each to have started; or a mapping with conditions."""

    def started(mark: Mark) -> Node:
        return mapping({"condition": scalar("service_started", mark)}, mark)

    return _names(check, started)


def grants(check: Check) -> Check:
    """The secrets or configs of a service: names, or mappings with `source` and `target`."""
    return listed(alone("source", check))


def alone(key: str, check: Check) -> Check:
    """A mapping, or the value of one of its keys alone."""

    def one(node: Node, at: At) -> Node | None:
        if isinstance(node, Map):
            return check(node, at)
        kept = text(node, at)
        return None if kept is None else check(mapping({key: kept}, node.mark), at)

    return one


_TRUE = {"true", "yes", "y", "on", "1", "t"}
_FALSE = {"false", "no", "n", "off", "0", "f"}


def external(check: Check) -> Check:
    """True, false, or the old `{name: …}`, the way `check` says, which says true.

    The name is moved to where it belongs once all files are joined.
    """

    def either(node: Node, at: At) -> Node | None:
        if isinstance(node, Map):
            if node.get("name") is not None:
                words = "a name within external is the old form"
                at.warn("old-form", node.mark, words, "write name: beside it")
            return check(node, at)
        if isinstance(node, Scalar) and isinstance(node.data, bool):
            return node
        said = node.data.lower() if isinstance(node, Scalar) and isinstance(node.data, str) else ""
        if said in _TRUE | _FALSE:
            return scalar(said in _TRUE, node.mark)
        wrong_type(node, at, "true or false")
        return None

    return either


def owner(node: Node, at: At) -> Node | None:
    """The user or group of a file, by number; names are those of the image, and not looked up."""
    kept = text(node, at)
    if isinstance(kept, Scalar) and not kept.text.isdecimal():
        at.refuse("bad-value", node.mark, f'"{kept.text[:40]}" is no number of a user', 'write "1000"')
        return scalar("0", node.mark)
    return kept


_MOST_MODE = 0o7777


def mode(node: Node, at: At) -> Node | None:
    """File permissions: a number, or text in octal, as `0440`; in the long form, text in octal."""
    value: int | None = None
    if isinstance(node, Scalar) and isinstance(node.data, int | float) and not isinstance(node.data, bool):
        value = int(node.data) if math.isfinite(node.data) else None
    elif isinstance(node, Scalar) and isinstance(node.data, str):
        value = int(node.text, 8) if re.fullmatch(r"[0-7]{1,22}", node.text) else None
    if value is None:
        at.fault("bad-value", node.mark, "these are no file permissions", 'write mode: "0440"')
        return None
    if not 0 <= value <= _MOST_MODE:
        at.refuse("bad-value", node.mark, "no file has such permissions", 'write mode: "0440"')
        return scalar("0444", node.mark)
    return scalar(f"0{value:o}", node.mark)


def _names(check: Check, plain: Callable[[Mark], Node]) -> Check:
    """A list of names, each standing for `plain(mark)`; or a mapping of names to `check`."""

    def names(node: Node, at: At) -> Node | None:
        items: dict[str, Node] = {}
        if isinstance(node, Seq):
            kept_list = listed(text, distinct=True)(node, at)
            for item in kept_list.items if isinstance(kept_list, Seq) else ():
                name = item.text if isinstance(item, Scalar) else ""
                items[name] = plain(item.mark)
            return mapping(items, node.mark)
        if not isinstance(node, Map):
            wrong_type(node, at, "a list of names, or a mapping")
            return None
        for key, value in node.items.items():
            if not _NAME.fullmatch(key):
                words = f'"{key[:80]}" cannot be a name: letters, digits, ".", "_" and "-" can'
                at.key(key).fault("bad-value", node.at(key), words)
                continue
            kept = check(value, at.key(key))
            if kept is not None:
                items[key] = kept
        return remade(node, items)

    return names


_NAME = re.compile(r"[A-Za-z0-9._-]+")


def pairs(node: Node, at: At) -> Map | None:
    """A mapping of names to plain values, or a list of NAME=value; nothing where none is given."""
    if isinstance(node, Map):
        kept = {k: _pair_value(v, at.key(k)) for k, v in node.items.items()}
        if "" in kept:
            at.fault("bad-value", node.at(""), "a name cannot be empty", "write NAME: value")
        return remade(node, {k: v for k, v in kept.items() if v is not None})
    if not isinstance(node, Seq):
        wrong_type(node, at, "a mapping, or a list of NAME=value")
        return None
    items: dict[str, Node] = {}
    for i, item in enumerate(node.items):
        line = text(item, at.item(i))
        if not isinstance(line, Scalar):
            continue
        name, equals, value = line.text.partition("=")
        items[name] = scalar(value if equals else None, item.mark)
    return mapping(items, node.mark)


def _pair_value(node: Node, at: At) -> Node | None:
    """Numbers and truths become text, as Go writes them: `1.10` is the number 1.1."""
    if not isinstance(node, Scalar):
        at.fault("wrong-type", node.mark, f"expected a string, got {kind_of(node)}")
        return None
    if node.data is None or isinstance(node.data, str):
        return node
    said = number_text(node.data)
    if said != node.text and said != node.text.lower():
        hint = f'put it in quotes: "{node.text[:40]}"'
        at.warn("number-read", node.mark, f"{node.text[:40]} is a number, and was read as {said}", hint)
    return Scalar(said, said, node.mark)
