"""The connection to an engine: its HTTP API, with the one distinction that everything above needs.

A request that never reached the engine is `Unreachable`; one that may have, and whose answer did not
come, is `Unsure` if it changes anything; an answer of 400 or more is what `faults` makes of it. aiohttp
keeps the first two apart; the ready-made Docker clients fold them together, and so are not used.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from yarl import URL

from longshore.model.clock import MINUTE, SECOND
from longshore.model.errors import Failed, Unreachable, Unsure
from longshore.provider.docker.address import Address, tls_context
from longshore.provider.docker.answers import Fault, Version
from longshore.provider.docker.faults import rejected

T = TypeVar("T")

OLDEST = (1, 30)
"""Docker 17.06, of 2017: the first that has every call made here."""

NEWEST = (1, 41)
"""Docker 20.10: the version that all was written and tried against; later engines speak it too."""

QUICK = 30 * SECOND
"""What an engine that is well never takes to answer a question."""

SLOW = 2 * MINUTE
"""For what makes the engine work: creating, starting and removing containers on a busy host."""

CONNECTING = 5.0
"""Seconds for a connection to come about; the engine has not been asked anything yet."""

_HEAD_LIMIT = 65_536
"""Bytes of an answer's head, or of a fault's text, beyond which it is no answer of an engine."""


class Wire:
    """Connections to one engine. The API version is agreed on at the first call, and again if refused."""

    def __init__(self, address: Address) -> None:
        """Read the address's TLS files; connect to nothing yet.

        Raises:
            Invalid: a TLS file cannot be used.
        """
        self.address = address
        self._tls = tls_context(address)
        self._session: aiohttp.ClientSession | None = None
        self._version = ""
        self._closed = False

    async def call(
        self,
        method: str,
        path: str,
        into: type[T],
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        limit: int = QUICK,
    ) -> T:
        """Ask, and read the answer as `into`. Arguments and errors as `open`."""
        async with self.open(method, path, query=query, body=body, limit=limit) as answer:
            said = await answer.read()
        try:
            return msgspec.json.decode(said, type=into)
        except msgspec.DecodeError as error:
            raise _no_engine(self.address, str(error)) from error

    async def tell(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        limit: int = QUICK,
    ) -> None:
        """Ask for something whose answer says nothing more. Arguments and errors as `open`."""
        async with self.open(method, path, query=query, body=body, limit=limit) as answer:
            await answer.read()

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        limit: int | None = QUICK,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask, and hold the answer open for reading.

        Args:
            method: GET changes nothing; every other verb does.
            path: Below the version, from its slash on; parts quoted by `part`.
            query: Values that are not strings are sent as JSON, as the engine wants its filters; each of
                a tuple by itself.
            body: Bytes or an async iterator of them are sent as a tar; anything else as JSON.
            limit: Microseconds for the whole of it; None for streams that end when they end.

        Yields:
            The answer, of a status below 400.

        Raises:
            Failed: The engine refused.
            Unreachable: It was never reached, or only asked.
            Unsure: It may have done it.
        """
        version = await self._agree()
        async with self._ask(method, f"/v{version}{path}", query=query, body=body, limit=limit) as answer:
            yield answer

    async def hijack(self, path: str, body: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """POST to a path that turns the connection into a raw stream, both ways.

        The caller closes the writer. aiohttp has no such thing, so the head is written by hand.

        Raises:
            Failed: The engine refused.
            Unreachable: It was never reached.
            Unsure: It may have done it.
        """
        version = await self._agree()
        sent = msgspec.json.encode(body)
        head = (
            f"POST /v{version}{path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        reader, writer = await self._connect()
        try:
            with self._border("POST"):
                writer.write(head.encode() + sent)
                async with asyncio.timeout(QUICK / SECOND):
                    await writer.drain()
                    answered = await reader.readuntil(b"\r\n\r\n")
                    await _accepted(answered, reader)
        except BaseException:
            writer.close()
            raise
        return reader, writer

    async def close(self) -> None:
        """Let go of all connections. Twice: nothing."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _agree(self) -> str:
        if not self._version:
            async with self._ask("GET", "/version") as answer:
                said = await answer.read()
            try:
                version = msgspec.json.decode(said, type=Version)
            except msgspec.DecodeError as error:
                raise _no_engine(self.address, str(error)) from error
            self._version = agreed_version(version)
        return self._version

    @asynccontextmanager
    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        limit: int | None = QUICK,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        data, kind = _payload(body)
        url = f"{self._root}{path}?{_query(query)}" if query else self._root + path
        timeout = aiohttp.ClientTimeout(
            total=None if limit is None else limit / SECOND, sock_connect=CONNECTING
        )
        with self._border(method):
            async with self._open_session().request(
                method,
                URL(url, encoded=True),
                data=data,
                headers={"Content-Type": kind},
                timeout=timeout,
                server_hostname=self.address.tls_name or None,
            ) as answer:
                if answer.status >= 400:
                    raise self._rejected(answer.status, await answer.read())
                yield answer

    def _rejected(self, status: int, said: bytes) -> Failed:
        error = rejected(status, _sentence(said))
        if error.code == "engine-too-old":
            # The engine was exchanged for an older or newer one under our feet.
            self._version = ""
        return error

    @property
    def _root(self) -> str:
        if self.address.socket:
            return "http://engine"
        scheme = "https" if self.address.secure else "http"
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        return f"{scheme}://{host}:{self.address.port}"

    def _open_session(self) -> aiohttp.ClientSession:
        if self._closed:
            raise Unreachable(
                f"The connection to {self.address.url} was closed.", code="engine-closed", remedy="Ask again."
            )
        if self._session is None:
            # No limit of connections: followed logs hold one each, and must not starve the steps.
            connector = (
                aiohttp.UnixConnector(self.address.socket, limit=0)
                if self.address.socket
                else aiohttp.TCPConnector(limit=0, ssl=self._tls or True)
            )
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address = self.address
        with self._border("GET"):
            async with asyncio.timeout(CONNECTING):
                if address.socket:
                    return await asyncio.open_unix_connection(address.socket, limit=_HEAD_LIMIT)
                return await asyncio.open_connection(
                    address.host,
                    address.port,
                    ssl=self._tls,
                    server_hostname=(address.tls_name or None) if self._tls else None,
                    limit=_HEAD_LIMIT,
                )

    @contextmanager
    def _border(self, method: str) -> Iterator[None]:
        """The one place where what a network does becomes one of our errors."""
        try:
            yield
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise unreachable(self.address, error) from error
        except (aiohttp.ClientError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise self._broken(method, error) from error
        except OSError as error:  # TimeoutError is one
            raise self._broken(method, error) from error

    def _broken(self, method: str, error: Exception) -> Unreachable | Unsure:
        if method == "GET":
            return unreachable(self.address, error)
        return Unsure(
            f"The engine at {self.address.url} was asked, but its answer did not come: {_words(error)}.",
            code="engine-silent",
            remedy="Look before asking again: longshore status.",
        )


def part(text: str) -> str:
    """A name as a part of a path; slashes and colons stay, as the engine wants them in image names."""
    return quote(text, safe="/:@")


def agreed_version(version: Version) -> str:
    """The version of the API to speak: ours, or the nearest that the engine has.

    Raises:
        Failed: `engine-too-old` where there is none.
    """
    highest, lowest = _pair(version.api_version), _pair(version.min_api_version)
    if highest < OLDEST:
        raise Failed(
            f"The engine's API is of version {version.api_version or '?'}; {_dotted(OLDEST)} is needed.",
            code="engine-too-old",
            remedy="Install Docker 17.06 or later on the host.",
        )
    return _dotted(max(min(highest, NEWEST), lowest))


def unreachable(address: Address, error: Exception) -> Unreachable:
    """Our error for an engine that cannot be asked, with the remedy that its kind suggests."""
    remedy = "Start it, or correct the address (DOCKER_HOST, or the cloud's `url`)."
    if isinstance(error, PermissionError) or isinstance(getattr(error, "os_error", None), PermissionError):
        remedy = "Let this user use it: sudo usermod -aG docker $USER, then log in again."
    elif isinstance(error, aiohttp.ClientSSLError):
        remedy = "Correct tls_ca, tls_cert and tls_key, or the engine's own certificates."
    return Unreachable(
        f"The engine at {address.url} does not answer: {_words(error)}.",
        code="engine-unreachable",
        remedy=remedy,
        facts={"url": address.url},
    )


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    cause = getattr(error, "os_error", None)
    if isinstance(cause, OSError) and not isinstance(error, aiohttp.ClientSSLError) and cause.errno:
        # The system's own words: aiohttp's are longer, and say the address again.
        return os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)
    return str(error).strip().rstrip(".") or type(error).__name__


def _no_engine(address: Address, why: str) -> Failed:
    return Failed(
        f"What answers at {address.url} does not speak as a Docker Engine does: {why}.",
        code="engine-error",
        remedy="Correct the address (DOCKER_HOST, or the cloud's `url`).",
    )


def _payload(body: object) -> tuple[object, str]:
    if body is None:
        return None, "application/json"
    if isinstance(body, (bytes, AsyncIterator)):
        return body, "application/x-tar"
    return msgspec.json.encode(body), "application/json"


def _query(query: Mapping[str, object]) -> str:
    words = [
        (key, one if isinstance(one, str) else msgspec.json.encode(one).decode())
        for key, value in query.items()
        for one in (value if isinstance(value, tuple) else (value,))
    ]
    return urlencode(words)


def _sentence(said: bytes) -> str:
    try:
        return msgspec.json.decode(said, type=Fault).message
    except msgspec.DecodeError:
        return said[:_HEAD_LIMIT].decode(errors="replace")


async def _accepted(head: bytes, reader: asyncio.StreamReader) -> None:
    """Raise what a refused hijack says; 101 and, before Docker 1.20's time, 200 accept it."""
    found = re.match(rb"HTTP/1\.\d (\d{3})", head)
    status = int(found[1]) if found else 500
    if status in {101, 200}:
        return
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    said = await reader.readexactly(min(int(length[1]), _HEAD_LIMIT)) if length else b""
    raise rejected(status, _sentence(said))


def _pair(version: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
