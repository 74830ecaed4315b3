"""Images built by the engine itself, from a tar that its client sends.

It is the classic builder, which every engine has; BuildKit's is a plugin of another program.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator

from longshore.model.clock import HOUR
from longshore.model.errors import Failed
from longshore.model.spec import Build
from longshore.provider.docker.answers import Progress
from longshore.provider.docker.options import ulimits
from longshore.provider.docker.streams import progress
from longshore.provider.docker.wire import Wire

BUILDING = 2 * HOUR
"""Time for a build: compilers are slow, and a build that hangs must end."""

_KEPT = 10
"""Lines before a build's failure that say what led to it."""


async def build_image(
    wire: Wire, name: str, build: Build, context: AsyncIterator[bytes], labels: dict[str, str]
) -> AsyncGenerator[str, None]:
    """Build and tag an image; yields what the builder says, line by line.

    Raises:
        Failed: `build-failed`, with the last lines in its facts; `no-space`.
    """
    query: dict[str, object] = {
        "t": (name, *build.tags),
        "dockerfile": build.dockerfile,
        "rm": True,
        "forcerm": True,
        "buildargs": build.args,
        "labels": {**build.labels, **labels},
    }
    further: dict[str, object] = {
        "target": build.target,
        "platform": build.platform,
        "nocache": build.no_cache,
        "cachefrom": list(build.cache_from),
        "pull": build.pull,
        "networkmode": build.network,
        "extrahosts": build.extra_hosts,
        "shmsize": build.shm_size,
        "ulimits": ulimits(build.ulimits),
    }
    query |= {key: value for key, value in further.items() if value}
    last: deque[str] = deque(maxlen=_KEPT)
    try:
        async with wire.open("POST", "/build", query=query, body=context, limit=BUILDING) as answer:
            async for line in _lines(progress(answer), name, last):
                last.append(line)
                yield line
    except Failed as error:
        if error.code in {"build-failed", "no-space"}:
            raise
        raise _failed(name, str(error.facts.get("engine", error.message)), last) from error


async def _lines(told: AsyncIterator[Progress], name: str, last: deque[str]) -> AsyncGenerator[str, None]:
    """Whole lines: the builder cuts them as its commands write them."""
    kept = ""
    async for step in told:
        if step.error:
            if kept.strip():
                last.append(kept)
            raise _failed(name, step.error, last)
        if step.status and not step.progress:
            yield f"{step.id}: {step.status}" if step.id else step.status
        *lines, kept = (kept + step.stream).split("\n")
        for line in lines:
            if line.strip():
                yield line.rstrip("\r")
    if kept.strip():
        yield kept


def _failed(name: str, said: str, last: deque[str]) -> Failed:
    code = "no-space" if "no space left on device" in said else "build-failed"
    told = "".join(f"\n{line}" for line in last)
    return Failed(
        f"The image {name} could not be built: {said.strip().rstrip('.')}.{told}",
        code=code,
        remedy="Correct the Dockerfile, or what it copies; the lines above it say where it stopped.",
        facts={"image": name, "engine": said, "lines": list(last)},
    )
