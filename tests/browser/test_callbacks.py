"""Whoever hung up or was cut off is on the list until somebody has spoken to them; the card says who calls."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

_callers = count(5520)


@pytest.fixture
def caller():
    """A number nobody has used yet, as it is dialled and as it is shown."""
    last = next(_callers)
    return f"08960000{last}", f"0896-0000-{last}"


def gives_up(exchange, number, duration_s=21):
    """A caller hangs up before anybody answers."""
    call = exchange.ring(number)
    exchange.ended(call, answered=False, duration_s=duration_s)
    return call


def row(console, shown):
    return console.see("#callbacks .call-row", shown)


def test_several_calls_of_one_number_are_one_row_and_each_outcome_has_its_digit(people, exchange, caller):
    number, shown = caller
    console = people.operator()
    for _ in range(3):
        gives_up(exchange, number)
    expect(row(console, shown)).to_have_count(1)
    expect(row(console, shown)).to_contain_text("3 panggilan")
    row(console, shown).focus()
    console.press("Enter")
    dialog = console.see("#callback")
    expect(dialog.locator(".callback-number")).to_have_text(shown)
    expect(dialog.locator('[data-part="dial"]')).to_have_attribute("href", f"tel:{number}")
    expect(dialog).to_contain_text("Tri/3")
    console.page.fill("#callback [name=note]", "2 kali nada sambung")
    expect(dialog).to_be_visible()  # a digit in the note is a digit
    dialog.locator('[data-outcome="reached"]').focus()
    console.picture("console-callback-dialog", "dark")
    console.press("2")
    expect(dialog).to_be_hidden()
    expect(console.toast("tidak diangkat")).to_be_visible()
    expect(row(console, shown)).to_contain_text("percobaan 1 dari 2")
    row(console, shown).click()
    expect(dialog).to_contain_text("2 kali nada sambung")
    expect(dialog.locator('[data-part="give-up"]')).to_be_hidden()
    dialog.locator('[data-outcome="busy"]').focus()
    console.press("3")
    expect(row(console, shown)).to_contain_text("percobaan 2 dari 2")
    row(console, shown).click()
    dialog.locator('[data-part="give-up"]').click()
    expect(row(console, shown)).to_have_count(0)


def test_reached_makes_it_my_ticket_and_closes_the_others(people, exchange, office, caller):
    number, shown = caller
    console = people.operator()
    first, second = gives_up(exchange, number), gives_up(exchange, number)
    row(console, shown).click()
    dialog = console.see("#callback")
    expect(dialog.locator('[data-outcome="reached"]')).to_be_focused()
    console.press("1")
    expect(console.see("#work-title")).to_contain_text(second.ticket)
    expect(row(console, shown)).to_have_count(0)
    assert office.ticket(second.ticket)["owner"]["seat"] == "1"
    assert office.ticket(first.ticket)["disposition"] == "got_through"
    console.see("#caller-calls [data-open-ticket]").first.click()
    expect(console.see("#work-title")).to_contain_text(first.ticket)
    expect(console.see("#timeline")).to_contain_text(f"Pelapor tersambung lewat tiket {second.ticket}")


def test_whoever_calls_again_and_is_answered_leaves_the_list_while_a_colleague_is_dialling(
    people, exchange, office, caller
):
    number, shown = caller
    mine, other = people.operator(1), people.operator(2)
    gives_up(exchange, number)
    row(mine, shown).click()
    expect(row(other, shown)).to_contain_text("menelepon")
    row(other, shown).click()
    expect(other.see("#callback")).to_contain_text("sedang menelepon nomor ini")
    expect(other.see('#callback [data-outcome="reached"]')).to_have_attribute("aria-disabled", "true")
    other.see('#callback .dialog-foot [data-action="close-dialog"]').click()
    again = exchange.ring(number)
    expect(other.ringing(again.ticket)).to_contain_text("menelepon lagi")
    exchange.answered(again, "op2")
    expect(mine.see("#callback")).to_contain_text(f"sudah tersambung lewat tiket {again.ticket}")
    expect(row(other, shown)).to_have_count(0)
    mine.see('#callback [data-part="open-ticket"]').click()
    expect(mine.see("#work-title")).to_contain_text(again.ticket)
    exchange.ended(again, answered=True)


def test_without_a_number_nothing_is_grouped_and_it_says_what_can_be_done(people, exchange):
    console = people.operator()
    calls = [gives_up(exchange, number) for number in (None, "anonymous", "0000")]
    rows = console.see('#callbacks .call-row[data-dial="no"]')
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("tidak dapat ditelepon balik")
    rows.first.click()
    dialog = console.see("#callback")
    expect(dialog).to_contain_text("Tunggu pelapor menelepon lagi")
    expect(dialog.locator('[data-part="outcomes"]')).to_be_hidden()
    dialog.locator('[data-part="give-up"]').click()
    expect(rows).to_have_count(2)
    rows.first.click()
    dialog.locator('[data-part="take-ticket"]').click()
    expect(console.see("#work-title")).to_be_visible()
    expect(console.see("#caller .caller-number")).to_have_text("Nomor tidak dikirim")
    expect(console.see("#caller-notes")).to_be_hidden()
    assert len({call.ticket for call in calls}) == 3


def test_the_card_knows_earlier_calls_name_and_notes(people, exchange, office, caller):
    number, _ = caller
    earlier = exchange.ring(number)
    office.dispatched("operator2", earlier.ticket, "pohon-tumbang", "36.73.05.1002", ["DLH"])
    gone = gives_up(exchange, number)
    console = people.operator()
    now = exchange.ring(number)
    console.take(now.ticket)
    card = console.see("#caller")
    expect(card).to_contain_text("2 panggilan sebelumnya, 1 sah")
    expect(card.locator("#caller-calls button")).to_have_count(2)
    expect(card.locator("#caller-calls button").last).to_contain_text("Pohon tumbang")
    note = card.locator("#caller-notes input")
    note.fill('Rina "; DROP TABLE calls; -- 🚒')
    card.locator('[data-part="as-name"]').click()
    expect(card.locator(".caller-name")).to_contain_text('Rina "; DROP')
    note.fill("pelapor sering salah alamat")
    note.press("Enter")
    expect(card.locator("#caller-notes li")).to_have_count(2)
    console.picture("console-caller-card", "light")
    card.get_by_label("Ubah catatan").first.click()
    note.fill("pelapor sering salah alamat, tanyakan RT")
    note.press("Enter")
    expect(card.locator("#caller-notes li").first).to_contain_text("tanyakan RT")
    card.get_by_label("Hapus catatan").first.click()
    expect(card.locator("#caller-notes li")).to_have_count(1)
    card.locator("#caller-calls button").first.focus()
    console.press("Enter")
    expect(console.see("#work-title")).to_contain_text(gone.ticket)
    expect(console.entry).to_have_attribute("readonly", "")


def test_the_wall_says_how_many_of_the_callbacks_are_late(people, exchange, siaga, caller):
    number, _shown = caller
    call = gives_up(exchange, number)
    (database,) = Path(siaga.environ["SIAGA_DATA"]).glob("*.db")
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:  # minutes pass
        [(callback,)] = connection.execute("SELECT callback_id FROM tickets WHERE number = ?", (call.ticket,))
        connection.execute("UPDATE callbacks SET due_at = '2026-01-01 00:00:00.000000' WHERE id = ?", (callback,))
    for language, words in (("id", "telat ditelepon"), ("en", "callbacks late")):
        board = people.board()
        board.in_language(language, "/board")
        expect(board.see("#abandoned .figure-note")).to_contain_text(words)
        expect(board.see("#abandoned")).to_have_attribute("data-look", "late")
        board.picture(f"board-callbacks-late-{language}")
