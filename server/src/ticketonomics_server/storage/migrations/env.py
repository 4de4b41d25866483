"""Alembic's way in: `storage.migrating` hands it a connection that holds the migrations' lock."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
