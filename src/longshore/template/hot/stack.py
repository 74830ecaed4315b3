"""A template with its values: parameters typed, conditions decided, resources checked and put in order.

Checks go by sections, each as far as it can be taken whatever was wrong before, so that all faults
come at once. What a template refers to and is not there is told with what is; a fault's value passes
on as `BROKEN`. What nested templates say is found by `nested`, which reads them as stacks too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from longshore.template.findings import At
from longshore.template.hot import (
    checked,
    definitions,
    expression,
    outputs,
    parameter_groups,
    parameters,
    registry,
)
from longshore.template.hot.conditions import Conditions
from longshore.template.hot.definitions import Definition, Said
from longshore.template.hot.environment import Environment
from longshore.template.hot.expression import Expression
from longshore.template.hot.functions.row import Call
from longshore.template.hot.outputs import Output
from longshore.template.hot.parameters import Parameter
from longshore.template.hot.registry import Meaning
from longshore.template.hot.rings import rings
from longshore.template.hot.scope import Facade, Outer, Scope, hint
from longshore.template.hot.template import Template
from longshore.template.hot.types import between, implied
from longshore.template.hot.types import registry as types
from longshore.template.hot.types.schema import ResourceType
from longshore.template.nodes import Map, Mark, value_of

Plain = dict[str, object]

_MOST_SHOWN = 12
"""Names of a ring that a message shows."""

_EMPTY: Plain = {}
"""What a resource says that says nothing; one for all, and never changed."""

_NOTHING: Mapping[str, object] = MappingProxyType({})
"""Shared by all resources of which nothing is known yet."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource that is there: what its type means, its properties worked out, what it waits for.

    `properties` are as evaluated, before conversion; `needs` are the names it refers to or names.
    """

    definition: Definition
    meaning: Meaning | None
    row: ResourceType | None
    properties: Plain
    metadata: object
    update_policy: object
    needs: tuple[str, ...]


class Stack(msgspec.Struct, kw_only=True):
    """What a template came to. `depends` is, for each resource, all it waits for, sorted."""

    template: Template
    declared: Mapping[str, Parameter]
    values: Mapping[str, object]
    scope: Scope
    resources: dict[str, Resource] = msgspec.field(default_factory=dict)
    outputs: dict[str, Output] = msgspec.field(default_factory=dict)
    depends: dict[str, list[str]] = msgspec.field(default_factory=dict)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a template is read with.

    Attributes:
        template: the template.
        environment: the values and mappings that hold in it.
        name: the name of the stack, or empty.
        strict: whether values are checked too; Heat leaves that out in nested templates, whose
            values may be known only later.
        outer: the resource that a nested template stands for.
        file: the text of a file that the template names.
        may_read: says why not, where a file that the template names may not be read.
        row: the row of a resource's type, which a nested template may make.
        nested: looks into what a resource holds: templates, members of groups.
    """

    template: Template
    environment: Environment
    name: str = ""
    strict: bool = True
    outer: Outer | None = None
    file: Callable[[str], str | None]
    may_read: Callable[[str, Mark, At], None]
    row: Callable[[Meaning, Definition], ResourceType | None]
    nested: Callable[[Stack, Resource, Plain], None]


def read(job: Job, declared: Mapping[str, Parameter], at: At) -> Stack:
    """A template as a stack; everything that is wrong with it is written down."""
    template = job.template
    words = template.words
    values = _values(job, declared, at.key(words.parameters))
    parameter_groups.check(template, declared, at.key("parameter_groups"))
    held = Conditions()
    facades: dict[str, Facade] = {}
    mappings = value_of(template.section(words.mappings))
    scope = Scope(
        version=template.version,
        parameters={**parameters.pseudo(template.version, job.name), **values},
        conditions=held,
        names=facades,
        resource=facades.get,
        file=job.file,
        mappings=mappings if isinstance(mappings, dict) else {},
        outer=job.outer,
    )
    held.read(template.root.get(words.conditions), scope, at.key(words.conditions))
    # While definitions are parsed every name counts; what a condition leaves out is gone after.
    section = template.root.get(words.resources)
    if isinstance(section, Map):
        facades.update({name: Facade(name=name) for name in section.items})
    defined = definitions.read(section, scope, at.key(words.resources))
    stack = Stack(template=template, declared=declared, values=values, scope=scope)
    _settle(stack, defined, facades, job)
    _order(stack, defined, at.key(words.resources))
    stack.outputs.update(outputs.read(template, scope, at.key(words.outputs)))
    held.finish()
    return stack


