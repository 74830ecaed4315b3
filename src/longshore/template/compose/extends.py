"""What services extend: others of the same file, or of another one.

The base of a service is read in its long form, with what it extends itself; the service lies on top of it
as a later file lies on an earlier one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

import msgspec

from longshore.template.compose.keys import SERVICE
from longshore.template.compose.merging import RULES, settled, unified, without
from longshore.template.compose.paths import rebase, relative, under
from longshore.template.findings import At
from longshore.template.interpolation import Lookup
from longshore.template.merge import Way, merge
from longshore.template.nodes import Map, Mark, Node, Scalar, entries_of, is_nothing, string_of
from longshore.template.schema import table
from longshore.template.supply import normal

_MOST_NESTED = 32
"""Services that extend each other, one on the other; three or four are met in the wild."""

_WEIGHT = 256
"""Characters that an extended service counts for: chains of chains make much of little text."""

_CHECK = table(SERVICE)
_WAY: Way = ("services", "*")


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One file with its variables replaced.

    `folder` is where paths in it begin, `taken` what its tags take back from whatever lies below.
    """

    path: str
    folder: str
    lookup: Lookup
    node: Map
    taken: list[Way]

    def services(self) -> dict[str, Node]:
        """Its services, by name."""
        return entries_of(self.node.get("services"))


Sheets = Callable[[str, Lookup, Mark, At], list[Sheet]]
"""The documents of another file; none where it is not there, or not there yet."""

Chain = tuple[tuple[str, str], ...]
"""Services that extend each other so far, each with its file."""


class Extending:
    """One file at work: finds the base of each of its services, once."""

    def __init__(self, sheet: Sheet, included: Map, sheets: Sheets, at: At) -> None:
        self._sheet = sheet
        self._included = included
        self._sheets = sheets
        self._at = at.key("services")
        self._bases: dict[str, Map] = {}
        for name, service in sheet.services().items():
            base = self._base(name, service, sheet, ())
            if base is not None:
                self._bases[name] = base

    def settled(self) -> Map:
        """The file without values that are nothing where the base of a service has something."""
        node, services = self._sheet.node, self._sheet.node.get("services")
        if not self._bases or not isinstance(services, Map):
            return node
        bases = Map(dict(self._bases), (), services.mark)
        return Map({**node.items, "services": settled(services, bases)}, node.keyed, node.mark, node.typed)

    def applied(self, checked: Map) -> Map:
        """The file in long form, with each service on top of its base, and saying each thing once."""
        services = checked.get("services")
        if not isinstance(services, Map):
            return checked
        found = {
            name: _on_top(self._bases[name], service) if name in self._bases else unified(service)
            for name, service in services.items.items()
        }
        whole = Map(found, services.keyed, services.mark)
        return Map({**checked.items, "services": whole}, checked.keyed, checked.mark)

    def _base(self, name: str, service: Node, sheet: Sheet, chain: Chain) -> Map | None:
        """What a service extends, complete and in long form; None where it extends nothing."""
        said = service.get("extends") if isinstance(service, Map) else None
        target = said.get("service") if isinstance(said, Map) else said
        # What is missing or of the wrong type is said where the service is checked.
        if not isinstance(target, Scalar) or not isinstance(target.data, str):
            return None
        here = self._at.key(name).key("extends")
        chain = (*chain, (sheet.path, name))
        file = string_of(said.get("file")) if isinstance(said, Map) else ""
        sheets = self._elsewhere(file, sheet, target.mark, here) if file else [sheet]
        # Of several documents the last that has the service counts.
        found = next((s for s in reversed(sheets) if target.text in self._known(s)), None)
        if found is None:
            if sheets:
                known = self._known(sheets[-1])
                words = f'there is no service "{target.text[:80]}" in {sheets[-1].path}'
                here.fault("unknown-service", target.mark, words, here.near(target.text, known))
            return None
        if (found.path, target.text) in chain or len(chain) > _MOST_NESTED:
            ring = " -> ".join((*(link for _, link in chain), target.text))
            here.fault("extends-cycle", target.mark, f"services extend each other: {ring}", "remove one")
            return None
        base = self._complete(target.text, found, chain)
        if base is None:
            return None
        kept = without(base, [way[2:] for way in sheet.taken if way[:2] == ("services", name)])
        return kept if isinstance(kept, Map) else None

    def _known(self, sheet: Sheet) -> dict[str, Node]:
        """The services that those of a file may extend: its own, and in the first file what it includes."""
        own = sheet.services()
        return {**entries_of(self._included.get("services")), **own} if sheet is self._sheet else own

    def _elsewhere(self, file: str, sheet: Sheet, mark: Mark, at: At) -> list[Sheet]:
        path = normal(posixpath.join(sheet.folder, file))
        # A file that names itself is not read anew: its services stand where they stand.
        return [sheet] if path == sheet.path else self._sheets(path, sheet.lookup, mark, at.key("file"))

    def _complete(self, name: str, sheet: Sheet, chain: Chain) -> Map | None:
        """A service of any file, on top of what it extends itself, in long form."""
        self._at.findings.spend(_WEIGHT)
        service = self._known(sheet)[name]
        # What is included was read to its end already.
        if name not in sheet.services() and isinstance(service, Map):
            return service
        base = self._base(name, service, sheet, chain)
        plain = service if base is None else settled(service, base)
        checked = None if is_nothing(service) else _CHECK(plain, self._at.key(name))
        if not isinstance(checked, Map):
            return None
        if sheet.path != self._sheet.path:
            folder = relative(sheet.folder, self._sheet.folder)
            moved = rebase(checked, under(folder), _WAY)
            assert isinstance(moved, Map)
            checked = moved
        joined = checked if base is None else _on_top(base, checked)
        return joined if isinstance(joined, Map) else None


def _on_top(base: Map, service: Node) -> Node:
    """A service on the one it extends, which is not said any longer."""
    joined = unified(merge(base, service, RULES, _WAY))
    if not isinstance(joined, Map):
        return joined
    items = {key: value for key, value in joined.items.items() if key != "extends"}
    return Map(items, joined.keyed, joined.mark)
