"""Readings: a template read with what the client has sent so far."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from longshore.model.template import Reading, Sources


async def reading(read: Callable[[Sources], Reading], sources: Sources) -> Reading:
    """Read a template; the answer may be faults, or what else is needed. Changes nothing.

    In a thread: a long template takes tens of milliseconds, and others are waiting.
    """
    return await asyncio.to_thread(read, sources)
