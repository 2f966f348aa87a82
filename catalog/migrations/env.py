"""Alembic's entry: the steps run on the connection, and within the transaction, that ``register.schema`` gives."""

from alembic import context

from catalog.register.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    # SQLite alters a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
