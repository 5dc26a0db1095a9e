"""Noting what the caller answers to the questions of a card."""

from __future__ import annotations

from sqlalchemy import select

from dispatch.city.question_cards import check_answer
from dispatch.errors import InvalidValue
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Ticket, TicketAnswer
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_text
from dispatch.tickets.changes import load_ticket, set_ticket
from dispatch.tickets.lifecycle import TicketCommand


def answer_question(
    tx: Transaction, *, actor: Actor, number: str, card: str, question: str, value: str, amount: int | None = None
) -> Outcome:
    """Note an answer, with its time, on the ticket; agencies that have it see it at once. Earlier answers stay.

    `value` is yes, no, a choice's code, digits, a text, or skipped. The same answer again changes nothing. Raises
    InvalidValue for a card, a question or an answer that there is not.
    """
    ticket = load_ticket(tx, number, actor, TicketCommand.ANSWER).row
    of_pack = tx.city.question_cards.get(card)
    asked = of_pack.question(question) if of_pack else None
    if asked is None:
        raise InvalidValue("question" if of_pack else "card", "unknown")
    kept, counted = check_answer(asked, clean_text(value), amount)
    before = tx.connection.execute(
        select(TicketAnswer.value, TicketAnswer.amount, TicketAnswer.version)
        .where(
            TicketAnswer.ticket_id == ticket.id,
            TicketAnswer.card_code == card,
            TicketAnswer.question_code == question,
        )
        .order_by(TicketAnswer.id.desc())
        .limit(1)
    ).first()
    if before is not None and (before.value, before.amount) == (kept, counted):
        return Outcome(changed=False, ticket_number=number)
    answer_id = tx.insert(
        TicketAnswer,
        ticket_id=ticket.id,
        card_code=card,
        question_code=question,
        version=before.version + 1 if before else 1,
        value=kept,
        amount=counted,
        tells=asked.tells.id,
        answered_at=tx.now,
        answered_by=actor.user_id,
    )
    set_ticket(tx, ticket.id, answer_rows=Ticket.answer_rows + 1)
    seq = tx.record(
        JournalKind.TICKET_QUESTION_ANSWERED,
        actor,
        ticket_id=ticket.id,
        answer_id=answer_id,
        card=card,
        question=question,
        version=before.version + 1 if before else 1,
    )
    return Outcome(changed=True, ticket_number=number, seq=seq)
