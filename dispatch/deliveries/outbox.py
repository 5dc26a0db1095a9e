"""The outbox of notices: what is due on a channel goes to one worker; each attempt is written down before it is made.

A worker that dies between the sending and its mark leaves an attempt without an end. Nobody knows then whether the
message went out: it is sent again, marked as one that may come twice. Addresses and facts are read with the lease, the
last look before the sending; what nobody needs any more is withdrawn then. Several notices of one person go as one
message, because carriers limit what one person gets, and because nobody reads ten.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from dispatch.city.ladders import Channel, Reach
from dispatch.deliveries.inbound import read_again
from dispatch.deliveries.notices import NoticeKind, any_channel_due, next_channel, raise_level, rank
from dispatch.deliveries.rules import Attempt, AttemptResult, wait_before
from dispatch.deliveries.saying import Said, said_by
from dispatch.storage.epochs import read_epoch
from dispatch.storage.rows import ContactChannelRow, DeliveryAttemptRow, NoticeDeliveryRow, NoticeRow
from dispatch.storage.tables import (
    Contact,
    ContactChannel,
    DeliveryAttempt,
    InboundEvent,
    Ladder,
    Notice,
    NoticeDelivery,
    PushSubscription,
    User,
)
from dispatch.storage.tables.deliveries import WAITING_EVENTS, WAITING_NOTICE_DELIVERIES
from dispatch.storage.transaction import Transaction

MOST_BUNDLED = 80  #: notices of one person in one message: whoever has slept through a night of them reads one
_LOOKED_AT = 10  #: notices for each message that may be sent now; what one command costs stays small
#: How far apart one person's messages go. WhatsApp takes about one in 6 s, Telegram one in a second.
_APART = {Channel.WHATSAPP: timedelta(seconds=6), Channel.TELEGRAM: timedelta(seconds=1)}
#: Those that want an answer of their own go alone.
_ALONE = frozenset({NoticeKind.TEST, NoticeKind.CHECK_IN, NoticeKind.REPLY})
#: News of shifts and rosters go together, and behind what is about work.
_NEWS = frozenset({NoticeKind.ROSTER, NoticeKind.HOLES})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes, looked up for one attempt. Personal data, never kept or logged."""

    address: str  #: number, chat, mailbox, service; of push the browser's endpoint
    provider_user: str | None = None  #: what the carrier calls this person besides
    window_open: bool = False  #: WhatsApp: free text and buttons may be sent now
    test_code: str | None = None  #: what a test on this address has to be answered with
    p256dh: str = ""  #: of push: the browser's keys
    auth: str = ""


@dataclass(frozen=True, slots=True)
class LeasedNotice:
    """A message that one worker is to send now."""

    delivery_id: int
    attempt_id: int
    message_id: str
    channel: Channel
    lease: str
    until: datetime  #: nobody else has it before; afterwards it must not be sent under this lease any more
    to: Address
    said: tuple[Said, ...]  #: more than one where several notices of one person go as one message
    uncertain: bool  #: an earlier attempt ended unknown: it may come twice
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Leased:
    """What came of asking for work."""

    messages: tuple[LeasedNotice, ...]
    lost: tuple[int, ...]  #: ladder steps to which no channel has got through: whoever climbs goes on


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of noting an attempt's end."""

    changed: bool  #: False: another worker has the message by now
    lost: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DueWork:
    """What there is to do, by a look without a write."""

    channels: frozenset[str]  #: on which some message is due
    next_channels: bool  #: some notice waits for its next channel
    events: bool  #: something that a carrier told waits to be understood


def due_work(connection: Connection, now: datetime) -> DueWork:
    """Look through indexes that hold only what waits, so that an idle node costs next to nothing."""
    epoch = read_epoch(connection)
    due = select(NoticeDelivery.channel).where(*_due(now), NoticeDelivery.epoch == epoch).distinct()
    events = select(InboundEvent.id).where(WAITING_EVENTS).limit(1)
    return DueWork(
        frozenset(connection.execute(due).scalars()),
        any_channel_due(connection, now),
        connection.execute(events).first() is not None,
    )


