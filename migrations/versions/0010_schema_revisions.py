"""schema revisions: which migrations a database has had, and the oldest software that each leaves able to run"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step forward; migrations/env.py writes the rows, this one's and every later one's."""
    op.create_table(
        "schema_revisions",
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.Column("oldest_software", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_revisions")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("schema_revisions")
