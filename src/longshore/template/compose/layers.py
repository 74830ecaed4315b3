"""Several files to one model: what each adds, includes, extends, overrides and takes back.

A file is read in the order of Compose: its tags are taken off, its variables replaced, what it includes
is read, each service gets what it extends, all is checked and written in its long form, and joined to the
files before it. Paths in a file of another folder are moved to the project's.

Files and variables that the client has not sent yet are asked for and stood in for; whoever calls asks the
supply afterwards, and reads again.
"""

from __future__ import annotations

import posixpath

import msgspec

from longshore.template import document, interpolation
from longshore.template.compose import inputs
from longshore.template.compose.extends import Extending, Sheet
from longshore.template.compose.keys import TOP
from longshore.template.compose.merging import RULES, is_tagged, settled, strip, without
from longshore.template.compose.paths import rebase, relative, under
from longshore.template.findings import At
from longshore.template.interpolation import Lookup
from longshore.template.merge import merge
from longshore.template.nodes import (
    Map,
    Mark,
    Node,
    Scalar,
    Seq,
    entries_of,
    is_nothing,
    items_of,
    scalar,
    string_of,
    strings_of,
    value_of,
)
from longshore.template.schema import table, wrong_type
from longshore.template.supply import Supply, normal

_MOST_NESTED = 16
"""Files that include each other, one within the other; two or three are met in the wild."""

_CHECK = table(TOP)
_IMPORTED = ("services", "volumes", "networks", "secrets", "configs", "models")


class Origin(msgspec.Struct, frozen=True):
    """What a file is read with: the folder where paths in it begin, its variables, who includes it."""

    folder: str
    lookup: Lookup
    includers: tuple[str, ...]


class Loader:
    """Reads the files of one project."""

    def __init__(self, supply: Supply, at: At) -> None:
        self._supply = supply
        self._at = at
        self._parsed: dict[str, list[Map]] = {}

    def model(self, layers: list[Map], origin: Origin) -> Map:
        """All layers, from one file or several, as one model in long form; `layers` is empty afterwards."""
        return self._joined(Map({}, (), layers[0].mark), layers, origin)

    def _joined(self, base: Map, layers: list[Map], origin: Origin) -> Map:
        # What was parsed is as large as what comes of it, and is let go on the way.
        layers.reverse()
        while layers:
            joined = self._join(base, self._sheet(layers.pop(), origin.folder, origin.lookup), origin)
            assert isinstance(joined, Map)
            base = joined
        return base

    def _join(self, base: Map, sheet: Sheet, origin: Origin) -> Node:
        known = without(base, sheet.taken)
        # Names of further files cannot be told while their variables are wanting.
        if self._wanting():
            return base
        included = without(self._included(sheet.node, origin), sheet.taken)
        assert isinstance(included, Map)
        extending = Extending(sheet, included, self.sheets, self._at)
        plain = settled(settled(extending.settled(), known), included)
        checked = _CHECK(plain, self._at)
        if not isinstance(checked, Map):
            return known
        own = extending.applied(checked)
        return merge(known, merge(_further(included, own), own, RULES), RULES)

    def _sheet(self, layer: Map, folder: str, lookup: Lookup) -> Sheet:
        for name in interpolation.references(layer):
            lookup(name)
        left, taken = strip(layer) if is_tagged(layer) else (layer, [])
        node = left if isinstance(left, Map) else Map({}, (), layer.mark)
        _check_keys(node, self._at)
        found = interpolation.interpolate(node, lookup, self._at)
        assert isinstance(found, Map)
        return Sheet(path=normal(layer.mark.file), folder=folder, lookup=lookup, node=found, taken=taken)

    def sheets(self, file: str, lookup: Lookup, mark: Mark, at: At) -> list[Sheet]:
        """Another file's documents, each with its variables replaced; none where it is not there (yet)."""
        folder = posixpath.dirname(file)
        found = [self._sheet(node, folder, lookup) for node in self._documents(file, mark, at)]
        return [] if self._wanting() else found

    def _wanting(self) -> bool:
        return self._supply.needs() is not None

    def _documents(self, file: str, mark: Mark, at: At) -> list[Map]:
        if file in self._parsed:
            return self._parsed[file]
        text = self._supply.file(file)
        if text is None:
            words = f'there is no file "{file[:200]}"'
            at.fault("missing-file", mark, words, "create it, or mend the path")
            return []
        documents = document.parse(text, file, self._at.findings)
        for node in documents:
            if not isinstance(node, Map) and not is_nothing(node):
                wrong_type(node, at, "a mapping at the top")
        self._parsed[file] = [node for node in documents if isinstance(node, Map)]
        return self._parsed[file]

    def _included(self, node: Map, origin: Origin) -> Map:
        """All that a file includes, as one model; of what two of them say, the first one's holds."""
        found: Node = Map({}, (), node.mark)
        for i, item in enumerate(items_of(node.get("include"))):
            model = self._include(item, origin, self._at.key("include").item(i))
            if model is not None:
                found = merge(_further(model, found), found, RULES)
        assert isinstance(found, Map)
        return found

    def _include(self, item: Node, origin: Origin, at: At) -> Map | None:
        said = item.get("path") if isinstance(item, Map) else item
        paths = _texts(said)
        if not paths or said is None:
            return None
        files = [normal(posixpath.join(origin.folder, path)) for path in paths]
        if files[0] in origin.includers or len(origin.includers) > _MOST_NESTED:
            ring = " -> ".join((*origin.includers, files[0]))
            at.fault("include-cycle", said.mark, f"files include each other: {ring}", "remove one include")
            return None
        chosen = string_of(item.get("project_directory")) if isinstance(item, Map) else ""
        folder = normal(posixpath.join(origin.folder, chosen)) if chosen else posixpath.dirname(files[0])
        lookup = self._environment(item, folder, origin, at)
        model = Map({}, (), item.mark)
        for file in files:
            below = Origin(folder, lookup, (*origin.includers, files[0]))
            model = self._joined(model, [*self._documents(file, said.mark, at)], below)
        moved = rebase(_resolved(model, lookup), under(relative(folder, origin.folder)))
        assert isinstance(moved, Map)
        return moved

    def _environment(self, item: Node, folder: str, origin: Origin, at: At) -> Lookup:
        """The variables of an included file: the project's, then those of its env_file, or `.env`."""
        named = item.get("env_file") if isinstance(item, Map) else None
        given = [normal(posixpath.join(origin.folder, path)) for path in _texts(named)]
        found: dict[str, str] = {}
        for path in given or [normal(posixpath.join(folder, inputs.DEFAULT_ENV_FILE))]:
            text = self._supply.file(path, optional=not given)
            if text is not None:
                found.update(inputs.values(text, path, _first(origin.lookup, dict(found)), at))
            elif given:
                words = f'there is no file "{path[:200]}", named by env_file'
                mark = named.mark if named else item.mark
                at.key("env_file").fault("missing-file", mark, words, "create it, or mend the path")
        return _first(origin.lookup, found)


