"""The figures of the supervisor's board, each with its start and stop event; old tickets cost nothing."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import aliased

from dispatch.callbacks.reading import count_callbacks
from dispatch.city.pack import CityPack
from dispatch.clock import Clock, to_iso
from dispatch.feed import shapes
from dispatch.feed.escalations import MOST_ESCALATIONS, escalations, levels_of_reach, stranded_tickets
from dispatch.nuisance.rules import is_at_gate
from dispatch.people.seats import is_there
from dispatch.roles import Role
from dispatch.storage.tables import LIVE_CALLS, OPEN_TICKETS, Assignment, Call, SeatOccupancy, Ticket, User, WebSession
from dispatch.tickets.call_times import doubtful_at
from dispatch.tickets.lifecycle import LIVE_ASSIGNMENT_STATES, NUISANCE, CallState, TicketState
from dispatch.tickets.views import short_number

WINDOW_H = 24


class _OpenTicket(NamedTuple):
    """An open ticket, as far as the board shows it."""

    id: int
    number: str
    priority: str | None
    lat: float | None
    lon: float | None
    kelurahan_code: str | None


class _LiveCall(NamedTuple):
    """A call that is up, and the number of its ticket."""

    id: int
    state: str
    received_at: datetime
    answered_at: datetime | None
    answered_by: int | None
    treatment: str
    gate_result: str | None
    gate_at: datetime | None
    ticket_number: str


class _LiveAssignment(NamedTuple):
    """An assignment whose clock runs, and its ticket."""

    id: int
    agency_code: str
    state: str
    clock_kind: str
    clock_started_at: datetime
    clock_due_at: datetime
    ticket_id: int
    ticket_number: str
    type_code: str | None
    priority: str | None


def board(connection: Connection, city: CityPack, clock: Clock) -> shapes.Board:
    """Return the figures of the last 24 hours and of this moment, without any caller's number or name."""
    now = clock.now()
    since = now - timedelta(hours=WINDOW_H)
    open_tickets = _open_tickets(connection)
    assignments = _live_assignments(connection)
    rings = [row for row in _live_calls(connection) if row.state == CallState.RINGING and not _at_gate(row, now)]
    # A call whose end was lost must not stand before the callers who are there.
    ringing = [row for row in rings if not _is_doubtful(row, city, now)]
    mix = _mix(connection, since)
    callbacks, callbacks_late = count_callbacks(connection, clock)
    climbing = escalations(connection, now)
    priorities = Counter(row.priority or "none" for row in open_tickets)
    return {
        "at": to_iso(now),
        "waiting": len(ringing),
        "doubtful": len(rings) - len(ringing),
        "uncertain_calls": _uncertain_calls(connection, city, now),
        "longest_wait_since": to_iso(min(row.gate_at or row.received_at for row in ringing)) if ringing else None,
        "answered": _answered(connection, city, since),
        "abandoned": _abandoned(connection, since),
        "callbacks_open": callbacks,
        "callbacks_late": callbacks_late,
        "not_emergency": {"n": sum(mix[kind] for kind in NUISANCE), "of": sum(mix.values())},
        "mix": dict(mix),
        "agencies": _agencies(connection, city, assignments),
        "unacknowledged": [
            {
                "ticket": a.ticket_number,
                "agency": a.agency_code,
                "priority": a.priority,
                **_clock(a),
            }
            for a in sorted(assignments, key=lambda a: a.clock_due_at)
            if a.state == "sent"
        ],
        "stranded": stranded_tickets(connection),
        "escalations": climbing[:MOST_ESCALATIONS],
        "escalations_total": len(climbing),
        "operators": operators(connection, city, now),
        "open": {
            "total": len(open_tickets),
            "P1": priorities["P1"],
            "P2": priorities["P2"],
            "P3": priorities["P3"],
            "P4": priorities["P4"],
            "none": priorities["none"],
        },
        "pins": _pins(city, open_tickets, assignments),
    }


