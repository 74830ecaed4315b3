"""Files and variables by need: finds the templates, and reads just what the reader asks for.

The promise: no file leaves this machine that the user did not name on the command line or that
does not lie, links followed, under the project's roots (the folders of the first template, of each
file of parameters or environment, and each `--root`); no variable that was not asked for.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn

import msgspec

from longshore.cli.names import parse_pairs
from longshore.cli.selection import Selection
from longshore.model.errors import Failed, Invalid, LongshoreError, Refused
from longshore.model.template import Needs, Sources

STDIN = "-"

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""What docker compose looks for, in its order; the next is what it lays over the one found."""
_OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)

_LARGEST = 16 * 1024 * 1024
"""Bytes of one file: far above any template, env file, config or secret, far below a mistake."""


class Project(NamedTuple):
    """Where files may be read from: below `roots`, and those that the user `named`."""

    directory: Path
    roots: tuple[Path, ...]
    named: frozenset[Path]
    environ: Mapping[str, str]

    def path(self, name: str) -> Path:
        """The place of a file that the reader names; not yet checked."""
        if name.startswith("~/") and "HOME" in self.environ:
            return Path(self.environ["HOME"], name[2:])
        return self.directory / name

    def check(self, path: Path, what: str) -> Path:
        """The path with links followed, if it may be read.

        Raises:
            Refused: it lies outside the roots.
        """
        real = _real(path)
        if real in self.named or any(real.is_relative_to(root) for root in self.roots):
            return real
        raise Refused(
            f"{what} lies outside the project: {real} is not below {self.roots[0]}",
            code="outside-root",
            remedy=f"if it is meant to be read: --root {real.parent}",
            facts={"path": str(real), "roots": [str(root) for root in self.roots]},
        )


def begin(
    selection: Selection, *, cwd: Path, environ: Mapping[str, str], stdin: Callable[[int], bytes]
) -> tuple[Project, Sources]:
    """The project that the command line names, and its templates, read; `stdin` reads so many bytes.

    Raises:
        Invalid: there is no template, or one cannot be read.
    """
    paths = _templates(selection.files, cwd, environ)
    directory = cwd if paths[0] is None else paths[0].parent
    env_files = selection.env_file or _split(environ.get("COMPOSE_ENV_FILES", ""), ",")
    parameters, environments = (
        [None if name == STDIN else Path(os.path.normpath(cwd / name)) for name in given]
        for given in (selection.parameters, selection.environment)
    )
    read = [*paths, *parameters, *environments]
    if read.count(None) > 1:
        raise Invalid("standard input can be read once only", code="stdin-twice", remedy="give - once")
    # A template, an environment and a file of parameters may each name what lies beside or below it.
    beside = [path.parent for path in (*parameters, *environments) if path is not None]
    roots = [directory, *beside, *(Path(os.path.normpath(cwd / root)) for root in selection.root)]
    project = Project(
        directory=directory,
        roots=tuple(dict.fromkeys(_real(root) for root in roots)),
        named=frozenset(_real(p) for p in (*read, *(cwd / name for name in env_files)) if p is not None),
        environ=environ,
    )

    def names(found: list[Path | None]) -> tuple[str, ...]:
        return tuple(STDIN if path is None else os.path.relpath(path, directory) for path in found)

    return project, Sources(
        templates=names(paths),
        directory=str(directory),
        files={
            name: _decoded(stdin(_LARGEST + 1), "standard input") if path is None else _text(path)
            for name, path in zip(names(read), read, strict=True)
        },
        env_files=tuple(os.path.relpath(cwd / name, directory) for name in env_files),
        project=selection.project_name or environ.get("COMPOSE_PROJECT_NAME", ""),
        profiles=selection.profile or _split(environ.get("COMPOSE_PROFILES", ""), ","),
        dialect=selection.dialect,
        parameters=dict(parse_pairs(selection.parameter, "-P flavor=m1.small")),
        parameter_files=names(parameters),
        environments=names(environments),
        roots=tuple(dict.fromkeys(os.path.relpath(root, directory) for root in roots)),
    )


