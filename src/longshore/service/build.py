"""Builds: a context streamed to an engine, which makes an image of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import msgspec

from longshore.model.errors import Invalid
from longshore.model.spec import Build
from longshore.service.desk import Desk
from longshore.service.relay import relay


class BuildRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to build, and the image's name."""

    name: str
    build: Build


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A line the engine said while building."""

    line: str


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """The end: what the name means from now on."""

    digest: str


def build(
    desk: Desk, request: BuildRequest, context: AsyncIterator[bytes]
) -> AsyncGenerator[Progress | Built, None]:
    """Build an image from a tar stream with the Dockerfile in it: lines, and at the end the digest.

    Raises:
        Invalid: `build-malformed`, an image without a name.
        Failed: the build failed; the last lines say why.
    """
    if not request.name:
        raise Invalid(
            "the image has no name", code="build-malformed", remedy="give the service an image name"
        )
    return _build(desk, request, context)


async def _build(
    desk: Desk, request: BuildRequest, context: AsyncIterator[bytes]
) -> AsyncGenerator[Progress | Built, None]:
    async with aclosing(relay(desk.streams.build(request.name, request.build, context))) as lines:
        async for line in lines:
            yield Progress(line=line)
    yield Built(digest=await desk.streams.resolve(request.name))
