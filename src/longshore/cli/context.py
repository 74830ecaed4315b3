"""The context of a build as a tar stream: what `docker build` would send, and made piece by piece.

The same tree gives the same bytes: names are sorted, owners are nobody's, and of times the files'
own whole seconds are kept, because web servers answer with them. Nothing is held in memory but one
piece of one file. Links stay links; sockets, pipes and devices stay behind.
"""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from longshore.cli.ignore import Rule, hopeless, ignored, read_rules
from longshore.model.errors import Invalid
from longshore.model.spec import Build

_PIECE = 256 * 1024
"""Bytes read at once: large enough for the disk, small beside a process."""

_INLINE = ".longshore.Dockerfile"
"""The name in the stream of a Dockerfile that does not lie in the context."""

_IGNORE = ".dockerignore"


class Context(NamedTuple):
    """What to send: a folder less what is ignored, further files by content, and the request."""

    folder: Path
    rules: tuple[Rule, ...]
    kept: frozenset[str]
    left_out: frozenset[str]
    extra: dict[str, bytes]
    build: Build


def prepare(build: Build, check: Callable[[Path, str], Path]) -> Context:
    """Look at a build: where its context lies and what of it goes. `check` guards the roots.

    Raises:
        Invalid: the context is no folder, or there is no Dockerfile.
        Refused: by `check`, for a context or Dockerfile outside the project.
    """
    folder = Path(build.context)
    if not folder.is_dir():
        raise Invalid(
            f"the build context {build.context} is not a folder",
            code="context-missing",
            remedy="make it, or mend build.context in the template",
        )
    folder = check(folder, f"the build context {build.context}")
    if build.dockerfile_inline:
        rules, left_out = _rules(folder, folder / "Dockerfile")
        return _with_file(folder, rules, left_out, build, build.dockerfile_inline.encode())
    dockerfile = Path(os.path.normpath(folder / build.dockerfile))
    if not dockerfile.is_file():
        raise Invalid(
            f"there is no Dockerfile at {dockerfile}",
            code="dockerfile-missing",
            remedy="write one, or mend build.dockerfile in the template",
        )
    real = check(dockerfile, f"the Dockerfile {dockerfile}")
    rules, left_out = _rules(folder, dockerfile)
    if not dockerfile.is_relative_to(folder):
        return _with_file(folder, rules, left_out, build, real.read_bytes())
    name = dockerfile.relative_to(folder).as_posix()
    build = msgspec.structs.replace(build, dockerfile=name)
    return Context(folder, rules, frozenset({name, _IGNORE} - left_out), left_out, {}, build)


def stream(context: Context) -> Iterator[bytes]:
    """The context as a tar, in pieces."""
    told: set[str] = set()
    for name in _walk(context, ""):
        path = context.folder / name
        # A folder that was passed over is told of when something in it goes after all.
        for parent in reversed(Path(name).parents[:-1]):
            if parent.as_posix() not in told:
                told.add(parent.as_posix())
                yield from _entry(context.folder / parent, parent.as_posix())
        told.add(name)
        yield from _entry(path, name)
    for name, content in sorted(context.extra.items()):
        info = tarfile.TarInfo(name)
        info.size = len(content)
        yield _header(info)
        yield content + _padding(len(content))
    # A tar ends in two empty blocks.
    yield bytes(2 * tarfile.BLOCKSIZE)


def _with_file(
    folder: Path, rules: tuple[Rule, ...], left_out: frozenset[str], build: Build, content: bytes
) -> Context:
    """The context of a build whose Dockerfile lies elsewhere: it goes along under a name of ours."""
    build = msgspec.structs.replace(build, dockerfile=_INLINE, dockerfile_inline="")
    return Context(folder, rules, frozenset({_IGNORE} - left_out), left_out, {_INLINE: content}, build)


def _rules(folder: Path, dockerfile: Path) -> tuple[tuple[Rule, ...], frozenset[str]]:
    """What stays behind. A `NAME.dockerignore` beside the Dockerfile goes before the folder's.

    The folder's own then stays behind too: the engine would apply it a second time.
    """
    own = dockerfile.with_name(f"{dockerfile.name}{_IGNORE}")
    if own.is_file():
        return read_rules(own.read_text("utf-8")), frozenset({_IGNORE})
    shared = folder / _IGNORE
    return (read_rules(shared.read_text("utf-8")) if shared.is_file() else ()), frozenset()


def _walk(context: Context, below: str) -> Iterator[str]:
    """The names that go, folders before what is in them, sorted."""
    with os.scandir(context.folder / below) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        name = f"{below}/{entry.name}" if below else entry.name
        if name in context.left_out:
            continue
        out = name not in context.kept and ignored(name, context.rules)
        if not out:
            yield name
        if entry.is_dir(follow_symlinks=False) and not (out and _closed(context, name)):
            yield from _walk(context, name)


def _closed(context: Context, folder: str) -> bool:
    """Whether nothing below an ignored folder goes."""
    return hopeless(folder, context.rules) and not any(k.startswith(f"{folder}/") for k in context.kept)


def _entry(path: Path, name: str) -> Iterator[bytes]:
    """One file, link or folder of the tar."""
    seen = path.lstat()
    info = tarfile.TarInfo(name)
    info.mode = stat.S_IMODE(seen.st_mode)
    info.mtime = int(seen.st_mtime)
    if stat.S_ISDIR(seen.st_mode):
        info.type = tarfile.DIRTYPE
        yield _header(info)
    elif stat.S_ISLNK(seen.st_mode):
        info.type, info.linkname = tarfile.SYMTYPE, str(path.readlink())
        yield _header(info)
    elif stat.S_ISREG(seen.st_mode):
        info.size = seen.st_size
        yield from _file(path, info)


def _file(path: Path, info: tarfile.TarInfo) -> Iterator[bytes]:
    """A file's header and content.

    Raises:
        Invalid: it cannot be read, or changes meanwhile.
    """
    try:
        with path.open("rb") as file:
            yield _header(info)
            left = info.size
            while left:
                piece = file.read(min(left, _PIECE))
                if not piece:
                    raise Invalid(
                        f"{path} grew shorter while it was sent",
                        code="context-moved",
                        remedy="try again when nothing writes to the build context",
                    )
                left -= len(piece)
                yield piece
    except OSError as error:
        raise Invalid(
            f"cannot read {path}: {error.strerror}",
            code="file-unreadable",
            remedy=f"make it readable for you, or name it in {_IGNORE}",
        ) from None
    yield _padding(info.size)


def _header(info: tarfile.TarInfo) -> bytes:
    """The blocks before a file's content."""
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _padding(size: int) -> bytes:
    """What fills the last block."""
    return bytes(-size % tarfile.BLOCKSIZE)