def gather(project: Project, sources: Sources, needs: Needs) -> Sources:
    """The sources with what the reader needs. A file that is not there goes as None.

    Raises:
        Refused: a file lies outside the roots.
        Invalid: a file cannot be read, or is no text.
        Failed: the reader asks only for what it was given.
    """
    wanted = [name for name in (*needs.files, *needs.optional) if name not in sources.files]
    files = {name: _found(project, name) for name in wanted}
    variables = {n: project.environ.get(n) for n in needs.variables if n not in sources.variables}
    if not files and not variables:
        raise Failed(
            "the reader of templates asks again for what it was given",
            code="needs-repeated",
            remedy="report this, with the template",
            facts={"files": list(needs.files), "variables": list(needs.variables)},
        )
    return msgspec.structs.replace(
        sources, files={**sources.files, **files}, variables={**sources.variables, **variables}
    )


def _templates(files: tuple[str, ...], cwd: Path, environ: Mapping[str, str]) -> list[Path | None]:
    """The templates' absolute paths (None: standard input); never an empty list."""
    separator = environ.get("COMPOSE_PATH_SEPARATOR", "") or os.pathsep
    files = files or _split(environ.get("COMPOSE_FILE", ""), separator)
    if not files:
        return [*_search(cwd)]
    found: list[Path | None] = []
    for name in files:
        # Not resolved: a link's own folder is the project, as with docker compose.
        path = Path(os.path.normpath(cwd / name))
        if name == STDIN:
            found.append(None)
        elif path.is_dir():
            found += _in_folder(path) or _none_in(path)
        else:
            found.append(path)
    return found


def _search(cwd: Path) -> list[Path]:
    """The templates of this folder, or of the nearest one above that has any."""
    for folder in (cwd, *cwd.parents):
        found = _in_folder(folder)
        if found:
            return found
    raise Invalid(
        f"there is no template here: {', '.join(_NAMES[:-1])} or {_NAMES[-1]} in {cwd} or above",
        code="template-missing",
        remedy="name the file: longshore up FILE",
    )


def _in_folder(folder: Path) -> list[Path]:
    """The template of a folder, with what is laid over it."""
    base = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if base is None:
        return []
    over = next((folder / name for name in _OVERRIDES if (folder / name).is_file()), None)
    return [base] if over is None else [base, over]


def _none_in(folder: Path) -> NoReturn:
    """There is no template in a folder that was named."""
    raise Invalid(
        f"{folder} is a folder, and has neither {', '.join(_NAMES[:-1])} nor {_NAMES[-1]}",
        code="template-missing",
        remedy="name a file in it",
        facts={"path": str(folder)},
    )


def _found(project: Project, name: str) -> str | None:
    """The text of a file that the reader asks for, None where there is none."""
    path = project.path(name)
    # Not `path.exists()`: a file in a closed folder is no missing file.
    if not os.path.lexists(path):
        return None
    return _text(project.check(path, name))


def _real(path: Path) -> Path:
    """The path with links followed; unlike `Path.resolve` it bears with circles of them."""
    return Path(os.path.realpath(path))


def _text(path: Path) -> str:
    """A file's text.

    Raises:
        Invalid: it cannot be read, is too large, or is not UTF-8; or its name is not.
    """
    shown = str(path).encode(errors="replace").decode()
    if shown != str(path):
        raise _unreadable(shown, "its name is not UTF-8", "give it another name")
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise _unreadable(
            path, "there is no such file", "look at its name, or at the folder you are in"
        ) from None
    except IsADirectoryError:
        raise _unreadable(path, "it is a folder", "name a file in it") from None
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error), "make it readable for you") from None
    return _decoded(content, path)


def _decoded(content: bytes, source: Path | str) -> str:
    """Bytes as text.

    Raises:
        Invalid: there are too many, or they are not UTF-8.
    """
    if len(content) > _LARGEST:
        raise _unreadable(
            source, "it is larger than 16 MiB", "mount it as a volume, or build it into the image"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        words = f"it is not UTF-8 text (byte {error.start})"
        raise _unreadable(source, words, "save it as UTF-8; binary content belongs into the image") from None


def _unreadable(source: Path | str, why: str, remedy: str) -> LongshoreError:
    """The error for a file that cannot be sent."""
    return Invalid(
        f"cannot read {source}: {why}", code="file-unreadable", remedy=remedy, facts={"path": str(source)}
    )


def _split(text: str, separator: str) -> tuple[str, ...]:
    """The words between separators, without empty ones."""
    return tuple(word.strip() for word in text.split(separator) if word.strip())
