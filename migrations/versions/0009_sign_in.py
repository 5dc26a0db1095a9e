"""signing in: tokens with scope and end, sessions that go idle, second factors

Only additions: the release before runs on it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema one step forward."""
    instant = sa.DateTime(timezone=True)
    op.add_column("users", sa.Column("password_changed_at", instant, nullable=True))
    op.add_column("api_tokens", sa.Column("scope", sa.String(32), nullable=False, server_default="all"))
    op.add_column("api_tokens", sa.Column("expires_at", instant, nullable=True))
    op.add_column("web_sessions", sa.Column("active_at", instant, nullable=True))
    op.add_column("web_sessions", sa.Column("wall", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("web_sessions", sa.Column("device", sa.String(80), nullable=True))
    op.add_column("web_sessions", sa.Column("address", sa.String(64), nullable=True))
    op.add_column("sign_in_attempts", sa.Column("kind", sa.String(8), nullable=False, server_default="password"))
    op.add_column("sign_in_attempts", sa.Column("device", sa.String(32), nullable=True))
    op.create_index("ix_sign_in_attempts_at", "sign_in_attempts", ["at"], unique=False)
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("enrolled_at", instant, nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_second_factors_user_id_users"),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("used_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recovery_codes_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
    op.drop_index("ix_sign_in_attempts_at", table_name="sign_in_attempts")
    for table, columns in (
        ("sign_in_attempts", ("device", "kind")),
        ("web_sessions", ("address", "device", "wall", "active_at")),
        ("api_tokens", ("expires_at", "scope")),
        ("users", ("password_changed_at",)),
    ):
        for column in columns:
            op.drop_column(table, column)