def _values(job: Job, declared: Mapping[str, Parameter], at: At) -> Plain:
    environment = job.environment
    if job.strict:
        section = job.template.root.get(job.template.words.parameters)
        return parameters.values(section, declared, environment.parameters, environment.defaults, at)
    return parameters.loose_values(declared, environment.parameters, environment.defaults)


def _settle(stack: Stack, defined: Mapping[str, Definition], facades: dict[str, Facade], job: Job) -> None:
    """Know the type of every resource, then work out and check what is said of each."""
    meanings: dict[str, Meaning | None] = {}
    rows: dict[str, ResourceType | None] = {}
    there = {name: each for name, each in defined.items() if each.holds}
    facades.clear()
    for name, definition in there.items():
        meaning = registry.meaning(job.environment.registry, definition.type, name)
        meanings[name] = meaning
        rows[name] = row = _row(meaning, definition, job)
        facades[name] = _facade(name, meaning, definition, row)
    _check_names(stack, there)
    for name, definition in defined.items():
        said = definitions.said(definition, stack.scope)
        if definition.holds:
            stack.resources[name] = _resource(stack, definition, said, meanings[name], rows[name], job)


def _row(meaning: Meaning | None, definition: Definition, job: Job) -> ResourceType | None:
    if meaning is None:
        here = definition.at.key(job.template.version.resource.type)
        words = f'there is no type "{definition.type}"'
        here.fault("unknown-type", definition.type_mark, words, types.near(definition.type))
        return None
    return job.row(meaning, definition) if meaning.file else types.find(meaning.type)


def _facade(name: str, meaning: Meaning | None, definition: Definition, row: ResourceType | None) -> Facade:
    # What a nested template or a member of a group offers is told only when it is made.
    open_ = (
        row is None or row.any_attribute or row.placeholder or (meaning is not None and meaning.file != "")
    )
    attributes = None if open_ or row is None else row.attributes
    return Facade(name=name, type=definition.type, attributes=attributes, known=_NOTHING)


def _check_names(stack: Stack, there: Mapping[str, Definition]) -> None:
    for name, definition in there.items():
        if name in stack.scope.parameters:
            words = f'a parameter and a resource are both called "{name}"'
            definition.at.fault("same-name", definition.mark, words, "rename one of them")


def _resource(
    stack: Stack,
    definition: Definition,
    said: Said,
    meaning: Meaning | None,
    row: ResourceType | None,
    job: Job,
) -> Resource:
    keys = stack.template.version.resource
    scope = stack.scope
    at = definition.at
    # Of a type that nobody knows nobody knows either what its properties have to come to; and within
    # a nested template Heat does not look at values.
    quiet = at if row is not None and job.strict else At(at.findings.aside(), at.path)
    own = _refers(said.properties, job, scope, at.key(keys.properties), quiet)
    needs = {**dict.fromkeys(own), **_refers(said.metadata, job, scope, at.key(keys.metadata), quiet)}
    needs.update(dict.fromkeys(name for name, _ in definition.depends))
    if said.properties is not None and row is not None and not row.placeholder:
        _check_mapping(said.properties, at.key(keys.properties))
    properties = _mapping(said.properties, scope, quiet, keys.properties)
    resource = Resource(
        definition=definition,
        meaning=meaning,
        row=row,
        properties=properties,
        metadata=_metadata(said.metadata, scope, quiet, keys.metadata),
        update_policy=_mapping(said.update_policy, scope, quiet, keys.update_policy),
        needs=tuple(needs),
    )
    if definition.external:
        _check_external(resource, at)
        return resource
    if said.update_policy is not None:
        expression.check(said.update_policy, scope, at.key(keys.update_policy))
    if row is not None:
        referring = {step for steps in own.values() for step in steps}
        _check_resource(resource, referring, job, stack)
    return resource


def _refers(parsed: Expression | None, job: Job, scope: Scope, at: At, quiet: At) -> dict[str, set[str]]:
    """What a section refers to: each resource, with the first steps of the ways to where it does so."""
    if parsed is None or not parsed.found:
        return {}
    found: dict[str, set[str]] = {}
    expression.check(parsed, scope, at)
    for reference in parsed.found:
        if reference.kind == "file":
            job.may_read(reference.name, reference.mark, At(quiet.findings, at.path))
        elif reference.kind in ("resource", "attribute") and scope.resource(reference.name) is not None:
            found.setdefault(reference.name, set()).add(_first(reference.way))
    return found


def _first(way: object) -> str:
    """The first step of a way, which is the property it leads into."""
    step: object = ""
    while way is not None:
        way, step = way  # type: ignore[misc]
    return str(step)


