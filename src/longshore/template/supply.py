"""What the client has sent, and what has been asked for and is still wanting.

Asking is the only way to a file or a variable: what was not sent is noted, and a stand-in is
given so that the reading can look further for what else it needs.
"""

from __future__ import annotations

import posixpath

from longshore.model.template import Needs, Sources


class Supply:
    """The files and variables of one reading."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._files: dict[str, None] = {}
        self._optional: dict[str, None] = {}
        self._variables: dict[str, None] = {}

    def file(self, path: str, *, optional: bool = False) -> str | None:
        """The text of a file; None where the client has none, or has not been asked yet."""
        if path not in self._sources.files:
            (self._optional if optional else self._files)[path] = None
        return self._sources.files.get(path)

    def variable(self, name: str) -> str | None:
        """A variable of the client; None where it is unset, or has not been asked for yet."""
        if name not in self._sources.variables:
            self._variables[name] = None
        return self._sources.variables.get(name)

    def needs(self) -> Needs | None:
        """What has to be sent before the reading can go on; None where nothing is wanting."""
        if not (self._files or self._optional or self._variables):
            return None
        return Needs(
            files=tuple(self._files),
            # What one place needs for certain is not optional because another does not.
            optional=tuple(path for path in self._optional if path not in self._files),
            variables=tuple(self._variables),
        )


def normal(path: str) -> str:
    """A path as it is asked for: relative to the project directory where it is not absolute."""
    return posixpath.normpath(path)


def absolute(path: str, directory: str) -> str:
    """A path of the template as one of the client's machine."""
    return posixpath.normpath(posixpath.join(directory, path))
