"""What a classification does to the caller's number: it proposes, and its undo takes the proposal back.

Part of the classifying command and of its transaction; nobody is blocked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from dispatch.nuisance.rules import Decided, FlagKind, FlagState, deserves, window_start
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Call, NumberFlag, Ticket, UtcDateTime
from dispatch.storage.transaction import Transaction
from dispatch.tickets.lifecycle import Classification

_NUMBERS_OF = select(Call.number).where(Call.ticket_id == bindparam("ticket_id"), Call.number.is_not(None)).distinct()
_PRANKS = (
    select(Call.received_at, Call.ticket_id)
    .join(Ticket, Ticket.id == Call.ticket_id)
    .where(
        Call.number == bindparam("number"),
        Call.received_at >= bindparam("since", type_=UtcDateTime()),
        Ticket.classification == Classification.PRANK,
    )
    .order_by(Call.id)
)
_FLAGS_OF = (
    select(
        NumberFlag.id,
        NumberFlag.kind,
        NumberFlag.state,
        NumberFlag.decided_at,
        NumberFlag.expires_at,
        NumberFlag.lifted_at,
    )
    .where(NumberFlag.number == bindparam("number"), NumberFlag.state != FlagState.WITHDRAWN)
    .order_by(NumberFlag.id)
)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a number for one kind of proposal."""

    number: str
    kind: FlagKind
    pranks_at: list[datetime]
    evidence: list[int]  #: ids of the tickets that count
    waiting_id: int | None  #: a proposal nobody has decided
    in_force_id: int | None
    deserved: bool


def propose_flags(tx: Transaction, actor: Actor, ticket_id: int) -> None:
    """Open a proposal for each kind whose limit the ticket's numbers have passed, and which does not wait already."""
    for past in pasts_of_ticket(tx, ticket_id):
        if past.deserved and past.waiting_id is None:
            open_flag(tx, actor, past, ticket_id)


def withdraw_flags(tx: Transaction, actor: Actor, ticket_id: int) -> None:
    """A prank was taken back: withdraw what waits for a decision and is no longer deserved.

    A block that a supervisor decided stays, because only a supervisor ends it; the journal tells supervisors.
    """
    for past in pasts_of_ticket(tx, ticket_id):
        if past.waiting_id is not None and not past.deserved:
            _set_state(tx, past.waiting_id, FlagState.WITHDRAWN)
            tx.record(
                JournalKind.NUMBER_FLAG_WITHDRAWN, actor, ticket_id=ticket_id, flag_id=past.waiting_id, flag=past.kind
            )
        if past.in_force_id is not None:
            tx.record(
                JournalKind.NUMBER_EVIDENCE_UNDONE, actor, ticket_id=ticket_id, flag_id=past.in_force_id, flag=past.kind
            )


def open_flag(tx: Transaction, actor: Actor, past: Past, ticket_id: int) -> int:
    """Write a proposal with its evidence and return its id."""
    flag_id = tx.insert(
        NumberFlag,
        number=past.number,
        kind=past.kind,
        state=FlagState.PROPOSED,
        ticket_id=ticket_id,
        prank_count=len(past.pranks_at),
        evidence=past.evidence,
        proposed_at=tx.now,
        proposed_by=actor.user_id,
    )
    tx.record(
        JournalKind.NUMBER_FLAGGED,
        actor,
        ticket_id=ticket_id,
        flag_id=flag_id,
        flag=past.kind,
        count=len(past.pranks_at),
    )
    return flag_id


def pasts_of_ticket(tx: Transaction, ticket_id: int) -> Iterator[Past]:
    """Look into the past of each number that called about this ticket; calls without a number have none."""
    for number in tx.connection.execute(_NUMBERS_OF, {"ticket_id": ticket_id}).scalars().all():
        if number is not None:
            yield from _pasts_of_number(tx, number)


def _pasts_of_number(tx: Transaction, number: str) -> Iterator[Past]:
    policy = tx.city.policy.nuisance
    pranks = tx.connection.execute(_PRANKS, {"number": number, "since": window_start(tx.now, policy)}).all()
    flags = tx.connection.execute(_FLAGS_OF, {"number": number}).all()
    pranks_at = [row.received_at for row in pranks]
    evidence = sorted({row.ticket_id for row in pranks})
    for kind in FlagKind:
        waiting_id, in_force_id, decided = None, None, None
        for flag in flags:
            if flag.kind != kind:
                continue
            if flag.state == FlagState.PROPOSED:
                waiting_id = flag.id
                continue
            decided = Decided(FlagState(flag.state), flag.lifted_at or flag.decided_at, flag.expires_at)
            if flag.state == FlagState.APPROVED and (flag.expires_at is None or tx.now < flag.expires_at):
                in_force_id = flag.id
        deserved = deserves(kind, pranks_at, policy, decided, tx.now)
        yield Past(number, kind, pranks_at, evidence, waiting_id, in_force_id, deserved)


def _set_state(tx: Transaction, flag_id: int, state: FlagState) -> None:
    tx.update(NumberFlag, NumberFlag.id == flag_id, state=state)
