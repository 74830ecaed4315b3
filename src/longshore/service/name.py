"""Names as people write them, `STACK[/SERVICE[.N]]`, and what to say when nothing has that name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

import msgspec

from longshore.model.errors import Invalid, NotFound
from longshore.model.spec import Graph
from longshore.model.stack import Stack
from longshore.service.desk import Desk

PROJECT = "default"
"""The project of whoever names none."""

REMEDIES = {
    "stack": "longshore stacks --all shows which there are",
    "service": "longshore ps shows which there are",
    "task": "longshore ps --all shows which there are",
    "host": "longshore hosts shows which there are",
    "cloud": "longshore clouds shows which there are",
    "change": "longshore events --json names them",
    "plan": "plan again (longshore plan FILE), and apply the hash that it shows",
    "subject": "name a stack, STACK/SERVICE, STACK/SERVICE.N, a host, a plan's hash or a change's id",
    "driver": "longshore clouds drivers shows which there are",
    "type": "longshore types shows which there are",
    "version": "longshore functions --json names them",
    "function": "longshore functions shows which there are",
}
"""Kind of name -> what to do when nothing bears it."""

_NAME = re.compile(r"(?P<stack>[^/\s]+)(?:/(?P<service>[^/\s]+?)(?:\.(?P<slot>[0-9]{1,9}))?)?")


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """`STACK[/SERVICE[.N]]` in its parts; `slot` 0 is all of them."""

    stack: str
    service: str = ""
    slot: int = 0


def parse_name(text: str) -> Name:
    """Take a name apart.

    Raises:
        Invalid: `name-malformed`.
    """
    found = _NAME.fullmatch(text)
    if found is None:
        raise Invalid(
            f"{text!r} is no name of a stack, service or task",
            code="name-malformed",
            remedy="write it as STACK, STACK/SERVICE or STACK/SERVICE.N",
        )
    return Name(stack=found["stack"], service=found["service"] or "", slot=int(found["slot"] or 0))


def unknown(kind: str, name: str, known: Iterable[str]) -> NotFound:
    """The error for a name that nothing has, with the nearest one that something has."""
    near = difflib.get_close_matches(name, sorted(set(known)), n=1)
    what = f"nothing that could be explained is called {name!r}" if kind == "subject" else ""
    return NotFound(
        (what or f"there is no {kind} {name!r}") + (f"; did you mean {near[0]!r}?" if near else ""),
        code=f"no-such-{kind}",
        remedy=REMEDIES[kind],
        facts={"name": name, **({"near": near[0]} if near else {})},
    )


async def find_stack(desk: Desk, name: str, *, project: str = PROJECT) -> Stack:
    """The stack of that name, whether up or down.

    Raises:
        NotFound: `no-such-stack`.
    """
    stacks = await desk.nouns(Stack, project=project)
    for stack in stacks:
        if stack.name == name:
            return stack
    raise unknown("stack", name, (stack.name for stack in stacks))


def check_service(graph: Graph, stack: str, service: str) -> None:
    """See that a stack has a service.

    Raises:
        NotFound: `no-such-service`.
    """
    if service in graph.services:
        return
    near = difflib.get_close_matches(service, sorted(graph.services), n=1)
    raise NotFound(
        f"stack {stack!r} has no service {service!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
        code="no-such-service",
        remedy=f"it has {', '.join(sorted(graph.services)) or 'none'}",
        facts={"stack": stack, "name": service, **({"near": near[0]} if near else {})},
    )
