"""Identities: a kind prefix and a sortable 128-bit value, from a source that is passed in."""

from __future__ import annotations

from typing import NewType, Protocol

StackId = NewType("StackId", str)
TaskId = NewType("TaskId", str)
HostId = NewType("HostId", str)
StepId = NewType("StepId", str)
ChangeId = NewType("ChangeId", str)
DecisionId = NewType("DecisionId", str)
AskId = NewType("AskId", str)

ServiceKey = NewType("ServiceKey", str)
"""`STACK-ID/NAME`: a service within its stack."""

HoldingKey = NewType("HoldingKey", str)
"""`HOST-ID/KIND/NAME`: one thing a host holds."""


def service_key(stack: StackId, service: str) -> ServiceKey:
    """The key of a service of a stack."""
    return ServiceKey(f"{stack}/{service}")


class IdSource(Protocol):
    """Gives identities that sort by the order in which they were given."""

    def new(self, kind: str) -> str:
        """The next identity, `KIND-` and 32 hexadecimal digits."""


class Ids:
    """An `IdSource` that counts up from a start value.

    `main` seeds it with the time in the upper 48 bits and random ones below, so that ids sort by
    age over restarts; rehearsals and tests seed it with a constant, so that plans repeat.
    """

    def __init__(self, start: int) -> None:
        self._next = start % (1 << 128)

    def new(self, kind: str) -> str:
        """The next identity."""
        self._next += 1
        return f"{kind}-{self._next:032x}"
