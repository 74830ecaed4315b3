"""The way to the server: HTTP over a unix socket, or TCP where that was asked for.

Every call raises only `LongshoreError`: the server's own errors come back as they were raised
there, and what goes wrong on the way is `Unreachable` (nothing was asked) or `Unsure`.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import msgspec
from typing_extensions import override

from longshore.model.errors import (
    Denied,
    Failed,
    Invalid,
    LongshoreError,
    NotFound,
    Refused,
    Unreachable,
    Unsure,
)
from longshore.model.fault import Fault

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

Query = Mapping[str, str | int | bool]
"""A request's query; False, empty and None-like values are left out."""

_PATIENCE = 300.0
"""Seconds until an answer: longer than any rehearsal, short enough to notice a server that hangs."""

_CONNECT = 5.0
"""Seconds until a connection: a server on this machine, or one network away."""

_ERRNO = re.compile(r"\[Errno -?\d+\] ")
"""What Python puts before the system's own words."""

_BY_STATUS = {401: Denied, 404: NotFound, 409: Refused, 422: Invalid, 503: Unreachable}
_BY_EXIT: dict[int, type[LongshoreError]] = {1: Failed, 2: Invalid, 3: Refused, 4: Unreachable}


class _Trouble(msgspec.Struct):
    """The inside of an error's body."""

    code: str = "unknown"
    message: str = ""
    remedy: str = ""
    facts: dict[str, object] = {}
    faults: tuple[Fault, ...] = ()


class _Body(msgspec.Struct):
    """An error's body."""

    error: _Trouble
    exit: int = 1


class Address(NamedTuple):
    """Where the server is: a unix socket, or a base address with a token."""

    where: str
    path: Path | None = None
    token: str = ""


def address(environ: Mapping[str, str], state_dir: Path) -> Address:
    """Where the environment says the server is; without a word, this user's socket.

    Raises:
        Invalid: LONGSHORE_SERVER is no address, or LONGSHORE_TOKEN no token.
    """
    named = environ.get("LONGSHORE_SERVER", "")
    if not named:
        return Address("http://localhost", state_dir / "longshore.sock")
    if named.startswith("unix://"):
        return Address("http://localhost", Path(named.removeprefix("unix://")))
    if not named.startswith(("http://", "https://")):
        raise Invalid(
            f"LONGSHORE_SERVER={named} is no address",
            code="server-address",
            remedy="write it like http://127.0.0.1:7070 or unix:///run/longshore.sock, or unset it",
        )
    token = environ.get("LONGSHORE_TOKEN", "").strip()
    if not (token.isascii() and token.isprintable()):
        raise Invalid(
            "LONGSHORE_TOKEN cannot be a token: it has characters that none has",
            code="token-unreadable",
            remedy="set it to what is in the file `token` in the server's state directory",
        )
    return Address(named.rstrip("/"), None, token)


