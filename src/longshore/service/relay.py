"""Streams of the seams, handed on so that they end when nobody reads any more."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

T = TypeVar("T")


async def relay(source: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """What comes, as a generator that can be closed, which closes the source if that can be.

    A generator that is dropped half read would hold its connection until it is collected.
    """
    try:
        async for item in source:
            yield item
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()
