"""A person's stream: the journal entries the person receives, in order, each naming the one before it.

Live feed, replay after a lost connection and the API's journal read the same streams, so that what was missed is
exactly what would have come. Which entries concern whom is decided by dispatch.feed.audiences alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from dispatch.city.pack import CityPack
from dispatch.feed.audiences import CENTRE, OVERSIGHT, agency_of, audiences_for, audiences_of, publish
from dispatch.feed.shapes import Event
from dispatch.roles import Actor
from dispatch.storage.journal import Entry, as_entries, read_entries
from dispatch.storage.rows import AssignmentRow
from dispatch.storage.tables import Assignment, JournalEntry

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Stream:
    """One sequence of entries; everybody with the same audiences shares it."""

    audiences: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its room of sockets."""
        return "+".join(self.audiences)

    @property
    def agency(self) -> str | None:
        """The agency whose stream it is, None for the centre's."""
        return agency_of(self.audiences[0])


def stream_for(actor: Actor) -> Stream:
    """The stream that a person receives."""
    return Stream(audiences_for(actor))


def streams_with(audience: str) -> tuple[Stream, ...]:
    """The streams that an audience's entries go to: what call takers receive, supervisors receive too."""
    if audience == CENTRE:
        return (Stream((CENTRE,)), Stream((CENTRE, OVERSIGHT)))
    if audience == OVERSIGHT:
        return (Stream((CENTRE, OVERSIGHT)),)
    return (Stream((audience,)),)


@dataclass(frozen=True, slots=True)
class Replay:
    """A stretch of a stream. `scanned_to` is the journal number up to which it is complete."""

    events: list[Event]
    scanned_to: int
    complete: bool  #: False: there may be more after `scanned_to`


def replay(
    connection: Connection,
    city: CityPack,
    stream: Stream,
    after: int,
    *,
    limit: int,
    scan_limit: int,
    past_since: datetime | None = None,
) -> Replay:
    """Read a stream's events after a number: at most `limit` of them, from at most `scan_limit` journal entries.

    An agency's stream leaves out what was over for it before `past_since`.
    """
    events: list[Event] = []
    position, scanned = after, 0
    previous: int | None = None
    while scanned < scan_limit:
        size = min(_BATCH, scan_limit - scanned)
        entries = read_entries(connection, position, size)
        for published in publish(connection, city, entries, stream.audiences, past_since):
            if previous is None:
                previous = newest_in(connection, stream, published.event["seq"] - 1, past_since)
            if len(events) == limit:
                return Replay(events, previous, complete=False)
            events.append({**published.event, "prev": previous})
            previous = published.event["seq"]
        scanned += len(entries)
        if entries:
            position = entries[-1].seq
        if len(entries) < size:
            return Replay(events, position, complete=True)
    return Replay(events, position, complete=False)


def newest_in(connection: Connection, stream: Stream, up_to: int, past_since: datetime | None = None) -> int:
    """The number of the stream's last entry that is not after `up_to`, 0 when there is none."""
    before = up_to + 1
    while True:
        entries = _entries_before(connection, stream, before)
        assignments = _assignments_of(connection, entries)
        for entry in entries:
            if not audiences_of(entry, assignments[entry.ticket_id], past_since).isdisjoint(stream.audiences):
                return int(entry.seq)
        if len(entries) < _BATCH:
            return 0
        before = entries[-1].seq


def _entries_before(connection: Connection, stream: Stream, before: int) -> Sequence[Entry]:
    statement = select(JournalEntry.__table__).where(JournalEntry.seq < before)
    if stream.agency is not None:
        # Few of all tickets went to one agency; without this the whole journal would be walked back for a quiet one.
        tickets = select(Assignment.ticket_id).where(Assignment.agency_code == stream.agency)
        statement = statement.where(JournalEntry.ticket_id.in_(tickets))
    return as_entries(connection.execute(statement.order_by(JournalEntry.seq.desc()).limit(_BATCH)).all())


def _assignments_of(connection: Connection, entries: Iterable[Entry]) -> defaultdict[int | None, list[AssignmentRow]]:
    found: defaultdict[int | None, list[AssignmentRow]] = defaultdict(list)
    tickets = {entry.ticket_id for entry in entries if entry.ticket_id is not None}
    theirs = select(Assignment.__table__).where(Assignment.ticket_id.in_(tickets)).order_by(Assignment.id)
    for assignment in map(AssignmentRow.from_row, connection.execute(theirs)):
        found[assignment.ticket_id].append(assignment)
    return found
