"""Files of parameter values (--parameters): read with their places, and laid over each other.

Such a file is a mapping of names to values, or a Heat environment of which the `parameters` count. Its
values are read as those of Heat's own files.
"""

from __future__ import annotations

import msgspec

from longshore.model.template import Sources
from longshore.template import document
from longshore.template.findings import At
from longshore.template.hot import scalars
from longshore.template.nodes import Map, Mark, Node, is_nothing, kind_of, value_of

_SECTION = "parameters"
_ENVIRONMENT = frozenset(
    {
        _SECTION,
        "parameter_defaults",
        "parameter_merge_strategies",
        "encrypted_param_names",
        "event_sinks",
        "resource_registry",
    }
)
"""The sections of an environment, by which one is known."""


def with_values(sources: Sources, at: At) -> Sources:
    """The sources with the values of all files of parameters; what was given by name wins."""
    values: dict[str, object] = {}
    for path in sources.parameter_files:
        values.update(_values(path, sources.files[path], at))
    return msgspec.structs.replace(sources, parameters={**values, **sources.parameters})


def _values(path: str, text: str | None, at: At) -> dict[str, object]:
    if text is None:
        at.fault("missing-file", Mark(path, 0, 0), f'there is no file "{path}"', "mend the path")
        return {}
    resolve = scalars.resolve_json if scalars.is_json(text) else scalars.resolve
    manner = document.Manner(resolve=resolve, lenient=True)
    nodes = document.parse(text, path, at.findings, manner)
    found = [node for node in nodes if not is_nothing(node)]
    if len(found) > 1:
        words = "a file of parameters is one document, here begins another"
        at.fault("wrong-type", found[1].mark, words, "put the values into one mapping")
        return {}
    node = _map(found[0], at) if found else None
    if node is None:
        return {}
    if _SECTION in node.items and node.items.keys() <= _ENVIRONMENT:
        return _of_environment(node, at)
    return {name: value_of(value) for name, value in node.items.items()}


def _of_environment(node: Map, at: At) -> dict[str, object]:
    for key in (key for key in node.items if key != _SECTION):
        words = f'"{key}" is a section of an environment, and not read here'
        at.fault("unknown-key", node.at(key), words, "give the file by -e")
    section = node.items[_SECTION]
    values = None if is_nothing(section) else _map(section, at.key(_SECTION))
    return {} if values is None else {name: value_of(value) for name, value in values.items.items()}


def _map(node: Node, at: At) -> Map | None:
    if isinstance(node, Map):
        return node
    words = f"expected a mapping of parameters to values, got {kind_of(node)}"
    at.fault("wrong-type", node.mark, words, "write NAME: VALUE, a line for each")
    return None
