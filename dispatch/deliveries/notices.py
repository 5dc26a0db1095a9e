"""Notices: what one person is to learn, over as many channels as it takes; for other commands' transactions.

A notice is tried by the person's channels in order. Each has a level that it must reach within a time (ladders.toml,
`[[reach]]`); where it does not come, the next one is used. What is sent, and to which address, is looked up at each
attempt, so that nothing goes to a number that was changed, nor about what is over.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, select

from dispatch.city.ladders import Channel, Reach
from dispatch.duty.on_duty import ChannelOfPerson, PersonOnDuty, channels_of
from dispatch.roles import Actor
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.prepared import PreparedInsert
from dispatch.storage.rows import NoticeRow
from dispatch.storage.tables import Notice, NoticeDelivery, table_of
from dispatch.storage.transaction import Transaction

PAGE = "page"  #: instead of a channel: told on a page of ours that is open
FAILED = "failed"  #: instead of a level: no channel got through
HOLE = "hole"  #: instead of a level: there was no channel at all
REPLY_WANTED = timedelta(minutes=10)  #: how long the answer to an answer is worth sending
_RANK = {level.value: rank for rank, level in enumerate(Reach)} | {FAILED: -1, HOLE: -2}


class NoticeKind(StrEnum):
    """What a notice is about, from which its words are made."""

    TASK = "task"  #: an agency's duty officer: here is a task
    REMINDER = "reminder"  #: the same person again: not accepted yet, not on the way yet
    ESCALATION = "escalation"  #: somebody higher: this clock is over
    CENTRE = "centre"  #: the centre's own clock is over
    INSTRUCTION = "instruction"  #: a leader asks for something
    TEST = "test"  #: answer this, so that we know that it reaches you
    CHECK_IN = "check_in"  #: your shift begins: say SIAP
    ROSTER = "roster"  #: your shift was changed
    HOLES = "holes"  #: shifts and rungs that reach nobody
    REPLY = "reply"  #: what came of an answer, to whoever gave it, by the way it came


@dataclass(frozen=True, slots=True)
class About:
    """What a notice belongs to."""

    kind: NoticeKind
    ticket_id: int | None = None
    assignment_id: int | None = None
    ladder_id: int | None = None
    step_id: int | None = None
    late: bool = False


class _NewNotice(NamedTuple):
    """What a notice has that has just been made, as the table's columns stand."""

    kind: str
    ladder_id: int | None
    step_id: int | None
    ticket_id: int | None
    assignment_id: int | None
    contact_id: int | None
    user_id: int | None
    role: str
    late: bool
    facts: dict[str, Any]
    created_at: datetime
    level: str
    level_at: datetime
    channel: str | None
    next_channel_at: datetime | None
    ended_at: datetime | None


class _NewDelivery(NamedTuple):
    """What is on its way and has not been tried, as the table's columns stand."""

    message_id: str
    notice_id: int
    channel: str
    contact_id: int | None
    contact_channel_id: int | None
    push_subscription_id: int | None
    dedupe_key: str
    epoch: str
    created_at: datetime
    due_at: datetime
    deadline: datetime
    attempts: int
    uncertain: bool


_NOTICES = PreparedInsert(table_of(Notice), _NewNotice._fields)
_DELIVERIES = PreparedInsert(table_of(NoticeDelivery), _NewDelivery._fields)


def rank(level: str) -> int:
    """How high a level is among all; what failed is below every other."""
    return _RANK.get(level, 0)


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is to be told what, until when it is wanted; `channels` puts these first, in this order."""

    person: PersonOnDuty
    about: About
    facts: Mapping[str, Any]
    deadline: datetime
    channels: Sequence[Channel] = ()

    @property
    def ways(self) -> list[ChannelOfPerson]:
        """The person's channels in the order in which they are used."""
        return sorted(self.person.channels, key=lambda way: _order(way, self.channels))


def notify(
    tx: Transaction,
    person: PersonOnDuty,
    about: About,
    *,
    facts: Mapping[str, Any],
    deadline: datetime,
    channels: Sequence[Channel] = (),
) -> int:
    """Tell somebody, within a command's transaction; return the notice's id.

    `channels` puts these first, in this order. Whoever has none, and no open page, is a hole: nothing is sent.
    """
    return notify_all(tx, [Telling(person, about, facts, deadline, channels)])[0]


def notify_all(tx: Transaction, tellings: Sequence[Telling]) -> Sequence[int]:
    """Tell several, with one statement for all notices and one for all that is to be sent; return the notices' ids."""
    if not tellings:
        return []
    ids = _NOTICES.ids(tx.connection, [_new_notice(tx, telling) for telling in tellings])
    _send_all(
        tx,
        [
            (notice_id, telling.person.contact_id, way, telling.deadline)
            for notice_id, telling in zip(ids, tellings, strict=True)
            for way in _first(telling.ways)
        ],
    )
    return ids


