"""Files that templates and environments name: where they lie, and whether they may be read.

A file is named relative to the one that names it. Its place is relative to the project directory, as
the client knows it; a place outside the roots is never asked for. An address on a network is not
fetched: what lies there has to be sent along under that address.
"""

from __future__ import annotations

import posixpath
import re

from longshore.model.template import Sources
from longshore.template.findings import At
from longshore.template.nodes import Mark
from longshore.template.supply import Supply, absolute, normal

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_LOCAL = "file://"


class Files:
    """The files of one reading."""

    def __init__(self, sources: Sources, supply: Supply) -> None:
        self._sources = sources
        self._supply = supply
        self._roots = [absolute(root, sources.directory) for root in sources.roots] or [_topmost(sources)]

    def locate(self, name: str, base: str) -> str:
        """The place of a file that the file at `base` names."""
        if name in self._sources.files:
            return name
        if name.startswith(_LOCAL):
            return normal(name.removeprefix(_LOCAL))
        if _ADDRESS.match(name):
            return name
        if _ADDRESS.match(base):
            head, _, rest = base.partition("://")
            return f"{head}://{normal(posixpath.join(posixpath.dirname(rest), name))}"
        return normal(posixpath.join(posixpath.dirname(base), name))

    def allowed(self, place: str, mark: Mark, at: At) -> bool:
        """Whether a file may be asked for; otherwise says why not."""
        if _ADDRESS.match(place):
            if place in self._sources.files:
                return True
            words = f'"{place}" is not fetched from the network'
            at.fault("remote-file", mark, words, "keep it beside the template, and name it by its path")
            return False
        path = absolute(place, self._sources.directory)
        if any(path == root or path.startswith(root.rstrip("/") + "/") for root in self._roots):
            return True
        words = f'"{place}" lies outside the folders that files may be read from'
        at.fault("outside-roots", mark, words, f"--root {posixpath.dirname(path)}")
        return False

    def text(self, place: str) -> str | None:
        """The text of a file; None where there is none, or it has only now been asked for."""
        return self._supply.file(place)

    def waits(self, place: str) -> bool:
        """Whether a file has been asked for and the client has not answered yet."""
        return place not in self._sources.files


def _topmost(sources: Sources) -> str:
    given = [*sources.templates, *sources.environments, *sources.parameter_files]
    folders = [posixpath.dirname(absolute(path, sources.directory)) for path in given]
    if not all(folder.startswith("/") for folder in folders):
        folders = [posixpath.join("/", folder) for folder in folders]
    return posixpath.commonpath(folders) if folders else absolute(".", sources.directory)
