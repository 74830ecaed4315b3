"""What can be written in templates: resource types and functions. Needs no store and no engine."""

from __future__ import annotations

from longshore.model.catalogue import Functions, TypeLine, TypeView
from longshore.service.name import unknown
from longshore.template import catalogue


def types() -> tuple[TypeLine, ...]:
    """All resource types, by name."""
    return catalogue.types()


def type_named(name: str) -> TypeView:
    """One resource type with all it takes and gives.

    Raises:
        NotFound: `no-such-type`.
    """
    found = catalogue.type_named(name)
    if found is None:
        raise unknown("type", name, catalogue.type_names())
    return found


def functions(version: str, name: str) -> Functions:
    """The functions of a version (empty: of all), or the one of that name as it is in each.

    Raises:
        NotFound: `no-such-version`, `no-such-function`.
    """
    found = catalogue.functions(version)
    if found is None:
        raise unknown("version", version, catalogue.version_names())
    if not name:
        return found
    known = [view for view in found.functions if view.name == name]
    if not known:
        raise unknown("function", name, (view.name for view in found.functions))
    return Functions(versions=found.versions, functions=tuple(known))
