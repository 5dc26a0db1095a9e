"""What a question can be answered, how the answer reads, and what a pack with bad cards is told."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.agencies.assignments import decline_assignment
from dispatch.call_taking.answers import answer_question
from dispatch.city.pack import CityPack, CityPackError, load_city
from dispatch.city.question_cards import (
    SKIPPED,
    Choice,
    LocalizedText,
    Question,
    QuestionKind,
    answer_words,
    check_answer,
)
from dispatch.errors import CommandRefused, InvalidValue
from dispatch.feed.audiences import agency_audience, publish
from dispatch.storage.journal import read_entries
from dispatch.tickets.views import TicketReader
from tests.dispatch.shift import Shift

SERANG = Path(__file__).resolve().parents[3] / "city" / "serang"
ISSUE = ("kebakaran-bangunan", "kecelakaan-korban", "gawat-darurat-medis", "banjir-rumah", "tindak-kriminal", "kdrt")


def question(kind: str, *, count: bool = False) -> Question:
    choices = (Choice("lutut", LocalizedText("Lutut", "Knee")),) if kind == "choice" else ()
    counted = LocalizedText("orang", "people") if count else None
    nothing: MappingProxyType[str, object] = MappingProxyType({})
    same = LocalizedText("Tinggi air", "Water")
    return Question("q", QuestionKind(kind), same, same, counted, choices, nothing, nothing, taps=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "count", "value", "amount", "kept", "words"),
    [
        ("yes_no", True, "yes", 2, ("yes", 2), "ya, 2 orang"),
        ("yes_no", False, "no", None, ("no", None), "tidak"),
        ("number", False, " 007 ", None, ("7", None), "7"),
        ("number", False, "0", None, ("0", None), "0"),
        ("choice", False, "lutut", None, ("lutut", None), "Lutut"),
        ("text", False, "pagar hijau", None, ("pagar hijau", None), "pagar hijau"),
        ("text", False, SKIPPED, None, (SKIPPED, None), "dilewati"),
    ],
)
def test_an_answer_is_kept_and_read(kind, count, value, amount, kept, words) -> None:
    asked = question(kind, count=count)
    assert check_answer(asked, value, amount) == kept
    assert answer_words(asked, *kept).id == words


@pytest.mark.parametrize(
    ("kind", "value", "amount", "problem"),
    [
        ("yes_no", "mungkin", None, "unknown"),
        ("yes_no", "no", 2, "unexpected"),
        ("yes_no", "yes", 0, "out_of_range"),
        ("number", "-3", None, "wrong_type"),
        ("number", "\u0663", None, "wrong_type"),  # an Arabic three is a digit to Python, not to a number field
        ("number", "9" * 5000, None, "out_of_range"),
        ("choice", "leher", None, "unknown"),
        ("text", "   ", None, "empty"),
        ("text", "x" * 1001, None, "too_long"),
    ],
)
def test_what_is_no_answer_is_refused(kind, value, amount, problem) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_answer(question(kind, count=True), value, amount)
    assert refused.value.details["problem"] == problem


@given(
    kind=st.sampled_from(list(QuestionKind)),
    value=st.text(max_size=60),
    amount=st.none() | st.integers(),
)
def test_whatever_is_kept_is_kept_again_unchanged_and_can_be_read(kind, value, amount) -> None:
    asked = question(kind, count=kind is QuestionKind.YES_NO)
    try:
        kept = check_answer(asked, value, amount)
    except CommandRefused:
        return
    assert check_answer(asked, *kept) == kept
    assert answer_words(asked, *kept).id


def test_serang_has_a_card_for_every_kind_that_must_have_one_and_no_clinician_has_signed(city: CityPack) -> None:
    covered = {code for card in city.question_cards.values() for code in card.types}
    assert set(ISSUE) <= covered
    assert all(not card.signed_off_by for card in city.question_cards.values())
    assert any(advice.needs_signoff for advice in city.question_cards["medis"].advice)
    kdrt = city.question_cards["kdrt"]
    assert kdrt.silent_say
    assert sum(question.taps for question in kdrt.questions) >= 4


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('types = ["kdrt"]', 'types = ["kdrt", "ufo"]', "cards 6:types: 'ufo' is not in incident_types.csv"),
        ('types = ["kdrt"]', 'types = ["tawuran"]', "cards 6:types: 'tawuran' has the card 'kriminal' already"),
        ('kind = "number"', 'kind = "guess"', "questions 1:kind: 'guess' is no kind of question"),
        ('agencies.yes = ["DAMKAR"]', 'agencies.yes = ["SETDA"]', "agencies.yes: 'SETDA' is no agency"),
        ("agencies.api = ", "agencies.bom = ", "agencies.bom: is no answer to this question"),
        ('tells = { id = "Ciri tempat", ', "tells = { ", "questions 2:tells: needs both languages"),
        ("show_unsigned_advice = true", "x = 1", "top:show_unsigned_advice: is missing"),
        ("sensitive = true", 'sensitive = "yes"', "cards 6:sensitive: must be true or false"),
    ],
)
def test_a_bad_card_is_told_by_file_row_and_field(tmp_path: Path, old: str, new: str, problem: str) -> None:
    pack = shutil.copytree(SERANG, tmp_path / "kota")
    file = pack / "question_cards.toml"
    written = file.read_text(encoding="utf-8")
    assert old in written
    file.write_text(written.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CityPackError) as caught:
        load_city(pack)
    assert any(line.startswith("question_cards.toml:") and problem in line for line in caught.value.problems)


# --- On a ticket.


def answers_for(shift: Shift, number: str, agency: str | None = None) -> list[dict]:
    with shift.centre.read() as connection:
        ticket_id = connection.exec_driver_sql(f"SELECT id FROM tickets WHERE number = '{number}'").scalar_one()
        reader = TicketReader(connection, shift.centre.city, [ticket_id])
        view = reader.for_agency(ticket_id, agency) if agency else reader.for_centre(ticket_id)
        return view["answers"] if view else []


FIRE_CARD = {"card": "kebakaran-bangunan", "question": "orang-di-dalam"}


def test_an_answer_reaches_the_agencies_that_have_the_ticket_and_no_other(shift: Shift) -> None:
    number, (damkar, _) = shift.sent("DAMKAR", "PSC119")
    outcome = shift.run(answer_question, actor=shift.dewi, number=number, value="yes", amount=2, **FIRE_CARD)
    assert outcome.changed
    assert [one["words_id"] for one in answers_for(shift, number, "DAMKAR")] == ["ya, 2 orang"]
    with shift.centre.read() as connection:
        entries = read_entries(connection, outcome.seq - 1, 1)
        receivers = {one.audience for one in publish(connection, shift.centre.city, entries)}
    assert receivers == {"centre", agency_audience("DAMKAR"), agency_audience("PSC119")}
    assert "2" not in str({k: v for k, v in entries[0].data.items() if k in ("card", "question")})
    shift.run(decline_assignment, actor=shift.damkar, assignment_id=damkar, reason_code="no_unit")
    assert answers_for(shift, number, "DAMKAR") == []


def test_every_version_of_an_answer_stays_and_the_newest_counts(shift: Shift) -> None:
    number = shift.claimed()
    for value, amount in (("yes", None), ("yes", 3), ("no", None)):
        shift.clock.step(5)
        shift.run(answer_question, actor=shift.dewi, number=number, value=value, amount=amount, **FIRE_CARD)
    again = shift.run(answer_question, actor=shift.dewi, number=number, value="no", **FIRE_CARD)
    assert not again.changed
    (newest,) = answers_for(shift, number)
    assert (newest["version"], newest["value"]) == (3, "no")
    with shift.centre.read() as connection:
        rows = connection.exec_driver_sql("SELECT value, amount FROM ticket_answers ORDER BY id").all()
    assert [tuple(row) for row in rows] == [("yes", None), ("yes", 3), ("no", None)]


def test_a_skipped_question_is_seen_at_the_centre_only(shift: Shift) -> None:
    number, _ = shift.sent("DAMKAR")
    shift.run(answer_question, actor=shift.dewi, number=number, value=SKIPPED, **FIRE_CARD)
    assert answers_for(shift, number)[0]["value"] == SKIPPED
    assert answers_for(shift, number, "DAMKAR") == []


@pytest.mark.parametrize(
    ("who", "asked", "code"),
    [
        ("rizki", FIRE_CARD, "claimed_by_other"),
        ("damkar", FIRE_CARD, "not_permitted"),
        ("dewi", FIRE_CARD | {"card": "ufo"}, "invalid_value"),
        ("dewi", FIRE_CARD | {"question": "ufo"}, "invalid_value"),
    ],
)
def test_only_the_owner_notes_answers_and_only_to_questions_there_are(
    sqlite_shift: Shift, who: str, asked: dict[str, str], code: str
) -> None:
    number = sqlite_shift.claimed()
    with pytest.raises(CommandRefused) as refused:
        sqlite_shift.run(answer_question, actor=getattr(sqlite_shift, who), number=number, value="yes", **asked)
    assert refused.value.code == code
