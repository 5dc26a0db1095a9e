"""kept views: what an agency saw of a ticket when it declined or was called off"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step forward."""
    op.add_column("assignments", sa.Column("ended_seq", sa.BigInteger(), nullable=True))
    op.create_table(
        "kept_views",
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agency_code", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("view", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_kept_views_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_kept_views_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_kept_views")),
    )
    op.create_index(op.f("ix_kept_views_ticket_id"), "kept_views", ["ticket_id"])
    op.create_index("ix_kept_views_agency", "kept_views", ["agency_code", "at"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("kept_views")
    with op.batch_alter_table("assignments") as assignments:
        assignments.drop_column("ended_seq")
