"""The callback list as the centre sees it: one line per number, whoever is due first on top."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from dispatch.callbacks import shapes
from dispatch.callbacks.rules import held_by, may_give_up, waits_for_callback
from dispatch.city.pack import CityPack
from dispatch.clock import Clock, to_iso
from dispatch.phone_numbers import callability
from dispatch.storage.rows import CallbackRow
from dispatch.storage.tables import CUT_OFF_BY_RESTART, OPEN_CALLBACKS, Call, Callback, CallbackAttempt, Ticket, User
from dispatch.tickets.lifecycle import TicketState

SHOWN = 100
_PER_CALLBACK = 20  #: tickets and attempts that one line names

#: The same as `waits_for_callback`, for the database.
_WAITS = or_(
    Ticket.state.in_((TicketState.CALLBACK, TicketState.CLOSED)),
    and_(Ticket.state == TicketState.CLAIMED, Ticket.classification.is_(None)),
    CUT_OFF_BY_RESTART,
)


class _Member(NamedTuple):
    """A ticket of a callback, and its newest call."""

    callback_id: int
    number: str
    state: str
    classification: str | None
    exchange_stopped: bool
    owner_name: str | None
    number_as_sent: str
    presentation: str
    received_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    lat: float | None


def count_callbacks(connection: Connection, clock: Clock) -> tuple[int, int]:
    """Return how many numbers wait to be called back, and for how many of them the time has run out."""
    late = func.count().filter(Callback.due_at <= clock.now())
    row = connection.execute(_waiting(select(func.count().label("total"), late.label("late")))).one()
    return row.total, row.late


def callback_list(connection: Connection, city: CityPack, clock: Clock) -> shapes.Callbacks:
    """Return the callbacks that wait, first due first, at most SHOWN of them."""
    owner = aliased(User)
    rows = connection.execute(
        _waiting(select(Callback.__table__, owner.display_name.label("owner_name")))
        .outerjoin(owner, owner.id == Callback.owner_id)
        .order_by(Callback.due_at, Callback.id)
        .limit(SHOWN)
    ).all()
    callbacks = [(CallbackRow.from_row(columns), owner_name) for *columns, owner_name in rows]
    ids = [row.id for row, _ in callbacks]
    members = _members(connection, ids)
    attempts = _attempts(connection, ids)
    items = [_line(row, name, members[row.id], attempts[row.id], city, clock) for row, name in callbacks]
    return {"items": items, "total": len(items) if len(items) < SHOWN else count_callbacks(connection, clock)[0]}


def _waiting(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    member = select(Ticket.id).where(Ticket.callback_id == Callback.id, _WAITS).exists()
    return statement.select_from(Callback).where(OPEN_CALLBACKS, member)


def _members(connection: Connection, ids: Iterable[int]) -> dict[int, list[_Member]]:
    """The tickets of each callback with their newest call, newest first."""
    other = aliased(Call)
    newest = select(func.max(other.id)).where(other.ticket_id == Ticket.id).scalar_subquery()
    found: dict[int, list[_Member]] = defaultdict(list)
    rows = connection.execute(
        select(
            Ticket.callback_id,
            Ticket.number,
            Ticket.state,
            Ticket.classification,
            CUT_OFF_BY_RESTART.label("exchange_stopped"),
            User.display_name.label("owner_name"),
            Call.number_as_sent,
            Call.presentation,
            Call.received_at,
            Call.answered_at,
            Call.ended_at,
            Call.lat,
        )
        .select_from(Ticket)
        .join(Call, Call.id == newest)
        .outerjoin(User, User.id == Ticket.owner_id)
        .where(Ticket.callback_id.in_(list(ids)))
        .order_by(Ticket.id.desc())
    )
    for member in map(_Member._make, rows):
        found[member.callback_id].append(member)
    return found


def _attempts(connection: Connection, ids: Iterable[int]) -> dict[int, list[shapes.Attempt]]:
    found: dict[int, list[shapes.Attempt]] = defaultdict(list)
    for row in connection.execute(
        select(CallbackAttempt.__table__, User.display_name)
        .outerjoin(User, User.id == CallbackAttempt.by)
        .where(CallbackAttempt.callback_id.in_(list(ids)))
        .order_by(CallbackAttempt.id.desc())
    ):
        found[row.callback_id].append(
            {"at": to_iso(row.at), "outcome": row.outcome, "note": row.note, "by": row.display_name}
        )
    return found


def _line(
    row: CallbackRow,
    owner_name: str | None,
    members: list[_Member],
    attempts: list[shapes.Attempt],
    city: CityPack,
    clock: Clock,
) -> shapes.CallbackLine:
    policy = city.policy.callback
    newest = members[0]
    can = callability(row.number, newest.presentation, newest.number_as_sent)
    holder = held_by(row.owner_id, row.owner_since, clock.now(), policy)
    waiting = [
        member for member in members if waits_for_callback(member.state, member.classification, member.exchange_stopped)
    ]
    owned = next((member.owner_name for member in waiting if member.state == TicketState.CLAIMED), None)
    rang_until = newest.answered_at or newest.ended_at
    return {
        "id": row.id,
        "number": row.number,
        "kind": can.kind,
        "can_call": can.can_call,
        "area_code": can.area_code,
        "carrier": city.prefixes.carrier(row.number) if row.number else None,
        "reason": row.reason,
        "calls": row.calls,
        "first_at": to_iso(row.first_at),
        "last_at": to_iso(row.last_at),
        "rang_s": round((rang_until - newest.received_at).total_seconds()) if rang_until else None,
        "has_location": newest.lat is not None,
        "attempts": row.attempts,
        "max_attempts": policy.max_attempts,
        "history": attempts[:_PER_CALLBACK],
        "started_at": to_iso(row.clock_started_at),
        "due_at": to_iso(row.due_at),
        "holder": {"id": holder, "name": owner_name or "?"} if holder is not None else None,
        "ticket_owner": owned,
        "may_close": may_give_up(
            callable_number=can.can_call,
            attempts=row.attempts,
            last_outcome=row.last_outcome,
            last_attempt_at=row.last_attempt_at,
            last_call_at=row.last_at,
            policy=policy,
        ),
        "tickets": [member.number for member in waiting[:_PER_CALLBACK]],
    }
