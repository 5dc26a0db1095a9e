"""What people see of a ticket, as `dispatch.tickets.shapes` describes it: more for the centre, less for an agency.

Whoever publishes or answers uses these and nothing else, so that what a receiver may not see is decided in one place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, bindparam, select

from dispatch.city.pack import CityPack
from dispatch.city.question_cards import SKIPPED, answer_words
from dispatch.clock import to_iso, to_iso_if_any
from dispatch.ladders.instructions import instruction_view, instructions_of
from dispatch.ladders.reading import LadderReader
from dispatch.roles import Role
from dispatch.storage.rows import AssignmentRow, CallRow, InstructionRow, TicketAnswerRow, TicketRow
from dispatch.storage.tables import Assignment, Call, KeptView, SeatOccupancy, Ticket, TicketAnswer, User
from dispatch.tickets import shapes
from dispatch.tickets.agency_past import is_past
from dispatch.tickets.call_times import doubtful_at
from dispatch.tickets.lifecycle import (
    OUT_OF_IT,
    AssignmentState,
    EndedHow,
    Ownership,
    TicketState,
    allowed_assignment_commands,
    allowed_ticket_commands,
    public_status,
)

# Built once: every journal entry is published through these, and building a statement costs more than running it.
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_TICKETS = select(Ticket.__table__).where(Ticket.id.in_(_IDS))
_CALLS = select(Call.__table__).where(Call.ticket_id.in_(_IDS)).order_by(Call.id)
_ASSIGNMENTS = select(Assignment.__table__).where(Assignment.ticket_id.in_(_IDS)).order_by(Assignment.id)
# Only for the few tickets that others are attached to.
_ATTACHED = select(Ticket.__table__).where(Ticket.incident_id.in_(_IDS)).order_by(Ticket.attached_at, Ticket.id)
_ANSWERS = select(TicketAnswer.__table__).where(TicketAnswer.ticket_id.in_(_IDS)).order_by(TicketAnswer.id)
_KEPT = select(KeptView.assignment_id, KeptView.view).where(KeptView.assignment_id.in_(_IDS))
_NAMES = (
    select(User.id, User.display_name, SeatOccupancy.seat)
    .outerjoin(SeatOccupancy, SeatOccupancy.user_id == User.id)
    .where(User.id.in_(_IDS))
)

_UNKNOWN = ("?", None)  #: the name and the seat of somebody who is in no row any more


class TicketReader:
    """Reads whole tickets (calls, assignments, names) with one query per table, however many tickets are asked for."""

    def __init__(self, connection: Connection, city: CityPack, ticket_ids: Iterable[int]) -> None:
        self._city = city
        ids = sorted(set(ticket_ids))
        self._tickets: dict[int, TicketRow] = {}
        self._calls: dict[int, list[CallRow]] = defaultdict(list)
        self._assignments: dict[int, list[AssignmentRow]] = defaultdict(list)
        self._attached: dict[int, list[TicketRow]] = defaultdict(list)
        self._events: dict[int, TicketRow] = {}
        self._answers: dict[int, list[TicketAnswerRow]] = defaultdict(list)
        self._kept: dict[int, dict[str, Any]] = {}
        self._ladders: dict[int, LadderReader] = {}
        self._instructions: dict[int, list[InstructionRow]] = defaultdict(list)
        for some in _chunks(ids):
            self._load(connection, some)
            ladders = LadderReader(connection, some, [id_ for id_ in some if self._assignments[id_]])
            self._ladders |= dict.fromkeys(some, ladders)
            for row in instructions_of(connection, [id_ for id_ in some if self._assignments[id_]]):
                if row.assignment_id is not None:
                    self._instructions[row.assignment_id].append(row)
        self._load_incidents(connection)
        self._names = self._load_names(connection)

    def _load(self, connection: Connection, ids: Sequence[int]) -> None:
        for ticket in map(TicketRow.from_row, connection.execute(_TICKETS, {"ids": ids})):
            self._tickets[ticket.id] = ticket
        for call in map(CallRow.from_row, connection.execute(_CALLS, {"ids": ids})):
            self._calls[call.ticket_id].append(call)
        for assignment in map(AssignmentRow.from_row, connection.execute(_ASSIGNMENTS, {"ids": ids})):
            self._assignments[assignment.ticket_id].append(assignment)
        left = [a.id for id_ in ids for a in self._assignments[id_] if a.state in OUT_OF_IT]
        for some in _chunks(left):
            self._kept |= {row.assignment_id: row.view for row in connection.execute(_KEPT, {"ids": some})}
        answered = [id_ for id_ in ids if id_ in self._tickets and self._tickets[id_].answer_rows]
        if answered:
            for answer in map(TicketAnswerRow.from_row, connection.execute(_ANSWERS, {"ids": answered})):
                self._answers[answer.ticket_id].append(answer)

    def _load_incidents(self, connection: Connection) -> None:
        """The tickets that are attached to these, and the events that these are attached to; nothing for all others."""
        above = {row.incident_id for row in self._tickets.values() if row.incident_id is not None}
        for ids in _chunks(sorted(above)):
            events = map(TicketRow.from_row, connection.execute(_TICKETS, {"ids": ids}))
            self._events |= {event.id: event for event in events}
        for ids in _chunks([row.id for row in self._tickets.values() if row.joined_count]):
            for row in map(TicketRow.from_row, connection.execute(_ATTACHED, {"ids": ids})):
                assert row.incident_id is not None  # by which it was searched for
                self._attached[row.incident_id].append(row)
        attached = [row.id for rows in self._attached.values() for row in rows if row.id not in self._tickets]
        for ids in _chunks(attached):
            for call in map(CallRow.from_row, connection.execute(_CALLS, {"ids": ids})):
                self._calls[call.ticket_id].append(call)

    def _load_names(self, connection: Connection) -> dict[int, tuple[str, str | None]]:
        ids = {row.owner_id for row in self._tickets.values() if row.owner_id is not None}
        ids |= {row.owner_id for rows in self._attached.values() for row in rows if row.owner_id is not None}
        ids |= {call.answered_by for calls in self._calls.values() for call in calls if call.answered_by is not None}
        if not ids:
            return {}
        return {row.id: (row.display_name, row.seat) for row in connection.execute(_NAMES, {"ids": list(ids)})}

    def assignments_of(self, ticket_id: int) -> list[AssignmentRow]:
        """Return the assignment rows of a ticket, oldest first."""
        return self._assignments[ticket_id]

    def number_of(self, ticket_id: int | None) -> str | None:
        """Return a ticket's number."""
        row = self._tickets.get(ticket_id) if ticket_id is not None else None
        return row.number if row is not None else None

    def for_centre(self, ticket_id: int) -> shapes.Ticket:
        """Return the whole ticket, as call takers, supervisors and admins see it.

        `allowed` lists the commands by who would give them: the owner, another call taker, a supervisor.
        """
        row = self._tickets[ticket_id]
        return {
            **self._common(row),
            "version": row.version,
            "classification": row.classification,
            "disposition": row.disposition,
            "closing_note": row.closing_note,
            "priority_by_hand": row.priority_by_hand,
            "owner": self._owner(row.owner_id),
            "claimed_at": to_iso_if_any(row.claimed_at),
            "first_dispatched_at": to_iso_if_any(row.first_dispatched_at),
            "closed_at": to_iso_if_any(row.closed_at),
            "pickup_due_at": to_iso_if_any(row.pickup_due_at),
            "calls": [self._call(call) for call in self._calls[ticket_id]],
            "assignments": [self._assignment(assignment, whole=True) for assignment in self._assignments[ticket_id]],
            "clocks": self._clocks(row),
            "ladder": self._ladders[ticket_id].of_ticket(ticket_id),
            "answers": self._newest_answers(ticket_id),
            "allowed": _allowed_by_viewer(TicketState(row.state), row.owner_id, row.incident_id is not None),
            "duplicate_of": self._event_of(row).number if row.incident_id is not None else None,
            "joined": [self._caller(attached) for attached in self._attached[ticket_id]],
        }

    def for_agency(
        self, ticket_id: int, agency_code: str, past_since: datetime | None = None
    ) -> shapes.AgencyTicket | None:
        """Return what an agency may see of a ticket that was sent to it, None when it was not.

        No caller number, no name, and of the other agencies only that they were sent too. An agency that declined or
        was called off gets what it saw then; what was over before `past_since` is None.
        """
        row = self._tickets[ticket_id]
        own = [a for a in self._assignments[ticket_id] if a.agency_code == agency_code]
        if not own:
            return None
        newest = own[-1]
        if is_past(newest, past_since):
            return None
        now = self._as_it_is(row, newest)
        if newest.id not in self._kept:
            return now
        # What a later version has added was not there to be seen.
        added: dict[str, Any] = {key: [] if isinstance(value, list) else None for key, value in now.items()}
        return cast("shapes.AgencyTicket", added | self._kept[newest.id])

    def _as_it_is(self, row: TicketRow, newest: AssignmentRow) -> shapes.AgencyTicket:
        """The ticket for the agency whose newest assignment this is."""
        ticket_id, agency_code = row.id, newest.agency_code
        others = {a.agency_code for a in self._assignments[ticket_id] if a.agency_code != agency_code}
        commands = allowed_assignment_commands(AssignmentState(newest.state), Role.RESPONDER, own_agency=True)
        return {
            **self._common(row),
            # What was said does not concern an agency that declined or was called off.
            "words": row.words if newest.state not in OUT_OF_IT else None,
            # Agencies learn what was answered, not what was passed over.
            "answers": [
                answer
                for answer in self._newest_answers(ticket_id)
                if answer["value"] != SKIPPED and newest.state not in OUT_OF_IT
            ],
            "closed_at": to_iso_if_any(row.closed_at),
            "callers": row.joined_count + 1,
            # What further callers of the same event said; never who they are.
            "further_words": [
                {"at": _attached_at(attached), "words": attached.words}
                for attached in self._attached[ticket_id]
                if attached.words and newest.state not in OUT_OF_IT
            ],
            "also_sent": sorted(others),
            "assignment": self._assignment(newest, whole=False),
            "allowed": list(commands) if row.state != TicketState.CLOSED else [],
        }

    def _caller(self, row: TicketRow) -> shapes.Caller:
        """A caller whose ticket was attached to this one, told apart from the others by that ticket's number."""
        return {
            "number": row.number,
            "short": short_number(row.number),
            "attached_at": _attached_at(row),
            "owner": self._person(row.owner_id),
            "words": row.words,
            "calls": [self._call(call) for call in self._calls[row.id]],
        }

    def answer_history(self, ticket_id: int) -> list[shapes.QuestionAnswer]:
        """Return every answer that was ever noted, earlier versions included, oldest first."""
        return [self._answer(row) for row in self._answers[ticket_id]]

    def _newest_answers(self, ticket_id: int) -> list[shapes.QuestionAnswer]:
        newest = {(row.card_code, row.question_code): row for row in self._answers[ticket_id]}
        return [self._answer(row) for row in newest.values()]

    def _answer(self, row: TicketAnswerRow) -> shapes.QuestionAnswer:
        card = self._city.question_cards.get(row.card_code)
        question = card.question(row.question_code) if card else None
        words = answer_words(question, row.value, row.amount)
        return {
            "id": row.id,
            "card": row.card_code,
            "question": row.question_code,
            "version": row.version,
            "value": row.value,
            "amount": row.amount,
            "tells_id": question.tells.id if question else row.tells,
            "tells_en": question.tells.en if question else row.tells,
            "words_id": words.id,
            "words_en": words.en,
            "at": to_iso(row.answered_at),
        }

    def _common(self, row: TicketRow) -> shapes.EveryonesTicket:
        return {
            "number": row.number,
            "short": short_number(row.number),
            "state": row.state,
            # Who reported the same event is told how that event stands.
            "public_status": public_status(TicketState(self._event_of(row).state)).value,
            "words": row.words,
            "type": incident_type(self._city, row.type_code),
            "priority": row.priority,
            "place": self._place(row),
            "opened_at": to_iso(row.opened_at),
        }

    def _event_of(self, row: TicketRow) -> TicketRow:
        return self._events[row.incident_id] if row.incident_id is not None else row

    def _place(self, row: TicketRow) -> shapes.Place | None:
        if row.kelurahan_code is None:
            return None
        kelurahan = self._city.kelurahan.get(row.kelurahan_code)
        return {
            "text": row.place_text,
            "kelurahan_code": row.kelurahan_code,
            "kelurahan": kelurahan.name if kelurahan else row.kelurahan_code,
            "kecamatan": kelurahan.kecamatan if kelurahan else "",
            "lat": row.lat,
            "lon": row.lon,
            # Where no point was given, the map shows the kelurahan's own.
            "kelurahan_lat": kelurahan.lat if kelurahan else None,
            "kelurahan_lon": kelurahan.lon if kelurahan else None,
            "accuracy_m": row.accuracy_m,
            "source": row.place_source,
            "approximate": row.place_approximate,
        }

    def _owner(self, user_id: int | None) -> shapes.Owner | None:
        if user_id is None:
            return None
        name, seat = self._names.get(user_id, _UNKNOWN)
        return {"id": user_id, "name": name, "seat": seat}

    def _person(self, user_id: int | None) -> shapes.Person | None:
        return {"id": user_id, "name": self._names.get(user_id, _UNKNOWN)[0]} if user_id is not None else None

    def _call(self, call: CallRow) -> shapes.Call:
        location: shapes.CallLocation | None = None
        if call.lat is not None and call.lon is not None:
            location = {"lat": call.lat, "lon": call.lon, "uncertainty_m": call.uncertainty_m}
        nuisance: shapes.Nuisance | None = None
        if call.number is not None:
            nuisance = {"count": call.prank_count, "limit": self._city.policy.nuisance.limit}
        return {
            "id": call.id,
            "linkedid": call.told_linkedid or call.linkedid,
            "state": call.state,
            "late": call.late,
            "doubtful_at": to_iso_if_any(doubtful_at(call, self._city.policy.calls)),
            "ended_how": _ended_how(call),
            "cut_off": call.cut_off,
            "number": call.number,
            "presentation": call.presentation,
            "carrier": self._city.prefixes.carrier(call.number) if call.number else None,
            "received_at": to_iso(call.received_at),
            "answered_at": to_iso_if_any(call.answered_at),
            "ended_at": to_iso_if_any(call.ended_at),
            "answered_by": self._person(call.answered_by),
            "seat": call.seat,
            "location": location,
            "nuisance": nuisance,
            "treatment": call.treatment,
            "gate": call.gate_result,
            "gate_at": to_iso_if_any(call.gate_at),
        }

    def _assignment(self, assignment: AssignmentRow, *, whole: bool) -> shapes.Assignment:
        """An assignment; `whole`: with who was told of it, which is the centre's alone."""
        ladders = self._ladders[assignment.ticket_id]
        agency = self._city.agencies.get(assignment.agency_code)
        return {
            "id": assignment.id,
            "agency": assignment.agency_code,
            "agency_name": agency.name if agency else assignment.agency_code,
            "agency_short": agency.short_name if agency else assignment.agency_code,
            "role": assignment.role,
            "state": assignment.state,
            "reason": assignment.reason_code,
            "note": assignment.note,
            "sent_at": to_iso(assignment.sent_at),
            "acknowledged_at": to_iso_if_any(assignment.acknowledged_at),
            "en_route_at": to_iso_if_any(assignment.en_route_at),
            "on_scene_at": to_iso_if_any(assignment.on_scene_at),
            "cleared_at": to_iso_if_any(assignment.cleared_at),
            "declined_at": to_iso_if_any(assignment.declined_at),
            "cancelled_at": to_iso_if_any(assignment.cancelled_at),
            "clock_started_at": to_iso_if_any(assignment.clock_started_at),
            "due_at": to_iso_if_any(assignment.clock_due_at),
            "due_kind": assignment.clock_kind,
            "ladder": ladders.of_assignment(assignment.id),
            "reach": ladders.reach(assignment.id, assignment.acknowledged_at) if whole else None,
            "instructions": [instruction_view(self._city, row) for row in self._instructions[assignment.id]],
        }

    def _clocks(self, row: TicketRow) -> list[shapes.Clock]:
        clocks = [_clock(None, row), *(_clock(a.id, a) for a in self._assignments[row.id])]
        return [clock for clock in clocks if clock is not None]


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids in parts that every database takes as parameters."""
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


def short_number(number: str) -> str:
    """What is said of a ticket's number within its day: `047` of `261124-047`."""
    return number.split("-", 1)[1]


