"""What a supervisor decides about numbers: approve or reject a proposal, block from a prank's ticket, end a block."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from dispatch.errors import InvalidValue, NotFound, NotPermitted, RequirementMissing, TransitionRefused
from dispatch.nuisance.proposals import open_flag, pasts_of_ticket
from dispatch.nuisance.rules import FlagKind, FlagState, is_in_force
from dispatch.roles import Actor, Role
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.rows import NumberFlagRow
from dispatch.storage.tables import NumberFlag, Ticket
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_line, required_text
from dispatch.tickets.lifecycle import Classification

REASON_LIMIT = 1_000  #: characters
_DECISIONS = {"approve": FlagState.APPROVED, "reject": FlagState.REJECTED}


def decide_flag(tx: Transaction, *, actor: Actor, flag_id: int, decision: str, reason: str) -> Outcome:
    """Approve or reject a proposal, with a reason; an approved block holds for the policy's hours from now.

    The same decision a second time changes nothing. Raises NotPermitted for anybody but a supervisor, TransitionRefused
    when the proposal was decided otherwise or withdrawn.
    """
    _check_may_decide(actor, "decide")
    state = _DECISIONS.get(decision)
    if state is None:
        raise InvalidValue("decision", "unknown")
    flag = _load(tx, flag_id)
    if flag.state == state:
        return Outcome(changed=False)
    if flag.state != FlagState.PROPOSED:
        raise TransitionRefused("number_flag", flag.state, decision, ())
    text = required_text(reason, REASON_LIMIT, "reason")
    _close_expired(tx)
    return Outcome(changed=True, seq=_decide(tx, actor, flag.id, FlagKind(flag.kind), state, text))


def block_caller(tx: Transaction, *, actor: Actor, number: str, reason: str) -> Outcome:
    """Block the number that a prank came from, below the limit too; `number` is the prank's ticket, its evidence.

    A proposal that waits for the same number is approved by this. Raises RequirementMissing unless the ticket is
    classified as a prank, InvalidValue when no number was sent with the call.
    """
    _check_may_decide(actor, "block-number")
    ticket = tx.connection.execute(
        select(Ticket.id, Ticket.classification).where(Ticket.number == clean_line(number, 40))
    ).first()
    if ticket is None:
        raise NotFound("ticket", clean_line(number, 40))
    if ticket.classification != Classification.PRANK:
        raise RequirementMissing("prank")
    text = required_text(reason, REASON_LIMIT, "reason")
    pasts = [past for past in pasts_of_ticket(tx, ticket.id) if past.kind is FlagKind.BLOCK]
    if not pasts:
        raise InvalidValue("number", "no_number")
    fresh = [past for past in pasts if past.in_force_id is None]
    if not fresh:
        return Outcome(changed=False, ticket_number=number)
    _close_expired(tx)
    seq = None
    for past in fresh:
        flag_id = past.waiting_id or open_flag(tx, actor, past, ticket.id)
        seq = _decide(tx, actor, flag_id, FlagKind.BLOCK, FlagState.APPROVED, text)
    return Outcome(changed=True, ticket_number=number, seq=seq)


def lift_block(tx: Transaction, *, actor: Actor, flag_id: int, reason: str) -> Outcome:
    """End a block before its time, with a reason; TransitionRefused when there is none any more."""
    _check_may_decide(actor, "lift")
    flag = _load(tx, flag_id)
    if flag.state == FlagState.LIFTED:
        return Outcome(changed=False)
    if not is_in_force(flag.kind, flag.state, flag.expires_at, tx.now):
        raise TransitionRefused("number_flag", flag.state, "lift", ())
    _set(
        tx,
        flag.id,
        state=FlagState.LIFTED,
        lifted_at=tx.now,
        lifted_by=actor.user_id,
        lift_reason=required_text(reason, REASON_LIMIT, "reason"),
    )
    seq = tx.record(JournalKind.NUMBER_BLOCK_LIFTED, actor, ticket_id=flag.ticket_id, flag_id=flag.id)
    return Outcome(changed=True, seq=seq)


def _decide(tx: Transaction, actor: Actor, flag_id: int, kind: FlagKind, state: FlagState, reason: str) -> int:
    values: dict[str, Any] = {"state": state, "decided_at": tx.now, "decided_by": actor.user_id, "reason": reason}
    data: dict[str, Any] = {"flag_id": flag_id, "flag": kind}
    if kind is FlagKind.BLOCK and state is FlagState.APPROVED:
        values["expires_at"] = tx.now + timedelta(hours=tx.city.policy.nuisance.block_hours)
        data["hours"] = tx.city.policy.nuisance.block_hours
    _set(tx, flag_id, **values)
    entry = JournalKind.NUMBER_FLAG_REJECTED if state is FlagState.REJECTED else JournalKind.NUMBER_FLAG_APPROVED
    return tx.record(entry, actor, ticket_id=_load(tx, flag_id).ticket_id, **data)


def _close_expired(tx: Transaction) -> None:
    """Mark blocks whose time is over, so that the call path's index holds only what may matter to it.

    They hold no longer whether this has been done or not.
    """
    over = (
        NumberFlag.kind == FlagKind.BLOCK,
        NumberFlag.state == FlagState.APPROVED,
        NumberFlag.expires_at <= tx.now,
    )
    rows = tx.connection.execute(select(NumberFlag.id, NumberFlag.ticket_id).where(*over)).all()
    for row in rows:
        _set(tx, row.id, state=FlagState.EXPIRED)
        tx.record(JournalKind.NUMBER_BLOCK_EXPIRED, Actor.system(), ticket_id=row.ticket_id, flag_id=row.id)


def _load(tx: Transaction, flag_id: int) -> NumberFlagRow:
    row = tx.connection.execute(select(NumberFlag.__table__).where(NumberFlag.id == flag_id)).first()
    if row is None:
        raise NotFound("number_flag", flag_id)
    return NumberFlagRow.from_row(row)


def _set(tx: Transaction, flag_id: int, **values: Any) -> None:
    tx.update(NumberFlag, NumberFlag.id == flag_id, **values)


def _check_may_decide(actor: Actor, command: str) -> None:
    if actor.role is not Role.SUPERVISOR:
        raise NotPermitted(command, actor.role)
