"""Published ports: `8080:80`, `127.0.0.1:53:53/udp`, `8000-8002:80-82`, and their long form."""

from __future__ import annotations

import re

from longshore.template.findings import At
from longshore.template.nodes import Map, Node, Scalar, Seq, is_nothing, mapping, scalar, string_of
from longshore.template.schema import Check, listed, text, word, wrong_type

_SHORT = re.compile(
    r"(?:(?P<ip>\[[0-9A-Fa-f:.]+\]|\d{1,3}(?:\.\d{1,3}){3}):)?"
    r"(?:(?P<published>\d+(?:-\d+)?)?:)?"
    r"(?P<target>\d+(?:-\d+)?)"
    r"(?:/(?P<protocol>\w+))?"
)
_EXPOSED = re.compile(r"(?P<ports>\d+(?:-\d+)?)(?:/(?P<protocol>\w+))?")
_HIGHEST = 65535
_FORM = 'write "8080:80", "127.0.0.1:8080:80" or "53:53/udp"'
_PORT_WEIGHT = 64
"""Characters one port of a range counts for: ranges make much of little text."""


def ports(check: Check) -> Check:
    """A list of ports in any form; `check` is the table of the long one."""

    def several(node: Node, at: At) -> Node | None:
        if not isinstance(node, Seq):
            wrong_type(node, at, "a list of ports")
            return None
        found: dict[object, Node] = {}
        for i, item in enumerate(node.items):
            here = at.item(i)
            made = _long(item, check, here) if isinstance(item, Map) else _short(item, here)
            for port in made:
                found.setdefault(identity(port), port)
        return Seq(tuple(found.values()), node.mark)

    return several


def identity(port: Node) -> object:
    """What makes two ports the same."""
    assert isinstance(port, Map)
    ways = ("host_ip", "published", "target", "protocol")
    return tuple(string_of(port.get(way)) for way in ways)


def exposed(node: Node, at: At) -> Node | None:
    """`expose`: ports, ranges, with a protocol if need be; each once."""

    def one(item: Node, here: At) -> Node | None:
        kept = word(item, here)
        if not isinstance(kept, Scalar):
            return None
        match = _EXPOSED.fullmatch(kept.text)
        if match and _range(match["ports"]) and _protocol(match["protocol"], item, here):
            return kept
        if not match or not _range(match["ports"]):
            words = f'"{kept.text[:40]}" is no port'
            here.fault("bad-value", item.mark, words, 'write "3000" or "3000-3005"')
        return None

    kept = listed(one)(node, at)
    if not isinstance(kept, Seq):
        return None
    return Seq(tuple({string_of(item): item for item in kept.items}.values()), kept.mark)


def host_port(node: Node, at: At) -> Node | None:
    """`published` of the long form: a port, as text or number."""
    kept = word(node, at)
    if not isinstance(kept, Scalar):
        return None
    bounds = _range(kept.text) if kept.text else None
    if bounds is None:
        at.fault("bad-value", node.mark, f'"{kept.text[:40]}" is no port', "write 8080")
        return None
    if bounds[0] != bounds[1]:
        _any_of_a_range(node, at)
        return None
    return scalar(str(bounds[0]), node.mark)


def protocol(node: Node, at: At) -> Node | None:
    """`tcp` or `udp`."""
    kept = text(node, at)
    if not isinstance(kept, Scalar):
        return None
    return scalar(kept.text.lower(), node.mark) if _protocol(kept.text, node, at) else None


def _long(node: Map, check: Check, at: At) -> list[Node]:
    kept = check(node, at)
    if not isinstance(kept, Map) or is_nothing(kept.get("target")):
        return []
    defaults: dict[str, Node] = {
        "mode": scalar("ingress", node.mark),
        "protocol": scalar("tcp", node.mark),
    }
    return [Map({**defaults, **kept.items}, kept.marks, node.mark)]


def _short(node: Node, at: At) -> list[Node]:
    if not isinstance(node, Scalar) or node.data is None or isinstance(node.data, bool):
        wrong_type(node, at, "a port")
        return []
    match = _SHORT.fullmatch(node.text)
    targets = _range(match["target"]) if match else None
    published = _range(match["published"]) if match and match["published"] else None
    if not match or not targets or (match["published"] and not published):
        at.fault("bad-value", node.mark, f'"{node.text[:60]}" is no port', _FORM)
        return []
    if not _protocol(match["protocol"], node, at):
        return []
    if published and published[1] - published[0] != targets[1] - targets[0]:
        if targets[0] == targets[1]:
            _any_of_a_range(node, at)
        else:
            at.fault("bad-value", node.mark, f'the ranges in "{node.text}" differ in length', _FORM)
        return []
    offset = published[0] - targets[0] if published else None
    at.findings.spend(_PORT_WEIGHT * (targets[1] - targets[0] + 1))
    proto, ip = (match["protocol"] or "tcp").lower(), (match["ip"] or "").strip("[]")
    return [_port(node, t, offset, proto, ip) for t in range(targets[0], targets[1] + 1)]


def _port(node: Scalar, target: int, offset: int | None, proto: str, ip: str) -> Node:
    items: dict[str, Node] = {"mode": scalar("ingress", node.mark)}
    if ip:
        items["host_ip"] = scalar(ip, node.mark)
    items["target"] = scalar(target, node.mark)
    if offset is not None:
        items["published"] = scalar(str(target + offset), node.mark)
    items["protocol"] = scalar(proto, node.mark)
    return mapping(items, node.mark)


def _any_of_a_range(node: Node, at: At) -> None:
    words = "one of a range of host ports, whichever is free, is not done yet"
    at.fault("unsupported-value", node.mark, words, "name one port, or none for any free one")


def _protocol(word: str | None, node: Node, at: At) -> bool:
    if word is None or word.lower() in {"tcp", "udp"}:
        return True
    code = "unsupported-value" if word.lower() == "sctp" else "bad-value"
    at.fault(code, node.mark, f'the protocol "{word}" is not known here', "write tcp or udp")
    return False


def _range(text: str) -> tuple[int, int] | None:
    first, dash, last = text.partition("-")
    # More than five digits are no port, and endless ones would be slow to read.
    if len(text) > 11 or not first.isdigit() or (dash and not last.isdigit()):
        return None
    low, high = int(first), int(last or first)
    return (low, high) if 0 < low <= high <= _HIGHEST else None
