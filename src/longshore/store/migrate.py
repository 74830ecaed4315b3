"""Bringing a store to the schema of this version, in one transaction.

Migrations only go forwards; the way back is the copy made before the new version was started.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from longshore.model.errors import Refused


def migrations() -> Config:
    """Where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", "longshore.store:migrations")
    return config


def migrate(connection: Connection, found: str, path: Path) -> None:
    """Run what lies between the revision found (empty: a new store) and the newest.

    Raises:
        Refused: `store-newer`, where a later version of Longshore has made or changed the store.
    """
    config = migrations()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found and found not in known:
        raise Refused(
            f"the store {path} was written by a newer version of Longshore (its schema is {found})",
            code="store-newer",
            remedy="start that version again, or put back the copy made before it was first started",
            facts={"path": str(path), "schema": found, "known": sorted(known)},
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
