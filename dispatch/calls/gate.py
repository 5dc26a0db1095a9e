"""What came of the gate, as the dialplan tells it; the caller has long gone on to the queue, or was let go."""

from __future__ import annotations

from typing import Any

from dispatch.calls.endings import load_call
from dispatch.calls.intake import call_id_for
from dispatch.city.policy import ClockKind
from dispatch.nuisance.rules import GateResult, is_let_go
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import kind_named
from dispatch.storage.tables import Call
from dispatch.storage.transaction import TicketOutcome, Transaction
from dispatch.text import one_of
from dispatch.tickets.call_times import arrival_of, instant_of
from dispatch.tickets.changes import clock_values, set_ticket
from dispatch.tickets.closing import close
from dispatch.tickets.lifecycle import CALL_TRANSITIONS, CallState, Disposition, EndedHow, TicketState


def call_gated(
    tx: Transaction,
    *,
    system_name: str,
    linkedid: str,
    result: str,
    age_s: float | None = None,
    linkedid_s: int | None = None,
) -> TicketOutcome:
    """Record what the caller did at the gate; only the first report of a call counts.

    A blocked number that did not press 1 never reaches a seat: its call is over and its ticket closed, unless somebody
    works it. Everybody else is in the queue now, so the answer clock begins anew. Raises InvalidValue for a result
    that is none.
    """
    came = one_of(GateResult, result, "result")
    policy = tx.city.policy.calls
    at = instant_of(age_s, tx.now, policy)
    arrival = arrival_of(age_s, linkedid_s, tx.now, policy)
    call = load_call(tx, call_id_for(tx, system_name, linkedid, at, arrival))
    if call.gate_result is not None:
        return TicketOutcome(changed=False, ticket_number=call.ticket_number)
    gated_at = min(at for at in (max(at or tx.now, call.received_at), call.answered_at) if at is not None)
    values: dict[str, Any] = {"gate_result": came, "gate_at": gated_at}
    waiting = call.ticket_state == TicketState.NEW
    let_go = is_let_go(call.treatment, came) and CallState.LET_GO in CALL_TRANSITIONS[CallState(call.state)]
    if let_go:
        values |= {"state": CallState.LET_GO, "ended_at": gated_at, "ended_how": EndedHow.TOLD}
    tx.update(Call, Call.id == call.id, **values)
    kind, asterisk, treatment = kind_named(f"call.gate_{came}"), Actor.asterisk(), call.treatment
    if let_go and waiting:
        facts = {"call_id": call.id, "treatment": treatment}
        seq = close(tx, asterisk, call.ticket_id, Disposition.GATE, kind=kind, facts=facts)
    else:
        if waiting and call.state == CallState.RINGING:
            set_ticket(tx, call.ticket_id, **clock_values(tx, ClockKind.ANSWER, None, gated_at))
        seq = tx.record(kind, asterisk, ticket_id=call.ticket_id, call_id=call.id, treatment=treatment)
    return TicketOutcome(changed=True, ticket_number=call.ticket_number, seq=seq)
