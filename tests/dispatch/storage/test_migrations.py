"""The migrations make the very schema that the tables describe, on both databases, and take it back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event, inspect

from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from dispatch.storage.engine import make_engine
from dispatch.storage.migrate import MIGRATIONS, current_revision, newest_revision, upgrade
from dispatch.storage.tables import Base
from tests.dispatch.shift import Shift
from tests.steppable_clock import SteppableClock

UPGRADE = "import sys; from dispatch.storage.migrate import upgrade; upgrade(sys.argv[1])"


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    made = make_engine(empty_database_url)
    yield made
    made.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_an_upgraded_database_has_exactly_the_tables_of_the_software(empty_database_url: str, engine: Engine) -> None:
    upgrade(empty_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        assert current_revision(connection) == newest_revision()
    inspector = inspect(engine)
    for table in Base.metadata.sorted_tables:  # what the comparison does not look at
        assert {check["name"] for check in inspector.get_check_constraints(table.name)} >= {
            constraint.name for constraint in table.constraints if constraint.__visit_name__ == "check_constraint"
        }
        partial = {index.name for index in table.indexes if index.dialect_options["sqlite"].get("where") is not None}
        assert partial == {
            index["name"]
            for index in inspector.get_indexes(table.name)
            if any(
                option.endswith("_where") and value is not None for option, value in index["dialect_options"].items()
            )
        }


def test_upgrading_again_changes_nothing_and_keeps_what_is_there(
    empty_database_url: str, city: CityPack, clock: SteppableClock
) -> None:
    upgrade(empty_database_url)
    centre = open_centre(empty_database_url, city, clock=clock)
    shift = Shift.begin(centre, clock)
    number, _ = shift.sent("DAMKAR")
    before = shift.everything()
    upgrade(empty_database_url)
    assert shift.everything() == before
    assert shift.ticket(number)["state"] == "dispatched"
    centre.close()


def test_every_migration_can_be_taken_back_and_made_again(empty_database_url: str, engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", empty_database_url.replace("%", "%%"))
    upgrade(empty_database_url)
    assert tables(engine) == set(Base.metadata.tables)
    command.downgrade(config, "base")
    assert tables(engine) == set()
    upgrade(empty_database_url)
    assert tables(engine) == set(Base.metadata.tables)


def test_a_database_without_a_schema_says_so(engine: Engine) -> None:
    with engine.connect() as connection:
        assert current_revision(connection) is None


def test_a_percent_sign_in_the_address_does_no_harm(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("100%") / "siaga.db"
    upgrade(f"sqlite:///{path}")
    assert path.exists()


def test_an_upgrade_that_is_cut_short_leaves_nothing_and_can_be_made_again(
    empty_database_url: str, engine: Engine
) -> None:
    made: list[str] = []

    def stop_at_the_tenth_table_or_index(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith("CREATE"):
            made.append(statement)
            if len(made) == 10:
                raise OSError("the power went")

    event.listen(Engine, "before_cursor_execute", stop_at_the_tenth_table_or_index)
    try:
        with pytest.raises(OSError, match="power"):
            upgrade(empty_database_url)
    finally:
        event.remove(Engine, "before_cursor_execute", stop_at_the_tenth_table_or_index)
    assert len(made) == 10
    assert tables(engine) == set()
    upgrade(empty_database_url)
    assert tables(engine) == set(Base.metadata.tables)


def test_two_nodes_that_start_together_migrate_once(empty_database_url: str, engine: Engine) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, empty_database_url], cwd=MIGRATIONS.parent) for _ in range(2)
    ]
    assert [process.wait(30) for process in processes] == [0, 0]
    assert tables(engine) == set(Base.metadata.tables)
