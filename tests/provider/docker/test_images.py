"""Images from a registry: a small one of our own, on the loopback, where every engine allows plain HTTP."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from longshore.model.errors import Failed
from longshore.model.holding import HoldingKind
from longshore.model.seams import HoldingOrder, TaskOrder
from longshore.model.spec import ImageRef, Pull
from longshore.provider.docker.address import Address
from longshore.provider.docker.engine import DockerEngine
from longshore.provider.docker.images import image_missing, references, repository
from longshore.provider.docker.wire import Wire

Orders = Callable[..., TaskOrder]

REPOSITORIES = {
    "nginx": "nginx",
    "nginx:1.25": "nginx",
    "reg.example:5000/a/b": "reg.example:5000/a/b",
    "reg.example:5000/a/b:1": "reg.example:5000/a/b",
    "a/b@sha256:00": "a/b",
    "a/b:1@sha256:00": "a/b",
}


@pytest.mark.parametrize("name", REPOSITORIES)
def test_the_repository_of_an_image_name(name: str) -> None:
    assert repository(name) == REPOSITORIES[name]


def test_a_pinned_image_is_asked_for_as_an_id_as_a_manifest_and_as_one_that_travelled() -> None:
    asked = ("sha256:1", "r:5/a@sha256:1", "longshore-pinned:1")
    assert references(ImageRef(name="r:5/a:1", digest="sha256:1")) == asked
    assert references(ImageRef(name="a:1")) == ("a:1",)


MISSES = {
    "dial tcp: lookup reg on 10.0.0.1:53: no such host": "Connect the host to the network",
    "dial tcp 127.0.0.1:1: connect: connection refused": "Start the registry",
    "manifest unknown": "Correct the image's name or tag",
    "pull access denied for x": "Correct the image's name",
    "something new": "Correct the image's name",
}


@pytest.mark.parametrize("said", MISSES)
def test_what_a_registry_says_becomes_a_remedy(said: str) -> None:
    error = image_missing("x:1", said)
    assert (error.code, error.facts["engine"]) == ("image-missing", said)
    assert error.remedy.startswith(MISSES[said])
    assert "push it to a registry" in image_missing("x:1", said, built=True).remedy


def sha(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Shelf:
    """What the registry has: one image of one file, as blobs by digest and a manifest by tag."""

    def __init__(self) -> None:
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            entry = tarfile.TarInfo("hello")
            entry.size = 2
            tar.addfile(entry, io.BytesIO(os.urandom(1).hex().encode()))
        packed = gzip.compress(layer.getvalue())
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": ["/hello"]},
                "rootfs": {"type": "layers", "diff_ids": [sha(layer.getvalue())]},
            }
        ).encode()
        kind = "application/vnd.docker"
        self.kind = f"{kind}.distribution.manifest.v2+json"
        self.manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": self.kind,
                "config": {
                    "mediaType": f"{kind}.container.image.v1+json",
                    "size": len(config),
                    "digest": sha(config),
                },
                "layers": [
                    {
                        "mediaType": f"{kind}.image.rootfs.diff.tar.gzip",
                        "size": len(packed),
                        "digest": sha(packed),
                    }
                ],
            }
        ).encode()
        self.blobs = {sha(config): config, sha(packed): packed}

    def find(self, path: str) -> tuple[str, bytes] | None:
        if path == "/v2/":
            return "application/json", b"{}"
        if path in {"/v2/thing/manifests/1", f"/v2/thing/manifests/{sha(self.manifest)}"}:
            return self.kind, self.manifest
        blob = self.blobs.get(path.removeprefix("/v2/thing/blobs/"))
        return ("application/octet-stream", blob) if blob else None


_UNKNOWN = b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'


@pytest.fixture
async def shelf(address: Address) -> AsyncIterator[tuple[str, Shelf]]:
    """The registry's address, and what it has."""
    if not address.socket:
        pytest.skip("the engine may be elsewhere, and not reach this machine's loopback")
    shelf = Shelf()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            first = await reader.readexactly(1)
            if first == b"\x16":
                # The engine tries TLS first, and waits long for an answer to it.
                writer.close()
                return
            method, path, _ = (first + await reader.readuntil(b"\r\n\r\n")).decode().split(" ", 2)
            found = shelf.find(path)
            status = "200 OK" if found else "404 Not Found"
            kind, body = found or ("application/json", _UNKNOWN)
            head = (
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                f"Docker-Content-Digest: {sha(body)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + (b"" if method == "HEAD" else body))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", shelf
    server.close()


@pytest.mark.anyio
@pytest.mark.engine
async def test_an_image_of_a_registry_is_pinned_pulled_and_used_by_its_manifest(
    engine: DockerEngine, wire: Wire, order: Orders, shelf: tuple[str, Shelf]
) -> None:
    at, has = shelf
    name, digest = f"{at}/thing:1", sha(has.manifest)
    assert await engine.resolve(name) == digest
    with pytest.raises(Failed, match="never to be pulled"):
        await engine.resolve(name, Pull.NEVER)
    wanted = HoldingOrder(kind=HoldingKind.IMAGE, name=digest, reference=name)
    try:
        await engine.provide(wanted)
        await engine.provide(wanted)
        assert await engine.resolve(f"{at}/thing@{digest}") == digest
        assert await engine.resolve(f"{at}/thing@{digest}", Pull.NEVER) == digest
        # Its one file is no program; that it is tried shows that the image was found.
        with pytest.raises(Failed) as caught:
            await engine.start(order(image=ImageRef(name=name, digest=digest), command=None))
        assert caught.value.code == "start-failed"
    finally:
        await wire.tell("DELETE", f"/images/{at}/thing@{digest}")


@pytest.mark.anyio
@pytest.mark.engine
async def test_a_tag_that_a_registry_lacks_is_missing(engine: DockerEngine, shelf: tuple[str, Shelf]) -> None:
    with pytest.raises(Failed) as caught:
        await engine.resolve(f"{shelf[0]}/thing:2")
    assert caught.value.code == "image-missing"
    assert "Correct the image's name or tag" in caught.value.remedy


@pytest.mark.anyio
@pytest.mark.engine
async def test_an_image_on_the_engine_only_is_pinned_by_its_id(engine: DockerEngine, order: Orders) -> None:
    name = order().spec.image.name
    digest = await engine.resolve(name)
    assert digest.startswith("sha256:")
    assert await engine.resolve(name, Pull.NEVER) == digest
    await engine.provide(HoldingOrder(kind=HoldingKind.IMAGE, name=digest, reference=name))
    report = await engine.start(order(image=ImageRef(name="renamed:since", digest=digest)))
    assert report.state == "running"


@pytest.mark.anyio
@pytest.mark.engine
async def test_an_image_nobody_has_is_missing_with_a_remedy(engine: DockerEngine) -> None:
    name = "127.0.0.1:1/nosuch:1"
    with pytest.raises(Failed) as caught:
        await engine.resolve(name)
    assert (caught.value.code, "Start the registry" in caught.value.remedy) == ("image-missing", True)
    with pytest.raises(Failed) as caught:
        await engine.provide(HoldingOrder(kind=HoldingKind.IMAGE, name="sha256:" + "2" * 64, reference=name))
    assert (caught.value.code, "push it to a registry" in caught.value.remedy) == ("image-missing", True)
