"""Runs the migrations on the connection that the store hands over, within its transaction."""

from __future__ import annotations

from alembic import context

from longshore.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # SQLite has it, when the driver does not begin transactions by itself
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
