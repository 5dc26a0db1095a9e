"""exchange starts: news from before a restart may be told after it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step forward."""
    op.create_table(
        "exchange_starts",
        sa.Column("system_name", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system_name", name=op.f("pk_exchange_starts")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("exchange_starts")
