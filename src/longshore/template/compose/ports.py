"""Published ports: `8080:80`, `127.0.0.1:53:53/udp`, `8000-8002:80-82`, and their long form."""

from __future__ import annotations

import ipaddress
import re

from longshore.template.findings import At
from longshore.template.nodes import Map, Node, Scalar, Seq, is_nothing, mapping, scalar, string_of
from longshore.template.schema import Check, listed, text, whole, word, wrong_type

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
    if not isinstance(port, Map):
        return ""
    host = string_of(port.get("host_ip"), "0.0.0.0")  # noqa: S104 - compared, never bound
    return (host, *(string_of(port.get(way)) for way in ("published", "target", "protocol")))


def exposed(node: Node, at: At) -> Node | None:
    """`expose`: ports, ranges, with a protocol if need be; each once."""

    def one(item: Node, here: At) -> Node | None:
        kept = word(item, here)
        if not isinstance(kept, Scalar):
            return None
        match = _EXPOSED.fullmatch(kept.text)
        if not match or not _range(match["ports"]):
            words = f'"{kept.text[:40]}" is no port'
            here.refuse("bad-value", item.mark, words, 'write "3000" or "3000-3005"')
        elif match["protocol"]:
            _known(match["protocol"], item, here)
        return kept

    kept = listed(one)(node, at)
    if not isinstance(kept, Seq):
        return None
    return Seq(tuple({string_of(item): item for item in kept.items}.values()), kept.mark)


def target(node: Node, at: At) -> Node | None:
    """`target` of the long form: a port of the container."""
    kept = whole(0)(node, at)
    if isinstance(kept, Scalar) and isinstance(kept.data, int) and not 0 < kept.data <= _HIGHEST:
        at.refuse("bad-value", node.mark, f"{kept.data} is not between 1 and {_HIGHEST}", "write 80")
    return kept


def published(node: Node, at: At) -> Node | None:
    """`published` of the long form: a port, as text or number."""
    kept = word(node, at)
    if not isinstance(kept, Scalar) or not kept.text:
        return kept
    bounds = _range(kept.text, low=0)
    if bounds is None:
        at.refuse("bad-value", node.mark, f'"{kept.text[:40]}" is no port', "write 8080")
    elif bounds[0] != bounds[1]:
        _any_of_a_range(node, at)
    return kept


def host_ip(node: Node, at: At) -> Node | None:
    """An address of the host."""
    kept = text(node, at)
    if not isinstance(kept, Scalar) or _is_address(kept.text):
        return kept
    at.fault("bad-value", node.mark, f'"{kept.text[:60]}" is no IP address', "write 127.0.0.1 or ::1")
    return None


def protocol(node: Node, at: At) -> Node | None:
    """`tcp` or `udp`; what else the language lets one write is not done."""
    kept = text(node, at)
    if isinstance(kept, Scalar):
        _known(kept.text, node, at)
    return kept


def _long(node: Map, check: Check, at: At) -> list[Node]:
    kept = check(node, at)
    if not isinstance(kept, Map):
        return []
    if is_nothing(kept.get("target")):
        if "target" not in node.items:
            at.fault("missing-key", node.mark, '"target" has to be given', "add target: 80")
        return []
    defaults: dict[str, Node] = {
        "mode": scalar("ingress", node.mark),
        "protocol": scalar("tcp", node.mark),
    }
    return [Map({**defaults, **kept.items}, kept.keyed, node.mark)]


def _short(node: Node, at: At) -> list[Node]:
    if not isinstance(node, Scalar) or node.data is None or isinstance(node.data, bool):
        wrong_type(node, at, "a port")
        return []
    # A number keeps the text it was written with: 0x50 is no port, and 22:22 none of base sixty.
    said = str(node.data) if isinstance(node.data, int) else node.text
    ip, host, container = _sections(said)
    container, _, proto = container.partition("/")
    proto = proto.lower() or "tcp"
    targets = _range(container, low=0)
    found = _range(host, low=0) if host else None
    if not targets or (host and not found) or (ip and not _is_address(ip.strip("[]"))):
        at.fault("bad-value", node.mark, f'"{node.text[:60]}" is no port', _FORM)
        return []
    if not _short_protocol(proto, node, at):
        return []
    if found and found[1] - found[0] != targets[1] - targets[0] and targets[0] != targets[1]:
        at.fault("bad-value", node.mark, f'the ranges in "{node.text}" differ in length', _FORM)
        return []
    if targets[0] == 0:
        at.key("target").refuse("bad-value", node.mark, "0 is no port of a container", "write 80")
    at.findings.spend(_PORT_WEIGHT * (targets[1] - targets[0] + 1))
    ip = ip.strip("[]")
    if targets[0] == targets[1]:
        hosts = "" if found is None else str(found[0])
        if found is not None and found[0] != found[1]:
            _any_of_a_range(node, at)
            hosts = f"{found[0]}-{found[1]}"
        return [_port(node, targets[0], hosts, proto, ip)]
    span = range(targets[1] - targets[0] + 1)
    return [_port(node, targets[0] + i, str(found[0] + i) if found else "", proto, ip) for i in span]


def _sections(spec: str) -> tuple[str, str, str]:
    """The address, the host's port and the container's, of which the first two may be empty."""
    parts = spec.split(":")
    if len(parts) < 3:
        return "", "".join(parts[:-1]), parts[-1]
    return ":".join(parts[:-2]), parts[-2], parts[-1]


def _port(node: Scalar, target: int, host: str, proto: str, ip: str) -> Node:
    items: dict[str, Node] = {"mode": scalar("ingress", node.mark)}
    if ip:
        items["host_ip"] = scalar(ip, node.mark)
    items["target"] = scalar(target, node.mark)
    if host:
        items["published"] = scalar(host, node.mark)
    items["protocol"] = scalar(proto, node.mark)
    return mapping(items, node.mark)


def _any_of_a_range(node: Node, at: At) -> None:
    words = "one of a range of host ports, whichever is free, is not done yet"
    at.refuse("unsupported-value", node.mark, words, "name one port, or none for any free one")


def _short_protocol(word: str, node: Node, at: At) -> bool:
    if word in {"tcp", "udp", "sctp"}:
        _known(word, node, at)
        return True
    at.fault("bad-value", node.mark, f'the protocol "{word[:40]}" is not known here', "write tcp or udp")
    return False


def _known(word: str, node: Node, at: At) -> None:
    if word not in {"tcp", "udp"}:
        code = "unsupported-value" if word == "sctp" else "bad-value"
        at.refuse(code, node.mark, f'the protocol "{word[:40]}" is not done', "write tcp or udp")


def _is_address(said: str) -> bool:
    try:
        ipaddress.ip_address(said)
    except ValueError:
        return False
    return "%" not in said


def _range(said: str, low: int = 1) -> tuple[int, int] | None:
    first, dash, last = said.partition("-")
    # More than five digits are no port, and endless ones would be slow to read.
    if len(said) > 11 or not first.isdecimal() or (dash and not last.isdecimal()):
        return None
    start, end = int(first), int(last or first)
    return (start, end) if low <= start <= end <= _HIGHEST else None
