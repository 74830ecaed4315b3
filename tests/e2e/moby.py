"""The engine at hand, asked behind Longshore's back: what is there, and what other people do to it."""

from __future__ import annotations

import json
import os
import ssl
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

IMAGE = "debian:bookworm-slim"
CELL = "io.longshore.cell"
TASK = "io.longshore.task"
ENGINE = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"

Json = dict[str, Any]


class Container(NamedTuple):
    """A container as the engine lists it."""

    id: str
    name: str
    state: str
    labels: dict[str, str]

    @property
    def service(self) -> str:
        """The service it is a replica of."""
        return self.labels.get("io.longshore.service", "")

    @property
    def slot(self) -> int:
        """Which replica it is."""
        return int(self.labels.get("io.longshore.slot", 0))


class Census(NamedTuple):
    """Everything of one cell that the engine holds, but for images, each kind sorted."""

    containers: tuple[Container, ...]
    networks: tuple[str, ...]
    volumes: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is there."""
        return not (self.containers or self.networks or self.volumes)

    def of(self, service: str) -> tuple[Container, ...]:
        """The containers of a service, by slot."""
        return tuple(c for c in self.containers if c.service == service)


class Moby:
    """The engine's own API, in the few words that tests need."""

    def __init__(self) -> None:
        where = urlsplit(ENGINE)
        if where.scheme == "unix":
            self._http = httpx.Client(
                transport=httpx.HTTPTransport(uds=where.path), base_url="http://engine", timeout=60
            )
            return
        if not os.environ.get("DOCKER_TLS_VERIFY"):
            self._http = httpx.Client(base_url=f"http://{where.netloc}", timeout=60, trust_env=False)
            return
        keys = Path(os.environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
        context = ssl.create_default_context(cafile=str(keys / "ca.pem"))
        context.load_cert_chain(keys / "cert.pem", keys / "key.pem")
        self._http = httpx.Client(
            base_url=f"https://{where.netloc}", verify=context, timeout=60, trust_env=False
        )

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def census(self, cell: str) -> Census:
        """What a cell has here."""
        chosen = _chosen(cell)
        containers = [
            Container(row["Id"], row["Names"][0].lstrip("/"), row["State"], row["Labels"])
            for row in self.ask("GET", "/containers/json", all=1, filters=chosen)
        ]
        return Census(
            tuple(sorted(containers, key=lambda c: (c.service, c.slot, c.name))),
            tuple(sorted(row["Name"] for row in self.ask("GET", "/networks", filters=chosen))),
            tuple(
                sorted(row["Name"] for row in self.ask("GET", "/volumes", filters=chosen)["Volumes"] or [])
            ),
        )

    def sweep(self, cell: str) -> None:
        """Remove everything of a cell. Twice: nothing."""
        there = self.census(cell)
        for container in there.containers:
            self.remove(container.id)
        for network in there.networks:
            self.ask("DELETE", f"/networks/{network}", missing=True)
        for volume in there.volumes:
            self.ask("DELETE", f"/volumes/{volume}", missing=True)

    def remove(self, container: str) -> None:
        """`docker rm -f -v`."""
        self.ask("DELETE", f"/containers/{container}", missing=True, force=1, v=1)

    def kill(self, container: str) -> None:
        """`docker kill`."""
        self.ask("POST", f"/containers/{container}/kill")

    def inspect(self, container: str) -> Json:
        """`docker inspect`."""
        found: Json = self.ask("GET", f"/containers/{container}/json")
        return found

    def run(self, name: str, *command: str, labels: dict[str, str], **host: object) -> str:
        """`docker run -d`; returns the id."""
        body = {"Image": IMAGE, "Cmd": command, "Labels": labels, "HostConfig": host, "StopTimeout": 0}
        made: str = self.ask("POST", "/containers/create", body, name=name)["Id"]
        self.ask("POST", f"/containers/{made}/start")
        return made

    def make_volume(self, name: str, labels: dict[str, str]) -> None:
        """`docker volume create`."""
        self.ask("POST", "/volumes/create", {"Name": name, "Labels": labels})

    def born(self, volume: str) -> str:
        """When a volume was made."""
        stamp: str = self.ask("GET", f"/volumes/{volume}")["CreatedAt"]
        return stamp

    def make_network(self, name: str, labels: dict[str, str]) -> str:
        """`docker network create`; returns the id."""
        made: str = self.ask("POST", "/networks/create", {"Name": name, "Labels": labels})["Id"]
        return made

    def now(self) -> float:
        """The engine's own time, seconds since 1970, for `created`."""
        stamp = str(self.ask("GET", "/info")["SystemTime"])
        return datetime.fromisoformat(stamp).timestamp()

    def created(self, cell: str, since: float, until: float) -> list[str]:
        """The task of every container that a cell has made in that time, gone ones too.

        The engine remembers its last 256 events only: ask often.
        """
        chosen = {"label": [f"{CELL}={cell}"], "type": ["container"], "event": ["create"]}
        query = {"since": f"{since:.6f}", "until": f"{until:.6f}", "filters": json.dumps(chosen)}
        answer = self._http.get("/events", params=query)
        answer.raise_for_status()
        return [json.loads(line)["Actor"]["Attributes"][TASK] for line in answer.text.splitlines()]

    def ask(
        self, method: str, path: str, body: object = None, *, missing: bool = False, **query: object
    ) -> Any:  # noqa: ANN401 - the engine's JSON
        """One request; `missing`: what is not there is no failure."""
        answer = self._http.request(method, path, params=query, json=body)  # type: ignore[arg-type]
        if not (missing and answer.status_code == httpx.codes.NOT_FOUND):
            assert answer.status_code < httpx.codes.BAD_REQUEST, f"{method} {path}: {answer.text}"
        return answer.json() if answer.headers.get("content-type") == "application/json" else None


def _chosen(cell: str) -> str:
    return json.dumps({"label": [f"{CELL}={cell}"]})
