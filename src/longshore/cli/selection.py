"""What the command line says about templates, before any of them is read."""

from __future__ import annotations

from typing import NamedTuple


class Selection(NamedTuple):
    """FILE… and the options that docker compose and Heat's client have for it; empty where nothing was said.

    `root`: further folders that files may be read from. `parameters`: files of parameter values,
    `parameter`: such values as KEY=VALUE, `environment`: Heat environment files, in order.
    """

    files: tuple[str, ...] = ()
    project_name: str = ""
    profile: tuple[str, ...] = ()
    env_file: tuple[str, ...] = ()
    root: tuple[str, ...] = ()
    dialect: str = ""
    parameters: tuple[str, ...] = ()
    parameter: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
