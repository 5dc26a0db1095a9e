"""A copy of the migrations with some more behind them: what a newer version of the software would bring."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import dispatch.storage.schema
from dispatch.storage.migrate import upgrade
from dispatch.storage.schema import MIGRATIONS, Schema, newest_revision

HEADER = '''
"""a migration of a version that is yet to come"""
import sqlalchemy as sa
from alembic import op
from dispatch.storage.migration_steps import beside_the_writers, create_index_beside
revision, down_revision = {revision!r}, {before!r}
oldest_software = {oldest!r}
def upgrade():
'''

#: Two tables that every call is written into, in the order opposite to the writer's.
BOTH_TABLES = """
op.add_column("tickets", sa.Column("shade", sa.String(8), nullable=True))
op.add_column("calls", sa.Column("shade", sa.String(8), nullable=False, server_default="none"))
op.create_index("ix_calls_shade", "calls", ["shade"])
"""
#: Two tables that every call is written into, with time between them for a writer to come: a deadlock, unless the
#: migration was there first.
CALLS_THEN_TICKETS = """
op.add_column("calls", sa.Column("shade", sa.String(8), nullable=False, server_default="none"))
op.execute("SELECT pg_sleep(0.3)")
op.add_column("tickets", sa.Column("shade", sa.String(8), nullable=True))
op.create_index("ix_calls_shade", "calls", ["shade"])
"""
AN_INDEX_BESIDE = """
create_index_beside("ix_tickets_shade", "tickets", ["shade"])
"""


def write_migrations(folder: Path, *steps: str, oldest: str | None = None) -> str:
    """Put migrations behind those in `folder`, the last of them with `oldest`; return the last one's revision."""
    before = newest_revision()
    for number, body in enumerate(steps, start=1):
        revision = f"future{number}"
        header = HEADER.format(revision=revision, before=before, oldest=oldest if number == len(steps) else None)
        text = header.lstrip() + textwrap.indent(body.strip("\n"), "    ") + "\n"
        (folder / "versions" / f"{revision}.py").write_text(text)
        before = revision
    return before


class NewerSoftware:
    """Software with more migrations than this one's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let this process be that software for a while."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(dispatch.storage.schema, "MIGRATIONS", self.folder)
            dispatch.storage.schema.revisions.cache_clear()
            try:
                yield
            finally:
                dispatch.storage.schema.revisions.cache_clear()

    def upgrade(self, database_url: str, *, nodes_stopped: bool = False, said: list[str] | None = None) -> Schema:
        """What its `db upgrade` does."""
        with self.running():
            return upgrade(database_url, nodes_stopped=nodes_stopped, tell=(said if said is not None else []).append)


def newer_software(folder: Path, *steps: str, oldest: str | None = None) -> NewerSoftware:
    """Software with these migrations more, kept in a folder that is still to be made."""
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    write_migrations(folder, *steps, oldest=oldest)
    return NewerSoftware(folder)