def _further(model: Map, known: Node) -> Map:
    """What an included model brings, without what is known in the very same words.

    A file may be included in several ways; joined with itself, its lists would say all twice.
    """
    items: dict[str, Node] = {}
    for section in _IMPORTED:
        node, there = model.get(section), known.get(section) if isinstance(known, Map) else None
        if not isinstance(node, Map):
            continue
        same = {name for name, value in entries_of(there).items() if _alike(value, node.items.get(name))}
        items[section] = Map({k: v for k, v in node.items.items() if k not in same}, node.keyed, node.mark)
    return Map(items, model.keyed, model.mark)


def _alike(node: Node, other: Node | None) -> bool:
    return other is not None and value_of(node) == value_of(other)


def _texts(node: Node | None) -> list[str]:
    found = strings_of(node) if isinstance(node, Seq) else (string_of(node),)
    return [text for text in found if text]


def _first(lookup: Lookup, further: dict[str, str]) -> Lookup:
    """A look-up, and where it finds nothing, further variables."""

    def either(name: str) -> str | None:
        value = lookup(name)
        return further.get(name) if value is None else value

    return either


def _resolved(model: Map, lookup: Lookup) -> Map:
    """An included model: its variables without a value have one of its own, its builds a folder."""
    known = model.get("services")
    if not isinstance(known, Map):
        return model
    services: dict[str, Node] = {}
    for name, service in known.items.items():
        items = dict(entries_of(service))
        pairs, build = items.get("environment"), items.get("build")
        if isinstance(pairs, Map):
            given = {k: _value(k, v, lookup) for k, v in pairs.items.items()}
            items["environment"] = Map(given, pairs.keyed, pairs.mark)
        if isinstance(build, Map):
            here: dict[str, Node] = {"context": scalar(".", build.mark)}
            items["build"] = Map({**here, **build.items}, build.keyed, build.mark)
        services[name] = Map(items, service.keyed, service.mark) if isinstance(service, Map) else service
    replaced = Map(services, known.keyed, known.mark)
    return Map({**model.items, "services": replaced}, model.keyed, model.mark)


def _value(name: str, node: Node, lookup: Lookup) -> Node:
    value = lookup(name) if is_nothing(node) else None
    return node if value is None else scalar(value, node.mark)


def _check_keys(node: Node, at: At) -> None:
    """Keys that are numbers, truths or the like are no names in Compose."""
    if isinstance(node, Scalar):
        return
    if isinstance(node, Seq):
        for i, item in enumerate(node.items):
            if not isinstance(item, Scalar):
                _check_keys(item, at.item(i))
        return
    for key in node.typed or ():
        if key in node.items:
            words = f"the key {key[:60]} is read as a number or a truth, and has to be a word"
            at.key(key).fault("bad-key", node.at(key), words, f'put it in quotes: "{key[:60]}"')
    for key, value in node.items.items():
        if not isinstance(value, Scalar):
            _check_keys(value, at.key(key))
