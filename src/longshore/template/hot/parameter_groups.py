"""Parameter groups, by which a form shows parameters together: each is there, and in one group at most."""

from __future__ import annotations

from collections.abc import Mapping

from longshore.template.findings import At
from longshore.template.hot import parameters
from longshore.template.hot.parameters import Parameter
from longshore.template.hot.scope import hint
from longshore.template.hot.template import Template
from longshore.template.nodes import Map, Mark, Scalar, Seq, kind_of, value_of


def check(template: Template, declared: Mapping[str, Parameter], at: At) -> None:
    """Write down what is wrong with the groups of a template."""
    section = template.section("parameter_groups")
    if section is None or not value_of(section):
        return
    if not isinstance(section, Seq):
        at.fault("wrong-type", section.mark, f"parameter groups are a list, this is {kind_of(section)}")
        return
    seen: dict[str, Mark] = {}
    known = {*declared, *parameters.pseudo(template.version, "")}
    for i, group in enumerate(section.items):
        here = at.item(i)
        names = group.get("parameters") if isinstance(group, Map) else None
        if not isinstance(names, Seq):
            here.fault(
                "missing-key", group.mark, "a group needs a list of its parameters", "parameters: [NAME]"
            )
            continue
        for j, node in enumerate(names.items):
            name = node.text if isinstance(node, Scalar) else ""
            if name in seen:
                words = f'"{name}" is in a group already, in line {seen[name].line}'
                here.item(j).fault("duplicate-key", node.mark, words, "leave one of them out")
            elif name not in known:
                words = f'there is no parameter "{name}"'
                here.item(j).fault("unknown-parameter", node.mark, words, hint(at, name, declared))
            seen.setdefault(name, node.mark)
