"""nuisance: proposals and blocks of numbers, what came of the gate"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step forward."""
    op.add_column("calls", sa.Column("gate_result", sa.String(length=12), nullable=True))
    op.add_column("calls", sa.Column("gate_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "number_flags",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prank_count", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_number_flags_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["proposed_by"], ["users.id"], name=op.f("fk_number_flags_proposed_by_users")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_number_flags_decided_by_users")),
        sa.ForeignKeyConstraint(["lifted_by"], ["users.id"], name=op.f("fk_number_flags_lifted_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_flags")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_number_flags_number", "number_flags", ["number", "kind"], unique=False)
    proposed = sa.text("state = 'proposed'")
    op.create_index(
        "uq_number_flags_proposed",
        "number_flags",
        ["number", "kind"],
        unique=True,
        sqlite_where=proposed,
        postgresql_where=proposed,
    )
    live = sa.text("kind = 'block' AND state IN ('proposed', 'approved')")
    op.create_index(
        "ix_number_flags_live", "number_flags", ["number"], unique=False, sqlite_where=live, postgresql_where=live
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("number_flags")
    op.drop_column("calls", "gate_at")
    op.drop_column("calls", "gate_result")
