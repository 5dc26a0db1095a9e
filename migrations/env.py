"""Runs the migrations of the database that dispatch.storage.migrate names."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, delete, event, insert, inspect

from dispatch.storage.engine import make_engine
from dispatch.storage.migration_steps import bound_steps, take_turn
from dispatch.storage.tables import Base, SchemaRevision


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=60000").close()  # whoever waits for another's migration, waits it out


def _begin_as_the_only_writer(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _note(*, ctx: MigrationContext, step: MigrationInfo, **_: Any) -> None:
    """Write down what the migration asks of the software, for nodes that are older than it."""
    connection = ctx.connection
    assert connection is not None
    if not inspect(connection).has_table(SchemaRevision.__tablename__):
        return
    connection.execute(delete(SchemaRevision).where(SchemaRevision.revision == step.up_revision_id))
    if step.is_upgrade:
        assert step.up_revision is not None
        oldest = getattr(step.up_revision.module, "oldest_software", None)
        connection.execute(insert(SchemaRevision).values(revision=step.up_revision_id, oldest_software=oldest))


engine = make_engine(context.config.get_main_option("sqlalchemy.url") or "")
on_postgresql = engine.dialect.name == "postgresql"
if not on_postgresql:
    # The driver would commit after every CREATE TABLE, and a start that is cut short (full disk, power) could never be
    # made again; so would two processes that start together be in each other's way.
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin_as_the_only_writer)
try:
    with engine.connect() as connection:
        if on_postgresql:
            take_turn(connection)
            asked = context.config.attributes
            bound_steps(connection, bounded=asked.get("bounded", False), wanted=asked.get("wanted", []))
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            # SQLite cannot alter most things in place; Alembic copies the table instead.
            render_as_batch=not on_postgresql,
            compare_type=True,
            transactional_ddl=True,
            # On PostgreSQL each is short and the nodes write in between. A whole upgrade of SQLite is one transaction,
            # in which nobody else can have migrated since it was seen what there is to do.
            transaction_per_migration=on_postgresql,
            on_version_apply=_note,
        )
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
