"""What an agency sees of what is over: a ticket it is out of stays as it was then (`kept_views`), and everything ends
by policy: what is over for longer than that is not there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from dispatch.city.pack import CityPack
from dispatch.storage.rows import AssignmentRow
from dispatch.storage.tables import OPEN_TICKETS, Assignment, KeptView, Ticket
from dispatch.tickets.lifecycle import OUT_OF_IT, AssignmentState, TicketState

_OVER = frozenset({AssignmentState.CLEARED, *OUT_OF_IT})

#: When an assignment was over; null while it is not.
_over_at = func.coalesce(Assignment.cleared_at, Assignment.declined_at, Assignment.cancelled_at)
_seen_state: ColumnElement[str] = func.coalesce(KeptView.state, Ticket.state)


def past_since(city: CityPack, now: datetime) -> datetime:
    """What was over before this instant is no longer an agency's to read."""
    return now - timedelta(days=city.policy.agency.past_days)


def is_past(assignment: AssignmentRow, since: datetime | None) -> bool:
    """Whether an assignment was over before that instant; never where there is none."""
    if since is None or assignment.state not in _OVER:
        return False
    over_at = assignment.cleared_at or assignment.declined_at or assignment.cancelled_at
    return over_at is not None and over_at < since


def tickets_seen_by(agency: str, since: datetime, state: str | None = None) -> Select[int]:
    """The ids of an agency's tickets, without what was over before `since`; `state`: a ticket's state, or `open`.

    A ticket that the agency is out of has the state that it had then.
    """
    statement = (
        select(Ticket.id)
        .join(Assignment, Assignment.ticket_id == Ticket.id)
        .outerjoin(KeptView, KeptView.assignment_id == Assignment.id)
        .where(Assignment.agency_code == agency, _is_newest(), or_(_over_at.is_(None), _over_at >= since))
    )
    if state == "open":
        return statement.where(_seen_state != TicketState.CLOSED)
    return statement if state is None else statement.where(_seen_state == state)


def tickets_on_the_page_of(agency: str, since: datetime) -> list[Select[int]]:
    """What an agency's page starts from: what is open, and what was closed or left after `since`.

    Several searches, each over an index that leaves the agency's past years out.
    """
    followed = (
        select(Ticket.id)
        .join(Assignment, Assignment.ticket_id == Ticket.id)
        .outerjoin(KeptView, KeptView.assignment_id == Assignment.id)
        .where(Assignment.agency_code == agency, _is_newest(), KeptView.assignment_id.is_(None))
    )
    left = (
        select(KeptView.ticket_id)
        .join(Assignment, Assignment.id == KeptView.assignment_id)
        .where(KeptView.agency_code == agency, KeptView.at >= since, _is_newest())
    )
    return [followed.where(OPEN_TICKETS), followed.where(Ticket.closed_at >= since), left]


def _is_newest() -> ColumnElement[bool]:
    """Of several assignments of one agency to one ticket the newest says what the agency sees."""
    later = aliased(Assignment)
    return ~(
        select(later.id)
        .where(
            later.ticket_id == Assignment.ticket_id,
            later.agency_code == Assignment.agency_code,
            later.id > Assignment.id,
        )
        .exists()
    )
