"""What the languages of templates have to offer, as people and programs are shown it.

Plain words: where a template may write something, and what it may write there.
"""

from __future__ import annotations

import msgspec


class PropertyView(msgspec.Struct, frozen=True, kw_only=True):
    """A property of a resource type.

    `kind` is string, integer, number, boolean, map, list or any. `update` says what a change does:
    `in-place`, `replaces` the resource, or is `refused`. `status` is supported, deprecated, hidden or
    unsupported. `constraints` are sentences. `fields` are the keys of a map; those of each item,
    where a list holds maps. `items` is the kind of a list's items, empty where anything may be.
    """

    name: str
    kind: str
    required: bool = False
    default: object = None
    update: str = "replaces"
    status: str = "supported"
    constraints: tuple[str, ...] = ()
    items: str = ""
    fields: tuple[PropertyView, ...] = ()


class TypeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A resource type in a list; `status` as of properties."""

    name: str
    about: str
    status: str = "supported"


class TypeView(msgspec.Struct, frozen=True, kw_only=True):
    """A resource type. `attributes`: name -> kind, empty where nobody tells.

    `instead`: the type to use instead of one that is deprecated. `open`: any property and attribute
    is taken. `example` is a template that is right, with one resource of the type.
    """

    name: str
    about: str
    status: str = "supported"
    instead: str = ""
    open: bool = False
    properties: tuple[PropertyView, ...] = ()
    attributes: dict[str, str] = {}
    update_policy: tuple[PropertyView, ...] = ()
    example: dict[str, object] = {}


class FunctionView(msgspec.Struct, frozen=True, kw_only=True):
    """A function of templates; one that was reworked is several, each for its versions.

    `versions` are those that have it where a value stands, `conditions` those that have it within a
    condition; oldest first. `form` shows what it takes.
    """

    name: str
    about: str
    form: str
    example: str
    versions: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of Heat's templates: the `key` that names it at the top, its `name`, its `release`'s name."""

    key: str
    name: str
    release: str = ""


class Functions(msgspec.Struct, frozen=True, kw_only=True):
    """The functions, and the versions they are told of, in order."""

    versions: tuple[VersionView, ...]
    functions: tuple[FunctionView, ...]