def _mapping(parsed: Expression | None, scope: Scope, at: At, key: str) -> Plain:
    if parsed is None:
        return _EMPTY
    found = expression.evaluate(parsed, scope, at.key(key))
    return found if isinstance(found, dict) else _EMPTY


def _metadata(parsed: Expression | None, scope: Scope, at: At, key: str) -> Plain:
    # Heat works metadata out when they are asked for: what is wrong in them stops nothing. But for a
    # file that is not there: whoever sends the template has to send it too.
    aside = at.findings.aside()
    found = _mapping(parsed, scope, At(aside, at.path), key)
    for fault in aside.faults():
        tell = at.findings.fault if fault.code == "missing-file" else at.findings.warn
        tell(fault)
    return found


def _check_mapping(parsed: Expression, at: At) -> None:
    if isinstance(parsed.value, Call):
        words = "a function cannot stand for the whole of the properties"
        at.fault("wrong-type", parsed.node.mark, words, "give each value by a function of its own")


def _check_external(resource: Resource, at: At) -> None:
    # What others made is only looked at: it waits for nothing, and its properties are not read.
    if resource.definition.depends:
        mark = resource.definition.depends[0][1]
        at.fault(
            "conflict", mark, "a resource with an external id waits for no other", "leave one of them out"
        )


def _check_resource(resource: Resource, referring: set[str], job: Job, stack: Stack) -> None:
    definition, row = resource.definition, resource.row
    assert row is not None
    keys = job.template.version.resource
    if definition.deletion_policy == "Snapshot" and not row.snapshot and not row.placeholder:
        node = definition.node.items[keys.deletion_policy]
        words = f"{row.name} has nothing that a snapshot could be taken of"
        definition.at.key(keys.deletion_policy).fault("bad-value", node.mark, words, "Retain, or Delete")
    if keys.update_policy in definition.node.items:
        node = definition.node.items[keys.update_policy]
        at = definition.at.key(keys.update_policy)
        assert isinstance(resource.update_policy, dict)
        checked.update_policy(row, resource.update_policy, node, at)
    node = definition.node.items.get(keys.properties, definition.node)
    values = checked.properties(
        row,
        resource.properties,
        node,
        definition.at.key(keys.properties),
        referring=referring,
        unmade=tuple(name for name in resource.needs if _is_unmade(stack, name)),
        strict=job.strict,
    )
    job.nested(stack, resource, values)


def _is_unmade(stack: Stack, name: str) -> bool:
    """Whether a resource has no identity until it is made, not even its name."""
    facade = stack.scope.resource(name)
    row = types.find(facade.type) if facade is not None else None
    return row is not None and not row.named


def _order(stack: Stack, defined: Mapping[str, Definition], at: At) -> None:
    """What each resource waits for: what it says and refers to, and what its type implies."""
    declared = {
        name: implied.Declared(
            name=name,
            type=_plain_type(each),
            properties=each.properties,
            depends=each.needs,
            metadata=each.metadata,
            plain=each.meaning is None or not each.meaning.file,
        )
        for name, each in stack.resources.items()
    }
    waits = implied.everything(declared)
    for name, resource in stack.resources.items():
        definition = resource.definition
        key = stack.template.version.resource.depends_on
        for other, mark in definition.depends:
            if other not in defined:
                words = f'there is no resource "{other}" to wait for'
                meant = hint(at, other, defined)
                definition.at.key(key).fault("unknown-resource", mark, words, meant)
        if definition.external:
            stack.depends[name] = []
            continue
        needs = {other for other in resource.needs if other in stack.resources}
        needs.update(waits.get(name, ()))
        stack.depends[name] = sorted(needs)
        properties = stack.template.version.resource.properties
        node = definition.node.items.get(properties, definition.node)
        between.check(name, declared, needs, node, definition.at.key(properties))
    for ring in rings(stack.depends):
        first = stack.resources[ring[0]].definition
        words = f"resources wait for each other in a ring: {_shown_ring(ring)}"
        first.at.fault("dependency-cycle", first.mark, words, "let one of them not refer to the next")


def _shown_ring(ring: list[str]) -> str:
    names = [*ring, ring[0]]
    if len(names) > _MOST_SHOWN:
        half = _MOST_SHOWN // 2
        names = [*names[:half], f"… ({len(ring)} in all)", *names[-half:]]
    return " -> ".join(names)


def _plain_type(resource: Resource) -> str:
    meaning = resource.meaning
    return meaning.type if meaning is not None and meaning.type else resource.definition.type
