"""What holds after every step of the state machine."""

from __future__ import annotations

import json
from typing import Any

from hypothesis.stateful import invariant
from sqlalchemy import Row

from dispatch.tickets.views import TicketReader
from tests.dispatch.tickets.lifecycle_model import LIVE
from tests.dispatch.tickets.lifecycle_steps import CALLER_MARKS, Steps, marks_in

_TICKET_STATES = {"new", "callback", "claimed", "dispatched", "in_progress", "verify", "closed"}
_OWN_CLOCK = {"new": "answer", "callback": "callback", "claimed": "first_dispatch", "verify": "verify"}
_TASK_CLOCK = {"sent": "acknowledge", "acknowledged": "move", "en_route": "arrive", "on_scene": "clear"}


class Invariants(Steps):
    """Looked at after each step."""

    @invariant()
    def tickets_are_as_the_model_has_them(self) -> None:
        tickets = {row.number: row for row in self.before.get("tickets", ())}
        assert set(tickets) == set(self.cases)
        people = {actor.user_id: name for name, actor in self.shift.people.items()}
        for number, case in self.cases.items():
            row = tickets[number]
            found = (row.state, people.get(row.owner_id), row.classification, row.disposition)
            assert found == (case.state, case.owner, case.classification, case.disposition)
        calls = {row.linkedid: row.state for row in self.before.get("calls", ())}
        assert calls == {linkedid: self.cases[number].call for linkedid, number in self.calls.items()}
        tasks = {row.id: row.state for row in self.before.get("assignments", ())}
        assert tasks == {id_: task.state for case in self.cases.values() for id_, task in case.tasks.items()}

    @invariant()
    def every_open_ticket_has_an_owner_or_a_running_clock(self) -> None:
        live: dict[int, list[Row[Any]]] = {}
        for task in self.before.get("assignments", ()):
            clock = (task.clock_kind, task.clock_started_at is not None, task.clock_due_at is not None)
            if task.state in LIVE:
                assert clock == (_TASK_CLOCK[task.state], True, True)
                live.setdefault(task.ticket_id, []).append(task)
            else:
                assert clock == (None, False, False)
        for ticket in self.before.get("tickets", ()):
            assert ticket.state in _TICKET_STATES
            assert ticket.clock_kind == _OWN_CLOCK.get(ticket.state)
            assert (ticket.clock_kind is None) == (ticket.clock_due_at is None) == (ticket.clock_started_at is None)
            if ticket.state == "closed":
                assert ticket.disposition is not None
                assert ticket.closed_at is not None
                assert ticket.id not in live
                assert ticket.pickup_due_at is None
            else:
                assert ticket.disposition is None
                assert ticket.closed_at is None
                assert ticket.owner_id is not None or ticket.clock_kind is not None or ticket.id in live
                assert (ticket.id in live) == (ticket.state in ("dispatched", "in_progress"))

    @invariant()
    def no_caller_is_lost(self) -> None:
        """Whoever was not spoken to is on the list, one line per number, until a person or the caller ends it."""
        open_ones = {row.id: row for row in self.before.get("callbacks", ()) if row.closed_at is None}
        numbers = [row.number for row in open_ones.values() if row.number is not None]
        assert len(numbers) == len(set(numbers))
        tickets = {row.number: row for row in self.before.get("tickets", ())}
        for number, case in self.cases.items():
            row = tickets[number]
            assert (row.callback_id is not None) == case.on_list
            if case.on_list:
                assert open_ones[row.callback_id].number == case.number
            assert (row.state == "callback") <= case.on_list
        assert set(open_ones) == {row.callback_id for row in tickets.values() if row.callback_id is not None}

    @invariant()
    def callers_of_one_event_are_all_there(self) -> None:
        rows = {row.id: row for row in self.before.get("tickets", ())}
        numbers = {row.number: row for row in rows.values()}
        ids = {id(case): numbers[number].id for number, case in self.cases.items()}
        for number, case in self.cases.items():
            row = numbers[number]
            attached = case.parent is not None
            assert row.duplicate_of_id == (ids[id(case.parent)] if attached else None)
            assert row.incident_id == (ids[id(case.event)] if attached else None)
            assert (row.attached_at is not None) == attached
            members = [other for other in self.cases.values() if other.parent and other.event is case]
            assert row.joined_count == (0 if attached else len(members))
            assert row.incident_id is None or rows[row.incident_id].incident_id is None, "a chain leads on"

    @invariant()
    def no_call_and_no_word_is_lost(self) -> None:
        roots = [row.id for row in self.before.get("tickets", ()) if row.incident_id is None]
        with self.centre.read() as connection:
            reader = TicketReader(connection, self.centre.city, roots)
            events = [reader.for_centre(id_) for id_ in roots]
            for event in events:
                for task in event["assignments"]:
                    told = json.dumps(reader.for_agency(self._id(event["number"]), task["agency"]))
                    assert not marks_in(told, CALLER_MARKS)
        callers = [(event["number"], event) for event in events]
        callers += [(joined["number"], joined) for event in events for joined in event["joined"]]
        found = sorted((call["linkedid"], number) for number, caller in callers for call in caller["calls"])
        assert found == sorted(self.calls.items())
        words = {number: caller["words"] for number, caller in callers}
        assert words == {row.number: row.words for row in self.before.get("tickets", ())}

    @invariant()
    def a_closed_ticket_has_no_draft_and_what_was_typed_is_kept(self) -> None:
        tickets = {row.number: row for row in self.before.get("tickets", ())}
        drafts = self.before.get("ticket_drafts", ())
        closed = {row.id for row in tickets.values() if row.state == "closed"}
        assert not closed & {draft.ticket_id for draft in drafts}
        kept = [(row.ticket_id, row.text) for row in self.before.get("ticket_notes", ()) if row.kind == "draft"]
        kept += [(draft.ticket_id, draft.words) for draft in drafts]
        for number, words in self.typed:
            ticket = tickets[number]
            assert words in (ticket.words or "") or (ticket.id, words) in kept
        assert len(kept) == len(set(kept)) <= len(self.typed), "kept once"

    @invariant()
    def an_agency_that_is_out_of_it_sees_the_ticket_as_it_was_then(self) -> None:
        newest = {(row.ticket_id, row.agency_code): row for row in self.before.get("assignments", ())}
        left = {key: row.id for key, row in newest.items() if row.state in ("declined", "cancelled")}
        with self.centre.read() as connection:
            reader = TicketReader(connection, self.centre.city, [ticket for ticket, _ in left])
        for (ticket, agency), assignment in left.items():
            seen = reader.for_agency(ticket, agency)
            assert self.as_it_was.setdefault(assignment, seen) == seen
