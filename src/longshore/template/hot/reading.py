"""Reading a template of Heat's, with the environments and files it was given with.

What a template needs is asked for as it is come upon; as long as something is wanting, the client is
told that alone, and whatever was found wrong so far is found again, with all the rest, when all is
there.
"""

from __future__ import annotations

from collections.abc import Callable

from longshore.model.template import Reading, Sources
from longshore.template import document
from longshore.template.findings import At, Findings
from longshore.template.hot import environment, outline, parameters, stack
from longshore.template.hot import template as templates
from longshore.template.hot.environment import Environment
from longshore.template.hot.files import Files
from longshore.template.hot.nested import Nest
from longshore.template.hot.parameters import Parameter
from longshore.template.hot.template import KEYS
from longshore.template.nodes import Map, Mark, is_nothing
from longshore.template.supply import Supply

DIALECT = "hot"


def detects(root: Map, _at: At) -> bool:
    """Whether a text is one of Heat's templates: it names a version of the language."""
    return any(key in root.items for key in KEYS)


def read(sources: Sources, layers: list[Map], findings: Findings) -> Reading:
    """An outline, faults, or needs, for a template that has been parsed."""
    at = At(findings)
    supply = Supply(sources)
    files = Files(sources, supply)
    if len(layers) > 1:
        words = "here begins another template; one is read at a time"
        at.fault("conflict", layers[1].mark, words, "name the others where the first uses them")
        return _failed(findings)
    template = templates.opened(layers[0], sources.templates[0], at)
    if template is None:
        return _failed(findings)
    called = template.words.parameters
    declared = parameters.read(template.root.get(called), template.version, at.key(called))
    around = _environment(sources, declared, files, at)
    job = Nest(files, findings).job(template, around, name=sources.project)
    read_ = stack.read(job, declared, at)
    needs = supply.needs()
    if needs is not None:
        return Reading(dialect=DIALECT, needs=needs)
    if not findings.clean:
        return _failed(findings)
    return Reading(dialect=DIALECT, warnings=findings.warnings(), outline=outline.of(read_))


def _environment(sources: Sources, declared: dict[str, Parameter], files: Files, at: At) -> Environment:
    found = []
    for path in sources.environments:
        text = files.text(path)
        if text is None:
            if not files.waits(path):
                place = Mark(path, 0, 0)
                at.fault("missing-file", place, f'there is no file "{path}"', "mend the path")
            continue
        roots = document.parse(text, path, at.findings, templates.manner_of(text))
        full = [node for node in roots if not is_nothing(node)]
        if len(full) > 1 or (full and not isinstance(full[0], Map)):
            at.fault(
                "wrong-type", full[-1].mark, "an environment is one mapping", "parameters: {NAME: VALUE}"
            )
        elif full:
            root = full[0]
            assert isinstance(root, Map)
            found.append(environment.read(root, _locating(files, path), At(at.findings)))
    return environment.joined(found, sources.parameters, declared, at)


def _locating(files: Files, path: str) -> Callable[[str], str]:
    return lambda name: files.locate(name, path)


def _failed(findings: Findings) -> Reading:
    return Reading(dialect=DIALECT, faults=findings.faults(), warnings=findings.warnings())
