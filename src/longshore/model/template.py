"""What reading a template answers: a graph, faults, or what else it needs."""

from __future__ import annotations

import msgspec

from longshore.model.fault import Fault
from longshore.model.spec import Graph


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader has to be given before it can go on.

    `files` are paths as the template names them, normalised, relative to the project directory
    (the folder of the first template); `optional` are those that may be absent; `variables` are
    names from the client's environment. A client sends just these.
    """

    files: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """What a client has sent so far.

    `templates` are the paths, in order, relative to `directory`, the project directory, which is
    only a name here. `files`: path -> text, or None where the client has no such file.
    `variables`: name -> value, or None where unset. `env_files`: what --env-file named (empty:
    `.env`, if there is one). `project`: -p, or empty. `profiles`: --profile, or COMPOSE_PROFILES.
    """

    templates: tuple[str, ...]
    directory: str
    files: dict[str, str | None] = {}
    variables: dict[str, str | None] = {}
    env_files: tuple[str, ...] = ()
    project: str = ""
    profiles: tuple[str, ...] = ()
    dialect: str = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. Exactly one of: `needs` is set, `faults` is not empty, `graph` is set.

    `config` is the normalised template for people and programs, as `docker compose config` gives
    it. `contents`: digest -> text of every file mount. `warnings` stop nothing.
    """

    dialect: str
    needs: Needs | None = None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    graph: Graph | None = None
    config: dict[str, object] | None = None
    contents: dict[str, str] = {}