def operators(connection: Connection, city: CityPack, now: datetime) -> list[shapes.Operator]:
    """Return who sits where: `ready` since they sat down, or `on_call` since they answered.

    A sign-in whose browser is gone is nobody.
    """
    live = [row for row in _live_calls(connection) if row.state == CallState.ANSWERED]
    talking = {row.answered_by: row for row in live if not _is_stale(row, city, now)}
    rows = connection.execute(
        select(User.id, User.display_name, User.role, SeatOccupancy.seat, SeatOccupancy.since)
        .join(User, User.id == SeatOccupancy.user_id)
        .join(WebSession, WebSession.id == SeatOccupancy.session_id)
        .where(is_there(now, city), User.role.in_([Role.CALL_TAKER, Role.SUPERVISOR]))
        .order_by(SeatOccupancy.seat)
    ).all()
    result: list[shapes.Operator] = []
    for row in rows:
        call = talking.get(row.id)
        talks_since = call.answered_at if call else None
        result.append(
            {
                "id": row.id,
                "name": row.display_name,
                "seat": row.seat,
                "state": "on_call" if call else "ready",
                "since": to_iso(talks_since or row.since),
                "ticket": call.ticket_number if call else None,
            }
        )
    return result


def _open_tickets(connection: Connection) -> list[_OpenTicket]:
    columns = (Ticket.id, Ticket.number, Ticket.priority, Ticket.lat, Ticket.lon, Ticket.kelurahan_code)
    rows = connection.execute(select(*columns).where(OPEN_TICKETS).order_by(Ticket.id))
    return [_OpenTicket._make(row) for row in rows]


def _live_calls(connection: Connection) -> list[_LiveCall]:
    """The calls that are up, but for those whose matter is closed: nobody waits for them."""
    event = aliased(Ticket)
    rows = connection.execute(
        select(
            Call.id,
            Call.state,
            Call.received_at,
            Call.answered_at,
            Call.answered_by,
            Call.treatment,
            Call.gate_result,
            Call.gate_at,
            Ticket.number,
        )
        .join(Ticket, Ticket.id == Call.ticket_id)
        .outerjoin(event, event.id == Ticket.incident_id)
        .where(LIVE_CALLS, func.coalesce(event.state, Ticket.state) != TicketState.CLOSED)
    )
    return [_LiveCall._make(row) for row in rows]


def _at_gate(row: _LiveCall, now: datetime) -> bool:
    return is_at_gate(row.treatment, row.gate_result, row.received_at, now)


def _is_doubtful(row: _LiveCall, city: CityPack, now: datetime) -> bool:
    since = doubtful_at(row, city.policy.calls)
    return since is not None and since <= now


def _is_stale(row: _LiveCall, city: CityPack, now: datetime) -> bool:
    talks_since = row.answered_at if row.state == CallState.ANSWERED else None
    return talks_since is not None and now - talks_since >= timedelta(seconds=city.policy.calls.stale_talk_s)


def _uncertain_calls(connection: Connection, city: CityPack, now: datetime) -> list[shapes.UncertainCall]:
    """The calls that count as up and hardly are, the oldest first: a supervisor may end them."""
    rows = [row for row in _live_calls(connection) if _is_doubtful(row, city, now) or _is_stale(row, city, now)]
    since = [(row.answered_at or row.gate_at or row.received_at, row) for row in rows]
    return [
        {"ticket": row.ticket_number, "call_id": row.id, "state": row.state, "since": to_iso(at)}
        for at, row in sorted(since, key=lambda one: (one[0], one[1].id))
    ]


def _live_assignments(connection: Connection) -> list[_LiveAssignment]:
    rows = connection.execute(
        select(
            Assignment.id,
            Assignment.agency_code,
            Assignment.state,
            Assignment.clock_kind,
            Assignment.clock_started_at,
            Assignment.clock_due_at,
            Assignment.ticket_id,
            Ticket.number,
            Ticket.type_code,
            Ticket.priority,
        )
        .join(Ticket, Ticket.id == Assignment.ticket_id)
        .where(Assignment.clock_kind.is_not(None), Assignment.state.in_(LIVE_ASSIGNMENT_STATES))
    )
    # Where two clocks run out together the board must not swap them from one look to the next. Sorted here: asked for
    # an order by id, SQLite walks through all assignments there ever were, not the few that the partial index holds.
    return sorted(map(_LiveAssignment._make, rows), key=lambda assignment: assignment.id)


