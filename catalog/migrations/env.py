"""Alembic's entry: the steps run on the connection, and within the transaction, that ``register.schema`` gives."""

from alembic import context

from catalog.register.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite alters a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
