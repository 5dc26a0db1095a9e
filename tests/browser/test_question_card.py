"""The question card: asked by keys, answered live at the agency, and it never holds the dispatch up."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.real

FIRE = "kebakaran rumah dpn pasar rau, api besar"


def row(console, words):
    return console.see("#card-list .card-row", words)


def test_keys_answer_the_card_and_the_agency_sees_it_while_on_its_way(people, exchange, office):
    console = people.operator()
    call = exchange.ring("081200002201")
    console.take(call.ticket)
    console.hear(FIRE)
    expect(console.see("#card-title")).to_contain_text("kebakaran bangunan")
    console.picture("question-card")
    console.press("Control+Enter")
    expect(console.assignment("DAMKAR")).to_be_visible()
    damkar = people.responder(path="/agency")
    damkar.task(call.short).locator('[data-part="open"]').tap()
    expect(damkar.see("#answers")).to_be_hidden()

    console.entry.focus()
    console.press("Shift+Tab")
    expect(row(console, "Masih ada orang di dalam")).to_be_focused()
    console.press("y", "2", "Enter")
    expect(damkar.see("#answers")).to_contain_text("Masih ada orang di dalam: ya, 2 orang")
    expect(console.see(".card-say")).to_contain_text("Jangan masuk lagi.")
    console.page.keyboard.type("gang masjid, pagar hijau")
    console.press("Enter")
    expect(damkar.see("#answers")).to_contain_text("gang masjid, pagar hijau")
    console.press("t")
    expect(row(console, "tabung gas").locator('[data-value="no"]')).to_have_attribute("aria-checked", "true")
    console.press("-")
    expect(row(console, "Jalan bisa dilewati")).to_contain_text("dilewati")
    console.press("Escape")
    expect(console.entry).to_be_focused()
    expect(console.entry).to_have_value(FIRE)
    expect(damkar.see("#answers li")).to_have_count(3)
    expect(console.see("#timeline")).to_contain_text("Masih ada orang di dalam: ya, 2 orang")
    expect(console.see("#timeline .journal-row", "Masih ada orang di dalam: ya").first).to_be_visible()
    answers = office.ticket(call.ticket)["answer_history"]
    assert [(one["question"], one["version"], one["value"], one["amount"]) for one in answers][:2] == [
        ("orang-di-dalam", 1, "yes", None),
        ("orang-di-dalam", 2, "yes", 2),
    ]


def test_an_answer_proposes_an_agency_and_medical_advice_is_marked_unapproved(people, exchange):
    console = people.operator()
    call = exchange.ring("081200002202")
    console.take(call.ticket)
    console.hear("tabrakan motor sama mobil di ciceri, ada korban luka")
    expect(console.see("#card-title")).to_contain_text("kecelakaan")
    before = console.see("#agencies .agency-choice", "DAMKAR").count()
    assert before == 0
    console.entry.focus()
    console.press("Shift+Tab")
    console.page.keyboard.type("3")
    console.press("Enter", "y")
    proposed = console.see("#agencies .agency-choice", "DAMKAR")
    expect(proposed).to_contain_text("jawaban: Ada yang terjepit")
    expect(proposed.locator("input")).to_be_checked()
    expect(console.see(".card-say .unsigned")).to_be_visible()
    expect(console.see(".card-say .unsigned")).to_contain_text("belum disahkan klinisi")
    console.press("ArrowUp", "t")
    expect(proposed).to_have_count(0)


def test_a_caller_who_cannot_speak_answers_by_knocks(people, exchange):
    console = people.operator()
    call = exchange.ring("081200002203")
    console.take(call.ticket)
    console.hear("dipukuli suami, kdrt")
    expect(console.see("#card-title")).to_contain_text("KDRT")
    console.see('[data-action="silent"]').click()
    expect(console.see(".card-say")).to_contain_text("ketuk satu kali untuk ya, dua kali untuk tidak")
    console.press("1", "2")
    expect(row(console, "di dekat Anda").locator('[data-value="yes"]')).to_have_attribute("aria-checked", "true")
    expect(row(console, "dalam bahaya").locator('[data-value="no"]')).to_have_attribute("aria-checked", "true")
