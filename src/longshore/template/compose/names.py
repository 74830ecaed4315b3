"""The name of a project, and the names of what is made for it."""

from __future__ import annotations

import posixpath
import re

from longshore.template.findings import At
from longshore.template.nodes import Mark

_GOOD = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LETTERS = "small letters, digits, - and _ can be in it, and it begins with a letter or digit"

_LONGEST = 63
"""Names of networks and labels of DNS are made from it."""


def normal(name: str) -> str:
    """A folder's name as the name of a project, as Docker Compose makes it."""
    return re.sub(r"[^-_a-z0-9]", "", name.lower()).lstrip("_-")


def of_directory(directory: str) -> str:
    """The name a project has where nobody gave one."""
    return normal(posixpath.basename(posixpath.normpath(directory)))[:_LONGEST]


def check(name: str, mark: Mark, source: str, at: At) -> str:
    """Say what is wrong with a project's name, if anything; give it back."""
    if _GOOD.fullmatch(name) and len(name) <= _LONGEST:
        return name
    better = normal(name)[:_LONGEST]
    hint = f'write "{better}"' if better else "give one with -p NAME"
    words = f'"{name[:80]}", from {source}, cannot be the name of a project: {_LETTERS}'
    at.fault("bad-project-name", mark, words, hint)
    return better or "project"


def of_file(name: str, mark: Mark, at: At) -> str:
    """The name of a project as a file gives it, which is made to fit; empty where nothing is left of it."""
    fitting = normal(name)[:_LONGEST]
    if fitting and fitting != name:
        words = f'"{name[:80]}" cannot be the name of a project, and was read as "{fitting}"'
        at.warn("name-changed", mark, words, f"write {fitting}")
    return fitting


def of_image(project: str, service: str) -> str:
    """The name of an image that is built and has no name of its own."""
    return f"{project}-{service}".lower()


def of_resource(project: str, key: str) -> str:
    """What the engine calls a network or volume that has no name of its own."""
    return f"{project}_{key}"
