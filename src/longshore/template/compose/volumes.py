"""Mounts: `data:/var/lib`, `./here:/there:ro`, and their long form."""

from __future__ import annotations

import posixpath
import re

from longshore.template import quantity
from longshore.template.findings import At
from longshore.template.nodes import Map, Node, Scalar, Seq, is_nothing, mapping, scalar, string_of
from longshore.template.schema import Check, choice, listed, size, text, unsupported, wrong_type

_WINDOWS = re.compile(r"[A-Za-z]:(?:[\\/].*)?")
_PROPAGATIONS = ("shared", "slave", "private", "rshared", "rslave", "rprivate")
_BIND = {**dict.fromkeys(_PROPAGATIONS, "propagation"), **dict.fromkeys(("z", "Z"), "selinux")}
"""What an option of the short form says of a bind."""

_OPTIONS = {"ro", "rw", "nocopy", *_BIND}
_TMPFS_FLAGS = frozenset(
    f"{no}{word}"
    for word in ("exec", "suid", "dev", "atime", "diratime", "relatime", "strictatime")
    for no in ("", "no")
) | {"ro", "rw", "async", "sync", "dirsync", "remount", "mand", "nomand"}
_TMPFS_VALUES = frozenset({"mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"})
"""Options of a tmpfs that Docker's engine takes, besides its size."""

_NO_MATTER = {"cached", "delegated", "consistent", ""}
_FORM = 'write "name:/path", "./path:/path" or "./path:/path:ro"'
_DONE = {"bind", "volume", "tmpfs"}


def mounts(check: Check) -> Check:
    """A list of mounts in either form, of those with the same target the last; `check`: the long one."""

    def several(node: Node, at: At) -> Node | None:
        if not isinstance(node, Seq):
            wrong_type(node, at, "a list of volumes")
            return None
        found: dict[object, Node] = {}
        for i, item in enumerate(node.items):
            here = at.item(i)
            mount = _long(item, check, here) if isinstance(item, Map) else _short(item, here)
            if mount is None:
                continue
            _usable(mount, item, here)
            target = target_of(mount)
            if target in found:
                words = f'"{target}" is the target of another mount, in line {found[target].mark.line}'
                here.warn("target-taken", item.mark, words, "give each mount its own target")
            found[target] = mount
        return Seq(tuple(found.values()), node.mark)

    return several


def tmpfs(node: Node, at: At) -> Node | None:
    """`/run`, or `/run:size=64m`, alone or in a list."""

    def one(item: Node, here: At) -> Node | None:
        line = text(item, here)
        if not isinstance(line, Scalar):
            return None
        target, _, options = line.text.partition(":")
        bad = next((o for o in options.split(",") if o and not _tmpfs_option(o)), None)
        if not target.startswith("/"):
            words = f'"{target[:80]}" is no absolute path within the container'
            here.refuse("bad-value", item.mark, words, "write /run, or /run:size=64m")
        elif bad is not None:
            words = f'a tmpfs has no option "{bad[:40]}"'
            unsupported(item, here, words, "leave it out; size=64m and mode=1777 are some")
        return line

    return listed(one, single=True)(node, at)


def tmpfs_size(node: Node, at: At) -> Node | None:
    """The size of a tmpfs: bytes, which are not below nought."""
    kept = size(node, at)
    if isinstance(kept, Scalar) and isinstance(kept.data, int) and kept.data < 0:
        at.fault("bad-value", node.mark, f"{kept.data} is no size", "write 64m")
        return None
    return kept


def tmpfs_parts(line: str) -> tuple[str, int, tuple[str, ...]]:
    """The target, the size in bytes (0: unbounded) and what else is said in a checked line."""
    target, _, options = line.partition(":")
    said = [option for option in options.split(",") if option]
    sizes = [option.removeprefix("size=") for option in said if option.startswith("size=")]
    further = tuple(option for option in said if not option.startswith("size="))
    return target, (quantity.size(sizes[-1]) or 0) if sizes else 0, further


def _tmpfs_option(option: str) -> bool:
    name, found, value = option.partition("=")
    if name == "size":
        return quantity.size(value) is not None
    return option in _TMPFS_FLAGS or (name in _TMPFS_VALUES and bool(found and value))


def kind(node: Node, at: At) -> Node | None:
    """The type of a mount."""
    kept = choice("bind", "volume", "tmpfs", "cluster", "npipe", "image")(node, at)
    if isinstance(kept, Scalar) and kept.text not in _DONE:
        unsupported(node, at, f"mounts of type {kept.text} are not done yet", "use a volume or a bind")
    return kept


