"""Ladders of before a restore: they wait until a person says that they go on from now, or that they end.

Whom they have told since their backup was made is unknown. So nothing of the past fires at once: the next rung comes
after the time that lies between it and the one before. The clocks stay as they are, and as late as they are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from dispatch.clock import to_iso
from dispatch.deliveries.held import HeldMessage, held_messages, settle_held_messages
from dispatch.errors import NotFound
from dispatch.ladders import shapes
from dispatch.ladders.firing import subject_of
from dispatch.ladders.reading import listed_ladders
from dispatch.ladders.running import DROPPED, end_ladder, rung_due_at
from dispatch.roles import Actor
from dispatch.storage.epochs import read_epoch, read_restored_at
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import LadderRow
from dispatch.storage.tables import Ladder, LadderStep, Ticket
from dispatch.storage.transaction import Outcome, Transaction


@dataclass(frozen=True, slots=True)
class Settled(Outcome):
    """What became of what was held for a ticket."""

    ladders: int = 0  #: that go on
    messages: int = 0  #: that go out after all
    dropped: int = 0  #: ladders and messages that end


def read_held(connection: Connection) -> shapes.Held:
    """What waits for a person since the database was brought back, by ticket; the most urgent first."""
    epoch = read_epoch(connection)
    restored_at = read_restored_at(connection)
    if epoch is None or restored_at is None:
        return {"restored_at": None, "items": [], "loose_messages": []}
    messages: dict[int | None, list[shapes.HeldMessage]] = defaultdict(list)
    for message in held_messages(connection, epoch):
        messages[message.ticket_id].append(_told(message))
    ladders = listed_ladders(connection, Ladder.ended_at.is_(None), Ladder.epoch != epoch)
    of_ticket: dict[str, list[shapes.OpenLadder]] = defaultdict(list)
    for ladder in ladders:
        of_ticket[ladder["ticket_number"]].append(ladder)
    loose = messages.pop(None, [])
    wanted = Ticket.number.in_(list(of_ticket)) | Ticket.id.in_([id_ for id_ in messages if id_ is not None])
    tickets = connection.execute(
        select(Ticket.id, Ticket.number, Ticket.priority, Ticket.type_code, Ticket.state, Ticket.opened_at)
        .where(wanted)
        .order_by(Ticket.priority.is_(None), Ticket.priority, Ticket.id)
    ).all()
    items: list[shapes.HeldTicket] = [
        {
            "ticket_number": ticket.number,
            "priority": ticket.priority,
            "type_code": ticket.type_code,
            "state": ticket.state,
            "opened_at": to_iso(ticket.opened_at),
            "ladders": of_ticket[ticket.number],
            "messages": messages[ticket.id],
        }
        for ticket in tickets
    ]
    return {"restored_at": to_iso(restored_at), "items": items, "loose_messages": loose}


def release_held(tx: Transaction, *, actor: Actor, number: str, send_messages: bool = False) -> Settled:
    """Let a ticket's held ladders go on from now; its held messages are dropped, or sent marked as perhaps twice.

    Where nothing is held, nothing changes. Raises NotFound.
    """
    ticket_id = _ticket_id(tx, number)
    ladders = _held(tx, ticket_id)
    for ladder in ladders:
        _go_on(tx, ladder)
    sent, dropped = settle_held_messages(tx, ticket_id, send=send_messages)
    return _settled(tx, actor, ticket_id, number, ladders=len(ladders), messages=sent, dropped=dropped)


def drop_held(tx: Transaction, *, actor: Actor, number: str) -> Settled:
    """End a ticket's held ladders and messages: its clocks run on, and nobody is told of them. Raises NotFound."""
    ticket_id = _ticket_id(tx, number)
    _, dropped = settle_held_messages(tx, ticket_id, send=False)
    ladders = _held(tx, ticket_id)
    for ladder in ladders:
        end_ladder(tx, subject_of(ladder), DROPPED)
    return _settled(tx, actor, ticket_id, number, dropped=dropped + len(ladders))


def drop_loose_messages(tx: Transaction, *, actor: Actor) -> Settled:
    """Drop the held messages that belong to no ticket: shifts, tests, holes of yesterday."""
    _, dropped = settle_held_messages(tx, None, send=False)
    return _settled(tx, actor, None, None, dropped=dropped)


def _go_on(tx: Transaction, ladder: LadderRow) -> None:
    """The rung that is next comes at its own time if that is still to come, or as long from now as it is after the one
    before; those after it follow at their distances.
    """
    steps = select(LadderStep.rung).where(LadderStep.ladder_id == ladder.id)
    fired = set(tx.connection.execute(steps).scalars())
    waiting = [number for number in range(ladder.next_rung, len(ladder.rungs)) if number not in fired]
    shift_s, next_at = ladder.shift_s, None
    if waiting:
        rung = ladder.rungs[waiting[0]]
        own_at = rung_due_at(ladder.started_at, shift_s, rung)
        if own_at <= tx.now:
            before_s = ladder.rungs[waiting[0] - 1]["after_s"] if waiting[0] else 0
            wanted_at = tx.now + timedelta(seconds=rung["after_s"] - before_s)
            shift_s += math.ceil((wanted_at - own_at).total_seconds())
        next_at = rung_due_at(ladder.started_at, shift_s, rung)
    tx.update(Ladder, Ladder.id == ladder.id, epoch=tx.epoch, shift_s=shift_s, next_at=next_at)


def _held(tx: Transaction, ticket_id: int) -> list[LadderRow]:
    of_past = Ladder.ticket_id == ticket_id, Ladder.ended_at.is_(None), Ladder.epoch != tx.epoch
    rows = tx.connection.execute(select(Ladder.__table__).where(*of_past).order_by(Ladder.id)).all()
    return [LadderRow.from_row(row) for row in rows]


def _ticket_id(tx: Transaction, number: str) -> int:
    known = number.isascii() and number.isprintable()
    found = tx.connection.execute(select(Ticket.id).where(Ticket.number == number)).scalar() if known else None
    if found is None:
        raise NotFound("ticket", number)
    return int(found)


def _settled(tx: Transaction, actor: Actor, ticket_id: int | None, number: str | None, **counts: Any) -> Settled:
    if not any(counts.values()):
        return Settled(False, number)
    told = {"ladders": 0, "messages": 0, "dropped": 0} | counts
    told["deliveries"] = told.pop("messages")
    seq = tx.record(JournalKind.LADDERS_RELEASED, actor, ticket_id=ticket_id, **told)
    if ticket_id is not None:
        tx.update(Ticket, Ticket.id == ticket_id, version=Ticket.version + 1)
    return Settled(True, number, seq=seq, **counts)


def _told(message: HeldMessage) -> shapes.HeldMessage:
    return {"kind": message.kind, "channel": message.channel, "role": message.role, "name": message.name}
