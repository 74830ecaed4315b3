"""The definitions of resources: what each is, and, when asked, what it says.

What a resource is (its type, what it waits for, whether it is there at all) is read of all of them
first; what it says is parsed one at a time, so that the parsed form of a large template never lies
about as a whole. Both families of versions go through the same steps; the words come from the
version's row. A key that stands there with nothing behind it is a fault, as it is for Heat.
"""

from __future__ import annotations

import msgspec

from longshore.template.findings import At
from longshore.template.hot import expression
from longshore.template.hot.conditions import enabled
from longshore.template.hot.expression import BROKEN, Expression
from longshore.template.hot.scope import Scope, hint
from longshore.template.hot.versions import Keys, Version
from longshore.template.nodes import Map, Mark, Node, Scalar, Seq, kind_of, value_of


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a resource is, as its template defines it.

    `depends` are the names it says it waits for, with their places; `mark` is the place of its name.
    """

    name: str
    type: str
    mark: Mark
    type_mark: Mark
    node: Map
    at: At
    depends: tuple[tuple[str, Mark], ...] = ()
    deletion_policy: str = "Delete"
    description: str = ""
    external: bool = False
    holds: bool = True


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a resource says: its sections, parsed; None where it has none."""

    properties: Expression | None
    metadata: Expression | None
    update_policy: Expression | None


def said(definition: Definition, scope: Scope) -> Said:
    """Parse the sections of a resource; what is wrong with their form is a fault."""
    keys = scope.version.resource
    items = definition.node.items
    at = definition.at
    return Said(
        properties=_mapping(items.get(keys.properties), keys.properties, scope, at),
        metadata=_mapping(items.get(keys.metadata), keys.metadata, scope, at),
        update_policy=_mapping(items.get(keys.update_policy), keys.update_policy, scope, at),
    )


def read(section: Node | None, scope: Scope, at: At) -> dict[str, Definition]:
    """The definitions of a section; what is wrong with one is a fault, and the rest is read on."""
    if section is None or not value_of_any(section):
        return {}
    if not isinstance(section, Map):
        at.fault("wrong-type", section.mark, f"expected resources by name, got {kind_of(section)}")
        return {}
    found: dict[str, Definition] = {}
    for name, node in section.items.items():
        here = at.key(name)
        if section.typed and name in section.typed:
            words = f"the name of a resource is text, this is {section.typed[name]!r}"
            here.fault("bad-key", section.at(name), words, f'write "{name}" in quotes')
        elif "/" in name:
            here.fault("bad-value", section.at(name), 'the name of a resource may not contain "/"')
        else:
            definition = _definition(name, node, section.at(name), scope, here)
            if definition is not None:
                found[name] = definition
    return found


def value_of_any(node: Node) -> bool:
    """Whether a section holds anything, without making its value."""
    if isinstance(node, Scalar):
        return bool(node.data)
    return bool(node.items)


def _definition(name: str, node: Node, mark: Mark, scope: Scope, at: At) -> Definition | None:
    version = scope.version
    keys = version.resource
    if not isinstance(node, Map):
        words = f'the resource "{name}" is a mapping with its type, this is {kind_of(node)}'
        at.fault("wrong-type", node.mark, words, f"{keys.type}: OS::Heat::Value")
        return None
    _check_keys(node, version, at)
    kind = _type(node, keys, mark, at)
    if kind is None:
        return None
    items = node.items
    return Definition(
        name=name,
        type=kind,
        mark=mark,
        type_mark=items[keys.type].mark,
        node=node,
        at=at,
        depends=_depends(items.get(keys.depends_on), at.key(keys.depends_on))
        if keys.depends_on in items
        else (),
        deletion_policy=_deletion_policy(items.get(keys.deletion_policy), scope, at),
        description=_description(items.get(keys.description), at),
        external=_external_id(items[keys.external_id], scope, at) if keys.external_id in items else False,
        holds=enabled(items[keys.condition], scope, at.key(keys.condition))
        if keys.condition in items
        else True,
    )


def _check_keys(node: Map, version: Version, at: At) -> None:
    words = version.resource.words()
    for key in node.items:
        if key in words:
            continue
        said = f'the definition of a resource has no "{key}"'
        if version.cfn:
            # In this format Heat passes over what it does not know.
            at.warn("unknown-key", node.at(key), said, hint(at, key, words))
        else:
            at.fault("unknown-key", node.at(key), said, hint(at, key, words))


def _type(node: Map, keys: Keys, mark: Mark, at: At) -> str | None:
    written = node.get(keys.type)
    if written is None:
        at.fault("missing-key", mark, f'a resource needs a "{keys.type}"')
        return None
    # A function is not taken for a type, even where it would come to one.
    kind = written.data if isinstance(written, Scalar) else None
    if isinstance(kind, str) and kind:
        return kind
    words = f"the type of a resource is a name, this is {kind_of(written)}"
    at.key(keys.type).fault("wrong-type", written.mark, words)
    return None


def _mapping(node: Node | None, key: str, scope: Scope, at: At) -> Expression | None:
    if node is None:
        return None
    here = at.key(key)
    if not isinstance(node, Map):
        here.fault("wrong-type", node.mark, f'"{key}" is a mapping, this is {kind_of(node)}')
        return None
    return expression.parse(node, scope, here)


def _depends(node: Node | None, at: At) -> tuple[tuple[str, Mark], ...]:
    items = node.items if isinstance(node, Seq) else (node,)
    found: list[tuple[str, Mark]] = []
    for item in items:
        assert item is not None
        if isinstance(item, Scalar) and isinstance(item.data, str):
            found.append((item.data, item.mark))
        else:
            words = f"a resource waits for others by their names, this is {kind_of(item)}"
            at.fault("wrong-type", item.mark, words)
    return tuple(found)


def _deletion_policy(node: Node | None, scope: Scope, at: At) -> str:
    if node is None:
        return "Delete"
    version = scope.version
    here = at.key(version.resource.deletion_policy)
    parsed = expression.parse(node, scope, here)
    word = expression.evaluate(parsed, scope, here)
    if isinstance(word, str) and word in version.deletion_policies:
        return version.deletion_policies[word]
    if word is not BROKEN and not (word is None and not parsed.literal):
        words = f"a deletion policy is one of {', '.join(version.deletion_policies)}"
        here.fault("bad-value", node.mark, words, hint(here, str(word), version.deletion_policies))
    return "Delete"


def _description(node: Node | None, at: At) -> str:
    if node is None:
        return ""
    words = value_of(node)
    if not isinstance(words, str):
        at.key("description").fault(
            "wrong-type", node.mark, f"a description is text, this is {kind_of(node)}"
        )
        return ""
    return words


def _external_id(node: Node, scope: Scope, at: At) -> bool:
    """Whether the resource is one that others made; an id that comes to nothing is none."""
    here = at.key(scope.version.resource.external_id)
    parsed = expression.parse(node, scope, here)
    if parsed.literal and not isinstance(parsed.value, str):
        here.fault("wrong-type", node.mark, f"an external id is text, this is {kind_of(node)}")
        return False
    return bool(expression.evaluate(parsed, scope, here))
