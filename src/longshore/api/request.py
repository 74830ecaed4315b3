"""Requests, taken apart: queries and bodies become structs, or a clear error."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.websockets import WebSocket

from longshore.api.border import client_gone
from longshore.model.errors import Invalid

T = TypeVar("T")

LARGEST = 32 * 1024 * 1024
"""Bytes of a body: room for a long template with its files. Build contexts are streams and have no limit."""

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
"""How many rows to answer with: enough for any screen, few enough for one answer."""

Slot = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
"""The N of a task, 0 for all."""


def query_of(request: Request | WebSocket, shape: type[T]) -> T:
    """The query as a struct; words become numbers, and 1, 0, true and false become yes and no.

    Raises:
        Invalid: `query-malformed`.
    """
    try:
        return msgspec.convert(dict(request.query_params), shape, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(
            f"the query of {request.url.path} is wrong: {error}",
            code="query-malformed",
            remedy="correct it; docs/api.md has what each request takes",
        ) from None


async def body_of(request: Request, shape: type[T]) -> T:
    """The body as a struct; no body is an empty one.

    Raises:
        Invalid: `body-malformed`, `body-too-large`.
    """
    return decode(await _read(request) or b"{}", shape)


def decode(text: bytes | str, shape: type[T]) -> T:
    """JSON as a struct.

    Raises:
        Invalid: `body-malformed`.
    """
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        wrong = "is not what is wanted" if isinstance(error, msgspec.ValidationError) else "is not JSON"
        raise Invalid(
            f"the request {wrong}: {error}",
            code="body-malformed",
            remedy="correct it; docs/api.md has what each request takes",
        ) from None


async def _read(request: Request) -> bytes:
    """The body. One that is too large is read to its end, too: else the client would not hear why."""
    body = bytearray()
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size <= LARGEST:
                body += piece
    except ClientDisconnect:
        raise client_gone() from None
    if size > LARGEST:
        raise Invalid(
            f"the request is larger than {LARGEST >> 20} MiB",
            code="body-too-large",
            remedy="send less: large files belong into images or volumes",
        )
    return bytes(body)
