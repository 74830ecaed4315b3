"""The guard: before anything else, who asks, by which name, and in which version.

A wrong Host on TCP may be a web page that had its own name pointed at this machine (DNS rebinding);
the token then helps, and the check makes sure. Over a unix socket the file's mode is the proof, and
neither is asked for.
"""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from longshore import __version__
from longshore.api.border import refuse
from longshore.model.errors import Denied, LongshoreError, Refused

VERSION_HEADER = "Longshore-Version"

_ANY_VERSION = frozenset({"/v1/version"})
"""Where a client of another version may ask, to find out."""


def guard(app: ASGIApp, *, token: str | None, allowed_hosts: tuple[str, ...]) -> ASGIApp:
    """Let through only who has the token (None: everybody) and names an allowed host (none given: any)."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await app(scope, receive, send)
            return
        stamped = _stamped(send)
        headers = Headers(scope=scope)
        error = (
            _host_error(headers, allowed_hosts)
            or _token_error(headers, token)
            or _version_error(headers, scope["path"])
        )
        if error is None:
            await app(scope, receive, stamped)
        else:
            await _turn_away(error, scope, receive, stamped)

    return guarded


def _stamped(send: Send) -> Send:
    """Have every answer tell the server's version."""

    async def stamp(message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start", "websocket.accept"}:
            message.setdefault("headers", [])
            MutableHeaders(scope=message)[VERSION_HEADER] = __version__
        await send(message)

    return stamp


async def _turn_away(error: LongshoreError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the error; a websocket whose server cannot do that is closed unopened."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
        return
    await refuse(error)(scope, receive, send)


def _host_error(headers: Headers, allowed: tuple[str, ...]) -> LongshoreError | None:
    host = headers.get("host", "").lower()
    if not allowed or host in allowed or _without_port(host) in allowed:
        return None
    return Denied(
        "this server is not known by that name",
        code="host-unknown",
        remedy=f"reach it as {allowed[0]}",
        facts={"host": host[:255]},
    )


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _token_error(headers: Headers, token: str | None) -> LongshoreError | None:
    if token is None:
        return None
    given = headers.get("authorization", "")
    if hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return None
    return Denied(
        "the token is wrong" if given else "a token is needed",
        code="token-wrong" if given else "token-missing",
        remedy="set LONGSHORE_TOKEN to what is in the file `token` in the server's state directory",
    )


def _version_error(headers: Headers, path: str) -> LongshoreError | None:
    """Another minor version may mean another contract. Who tells no version is taken at their word."""
    theirs = headers.get(VERSION_HEADER)
    if theirs is None or path in _ANY_VERSION or _minor(theirs) == _minor(__version__):
        return None
    return Refused(
        f"the server is of version {__version__}, the client of {theirs[:32]}",
        code="version-mismatch",
        remedy="longshore serve --restart, or update the older of the two",
        facts={"server": __version__, "client": theirs[:32]},
    )


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
