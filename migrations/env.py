"""Runs the migrations of the database that dispatch.migrate names."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, event

from dispatch.centre import make_engine
from dispatch.tables import Base


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=60000").close()  # whoever waits for another's migration, waits it out


def _begin_as_the_only_writer(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


engine = make_engine(context.config.get_main_option("sqlalchemy.url") or "")
if engine.dialect.name == "sqlite":
    # The driver would commit after every CREATE TABLE, and a start that is cut short (full disk, power) could never be
    # made again; so would two processes that start together be in each other's way.
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin_as_the_only_writer)
try:
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            # SQLite cannot alter most things in place; Alembic copies the table instead.
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # Two nodes that start together must not migrate together.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(112112)")
            context.run_migrations()
finally:
    engine.dispose()
