"""Entities are listed in the order of their last change."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("catalog_entities_by_change", "catalog_entities", ["entity", "changed_at", "entity_id"])
