"""What a resource holds: a template in a file, the members of a group.

A nested template is a type of its own: its parameters are the properties, its outputs the attributes.
It is read as a stack with the values it gets; of the members of a group, which are all alike, the
first stands for all. Nesting ends at Heat's depth, and at a number of resources in all.
"""

from __future__ import annotations

import msgspec

from longshore.model.unknown import Unknown
from longshore.template.findings import At, Findings, TooMuch
from longshore.template.hot import checked, facade, groups, limits, parameters, registry, stack
from longshore.template.hot import template as templates
from longshore.template.hot.definitions import Definition
from longshore.template.hot.environment import Environment
from longshore.template.hot.files import Files
from longshore.template.hot.groups import Member
from longshore.template.hot.kinds import Kind
from longshore.template.hot.parameters import Given, Parameter
from longshore.template.hot.registry import Meaning
from longshore.template.hot.scope import Outer
from longshore.template.hot.stack import Job, Plain, Resource, Stack
from longshore.template.hot.template import Template
from longshore.template.hot.types import registry as types
from longshore.template.hot.types.schema import ResourceType
from longshore.template.nodes import Mark

_NOWHERE = Mark("", 0, 0)


class Known(msgspec.Struct, frozen=True):
    """A nested template, read as far as it can be without values."""

    template: Template
    declared: dict[str, Parameter]
    row: ResourceType


