"""The table of keys: each key of the Compose specification is a row, and each row says something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longshore.template.compose import deploy, keys
from longshore.template.schema import Table

SCHEMA = Path(__file__).parents[3] / "shared/cases/schema/compose-spec.json"

TABLES: dict[str, tuple[Table, str]] = {
    "top": (keys.TOP, "/properties"),
    "service": (keys.SERVICE, "/definitions/service/properties"),
    "build": (keys.BUILD, "/definitions/service/properties/build/oneOf/1/properties"),
    "port": (keys.PORT, "/definitions/service/properties/ports/items/oneOf/2/properties"),
    "mount": (keys.MOUNT, "/definitions/service/properties/volumes/items/oneOf/1/properties"),
    "healthcheck": (keys.HEALTHCHECK, "/definitions/healthcheck/properties"),
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
    "network": (keys.NETWORK, "/definitions/network/properties"),
    "volume": (keys.VOLUME, "/definitions/volume/properties"),
    "secret": (keys.SECRET, "/definitions/secret/properties"),
    "config": (keys.CONFIG, "/definitions/config/properties"),
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
def test_every_row_does_refuses_or_is_idle(table: Table) -> None:
    for key, row in table.items():
        said = [row.check is not None, bool(row.refused), bool(row.idle)]
        assert said.count(True) == 1, key
