"""Carries out what people answer: who they are by their address, which task by `tasks.py`.

What is not clear is asked back, and never guessed. What comes too late is noted and answered, and not carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from dispatch.agencies.assignments import (
    acknowledge_assignment,
    clear_assignment,
    decline_assignment,
    set_en_route,
    set_on_scene,
)
from dispatch.city.ladders import Channel, Reach
from dispatch.deliveries.notices import NoticeKind, Sender, raise_level, reply
from dispatch.duty.acting import actor_of_contact
from dispatch.duty.channel_tests import answer_test
from dispatch.duty.checking_in import check_in
from dispatch.errors import CommandRefused
from dispatch.replies.tasks import Task, open_tasks, tasks_meant
from dispatch.replies.told import Answer
from dispatch.replies.words import Asked, Wish, decline_reason, understand
from dispatch.roles import AGENCY_ROLES, Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import InboundEventRow
from dispatch.storage.tables import Assignment, Contact, ContactChannel, InboundEvent, Notice
from dispatch.storage.transaction import Outcome, Transaction

#: An answer that was under way for longer is noted and not carried out: meanwhile others have acted.
LONGEST_UNDER_WAY = timedelta(hours=1)
#: For so long after a person's own message WhatsApp lets us write freely.
WINDOW = timedelta(hours=24)
#: Carriers write whole seconds, and their clocks are not ours.
_CLOCKS_APART = timedelta(seconds=5)
#: Help, and answers to strangers, come once in this: two machines must not talk to each other all night.
_HELP_APART, _STRANGER_APART = timedelta(minutes=2), timedelta(hours=6)
_MOST_NAMED = 8  #: tasks that are named when we ask which one is meant


@dataclass(frozen=True, slots=True)
class _Person:
    """A contact who has the address that an answer came from."""

    contact_id: int
    channel_id: int
    agency_code: str
    role: str


def take_answer(tx: Transaction, answer: Answer, event: InboundEventRow) -> str:
    """Carry an answer out, or say in words why not; return what came of it."""
    people = _people(tx, answer)
    if not people:
        return _to_stranger(tx, answer, event)
    to = Sender(answer.channel, event.id, people[0].contact_id, people[0].channel_id, people[0].role)
    _note_contact(tx, answer, people)
    if not answer.readable:
        return _help(tx, to, "words_only")
    for address in answer.addresses:
        if answer_test(tx, channel=answer.channel.value, address=address, words=answer.words).changed:
            _mark_answered(tx, people, Notice.kind == NoticeKind.TEST.value, answer.channel)
            reply(tx, to, says="tested")
            return "tested"
    asked = understand(answer.payload, answer.words)
    if asked.wish is None:
        return _help(tx, to, "help")
    if asked.wish is Wish.CHECK_IN:
        return _check_in(tx, people, answer, to)
    return _report(tx, people, answer, asked, to)


def _people(tx: Transaction, answer: Answer) -> list[_Person]:
    """Everybody who has this address; one telephone may be several contacts'."""
    if not answer.addresses:
        return []
    known = or_(
        ContactChannel.address.in_(answer.addresses),
        ContactChannel.provider_user.in_(answer.addresses),
    )
    rows = tx.connection.execute(
        select(Contact.id, ContactChannel.id.label("channel_id"), Contact.agency_code, Contact.role)
        .join(ContactChannel, ContactChannel.contact_id == Contact.id)
        .where(
            ContactChannel.channel == answer.channel.value,
            known,
            ContactChannel.removed_at.is_(None),
            Contact.removed_at.is_(None),
        )
        .order_by(Contact.id)
    ).all()
    return [_Person(row.id, row.channel_id, row.agency_code, row.role) for row in rows]


def _note_contact(tx: Transaction, answer: Answer, people: Sequence[_Person]) -> None:
    """Keep what the carrier calls the person, and how long it lets us write freely."""
    values: dict[str, Any] = {"provider_user": answer.person[:80]} if answer.person else {}
    if answer.channel is Channel.WHATSAPP and answer.at is not None:
        values["window_until"] = min(answer.at, tx.now) + WINDOW
    if values:
        tx.update(ContactChannel, ContactChannel.id.in_([person.channel_id for person in people]), **values)


def _to_stranger(tx: Transaction, answer: Answer, event: InboundEventRow) -> str:
    """Say once that this address is nobody's here; nothing is carried out."""
    if event.sender is None:
        return "stranger"
    before = select(InboundEvent.id).where(
        InboundEvent.channel == event.channel,
        InboundEvent.sender == event.sender,
        InboundEvent.outcome == "stranger",
        InboundEvent.received_at > tx.now - _STRANGER_APART,
    )
    if tx.connection.execute(before.limit(1)).first() is None:
        reply(tx, Sender(answer.channel, event.id, None, None, ""), says="stranger")
    return "stranger"


def _help(tx: Transaction, to: Sender, says: str) -> str:
    """Explain what can be answered, unless something was said just now."""
    before = select(Notice.id).where(
        Notice.contact_id == to.contact_id,
        Notice.kind == NoticeKind.REPLY.value,
        Notice.created_at > tx.now - _HELP_APART,
    )
    if tx.connection.execute(before.limit(1)).first() is None:
        reply(tx, to, says=says)
    return says


