"""What a signed link is worth now, and what it may show to whoever has opened it.

Links get forwarded, and chat programs open them to preview them. So a link shows little until its contact has accepted
the task, and the rest only on the telephone on which that was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select

from dispatch.city.pack import CityPack
from dispatch.ladders.reading import LadderReader
from dispatch.ladders.shapes import LadderView
from dispatch.links.task_links import TaskLink
from dispatch.roles import AGENCY_ROLES, ActorKind, LadderRole
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import AssignmentRow, ContactRow, NoticeRow, TicketRow
from dispatch.storage.tables import Assignment, Contact, JournalEntry, Notice, Ticket, User
from dispatch.tickets.lifecycle import LIVE_ASSIGNMENT_STATES, AssignmentState, TicketState
from dispatch.tickets.shapes import AgencyTicket
from dispatch.tickets.views import TicketReader

#: Beside a notice's facts: the telephone on which its contact acts, as a hash.
DEVICE = "device"


class Standing(StrEnum):
    """What somebody who opens a link is shown."""

    ASK = "ask"  #: nobody has accepted yet
    RESUME = "resume"  #: accepted, but not by this link: one tap, and this telephone is the contact's
    MINE = "mine"  #: its contact has accepted, on this telephone
    TAKEN = "taken"  #: somebody else has accepted, or the contact on another telephone
    DONE = "done"  #: the agency has finished
    DECLINED = "declined"  #: the agency has refused
    CALLED_OFF = "called_off"  #: the centre has taken the task back
    TOLD = "told"  #: its contact was told of a task that is another's to accept
    NO_TASK = "no_task"  #: the message was not about a task
    EXPIRED = "expired"  #: too old: nothing of the task is shown
    REMOVED = "removed"  #: its contact was removed since


#: Of these nothing of the task is shown.
SILENT = frozenset({Standing.NO_TASK, Standing.EXPIRED, Standing.REMOVED})


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who has accepted a task, and when; `name` is None where the centre noted it for somebody who telephoned."""

    at: datetime
    name: str | None
    by_contact: bool  #: by the contact whose link this is


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another agency that has the ticket now, and since when."""

    agency_code: str
    since: datetime


@dataclass(frozen=True, slots=True)
class LinkedTask:
    """A link as it stands now. Without `ticket` nothing of the task may be shown."""

    standing: Standing
    notice: NoticeRow
    contact: ContactRow
    assignment: AssignmentRow | None
    ticket: TicketRow | None
    accepted: Acceptance | None = None
    ladder: LadderView | None = None
    view: AgencyTicket | None = None  #: what the agency sees; only where the contact acts
    elsewhere: tuple[Elsewhere, ...] = ()
    new_link: bool = False  #: whether there is still something that a new link would be good for


def read_link(
    connection: Connection, city: CityPack, now: datetime, link: TaskLink, device_hash: str | None
) -> LinkedTask | None:
    """What a link that we have signed shows on this telephone; None where there is no such notice any more."""
    notice, contact = _notice(connection, link), _contact(connection, link.contact_id)
    if notice is None or contact is None:
        return None
    assignment = _assignment(connection, notice.assignment_id)
    if assignment is None:
        standing = Standing.REMOVED if contact.removed_at is not None else Standing.NO_TASK
        return LinkedTask(standing, notice, contact, None, None)
    ticket = TicketRow.from_row(
        connection.execute(select(Ticket.__table__).where(Ticket.id == assignment.ticket_id)).one()
    )
    accepted = acceptance(connection, assignment, contact)
    standing = _standing(city, now, notice, contact, assignment, accepted, device_hash)
    live = is_live(assignment, ticket)
    if standing in SILENT:
        return LinkedTask(standing, notice, contact, None, None, new_link=live and standing is Standing.EXPIRED)
    view = None
    if standing is Standing.MINE:
        view = TicketReader(connection, city, [ticket.id]).for_agency(ticket.id, contact.agency_code)
    return LinkedTask(
        standing,
        notice,
        contact,
        assignment,
        ticket,
        accepted,
        LadderReader(connection, [ticket.id], ()).of_assignment(assignment.id),
        view,
        _elsewhere(connection, assignment),
        new_link=live and standing is Standing.TAKEN and accepted is not None and accepted.by_contact,
    )


def is_live(assignment: AssignmentRow, ticket: TicketRow) -> bool:
    """Whether there is still something to do for the agency."""
    return assignment.state in LIVE_ASSIGNMENT_STATES and ticket.state != TicketState.CLOSED


def _standing(
    city: CityPack,
    now: datetime,
    notice: NoticeRow,
    contact: ContactRow,
    assignment: AssignmentRow,
    accepted: Acceptance | None,
    device_hash: str | None,
) -> Standing:
    if contact.removed_at is not None:
        return Standing.REMOVED
    own = _own_telephone(notice, device_hash)
    state = AssignmentState(assignment.state)
    at_work = state in LIVE_ASSIGNMENT_STATES and own
    if not at_work and now - notice.created_at > timedelta(hours=city.ladders.links.valid_h):
        return Standing.EXPIRED
    if contact.agency_code != assignment.agency_code or LadderRole(contact.role) not in AGENCY_ROLES:
        return Standing.TOLD
    ended = {
        AssignmentState.CLEARED: Standing.DONE,
        AssignmentState.DECLINED: Standing.DECLINED,
        AssignmentState.CANCELLED: Standing.CALLED_OFF,
    }
    if state in ended:
        return ended[state]
    if state is AssignmentState.SENT or accepted is None:
        return Standing.ASK
    if accepted.name is not None and not accepted.by_contact:
        return Standing.TAKEN
    if DEVICE not in notice.facts:
        return Standing.RESUME
    return Standing.MINE if own else Standing.TAKEN


def _own_telephone(notice: NoticeRow, device_hash: str | None) -> bool:
    return device_hash is not None and notice.facts.get(DEVICE) == device_hash


def acceptance(connection: Connection, assignment: AssignmentRow, contact: ContactRow) -> Acceptance | None:
    """Who accepted an assignment, as its own agency may know it; None where nobody has."""
    if assignment.acknowledged_at is None:
        return None
    row = connection.execute(
        select(JournalEntry.actor_kind, JournalEntry.actor_id)
        .where(
            JournalEntry.ticket_id == assignment.ticket_id,
            JournalEntry.assignment_id == assignment.id,
            JournalEntry.kind == JournalKind.ASSIGNMENT_ACKNOWLEDGED.value,
        )
        .order_by(JournalEntry.seq.desc())
    ).first()
    kind, actor_id = (row.actor_kind, row.actor_id) if row is not None else (None, None)
    if kind == ActorKind.CONTACT:
        name = connection.execute(select(Contact.name).where(Contact.id == actor_id)).scalar()
        return Acceptance(assignment.acknowledged_at, name, actor_id == contact.id)
    own = select(User.display_name).where(User.id == actor_id, User.agency_code == assignment.agency_code)
    mine = actor_id is not None and actor_id == contact.user_id
    name = contact.name if mine else connection.execute(own).scalar()
    return Acceptance(assignment.acknowledged_at, name, mine)


def _notice(connection: Connection, link: TaskLink) -> NoticeRow | None:
    statement = select(Notice.__table__).where(Notice.id == link.notice_id, Notice.contact_id == link.contact_id)
    row = connection.execute(statement).first()
    return NoticeRow.from_row(row) if row is not None else None


def _contact(connection: Connection, contact_id: int) -> ContactRow | None:
    row = connection.execute(select(Contact.__table__).where(Contact.id == contact_id)).first()
    return ContactRow.from_row(row) if row is not None else None


def _assignment(connection: Connection, assignment_id: int | None) -> AssignmentRow | None:
    if assignment_id is None:
        return None
    row = connection.execute(select(Assignment.__table__).where(Assignment.id == assignment_id)).first()
    return AssignmentRow.from_row(row) if row is not None else None


def _elsewhere(connection: Connection, assignment: AssignmentRow) -> tuple[Elsewhere, ...]:
    """The agencies to which the ticket was sent after this one, and which have it still."""
    rows = connection.execute(
        select(Assignment.agency_code, Assignment.sent_at)
        .where(
            Assignment.ticket_id == assignment.ticket_id,
            Assignment.id > assignment.id,
            Assignment.agency_code != assignment.agency_code,
            Assignment.state.in_([state.value for state in LIVE_ASSIGNMENT_STATES]),
        )
        .order_by(Assignment.id)
    )
    return tuple(Elsewhere(row.agency_code, row.sent_at) for row in rows)
