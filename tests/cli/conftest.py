"""A server of canned answers on a unix socket, and a way to run the command line against it."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click.testing
import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from typing_extensions import override

from longshore.cli.app import build
from longshore.cli.wiring import ServeOptions, Wiring
from longshore.model.errors import LongshoreError, Unreachable

NOW = 1_700_000_000_000_000
"""The time of all these tests, microseconds UTC."""


class Asked(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        return msgspec.json.decode(self.body)


class Lines(NamedTuple):
    """A stream of JSON, one document per line."""

    lines: Sequence[object]


Canned = object | Callable[[Asked], object]


class Api:
    """Answers as told by `METHOD PATH`; a list of answers is given in turn, the last one again."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, list[Canned]] = {}
        self.websocket: Callable[[WebSocket], Any] | None = None

    def will(self, what: str, *answers: Canned) -> None:
        self.answers[what] = list(answers)

    def bodies(self, what: str) -> list[Any]:
        return [asked.json for asked in self.asked if f"{asked.method} {asked.path}" == what]

    def queries(self, what: str) -> list[dict[str, str]]:
        return [asked.query for asked in self.asked if f"{asked.method} {asked.path}" == what]

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        asked = Asked(
            request.method, request.url.path, dict(request.query_params), body, dict(request.headers)
        )
        self.asked.append(asked)
        told = self.answers.get(f"{asked.method} {asked.path}")
        if not told:
            raise AssertionError(f"not foreseen: {asked.method} {asked.path}")
        answer = told.pop(0) if len(told) > 1 else told[0]
        return _response(answer(asked) if callable(answer) else answer)

    async def talk(self, websocket: WebSocket) -> None:
        assert self.websocket is not None
        await self.websocket(websocket)

    def app(self) -> Starlette:
        methods = ["GET", "POST", "DELETE"]
        return Starlette(
            routes=[
                WebSocketRoute("/v1/exec", self.talk),
                Route("/{path:path}", self.answer, methods=methods),
            ]
        )


def _response(answer: object) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Lines):

        async def lines() -> AsyncIterator[bytes]:
            for line in answer.lines:
                yield msgspec.json.encode(line) + b"\n"

        return StreamingResponse(lines(), media_type="application/x-ndjson")
    if isinstance(answer, LongshoreError):
        told = {"code": answer.code, "message": answer.message, "remedy": answer.remedy}
        body = {
            "error": {**told, "facts": answer.facts, "faults": answer.faults},
            "exit": answer.exit_code,
        }
        return Response(msgspec.json.encode(body), answer.status, media_type="application/json")
    return Response(msgspec.json.encode(answer), media_type="application/json")


class _Server(uvicorn.Server):
    """A server that says when it is ready to be asked."""

    ready: threading.Event

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class _Switch:
    """The app of the test at hand."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, _Switch]]:
    state = tmp_path_factory.mktemp("state")
    switch = _Switch()
    config = uvicorn.Config(
        switch,
        uds=str(state / "longshore.sock"),
        log_config=None,
        lifespan="off",
        ws="websockets-sansio",
    )
    server = _Server(config)
    server.ready = threading.Event()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.ready.wait(10)
    yield state, switch
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def api(_served: tuple[Path, _Switch]) -> Api:
    api = Api()
    _served[1].app = api.app()
    return api


class House:
    """A command line with a wiring of the test's own; `environ` and `cwd` may be changed."""

    def __init__(self, state: Path, cwd: Path) -> None:
        self.state = state
        self.cwd = cwd
        self.environ: dict[str, str] = {"COLUMNS": "80"}
        self.started = 0
        self.served: list[ServeOptions] = []
        self.reader = Api()

    def start(self) -> None:
        self.started += 1
        raise Unreachable("it does not start", code="server-unstarted", remedy="look at the log")

    def wiring(self) -> Wiring:
        return Wiring(
            serve=self.served.append,
            start_server=self.start,
            reader=self.reader.app,
            now=lambda: NOW,
            state_dir=self.state,
            version="0.1.0",
            environ=self.environ,
            cwd=self.cwd,
        )

    def run(self, *words: str, stdin: str = "") -> click.testing.Result:
        runner = click.testing.CliRunner()
        return runner.invoke(build(self.wiring()), list(words), input=stdin, catch_exceptions=False)


@pytest.fixture
def house(tmp_path: Path, _served: tuple[Path, _Switch]) -> House:
    return House(_served[0], tmp_path)


@pytest.fixture
def lonely(tmp_path: Path) -> House:
    """A command line whose user has no server."""
    return House(tmp_path / "state", tmp_path)
