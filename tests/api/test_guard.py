"""Who is let through: token, host, version."""

from __future__ import annotations

import httpx
import pytest

from longshore.api import make_app
from longshore.service.desk import Desk

pytestmark = pytest.mark.anyio

HOSTS = ("127.0.0.1:7070", "localhost", "127.0.0.1", "[::1]")
RIGHT = {"Authorization": "Bearer secret", "Host": "127.0.0.1:7070"}


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({}, 200, ""),
        ({"Host": "localhost:9"}, 200, ""),
        ({"Host": "LOCALHOST"}, 200, ""),
        ({"Host": "[::1]:7070"}, 200, ""),
        ({"Host": "evil.example:7070"}, 401, "host-unknown"),
        ({"Host": "127.0.0.1.evil.example"}, 401, "host-unknown"),
        ({"Authorization": ""}, 401, "token-missing"),
        ({"Authorization": "Bearer wrong"}, 401, "token-wrong"),
        ({"Authorization": "Bearer s\xe9cret"}, 401, "token-wrong"),
        ({"Authorization": "secret"}, 401, "token-wrong"),
        ({"Longshore-Version": "0.9.0"}, 409, "version-mismatch"),
        # Who has no token learns nothing else.
        ({"Authorization": "Bearer wrong", "Longshore-Version": "0.9.0"}, 401, "token-wrong"),
    ],
)
async def test_guard(desk: Desk, changed: dict[str, str], status: int, code: str) -> None:
    transport = httpx.ASGITransport(make_app(desk, token="secret", allowed_hosts=HOSTS))
    headers = {k.encode(): v.encode("latin-1") for k, v in {**RIGHT, **changed}.items()}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7070") as http:
        response = await http.get("/v1/stacks", headers=headers)
    assert response.status_code == status
    assert "secret" not in response.text
    if code:
        assert response.json()["error"]["code"] == code
        assert response.json()["error"]["remedy"]
