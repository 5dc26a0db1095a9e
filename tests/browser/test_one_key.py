"""Ninety-eight calls in a hundred: one key, and ten seconds to take it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.real


def test_a_prank_takes_one_key_and_can_be_taken_back(people, exchange):
    console = people.operator()
    call = exchange.ring("081200007716")
    console.take(call.ticket)
    console.press("F2")
    expect(console.see("#undo-strip")).to_contain_text("Ditandai iseng (prank), 1 dari 5.")
    expect(console.see("#undo-strip")).to_contain_text("0:0")
    expect(console.see('[data-field="call-state"]')).to_have_text("Iseng (prank)")
    console.press("Control+z")
    expect(console.see("#undo-strip")).to_be_hidden()
    expect(console.see("#own")).to_contain_text(call.short)
    expect(console.see('[data-field="call-state"]')).to_have_text("Berdering")


def test_enter_after_the_key_goes_on_to_the_next_call_and_the_undo_goes_along(people, exchange):
    console = people.operator()
    call = exchange.ring("081200007717")
    console.take(call.ticket)
    console.press("F8", "Enter")
    expect(console.see("#idle")).to_be_visible()
    expect(console.toast("Ditandai salah sambung. Batalkan?")).to_be_visible()
    console.press("Control+z")
    expect(console.see("#work-title")).to_contain_text(call.ticket)


def test_danger_words_ask_for_a_second_press(people, exchange):
    console = people.operator()
    call = exchange.ring("081200007718")
    console.take(call.ticket)
    console.hear("tolong ada api besar")
    expect(console.see("#entry-under [data-kind=danger]").first).to_be_attached()
    console.press("F2")
    expect(console.see("#undo-strip")).to_contain_text("Kata bahaya terbaca: tekan sekali lagi.")
    expect(console.see('[data-field="call-state"]')).to_have_text("Berdering")
    console.press("F2")
    expect(console.see("#undo-strip")).to_contain_text("Ditandai iseng (prank)")
    expect(console.entry).to_have_value("tolong ada api besar")


def test_an_enter_too_many_on_an_empty_line_does_nothing(people, exchange):
    console = people.operator()
    call = exchange.ring("081200007719")
    expect(console.ringing(call.ticket)).to_be_visible()
    console.take(call.ticket)
    requests = len(console.witness.requests)
    console.press("Enter", "Enter")
    expect(console.see("#work-title")).to_contain_text(call.ticket)
    assert not [request for request in console.witness.requests[requests:] if request.startswith("POST")]
    expect(console.entry).to_have_value("")
