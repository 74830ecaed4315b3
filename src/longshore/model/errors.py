"""The errors, few, named by what the catcher does.

    LongshoreError
    |-- Invalid        the asker must change the request (exit 2, HTTP 422); may carry faults
    |-- NotFound       there is no such thing (exit 2, HTTP 404)
    |-- Refused        right, but not now or not allowed (exit 3, HTTP 409)
    |-- Denied         who are you? (exit 3, HTTP 401)
    |-- Unreachable    a server, cloud or engine does not answer (exit 4, HTTP 503)
    |-- Failed         it was tried and went wrong (exit 1, HTTP 500)
    '-- Unsure         it was tried, and only a look can tell what came of it (exit 4, HTTP 503)

Each has a stable code, the facts, and the command or edit that mends it.
"""

from __future__ import annotations

from typing import ClassVar

from longshore.model.fault import Fault


class LongshoreError(Exception):
    """An error with a stable `code`, a sentence, a `remedy`, and facts for programs."""

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        code: str,
        remedy: str = "",
        facts: dict[str, object] | None = None,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.remedy = remedy
        self.facts = facts or {}
        self.faults = faults


class Invalid(LongshoreError):
    """The request is wrong; asking again without changing it will not help."""

    status = 422
    exit_code = 2


class NotFound(LongshoreError):
    """Nothing of that name exists."""

    status = 404
    exit_code = 2


class Refused(LongshoreError):
    """The request is right, but the state of the world, a limit or the asker says no."""

    status = 409
    exit_code = 3


class Denied(LongshoreError):
    """The asker did not prove who they are."""

    status = 401
    exit_code = 3


class Unreachable(LongshoreError):
    """The other side did not answer; trying later may help."""

    status = 503
    exit_code = 4


class Failed(LongshoreError):
    """It was tried, and it went wrong."""

    status = 500
    exit_code = 1


class Unsure(LongshoreError):
    """It was tried, and nobody knows whether it happened: look before trying again."""

    status = 503
    exit_code = 4
