"""calls: true times and how each ended; takes by hand that wait for a pick-up; who is there"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: Only new columns with a default or none, new indexes: the release before this one goes on running.
_CALLS = {
    "told_linkedid": (sa.String(length=150), None),
    "announced": (sa.Boolean(), sa.true()),
    "late": (sa.Boolean(), sa.false()),
    "timed_by": (sa.String(length=8), None),
    "telephones": (sa.Integer(), None),
    "answer_guessed": (sa.Boolean(), sa.false()),
    "seat_at": (sa.DateTime(timezone=True), None),
    "ended_how": (sa.String(length=10), None),
    "cut_off": (sa.Boolean(), sa.false()),
}


def upgrade() -> None:
    """Bring the schema one step forward."""
    for name, (type_, default) in _CALLS.items():
        op.add_column("calls", sa.Column(name, type_, server_default=default, nullable=default is None))
    reused = sa.text("told_linkedid IS NOT NULL")
    op.create_index(
        "ix_calls_told_linkedid",
        "calls",
        ["told_linkedid"],
        unique=False,
        sqlite_where=reused,
        postgresql_where=reused,
    )
    op.add_column("tickets", sa.Column("pickup_due_at", sa.DateTime(timezone=True), nullable=True))
    due = sa.text("pickup_due_at IS NOT NULL")
    op.create_index(
        "ix_tickets_pickup_due", "tickets", ["pickup_due_at"], unique=False, sqlite_where=due, postgresql_where=due
    )
    op.add_column("web_sessions", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("web_sessions", "last_seen_at")
    op.drop_index("ix_tickets_pickup_due", table_name="tickets")
    op.drop_column("tickets", "pickup_due_at")
    op.drop_index("ix_calls_told_linkedid", table_name="calls")
    for name in reversed(_CALLS):
        op.drop_column("calls", name)