def _check_in(tx: Transaction, people: Sequence[_Person], answer: Answer, to: Sender) -> str:
    found = [check_in(tx, contact_id=person.contact_id, by=answer.channel.value) for person in people]
    ready = any(one.duty_id is not None for one in found)
    if ready:
        _mark_answered(tx, people, Notice.kind == NoticeKind.CHECK_IN.value, answer.channel)
    says = "checked_in" if ready else "no_duty"
    reply(tx, to, says=says)
    return says


def _report(tx: Transaction, people: Sequence[_Person], answer: Answer, asked: Asked, to: Sender) -> str:
    """Find the task that is meant and report on it, as the contact whose agency has it."""
    by_agency = {person.agency_code: person for person in reversed(people) if person.role in AGENCY_ROLES}
    tasks = tasks_meant(tx.connection, tx.now, by_agency.keys(), answer, asked)
    own = [task for task in tasks if task.agency_code in by_agency]
    if tasks and not own:
        reply(tx, to, says="not_yours", number=tasks[0].short)
        return "not_yours"
    if len(own) != 1:
        named = own or open_tasks(tx.connection, by_agency.keys())
        says = "which" if named else "no_task"
        reply(tx, to, says=says, numbers=[task.short for task in named[:_MOST_NAMED]])
        return says
    return _report_on(tx, by_agency[own[0].agency_code], own[0], answer, asked, to)


def _report_on(tx: Transaction, person: _Person, task: Task, answer: Answer, asked: Asked, to: Sender) -> str:
    actor = actor_of_contact(tx.connection, person.contact_id)
    assert actor is not None  # removed contacts were not looked for
    missing = _missing(tx, asked)
    if missing is not None:
        reply(tx, to, says=missing, number=task.short)
        return missing
    if answer.at is not None and (tx.now - answer.at > LONGEST_UNDER_WAY or answer.at < task.sent_at - _CLOCKS_APART):
        return _too_late(tx, actor, person, task, asked, to)
    try:
        outcome = _carry_out(tx, actor, task.id, asked)
    except CommandRefused:
        return _too_late(tx, actor, person, task, asked, to)
    _mark_answered(tx, [person], Notice.assignment_id == task.id, answer.channel)
    state = tx.connection.execute(select(Assignment.state).where(Assignment.id == task.id)).scalar_one()
    says = "done" if outcome.changed else "already"
    reply(tx, to, ticket_id=task.ticket_id, says=says, number=task.short, state=state)
    return says


def _missing(tx: Transaction, asked: Asked) -> str | None:
    """What a report lacks, as the answer that asks for it."""
    if asked.wish is Wish.CLEAR and not asked.rest:
        return "result"
    if asked.wish is Wish.DECLINE and decline_reason(asked.rest, tx.city.decline_reasons) is None:
        return "reason"
    return None


def _carry_out(tx: Transaction, actor: Actor, assignment_id: int, asked: Asked) -> Outcome:
    if asked.wish is Wish.ACCEPT:
        return acknowledge_assignment(tx, actor=actor, assignment_id=assignment_id)
    if asked.wish is Wish.EN_ROUTE:
        return set_en_route(tx, actor=actor, assignment_id=assignment_id)
    if asked.wish is Wish.ON_SCENE:
        return set_on_scene(tx, actor=actor, assignment_id=assignment_id)
    if asked.wish is Wish.CLEAR:
        return clear_assignment(tx, actor=actor, assignment_id=assignment_id, note=asked.rest)
    reason = decline_reason(asked.rest, tx.city.decline_reasons)
    assert reason is not None
    return decline_assignment(tx, actor=actor, assignment_id=assignment_id, reason_code=reason, note=asked.rest)


def _too_late(tx: Transaction, actor: Actor, person: _Person, task: Task, asked: Asked, to: Sender) -> str:
    """Note an answer that leads nowhere any more."""
    own = Notice.contact_id == person.contact_id, Notice.assignment_id == task.id
    newest = select(Notice.id).where(*own).order_by(Notice.id.desc()).limit(1)
    notice_id = tx.connection.execute(newest).scalar()
    tx.record(
        JournalKind.NOTICE_ANSWERED_LATE,
        actor,
        ticket_id=task.ticket_id,
        assignment_id=task.id,
        answer=str(asked.wish),
        channel=to.channel.value,
        **({"notice_id": notice_id} if notice_id is not None else {}),
    )
    reply(tx, to, ticket_id=task.ticket_id, says="late", number=task.short, state=task.state)
    return "late"


def _mark_answered(tx: Transaction, people: Sequence[_Person], of: Any, channel: Channel) -> None:
    """The notices of these people about a task (or of a kind) have been answered; nothing more of them is sent."""
    contacts = Notice.contact_id.in_([person.contact_id for person in people])
    notices = list(tx.connection.execute(select(Notice.id).where(contacts, of)).scalars())
    for notice_id in notices:
        raise_level(tx, notice_id, Reach.ANSWERED, channel=channel.value)
    still_open = Notice.id.in_(notices), Notice.ended_at.is_(None)
    tx.update(Notice, *still_open, ended_at=tx.now, next_channel_at=None)