def _new_notice(tx: Transaction, telling: Telling) -> _NewNotice:
    person, about, ways = telling.person, telling.about, telling.ways
    level = Reach.QUEUED.value if ways else Reach.ACCEPTED.value if person.at_screen else HOLE
    within_s = tx.city.ladders.reach[ways[0].channel].within_s if ways else 0
    return _NewNotice(
        kind=about.kind.value,
        ladder_id=about.ladder_id,
        step_id=about.step_id,
        ticket_id=about.ticket_id,
        assignment_id=about.assignment_id,
        contact_id=person.contact_id,
        user_id=person.user_id,
        role=person.role.value,
        late=about.late,
        facts=dict(telling.facts),
        created_at=tx.now,
        level=level,
        level_at=tx.now,
        channel=PAGE if not ways and person.at_screen else None,
        next_channel_at=tx.now + timedelta(seconds=within_s) if ways else None,
        ended_at=None if ways else tx.now,
    )


def _first(ways: Sequence[ChannelOfPerson]) -> Sequence[ChannelOfPerson]:
    """The first of these ways; all browsers of one person are one."""
    if not ways or ways[0].channel is not Channel.PUSH:
        return ways[:1]
    return [way for way in ways if way.channel is Channel.PUSH]


def _order(one: ChannelOfPerson, first: Sequence[Channel]) -> int:
    return first.index(one.channel) if one.channel in first else len(first)


def _send_by(
    tx: Transaction, notice_id: int, contact_id: int | None, ways: Sequence[ChannelOfPerson], deadline: datetime
) -> None:
    """Queue the first of these ways, and say when the next one is used."""
    _send_all(tx, [(notice_id, contact_id, way, deadline) for way in _first(ways)])
    within = timedelta(seconds=tx.city.ladders.reach[ways[0].channel].within_s)
    tx.update(Notice, Notice.id == notice_id, next_channel_at=tx.now + within)


def _send_all(tx: Transaction, sendings: Sequence[tuple[int, int | None, ChannelOfPerson, datetime]]) -> None:
    """Queue what is to be sent: of which notice, to which contact, by which way, until when."""
    if sendings:
        _DELIVERIES.run(tx.connection, [_new_delivery(tx, *sending) for sending in sendings])


def _new_delivery(
    tx: Transaction, notice_id: int, contact_id: int | None, way: ChannelOfPerson, deadline: datetime
) -> _NewDelivery:
    return _NewDelivery(
        message_id=secrets.token_hex(16),
        notice_id=notice_id,
        channel=way.channel.value,
        contact_id=contact_id,
        contact_channel_id=way.contact_channel_id,
        push_subscription_id=way.push_subscription_id,
        dedupe_key=f"{notice_id}:{way.key}",
        epoch=tx.epoch,
        created_at=tx.now,
        due_at=tx.now,
        deadline=deadline,
        attempts=0,
        uncertain=False,
    )


@dataclass(frozen=True, slots=True)
class Sender:
    """Who has written to us: by a channel of a contact, or by an address that is nobody's here."""

    channel: Channel
    event_id: int
    contact_id: int | None
    contact_channel_id: int | None
    role: str


def reply(tx: Transaction, to: Sender, *, ticket_id: int | None = None, **facts: Any) -> int:
    """Answer somebody in words, by the way the question came; return the notice's id."""
    notice_id = tx.insert(
        Notice,
        kind=NoticeKind.REPLY.value,
        ticket_id=ticket_id,
        contact_id=to.contact_id,
        role=to.role,
        facts=facts,
        created_at=tx.now,
        level=Reach.QUEUED.value,
        level_at=tx.now,
    )
    tx.insert(
        NoticeDelivery,
        message_id=secrets.token_hex(16),
        notice_id=notice_id,
        channel=to.channel.value,
        contact_id=to.contact_id,
        contact_channel_id=to.contact_channel_id,
        inbound_event_id=to.event_id if to.contact_channel_id is None else None,
        dedupe_key=f"{notice_id}:reply",
        epoch=tx.epoch,
        created_at=tx.now,
        due_at=tx.now,
        deadline=tx.now + REPLY_WANTED,
    )
    return notice_id


def any_channel_due(connection: Connection, now: datetime) -> bool:
    """Whether some notice waits for its next channel: a look without a write."""
    due = select(Notice.id).where(*_due(now, read_epoch(connection) or "")).limit(1)
    return connection.execute(due).first() is not None


def use_next_channels(tx: Transaction, *, limit: int = 20) -> list[int]:
    """Try the next channel of each notice that has not come far enough in time.

    Returns the ladder steps to which nothing has got through at all: whoever climbs ladders goes on from there.
    """
    due = select(Notice.__table__).where(*_due(tx.now, tx.epoch))
    rows = tx.connection.execute(due.order_by(Notice.next_channel_at, Notice.id).limit(limit)).all()
    lost: list[int] = []
    for notice in map(NoticeRow.from_row, rows):
        step_id = next_channel(tx, notice)
        if step_id is not None:
            lost.append(step_id)
    return lost