def incident_type(city: CityPack, code: str | None) -> shapes.IncidentType | None:
    """What kind of incident it is, in both languages; a code alone where a later city pack has dropped it."""
    if code is None:
        return None
    incident = city.incident_types.get(code)
    if incident is None:
        return {"code": code, "category": "", "name_id": code, "name_en": code, "icon": "circle-help"}
    return {
        "code": incident.code,
        "category": incident.category,
        "name_id": incident.name_id,
        "name_en": incident.name_en,
        "icon": incident.icon,
    }


def kelurahan_name(city: CityPack, code: str | None) -> str | None:
    """The name of a kelurahan; its code where a later city pack has dropped it."""
    if code is None:
        return None
    kelurahan = city.kelurahan.get(code)
    return kelurahan.name if kelurahan else code


def _clock(assignment_id: int | None, row: TicketRow | AssignmentRow) -> shapes.Clock | None:
    """The clock that runs on a ticket or an assignment; None where none does."""
    if row.clock_kind is None or row.clock_started_at is None or row.clock_due_at is None:
        return None
    return {
        "kind": row.clock_kind,
        "assignment_id": assignment_id,
        "started_at": to_iso(row.clock_started_at),
        "due_at": to_iso(row.clock_due_at),
    }


def _attached_at(row: TicketRow) -> str:
    assert row.attached_at is not None  # it is attached
    return to_iso(row.attached_at)


def _ended_how(call: CallRow) -> str | None:
    if call.ended_at is None:
        return None
    return call.ended_how or EndedHow.TOLD.value  # None: by a release that knew no other way


def _allowed_by_viewer(state: TicketState, owner_id: int | None, attached: bool) -> shapes.AllowedBy:
    others = Ownership.NOBODY if owner_id is None else Ownership.OTHER
    return {
        "owner": list(allowed_ticket_commands(state, Ownership.SELF, Role.CALL_TAKER, attached)) if owner_id else [],
        "call_taker": list(allowed_ticket_commands(state, others, Role.CALL_TAKER, attached)),
        "supervisor": list(allowed_ticket_commands(state, others, Role.SUPERVISOR, attached)),
    }
