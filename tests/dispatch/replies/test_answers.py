"""People answer by button, by quoting, by number; what is unclear is asked back, what is late is noted and said."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.agencies.assignments import acknowledge_assignment
from dispatch.call_taking.close import close_ticket
from dispatch.deliveries.inbound import forget_traces
from dispatch.deliveries.outbox import LeasedNotice
from dispatch.replies.words import Wish, understand
from dispatch.storage.tables import Assignment, ContactChannel, InboundEvent, Notice
from tests.dispatch.replies.carriers_tell import pressed, tell, update, written
from tests.dispatch.shift import Shift
from tests.dispatch.telling import add_contact, address_of, change, finish, fire, lease, rows


class Told:
    """An agency's duty officer who was told of tasks by WhatsApp."""

    def __init__(self, shift: Shift, *agencies: str, role: str = "duty") -> None:
        self.shift = shift
        self.contact = add_contact(shift, "DAMKAR", role, "whatsapp")
        self.number = address_of(self.contact)
        self.ticket, ids = shift.sent(*(agencies or ("DAMKAR",)))
        self.assignment = ids[0]
        self.short = self.ticket.split("-")[1]

    def message(self) -> LeasedNotice:
        fire(self.shift)
        [message] = lease(self.shift)
        finish(self.shift, message)
        return message

    def says(self, text: str, **more: Any) -> str | None:
        return tell(self.shift, messages=[written(self.shift, self.number, text, **more)])[0]

    def state(self) -> str:
        return str(self.shift.assignment(self.ticket, self.assignment)["state"])

    def answer(self) -> dict[str, Any]:
        """What the newest answer of ours says."""
        return dict([notice for notice in rows(self.shift, Notice) if notice.kind == "reply"][-1].facts)


def test_the_button_of_a_message_accepts_the_task(shift: Shift) -> None:
    told = Told(shift)
    message = told.message()
    button = pressed(shift, told.number, f"terima:{message.message_id}")
    assert tell(shift, messages=[button]) == ["done"]
    assert told.state() == "acknowledged"
    entry = next(entry for entry in shift.entries() if entry.kind == "assignment.acknowledged")
    assert (entry.actor_kind, entry.actor_id) == ("contact", told.contact)
    assert rows(shift, Notice)[0].level == "answered"
    assert told.answer() == {"says": "done", "number": told.short, "state": "acknowledged"}
    assert tell(shift, messages=[button]) == []  # Meta repeats for days


