"""many callers, one event: which ticket a ticket was attached to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ATTACHED = sa.text("incident_id IS NOT NULL")


def upgrade() -> None:
    """Bring the schema one step forward."""
    op.add_column("tickets", sa.Column("duplicate_of_id", _BIG, nullable=True))
    op.add_column("tickets", sa.Column("incident_id", _BIG, nullable=True))
    op.add_column("tickets", sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("joined_count", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("tickets", sa.Column("last_joined_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_tickets_incident", "tickets", ["incident_id"], sqlite_where=_ATTACHED, postgresql_where=_ATTACHED
    )


def downgrade() -> None:
    """Take the schema one step back."""
    op.drop_index("ix_tickets_incident", table_name="tickets", sqlite_where=_ATTACHED, postgresql_where=_ATTACHED)
    for column in ("last_joined_at", "joined_count", "attached_at", "incident_id", "duplicate_of_id"):
        op.drop_column("tickets", column)
