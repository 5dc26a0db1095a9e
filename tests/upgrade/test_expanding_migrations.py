"""Every migration leaves room for the software of before, so that nodes are upgraded one by one; or it says so.

What is looked at is the schema itself, before and after each: whatever the older software reads must still be there,
and what it writes, which leaves out what it does not know, must still be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Inspector, inspect

from dispatch.storage.engine import make_engine
from dispatch.storage.migrate import read_schema
from dispatch.storage.schema import alembic_config
from tests.upgrade.newer_software import NewerSoftware

#: Before these, software stopped at any schema that was not its own.
FIRST = "0010"

Schema = dict[str, dict[str, Any]]


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def seen(engine: Engine) -> Schema:
    """What the software that was made for this schema relies on."""
    inspector = inspect(engine)
    return {name: _table(inspector, name) for name in inspector.get_table_names() if name != "alembic_version"}


def _table(inspector: Inspector, name: str) -> dict[str, Any]:
    unique = {tuple(index["column_names"]) for index in inspector.get_indexes(name) if index["unique"]}
    return {
        "columns": {column["name"]: column for column in inspector.get_columns(name)},
        "rules": {
            *(("unique", *columns) for columns in unique),
            *(("unique", *rule["column_names"]) for rule in inspector.get_unique_constraints(name)),
            *(("check", str(rule["name"])) for rule in inspector.get_check_constraints(name)),
            *(("refers", *rule["constrained_columns"]) for rule in inspector.get_foreign_keys(name)),
        },
    }


def what_older_software_misses(before: Schema, after: Schema) -> list[str]:
    """What it would stumble over, in words."""
    missed = [f"table {name} is gone" for name in before if name not in after]
    for name, table in before.items():
        columns = after.get(name, table)["columns"]
        missed += [f"{name}.{column} is gone" for column in table["columns"] if column not in columns]
        for column, now in columns.items():
            was = table["columns"].get(column)
            if was is None:
                if not now["nullable"] and now["default"] is None:
                    missed.append(f"{name}.{column} has to be given")
            elif str(was["type"]) != str(now["type"]):
                missed.append(f"{name}.{column} was {was['type']} and is {now['type']}")
            elif was["nullable"] and not now["nullable"]:
                missed.append(f"{name}.{column} may not be empty any more")
        for rule in after.get(name, table)["rules"] - table["rules"]:
            if set(rule[1:]) <= set(table["columns"]) or rule[0] == "check":
                missed.append(f"{name}: a new rule, {' '.join(rule)}")
    return missed


def look_at_each_step(url: str, engine: Engine) -> dict[str, list[str]]:
    """For each migration still to be made that does not say what it needs, what older software misses after it."""
    config = alembic_config(url)
    missed, before, reached = {}, seen(engine), read_schema(url).revision
    for script in list(ScriptDirectory.from_config(config).iterate_revisions("head", reached))[::-1]:
        command.upgrade(config, script.revision)
        after = seen(engine)
        if getattr(script.module, "oldest_software", None) is None:
            missed[script.revision] = what_older_software_misses(before, after)
        before = after
    return missed


def test_every_migration_leaves_room_for_the_software_of_before(empty_database_url: str) -> None:
    """For what needs more than that, see `oldest_software` in dispatch/storage/schema.py."""
    command.upgrade(alembic_config(empty_database_url), FIRST)
    with opened(empty_database_url) as engine:
        found = look_at_each_step(empty_database_url, engine)
    assert {revision: missed for revision, missed in found.items() if missed} == {}
    assert read_schema(empty_database_url).serves


@pytest.mark.parametrize(
    ("step", "missed"),
    [
        ("op.drop_table('storage_probes')", "table storage_probes is gone"),
        ("op.drop_column('deliveries', 'body')", "deliveries.body is gone"),
        ("op.add_column('storage_probes', sa.Column('why', sa.String(8), server_default='x', nullable=False))", None),
        ("op.add_column('storage_probes', sa.Column('why', sa.String(8), nullable=True))", None),
        ("op.create_index('ix_new', 'tickets', ['priority', 'id'])", None),
        (
            (
                "op.execute('DELETE FROM storage_probes')\n"
                "with op.batch_alter_table('storage_probes') as t:\n"
                "    t.add_column(sa.Column('why', sa.String(8), nullable=False))"
            ),
            "storage_probes.why has to be given",
        ),
        (
            "with op.batch_alter_table('storage_probes') as t: t.alter_column('at', type_=sa.String(40))",
            "storage_probes.at was ",
        ),
        (
            "op.create_index('uq_new', 'tickets', ['clock_due_at'], unique=True)",
            "tickets: a new rule, unique clock_due_at",
        ),
        (
            "with op.batch_alter_table('storage_probes') as t: t.create_check_constraint('positive', 'id > 0')",
            "storage_probes: a new rule, check",
        ),
    ],
)
def test_whatever_takes_something_away_is_seen(
    step: str, missed: str | None, sqlite_url: str, newer: Callable[..., NewerSoftware]
) -> None:
    with newer(step).running(), opened(sqlite_url) as engine:
        found = look_at_each_step(sqlite_url, engine)["future1"]
    assert [words[: len(missed)] for words in found] == [missed] if missed else found == []


def test_a_migration_that_says_what_it_needs_may_take_away(
    sqlite_url: str, newer: Callable[..., NewerSoftware]
) -> None:
    with newer("op.drop_table('storage_probes')", oldest="future1").running(), opened(sqlite_url) as engine:
        assert "future1" not in look_at_each_step(sqlite_url, engine)
