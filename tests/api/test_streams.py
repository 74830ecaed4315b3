"""Streams over a real unix socket: they come as they come, and end when the client goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import httpx
import msgspec
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, unix_connect

from longshore import __version__
from longshore.api import make_app
from longshore.model.batch import Batch, Kind
from longshore.model.clock import Micros
from longshore.model.journal import Entry
from longshore.model.lifecycle import TaskState
from longshore.model.seams import ExecFrame, ExecInput
from longshore.model.task import Task
from longshore.service.desk import Desk

pytestmark = pytest.mark.anyio

SOON = 5.0


@pytest.fixture
async def socket(desk: Desk, tmp_path: Path) -> AsyncIterator[str]:
    """A server on a unix socket."""
    path = str(tmp_path / "s")
    async with serving(desk, path):
        yield path


@asynccontextmanager
async def serving(desk: Desk, path: str) -> AsyncIterator[uvicorn.Server]:
    app = make_app(desk, token=None, allowed_hosts=())
    config = uvicorn.Config(app, uds=path, log_level="warning", lifespan="off")
    config.timeout_graceful_shutdown = 0
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(SOON):
        while not server.started:
            await desk.store.bell.wait(0.01)
    yield server
    server.should_exit = True
    async with asyncio.timeout(SOON):
        await running


@asynccontextmanager
async def lines_of(socket: str, path: str) -> AsyncIterator[AsyncIterator[str]]:
    transport = httpx.AsyncHTTPTransport(uds=socket)
    async with (
        asyncio.timeout(SOON),
        httpx.AsyncClient(transport=transport, base_url="http://longshore", timeout=SOON) as http,
        http.stream("GET", path) as response,
    ):
        assert response.headers["longshore-version"] == __version__
        yield response.aiter_lines()


async def closed(desk: Desk, what: str) -> None:
    """Wait until a stream of a host was closed."""
    streams = cast("list[str]", desk.streams.closed)  # type: ignore[attr-defined]
    async with asyncio.timeout(SOON):
        while what not in streams:
            await desk.store.bell.wait(0.01)


async def test_the_journal_is_followed(desk: Desk, socket: str) -> None:
    async with lines_of(socket, "/v1/journal?after=-1&follow=1") as lines:
        assert msgspec.json.decode(await anext(lines), type=Entry).seq == 3
        entry = Entry(at=Micros(1), kind="task.ready", subject="shop/web.1", words="ready", stack="shop")
        for seq in (4, 5):
            desk.store.commit(Batch(entries=(entry,)))
            assert msgspec.json.decode(await anext(lines), type=Entry).seq == seq


async def test_a_stream_ends_when_the_server_stops(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = str(tmp_path / "s")
    async with serving(desk, path) as server, lines_of(path, "/v1/journal?after=-1&follow=1") as lines:
        await anext(lines)
        server.should_exit = True
        assert [line async for line in lines] == []
    assert "Exception" not in caplog.text


async def test_logs_are_followed_and_new_tasks_join(desk: Desk, socket: str) -> None:
    async with lines_of(socket, "/v1/logs?stack=shop&service=db&follow=1&tail=1") as lines:
        assert msgspec.json.decode(await anext(lines))["text"] == "hello 2"
        first = next(t for t in desk.store.nouns(Kind.TASK) if isinstance(t, Task) and t.service == "db")
        second = msgspec.structs.replace(first, id="task-9", slot=2, state=TaskState.RUNNING)
        desk.store.commit(Batch(puts={Kind.TASK: {"task-9": second}}))
        # All lines of one that comes later, whatever the tail.
        for text in ("hello 1", "hello 2"):
            line = msgspec.json.decode(await anext(lines))
            assert (line["task"], line["text"]) == ("shop/db.2", text)
    await closed(desk, "logs task-3")
    await closed(desk, "logs task-9")


async def test_a_build_that_is_refused_says_so_to_who_still_sends(socket: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield bytes(1 << 18)

    request = msgspec.json.encode({"name": "refused", "build": {"context": "."}}).decode()
    transport = httpx.AsyncHTTPTransport(uds=socket)
    async with httpx.AsyncClient(transport=transport, base_url="http://longshore", timeout=SOON) as http:
        response = await http.post("/v1/builds", params={"request": request}, content=pieces())
    (line,) = response.content.splitlines()
    assert msgspec.json.decode(line)["error"]["code"] == "build-refused"


@asynccontextmanager
async def exec_in(socket: str, query: str) -> AsyncIterator[ClientConnection]:
    headers = {"Longshore-Version": __version__}
    uri = f"ws://longshore/v1/exec?{query}"
    async with asyncio.timeout(SOON), unix_connect(socket, uri, additional_headers=headers) as connection:
        yield connection


def frame_of(message: str | bytes) -> ExecFrame:
    assert isinstance(message, bytes), message
    return msgspec.msgpack.decode(message, type=ExecFrame)


async def test_exec_carries_both_ways(socket: str) -> None:
    async with exec_in(socket, 'task=shop/db.1&stdin=1&tty=1&command=["cat","-"]') as connection:
        assert frame_of(await connection.recv()).data == b"cat - on host-1 with a terminal"
        await connection.send(msgspec.msgpack.encode(ExecInput(data=b"typed")))
        assert frame_of(await connection.recv()).data == b"typed"
        await connection.send(msgspec.msgpack.encode(ExecInput(end=True)))
        assert frame_of(await connection.recv()).data == b""
        assert frame_of(await connection.recv()).exit_code == 7
        await connection.wait_closed()
        assert connection.close_code == 1000


async def test_exec_ends_with_the_client(desk: Desk, socket: str) -> None:
    async with exec_in(socket, 'task=shop/db.1&stdin=1&command=["cat"]') as connection:
        await connection.recv()
    await closed(desk, "exec task-3")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('task=shop/db.4&command=["ls"]', "no-such-task"),
        ('task=shop/dbb&command=["ls"]', "no-such-service"),
        ('task=shop&command=["ls"]', "name-malformed"),
        ('task=shop/web.2&command=["ls"]', "host-silent"),
        ("task=shop/db.1&command=[]", "body-malformed"),
        ("task=shop/db.1", "query-malformed"),
    ],
)
async def test_exec_says_why_not(socket: str, query: str, code: str) -> None:
    async with exec_in(socket, query) as connection:
        message = await connection.recv()
    assert isinstance(message, str)
    assert msgspec.json.decode(message)["error"]["code"] == code


async def test_exec_takes_only_input(socket: str) -> None:
    async with exec_in(socket, 'task=shop/db.1&stdin=1&command=["cat"]') as connection:
        await connection.recv()
        await connection.send(b"\xc1")
        message = await connection.recv()
    assert isinstance(message, str)
    assert msgspec.json.decode(message)["error"]["code"] == "body-malformed"