def _answered(connection: Connection, city: CityPack, since: datetime) -> shapes.Answered:
    """From the first ring (`incoming`) to a seat's answer; calls abandoned before an answer count as not within."""
    rows = connection.execute(
        select(Call.received_at, Call.answered_at, Call.gate_at).where(
            Call.received_at >= since, Call.state.not_in([CallState.RINGING, CallState.LET_GO])
        )
    ).all()
    limit = timedelta(seconds=city.policy.answer_target_s)
    # Seats cannot ring while the caller is at the gate.
    rang = [(row.answered_at, row.gate_at or row.received_at) for row in rows]
    within = sum(1 for answered_at, since_at in rang if answered_at is not None and answered_at - since_at <= limit)
    return {
        "within": within,
        "of": len(rows),
        "target_s": city.policy.answer_target_s,
        "goal": city.policy.answer_goal,
        "window_h": WINDOW_H,
    }


def _abandoned(connection: Connection, since: datetime) -> int:
    return connection.execute(
        select(func.count()).where(Call.received_at >= since, Call.state == CallState.ABANDONED)
    ).scalar_one()


def _mix(connection: Connection, since: datetime) -> Counter[str]:
    kind = case((Ticket.classification.is_(None), "unclassified"), else_=Ticket.classification)
    rows = connection.execute(select(kind, func.count()).where(Ticket.opened_at >= since).group_by(kind)).all()
    return Counter({row[0]: row[1] for row in rows})


def _agencies(connection: Connection, city: CityPack, assignments: list[_LiveAssignment]) -> list[shapes.AgencyLine]:
    by_agency: dict[str, list[_LiveAssignment]] = {}
    for assignment in assignments:
        by_agency.setdefault(assignment.agency_code, []).append(assignment)
    # An unanswered dispatch is worse than any work under way, then the clock that runs out first.
    worst_of = {code: min(rows, key=lambda a: (a.state != "sent", a.clock_due_at)) for code, rows in by_agency.items()}
    reach = levels_of_reach(connection, {a.id: a.ticket_id for a in worst_of.values() if a.state == "sent"})
    lines: list[shapes.AgencyLine] = []
    for code, rows in by_agency.items():
        worst = worst_of[code]
        incident = city.incident_types.get(worst.type_code or "")
        agency = city.agencies.get(code)
        lines.append(
            {
                "code": code,
                "name": agency.name if agency else code,
                "open": len({row.ticket_id for row in rows}),
                "worst": {
                    "ticket": worst.ticket_number,
                    "short": short_number(worst.ticket_number),
                    "type_name_id": incident.name_id if incident else None,
                    "type_name_en": incident.name_en if incident else None,
                    "priority": worst.priority,
                    "state": worst.state,
                    **_clock(worst),
                    "due_kind": worst.clock_kind,
                    "reach": reach.get(worst.id),
                },
            }
        )
    return sorted(lines, key=lambda line: (line["worst"]["state"] != "sent", line["worst"]["due_at"]))


def _pins(city: CityPack, tickets: list[_OpenTicket], assignments: list[_LiveAssignment]) -> list[shapes.Pin]:
    waiting: dict[int, _LiveAssignment] = {}
    for a in assignments:
        if a.state == "sent" and (a.ticket_id not in waiting or a.clock_due_at < waiting[a.ticket_id].clock_due_at):
            waiting[a.ticket_id] = a
    pins: list[shapes.Pin] = []
    for row in tickets:
        point = _point_of(row, city)
        if point is None:
            continue
        unanswered = waiting.get(row.id)
        pins.append(
            {
                "short": short_number(row.number),
                "priority": row.priority,
                "lat": point[0],
                "lon": point[1],
                "clock_started_at": to_iso(unanswered.clock_started_at) if unanswered is not None else None,
                "due_at": to_iso(unanswered.clock_due_at) if unanswered is not None else None,
            }
        )
    return pins


def _point_of(ticket: _OpenTicket, city: CityPack) -> tuple[float, float] | None:
    """Where a ticket is: its own point, else its kelurahan's; None where neither is known."""
    if ticket.lat is not None and ticket.lon is not None:
        return ticket.lat, ticket.lon
    kelurahan = city.kelurahan.get(ticket.kelurahan_code or "")
    return (kelurahan.lat, kelurahan.lon) if kelurahan is not None else None


def _clock(assignment: _LiveAssignment) -> shapes.RunningClock:
    return {
        "clock_started_at": to_iso(assignment.clock_started_at),
        "due_at": to_iso(assignment.clock_due_at),
    }
