"""The call path's own way to the driver behaves as SQLAlchemy's does, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, exc, select

from dispatch.centre import Centre
from dispatch.storage.prepared import PreparedInsert, PreparedQuery, among
from dispatch.storage.tables import Counter, StorageProbe, Ticket, table_of

AT = datetime(2026, 11, 24, 2, 14, 36, 120000, tzinfo=UTC)
COLUMNS = ("number", "state", "version", "priority_by_hand", "place_approximate", "opened_at", "joined_count")
INSERT_TICKETS = PreparedInsert(table_of(Ticket), COLUMNS)
TICKETS_AMONG = PreparedQuery(
    {
        dialect: select(Ticket.number).where(among(Ticket.number, "numbers", dialect))
        for dialect in ("sqlite", "postgresql")
    }
)


def ticket(number: str) -> tuple[Any, ...]:
    return (number, "new", 1, False, False, AT, 0)


def test_each_row_gets_its_own_id_in_the_order_given(centre: Centre) -> None:
    numbers = [f"261124-{place:03d}" for place in (3, 1, 2)]
    with centre.engine.begin() as connection:
        ids = list(INSERT_TICKETS.ids(connection, [ticket(number) for number in numbers]))
        stored = {row.id: row for row in connection.execute(select(Ticket.id, Ticket.number, Ticket.opened_at))}
    assert [stored[id_].number for id_ in ids] == numbers
    assert {row.opened_at for row in stored.values()} == {AT}


@pytest.mark.parametrize("asked", [[], ["a"], ["a", "b", "'; DROP TABLE tickets; --", "\N{FIRE}", '"', "\\"]])
def test_a_list_of_any_length_is_one_parameter(centre: Centre, asked: list[str]) -> None:
    with centre.engine.begin() as connection:
        INSERT_TICKETS.run(connection, [ticket(number) for number in ("a", "'; DROP", "c")])
        assert TICKETS_AMONG.rows(connection, numbers=asked) == [("a",)] * ("a" in asked)


def test_an_error_is_sqlalchemys_and_quotes_no_value(centre: Centre) -> None:
    with centre.engine.connect() as connection, pytest.raises(exc.IntegrityError) as refused:
        INSERT_TICKETS.ids(connection, [ticket("0812-SECRET"), ticket("0812-SECRET")])
    assert "SECRET" not in str(refused.value).split("DETAIL", 1)[0]


def test_constants_of_the_statement_need_not_be_given(centre: Centre) -> None:
    query = PreparedQuery(select(Counter.value).where(Counter.name == "x", Counter.value > bindparam("least")).limit(1))
    with centre.engine.begin() as connection:
        connection.execute(table_of(Counter).insert(), [{"name": "x", "value": 7}, {"name": "y", "value": 8}])
        assert query.rows(connection, least=6) == [(7,)]
        assert query.rows(connection, least=7) == []


def test_two_instants_that_follow_each_other_stay_apart(centre: Centre) -> None:
    insert = PreparedInsert(table_of(StorageProbe), ("id", "at"))
    later = AT.replace(hour=3)
    with centre.engine.begin() as connection:
        insert.run(connection, [(1, AT), (2, later), (3, AT)])
        stored = select(StorageProbe.at).order_by(StorageProbe.id)
        assert connection.execute(stored).scalars().all() == [AT, later, AT]
        assert PreparedQuery(stored).rows(connection) == [(AT,), (later,), (AT,)]


def test_whatever_a_row_holds_is_stored_as_it_is(centre: Centre) -> None:
    columns = ("number", "state", "version", "owner_id", "priority_by_hand", "words", "lat", *COLUMNS[4:])
    words = '"; DROP TABLE tickets; -- \\ \t \n \u00e9 \N{FIRE} {"a": null} ' + "x" * 10_000
    row = ("a", "new", 1, None, False, words, -6.120000000000001, False, AT, 0)
    stored = select(*(getattr(Ticket, name) for name in columns))
    with centre.engine.begin() as connection:
        PreparedInsert(table_of(Ticket), columns).run(connection, [row])
        assert connection.execute(stored).all() == [row]


def test_an_instant_without_a_time_zone_is_not_stored(centre: Centre) -> None:
    insert = PreparedInsert(table_of(StorageProbe), ("id", "at"))
    with centre.engine.begin() as connection, pytest.raises(ValueError, match="time zone"):
        insert.run(connection, [(1, AT.replace(tzinfo=None))])


@pytest.mark.parametrize(("columns", "complaint"), [(COLUMNS[:-1], "joined_count"), (COLUMNS[::-1], "as in the table")])
def test_columns_left_out_or_in_another_order_are_refused(
    sqlite_centre: Centre, columns: tuple[str, ...], complaint: str
) -> None:
    wrong = PreparedInsert(table_of(Ticket), columns)
    row = [dict(zip(COLUMNS, ticket("a"), strict=True))[name] for name in columns]
    with sqlite_centre.engine.begin() as connection, pytest.raises(ValueError, match=complaint):
        wrong.run(connection, [row])
