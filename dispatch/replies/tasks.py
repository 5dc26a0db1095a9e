"""Which task an answer means: by the button that was pressed, then by what is quoted, then by the number typed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select

from dispatch.replies.told import Answer
from dispatch.replies.words import Asked
from dispatch.storage.tables import Assignment, DeliveryAttempt, Notice, NoticeDelivery, Ticket
from dispatch.tickets.lifecycle import LIVE_ASSIGNMENT_STATES
from dispatch.tickets.views import short_number

#: How far back a number means a task, if none of the open ones has it.
_RECENT = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Task:
    """An assignment that an answer may mean."""

    id: int
    ticket_id: int
    agency_code: str
    state: str
    number: str
    sent_at: datetime

    @property
    def short(self) -> str:
        """The number as people say it."""
        return short_number(self.number)


def tasks_meant(
    connection: Connection, now: datetime, agencies: Collection[str], answer: Answer, asked: Asked
) -> list[Task]:
    """The tasks that an answer may mean; `agencies` are those for which the sender may answer."""
    by_message = _of_button(connection, asked.message_id) if asked.message_id else []
    if not by_message and answer.quoted is not None:
        by_message = _of_quoted(connection, answer.channel.value, answer.quoted)
    if asked.number is None:
        return by_message
    named = [task for task in by_message if asked.number in (task.short, task.number)]
    if named or not agencies:
        return named
    number = Ticket.number == asked.number if "-" in asked.number else Ticket.number.endswith(f"-{asked.number}")
    of = Assignment.agency_code.in_(agencies), number
    open_ = _tasks(connection, *of, Assignment.state.in_(LIVE_ASSIGNMENT_STATES))
    return open_ or _tasks(connection, *of, Assignment.sent_at > now - _RECENT)[-1:]


def open_tasks(connection: Connection, agencies: Collection[str]) -> list[Task]:
    """What these agencies have to do now."""
    live = Assignment.state.in_(LIVE_ASSIGNMENT_STATES)
    return _tasks(connection, Assignment.agency_code.in_(agencies), live) if agencies else []


def _of_button(connection: Connection, message_id: str) -> list[Task]:
    found = select(NoticeDelivery.id).where(NoticeDelivery.message_id == message_id)
    return _said_by(connection, list(connection.execute(found).scalars()))


def _of_quoted(connection: Connection, channel: str, provider_id: str) -> list[Task]:
    found = select(DeliveryAttempt.delivery_id).where(
        DeliveryAttempt.channel == channel, DeliveryAttempt.provider_id == provider_id
    )
    return _said_by(connection, list(connection.execute(found).scalars()))


def _said_by(connection: Connection, delivery_ids: list[int]) -> list[Task]:
    """The tasks that one message of ours is about; it may say several notices."""
    if not delivery_ids:
        return []
    carried = or_(NoticeDelivery.id.in_(delivery_ids), NoticeDelivery.carried_by.in_(delivery_ids))
    said = select(Notice.assignment_id).join(NoticeDelivery, NoticeDelivery.notice_id == Notice.id)
    found = connection.execute(said.where(carried, Notice.assignment_id.is_not(None)).distinct()).scalars()
    return _tasks(connection, Assignment.id.in_(list(found)))


def _tasks(connection: Connection, *where: Any) -> list[Task]:
    columns = Assignment.id, Assignment.ticket_id, Assignment.agency_code, Assignment.state
    rows = connection.execute(
        select(*columns, Ticket.number, Assignment.sent_at)
        .join(Ticket, Ticket.id == Assignment.ticket_id)
        .where(*where)
        .order_by(Assignment.id)
    ).all()
    return [Task(*row) for row in rows]