def test_a_task_is_worked_by_words_alone(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    assert told.says(f"Terima {told.short}") == "done"
    assert told.says(f"MENUJU {told.short}") == "done"
    assert told.says(f"tiba, {told.ticket}") == "done"
    assert told.says(f"SELESAI {told.short}") == "result"
    assert told.says(f"SELESAI {told.short} api padam, tidak ada korban") == "done"
    assert told.state() == "cleared"
    assert told.says(f"TERIMA {told.short}") == "already"


def test_quoting_a_message_of_ours_says_which_task_is_meant(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    assert told.says("TERIMA", quoting="wamid.1") == "done"


def test_without_a_number_we_ask_and_never_guess(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    assert told.says("TERIMA") == "which"
    assert told.answer()["numbers"] == [told.short]
    assert told.state() == "sent"
    assert told.says("TERIMA 999") == "which"


def test_a_button_of_several_tasks_asks_which(shift: Shift) -> None:
    told = Told(shift)
    shift.sent("DAMKAR")
    message = told.message()
    assert len(message.said) == 2
    assert tell(shift, messages=[pressed(shift, told.number, f"terima:{message.message_id}")]) == ["which"]
    assert told.says(f"TERIMA {told.short}", quoting="wamid.1") == "done"


def test_declining_wants_a_reason(shift: Shift) -> None:
    told = Told(shift)
    message = told.message()
    assert tell(shift, messages=[pressed(shift, told.number, f"tolak:{message.message_id}")]) == ["reason"]
    assert told.state() == "sent"
    assert told.says(f"TOLAK {told.short} Tidak ada unit tersedia, semua di Kasemen") == "done"
    [assignment] = rows(shift, Assignment)
    assert (assignment.state, assignment.reason_code) == ("declined", "no_unit")


def test_a_stranger_is_told_once_and_nothing_happens(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    before = shift.kinds()
    for _ in range(3):
        assert tell(shift, messages=[written(shift, "081399990000", f"TERIMA {told.short}")]) == ["stranger"]
    assert told.state() == "sent"
    assert shift.kinds() == before
    [message] = lease(shift)
    assert (message.to.address, message.to.window_open) == ("6281399990000", True)
    assert message.said[0].facts == {"says": "stranger"}


def test_somebody_of_another_agency_cannot_answer_for_this_one(shift: Shift) -> None:
    told = Told(shift)
    message = told.message()
    other = add_contact(shift, "PSC119", "duty", "whatsapp")
    button = pressed(shift, address_of(other), f"terima:{message.message_id}")
    assert tell(shift, messages=[button]) == ["not_yours"]
    assert told.state() == "sent"


def test_last_shifts_officer_and_the_head_may_answer_and_it_is_noted_who(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    head = add_contact(shift, "DAMKAR", "head", "whatsapp")
    assert tell(shift, messages=[written(shift, address_of(head), f"TERIMA {told.short}")]) == ["done"]
    entry = next(entry for entry in shift.entries() if entry.kind == "assignment.acknowledged")
    assert entry.actor_id == head


def test_whoever_has_a_sign_in_acts_as_that_user(shift: Shift) -> None:
    contact = add_contact(shift, "DAMKAR", "duty", "whatsapp", user_id=shift.damkar.user_id)
    ticket, _ = shift.sent("DAMKAR")
    fire(shift)
    words = f"TERIMA {ticket.split('-')[1]}"
    assert tell(shift, messages=[written(shift, address_of(contact), words)]) == ["done"]
    entry = next(entry for entry in shift.entries() if entry.kind == "assignment.acknowledged")
    assert (entry.actor_kind, entry.actor_id) == ("user", shift.damkar.user_id)


def test_an_answer_to_a_finished_ticket_is_noted_and_said(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    shift.run(close_ticket, actor=shift.dewi, number=told.ticket, disposition="cancelled")
    assert told.says(f"TERIMA {told.short}") == "late"
    assert told.answer() == {"says": "late", "number": told.short, "state": "cancelled"}
    assert shift.kinds()[-1] == "notice.answered_late"
    assert told.state() == "cancelled"


def test_an_answer_that_was_under_way_for_hours_is_not_carried_out(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    shift.clock.step(7200)
    assert told.says(f"TERIMA {told.short}", age_s=7000) == "late"
    assert told.state() == "sent"


def test_an_answer_older_than_its_task_does_not_mean_it(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    assert told.says(f"TERIMA {told.short}", age_s=60) == "late"
    assert told.state() == "sent"


def test_the_first_of_two_answers_counts(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    second = add_contact(shift, "DAMKAR", "chief", "whatsapp")
    assert told.says(f"TERIMA {told.short}") == "done"
    assert tell(shift, messages=[written(shift, address_of(second), f"TERIMA {told.short}")]) == ["already"]
    assert tell(shift, messages=[written(shift, address_of(second), f"TOLAK {told.short} lain")]) == ["late"]


@pytest.mark.parametrize("kind", ["audio", "image", "reaction", "unsupported", "edit"])
def test_voices_pictures_and_reactions_get_help_and_are_not_guessed_at(sqlite_shift: Shift, kind: str) -> None:
    told = Told(sqlite_shift)
    told.message()
    assert told.says("", type=kind, **{kind: {"id": "1"}}) == "words_only"
    assert told.says("tolong dong") == "help"
    assert len([notice for notice in rows(sqlite_shift, Notice) if notice.kind == "reply"]) == 1  # not all night
    assert told.state() == "sent"


def test_a_message_opens_the_window_and_keeps_what_meta_calls_the_person(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    told.says("halo", from_user_id="ID.1")
    [channel] = rows(shift, ContactChannel)
    assert (channel.window_until - shift.clock.now()).total_seconds() == 86_400
    assert channel.provider_user == "ID.1"
    hidden = {**written(shift, told.number, f"TERIMA {told.short}"), "from_user_id": "ID.1"}
    del hidden["from"]
    assert tell(shift, messages=[hidden]) == ["done"]


def test_a_test_is_answered_by_its_code(shift: Shift) -> None:
    told = Told(shift)
    change(shift, ContactChannel, 1, test_code="4711", test_sent_at=shift.clock.now())
    assert told.says("4711") == "tested"
    assert rows(shift, ContactChannel)[0].tested_at == shift.clock.now()


def test_siap_without_a_shift_says_so(shift: Shift) -> None:
    assert Told(shift).says("SIAP") == "no_duty"


def test_telegram_answers_by_button_and_only_the_chats_own_person_counts(shift: Shift) -> None:
    contact = add_contact(shift, "DAMKAR", "duty", "telegram")
    change(shift, ContactChannel, 1, address="4711")
    ticket, (assignment,) = shift.sent("DAMKAR")
    fire(shift)
    [message] = lease(shift, "telegram")
    assert message.to.address == "4711"
    query = {"id": "1", "from": {"id": 9}, "message": {"message_id": 5, "chat": {"id": 4711}, "date": 1}}
    data = {"data": f"terima:{message.message_id}"}
    assert update(shift, callback_query={**query, **data}) == ["stranger"]
    assert update(shift, callback_query={**query, **data, "from": {"id": 4711}}) == ["done"]
    assert shift.assignment(ticket, assignment)["state"] == "acknowledged"
    assert contact
    moved = {"message_id": 1, "chat": {"id": 4711}, "date": 1, "migrate_to_chat_id": -100}
    assert update(shift, message=moved) == ["moved"]
    assert rows(shift, ContactChannel)[0].address == "-100"
    assert update(shift, message={"message_id": 1, "chat": {"id": -100}, "date": 1, "voice": {}}) == ["words_only"]


def test_somebody_who_was_removed_is_a_stranger(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    change(shift, ContactChannel, 1, removed_at=shift.clock.now())
    assert told.says(f"TERIMA {told.short}") == "stranger"


def test_an_answer_of_the_page_wins_over_one_that_was_under_way(shift: Shift) -> None:
    told = Told(shift)
    told.message()
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=told.assignment)
    assert told.says(f"TOLAK {told.short} bukan wewenang kami") == "late"
    assert told.state() == "acknowledged"


def test_what_people_wrote_is_erased_with_the_days(shift: Shift) -> None:
    told = Told(shift)
    told.says("halo")
    change(shift, ContactChannel, 1, removed_at=shift.clock.now())
    assert shift.run(forget_traces) == 0
    shift.clock.step((shift.centre.city.policy.deliveries.recipient_kept_days + 1) * 86_400)
    assert shift.run(forget_traces) == 2
    [event] = rows(shift, InboundEvent)
    assert (event.body, event.sender, event.outcome) == (None, None, "help")
    assert rows(shift, ContactChannel)[0].address == ""
    assert shift.run(forget_traces) == 0


@pytest.mark.parametrize(
    ("words", "wish", "number", "rest"),
    [
        ("TERIMA 047", Wish.ACCEPT, "047", ""),
        ("terima no. 047!", Wish.ACCEPT, "047", ""),
        ("Diterima 261129-047", Wish.ACCEPT, "261129-047", ""),
        ("Terima kasih", None, None, ""),
        ("tiba-tiba api besar", None, None, ""),
        ("SELESAI 047: api padam", Wish.CLEAR, "047", "api padam"),
        ("ok", None, None, ""),
        ("tidak terima 047", None, None, ""),
        ("", None, None, ""),
        ("siap", Wish.CHECK_IN, None, ""),
    ],
)
def test_what_words_mean(words: str, wish: Wish | None, number: str | None, rest: str) -> None:
    asked = understand(None, words)
    assert (asked.wish, asked.number, asked.rest) == (wish, number, rest)
