"""The outputs of a template: what a stack tells when it is there.

An attribute that no resource has is a fault; a value that cannot be worked out stops nothing, since
Heat tells of it only when it is asked for.
"""

from __future__ import annotations

import msgspec

from longshore.template.findings import At
from longshore.template.hot import conditions, definitions, expression
from longshore.template.hot.scope import Scope
from longshore.template.hot.template import Template
from longshore.template.nodes import Map, kind_of, value_of


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """An output, with its value worked out; None where its condition does not hold."""

    name: str
    description: str
    value: object


def read(template: Template, scope: Scope, at: At) -> dict[str, Output]:
    """The outputs of a template; what is wrong with the form of one is a fault."""
    found: dict[str, Output] = {}
    words = template.words
    section = template.section(words.outputs)
    if section is None or not definitions.value_of_any(section):
        return found
    if not isinstance(section, Map):
        at.fault("wrong-type", section.mark, f"expected outputs by name, got {kind_of(section)}")
        return found
    for name, node in section.items.items():
        here = at.key(name)
        if section.typed and name in section.typed:
            said = f"the name of an output is text, this is {section.typed[name]!r}"
            here.fault("bad-key", section.at(name), said, f'write "{name}" in quotes')
        elif not isinstance(node, Map):
            said = f'the output "{name}" is a mapping with its value, this is {kind_of(node)}'
            here.fault("wrong-type", node.mark, said, f"{words.value}: …")
        elif words.value not in node.items:
            here.fault("missing-key", section.at(name), f'an output needs a "{words.value}"')
        else:
            found[name] = _output(name, node, template, scope, here)
    return found


def _output(name: str, node: Map, template: Template, scope: Scope, at: At) -> Output:
    words = template.words
    description = value_of(node.get(words.description))
    said = "" if description is None else str(description)
    condition = node.get(words.condition) if scope.version.resource.condition else None
    named = condition is not None and value_of(condition) is not None
    if named and not conditions.enabled(condition, scope, at.key(words.condition)):
        return Output(name=name, description=said, value=None)
    here = at.key(words.value)
    parsed = expression.parse(node.items[words.value], scope, here)
    attributes = tuple(each for each in parsed.found if each.kind == "attribute")
    expression.check(msgspec.structs.replace(parsed, found=attributes), scope, here)
    # A value that cannot be worked out stops nothing: Heat tells of it when it is asked for.
    aside = at.findings.aside()
    value = expression.evaluate(parsed, scope, At(aside, here.path))
    if aside.count and at.findings.clean:
        for fault in aside.faults():
            at.findings.warn(fault)
    return Output(name=name, description=said, value=value)