def listening(path: Path) -> bool:
    """Whether something accepts connections at a unix socket.

    Raises:
        Denied: it is another user's.
        Invalid: the path is too long for a socket.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT)
        try:
            probe.connect(str(path))
        except PermissionError:
            raise Denied(
                f"the server's socket {path} belongs to another user",
                code="socket-denied",
                remedy="set LONGSHORE_STATE to a folder of your own",
            ) from None
        except OSError as error:
            if "too long" in str(error):
                raise Invalid(
                    f"the path of the server's socket is too long: {path}",
                    code="socket-path",
                    remedy="set LONGSHORE_STATE to a shorter path (a socket's may have 107 characters)",
                ) from None
            return False
    return True


def connect(place: Address, version: str) -> Client:
    """A client for a server at this address; nothing is sent yet."""
    headers = {"Longshore-Version": version}
    if place.token:
        headers["Authorization"] = f"Bearer {place.token}"
    transport = httpx.HTTPTransport(uds=None if place.path is None else str(place.path))
    return Client(place, headers, transport)


def in_process(app: Callable[..., Any], version: str) -> Client:
    """A client for an ASGI app in this process."""
    return Client(Address("http://localhost"), {"Longshore-Version": version}, _InProcess(app))


class Client:
    """A server one can ask. Answers are the server's JSON, untouched."""

    def __init__(self, place: Address, headers: dict[str, str], transport: httpx.BaseTransport) -> None:
        self.place = place
        self._headers = headers
        timeout = httpx.Timeout(_PATIENCE, connect=_CONNECT)
        # Not by the proxies of the environment: they are for the world outside, not for this.
        self._http = httpx.Client(
            transport=transport, base_url=place.where, headers=headers, timeout=timeout, trust_env=False
        )

    def close(self) -> None:
        """Let go of the connection. Twice: nothing."""
        self._http.close()

    def get(self, path: str, query: Query | None = None) -> bytes:
        """Ask for something."""
        return self._call("GET", path, query, None)

    def post(self, path: str, body: object) -> bytes:
        """Ask for something to be done or worked out; the body is sent as JSON."""
        return self._call("POST", path, None, msgspec.json.encode(body))

    def delete(self, path: str) -> bytes:
        """Ask for something to be removed."""
        return self._call("DELETE", path, None, None)

    def lines(self, path: str, query: Query | None = None) -> Iterator[bytes]:
        """Ask for a stream; yields its lines of JSON until it ends."""
        return self._stream("GET", path, query, None)

    def upload(self, path: str, query: Query, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Send a stream; then yields the lines of JSON that come back."""
        return self._stream("POST", path, query, pieces)

    def websocket(self, path: str, query: Query) -> ClientConnection:
        """Open a connection for both ways at once."""
        from websockets.exceptions import InvalidStatus, WebSocketException
        from websockets.sync.client import connect as dial
        from websockets.sync.client import unix_connect

        scheme = "wss" if self.place.where.startswith("https") else "ws"
        uri = f"{scheme}://{self.place.where.partition('://')[2]}{path}?{httpx.QueryParams(_clean(query))}"
        try:
            if self.place.path is not None:
                return unix_connect(
                    str(self.place.path), uri, additional_headers=self._headers, max_size=None
                )
            return dial(uri, additional_headers=self._headers, max_size=None, proxy=None)
        except InvalidStatus as error:
            self._check(error.response.status_code, bytes(error.response.body or b""))
            raise self._stranger() from None
        except (OSError, WebSocketException) as error:
            raise self._unreachable(str(error)) from None

    def _call(self, method: str, path: str, query: Query | None, body: bytes | None) -> bytes:
        """One request, answered whole."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            response = self._http.request(
                method, path, params=_clean(query or {}), content=body, headers=headers
            )
        except httpx.HTTPError as error:
            raise self._lost(error) from None
        self._check(response.status_code, response.content)
        if not response.headers.get("content-type", "").startswith("application/json"):
            raise self._stranger()
        return response.content

    def _stream(
        self, method: str, path: str, query: Query | None, pieces: Iterable[bytes] | None
    ) -> Iterator[bytes]:
        """One request, answered line by line. A line may be an error, too."""
        timeout = httpx.Timeout(None, connect=_CONNECT)
        try:
            with self._http.stream(
                method, path, params=_clean(query or {}), content=pieces, timeout=timeout
            ) as response:
                if response.status_code >= httpx.codes.BAD_REQUEST:
                    self._check(response.status_code, response.read())
                for line in _lines(response.iter_bytes()):
                    if line.startswith(b'{"error"'):
                        raise error_of(line)
                    yield line
        except httpx.HTTPError as error:
            raise self._lost(error) from None

    def _check(self, status: int, body: bytes) -> None:
        """Raise what the server says went wrong."""
        if status < httpx.codes.BAD_REQUEST:
            return
        try:
            raise error_of(body, status)
        except msgspec.MsgspecError:
            raise self._stranger() from None

    def _lost(self, error: httpx.HTTPError) -> LongshoreError:
        """What broke on the way, as an error of ours."""
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return self._unreachable(str(error))
        if isinstance(error, httpx.TimeoutException):
            return Unsure(
                f"the server at {self._name} has not answered for {_PATIENCE:.0f} s; it may yet do as asked",
                code="server-slow",
                remedy="look first: longshore status",
            )
        return Unsure(
            f"the server at {self._name} went away in the middle; it may have done what was asked",
            code="server-gone",
            remedy="look first: longshore status (it starts the server again)",
            facts={"cause": str(error)},
        )

    def _unreachable(self, why: str) -> Unreachable:
        """Nobody is there."""
        why = _ERRNO.sub("", why)
        return Unreachable(
            f"no server answers at {self._name} ({why})",
            code="server-unreachable",
            remedy="start it (longshore serve), or mend LONGSHORE_SERVER or LONGSHORE_STATE",
        )

    def _stranger(self) -> Unreachable:
        """Somebody else is there."""
        return Unreachable(
            f"what answers at {self._name} is no Longshore server",
            code="server-stranger",
            remedy="mend LONGSHORE_SERVER",
        )

    @property
    def _name(self) -> str:
        """The server's address for people."""
        return str(self.place.path or self.place.where)


class _InProcess(httpx.BaseTransport):
    """An ASGI app as a transport for plain calls; each request has its own event loop."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        """The answer, read to its end."""
        body = request.read()
        inner = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        response = await httpx.ASGITransport(self._app).handle_async_request(inner)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=content)


def error_of(body: bytes, status: int = 500) -> LongshoreError:
    """The error that a body of JSON tells of.

    Raises:
        msgspec.MsgspecError: it tells of none.
    """
    told = msgspec.json.decode(body, type=_Body)
    trouble = told.error
    kind = _BY_STATUS.get(status) or _BY_EXIT.get(told.exit, Failed)
    return kind(
        trouble.message,
        code=trouble.code,
        remedy=trouble.remedy,
        facts=trouble.facts,
        faults=trouble.faults,
    )


def _clean(query: Query) -> dict[str, str | int]:
    """A query without what says nothing; True is 1."""
    return {k: 1 if v is True else v for k, v in query.items() if v is not False and v != ""}


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines by line feed only: JSON may hold all of Unicode's other line ends."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line)
    if rest:
        yield rest
