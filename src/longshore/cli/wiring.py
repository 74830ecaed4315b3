"""What `main` hands to the command line: the only way it touches the world outside its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from os import PathLike


class ServeOptions(NamedTuple):
    """How to run the server: `listen` is `HOST:PORT` (empty: the unix socket only).

    `restart`: ask a server of this user that already runs to stop first, and wait for it.
    """

    listen: str = ""
    restart: bool = False


class Wiring(NamedTuple):
    """A tuple of plain things: importing `dataclasses` or `pathlib` would be felt in `--help`.

    `serve` runs the server in the foreground until it ends. `start_server` starts one in the
    background for this user and returns when it answers, or raises a `LongshoreError`. `reader`
    gives an ASGI app that answers `/v1/readings` in process. `now` is microseconds UTC.
    """

    serve: Callable[[ServeOptions], None]
    start_server: Callable[[], None]
    reader: Callable[[], Callable[..., Any]]
    now: Callable[[], int]
    state_dir: str | PathLike[str]
    version: str
    environ: Mapping[str, str]
    cwd: str | PathLike[str]
