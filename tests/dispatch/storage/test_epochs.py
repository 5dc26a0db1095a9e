"""A database that was put back into place while everything stood still is known by the mark that was kept elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from sqlalchemy import delete, select
from sqlalchemy.engine import make_url

from bench.postgres_server import PostgresServer, database_name
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.deliveries.commands import any_due, lease_deliveries, queue_delivery
from dispatch.storage.epochs import MADE, RESTORED, Mark, note_restored, read_epoch, read_origin
from dispatch.storage.journal import verify
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Delivery, Epoch, JournalEntry
from tests.dispatch.shift import Shift
from tests.dispatch.storage.writing import registration
from tests.steppable_clock import SteppableClock


class Backups:
    """Copies of whole databases; each is opened as if it had been put into the original's place."""

    def __init__(self, stack: ExitStack, city: CityPack, clock: SteppableClock, server: PostgresServer | None) -> None:
        self._stack, self._city, self._clock, self._server = stack, city, clock, server
        self._copies = 0

    def copy(self, url: str) -> str:
        """Copy a database that nobody is connected to; return the address of the copy."""
        self._copies += 1
        if self._server is not None:
            name = f"{database_name(url)}_{self._copies}"
            return self._stack.enter_context(self._server.database(name, database_name(url)))
        source = str(make_url(url).database)
        shutil.copyfile(source, f"{source}.{self._copies}")
        return f"sqlite:///{source}.{self._copies}"

    def node(self, url: str, mark: Mark | None = None) -> Centre:
        """Start a node that comes with this mark."""
        centre = open_centre(url, self._city, clock=self._clock)
        self._stack.callback(centre.close)
        if mark is not None:
            centre.writer.remember(mark)
        centre.probe_storage()
        return centre


@pytest.fixture
def backups(
    request: pytest.FixtureRequest, database_url: str, city: CityPack, clock: SteppableClock
) -> Iterator[Backups]:
    on_postgres = database_url.startswith("postgresql")
    with ExitStack() as stack:
        yield Backups(stack, city, clock, request.getfixturevalue("_postgres_server") if on_postgres else None)


@pytest.fixture
def backed_up(backups: Backups, database_url: str) -> tuple[str, str, Mark]:
    """A database, its backup after three calls, and the mark of the node that saw three more."""
    node = backups.node(database_url)
    calls(node, 3)
    node.close()
    copy = backups.copy(database_url)
    node = backups.node(database_url)
    calls(node, 3, "later")
    mark = mark_of(node)
    node.close()
    return database_url, copy, mark


def calls(centre: Centre, how_many: int, name: str = "call") -> None:
    for number in range(how_many):
        registration(centre, f"{name}-{number}")()


def mark_of(centre: Centre) -> Mark:
    """What the node would keep outside of the database."""
    with centre.read() as connection:
        origin = read_origin(connection)
    assert centre.writer.known is not None
    return replace(centre.writer.known, origin=origin)


def epochs(centre: Centre) -> list[str]:
    with centre.read() as connection:
        return list(connection.execute(select(Epoch.why).order_by(Epoch.id)).scalars())


def kinds(centre: Centre) -> list[str]:
    with centre.read() as connection:
        return list(connection.execute(select(JournalEntry.kind).order_by(JournalEntry.seq)).scalars())


def test_a_database_that_lies_behind_the_mark_begins_a_new_epoch_and_journals_it(
    backups: Backups, backed_up: tuple[str, str, Mark]
) -> None:
    _, copy, mark = backed_up
    node = backups.node(copy, mark)
    assert epochs(node) == [MADE, RESTORED]
    assert kinds(node)[-1] == JournalKind.DATABASE_RESTORED
    with node.read() as connection:
        assert read_epoch(connection) != mark.epoch
        assert verify(connection).broken is None


def test_one_that_has_gone_on_past_the_mark_is_known_by_the_hash(
    backups: Backups, backed_up: tuple[str, str, Mark], clock: SteppableClock
) -> None:
    _, copy, mark = backed_up
    clock.step(1)
    elsewhere = backups.node(copy)  # a node that knows of nothing took calls on it before this one came back
    calls(elsewhere, 20, "elsewhere")
    assert epochs(elsewhere) == [MADE]
    assert epochs(backups.node(copy, mark)) == [MADE, RESTORED]


def test_the_same_backup_put_into_place_twice_is_noticed_twice(
    backups: Backups, backed_up: tuple[str, str, Mark]
) -> None:
    _, copy, mark = backed_up
    again = backups.copy(copy)
    node = backups.node(copy, mark)
    assert epochs(backups.node(again, mark_of(node))) == [MADE, RESTORED]


def test_two_nodes_notice_it_once_also_where_one_was_down_for_long(
    backups: Backups, backed_up: tuple[str, str, Mark]
) -> None:
    _, copy, mark = backed_up
    first = backups.node(copy, mark)
    second = backups.node(copy, mark)
    calls(first, 20, "since")
    third = backups.node(copy, replace(mark, seq=mark.seq - 1, hash="0" * 64))
    calls(third, 1, "third")
    calls(second, 1, "second")
    assert epochs(first) == [MADE, RESTORED]
    assert len({centre.writer.known.epoch for centre in (second, third) if centre.writer.known}) == 1


def test_nothing_is_concluded_without_a_mark_from_an_old_one_or_from_another_journals(
    backups: Backups, backed_up: tuple[str, str, Mark]
) -> None:
    url, copy, mark = backed_up
    test_installation = backups.node(copy)
    calls(test_installation, 9, "test")
    node = backups.node(url, mark)
    calls(node, 3, "further")
    old = backups.node(url, mark)
    assert epochs(old) == epochs(test_installation) == [MADE]
    assert epochs(backups.node(copy, replace(mark, epoch="another", origin="f" * 64))) == [MADE]


def test_a_journal_that_went_back_under_a_running_node_is_noticed_too(centre: Centre) -> None:
    calls(centre, 4)
    with centre.engine.begin() as connection:
        connection.execute(delete(JournalEntry).where(JournalEntry.seq > 2))
    centre.probe_storage()
    assert epochs(centre) == [MADE, RESTORED]
    centre.probe_storage()
    assert epochs(centre) == [MADE, RESTORED]


def test_who_says_so_begins_one_epoch_and_running_nodes_write_in_it_at_once(
    centre: Centre, backups: Backups, database_url: str
) -> None:
    calls(centre, 2)
    command_line = backups.node(database_url)
    assert command_line.run(note_restored).changed
    assert not command_line.run(note_restored).changed
    centre.probe_storage()
    assert centre.writer.known is not None
    assert command_line.writer.known is not None
    assert centre.writer.known.epoch == command_line.writer.known.epoch
    calls(centre, 1, "since")
    assert command_line.run(note_restored).changed
    assert epochs(centre) == [MADE, RESTORED, RESTORED]


def queue(centre: Centre) -> Callable[[], object]:
    message = {"kind": "location_link", "channel": "sms", "recipient": "0812", "body": "words"}
    return lambda: centre.run(queue_delivery, **message)


def test_a_text_message_that_came_back_with_a_backup_is_given_up_and_the_operator_is_told(shift: Shift) -> None:
    centre = shift.centre
    queue(centre)()
    centre.run(note_restored)
    queue(centre)()
    assert [leased.id for leased in centre.run(lease_deliveries)] == [2]
    with centre.read() as connection:
        problems = list(connection.execute(select(Delivery.problem).order_by(Delivery.id)).scalars())
        assert not any_due(connection, shift.clock.now())
    assert problems == ["restored", None]
    assert kinds(centre)[-1] == JournalKind.DELIVERY_FAILED
