"""Ask a container engine for the few things the ground scripts need, with the standard library alone.

The scripts run before anything is installed and after everything is taken back, and an engine may be there
without its command line. So this speaks the engine's own HTTP, over a unix socket or over TCP with TLS.

    python3 scripts/engine_api.py HOST VERB [ARGUMENT]

Exit codes: 0 done, 1 no (absent, refused, nothing answers), 2 wrong words, 4 there, but not for this user.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlencode, urlsplit

Query = str | int | list[str]

CELL = "io.longshore.cell"
MADE = "io.longshore.made"
# What a cell has in an engine, in the order in which it can go: where it is listed, and where one is removed.
LEAVINGS = (
    ("container", "/containers/json?all=1", "/containers/{Id}?force=1&v=1"),
    ("network", "/networks", "/networks/{Id}"),
    ("volume", "/volumes", "/volumes/{Name}?force=1"),
    ("image", "/images/json", "/images/{Id}?force=1"),
)
TIMEOUT = 30.0  # seconds of silence, not in all: a slow pull that still says something goes on


class EngineError(Exception):
    """The engine said no; the message is what it said."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def connect(host: str) -> http.client.HTTPConnection:
    """Open a connection to HOST (`unix://path`, or `tcp://name:port`, with TLS as docker's variables say)."""
    where = urlsplit(host)
    if where.scheme == "unix":
        connection = http.client.HTTPConnection("engine", timeout=TIMEOUT)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(TIMEOUT)
        connection.sock.connect(where.path)
        return connection
    if where.scheme not in {"tcp", "http", "https"} or not where.hostname:
        raise OSError(f"{host} is not unix://PATH or tcp://NAME:PORT")
    if where.scheme != "https" and not os.environ.get("DOCKER_TLS_VERIFY"):
        return http.client.HTTPConnection(where.hostname, where.port or 2375, timeout=TIMEOUT)
    keys = Path(os.environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
    context = ssl.create_default_context(cafile=str(keys / "ca.pem"))
    context.load_cert_chain(keys / "cert.pem", keys / "key.pem")
    return http.client.HTTPSConnection(where.hostname, where.port or 2376, timeout=TIMEOUT, context=context)


def ask(
    host: str,
    method: str,
    path: str,
    query: Mapping[str, Query] | None = None,
    body: IO[bytes] | None = None,
) -> http.client.HTTPResponse:
    """Send one request and answer with the response, unread.

    Raises:
        EngineError: the engine answered with a status of 400 or more.
    """
    connection = connect(host)
    if query:
        path += ("&" if "?" in path else "?") + urlencode(query, doseq=True)
    connection.request(method, path, body=body, headers={"Host": "engine"})
    response = connection.getresponse()
    if response.status >= 400:
        text = response.read().decode(errors="replace")
        try:
            text = json.loads(text)["message"]
        except (ValueError, KeyError, TypeError):
            text = text or response.reason
        raise EngineError(response.status, text.strip())
    return response


def ping(host: str, _: str) -> int:
    """Say whether an engine answers."""
    ask(host, "GET", "/_ping")
    return 0


def image(host: str, ref: str) -> int:
    """Print the id of an image, or say no."""
    print(json.load(ask(host, "GET", f"/images/{quote(ref, safe=':/')}/json"))["Id"])
    return 0


def pull(host: str, ref: str) -> int:
    """Fetch an image from the registry its name points at."""
    name, _, tag = ref.partition(":")
    _follow(ask(host, "POST", "/images/create", {"fromImage": name, "tag": tag}))
    return image(host, ref)


def load(host: str, ref: str) -> int:
    """Make an image of one layer from a tar archive on stdin, labelled as made by Longshore."""
    name, _, tag = ref.partition(":")
    query: dict[str, Query] = {
        "fromSrc": "-",
        "repo": name,
        "tag": tag,
        "changes": [f"LABEL {MADE}=base", 'CMD ["bash"]'],
    }
    _follow(ask(host, "POST", "/images/create", query, sys.stdin.buffer))
    return image(host, ref)


def drop(host: str, ident: str) -> int:
    """Remove an image that nothing else stands on. Gone already is fine."""
    _delete(host, f"/images/{ident}")
    return 0


def foreign(host: str, which: str) -> int:
    """Print how many containers (`running`), or containers and volumes (`all`), Longshore did not make."""
    everything = which == "all"
    found = json.load(ask(host, "GET", f"/containers/json?all={int(everything)}"))
    if everything:
        found += json.load(ask(host, "GET", "/volumes"))["Volumes"] or []
    print(sum(1 for thing in found if CELL not in (thing["Labels"] or {})))
    return 0


def sweep(host: str, cell: str) -> int:
    """Take down all that belongs to one cell, and print how much that was. Twice is harmless."""
    chosen = json.dumps({"label": [f"{CELL}={cell}"]})
    counts = []
    for noun, listed_at, removed_at in LEAVINGS:
        found = json.load(ask(host, "GET", listed_at, {"filters": chosen}))
        rows = found["Volumes"] or [] if noun == "volume" else found
        for row in rows:
            _delete(host, removed_at.format_map(row))
        if rows:
            counts.append(f"{len(rows)} {noun}{'s' if len(rows) != 1 else ''}")
    if counts:
        print(", ".join(counts))
    return 0


def _delete(host: str, path: str) -> None:
    try:
        ask(host, "DELETE", path).read()
    except EngineError as error:
        if error.status != 404:
            raise


def _follow(lines: Iterable[bytes]) -> None:
    """Read a stream of progress to its end: a failure half way comes as a line of it, with status 200."""
    for line in lines:
        if line.strip() and "error" in (said := json.loads(line)):
            raise EngineError(500, said["error"])


VERBS: dict[str, Callable[[str, str], int]] = {
    "ping": ping,
    "image": image,
    "pull": pull,
    "import": load,
    "drop": drop,
    "foreign": foreign,
    "sweep": sweep,
}


def main(words: list[str]) -> int:
    """Run one verb."""
    if len(words) not in {2, 3} or words[1] not in VERBS:
        print(f"usage: engine_api.py HOST {{{'|'.join(VERBS)}}} [ARGUMENT]", file=sys.stderr)
        return 2
    host, verb, argument = words[0], words[1], "".join(words[2:])
    try:
        return VERBS[verb](host, argument)
    except PermissionError:
        print(f"{host} is not open to this user", file=sys.stderr)
        return 4
    except (OSError, EngineError, http.client.HTTPException, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
