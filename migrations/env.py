"""Runs the migrations of the database that dispatch.migrate names."""

from __future__ import annotations

from alembic import context

from dispatch.centre import make_engine
from dispatch.tables import Base

engine = make_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite cannot alter most things in place; Alembic copies the table instead.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Two nodes that start together must not migrate together.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(112112)")
        context.run_migrations()
engine.dispose()
