"""callbacks: numbers to be called back, attempts, and notes about a caller's number"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("closed_at IS NULL")
_MEMBER = sa.text("callback_id IS NOT NULL")


def upgrade() -> None:
    """Bring the schema one step forward; whoever waits for a callback already gets one."""
    op.create_table(
        "callbacks",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_outcome", sa.String(length=16), nullable=True),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("through_ticket_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_callbacks_owner_id_users")),
        sa.ForeignKeyConstraint(["closed_by"], ["users.id"], name=op.f("fk_callbacks_closed_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_callbacks_open_number", "callbacks", ["number"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index("ix_callbacks_open_due", "callbacks", ["due_at"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "callback_attempts",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("callback_id", _BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callbacks.id"], name=op.f("fk_callback_attempts_callback_id_callbacks")
        ),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_callback_attempts_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_attempts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_callback_attempts_callback_id"), "callback_attempts", ["callback_id"])
    op.create_table(
        "caller_notes",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edited_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_caller_notes_written_by_users")),
        sa.ForeignKeyConstraint(["edited_by"], ["users.id"], name=op.f("fk_caller_notes_edited_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_caller_notes_number", "caller_notes", ["number", "id"])
    # SQLite adds a column with a reference in place; Alembic would copy the whole table for a named constraint.
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE tickets ADD COLUMN callback_id INTEGER REFERENCES callbacks (id)")
    else:
        op.add_column("tickets", sa.Column("callback_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f("fk_tickets_callback_id_callbacks"), "tickets", "callbacks", ["callback_id"], ["id"])
    op.create_index(
        "ix_tickets_callback_id", "tickets", ["callback_id"], sqlite_where=_MEMBER, postgresql_where=_MEMBER
    )
    _put_those_who_wait_on_the_list()


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_tickets_callback_id", table_name="tickets", sqlite_where=_MEMBER, postgresql_where=_MEMBER)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE tickets DROP COLUMN callback_id")
    else:
        op.drop_constraint(op.f("fk_tickets_callback_id_callbacks"), "tickets", type_="foreignkey")
        op.drop_column("tickets", "callback_id")
    op.drop_table("caller_notes")
    op.drop_table("callback_attempts")
    op.drop_table("callbacks")


def _put_those_who_wait_on_the_list() -> None:
    """One callback for each number, and one for each ticket without a number."""
    connection = op.get_bind()
    at = sa.DateTime(timezone=True)
    rows = connection.execute(
        sa.text(
            "SELECT t.id, t.clock_started_at, t.clock_due_at, c.number, c.received_at FROM tickets t"
            " JOIN calls c ON c.id = (SELECT max(id) FROM calls WHERE ticket_id = t.id)"
            " WHERE t.state = 'callback' ORDER BY t.id"
        ).columns(clock_started_at=at, clock_due_at=at, received_at=at)
    ).all()
    groups: dict[object, list[sa.Row]] = {}
    for row in rows:
        groups.setdefault(row.number or ("ticket", row.id), []).append(row)
    callbacks = sa.table(
        "callbacks",
        *(sa.column(name) for name in ("id", "number", "reason", "calls", "attempts")),
        *(sa.column(name, at) for name in ("first_at", "last_at", "clock_started_at", "due_at")),
    )
    tickets = sa.table("tickets", sa.column("id"), sa.column("callback_id"))
    for members in groups.values():
        first = min(members, key=lambda row: row.clock_due_at)
        callback_id = connection.execute(
            callbacks.insert()
            .values(
                number=first.number,
                reason="abandoned",
                calls=len(members),
                attempts=0,
                first_at=members[0].received_at,
                last_at=members[-1].received_at,
                clock_started_at=first.clock_started_at,
                due_at=first.clock_due_at,
            )
            .returning(callbacks.c.id)
        ).scalar_one()
        for row in members:
            connection.execute(tickets.update().where(tickets.c.id == row.id).values(callback_id=callback_id))
