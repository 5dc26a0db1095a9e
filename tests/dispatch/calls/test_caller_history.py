"""What the centre knows of a number: earlier calls by one indexed search, and notes that can be erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.calls.history import EARLIER_CALLS, caller_history
from dispatch.calls.notes import MOST_NOTES, add_caller_note, edit_caller_note, remove_caller_note
from dispatch.errors import InvalidValue, NotFound, NotPermitted, RequirementMissing
from dispatch.feed.audiences import publish
from dispatch.storage.tables import Call, CallerNote, Ticket
from tests.dispatch.shift import CIPARE, FIRE, Shift

NUMBER = "081298765001"
MANY = 4000


def known(shift: Shift, number: str) -> Any:
    """What the card of a ticket shows."""
    with shift.centre.read() as connection:
        ticket_id = connection.execute(select(Ticket.id).where(Ticket.number == number)).scalar_one()
        return caller_history(connection, shift.centre.city, shift.clock.now(), ticket_id)


def noted(shift: Shift, number: str, text_: str = "pelapor sering salah alamat", kind: str = "note") -> int:
    outcome = shift.run(add_caller_note, actor=shift.dewi, number=number, kind=kind, text=text_)
    return int(outcome.note_id)


def test_the_newest_five_earlier_calls_are_told_with_what_became_of_them(shift: Shift) -> None:
    for index in range(6):
        number = shift.claimed(ani=NUMBER)
        kind = {"classification": "prank"} if index else {"classification": "genuine", "type_code": FIRE}
        if index == 5:
            kind = {"classification": "genuine", "type_code": FIRE}
        shift.run(classify_ticket, actor=shift.dewi, number=number, **kind)
        shift.clock.step(3600)
    shift.run(locate_ticket, actor=shift.dewi, number=number, kelurahan_code=CIPARE)
    now = shift.ring(ani=f"+62{NUMBER[1:]}").ticket_number
    found = known(shift, now)
    assert (found["calls"], found["genuine"], len(found["recent"])) == (6, 2, 5)
    newest = found["recent"][0]
    assert (newest["ticket"], newest["kelurahan"], newest["ticket_state"]) == (number, "Cipare", "claimed")
    assert newest["type_name_id"] is not None
    assert {line["disposition"] for line in found["recent"][1:]} == {"prank"}


@pytest.mark.parametrize("ani", ["", "anonymous", "unknown", "12", "0000", "+", "112", "sip:x@y", "0812x", "9" * 40])
def test_what_is_no_number_has_no_past_and_takes_no_note(sqlite_shift: Shift, ani: str) -> None:
    sqlite_shift.ring(ani=ani)
    number = sqlite_shift.ring(ani=ani).ticket_number
    assert known(sqlite_shift, number) is None
    with pytest.raises(InvalidValue):
        noted(sqlite_shift, number)
    assert sqlite_shift.rows(CallerNote) == []


def test_the_past_is_one_search_in_the_index_however_many_calls_there_are(shift: Shift) -> None:
    now = shift.clock.now()

    def fill(tx: Any) -> None:
        ids = range(1, MANY + 1)
        tickets = [{"id": n, "number": f"250101-{n:05d}", "state": "closed", "opened_at": now} for n in ids]
        tx.connection.execute(insert(Ticket), tickets)
        calls = [
            {
                "ticket_id": n,
                "system_name": "pbx",
                "linkedid": f"{n}",
                "channel": "",
                "state": "ended",
                "number": f"0812{n % 1000:08d}",
                "number_as_sent": "",
                "presentation": "",
                "caller_name": "",
                "dnid": "",
                "treatment": "normal",
                "queue_priority": 10,
                "received_at": now + timedelta(seconds=n),
            }
            for n in ids
        ]
        tx.connection.execute(insert(Call), calls)

    shift.run(fill)
    asked = {"number": "081200000007", "before_id": MANY + 1, "ticket_id": 0}
    with shift.centre.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.execute(text("ANALYZE calls"))
            connection.execute(text("ANALYZE tickets"))
        statement = EARLIER_CALLS.params(**asked).compile(connection, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        plan = "\n".join(str(tuple(row)) for row in connection.exec_driver_sql(f"{explain} {statement}"))
        found = connection.execute(EARLIER_CALLS, asked).all()
    assert "ix_calls_number" in plan, plan
    assert "SCAN calls" not in plan, plan
    assert "Seq Scan on calls" not in plan, plan
    assert "Seq Scan on tickets" not in plan, plan
    assert (len(found), found[0].calls) == (4, MANY // 1000)


def test_a_name_is_the_newest_noted_else_what_the_network_sent(shift: Shift) -> None:
    first = shift.ring(ani=NUMBER, caller_name="BUDI S").ticket_number
    assert known(shift, first)["name"]["text"] == "BUDI S"
    noted(shift, first, "Rina", "name")
    shift.clock.step(86400)
    second = shift.ring(ani=NUMBER, caller_name=NUMBER).ticket_number
    assert known(shift, second)["name"] == {"text": "Rina", "source": "note", "at": "2026-11-24T02:14:00.000Z"}
    noted(shift, second, "Rina Kusuma", "name")
    assert [note["text"] for note in known(shift, second)["notes"]] == ["Rina Kusuma"]


@pytest.mark.parametrize("sent", ["", "Anonymous", "unknown", "081298765001", "+62 812", "🔥"])
def test_what_the_network_sends_in_place_of_a_name_is_none(sqlite_shift: Shift, sent: str) -> None:
    number = sqlite_shift.ring(ani=NUMBER, caller_name=sent).ticket_number
    assert known(sqlite_shift, number)["name"] is None


def test_a_note_is_seen_with_every_call_of_the_number_changed_and_erased(shift: Shift) -> None:
    first = shift.ring(ani=NUMBER).ticket_number
    id_ = noted(shift, first, '"; DROP TABLE caller_notes; -- 🚒')
    shift.clock.step(60)
    other = shift.ring(ani="081311112222").ticket_number
    again = shift.ring(ani=NUMBER).ticket_number
    [note] = known(shift, again)["notes"]
    assert (note["text"], note["by"], note["kind"]) == ('"; DROP TABLE caller_notes; -- 🚒', "Dewi", "note")
    assert known(shift, other)["notes"] == []
    assert noted(shift, again, '"; DROP TABLE caller_notes; -- 🚒') == id_  # the same twice is one
    shift.run(edit_caller_note, actor=shift.rizki, note_id=id_, text="tanyakan RT")
    [note] = known(shift, again)["notes"]
    assert (note["text"], note["by"], note["at"]) == ("tanyakan RT", "Rizki", "2026-11-24T02:15:00.000Z")
    shift.run(remove_caller_note, actor=shift.dewi, note_id=id_)
    assert known(shift, again)["notes"] == []
    assert shift.rows(CallerNote) == []
    with pytest.raises(NotFound):
        shift.run(remove_caller_note, actor=shift.dewi, note_id=id_)
    fresh = noted(shift, again)
    assert fresh != id_  # the journal's id never means another note


def test_the_journal_of_notes_holds_ids_and_no_agency_hears_of_them(shift: Shift) -> None:
    number, _ = shift.sent("DAMKAR", ani=NUMBER)
    before = shift.newest()
    id_ = noted(shift, number, "RAHASIA")
    shift.run(edit_caller_note, actor=shift.dewi, note_id=id_, text="RAHASIA DUA")
    shift.run(remove_caller_note, actor=shift.dewi, note_id=id_)
    entries = shift.entries(before)
    assert [entry.kind for entry in entries] == [
        f"ticket.caller_note_{what}" for what in ("added", "edited", "removed")
    ]
    assert "RAHASIA" not in str([tuple(entry) for entry in entries])
    with shift.centre.read() as connection:
        published = publish(connection, shift.centre.city, entries)
    assert {one.audience for one in published} == {"centre"}


@pytest.mark.parametrize("who", ["admin", "damkar"])
def test_only_operators_note(sqlite_shift: Shift, who: str) -> None:
    number = sqlite_shift.ring(ani=NUMBER).ticket_number
    id_ = noted(sqlite_shift, number)
    before = sqlite_shift.everything()
    actor = sqlite_shift.people[who]
    with pytest.raises(NotPermitted):
        sqlite_shift.run(add_caller_note, actor=actor, number=number, kind="note", text="x")
    with pytest.raises(NotPermitted):
        sqlite_shift.run(edit_caller_note, actor=actor, note_id=id_, text="x")
    with pytest.raises(NotPermitted):
        sqlite_shift.run(remove_caller_note, actor=actor, note_id=id_)
    assert sqlite_shift.everything() == before


def test_a_note_has_words_and_a_limit(sqlite_shift: Shift) -> None:
    number = sqlite_shift.ring(ani=NUMBER).ticket_number
    with pytest.raises(RequirementMissing):
        noted(sqlite_shift, number, "  \n ")
    for kind, length in (("name", 81), ("note", 301)):
        with pytest.raises(InvalidValue):
            noted(sqlite_shift, number, "x" * length, kind)
    with pytest.raises(InvalidValue):
        noted(sqlite_shift, number, "x", "rumour")
    with pytest.raises(NotFound):
        noted(sqlite_shift, "261124-999")
    for index in range(MOST_NOTES):
        noted(sqlite_shift, number, f"catatan {index}")
    with pytest.raises(InvalidValue):
        noted(sqlite_shift, number, "satu lagi")


def test_a_ticket_in_which_the_caller_was_claimed_is_not_its_own_past(sqlite_shift: Shift) -> None:
    number = sqlite_shift.ring(ani=NUMBER).ticket_number
    sqlite_shift.run(claim_ticket, actor=sqlite_shift.dewi, number=number)
    found = known(sqlite_shift, number)
    assert (found["calls"], found["recent"]) == (0, [])
