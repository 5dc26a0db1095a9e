"""location links and the delivery queue"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)
_WAITING = sa.text("accepted_at IS NULL AND failed_at IS NULL")


def upgrade() -> None:
    """Bring the schema one step forward."""
    op.create_table(
        "deliveries",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("ticket_id", _BIG_ID, nullable=True),
        sa.Column("recipient", sa.String(length=200), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("scheduled_for", _AT, nullable=False),
        sa.Column("expires_at", _AT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("leased_until", _AT, nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("accepted_at", _AT, nullable=True),
        sa.Column("failed_at", _AT, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_deliveries_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deliveries_ticket_id"), "deliveries", ["ticket_id"], unique=False)
    op.create_index("ix_deliveries_created_at", "deliveries", ["created_at"], unique=False)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["scheduled_for"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_table(
        "location_links",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("ticket_id", _BIG_ID, nullable=False),
        sa.Column("call_id", _BIG_ID, nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", _BIG_ID, nullable=True),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", _AT, nullable=False),
        sa.Column("opened_at", _AT, nullable=True),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.Column("consented_at", _AT, nullable=True),
        sa.Column("live_until", _AT, nullable=True),
        sa.Column("ended_at", _AT, nullable=True),
        sa.Column("ended_by", sa.String(length=12), nullable=True),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("last_report_at", _AT, nullable=True),
        sa.Column("told_report_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_location_links_call_id_calls")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_location_links_created_by_users")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_location_links_delivery_id_deliveries")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_location_links_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_location_links_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_location_links_ticket_id"), "location_links", ["ticket_id"], unique=False)
    op.create_table(
        "location_reports",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("ticket_id", _BIG_ID, nullable=False),
        sa.Column("call_id", _BIG_ID, nullable=True),
        sa.Column("link_id", _BIG_ID, nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("measured_at", _AT, nullable=False),
        sa.Column("received_at", _AT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_location_reports_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["link_id"], ["location_links.id"], name=op.f("fk_location_reports_link_id_location_links")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_location_reports_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location_reports")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_location_reports_link_id"), "location_reports", ["link_id"], unique=False)
    op.create_index(op.f("ix_location_reports_ticket_id_id"), "location_reports", ["ticket_id", "id"], unique=False)
    op.create_index("ix_location_reports_received_at", "location_reports", ["received_at"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("location_reports")
    op.drop_table("location_links")
    op.drop_table("deliveries")