def next_channel(tx: Transaction, notice: NoticeRow) -> int | None:
    """Go on to a notice's next channel; return its ladder step where that was the last and nothing has got through."""
    sent = tx.connection.execute(
        select(
            NoticeDelivery.contact_channel_id,
            NoticeDelivery.push_subscription_id,
            NoticeDelivery.channel,
            NoticeDelivery.deadline,
            NoticeDelivery.epoch,
        )
        .where(NoticeDelivery.notice_id == notice.id)
        .order_by(NoticeDelivery.id)
    ).all()
    tx.update(Notice, Notice.id == notice.id, next_channel_at=None)
    if any(row.epoch != tx.epoch for row in sent):
        return None  # it came back with a backup: nobody knows which channels were used since
    if sent and rank(notice.level) >= rank(tx.city.ladders.reach[Channel(sent[-1].channel)].needs):
        return None
    used = {(row.contact_channel_id, row.push_subscription_id) for row in sent}
    ways = [
        way
        for way in channels_of(tx.connection, notice.contact_id, notice.user_id)
        if (way.contact_channel_id, way.push_subscription_id) not in used
    ]
    deadline = max((row.deadline for row in sent), default=tx.now)
    if ways and deadline > tx.now:
        _send_by(tx, notice.id, notice.contact_id, ways, deadline)
        return None
    waiting, accepted = _alive(tx, notice.id)
    if accepted and rank(notice.level) >= rank(Reach.ACCEPTED):
        return None
    _fail(tx, notice, over=not waiting)
    return notice.step_id


def _alive(tx: Transaction, notice_id: int) -> tuple[bool, bool]:
    """Whether a message of a notice still waits to go out, and whether one was accepted and not refused afterwards."""
    sent = select(NoticeDelivery.ended_at, NoticeDelivery.outcome).where(NoticeDelivery.notice_id == notice_id)
    rows = tx.connection.execute(sent).all()
    return any(row.ended_at is None for row in rows), any(row.outcome == "accepted" for row in rows)


def raise_level(
    tx: Transaction, notice_id: int, level: Reach, *, channel: str, at: datetime | None = None
) -> int | None:
    """Note that a notice has come so far; a level that lies behind changes nothing. Return the journal number."""
    row = tx.connection.execute(select(Notice.__table__).where(Notice.id == notice_id)).first()
    if row is None or rank(NoticeRow.from_row(row).level) >= rank(level):
        return None
    notice = NoticeRow.from_row(row)
    values: dict[str, Any] = {"level": level.value, "level_at": at or tx.now, "channel": channel, "problem": None}
    if rank(level) >= rank(Reach.READ):
        values["next_channel_at"] = None
    tx.update(Notice, Notice.id == notice_id, **values)
    return tx.record(
        JournalKind.NOTICE_REACHED,
        Actor.system(),
        ticket_id=notice.ticket_id,
        assignment_id=notice.assignment_id,
        notice_id=notice_id,
        level=level.value,
        channel=channel,
    )


def _fail(tx: Transaction, notice: NoticeRow, *, over: bool) -> None:
    """No channel has got through. Where a message still waits for its carrier, it may get through yet."""
    values: dict[str, Any] = {"level": FAILED, "level_at": tx.now, "next_channel_at": None}
    tx.update(Notice, Notice.id == notice.id, **values, ended_at=tx.now if over else None)
    tx.record(
        JournalKind.NOTICE_FAILED,
        Actor.system(),
        ticket_id=notice.ticket_id,
        assignment_id=notice.assignment_id,
        notice_id=notice.id,
    )


def withdraw_notices(tx: Transaction, ladder_id: int, *, keep_each: bool = False) -> int:
    """Take back what a ladder's notices have not sent yet; return how many deliveries that were.

    With `keep_each` those of rungs on which each person has to confirm go out all the same.
    """
    told = select(Notice.id, Notice.facts).where(Notice.ladder_id == ladder_id, Notice.ended_at.is_(None))
    ids = [row.id for row in tx.connection.execute(told) if not (keep_each and row.facts.get("each"))]
    if not ids:
        return 0
    tx.update(Notice, Notice.id.in_(ids), ended_at=tx.now, next_channel_at=None)
    waiting = NoticeDelivery.notice_id.in_(ids), NoticeDelivery.ended_at.is_(None)
    return tx.update(NoticeDelivery, *waiting, ended_at=tx.now, outcome="withdrawn", lease=None, leased_until=None)


def _due(now: datetime, epoch: str) -> tuple[ColumnElement[bool], ...]:
    """Those of another epoch, which came back with a backup, wait for a person."""
    held = select(NoticeDelivery.id).where(NoticeDelivery.notice_id == Notice.id, NoticeDelivery.epoch != epoch)
    return Notice.next_channel_at.is_not(None), Notice.next_channel_at <= now, ~held.exists()
