"""Mounts: `data:/var/lib`, `./here:/there:ro`, and their long form."""

from __future__ import annotations

import re

from longshore.template import quantity
from longshore.template.findings import At
from longshore.template.nodes import Map, Node, Scalar, Seq, is_nothing, mapping, scalar, string_of
from longshore.template.schema import Check, listed, text, unsupported, wrong_type

_WINDOWS = re.compile(r"[A-Za-z]:(?:[\\/].*)?")
_PROPAGATION = {"shared", "slave", "private", "rshared", "rslave", "rprivate"}
_NO_MATTER = {"cached", "delegated", "consistent"}
_NOT_YET = {"nocopy", "z", "Z", *_PROPAGATION}
_FORM = 'write "name:/path", "./path:/path" or "./path:/path:ro"'


def mounts(check: Check) -> Check:
    """A list of mounts in either form; `check` is the table of the long one."""

    def several(node: Node, at: At) -> Node | None:
        if not isinstance(node, Seq):
            wrong_type(node, at, "a list of volumes")
            return None
        found: list[Node] = []
        for i, item in enumerate(node.items):
            here = at.item(i)
            mount = _long(item, check, here) if isinstance(item, Map) else _short(item, here)
            if mount is not None and _usable(mount, item, here):
                found.append(mount)
        return Seq(tuple(found), node.mark)

    return several


def tmpfs(node: Node, at: At) -> Node | None:
    """`/run`, or `/run:size=64m`, alone or in a list."""

    def one(item: Node, here: At) -> Node | None:
        line = text(item, here)
        if not isinstance(line, Scalar):
            return None
        target, _, options = line.text.partition(":")
        if not target.startswith("/"):
            words = f'"{target[:80]}" is no absolute path within the container'
            here.fault("bad-value", item.mark, words, "write /run, or /run:size=64m")
            return None
        bad = next((o for o in options.split(",") if o and not _tmpfs_option(o)), None)
        if bad is not None:
            words = f'the option "{bad[:40]}" of a tmpfs is not done yet'
            unsupported(item, here, words, "leave it out; size=64m is done")
            return None
        return line

    return listed(one, single=True)(node, at)


def tmpfs_parts(line: str) -> tuple[str, int]:
    """The target and the size in bytes (0: unbounded) of a checked line."""
    target, _, options = line.partition(":")
    sizes = [o.removeprefix("size=") for o in options.split(",") if o.startswith("size=")]
    return target, (quantity.size(sizes[-1]) or 0) if sizes else 0


def _tmpfs_option(option: str) -> bool:
    name, _, value = option.partition("=")
    return option == "rw" or (name == "size" and quantity.size(value) is not None)


def target_of(mount: Node) -> object:
    """What makes two mounts the same: they would lie over each other."""
    return string_of(mount.get("target")).rstrip("/") if isinstance(mount, Map) else ""


def sections(spec: str) -> list[str]:
    """The parts between colons; a single letter before a colon is a Windows drive."""
    parts: list[str] = []
    for part in spec.split(":"):
        after_drive = parts and len(parts[-1]) == 1 and parts[-1].isalpha()
        if after_drive:
            parts[-1] += ":" + part
        else:
            parts.append(part)
    return parts


def is_path(source: str) -> bool:
    """Whether a source is a path on a host, not the name of a volume."""
    return source.startswith((".", "/", "~")) or _WINDOWS.fullmatch(source) is not None


def _long(node: Map, check: Check, at: At) -> Map | None:
    kept = check(node, at)
    if not isinstance(kept, Map) or is_nothing(kept.get("type")) or is_nothing(kept.get("target")):
        return None
    kind = string_of(kept.items["type"])
    for other in sorted({"bind", "volume", "tmpfs"} - {kind} & set(kept.items)):
        words = f'"{other}" says nothing about a mount of type {kind}'
        at.key(other).fault("conflict", kept.at(other), words, "remove it, or change the type")
    if kind == "bind" and not string_of(kept.get("source")):
        at.fault("missing-key", node.mark, "a bind has to have a source", "add source: ./path")
        return None
    return kept


def _short(node: Node, at: At) -> Map | None:
    spec = text(node, at)
    if not isinstance(spec, Scalar):
        return None
    parts = sections(spec.text)
    if not all(parts) or len(parts) > 3:
        at.fault("bad-value", node.mark, f'"{spec.text[:80]}" is no volume', _FORM)
        return None
    source, target = ("", parts[0]) if len(parts) == 1 else (parts[0], parts[1])
    kind = "bind" if source and is_path(source) else "volume"
    items: dict[str, Node] = {"type": scalar(kind, node.mark)}
    if source:
        items["source"] = scalar(source, node.mark)
    items["target"] = scalar(target, node.mark)
    options = parts[2].split(",") if len(parts) == 3 else []
    if any(not _option(option, node, at) for option in options):
        return None
    if "ro" in (o.lower() for o in options):
        items["read_only"] = scalar(data=True, mark=node.mark)
    return mapping(items, node.mark)


def _option(option: str, node: Node, at: At) -> bool:
    if option.lower() in {"ro", "rw"}:
        return True
    if option in _NO_MATTER:
        at.warn("idle-key", node.mark, f'"{option}" changes nothing on Linux', "remove it")
        return True
    if option in _NOT_YET:
        words = f'the option "{option}" is not done yet'
        unsupported(node, at, words, "leave it out; ro and rw are done")
        return False
    at.fault("bad-value", node.mark, f'there is no option "{option[:40]}"', "write ro or rw")
    return False


def _usable(mount: Map, node: Node, at: At) -> bool:
    source, target = string_of(mount.get("source")), string_of(mount.get("target"))
    drive = next((p for p in (source, target) if _WINDOWS.fullmatch(p)), None)
    if drive is not None:
        words = f'"{drive}" is read as a path on Windows, which is not done'
        unsupported(node, at, words, "use a path that begins with / or ./, or a longer name")
        return False
    if not target.startswith("/"):
        words = f'"{target[:80]}" is no absolute path within the container'
        at.fault("bad-value", mount.place("target"), words, f'write "/{target[:40].lstrip("./")}"')
        return False
    return True
