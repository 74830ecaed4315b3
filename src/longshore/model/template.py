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
    `parameters`: values given by name (-P), over those of `parameter_files` (--parameters), over
    those of `environments`, the paths of Heat environment files, each in order; their texts are
    among `files`. `roots`: the folders that files may be read from (--root); empty: the topmost
    folder of the files given.
    """

    templates: tuple[str, ...]
    directory: str
    files: dict[str, str | None] = {}
    variables: dict[str, str | None] = {}
    env_files: tuple[str, ...] = ()
    project: str = ""
    profiles: tuple[str, ...] = ()
    dialect: str = ""
    parameters: dict[str, object] = {}
    parameter_files: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. Exactly one of: `needs` is set, `faults` is not empty, the template is understood.

    What is understood has a `graph` that can run, or, in a dialect that is only read and checked so
    far, an `outline` alone. `outline` is what `longshore validate --json` prints besides its verdict:
    version, parameters, resources with types, properties and depends_on, outputs.

    `config` is the normalised template for people and programs, as `docker compose config` gives
    it. `contents`: digest -> text of every file mount. `warnings` stop nothing.
    `refusals` are what the language allows and Longshore cannot keep: they stop a plan, not a reading.
    """

    dialect: str
    needs: Needs | None = None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    refusals: tuple[Fault, ...] = ()
    graph: Graph | None = None
    config: dict[str, object] | None = None
    outline: dict[str, object] | None = None
    contents: dict[str, str] = {}