def lease_notices(tx: Transaction, *, channel: Channel, limit: int) -> Leased:
    """Hand out what is due on a channel to one worker alone.

    1. Take what is due, oldest first, of the present epoch; what came back with a backup waits for a person.
    2. Withdraw what nobody needs any more, give up what is past its deadline, go on where the address is gone.
    3. Put one person's notices together, unless the carrier has to wait for that person. What may have been sent
       together already stays together and alone: whatever the carrier tells of that message is true of each of them.
    4. Write each attempt down, and hand its message over.
    """
    statement = select(NoticeDelivery.__table__).where(
        *_due(tx.now), NoticeDelivery.channel == channel.value, NoticeDelivery.epoch == tx.epoch
    )
    oldest = statement.order_by(NoticeDelivery.due_at, NoticeDelivery.id).limit(limit * _LOOKED_AT)
    found = [NoticeDeliveryRow.from_row(row) for row in tx.connection.execute(oldest).all()]
    found = sorted([*found, *_companions(tx, statement, found)], key=lambda row: (row.due_at, row.id))
    rows = [_freed(tx, row) for row in found]
    notices = _notices(tx, rows)
    ended = _ended_ladders(tx, notices.values())
    addresses = _Addresses(tx, channel, rows)
    lost: list[int] = []
    wanted: list[NoticeDeliveryRow] = []
    for row in rows:
        notice = notices[row.notice_id]
        if not _is_wanted(tx, notice, ended):
            _end(tx, [row], "withdrawn")
        elif row.deadline <= tx.now:
            lost += _no_more(tx, [row], "expired", "deadline")
        elif addresses.of(row) is None:
            lost += _no_more(tx, [row], "failed", "address_gone")
        else:
            wanted.append(row)
    said = said_by(tx.connection, [row.notice_id for row in wanted])
    messages: list[LeasedNotice] = []
    for bundle in _bundles(wanted, notices):
        if len(messages) == limit:
            break
        if addresses.takes(bundle):
            messages.append(_lease(tx, bundle, addresses, said))
    return Leased(tuple(messages), tuple(lost))


def finish_notice_attempt(tx: Transaction, *, attempt_id: int, lease: str, result: AttemptResult) -> Finished:
    """Note how an attempt ended.

    A lease that has passed to another worker changes nothing, unless the carrier has the message after all.
    """
    attempt, row = _attempt(tx, attempt_id)
    own = row.lease == lease
    if attempt.outcome is None or result.attempt is Attempt.ACCEPTED:
        tx.update(
            DeliveryAttempt,
            DeliveryAttempt.id == attempt_id,
            ended_at=tx.now,
            outcome=result.attempt.value,
            problem=_code(result.problem),
            provider_id=result.provider_id or attempt.provider_id,
        )
    rows = [row, *_carried(tx, row)]
    if result.attempt is Attempt.ACCEPTED:
        if result.provider_id is not None:
            read_again(tx, row.channel, result.provider_id)
        return Finished(_accept(tx, rows, result))
    if not own or row.ended_at is not None:
        return Finished(changed=False)
    if result.attempt is Attempt.NEVER:
        _note_problem(tx, row, result)
        return Finished(True, _no_more(tx, rows, "failed", result.problem or "refused"))
    return Finished(True, _again(tx, rows, result))


def accepted_by_receipt(tx: Transaction, row: NoticeDeliveryRow) -> None:
    """Note that a carrier has a message, of which it told before we had noted it ourselves."""
    _accept(tx, [row, *_carried(tx, row)], AttemptResult(Attempt.ACCEPTED))


def refused_by_receipt(tx: Transaction, rows: Sequence[NoticeDeliveryRow], problem: str) -> tuple[int, ...]:
    """Note that a carrier has given up what it had accepted; return the ladder steps that are lost by it."""
    _note_problem(tx, rows[0], AttemptResult(Attempt.NEVER, problem))
    newest = {row.notice_id: _newest(tx, row.notice_id) for row in rows}
    _end(tx, rows, "failed", problem=_code(problem))
    lost = []
    for row in rows:
        notice = _notices(tx, [row])[row.notice_id]
        over = notice.ended_at is not None or rank(notice.level) > rank(Reach.ACCEPTED)
        if over or newest[row.notice_id] != row.id or notice.kind == NoticeKind.REPLY:
            continue
        step_id = next_channel(tx, notice)
        if step_id is not None:
            lost.append(step_id)
    return tuple(lost)


def send_again(tx: Transaction, rows: Sequence[NoticeDeliveryRow]) -> None:
    """Send what a carrier had accepted and cannot deliver in this form once more, in another."""
    _set(tx, rows, ended_at=None, outcome=None, accepted_at=None, due_at=tx.now, carried_by=None)


def _newest(tx: Transaction, notice_id: int) -> int | None:
    newest = select(NoticeDelivery.id).where(NoticeDelivery.notice_id == notice_id)
    return tx.connection.execute(newest.order_by(NoticeDelivery.id.desc()).limit(1)).scalar()


