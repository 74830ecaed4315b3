"""Images: what a name means now, and having it here.

An image is pinned by a digest: of its manifest where it came from a registry, so that any host can pull
the very same; of its own configuration (its id) where it exists on this engine only. Both look alike; so
what is pinned is first looked up as an id, and then as `repository@digest`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager

from longshore.model.clock import HOUR
from longshore.model.errors import Failed
from longshore.model.spec import ImageRef, Pull
from longshore.provider.docker.answers import Distribution, Image
from longshore.provider.docker.faults import rejected
from longshore.provider.docker.streams import progress
from longshore.provider.docker.wire import Wire, part

PULLING = HOUR
"""Time for a pull: gigabytes over a slow line. The steps of one are retried by the engine itself."""

_LOADED = re.compile(r"Loaded image(?: ID)?: (\S+)")
"""What the engine says when it has taken in an image."""

_REASONS = (
    ("no such host", "its name is not known here", "Connect the host to the network"),
    ("connection refused", "nothing listens there", "Start the registry, or correct the image's name"),
    ("timeout", "it does not answer", "Connect the host to the network"),
    ("deadline exceeded", "it does not answer", "Connect the host to the network"),
    ("toomanyrequests", "it wants fewer requests from this address", "Wait, or log in there"),
    ("unauthorized", "it wants a login, or there is no such image", "Correct the image's name"),
    ("denied", "it wants a login, or there is no such image", "Correct the image's name"),
    ("unknown", "it has no such image", "Correct the image's name or tag"),
    ("not found", "it has no such image", "Correct the image's name or tag"),
    ("http: server gave HTTP", "it speaks no TLS", "Declare it in the engine's insecure-registries"),
)
"""What a registry, or the way there, says when there is no image to be had: words, meaning, remedy."""


async def resolve(wire: Wire, name: str, pull: Pull = Pull.MISSING) -> str:
    """The digest that a name means now: the engine's own, else its registry's, or as `pull` says.

    Raises:
        Failed: `image-missing` where nobody who is asked knows it.
    """
    found = None if pull is Pull.ALWAYS else await _look(wire, name)
    if found is not None:
        return _digest(found, name)
    if pull is Pull.NEVER:
        raise Failed(
            f"The image {name} is not on the engine, and is never to be pulled.",
            code="image-missing",
            remedy=f"Bring it there: docker pull {name}; or write pull_policy: missing.",
            facts={"image": name},
        )
    with _missing(name):
        answer = await wire.call("GET", f"/distribution/{part(name)}/json", Distribution)
    return answer.descriptor.digest


async def there(wire: Wire, name: str) -> bool:
    """Whether the engine has an image of this name itself."""
    return await _look(wire, name) is not None


async def provide(wire: Wire, image: ImageRef, depot: Wire | None = None) -> None:
    """Have a pinned image here: from the depot, if that has it, else by pulling it.

    Raises:
        Failed: `image-missing`, `no-space`.
    """
    if await _find(wire, image) is not None:
        return
    if depot is not None and await _find(depot, image) is not None:
        async with aclosing(save(depot, image)) as content:
            await load(wire, image, content)
        return
    query = {"fromImage": repository(image.name), "tag": image.digest or _tag(image.name)}
    with _missing(image.name, built=bool(image.digest)):
        async with wire.open("POST", "/images/create", query=query, limit=PULLING) as answer:
            async for line in progress(answer):
                if line.error:
                    raise rejected(500, line.error)


async def save(wire: Wire, image: ImageRef) -> AsyncGenerator[bytes, None]:
    """A pinned image as a tar, in the pieces in which the engine sends it.

    Raises:
        Failed: `image-missing`.
    """
    found = await _find(wire, image)
    if found is None:
        raise image_missing(image.name, "No such image", built=True)
    # By its id: a name would bring further images of that name, and may mean another one by now.
    async with wire.open("GET", f"/images/{part(found.id)}/get", limit=PULLING) as answer:
        async for piece in answer.content.iter_any():
            yield piece


async def load(wire: Wire, image: ImageRef, content: AsyncIterator[bytes]) -> None:
    """Take in what `save` gave, and know it by the digest it is pinned by.

    Raises:
        Failed: `image-missing` where it is not what was asked for; `no-space`.
    """
    got = ""
    async with wire.open("POST", "/images/load", body=content, limit=PULLING) as answer:
        async for line in progress(answer):
            if line.error:
                raise rejected(500, line.error)
            found = _LOADED.search(line.stream)
            got = found[1] if found else got
    if not got:
        raise image_missing(image.name, "what another engine sent holds no image", built=True)
    # An image without a name is swept away by `docker image prune`; one that has it keeps it.
    names = [] if await _look(wire, image.name) else [image.name]
    if image.digest and image.digest != got:
        # Its manifest's digest does not travel with it; this name stands for it.
        names.append(_pinned(image.digest))
    for name in names:
        query = {"repo": repository(name), "tag": _tag(name)}
        await wire.tell("POST", f"/images/{part(got)}/tag", query=query)


def references(image: ImageRef) -> tuple[str, ...]:
    """What to ask the engine for, in turn: its digest as an id, a manifest's, a traveller's; or its name."""
    if not image.digest:
        return (image.name,)
    return (image.digest, f"{repository(image.name)}@{image.digest}", _pinned(image.digest))


def _pinned(digest: str) -> str:
    return f"longshore-pinned:{digest.removeprefix('sha256:')}"


def repository(name: str) -> str:
    """An image's name without tag and digest."""
    name = name.partition("@")[0]
    head, colon, tail = name.rpartition(":")
    # A colon before a slash is that of a registry's port.
    return head if colon and "/" not in tail else name


