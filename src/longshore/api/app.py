"""The applications: the server's whole API, and the reader's small one that needs no server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from longshore.api.border import bug, refuse
from longshore.api.execute import ws_exec
from longshore.api.guard import guard
from longshore.api.routes import EXEC_PATH, READER_ROUTES, ROUTES
from longshore.model.errors import Invalid, LongshoreError, NotFound
from longshore.model.template import Reading, Sources
from longshore.service.desk import Desk, Reader

Endpoint = Callable[[Request], Awaitable[ASGIApp]]


def make_app(desk: Desk, *, token: str | None, allowed_hosts: tuple[str, ...]) -> Starlette:
    """The server's API.

    `token` None and no `allowed_hosts` are for a unix socket, where the file's mode is the proof.
    Over TCP give both; a host is allowed with any port, or as `HOST:PORT` with that one.
    """
    rows = [(row.method, row.path, partial(row.handler, desk)) for row in ROUTES]
    exec_route = WebSocketRoute(EXEC_PATH, partial(ws_exec, desk))
    return _app([*_routes(rows), exec_route], token=token, allowed_hosts=allowed_hosts)


def make_reader_app(read: Callable[[Sources], Reading]) -> Starlette:
    """What a command line can ask in its own process: to read templates, and for the version."""
    reader = Reader(read=read)
    rows = [(row.method, row.path, partial(row.handler, reader)) for row in READER_ROUTES]
    return _app(_routes(rows), token=None, allowed_hosts=())


def _app(routes: list[BaseRoute], *, token: str | None, allowed_hosts: tuple[str, ...]) -> Starlette:
    app = Starlette(
        routes=routes,
        middleware=[Middleware(guard, token=token, allowed_hosts=allowed_hosts)],
        exception_handlers={HTTPException: _no_route},
    )
    # A path has one spelling: a redirect would drop the body of a POST on the way.
    app.router.redirect_slashes = False
    return app


def _routes(rows: Iterable[tuple[str, str, Endpoint]]) -> list[BaseRoute]:
    """A route per path; its methods are told apart behind the border."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for method, path, endpoint in rows:
        by_path.setdefault(path, {})[method] = endpoint
    return [Route(path, _Path(methods)) for path, methods in by_path.items()]


class _Path:
    """An ASGI app for one path: finds the method's endpoint and keeps the border."""

    def __init__(self, methods: dict[str, Endpoint]) -> None:
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(Request(scope, receive, send))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> ASGIApp:
        endpoint = self._methods.get(request.method)
        if endpoint is None:
            return self._wrong_method(request)
        try:
            return await endpoint(request)
        except LongshoreError as error:
            return refuse(error)
        except Exception as error:  # noqa: BLE001 - the border: a bug becomes an answer, logged once
            return refuse(bug(error, f"{request.method} {request.url.path}"))

    def _wrong_method(self, request: Request) -> Response:
        allowed = ", ".join(sorted(self._methods))
        response = refuse(
            Invalid(
                f"{request.url.path} does not take {request.method}",
                code="method-unknown",
                remedy=f"it takes {allowed}",
            )
        )
        response.headers["Allow"] = allowed
        return response


def _no_route(request: Request, _: Exception) -> Response:
    """The one trouble Starlette raises by itself: no such path."""
    return refuse(
        NotFound(
            f"there is nothing at {request.url.path}",
            code="no-such-route",
            remedy="docs/api.md lists what there is",
        )
    )