def with_carried(tx: Transaction, row: NoticeDeliveryRow) -> list[NoticeDeliveryRow]:
    """A delivery, and those that its message said too."""
    carried = select(NoticeDelivery.__table__).where(NoticeDelivery.carried_by == row.id)
    return [row, *map(NoticeDeliveryRow.from_row, tx.connection.execute(carried).all())]


def _due(now: datetime) -> tuple[Any, ...]:
    free = or_(NoticeDelivery.leased_until.is_(None), NoticeDelivery.leased_until <= now)
    return WAITING_NOTICE_DELIVERIES, NoticeDelivery.due_at <= now, free


def _companions(tx: Transaction, due: Select[Any], found: Sequence[NoticeDeliveryRow]) -> list[NoticeDeliveryRow]:
    """What is due besides and was in the same messages as these."""
    tried = {row.carried_by or row.id for row in found if row.attempts}
    if not tried:
        return []
    same_message = or_(NoticeDelivery.carried_by.in_(tried), NoticeDelivery.id.in_(tried))
    others = due.where(same_message, NoticeDelivery.id.not_in([row.id for row in found]))
    return [NoticeDeliveryRow.from_row(row) for row in tx.connection.execute(others).all()]


def _freed(tx: Transaction, row: NoticeDeliveryRow) -> NoticeDeliveryRow:
    """A row whose lease ran out without a mark has perhaps been sent."""
    if row.lease is None:
        return row
    open_attempt = DeliveryAttempt.delivery_id == (row.carried_by or row.id), DeliveryAttempt.outcome.is_(None)
    tx.update(DeliveryAttempt, *open_attempt, ended_at=tx.now, outcome=Attempt.UNKNOWN.value, problem="worker_died")
    values: dict[str, Any] = {"lease": None, "leased_until": None, "uncertain": True}
    _set(tx, [row], **values)
    return replace(row, **values)


def _notices(tx: Transaction, rows: Sequence[NoticeDeliveryRow]) -> dict[int, NoticeRow]:
    statement = select(Notice.__table__).where(Notice.id.in_([row.notice_id for row in rows]))
    return {row.id: NoticeRow.from_row(row) for row in tx.connection.execute(statement).all()}


def _ended_ladders(tx: Transaction, notices: Iterable[NoticeRow]) -> set[int]:
    ids = {notice.ladder_id for notice in notices if notice.ladder_id is not None}
    statement = select(Ladder.id).where(Ladder.id.in_(ids), Ladder.ended_at.is_not(None))
    return set(tx.connection.execute(statement).scalars()) if ids else set()


def _is_wanted(tx: Transaction, notice: NoticeRow, ended_ladders: set[int]) -> bool:
    """Whether the notice and its ladder still want the message: nobody has to hear twice, or of what is over."""
    if notice.ended_at is not None or rank(notice.level) >= rank(Reach.READ):
        return False
    if notice.ladder_id in ended_ladders and not notice.facts.get("each"):
        return False
    reach = tx.city.ladders.reach.get(Channel(notice.channel)) if notice.channel in set(Channel) else None
    return reach is None or rank(notice.level) < rank(reach.needs)


