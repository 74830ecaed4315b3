"""The connection: what was never asked, what nobody knows, versions, and TLS. Against sockets of our own."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from longshore.model.clock import SECOND, Clock
from longshore.model.errors import Failed, Invalid, Unreachable, Unsure
from longshore.model.ids import HostId
from longshore.model.seams import ExecFrame, TaskOrder
from longshore.provider.docker.address import Address, read_address
from longshore.provider.docker.answers import Version
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.wire import Wire, agreed_version, unreachable

Orders = Callable[..., TaskOrder]

pytestmark = pytest.mark.anyio

Answering = Callable[[str, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

VERSION = b'{"ApiVersion":"1.41","MinAPIVersion":"1.12"}'


def answer(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@asynccontextmanager
async def speaking(path: Path, answering: Answering) -> AsyncIterator[Wire]:
    """An engine that answers for its version, and with `answering` to everything else."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                if head.startswith("GET /version "):
                    writer.write(answer(VERSION))
                else:
                    await answering(head.splitlines()[0], reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(serve, path)
    wire = Wire(Address(url=f"unix://{path}"))
    try:
        yield wire
    finally:
        await wire.close()
        server.close()


async def hangs(_line: str, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def cuts(_line: str, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
    raise ConnectionError


async def halves(_line: str, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b'{"ID":"whole"}')[:-4])
    await writer.drain()
    writer.close()
    raise ConnectionError


@pytest.mark.parametrize("answering", [hangs, cuts, halves])
@pytest.mark.parametrize(("method", "error"), [("GET", Unreachable), ("POST", Unsure), ("DELETE", Unsure)])
async def test_an_answer_that_does_not_come(
    tmp_path: Path, answering: Answering, method: str, error: type[Exception]
) -> None:
    async with speaking(tmp_path / "s", answering) as wire:
        with pytest.raises(error):
            await wire.tell(method, "/thing", limit=SECOND // 5)


async def test_nobody_there_is_unreachable_whatever_was_asked(tmp_path: Path) -> None:
    for url in (f"unix://{tmp_path}/none", "tcp://127.0.0.1:1"):
        wire = Wire(Address(url=url))
        for method in ("GET", "POST"):
            with pytest.raises(Unreachable) as caught:
                await wire.tell(method, "/thing")
            assert "DOCKER_HOST" in caught.value.remedy
        with pytest.raises(Unreachable):
            await wire.hijack("/exec/1/start", {})
        await wire.close()


async def test_a_socket_that_is_not_ours_to_use_says_which_group() -> None:
    error = unreachable(Address(), PermissionError(13, "Permission denied"))
    assert "usermod -aG docker" in error.remedy


async def test_what_is_no_engine_says_so(tmp_path: Path) -> None:
    async def chats(_line: str, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"<html>"))

    async with speaking(tmp_path / "s", chats) as wire:
        with pytest.raises(Failed) as caught:
            await wire.call("GET", "/info", Version)
    assert caught.value.code == "engine-error"
    assert "does not speak as a Docker Engine" in caught.value.message


async def test_an_engine_exchanged_for_an_older_one_is_agreed_with_anew(tmp_path: Path) -> None:
    lines: list[str] = []

    async def ages(line: str, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(line)
        said = b'{"message":"client version 1.41 is too new. Maximum supported API version is 1.40"}'
        writer.write(answer(b"{}") if len(lines) > 1 else answer(said, "400 Bad Request"))

    async with speaking(tmp_path / "s", ages) as wire:
        with pytest.raises(Failed) as caught:
            await wire.tell("GET", "/thing")
        assert caught.value.code == "engine-too-old"
        assert wire._version == ""
        await wire.tell("GET", "/thing")


async def test_a_closed_connection_stays_closed(tmp_path: Path) -> None:
    async with speaking(tmp_path / "s", hangs) as wire:
        await wire.close()
        await wire.close()
        with pytest.raises(Unreachable):
            await wire.tell("GET", "/thing")


async def test_a_stream_of_changes_that_ends_is_unreachable(tmp_path: Path, clock: Clock) -> None:
    async def ends(_line: str, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b'{"Type":"container","Action":"start","Actor":{"ID":"1"}}\n'))

    async with speaking(tmp_path / "s", ends) as wire:
        engine = DockerEngine(wire.address, cell="c", host=HostId("h"), clock=clock)
        with pytest.raises(Unreachable):
            await anext(engine.events())
        await engine.close()


VERSIONS = {
    "ours": ("1.41", "1.12", "1.41"),
    "an older engine": ("1.38", "1.12", "1.38"),
    "a newer engine that still takes ours": ("1.51", "1.24", "1.41"),
    "a newer engine that does not": ("1.52", "1.44", "1.44"),
    "the oldest": ("1.30", "", "1.30"),
    "too old": ("1.29", "1.12", None),
    "none told": ("", "", None),
}


@pytest.mark.parametrize("case", VERSIONS)
def test_the_version_to_speak(case: str) -> None:
    highest, lowest, agreed = VERSIONS[case]
    said = Version(api_version=highest, min_api_version=lowest)
    if agreed is not None:
        assert agreed_version(said) == agreed
        return
    with pytest.raises(Failed) as caught:
        agreed_version(said)
    assert caught.value.code == "engine-too-old"


ADDRESSES: dict[str, tuple[dict[str, str], str, tuple[str, str, int, bool]]] = {
    "a socket": ({"url": "unix:///run/x.sock"}, "/run/x.sock", ("", "", 0, False)),
    "plain TCP": ({"url": "tcp://h:2375"}, "", ("h", "", 2375, False)),
    "TCP without port": ({"url": "tcp://h"}, "", ("h", "", 2375, False)),
    "https": ({"url": "https://h"}, "", ("h", "", 2376, True)),
    "TCP with TLS files": ({"url": "tcp://h", "tls_ca": "/ca"}, "", ("h", "", 2376, True)),
    "the engine at hand": ({}, "/default", ("", "", 0, False)),
    "IPv6": ({"url": "tcp://[::1]:99"}, "", ("::1", "", 99, False)),
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_addresses(case: str) -> None:
    settings, socket, (host, _, port, secure) = ADDRESSES[case]
    address = read_address(settings, Address(url="unix:///default"))
    assert (address.socket, address.secure) == (socket, secure)
    if not socket:
        assert (address.host, address.port) == (host, port)


WRONG: dict[str, dict[str, str]] = {
    "an unknown setting": {"uri": "tcp://h"},
    "no scheme": {"url": "h:2375"},
    "another scheme": {"url": "ssh://h"},
    "a path that is not absolute": {"url": "unix://run/x"},
    "no host": {"url": "tcp://"},
    "no port number": {"url": "tcp://h:x"},
    "half of a pair": {"url": "tcp://h", "tls_cert": "/c"},
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_settings_are_invalid_with_a_remedy(case: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_address(WRONG[case], Address())
    assert caught.value.code == "bad-setting"
    assert caught.value.remedy


def test_tls_files_that_cannot_be_read_are_invalid(tmp_path: Path) -> None:
    (tmp_path / "ca").write_text("no certificate")
    for name in ("ca", "none"):
        with pytest.raises(Invalid):
            Wire(Address(url="tcp://h", tls_ca=str(tmp_path / name)))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and certificates by it for a server at 127.0.0.1 and for a client."""
    where = tmp_path_factory.mktemp("keys")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=where, check=True, capture_output=True)

    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority",
        "-addext", "keyUsage=critical,keyCertSign",
    )  # fmt: skip
    for name in ("server", "client"):
        openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
        )  # fmt: skip
        (where / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", f"{name}.pem",
        )  # fmt: skip
    return where


@pytest.fixture
async def secured(keys: Path, address: Address) -> AsyncIterator[Address]:
    """The real engine behind mutual TLS on a port of the loopback."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=keys / "ca.pem")
    context.load_cert_chain(keys / "server.pem", keys / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    engine = address.socket
    if not engine:
        pytest.skip("the engine is not at a unix socket")
    running: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            inner_reader, inner_writer = await asyncio.open_unix_connection(engine)
            await asyncio.gather(
                pump(reader, inner_writer), pump(inner_reader, writer), return_exceptions=True
            )
            inner_writer.close()
        except asyncio.CancelledError:
            writer.close()
        finally:
            running.discard(task)

    server = await asyncio.start_server(forward, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    yield Address(
        url=f"tcp://127.0.0.1:{port}",
        tls_ca=str(keys / "ca.pem"),
        tls_cert=str(keys / "client.pem"),
        tls_key=str(keys / "client.key"),
    )
    server.close()
    for task in list(running):
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


@pytest.mark.engine
@pytest.mark.usefixtures("wire")
async def test_an_engine_over_tcp_with_tls(secured: Address, cell: str, order: Orders, clock: Clock) -> None:
    engine = DockerEngine(secured, cell=cell, host=HostId("h"), clock=clock)
    try:
        wanted = order()
        report = await engine.start(wanted)
        assert (await engine.look()).containers == (report,)
        told: list[ExecFrame] = [
            frame async for frame in engine.execute(wanted.task, ("echo", "hi"), tty=False, stdin=None)
        ]
        assert [(f.data, f.exit_code) for f in told] == [(b"hi\n", None), (b"", 0)]
        await engine.stop(wanted.task, 5 * SECOND)
        assert (await engine.look()).containers == ()
    finally:
        await engine.close()


@pytest.mark.engine
async def test_tls_of_an_unknown_authority_is_unreachable_and_says_what_to_correct(secured: Address) -> None:
    wire = Wire(Address(url=secured.url.replace("tcp:", "https:")))
    with pytest.raises(Unreachable) as caught:
        await wire.tell("GET", "/info")
    assert "tls_ca" in caught.value.remedy
    await wire.close()


@pytest.mark.engine
async def test_tls_without_our_certificate_is_unreachable(secured: Address) -> None:
    wire = Wire(Address(url=secured.url, tls_ca=secured.tls_ca))
    with pytest.raises(Unreachable):
        await wire.tell("GET", "/info")
    await wire.close()
