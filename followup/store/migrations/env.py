"""Alembic's door: migrations run on the connection that `database.upgrade` hands over."""

from alembic import context

from followup.store.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("Make a migration with `make migration NAME=...`; the service upgrades by itself at start.")
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
