"""Every kind of journal entry is known by name: who receives it, and what its data may hold."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.feed.audiences import CENTRE, OVERSIGHT, audiences_of, publish
from dispatch.roles import Actor
from dispatch.storage.journal import Entry
from dispatch.storage.journal_kinds import Audience, JournalKind, audience_of
from dispatch.storage.transaction import Transaction
from tests.dispatch.shift import Shift

#: As databases hold them and programs read them. A new kind is added; none is ever taken away or spelled anew.
STORED = """
access.refusals_left_out access.refused assignment.acknowledged assignment.cancelled assignment.cleared
assignment.declined assignment.en_route assignment.on_scene assignment.sent call.abandoned call.announced call.answered
call.delivery_accepted call.delivery_delayed call.delivery_failed call.ended call.gate_failed call.gate_left
call.gate_passed call.gate_unheard call.location_ended call.location_opened call.location_reported
call.location_requested call.location_shared call.registered call.transferred calls.reconciled delivery.accepted
delivery.delayed delivery.failed erasure.done exchange.started landmark.added landmark.retired number.block_expired
number.block_lifted number.evidence_undone number.flag_approved number.flag_rejected number.flag_withdrawn
number.flagged places.cleared places.imported seat.left seat.taken session.closed session.opened session.revoked
session.wall ticket.attached ticket.callback_given_up ticket.callback_released ticket.callback_taken
ticket.callback_tried ticket.caller_note_added ticket.caller_note_edited ticket.caller_note_removed ticket.claimed
ticket.classified ticket.closed ticket.detached ticket.dispatched ticket.draft_kept ticket.draft_left
ticket.got_through ticket.joined ticket.located ticket.parted ticket.question_answered ticket.released ticket.reopened
ticket.returned ticket.state_changed ticket.taken_by_phone ticket.taken_over ticket.words_added token.created
token.revoked user.created user.deactivated user.password_changed user.recovery_code_used user.recovery_codes_renewed
user.second_factor_enrolled user.second_factor_reset
""".split()


def test_no_stored_name_is_ever_lost() -> None:
    assert set(STORED) <= {kind.value for kind in JournalKind}


def test_only_people_and_their_access_are_kept_from_operators() -> None:
    of_the_work = ("call.", "ticket.", "assignment.", "ladder.", "ladders.", "notice.", "seat.", "landmark.", "places.")
    kept = {kind.value for kind in JournalKind if kind.audience is Audience.OVERSIGHT}
    assert kept == {kind.value for kind in JournalKind if not kind.startswith(of_the_work)}


@pytest.mark.parametrize(
    ("kind", "data"),
    [("rabeg.received", {}), ("ticket.draft_left", {"words": "x"}), (JournalKind.TICKET_RELEASED, {"from_id": 1})],
)
def test_what_no_kind_names_is_refused_when_it_is_recorded(sqlite_shift: Shift, kind: Any, data: dict) -> None:
    def command(tx: Transaction) -> int:
        return tx.record(kind, Actor.system(), **data)

    before = sqlite_shift.newest()
    with pytest.raises(ValueError, match=r"is no kind|has no"):
        sqlite_shift.run(command)
    assert sqlite_shift.newest() == before


def test_what_another_release_wrote_is_readable_for_supervisors_alone(sqlite_shift: Shift) -> None:
    sqlite_shift.ring()
    of_now = sqlite_shift.entries()[-1]
    entry = Entry._make(of_now)._replace(kind="rabeg.received", ticket_id=None, data={"report": 7})
    assert audience_of(entry.kind) is Audience.OVERSIGHT
    assert audiences_of(entry, ()) == {OVERSIGHT}
    with sqlite_shift.centre.read() as connection:
        published = publish(connection, sqlite_shift.centre.city, [entry])
    assert [(one.audience, one.event["kind"], one.event["data"]) for one in published] == [
        (OVERSIGHT, "rabeg.received", {"report": 7})
    ]
    assert CENTRE not in audiences_of(entry, ())
