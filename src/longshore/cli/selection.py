"""What the command line says about templates, before any of them is read."""

from __future__ import annotations

from typing import NamedTuple


class Selection(NamedTuple):
    """FILE… and the options that docker compose has for it; empty where nothing was said.

    `root`: further folders that files may be read from.
    """

    files: tuple[str, ...] = ()
    project_name: str = ""
    profile: tuple[str, ...] = ()
    env_file: tuple[str, ...] = ()
    root: tuple[str, ...] = ()
