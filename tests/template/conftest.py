"""A client in miniature: it answers every need from what a test gives, and counts the rounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.model.spec import ServiceSpec
from longshore.model.template import Reading, Sources
from longshore.template import read

MOST_ROUNDS = 12


def answer(
    *texts: str,
    files: dict[str, str] | None = None,
    env: dict[str, str] | None = None,
    project: str = "",
    profiles: tuple[str, ...] = (),
    env_files: tuple[str, ...] = (),
    directory: str = "/home/ann/shop",
) -> Reading:
    """Read texts as `0.yaml`, `1.yaml`, …; whatever is asked for comes from `files` and `env`."""
    have = {f"{i}.yaml": text for i, text in enumerate(texts)} | (files or {})
    sent_files: dict[str, str | None] = {}
    sent_variables: dict[str, str | None] = {}
    for _ in range(MOST_ROUNDS):
        reading = read(
            Sources(
                templates=tuple(f"{i}.yaml" for i in range(len(texts))),
                directory=directory,
                files=dict(sent_files),
                variables=dict(sent_variables),
                project=project,
                profiles=profiles,
                env_files=env_files,
            )
        )
        if reading.needs is None:
            return reading
        paths = (*reading.needs.files, *reading.needs.optional)
        assert not set(paths) & set(sent_files), "asked twice"
        assert not set(reading.needs.variables) & set(sent_variables), "asked twice"
        assert paths or reading.needs.variables, "asked for nothing"
        sent_files |= {path: have.get(path) for path in paths}
        sent_variables |= {name: (env or {}).get(name) for name in reading.needs.variables}
    raise AssertionError("the reader never stops asking")


Answer = Callable[..., Reading]


@pytest.fixture
def ask() -> Answer:
    """The client."""
    return answer


@pytest.fixture
def web() -> Callable[..., ServiceSpec]:
    """The service `web` of a template that must have no faults; `body` is what it says."""

    def spec(body: str, top: str = "", **given: object) -> ServiceSpec:
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        reading = answer(f"services:\n  web:\n    image: shop\n{lines}\n{top}", **given)  # type: ignore[arg-type]
        assert not reading.faults, reading.faults
        assert reading.graph is not None
        return reading.graph.services["web"]

    return spec
