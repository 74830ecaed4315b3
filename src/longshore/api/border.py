"""The border: errors become status codes here, once, and answers become bytes.

What a handler raises as a `LongshoreError` is told to the client in full. Anything else is a bug: the
client learns only that, the log where it was; the exception's own text may hold a secret, and goes
nowhere.
"""

from __future__ import annotations

import logging
import traceback

import msgspec
from starlette.responses import Response

from longshore.model.errors import Failed, LongshoreError
from longshore.service.answer import Trouble, trouble_of

LOG = logging.getLogger(__name__)

JSON = "application/json"

_STATUS = {
    "body-malformed": 400,
    "body-too-large": 413,
    "method-unknown": 405,
    "query-malformed": 400,
    "token-missing": 401,
}
"""Codes of HTTP's own troubles, which HTTP has statuses for; all others go by the class of the error."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error as the client gets it; `exit` is the command line's exit code."""

    error: Trouble
    exit: int


def problem_of(error: LongshoreError) -> Problem:
    """An error as it is sent."""
    return Problem(error=trouble_of(error), exit=error.exit_code)


def encode(value: object) -> bytes:
    """An answer as JSON; what JSON has no word for (in the facts of errors) goes as text."""
    return msgspec.json.encode(value, enc_hook=str)


def answer(value: object) -> Response:
    """A good answer."""
    return Response(encode(value), media_type=JSON)


def refuse(error: LongshoreError) -> Response:
    """An error's answer."""
    status = _STATUS.get(error.code, error.status)
    return Response(encode(problem_of(error)), status_code=status, media_type=JSON)


def client_gone() -> Failed:
    """The client went while it was sending; nobody will read this but whoever was to read the rest."""
    return Failed("the client broke off", code="client-gone", remedy="send it again")


def bug(error: Exception, where: str) -> Failed:
    """Log an exception that nobody expected, without its text, and give what to tell the client."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    LOG.error("%s in %s\n%s", type(error).__name__, where, frames)
    return Failed(
        "something went wrong within the server; its log says where",
        code="internal",
        remedy="try again; if it stays, report it with the log",
        facts={"where": where},
    )