class _Addresses:
    """Where the rows of one lease go, and which persons their carrier has to wait for."""

    def __init__(self, tx: Transaction, channel: Channel, rows: Sequence[NoticeDeliveryRow]) -> None:
        self._tx, self._channel = tx, channel
        ids = {row.contact_channel_id for row in rows if row.contact_channel_id is not None}
        channels = select(ContactChannel.__table__).where(
            ContactChannel.id.in_(ids), ContactChannel.removed_at.is_(None)
        )
        self._channels: dict[int, ContactChannelRow] = {
            row.id: ContactChannelRow.from_row(row) for row in (tx.connection.execute(channels).all() if ids else ())
        }
        self._free_at = {one.id: one.next_send_at for one in self._channels.values()}
        answered = {row.inbound_event_id for row in rows if row.inbound_event_id is not None}
        senders = select(InboundEvent.id, InboundEvent.sender).where(InboundEvent.id.in_(answered))
        self._strangers = {
            row.id: Address(row.sender, window_open=True)
            for row in (tx.connection.execute(senders).all() if answered else ())
            if row.sender
        }
        browsers = {row.push_subscription_id for row in rows if row.push_subscription_id is not None}
        subscriptions = (
            select(PushSubscription.__table__)
            .join(User, User.id == PushSubscription.user_id)
            .where(PushSubscription.id.in_(browsers), PushSubscription.gone_at.is_(None), User.deactivated_at.is_(None))
        )
        left = select(Contact.id).where(
            Contact.id.in_({row.contact_id for row in rows if row.push_subscription_id}),
            Contact.removed_at.is_not(None),
        )
        self._left = set(tx.connection.execute(left).scalars()) if browsers else set()
        self._browsers = {
            row.id: Address(row.endpoint, p256dh=row.p256dh, auth=row.auth)
            for row in (tx.connection.execute(subscriptions).all() if browsers else ())
        }

    def of(self, row: NoticeDeliveryRow) -> Address | None:
        """The address of a delivery; None where the person has it no more."""
        if row.push_subscription_id is not None:
            return None if row.contact_id in self._left else self._browsers.get(row.push_subscription_id)
        if row.inbound_event_id is not None:
            return self._strangers.get(row.inbound_event_id)
        channel = self._channels.get(row.contact_channel_id or 0)
        if channel is None:
            return None
        open_ = channel.window_until is not None and channel.window_until > self._tx.now
        return Address(channel.address, channel.provider_user, open_, channel.test_code)

    def takes(self, bundle: Sequence[NoticeDeliveryRow]) -> bool:
        """Whether the carrier takes a message of this person now; otherwise it is due when it does."""
        id_ = bundle[0].contact_channel_id
        if id_ is None:
            return True
        free_at = self._free_at[id_]
        if free_at is not None and free_at > self._tx.now:
            _set(self._tx, bundle, due_at=free_at)
            return False
        apart = _APART.get(self._channel)
        if apart is not None:
            self._free_at[id_] = self._tx.now + apart
            self._tx.update(ContactChannel, ContactChannel.id == id_, next_send_at=self._free_at[id_])
        return True


def _bundles(rows: Iterable[NoticeDeliveryRow], notices: Mapping[int, NoticeRow]) -> list[list[NoticeDeliveryRow]]:
    """The rows, those of one person and address together; a full bundle is followed by another.

    What may have been sent already is joined by nothing new.
    """
    bundles: dict[tuple[int | str | None, ...], list[list[NoticeDeliveryRow]]] = {}
    for row in sorted(rows, key=lambda row: notices[row.notice_id].kind in _NEWS):
        kind = notices[row.notice_id].kind
        apart = row.id if kind in _ALONE else kind if kind in _NEWS else None
        sent_with = (row.carried_by or row.id) if row.uncertain and row.attempts else None
        key = (row.contact_channel_id, row.push_subscription_id, apart, sent_with)
        of_person = bundles.setdefault(key, [[]])
        if len(of_person[-1]) == MOST_BUNDLED:
            of_person.append([])
        of_person[-1].append(row)
    return [bundle for of_person in bundles.values() for bundle in of_person]


def _lease(
    tx: Transaction, bundle: Sequence[NoticeDeliveryRow], addresses: _Addresses, said: Mapping[int, Said]
) -> LeasedNotice:
    first, *others = bundle
    to = addresses.of(first)
    assert to is not None
    lease = secrets.token_hex(16)
    until = tx.now + timedelta(seconds=tx.city.policy.deliveries.lease_s)
    _set(tx, bundle, lease=lease, leased_until=until, attempts=NoticeDelivery.attempts + 1)
    _set(tx, [first], carried_by=None)
    _set(tx, others, carried_by=first.id)
    attempt_id = tx.insert(DeliveryAttempt, delivery_id=first.id, channel=first.channel, began_at=tx.now)
    return LeasedNotice(
        first.id,
        attempt_id,
        first.message_id,
        Channel(first.channel),
        lease,
        until,
        to,
        tuple(said[row.notice_id] for row in bundle),
        any(row.uncertain for row in bundle),
        max(row.deadline for row in bundle),
    )


def _attempt(tx: Transaction, attempt_id: int) -> tuple[DeliveryAttemptRow, NoticeDeliveryRow]:
    found = select(DeliveryAttempt.__table__).where(DeliveryAttempt.id == attempt_id)
    attempt = DeliveryAttemptRow.from_row(tx.connection.execute(found).one())
    of = select(NoticeDelivery.__table__).where(NoticeDelivery.id == attempt.delivery_id)
    return attempt, NoticeDeliveryRow.from_row(tx.connection.execute(of).one())


