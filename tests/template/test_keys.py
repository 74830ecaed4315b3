"""The table of keys: each key of the Compose specification is a row, and each row says something."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from longshore.model.template import Reading
from longshore.template.compose import deploy, keys, parts, resources
from longshore.template.schema import Table

Answer = Callable[..., Reading]

SCHEMA = Path(__file__).parents[3] / "shared/cases/schema/compose-spec.json"

TABLES: dict[str, tuple[Table, str]] = {
    "top": (keys.TOP, "/properties"),
    "service": (keys.SERVICE, "/definitions/service/properties"),
    "build": (parts.BUILD, "/definitions/service/properties/build/oneOf/1/properties"),
    "port": (parts.PORT, "/definitions/service/properties/ports/items/oneOf/2/properties"),
    "mount": (parts.MOUNT, "/definitions/service/properties/volumes/items/oneOf/1/properties"),
    "healthcheck": (parts.HEALTHCHECK, "/definitions/healthcheck/properties"),
    "deploy": (deploy.DEPLOY, "/definitions/deployment/properties"),
    "update": (deploy.UPDATE, "/definitions/deployment/properties/update_config/properties"),
    "rollback": (deploy.ROLLBACK, "/definitions/deployment/properties/rollback_config/properties"),
    "restart": (deploy.RESTART_POLICY, "/definitions/deployment/properties/restart_policy/properties"),
    "placement": (deploy.PLACEMENT, "/definitions/deployment/properties/placement/properties"),
    "limits": (
        deploy.LIMITS,
        "/definitions/deployment/properties/resources/properties/limits/properties",
    ),
    "reservations": (
        deploy.RESERVATIONS,
        "/definitions/deployment/properties/resources/properties/reservations/properties",
    ),
    "network": (resources.NETWORK, "/definitions/network/properties"),
    "volume": (resources.VOLUME, "/definitions/volume/properties"),
    "secret": (resources.SECRET, "/definitions/secret/properties"),
    "config": (resources.CONFIG, "/definitions/config/properties"),
}


@pytest.mark.parametrize(("table", "way"), TABLES.values(), ids=TABLES)
def test_every_key_of_the_specification_is_a_row(table: Table, way: str) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"the specification's schema is not at {SCHEMA}")
    node = json.loads(SCHEMA.read_text())
    for step in way.strip("/").split("/"):
        node = node[int(step)] if isinstance(node, list) else node[step]
    assert set(node) - set(table) == set()


@pytest.mark.parametrize("table", [t for t, _ in TABLES.values()], ids=TABLES)
def test_a_row_says_one_thing_at_most(table: Table) -> None:
    for key, row in table.items():
        said = [bool(row.refused), bool(row.idle), bool(row.differs)]
        assert said.count(True) <= 1, key


def test_a_key_that_is_refused_is_read_and_stops_only_a_plan(ask: Answer) -> None:
    """Each refused row of a service, given a value that its check takes, is a refusal and no fault."""
    met = 0
    for key, row in keys.SERVICE.items():
        if not row.refused:
            continue
        texts = (
            json.dumps({"services": {"web": {"image": "a", key: probe}}, "models": {"a": {"model": "m"}}})
            for probe in PROBES
        )
        reading = next(r for r in map(ask, texts) if not r.faults)
        assert f"services.web.{key}" in {f.path for f in reading.refusals if f.hint == row.refused}, key
        assert reading.graph is None
        assert reading.config is not None
        met += 1
    assert met > 5


PROBES: tuple[object, ...] = (
    *("1", "a b", ["a"], {"a": "b"}, True, "a"),
    *([{"command": "a"}], {"type": "a"}, {"file": "a"}),
)
"""Values of which every key takes one."""
