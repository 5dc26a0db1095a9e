"""Commands of a location link: the operator asks for it, the caller's telephone opens it, consents, reports and ends.

The telephone proves itself by the link's token and, from its consent on, by a secret of its own; both are random, and
only their hashes come here. The journal says that a position came, never where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import select

from dispatch.deliveries.commands import cancel_delivery, forget_recipients, queue_delivery
from dispatch.deliveries.rules import SMS
from dispatch.errors import NotFound
from dispatch.locations.links import (
    Fix,
    LinkState,
    check_fix,
    check_link,
    link_state,
    sms_problem,
    worth_telling,
)
from dispatch.locations.reading import find_link
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import LocationLinkRow, LocationReportRow
from dispatch.storage.tables import Call, LocationLink, LocationReport, Ticket
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.tickets.changes import load_ticket
from dispatch.tickets.lifecycle import TicketCommand, TicketState


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationRequested(Outcome):
    """The link that was made."""

    link_id: int
    delivery_id: int | None  #: of the SMS that takes it to the caller; None: it is read out


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSeen(Outcome):
    """What a telephone that may use the link is told of it; nothing of the caller."""

    live_until: datetime | None  #: how long it shares its position; None: nobody has consented
    sequence: int  #: the newest position that came


@dataclass(frozen=True, slots=True, kw_only=True)
class FixReported(LinkSeen):
    """What came of a position."""

    stored: bool  #: a fix that came twice, or out of order, need not come again either
    too_soon: bool  #: after the last: the telephone sends its newest again


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten(Outcome):
    """How much was erased."""

    location_reports: int = 0
    delivery_recipients: int = 0


def request_location(
    tx: Transaction,
    *,
    actor: Actor,
    number: str,
    token_hash: str,
    message: str | None,
    call_id: int | None = None,
) -> LocationRequested:
    """Make a link for a call of the ticket (its newest) and queue `message`, which holds it, as an SMS.

    Without a message (no gateway), or where the number can receive none, the link is read out or copied. A link that
    was made for the same call before ends.
    """
    ticket = load_ticket(tx, number, actor, TicketCommand.REQUEST_LOCATION).row
    call = _call_of(tx, ticket.id, call_id)
    _end_earlier(tx, actor, ticket.id, call.id if call is not None else None)
    policy = tx.city.policy.location
    expires_at = tx.now + timedelta(seconds=policy.open_within_s)
    delivery_id = None
    caller = call.number if call is not None else None
    if message is not None and caller is not None and sms_problem(caller, policy.mobile_prefixes) is None:
        delivery_id = queue_delivery(
            tx,
            kind="location_link",
            channel=SMS,
            recipient=caller,
            body=message,
            ticket_id=ticket.id,
            expires_at=expires_at,
        )
    link_id = tx.insert(
        LocationLink,
        ticket_id=ticket.id,
        call_id=call.id if call is not None else None,
        token_hash=token_hash,
        delivery_id=delivery_id,
        created_at=tx.now,
        created_by=actor.user_id,
        expires_at=expires_at,
    )
    seq = tx.record(
        JournalKind.CALL_LOCATION_REQUESTED,
        actor,
        ticket_id=ticket.id,
        call_id=call.id if call is not None else None,
        link_id=link_id,
        by="sms" if delivery_id is not None else "hand",
    )
    return LocationRequested(True, number, seq=seq, link_id=link_id, delivery_id=delivery_id)


def end_location(tx: Transaction, *, actor: Actor, number: str) -> Outcome:
    """End every link of a ticket that is still open, by the operator."""
    ticket = load_ticket(tx, number, actor, TicketCommand.REQUEST_LOCATION).row
    seq = None
    for link in _open_links(tx, ticket.id):
        seq = _end(tx, actor, link, "operator")
    return Outcome(changed=seq is not None, ticket_number=number, seq=seq)


def open_location_link(tx: Transaction, *, token_hash: str, device_hash: str | None) -> LinkSeen:
    """Note that a page of the link is open somewhere; binds nothing. Raises LinkRefused."""
    link, state = _use(tx, token_hash, device_hash)
    if state is not LinkState.SENT:
        return LinkSeen(changed=False, **_as_seen(link))
    _set(tx, link.id, opened_at=tx.now)
    seq = tx.record(
        JournalKind.CALL_LOCATION_OPENED,
        Actor.caller(),
        ticket_id=link.ticket_id,
        call_id=link.call_id,
        link_id=link.id,
    )
    return LinkSeen(changed=True, seq=seq, **_as_seen(link))


def consent_to_location(tx: Transaction, *, token_hash: str, device_hash: str) -> LinkSeen:
    """Bind the link to the telephone whose owner consents; of two at once exactly one has it. Raises LinkRefused."""
    link, state = _use(tx, token_hash, device_hash)
    if state is LinkState.SHARING:
        return LinkSeen(changed=False, **_as_seen(link))
    live_until = tx.now + timedelta(seconds=tx.city.policy.location.share_s)
    _set(
        tx,
        link.id,
        device_hash=device_hash,
        consented_at=tx.now,
        live_until=live_until,
        opened_at=link.opened_at or tx.now,
    )
    if link.delivery_id is not None:
        cancel_delivery(tx, link.delivery_id, "not_needed")  # the caller had it read out before the SMS went
    seq = tx.record(
        JournalKind.CALL_LOCATION_SHARED,
        Actor.caller(),
        ticket_id=link.ticket_id,
        call_id=link.call_id,
        link_id=link.id,
    )
    return LinkSeen(changed=True, seq=seq, live_until=live_until, sequence=0)


def report_location(tx: Transaction, *, token_hash: str, device_hash: str | None, fix: Fix) -> FixReported:
    """Store where the telephone is. Raises LinkRefused, or InvalidValue for what cannot be a position.

    A fix that came twice or out of order, and one that came too soon after the last, changes nothing.
    """
    link, state = _use(tx, token_hash, device_hash)
    if state is not LinkState.SHARING:
        raise NotFound("consent", link.id)
    check_fix(fix)
    seen = _as_seen(link)
    if fix.sequence <= link.last_sequence:
        return FixReported(changed=False, **seen, stored=True, too_soon=False)
    policy = tx.city.policy.location
    if link.last_report_at is not None and (tx.now - link.last_report_at).total_seconds() < policy.least_gap_s:
        return FixReported(changed=False, **seen, stored=False, too_soon=True)
    # Older than the consent it cannot be: nobody had agreed to that.
    age_s = min(fix.age_s, (tx.now - (link.consented_at or tx.now)).total_seconds())
    report_id = tx.insert(
        LocationReport,
        ticket_id=link.ticket_id,
        call_id=link.call_id,
        link_id=link.id,
        source="link",
        lat=fix.lat,
        lon=fix.lon,
        accuracy_m=fix.accuracy_m,
        measured_at=tx.now - timedelta(seconds=age_s),
        received_at=tx.now,
    )
    values: dict[str, Any] = {"last_sequence": fix.sequence, "last_report_at": tx.now}
    row = tx.connection.execute(
        select(LocationReport.__table__).where(LocationReport.id == link.told_report_id)
    ).first()
    told = LocationReportRow.from_row(row) if row is not None else None
    seq = None
    if worth_telling(told, fix, tx.now, policy.tell_every_s):
        values["told_report_id"] = report_id
        seq = tx.record(
            JournalKind.CALL_LOCATION_REPORTED,
            Actor.caller(),
            ticket_id=link.ticket_id,
            call_id=link.call_id,
            link_id=link.id,
            report_id=report_id,
        )
    _set(tx, link.id, **values)
    return FixReported(changed=True, seq=seq, **seen, stored=True, too_soon=False)


def stop_sharing(tx: Transaction, *, token_hash: str, device_hash: str | None) -> Outcome:
    """End the link by its telephone. Raises LinkRefused."""
    link, state = _use(tx, token_hash, device_hash)
    if state is not LinkState.SHARING:
        raise NotFound("consent", link.id)
    return Outcome(changed=True, seq=_end(tx, Actor.caller(), link, "phone"))


def forget_locations(tx: Transaction) -> Forgotten:
    """Delete the positions of closed tickets, and the recipients of messages, that are older than the policy keeps."""
    before = tx.now - timedelta(days=tx.city.policy.location.kept_days)
    closed = select(Ticket.id).where(Ticket.state == TicketState.CLOSED)
    reports = tx.delete(LocationReport, LocationReport.received_at < before, LocationReport.ticket_id.in_(closed))
    recipients = forget_recipients(tx)
    if not reports and not recipients:
        return Forgotten(changed=False)
    seq = tx.record(JournalKind.ERASURE_DONE, Actor.system(), location_reports=reports, delivery_recipients=recipients)
    return Forgotten(changed=True, seq=seq, location_reports=reports, delivery_recipients=recipients)


class _Called(NamedTuple):
    """A call, and the number it came from."""

    id: int
    number: str | None


def _call_of(tx: Transaction, ticket_id: int, call_id: int | None) -> _Called | None:
    statement = select(Call.id, Call.number).where(Call.ticket_id == ticket_id).order_by(Call.id.desc()).limit(1)
    if call_id is None:
        newest = tx.connection.execute(statement).first()
        return _Called._make(newest) if newest is not None else None
    call = tx.connection.execute(statement.where(Call.id == call_id)).first()
    if call is None:
        raise NotFound("call", call_id)
    return _Called._make(call)


def _open_links(tx: Transaction, ticket_id: int) -> list[LocationLinkRow]:
    rows = tx.connection.execute(
        select(LocationLink.__table__).where(LocationLink.ticket_id == ticket_id, LocationLink.ended_at.is_(None))
    ).all()
    live = (LinkState.SENT, LinkState.OPENED, LinkState.SHARING)
    links = map(LocationLinkRow.from_row, rows)
    return [link for link in links if link_state(link, tx.now, ticket_closed=False) in live]


def _end_earlier(tx: Transaction, actor: Actor, ticket_id: int, call_id: int | None) -> None:
    for link in _open_links(tx, ticket_id):
        if link.call_id == call_id:
            _end(tx, actor, link, "replaced")


def _end(tx: Transaction, actor: Actor, link: LocationLinkRow, ended_by: str) -> int:
    _set(tx, link.id, ended_at=tx.now, ended_by=ended_by)
    if link.delivery_id is not None:
        cancel_delivery(tx, link.delivery_id, "not_needed")
    return tx.record(
        JournalKind.CALL_LOCATION_ENDED,
        actor,
        ticket_id=link.ticket_id,
        call_id=link.call_id,
        link_id=link.id,
        by=ended_by,
    )


def _use(tx: Transaction, token_hash: str, device_hash: str | None) -> tuple[LocationLinkRow, LinkState]:
    """A link and its state for the telephone that uses it. Raises LinkRefused."""
    link, closed = find_link(tx.connection, token_hash)
    state = check_link(link, device_hash, tx.now, ticket_closed=closed)
    assert link is not None  # a token that no link has was refused
    return link, state


class _Seen(TypedDict):
    live_until: datetime | None
    sequence: int


def _as_seen(link: LocationLinkRow) -> _Seen:
    return {"live_until": link.live_until, "sequence": link.last_sequence}


def _set(tx: Transaction, link_id: int, **values: Any) -> None:
    tx.update(LocationLink, LocationLink.id == link_id, **values)