def target_of(mount: Node) -> object:
    """What makes two mounts the same: they would lie over each other."""
    return string_of(mount.get("target")).rstrip("/") if isinstance(mount, Map) else ""


def sections(spec: str) -> list[str]:
    """The parts between colons.

    A single letter before a colon is a Windows drive, and what stands within `${…}` is one part.
    """
    parts = [""]
    for piece in re.split(r"(:)", spec):
        within = parts[-1].count("${") > parts[-1].count("}")
        after_drive = len(parts[-1]) == 1 and parts[-1].isalpha()
        if piece == ":" and not within and not after_drive:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def is_path(source: str) -> bool:
    """Whether a source is a path on a host, not the name of a volume."""
    return source.startswith((".", "/", "~", "\\\\")) or re.match(r"[^\W\d_]:", source) is not None


def _long(node: Map, check: Check, at: At) -> Map | None:
    kept = check(node, at)
    if not isinstance(kept, Map) or is_nothing(kept.get("type")) or is_nothing(kept.get("target")):
        return None
    kind = string_of(kept.items["type"])
    for other in sorted(_DONE - {kind} & set(kept.items)):
        if other in kept.items:
            words = f'"{other}" says nothing about a mount of type {kind}'
            at.key(other).warn("idle-key", kept.at(other), words, "remove it, or change the type")
    if kind == "bind" and not string_of(kept.get("source")):
        at.fault("missing-key", node.mark, "a bind has to have a source", "add source: ./path")
        return None
    return kept


def short(spec: str) -> dict[str, object]:
    """The long form of a mount's short one, as plain values; raises `ValueError` where it is none."""
    if not spec:
        raise ValueError("it is empty")
    if len(spec) <= 2:
        return {"type": "volume", "target": spec}
    parts = sections(spec)
    if not all(parts):
        raise ValueError("there is nothing between two colons")
    if len(parts) > 3:
        raise ValueError("there are too many colons")
    source, target = ("", parts[0]) if len(parts) == 1 else (parts[0], parts[1])
    options = parts[2].split(",") if len(parts) == 3 else []
    found: dict[str, object] = {"type": "bind" if is_path(source) else "volume"}
    if source:
        found["source"] = source
    found["target"] = target
    # Of two that contradict each other the last holds.
    access = [option for option in options if option in {"ro", "rw"}]
    if access[-1:] == ["ro"]:
        found["read_only"] = True
    bind: dict[str, object] = {_BIND[option]: option for option in options if option in _BIND}
    if is_path(source):
        bind["create_host_path"] = True
    if bind:
        found["bind"] = bind
    if not is_path(source):
        found["volume"] = {"nocopy": True} if "nocopy" in options else {}
    return found


def _short(node: Node, at: At) -> Map | None:
    spec = text(node, at)
    if not isinstance(spec, Scalar):
        return None
    try:
        found = short(spec.text)
    except ValueError as error:
        at.fault("bad-value", node.mark, f'"{spec.text[:80]}" is no volume: {error}', _FORM)
        return None
    parts = sections(spec.text)
    for option in parts[2].split(",") if len(parts) == 3 else []:
        if option not in _OPTIONS:
            why = "changes nothing on Linux" if option in _NO_MATTER else "is not known, and left aside"
            at.warn("idle-key", node.mark, f'the option "{option[:40]}" {why}', "write ro or rw")
    found["target"] = posixpath.normpath(str(found["target"]))
    return _located(found, node)


def _located(found: dict[str, object], node: Node) -> Map:
    items: dict[str, Node] = {}
    for key, value in found.items():
        if isinstance(value, dict):
            items[key] = _located(value, node)
        else:
            items[key] = scalar(value if isinstance(value, bool) else str(value), node.mark)
    return mapping(items, node.mark)


def _usable(mount: Map, node: Node, at: At) -> None:
    source, target = string_of(mount.get("source")), string_of(mount.get("target"))
    drive = next((p for p in (source, target) if _WINDOWS.fullmatch(p)), None)
    if drive is not None:
        words = f'"{drive}" is read as a path on Windows, which is not done'
        unsupported(node, at, words, "use a path that begins with / or ./, or a longer name")
    elif not target.startswith("/"):
        words = f'"{target[:80]}" is no absolute path within the container'
        at.refuse("bad-value", mount.place("target"), words, f'write "/{target[:40].lstrip("./")}"')
