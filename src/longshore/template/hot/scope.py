"""What an expression may look at while it is worked out: the values around it.

The reading builds one scope per template and hands it down; nothing here is looked up in the world.
A resource answers by its facade, and an attribute of it is `Unknown` until the world has told.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping

import msgspec

from longshore.model.unknown import Unknown
from longshore.template.findings import At
from longshore.template.hot.versions import Version

Step = str | int

_MOST_COMPARED = 300
_LONGEST_COMPARED = 60
_MOST_LISTED = 10


class Facade(msgspec.Struct, frozen=True, kw_only=True):
    """A resource as functions see it.

    Attributes:
        name: its name in the template; `get_resource` evaluates to it.
        type: its type, for messages.
        attributes: the attributes its type has; None where any may be asked for.
        known: attributes whose values are known already.
    """

    name: str
    type: str = ""
    attributes: Collection[str] | None = None
    known: Mapping[str, object] = {}

    def attribute(self, path: tuple[Step, ...]) -> object:
        """The value of an attribute, or of a part of it; all attributes where the path is empty."""
        if path and path[0] in self.known:
            return select(self.known[str(path[0])], path[1:])
        return Unknown(resource=self.name, attribute=".".join(map(str, path)))


class Outer(msgspec.Struct, frozen=True, kw_only=True):
    """The resource that this template stands for, as `resource_facade` shows it."""

    metadata: object = None
    deletion_policy: str = "Delete"
    update_policy: object = None


def _no_resource(_name: str) -> Facade | None:
    return None


def _no_file(_path: str) -> str | None:
    return None


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The surroundings of the expressions of one template.

    Attributes:
        version: what the template may say.
        parameters: typed values by name, pseudo parameters included.
        conditions: whether each named condition holds; the names defined and no others.
        names: the resources of this template, those left out by their condition not among them.
        resource: a resource of this template by name, None where there is none.
        file: the text of a file by the path the template names, None where it was not sent.
        mappings: the section `Mappings` of CloudFormation's format.
        outer: the resource a nested template stands for; None in a template of its own.
    """

    version: Version
    parameters: Mapping[str, object] = {}
    conditions: Mapping[str, bool] = {}
    names: Collection[str] = ()
    resource: Callable[[str], Facade | None] = _no_resource
    file: Callable[[str], str | None] = _no_file
    mappings: Mapping[str, object] = {}
    outer: Outer | None = None


def nearest(word: str, words: Collection[str]) -> str:
    """The word that was meant; else all there are, where they are few; else nothing."""
    # Comparing is slow: among very many, only those that begin alike are looked at.
    if len(words) > _MOST_COMPARED:
        alike = [other for other in words if other[:1] == word[:1]][:_MOST_COMPARED]
    else:
        alike = list(words)
    if len(word) <= _LONGEST_COMPARED:
        found = difflib.get_close_matches(word, alike, n=1, cutoff=0.6)
        if found:
            return found[0]
    if 0 < len(words) <= _MOST_LISTED:
        return f"one of {', '.join(sorted(words))}"
    return ""


def hint(at: At, word: str, words: Collection[str]) -> str:
    """The same, for a fault; nothing once there are so many that nobody sees it."""
    return "" if at.findings.full else nearest(word, words)


def select(value: object, path: tuple[object, ...]) -> object:
    """A part of a value: keys of mappings, places in lists. None where the way ends early.

    Raises nothing: Heat answers nothing for a path that leads nowhere.
    """
    for step in path:
        if isinstance(value, Unknown):
            return Unknown(resource=value.resource, attribute=f"{value.attribute}.{step}")
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list | tuple) and isinstance(step, int | str):
            value = _item(value, step)
        else:
            return None
    return value


def _item(items: list[object] | tuple[object, ...], step: Step) -> object:
    try:
        return items[int(step)]
    except (ValueError, IndexError):
        return None
