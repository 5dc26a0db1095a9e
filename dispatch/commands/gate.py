"""What came of the gate, as the dialplan tells it; the caller has long gone on to the queue, or was let go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from dispatch.citypack import ClockKind
from dispatch.commands.calls import IncomingCall, register_call
from dispatch.commands.ticket_changes import NO_CLOCK, clock_values, set_ticket
from dispatch.errors import InvalidValue
from dispatch.lifecycle import CALL_TRANSITIONS, CallState, Disposition, TicketState
from dispatch.nuisance import GateResult, is_let_go
from dispatch.roles import Actor
from dispatch.tables import Call, Ticket
from dispatch.text import clean_line
from dispatch.transaction import Outcome, Transaction


def call_gated(tx: Transaction, *, system_name: str, linkedid: str, result: str) -> Outcome:
    """Record what the caller did at the gate; only the first report of a call counts.

    A blocked number that did not press 1 never reaches a seat: its call is over and its ticket closed, unless somebody
    works it. Everybody else is in the queue now, so the answer clock begins anew. Raises InvalidValue for a result
    that is none.
    """
    try:
        came = GateResult(result)
    except ValueError:
        raise InvalidValue("result", "unknown") from None
    registered = register_call(tx, call=IncomingCall(system_name=system_name, linkedid=linkedid))
    call = _load(tx, registered.ticket_number, linkedid)
    if call.gate_result is not None:
        return Outcome(changed=False, ticket_number=registered.ticket_number)
    values: dict[str, Any] = {"gate_result": came, "gate_at": tx.now}
    waiting = call.ticket_state == TicketState.NEW
    let_go = is_let_go(call.treatment, came) and CallState.LET_GO in CALL_TRANSITIONS[CallState(call.state)]
    if let_go:
        values |= {"state": CallState.LET_GO, "ended_at": tx.now}
    tx.connection.execute(update(Call).where(Call.id == call.id).values(**values))
    if let_go and waiting:
        set_ticket(
            tx,
            call.ticket_id,
            state=TicketState.CLOSED,
            disposition=Disposition.GATE,
            closed_at=tx.now,
            **NO_CLOCK,
        )
    elif waiting and call.state == CallState.RINGING:
        set_ticket(tx, call.ticket_id, **clock_values(tx, ClockKind.ANSWER, None))
    seq = tx.record(
        f"call.gate_{came}", Actor.asterisk(), ticket_id=call.ticket_id, call_id=call.id, treatment=call.treatment
    )
    return Outcome(changed=True, ticket_number=registered.ticket_number, seq=seq)


def _load(tx: Transaction, ticket_number: str, linkedid: str) -> Any:
    return tx.connection.execute(
        select(
            Call.id, Call.state, Call.treatment, Call.gate_result, Call.ticket_id, Ticket.state.label("ticket_state")
        )
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(Ticket.number == ticket_number, Call.linkedid == clean_line(linkedid, 150))
    ).one()
