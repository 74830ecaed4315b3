"""What goes wrong at the border, and what the client learns of it."""

from __future__ import annotations

import dataclasses
import logging

import httpx
import pytest

from longshore.api import make_app, make_reader_app
from longshore.api.request import LARGEST
from longshore.model.template import Reading, Sources
from longshore.service.desk import Desk
from longshore.template import read

pytestmark = pytest.mark.anyio


def client_of(desk: Desk) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(make_app(desk, token=None, allowed_hosts=()))
    return httpx.AsyncClient(transport=transport, base_url="http://longshore")


async def test_a_bug_is_logged_once_and_tells_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    secret = f"hunter{1 + 1}"

    def broken(_: Sources) -> Reading:
        raise KeyError(secret)

    with caplog.at_level(logging.DEBUG, logger="longshore"):
        async with client_of(dataclasses.replace(desk, read=broken)) as http:
            response = await http.post("/v1/readings", json={"templates": ["a"], "directory": "d"})
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert response.json()["exit"] == 1
    (record,) = [record for record in caplog.records if record.name.startswith("longshore")]
    assert "KeyError in POST /v1/readings" in record.getMessage()
    assert "test_border.py" in record.getMessage()
    assert secret not in record.getMessage() + response.text + str(record.exc_info)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_has_a_limit(desk: Desk, declared: bool) -> None:
    async def pieces() -> object:
        for _ in range(LARGEST // (1 << 20) + 1):
            yield b" " * (1 << 20)

    content = b" " * (LARGEST + 1) if declared else pieces()
    async with client_of(desk) as http:
        response = await http.post("/v1/explain", content=content)  # type: ignore[arg-type]
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "body-too-large"


async def test_the_reader_needs_no_server() -> None:
    transport = httpx.ASGITransport(make_reader_app(read))
    async with httpx.AsyncClient(transport=transport, base_url="http://longshore") as http:
        reading = await http.post("/v1/readings", json={"templates": ["a.yaml"], "directory": "d"})
        version = await http.get("/v1/version")
        other = await http.get("/v1/stacks")
    assert reading.json()["needs"]["files"] == ["a.yaml"]
    assert version.json()["cell"] == ""
    assert other.status_code == 404
    assert other.json()["error"]["code"] == "no-such-route"
