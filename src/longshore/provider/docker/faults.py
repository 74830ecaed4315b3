"""What an engine says when it refuses, turned into our errors: one table, read from the top.

The engine answers with a status and a sentence; only the sentence tells a taken port from a missing
command. A row's first pattern that is found decides; what no row knows is `bad-request` or
`engine-error`, in the engine's own words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from longshore.model.errors import Failed

CODES = {
    "address-missing": "a port is to be bound to an address that the host does not have",
    "bad-request": "the engine does not take what was asked",
    "build-failed": "an image could not be built",
    "container-missing": "the task's container is not there",
    "driver-missing": "the engine has no such network or volume driver",
    "engine-error": "the engine failed for a reason of its own",
    "engine-too-old": "the engine speaks only versions of its API that we do not",
    "external-missing": "a network or volume that the template calls external is not there",
    "image-missing": "an image is neither on the engine nor to be had from its registry",
    "in-use": "a network or volume is held by containers",
    "logs-elsewhere": "a logging driver keeps nothing on the host that could be shown",
    "mount-missing": "a path to be mounted is not on the host",
    "name-taken": "something of that name was made by others",
    "network-missing": "a network is not there",
    "no-addresses": "the engine has no address range left for a network",
    "no-space": "the host's disk is full",
    "port-taken": "a port on the host is held by others",
    "start-failed": "the container was made, but its command could not be run",
    "volume-missing": "a volume is not there",
}
"""Every code that this runtime raises, and what it means."""


class _Rule(NamedTuple):
    """`says` and `remedy` may quote the pattern's groups, as `re.Match.expand` writes them."""

    status: int
    pattern: str
    code: str
    says: str
    remedy: str


