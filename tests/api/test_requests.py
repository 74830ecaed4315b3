"""The HTTP API, as the request files in `requests/` tell it.

A file is a list of requests, made in order against one fresh server. Of each: `GET: /path` (or another
method), what to send (`json`, `text`, `headers`), and what is to come back: `status` (200), `error` (its
code; a message and a remedy or nothing, never an empty body), `body` (path: value), `like` (path: regular
expression), `count` (path: how many), `lines` (one such `body` per line), `answers` (headers). `keep`
keeps a value under a name, and `$NAME` puts it in later. Paths are dotted; `.` is the whole.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import msgspec
import pytest
import yaml

from longshore import __version__
from longshore.api.routes import ROUTES

REQUESTS = Path(__file__).parent / "requests"
METHODS = ("GET", "POST", "DELETE", "PUT")
KEYS = {
    *(
        "ask",
        "json",
        "text",
        "headers",
        "status",
        "error",
        "body",
        "like",
        "count",
        "lines",
        "answers",
        "keep",
    ),
    *METHODS,
}

Json: TypeAlias = Any  # what a request file or an answer says at some place

pytestmark = pytest.mark.anyio


def at(value: Json, path: str) -> Json:
    """What a dotted path leads to."""
    for word in path.split(".") if path != "." else ():
        value = value[int(word)] if isinstance(value, list) else value[word]
    return value


def fill(value: Json, kept: dict[str, Json]) -> Json:
    """A value with `$NAME` replaced throughout."""
    text = msgspec.json.encode(value).decode()
    for name, found in kept.items():
        text = text.replace(f"${name}", str(found))
    return msgspec.json.decode(text)


async def make(client: httpx.AsyncClient, request: dict[str, Json]) -> httpx.Response:
    assert set(request) <= KEYS, f"unknown keys: {set(request) - KEYS}"
    (method,) = [key for key in request if key in METHODS]
    content = None
    if "json" in request:
        content = msgspec.json.encode(request["json"])
    elif "text" in request:
        content = request["text"].encode()
    headers = {"Longshore-Version": __version__, **request.get("headers", {})}
    return await client.request(method, request[method], content=content, headers=headers)


def check(request: dict[str, Json], response: httpx.Response) -> None:
    status = request.get("status", 200)
    assert response.status_code == status, response.text
    assert response.headers["longshore-version"] == __version__
    for name, value in request.get("answers", {}).items():
        assert response.headers[name] == value
    lines = [msgspec.json.decode(line) for line in response.content.splitlines()]
    if "lines" in request:
        assert len(lines) == len(request["lines"]), response.text
        for line, wanted in zip(lines, request["lines"], strict=True):
            assert {path: at(line, path) for path in wanted} == wanted
        return
    (body,) = lines
    if "error" in request:
        assert body["error"]["code"] == request["error"]
        assert body["error"]["message"]
        assert body["exit"] in {1, 2, 3, 4}
    for path, value in request.get("body", {}).items():
        assert at(body, path) == value, f"{path} in {response.text}"
    for path, pattern in request.get("like", {}).items():
        assert re.search(pattern, str(at(body, path))), f"{path} in {response.text}"
    for path, number in request.get("count", {}).items():
        assert len(at(body, path)) == number, f"{path} in {response.text}"


FILES = {file.stem: file.read_text("utf-8") for file in sorted(REQUESTS.glob("*.yaml"))}


@pytest.mark.parametrize("name", FILES)
async def test_requests(name: str, client: httpx.AsyncClient) -> None:
    kept: dict[str, Json] = {}
    for written in yaml.safe_load(FILES[name]):
        request = fill(written, kept)
        response = await make(client, request)
        try:
            check(request, response)
        except AssertionError as error:
            error.add_note(f"{name}: {request['ask']}")
            raise
        for word, path in request.get("keep", {}).items():
            kept[word] = at(response.json(), path)


def test_every_route_is_asked_for() -> None:
    asked = {
        (key, value.partition("?")[0])
        for text in FILES.values()
        for request in yaml.safe_load(text)
        for key, value in request.items()
        if key in METHODS
    }
    for row in ROUTES:
        pattern = re.sub(r"\{\w+\}", "[^/]+", row.path)
        assert any(m == row.method and re.fullmatch(pattern, path) for m, path in asked), row
