"""Which thing a resource's type means: a registered type, or a template in a file.

An environment may say that a type is another type, or a file; for all of a kind (`OS::Net::*`) or for
one resource alone (`resources: {web: {…}}`). What says it closest wins: for the resource before for
all, the whole name before a pattern; names before others in the order of the alphabet. A mapping that
leads nowhere is passed over for the next that fits, as in Heat.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import msgspec

from longshore.template.findings import At
from longshore.template.hot.limits import MOST_ALIASES
from longshore.template.hot.scope import hint
from longshore.template.hot.types import registry as types
from longshore.template.nodes import Map, Mark, Node, Seq, is_nothing, kind_of, value_of

TEMPLATES = (".yaml", ".template")
"""What the name of a file ends in that is a template and not a type."""

HOOKS = (
    "pre-create",
    "pre-update",
    "pre-delete",
    "post-create",
    "post-update",
    "post-delete",
)
ACTIONS = ("update", "replace")
_WORDS = {"hooks": HOOKS, "restricted_actions": ACTIONS}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One mapping: what `name` means. `value` is a type, a pattern of types, or a file's place."""

    name: str
    value: str
    mark: Mark
    depth: int = 1

    @property
    def file(self) -> str | None:
        """The place of the template it leads to, if it leads to one."""
        if self.name.endswith(TEMPLATES):
            return self.name
        return self.value if self.value.endswith(TEMPLATES) else None


class Level(msgspec.Struct, frozen=True):
    """What is said of one resource: of its type, and of resources within it."""

    entries: Mapping[str, Entry] = {}
    inner: Mapping[str, Level] = {}


class Registry(msgspec.Struct, frozen=True):
    """All that environments say of types: for all resources, and for those of a name."""

    entries: Mapping[str, Entry] = {}
    own: Mapping[str, Level] = {}

    def within(self, entry: Entry | None, resource: str) -> Registry:
        """What holds within a nested template: all but the mapping that led there.

        Args:
            entry: that mapping, if there was one.
            resource: the resource that the nested template stands for.
        """
        if not self.entries and not self.own:
            return self
        entries = self.entries
        if entry is not None and entries.get(entry.name) is entry:
            entries = {name: each for name, each in entries.items() if each is not entry}
        inner: dict[str, Level] = {}
        for pattern, level in self.own.items():
            if fnmatch.fnmatchcase(resource, pattern):
                inner.update(level.inner)
        return Registry(entries, inner)


class Meaning(msgspec.Struct, frozen=True):
    """What a type turned out to be: a registered type by its name, or a template's file."""

    type: str = ""
    file: str = ""
    entry: Entry | None = None


def meaning(registry: Registry, type_name: str, resource: str) -> Meaning | None:
    """What a resource's type means; None where nobody registered it."""
    return _meaning(registry, type_name, resource, MOST_ALIASES)


def _meaning(registry: Registry, name: str, resource: str, steps: int) -> Meaning | None:
    if not registry.entries and not registry.own:
        return _plain_meaning(name)
    if steps == 0:
        return None
    for entry in sorted(_matching(registry, name, resource), key=lambda e: (-e.depth, e.name)):
        file = entry.file
        if file is not None:
            return Meaning(file=file, entry=entry)
        found = _meaning(registry, _target(entry, name), resource, steps - 1)
        if found is not None:
            return found
    return _plain_meaning(name)


@lru_cache(maxsize=1024)
def _plain_meaning(name: str) -> Meaning | None:
    """What a name means where no environment says anything of it."""
    if name.endswith(TEMPLATES):
        return Meaning(file=name)
    return Meaning(type=name) if types.find(name) is not None else None


def _matching(registry: Registry, name: str, resource: str) -> Iterator[Entry]:
    level = registry.own.get(resource)
    if level is not None and name in level.entries:
        yield level.entries[name]
    if name in registry.entries:
        yield registry.entries[name]
    for pattern, entry in registry.entries.items():
        # A pattern may lead to types, never to a file.
        fits = pattern.endswith("*") and name.startswith(pattern[:-1]) and entry.file is None
        if fits and name not in (pattern, entry.value):
            yield entry


def _target(entry: Entry, name: str) -> str:
    if entry.name.endswith("*") and entry.value.endswith("*"):
        return entry.value[:-1] + name[len(entry.name) - 1 :]
    return entry.value


Resolve = Callable[[str], str]


def read(section: Node, locate: Resolve, at: At) -> Registry:
    """The section `resource_registry` of an environment.

    Args:
        section: the section.
        locate: the place of a file that the environment names, relative to where it lies itself.
        at: where the section stands.
    """
    if is_nothing(section):
        return Registry()
    if not isinstance(section, Map):
        at.fault("wrong-type", section.mark, f"expected types by name, got {kind_of(section)}")
        return Registry()
    base = value_of(section.get("base_url"))
    find = _from_base(base, locate) if isinstance(base, str) else locate
    entries: dict[str, Entry] = {}
    own: dict[str, Level] = {}
    for name, node in section.items.items():
        if name == "base_url":
            continue
        if name == "resources" and isinstance(node, Map):
            own = {each: _level(inner, find, at.key(name).key(each)) for each, inner in node.items.items()}
        else:
            _put(entries, name, node, find, at, depth=1)
    return Registry(entries, own)


def _from_base(base: str, locate: Resolve) -> Resolve:
    return lambda file: locate(f"{base.rstrip('/')}/{file}")


def _level(node: Node, locate: Resolve, at: At) -> Level:
    found: dict[str, Entry] = {}
    inner: dict[str, Level] = {}
    if not isinstance(node, Map):
        at.fault("wrong-type", node.mark, f"expected types by name, got {kind_of(node)}")
        return Level()
    for name, each in node.items.items():
        if isinstance(each, Map):
            inner[name] = _level(each, locate, at.key(name))
        else:
            _put(found, name, each, locate, at, depth=3)
    return Level(found, inner)


def _put(entries: dict[str, Entry], name: str, node: Node, locate: Resolve, at: At, *, depth: int) -> None:
    here = at.key(name)
    if name in _WORDS:
        _check_words(name, node, here)
        return
    value = value_of(node)
    if value is None:
        # Nothing takes away what was registered before: of a pattern, all that fits it.
        prefix = name[:-1] if name.endswith("*") else None
        for known in [k for k in entries if k == name or (prefix is not None and k.startswith(prefix))]:
            del entries[known]
        return
    if not isinstance(value, str):
        here.fault("wrong-type", node.mark, f"expected a type or a file, got {kind_of(node)}")
        return
    if "::" not in value:
        value = locate(value)
    entries[name] = Entry(name=name, value=value, mark=node.mark, depth=depth)


def _check_words(key: str, node: Node, at: At) -> None:
    items = node.items if isinstance(node, Seq) else (node,)
    for item in items:
        word = value_of(item)
        if word not in _WORDS[key]:
            words = f'"{word}" is none of {", ".join(_WORDS[key])}'
            at.fault("bad-value", item.mark, words, hint(at, str(word), _WORDS[key]))


def joined(earlier: Registry, later: Registry) -> Registry:
    """Two registries, of which the later wins, name by name."""
    return Registry({**earlier.entries, **later.entries}, {**earlier.own, **later.own})
