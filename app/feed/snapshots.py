"""Snapshots for pages and programs: read once for all who see the same, and completed with who is asking."""

from __future__ import annotations

from app.feed.prepared_json import PreparedJson
from app.load.shared_reads import SharedReads
from app.people.person import Person
from dispatch.centre import Centre
from dispatch.clock import to_iso
from dispatch.feed.board import board, operators
from dispatch.feed.snapshot import agency_state, centre_state, me
from dispatch.roles import CENTRE_ROLES
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal import newest_seq


class Snapshots:
    """What the people of one node start from."""

    def __init__(self, centre: Centre, reads: SharedReads) -> None:
        self._centre, self._reads = centre, reads

    def of_tickets(self, person: Person) -> PreparedJson:
        """The person's tickets and what belongs to them, at one journal number."""

        agency = None if person.role in CENTRE_ROLES else person.agency_code or ""

        def read() -> PreparedJson:
            state = centre_state(self._centre) if agency is None else agency_state(self._centre, agency)
            return PreparedJson.of(state)

        # Who is asking is the one thing that differs among those who share the rest.
        return self._reads.shared(person.asker, ("tickets", agency), read).with_members(me=me(person.actor))

    def of_board(self, person: Person) -> PreparedJson:
        """The figures alone, for the wall: no ticket, and so no caller, leaves the server."""

        def read() -> PreparedJson:
            centre = self._centre
            with centre.read() as connection:
                newest = newest_seq(connection)  # first: what is committed meanwhile comes again, and is never lost
                figures = {"stats": board(connection, centre.city, centre.clock), "epoch": read_epoch(connection)}
                colleagues = operators(connection, centre.city, centre.clock.now())
            now = to_iso(centre.clock.now())
            return PreparedJson.of({"newest": newest, "server_time": now, "colleagues": colleagues, **figures})

        return self._reads.shared(person.asker, "board", read).with_members(me=me(person.actor))

    def figures(self, person: Person) -> PreparedJson:
        """The figures of the board by themselves."""

        def read() -> PreparedJson:
            with self._centre.read() as connection:
                return PreparedJson.of(board(connection, self._centre.city, self._centre.clock))

        return self._reads.shared(person.asker, "figures", read)
