"""Expressions in miniature: nodes from plain data, and a scope with whatever a test puts around."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from longshore.model.fault import Fault
from longshore.model.template import Reading, Sources
from longshore.template import read
from longshore.template.findings import At, Findings
from longshore.template.hot import expression, versions
from longshore.template.hot.scope import Facade, Outer, Scope
from longshore.template.nodes import Data, Map, Mark, Node, Scalar, Seq

_MARK = Mark("stack.yaml", 1, 1)

Worked = Callable[..., "Answer"]


class Answer:
    """What an expression came to, what it refers to, and what was wrong with it."""

    def __init__(
        self, value: object, found: tuple[expression.Reference, ...], faults: tuple[Fault, ...]
    ) -> None:
        self.value = value
        self.found = found
        self.faults = faults

    @property
    def codes(self) -> list[str]:
        return [fault.code for fault in self.faults]


def node_of(data: object) -> Node:
    """Plain data as a node; every value stands in a line of its own."""
    count = 0

    def place() -> Mark:
        nonlocal count
        count += 1
        return Mark("stack.yaml", count, 1)

    def made(value: object) -> Node:
        mark = place()
        if isinstance(value, Mapping):
            items = {str(key): made(item) for key, item in value.items()}
            return Map(items, {key: item.mark for key, item in items.items()}, mark)
        if isinstance(value, list | tuple):
            return Seq(tuple(made(item) for item in value), mark)
        scalar: Data = value if isinstance(value, str | int | float | bool) else None
        return Scalar("" if scalar is None else str(scalar), scalar, mark)

    return made(data)


def scope_of(
    version: str = "2018-08-31",
    *,
    parameters: Mapping[str, object] | None = None,
    conditions: Mapping[str, bool] | None = None,
    resources: Mapping[str, str] | None = None,
    attributes: Mapping[str, frozenset[str]] | None = None,
    files: Mapping[str, str] | None = None,
    mappings: Mapping[str, object] | None = None,
    outer: Mapping[str, object] | None = None,
) -> Scope:
    """A scope; `attributes` are those of a type, any where it is not named."""
    known = resources or {}

    def resource(name: str) -> Facade | None:
        if name not in known:
            return None
        return Facade(name=name, type=known[name], attributes=(attributes or {}).get(known[name]))

    return Scope(
        version=next(v for v in versions.VERSIONS if version in v.names),
        parameters=parameters or {},
        conditions=conditions or {},
        names=tuple(known),
        resource=resource,
        file=(files or {}).get,
        mappings=mappings or {},
        outer=Outer(**outer) if outer is not None else None,  # type: ignore[arg-type]
    )


@pytest.fixture(name="worked")
def _worked() -> Worked:
    """Parse, check and work out a value, as the reading of a template does."""

    def worked(
        data: object, version: str = "2018-08-31", *, condition: bool = False, **around: object
    ) -> Answer:
        findings = Findings()
        at = At(findings, "value")
        scope = scope_of(version, **around)  # type: ignore[arg-type]
        parse = expression.parse_condition if condition else expression.parse
        parsed = parse(node_of(data), scope, at)
        expression.check(parsed, scope, at)
        value = expression.evaluate(parsed, scope, at)
        return Answer(value, expression.references(parsed), findings.faults())

    return worked


Stacked = Callable[..., Reading]

MOST_ROUNDS = 8


@pytest.fixture(name="stacked")
def _stacked() -> Stacked:
    """A client in miniature: reads `main.yaml` in /w, and answers every need from `files`."""

    def stacked(
        text: str,
        *,
        files: Mapping[str, str] | None = None,
        parameters: Mapping[str, object] | None = None,
        environments: Sequence[str] = (),
        roots: Sequence[str] = (),
        project: str = "",
    ) -> Reading:
        have = {"main.yaml": text, **(files or {})}
        sent: dict[str, str | None] = {}
        for _ in range(MOST_ROUNDS):
            reading = read(
                Sources(
                    templates=("main.yaml",),
                    directory="/w",
                    files=dict(sent),
                    parameters=dict(parameters or {}),
                    environments=tuple(environments),
                    roots=tuple(roots),
                    project=project,
                    dialect="hot",
                )
            )
            if reading.needs is None:
                return reading
            paths = (*reading.needs.files, *reading.needs.optional)
            assert paths
            assert not set(paths) & set(sent), "asked twice"
            sent |= {path: have.get(path) for path in paths}
        raise AssertionError("the reader never stops asking")

    return stacked
