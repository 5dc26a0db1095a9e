"""A contact that acts: as its user where it has one, else as itself, for its own agency and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.duty.acting import actor_of_contact
from dispatch.errors import NotFound
from dispatch.feed.audiences import timeline
from dispatch.roles import Actor
from dispatch.storage.tables import Contact, Ticket
from dispatch.storage.transaction import Transaction
from tests.dispatch.ladders.test_firing import add_contact
from tests.dispatch.shift import Shift


def acting(shift: Shift, contact_id: int) -> Actor | None:
    with shift.centre.read() as connection:
        return actor_of_contact(connection, contact_id)


def change(tx: Transaction, *, contact_id: int, **values: object) -> None:
    tx.update(Contact, Contact.id == contact_id, **values)


def test_a_contact_without_a_sign_in_is_journalled_by_its_own_id_and_named(shift: Shift) -> None:
    for _ in range(20):  # so that no user has the same id
        contact = add_contact(shift, "DAMKAR", "duty")
    number, (assignment,) = shift.sent("DAMKAR")
    actor = acting(shift, contact)
    assert actor is not None
    shift.run(acknowledge_assignment, actor=actor, assignment_id=assignment)
    entry = shift.entries()[-1]
    assert (entry.kind, entry.actor_kind, entry.actor_id) == ("assignment.acknowledged", "contact", contact)
    with shift.centre.read() as connection:
        ticket_id = connection.execute(select(Ticket.id).where(Ticket.number == number)).scalar_one()
        for reader in (shift.dewi, shift.damkar):
            told = timeline(connection, shift.centre.city, ticket_id, reader)[-1]["actor"]
            assert told == {"kind": "contact", "id": contact, "name": "DAMKAR duty"}


def test_a_contact_acts_for_its_own_agency_alone(shift: Shift) -> None:
    contact = add_contact(shift, "PSC119", "duty")
    _, (assignment,) = shift.sent("DAMKAR")
    actor = acting(shift, contact)
    assert actor is not None
    assert not actor.sees_all_tickets
    with pytest.raises(NotFound):
        shift.run(acknowledge_assignment, actor=actor, assignment_id=assignment)


def test_a_contact_with_a_sign_in_acts_as_that_user(shift: Shift) -> None:
    contact = add_contact(shift, "DAMKAR", "duty")
    shift.run(change, contact_id=contact, user_id=shift.damkar.user_id)
    actor = acting(shift, contact)
    assert actor is not None
    assert (actor.kind, actor.user_id, actor.contact_id) == ("user", shift.damkar.user_id, None)


def test_a_contact_that_was_removed_acts_no_more(shift: Shift) -> None:
    contact = add_contact(shift, "DAMKAR", "duty")
    shift.run(change, contact_id=contact, removed_at=shift.clock.now())
    assert acting(shift, contact) is None
