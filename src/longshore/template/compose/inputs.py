"""What comes from outside the Compose files: environment files, variables, secrets, configs.

Asks the supply for all of it before saying what is missing, so that one round trip fetches it.
"""

from __future__ import annotations

import hashlib

import msgspec

from longshore.template import dotenv
from longshore.template.compose import consistency
from longshore.template.document import MOST_TEXT
from longshore.template.findings import At
from longshore.template.interpolation import Lookup
from longshore.template.nodes import (
    Map,
    Mark,
    Node,
    Scalar,
    bool_of,
    entries_of,
    is_nothing,
    items_of,
    string_of,
)
from longshore.template.supply import Supply, normal

HOME = "HOME"
DEFAULT_ENV_FILE = ".env"


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What came from outside.

    Per service, its environment (None: unset in the client), its labels with those of files, and its
    build arguments; per secret or config, by section and name, its content; the client's home, where a
    path begins with `~`.
    """

    environments: dict[str, dict[str, str | None]]
    labels: dict[str, dict[str, str]]
    build_args: dict[str, dict[str, str]]
    contents: dict[tuple[str, str], str]
    home: str = ""


def project_environment(env_files: tuple[str, ...], supply: Supply, at: At) -> dict[str, str]:
    """What `.env`, or the files named in its place, say; later files win."""
    found: dict[str, str] = {}
    for path in env_files or (DEFAULT_ENV_FILE,):
        text = supply.file(path, optional=not env_files)
        if text is None:
            if env_files:
                _missing(path, "named by --env-file", Mark("", 0, 0), at)
            continue

        def lookup(name: str) -> str | None:
            own = supply.variable(name)
            return found.get(name) if own is None else own

        found.update(values(text, path, lookup, at))
    return found


def gather(model: Map, lookup: Lookup, supply: Supply, at: At, limits: At) -> Inputs:
    """Everything the services of a model need from the client.

    What only running needs, the content of secrets and configs, is refused at `limits` where it is missing.
    """
    environments: dict[str, dict[str, str | None]] = {}
    labels: dict[str, dict[str, str]] = {}
    build_args: dict[str, dict[str, str]] = {}
    wanted: dict[tuple[str, str], None] = {}
    for name, service, here in consistency.services(model, at):
        environments[name] = _environment(service, lookup, supply, here)
        labels[name] = _labels(service, lookup, supply, here)
        args = _own(service.get("build", "args"), lookup)
        build_args[name] = {k: v for k, v in args.items() if v is not None}
        for section in ("secrets", "configs"):
            for grant in items_of(service.get(section)):
                if isinstance(grant, Map):
                    wanted[section, string_of(grant.get("source"))] = None
    contents: dict[tuple[str, str], str] = {}
    for section, name in wanted:
        content = _content(model, section, name, lookup, supply, limits)
        if content is not None:
            contents[section, name] = content
    home = supply.variable(HOME) if any(map(_at_home, _paths(model))) else None
    return Inputs(
        environments=environments,
        labels=labels,
        build_args=build_args,
        contents=contents,
        home=home or "",
    )


def digest(content: str) -> str:
    """The name of a content in the store."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _environment(service: Map, lookup: Lookup, supply: Supply, at: At) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for i, entry in enumerate(items_of(service.get("env_file"))):
        path = entry.get("path") if isinstance(entry, Map) else None
        if path is None or is_nothing(path) or not isinstance(entry, Map):
            continue
        required = bool_of(entry.get("required"), default=True)
        file = normal(string_of(path))
        text = supply.file(file, optional=not required)
        if text is not None:
            form = string_of(entry.get("format"))
            if form not in {"", "raw"}:
                where = at.key("env_file").item(i).key("format")
                words = f'there is no format "{form[:40]}"'
                where.fault("bad-value", entry.place("format"), words, "write raw, or leave it out")
            found.update(values(text, file, lookup, at, raw=form == "raw"))
        elif required:
            _missing(file, "named by env_file", path.mark, at.key("env_file").item(i))
    return {**found, **_own(service.get("environment"), lookup)}


def _labels(service: Map, lookup: Lookup, supply: Supply, at: At) -> dict[str, str]:
    """The labels of a service: those of files, and over them its own."""
    found: dict[str, str] = {}
    for i, path in enumerate(items_of(service.get("label_file"))):
        file = normal(string_of(path))
        text = supply.file(file)
        if text is not None:
            found.update(values(text, file, lookup, at))
        else:
            _missing(file, "named by label_file", path.mark, at.key("label_file").item(i))
    own = entries_of(service.get("labels"))
    return {**found, **{name: string_of(value) for name, value in own.items()}}


def _own(pairs: Node | None, lookup: Lookup) -> dict[str, str | None]:
    """Pairs, where a name without a value takes the client's."""
    return {
        name: lookup(name) if isinstance(node, Scalar) and node.data is None else string_of(node)
        for name, node in entries_of(pairs).items()
    }


def values(text: str, file: str, lookup: Lookup, at: At, *, raw: bool = False) -> dict[str, str]:
    """What an environment file sets, and where it cannot be read, faults."""
    place = At(at.findings)
    if len(text) > MOST_TEXT:
        words = f"the file has {len(text):,} characters; it may have {MOST_TEXT:,}"
        place.fault("too-large", Mark(file, 1, 1), words, "split it into several files")
        return {}
    entries = dotenv.entries_of(text, file, place, raw=raw)
    return dotenv.values_of(entries, lookup, place)


def _content(model: Map, section: str, name: str, lookup: Lookup, supply: Supply, at: At) -> str | None:
    node = model.get(section, name)
    if not isinstance(node, Map):
        return None
    here = at.key(section).key(name)
    if (content := node.get("content")) is not None:
        return string_of(content)
    path = node.get("file")
    if path is not None and not is_nothing(path):
        file = normal(string_of(path))
        text = supply.file(file)
        if text is None:
            words = f'there is no file "{file}", which "{name}" is read from'
            here.key("file").refuse("missing-file", path.mark, words, "create it, or mend the path")
        return text
    variable = node.get("environment")
    if variable is None or is_nothing(variable):
        return None
    value = lookup(string_of(variable))
    if value is None:
        words = f'the variable "{string_of(variable)}", which "{name}" is read from, is not set'
        hint = f"set {string_of(variable)}"
        here.key("environment").refuse("missing-variable", variable.mark, words, hint)
    return value


def _missing(path: str, why: str, mark: Mark, at: At) -> None:
    words = f'there is no file "{path}", {why}'
    at.fault("missing-file", mark, words, "create it, or mend the path")


def _at_home(path: str) -> bool:
    return path == "~" or path.startswith("~/")


def _paths(model: Map) -> list[str]:
    found: list[str] = []
    for service in entries_of(model.get("services")).values():
        if isinstance(service, Map):
            mounts = items_of(service.get("volumes"))
            found.extend(string_of(m.get("source")) for m in mounts if isinstance(m, Map))
            found.append(string_of(service.get("build", "context")))
    return found
