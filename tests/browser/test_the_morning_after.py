"""A night later: calls whose end was lost are still there; they neither sound nor come first nor stand in the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.app.running_server import until
from tests.browser.ears import EARS
from tests.browser.passing_time import time_passes
from tests.browser.screens import DESK, Console

pytestmark = pytest.mark.real

HOURS = 14


def a_night_passes(siaga):
    """Whatever the database knows of calls, tickets and who was told is as old as a night."""
    time_passes(siaga, HOURS * 3600)


def test_a_night_later_only_real_calls_sound_come_first_and_are_taken(people, exchange, office, siaga):
    ringing, talking = exchange.ring("081200006601"), exchange.ring("081200006602")
    office.of("operator1").post("/api/v1/seat", {"seat": "1"})
    exchange.answered(talking, "op1")
    a_night_passes(siaga)
    console = people.operator(before=(EARS,))
    console.press("Escape")
    expect(console.see("#idle")).to_be_visible()  # nobody is in this handset
    expect(console.ringing(ringing.ticket)).to_contain_text("mungkin sudah selesai")
    expect(console.see("#next-call")).to_contain_text("Tidak ada panggilan menunggu.")
    assert console.page.title() == "Siaga 112"
    assert console.page.evaluate("window.notes.length") == 0
    real = exchange.ring("081200006603")
    until(lambda: console.page.evaluate("window.notes.length") > 0)
    expect(console.see("#next-call")).to_contain_text("0812-0000-6603")
    expect(console.see("#ringing [data-key]").first).to_have_attribute("data-key", real.ticket)
    console.press("Enter")
    expect(console.see("#work-title")).to_contain_text(real.short)
    expect(console.see('[data-part="pickup"]')).to_contain_text("Angkat telepon")
    exchange.answered(real, "op1")
    expect(console.see('[data-part="pickup"]')).to_be_hidden()
    another = exchange.ring("081200006604")
    exchange.answered(another, "op1")
    expect(console.see("#work-title")).to_contain_text(another.short)

    supervisor = people.signed_in(Console, "supervisor", "/console", DESK, seat="3")
    supervisor.connected()
    supervisor.see("#needs .need-row", ringing.short).locator("button").click()
    expect(supervisor.see("#end-call")).to_contain_text("tercatat berdering")
    supervisor.see("#end-call button[type=submit]").click()
    for screen in (supervisor, console):
        expect(screen.ringing(ringing.ticket)).to_have_count(0)
    for call in (real, another):
        exchange.ended(call, answered=True)


def test_a_take_without_a_pick_up_rings_for_everybody_again(people, exchange, office):
    console, colleague = people.operator(1), people.operator(2)
    call = exchange.ring("081200006621")
    console.take(call.ticket)
    expect(console.toast("kembali ke semua: telepon tidak diangkat")).to_be_visible(timeout=30_000)
    expect(colleague.see("#next-call")).to_contain_text("0812-0000-6621")
    expect(colleague.see("#recent")).to_contain_text("telepon tidak diangkat")
    exchange.ended(call, answered=False)


def test_a_supervisors_wall_ends_lost_calls_and_screens_say_that_no_telephone_is_there(people, exchange, siaga):
    lost = exchange.ring("081200006631")
    a_night_passes(siaga)
    board, console = people.board(), people.operator(1)
    board.see("#uncertain .board-ending", lost.short).click()
    expect(board.see("#end-call")).to_contain_text(lost.ticket)
    board.see("#end-call button[type=submit]").click()
    expect(board.see("#uncertain .board-ending", lost.short)).to_have_count(0)
    silent = exchange.ring("081200006632", telephones="0")
    for alarm in (console.see("#alarm-banner"), board.see("#alarm")):
        expect(alarm).to_contain_text("Tidak ada pesawat telepon yang terdaftar.")
    rings = exchange.ring("081200006633", telephones="2")
    expect(console.see("#alarm-banner")).to_be_hidden()
    for call in (silent, rings):
        exchange.ended(call, answered=False)


def test_who_takes_a_call_is_told_to_pick_up_and_whoever_does_so_has_it(people, exchange, office):
    console, colleague = people.operator(1), people.operator(2)
    call = exchange.ring("081200006611")
    console.take(call.ticket)
    expect(console.see('[data-part="pickup"]')).to_contain_text("Angkat telepon")
    expect(colleague.ringing(call.ticket)).to_contain_text("belum diangkat")
    words = "ada api di"
    with console.page.expect_response(lambda kept: kept.url.endswith("/draft") and words in kept.request.post_data):
        console.hear(words)
    exchange.answered(call, "op2")
    expect(console.toast("mengangkat telepon: tiket")).to_be_visible()
    expect(colleague.see("#work-title")).to_contain_text(call.short)
    expect(colleague.entry).to_have_value(words)  # what was typed came along
    exchange.ended(call, answered=True)