_RULES = (
    _Rule(
        404,
        r"No such image: (\S+)",
        "image-missing",
        r"The engine has no image \1.",
        r"Pull or build it, or correct `image:`.",
    ),
    _Rule(
        404,
        r"No such container: (\S+)",
        "container-missing",
        r"The engine has no container \1.",
        "See what runs: longshore ps.",
    ),
    _Rule(
        404,
        r"network (\S+) not found",
        "network-missing",
        r"The engine has no network \1.",
        r"One of ours comes back with the next look; an external one is yours: docker network create \1.",
    ),
    _Rule(
        404,
        r"(\S+): no such volume",
        "volume-missing",
        r"The engine has no volume \1.",
        r"Bring it back from a backup, or start empty: docker volume create \1.",
    ),
    _Rule(
        409,
        r'container name "/?([^"]+)" is already in use',
        "name-taken",
        r"There is a container named \1.",
        r"Remove it if it is no longer needed: docker rm -f \1.",
    ),
    _Rule(
        409,
        r"network with name (\S+) already exists",
        "name-taken",
        r"There is a network named \1.",
        r"Remove it if it is no longer needed: docker network rm \1.",
    ),
    _Rule(
        409,
        r"volume named (\S+) already exists|volume name must be unique",
        "name-taken",
        r"There is a volume of that name, with another driver.",
        r"Give the volume another `name:`, or the driver that it has.",
    ),
    _Rule(
        0,
        r"remove (\S+): volume is in use - \[(.*?)\]",
        "in-use",
        r"The volume \1 is held by containers: \2.",
        r"Remove them first: docker ps -a --filter volume=\1 lists them.",
    ),
    _Rule(
        0,
        r"network (\S+) id \S+ has active endpoints",
        "in-use",
        r"The network \1 is held by containers.",
        r"Remove them first: docker network inspect \1 lists them.",
    ),
    _Rule(
        0,
        r"Bind for (\S+):(\d+) failed: port is already allocated",
        "port-taken",
        r"Port \2 (on \1) is held by another container.",
        r"Remove what holds it, or publish another port.",
    ),
    _Rule(
        0,
        r"listen \w+ (\S+):(\d+): bind: address already in use",
        "port-taken",
        r"Port \2 (on \1) is held by a program on the host.",
        r"Stop it (ss -lptn sport = :\2 names it), or publish another port.",
    ),
    _Rule(
        0,
        r"listen \w+ (\S+):(\d+): bind: cannot assign requested address",
        "address-missing",
        r"The host has no address \1 to bind port \2 to.",
        r"Leave the address out of `ports:`, or name one that the host has (ip addr lists them).",
    ),
    _Rule(
        0,
        r"bind source path does not exist: (.+)",
        "mount-missing",
        r"The path \1 is not on the host.",
        r"Make it there, or correct `volumes:`.",
    ),
    _Rule(
        0,
        r"no space left on device",
        "no-space",
        r"The disk of the host is full.",
        "Make room there: docker system df shows what the engine holds.",
    ),
    _Rule(
        0,
        r"non-overlapping|predefined address pools",
        "no-addresses",
        r"The engine has no address range left for a network.",
        "Remove networks that nothing uses: docker network prune.",
    ),
    _Rule(
        0,
        r"[Pp]ool overlaps with other one",
        "no-addresses",
        r"The subnet of a network overlaps with one that the engine has.",
        "Write another subnet under `ipam:`, or leave it out.",
    ),
    _Rule(
        0,
        r"^Address already in use$",
        "no-addresses",
        r"The address that a service is to have on a network is taken.",
        "Give it another `ipv4_address:`, or leave it out: services reach each other by name.",
    ),
    _Rule(
        0,
        r'plugin "([^"]+)" not found',
        "driver-missing",
        r"The engine has no driver \1.",
        r"Correct `driver:`, or install the plugin on the host.",
    ),
    _Rule(
        0,
        r"No command specified",
        "start-failed",
        "The image says of itself no command to run.",
        "Give the service a `command:`.",
    ),
    _Rule(
        0,
        r"unable to find (user|group) ([^:]+):",
        "start-failed",
        r"The image knows no \1 \2.",
        r"Correct `user:`; a number always works.",
    ),
    _Rule(
        0,
        r'exec: "([^"]*)": (.+?)(?:: unknown)?$',
        "start-failed",
        r"The command \1 cannot be run: \2.",
        "Correct `command:` or `entrypoint:`, or put the program into the image.",
    ),
    _Rule(
        0,
        r"OCI runtime create failed: (?:runc create failed: )?(.+?)(?:: unknown)?$",
        "start-failed",
        r"The container cannot be started: \1.",
        "Correct what it names.",
    ),
    _Rule(
        0,
        r"configured logging driver does not support reading",
        "logs-elsewhere",
        "Its logging driver keeps nothing here that could be shown.",
        "Look where `logging:` sends it, or leave that key out (or its driver: local).",
    ),
    _Rule(
        400,
        r"client version (\S+) is too",
        "engine-too-old",
        r"The engine does not speak version \1 of its API.",
        "It was exchanged for another just now: ask again.",
    ),
    _Rule(400, r"(?s)(.+)", "bad-request", r"The engine does not take it: \1.", "Correct what it names."),
)


def rejected(status: int, said: str) -> Failed:
    """Our error for an engine's answer of 400 or more.

    Args:
        status: The HTTP status.
        said: The engine's sentence.

    Returns:
        A `Failed` with one of `CODES`; its facts hold `status`, `engine` (the sentence) and, for
        `port-taken`, `port`.
    """
    facts: dict[str, object] = {"status": status, "engine": said}
    said = said.strip().rstrip(".")
    for rule in _RULES:
        if rule.status not in {0, status}:
            continue
        match = re.search(rule.pattern, said)
        if match is None:
            continue
        if rule.code == "port-taken":
            facts["port"] = int(match[2])
        return Failed(match.expand(rule.says), code=rule.code, remedy=match.expand(rule.remedy), facts=facts)
    return Failed(
        f"The engine failed: {said or status}.",
        code="engine-error",
        remedy="Its own log on the host says more: journalctl -u docker.",
        facts=facts,
    )