class Nest:
    """All nested templates of one reading; each file is parsed once, each use of it read once."""

    def __init__(self, files: Files, findings: Findings) -> None:
        self._files = files
        self._findings = findings
        self._known: dict[str, Known | None] = {}
        self._read: set[object] = set()
        self._resources = 0

    def job(
        self,
        template: Template,
        environment: Environment,
        *,
        name: str = "",
        depth: int = 0,
        outer: Outer | None = None,
    ) -> Job:
        """What a template is read with, at a depth of nesting."""

        def file(path: str) -> str | None:
            place = self._files.locate(path, template.place)
            # What may not be read has been told where it is named.
            aside = At(self._findings.aside())
            return self._files.text(place) if self._files.allowed(place, _NOWHERE, aside) else ""

        def may_read(path: str, mark: Mark, at: At) -> None:
            self._files.allowed(self._files.locate(path, template.place), mark, at)

        def row(meaning: Meaning, definition: Definition) -> ResourceType | None:
            known = self._open(self._place(meaning, template), definition, environment)
            if known is None:
                return None
            facade.check(known.row, definition)
            return known.row

        def nested(parent: Stack, resource: Resource, values: Plain) -> None:
            self._look(parent, resource, values, environment, depth)

        return Job(
            template=template,
            environment=environment,
            name=name,
            strict=depth == 0,
            outer=outer,
            file=file,
            may_read=may_read,
            row=row,
            nested=nested,
        )

    def _place(self, meaning: Meaning, template: Template) -> str:
        entry = meaning.entry
        if entry is not None and entry.value == meaning.file:
            return entry.value
        return self._files.locate(meaning.file, template.place)

    def _open(self, place: str, definition: Definition, environment: Environment) -> Known | None:
        if place not in self._known:
            self._known[place] = self._opened(place, definition, environment)
        return self._known[place]

    def _opened(self, place: str, definition: Definition, environment: Environment) -> Known | None:
        at = definition.at.key("type")
        if not self._files.allowed(place, definition.type_mark, at):
            return None
        text = self._files.text(place)
        if text is None:
            if not self._files.waits(place):
                words = f'there is no file "{place}", which "{definition.name}" is made from'
                at.fault("missing-file", definition.type_mark, words, "create it, or mend the path")
            return None
        own = At(self._findings)
        template = templates.parse(text, place, own)
        if template is None:
            return None
        called = template.words
        section = template.root.get(called.parameters)
        declared = parameters.read(section, template.version, own.key(called.parameters))
        facade.check_outputs(template, own.key(called.outputs))
        row = facade.row_of(place, template, declared, environment.defaults)
        return Known(template, declared, row)

    def _look(
        self, parent: Stack, resource: Resource, values: Plain, environment: Environment, depth: int
    ) -> None:
        meaning = resource.meaning
        if meaning is None:
            return
        definition = resource.definition
        inner = msgspec.structs.replace(
            environment,
            parameters={},
            registry=environment.registry.within(meaning.entry, definition.name),
        )
        if meaning.file:
            if self._allowed(definition, depth):
                self._template(parent, resource, values, inner, depth + 1)
            return
        members = groups.members(types.canonical(meaning.type), definition, values)
        if members and self._allowed(definition, depth):
            for member in members:
                self._member(parent, member, inner, depth + 1)

    def _allowed(self, definition: Definition, depth: int) -> bool:
        if depth < limits.MOST_NESTED:
            return True
        words = f"templates are nested deeper than {limits.MOST_NESTED}"
        definition.at.fault("too-deep", definition.type_mark, words, "does it hold itself?")
        return False

    def _template(
        self, parent: Stack, resource: Resource, values: Plain, environment: Environment, depth: int
    ) -> None:
        assert resource.meaning is not None
        definition = resource.definition
        known = self._known.get(self._place(resource.meaning, parent.template))
        if known is None:
            return
        # Uses of a template that get the same values say the same.
        use = (known.template.place, depth, repr(values), repr(environment.registry))
        if use in self._read:
            return
        self._read.add(use)
        self._count(len(known.row.properties) + 1)
        given = {name: Given(value) for name, value in values.items() if value is not None}
        self._check_lists(known, definition, values)
        outer = Outer(
            metadata=resource.metadata,
            deletion_policy=definition.deletion_policy,
            update_policy=resource.update_policy,
        )
        job = self.job(
            known.template,
            msgspec.structs.replace(environment, parameters=given),
            name=definition.name,
            depth=depth,
            outer=outer,
        )
        read = stack.read(job, known.declared, At(self._findings))
        self._count(len(read.resources))

    def _check_lists(self, known: Known, definition: Definition, values: Plain) -> None:
        """Lists travel into a nested template as words between commas, so their items are words."""
        for name, parameter in known.declared.items():
            value = values.get(name)
            if parameter.kind is not Kind.LIST or not isinstance(value, list) or not value:
                continue
            if isinstance(value[0], dict) or all(isinstance(item, str | None | Unknown) for item in value):
                continue
            at = definition.at.key("properties").key(name)
            node = definition.node.get("properties", name)
            mark = node.mark if node is not None else definition.mark
            at.fault("wrong-type", mark, "a list for a nested template holds strings", "write them in quotes")

    def _count(self, more: int) -> None:
        self._resources += more
        if self._resources > limits.MOST_RESOURCES:
            raise TooMuch

    def _member(self, parent: Stack, member: Member, environment: Environment, depth: int) -> None:
        """One member of a group, checked as Heat checks what is nested."""
        self._count(1)
        definition = member.definition
        meaning = registry.meaning(environment.registry, definition.type, definition.name)
        if meaning is None:
            words = f'there is no type "{definition.type}"'
            hint = types.near(definition.type)
            # Members are made when the group is: by then the type may be there.
            definition.at.key("type").warn("unknown-type", definition.type_mark, words, hint)
            return
        row = types.find(meaning.type)
        if meaning.file:
            known = self._open(self._place(meaning, parent.template), definition, environment)
            row = known.row if known is not None else None
        if row is None:
            return
        node = definition.node.items.get("properties", definition.node)
        at = definition.at.key("properties")
        values = checked.properties(row, member.properties, node, at, strict=False)
        resource = Resource(
            definition=definition,
            meaning=meaning,
            row=row,
            properties=member.properties,
            metadata=member.metadata,
            update_policy={},
            needs=(),
        )
        self._look(parent, resource, values, environment, depth)