def _carried(tx: Transaction, row: NoticeDeliveryRow) -> list[NoticeDeliveryRow]:
    """What the message of a delivery says besides, as far as it still waits."""
    return [one for one in with_carried(tx, row)[1:] if one.ended_at is None]


def _accept(tx: Transaction, rows: Sequence[NoticeDeliveryRow], result: AttemptResult) -> bool:
    """The carrier has it; also of what was withdrawn or given up meanwhile, because that is the truth."""
    changed = any(row.outcome != "accepted" for row in rows)
    values: dict[str, Any] = {"accepted_at": tx.now, "outcome": "accepted", "problem": None}
    _set(tx, rows, ended_at=tx.now, lease=None, leased_until=None, **values)
    for row in rows:
        raise_level(tx, row.notice_id, Reach.ACCEPTED, channel=row.channel)
    channel_id = rows[0].contact_channel_id
    if channel_id is not None and changed:
        moved = {"address": result.address} if result.address else {}
        tx.update(ContactChannel, ContactChannel.id == channel_id, problem=None, problem_at=None, **moved)
    return changed


def _again(tx: Transaction, rows: Sequence[NoticeDeliveryRow], result: AttemptResult) -> tuple[int, ...]:
    """Try again later, however often, until the deadline."""
    share = secrets.randbelow(1000) / 1000
    wait_s = max(wait_before(max(row.attempts for row in rows), tx.city.policy.deliveries, share), result.wait_s or 0.0)
    due_at = tx.now + timedelta(seconds=wait_s)
    over = [row for row in rows if row.deadline <= due_at]
    waiting = [row for row in rows if row.deadline > due_at]
    free: dict[str, Any] = {"due_at": due_at, "lease": None, "leased_until": None, "problem": _code(result.problem)}
    if result.attempt is Attempt.UNKNOWN:
        _set(tx, waiting, uncertain=True, **free)
    else:
        _set(tx, waiting, **free)
        _set(tx, [row for row in waiting if not row.uncertain], carried_by=None)
    channel_id = rows[0].contact_channel_id
    if result.this_person and channel_id is not None:
        tx.update(ContactChannel, ContactChannel.id == channel_id, next_send_at=due_at)
    return _no_more(tx, over, "expired", result.problem or "deadline") if over else ()


def _no_more(tx: Transaction, rows: Sequence[NoticeDeliveryRow], outcome: str, problem: str) -> tuple[int, ...]:
    """End deliveries without success, and use the next channel of their notices at once; return steps that are lost."""
    _end(tx, rows, outcome, problem=_code(problem))
    lost = []
    for notice in _notices(tx, rows).values():
        browser = rows[0].push_subscription_id is not None
        if notice.kind == NoticeKind.REPLY:
            continue  # an answer goes by the way the question came
        if notice.ended_at is None and not (browser and _another_browser(tx, notice.id)):
            step_id = next_channel(tx, notice)
            if step_id is not None:
                lost.append(step_id)
    return tuple(lost)


def _another_browser(tx: Transaction, notice_id: int) -> bool:
    """Whether another browser of the same person may still get through."""
    same = NoticeDelivery.notice_id == notice_id, NoticeDelivery.channel == Channel.PUSH.value
    alive = or_(NoticeDelivery.ended_at.is_(None), NoticeDelivery.outcome == "accepted")
    return tx.connection.execute(select(NoticeDelivery.id).where(*same, alive).limit(1)).first() is not None


def _note_problem(tx: Transaction, row: NoticeDeliveryRow, result: AttemptResult) -> None:
    """Keep with the address why it did not work, and that a browser is gone."""
    if row.push_subscription_id is not None and result.problem == "gone":
        tx.update(PushSubscription, PushSubscription.id == row.push_subscription_id, gone_at=tx.now)
    if row.contact_channel_id is not None and result.problem != "not_configured":
        problem = {"problem": _code(result.problem), "problem_at": tx.now}
        tx.update(ContactChannel, ContactChannel.id == row.contact_channel_id, **problem)


def _end(tx: Transaction, rows: Sequence[NoticeDeliveryRow], outcome: str, **values: Any) -> None:
    _set(tx, rows, ended_at=tx.now, outcome=outcome, lease=None, leased_until=None, **values)


def _set(tx: Transaction, rows: Sequence[NoticeDeliveryRow], **values: Any) -> None:
    if rows:
        tx.update(NoticeDelivery, NoticeDelivery.id.in_([row.id for row in rows]), **values)


def _code(problem: str | None) -> str | None:
    return problem[:40] if problem is not None else None
