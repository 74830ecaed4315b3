"""Where a Compose file names paths, and how those of a file in another folder are moved to the project's.

A table of places; each says which texts there are paths on the client's machine.
"""

from __future__ import annotations

import operator
import posixpath
from collections.abc import Callable

from longshore.template.compose.parts import is_remote
from longshore.template.merge import Way
from longshore.template.nodes import Map, Node, Scalar, Seq, remade, scalar, string_of

Moves = Callable[[str], str]
Place = Callable[[Node, Moves], Node]


def under(folder: str) -> Moves:
    """Paths of a folder as paths of the project's, of which it is part."""

    def moved(path: str) -> str:
        if not path or path.startswith(("/", "~", "\\\\")) or path[1:2] == ":":
            return path
        return posixpath.normpath(posixpath.join(folder, path))

    return moved


def relative(folder: str, to: str) -> str:
    """A folder as seen from another; both begin at the project's."""
    return posixpath.relpath(folder or ".", to or ".")


def rebase(node: Node, moves: Moves, way: Way = ()) -> Node:
    """A model, or the part of one that `way` leads to, with all its paths moved."""
    place = _PLACES.get(way)
    if place is not None:
        return place(node, moves)
    if not isinstance(node, Map) or len(way) >= _DEEPEST:
        return node
    items = {k: rebase(v, moves, (*way, "*" if len(way) == 1 else k)) for k, v in node.items.items()}
    return remade(node, items)


def _same(new: tuple[Node, ...], old: tuple[Node, ...]) -> bool:
    return all(map(operator.is_, new, old))


def _path(node: Node, moves: Moves) -> Node:
    if not isinstance(node, Scalar) or not isinstance(node.data, str):
        return node
    moved = moves(node.data)
    return node if moved == node.data else scalar(moved, node.mark)


def _context(node: Node, moves: Moves) -> Node:
    return node if is_remote(string_of(node)) else _path(node, moves)


def _contexts(node: Node, moves: Moves) -> Node:
    if not isinstance(node, Map):
        return node
    return remade(node, {k: _context(v, moves) for k, v in node.items.items()})


def _keys(node: Node, moves: Moves) -> Node:
    if not isinstance(node, Map):
        return node
    return remade(node, {k: _path(v, moves) for k, v in node.items.items()})


def _listed(node: Node, moves: Moves) -> Node:
    if isinstance(node, Seq):
        return Seq(tuple(_path(item, moves) for item in node.items), node.mark)
    return _path(node, moves)


def _field(key: str) -> Place:
    """A list of mappings, of which one key is a path."""

    def place(node: Node, moves: Moves) -> Node:
        if not isinstance(node, Seq):
            return node
        items = tuple([_keyed(item, key, moves) for item in node.items])
        return node if _same(items, node.items) else Seq(items, node.mark)

    return place


def _keyed(node: Node, key: str, moves: Moves) -> Node:
    if not isinstance(node, Map) or key not in node.items:
        return node
    return remade(node, {**node.items, key: _path(node.items[key], moves)})


def _mounts(node: Node, moves: Moves) -> Node:
    if not isinstance(node, Seq):
        return node
    binds = (isinstance(m, Map) and string_of(m.get("type")) == "bind" for m in node.items)
    found = tuple(
        [_keyed(m, "source", moves) if bind else m for m, bind in zip(node.items, binds, strict=True)]
    )
    return node if _same(found, node.items) else Seq(found, node.mark)


def _volume(node: Node, moves: Moves) -> Node:
    """A volume that is a folder under another name: `driver: local`, and the option `o: bind`."""
    if not isinstance(node, Map) or string_of(node.get("driver")) != "local":
        return node
    options = node.get("driver_opts")
    if not isinstance(options, Map) or string_of(options.get("o")) != "bind":
        return node
    return remade(node, {**node.items, "driver_opts": _keyed(options, "device", moves)})


_SERVICE: Way = ("services", "*")

_PLACES: dict[Way, Place] = {
    (*_SERVICE, "build", "context"): _context,
    (*_SERVICE, "build", "additional_contexts"): _contexts,
    (*_SERVICE, "build", "ssh"): _keys,
    (*_SERVICE, "env_file"): _field("path"),
    (*_SERVICE, "label_file"): _listed,
    (*_SERVICE, "extends", "file"): _path,
    (*_SERVICE, "develop", "watch"): _field("path"),
    (*_SERVICE, "volumes"): _mounts,
    ("configs", "*", "file"): _path,
    ("secrets", "*", "file"): _path,
    ("volumes", "*"): _volume,
}

_DEEPEST = max(map(len, _PLACES))