def image_missing(name: str, said: str, *, built: bool = False) -> Failed:
    """Our error for an image that is not to be had, with what its registry's words suggest.

    Args:
        name: The image as the template names it.
        said: What the engine says.
        built: Whether it may exist on another engine only.
    """
    words, meaning, remedy = next(
        (row for row in _REASONS if row[0] in said),
        ("", said.strip().rstrip("."), "Correct the image's name"),
    )
    if built:
        remedy += "; if it was built on another host, push it to a registry, or keep the service there"
    else:
        remedy += f", or build it here: docker build -t {name} ."
    registry = "the engine does not have it, and of its registry it says: " if words else ""
    return Failed(
        f"The image {name} is not to be had: {registry}{meaning}.",
        code="image-missing",
        remedy=f"{remedy}.".replace("..", "."),
        facts={"image": name, "engine": said},
    )


async def _find(wire: Wire, image: ImageRef) -> Image | None:
    for reference in references(image):
        found = await _look(wire, reference)
        if found is not None:
            return found
    return None


async def _look(wire: Wire, reference: str) -> Image | None:
    try:
        return await wire.call("GET", f"/images/{part(reference)}/json", Image)
    except Failed as error:
        if error.code != "image-missing":
            raise
        return None


def _digest(image: Image, name: str) -> str:
    """The manifest's digest if the image came from (or went to) the repository it is asked for by."""
    wanted = repository(name)
    familiar = {wanted, wanted.removeprefix("docker.io/").removeprefix("library/")}
    for known in image.repo_digests or []:
        place, _, digest = known.partition("@")
        if place in familiar:
            return digest
    return image.id


def _tag(name: str) -> str:
    plain = name.partition("@")[2]
    return plain or name[len(repository(name)) + 1 :] or "latest"


@contextmanager
def _missing(name: str, *, built: bool = False) -> Iterator[None]:
    """Whatever a registry refuses with, the image is not to be had; but a full disk is a full disk."""
    try:
        yield
    except Failed as error:
        if error.code == "no-space":
            raise
        raise image_missing(name, str(error.facts.get("engine", error.message)), built=built) from error
