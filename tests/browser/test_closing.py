"""Closing a ticket and opening it again: never by an Enter too many, and never as if agencies still had it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]


@pytest.fixture
def sent(people, exchange, office):
    """A console with a ticket of its own that two agencies have, its caller gone; and the ticket's number."""
    console = people.operator()
    call = exchange.ring("081200005501")
    exchange.answered(call, "op1")
    office.does("operator1", call.ticket, "classify", classification="genuine", type_code="kebakaran-bangunan")
    office.does("operator1", call.ticket, "locate", kelurahan_code="36.73.01.1006")
    office.does("operator1", call.ticket, "dispatch", agencies=["DAMKAR", "PLN"])
    exchange.ended(call, answered=True)
    expect(console.see('[data-field="call-state"]')).to_have_text("Panggilan selesai")
    yield console, call.ticket
    if office.ticket(call.ticket)["state"] != "closed":
        office.does("operator1", call.ticket, "close", disposition="cancelled")


def test_what_calls_agencies_off_is_chosen_by_a_hand_and_not_by_enter(sent, office):
    console, ticket = sent
    console.see(".work-actions", "Tutup tiket").locator('[data-action="close"]').click()
    expect(console.see("#close-ticket [name=disposition]:focus")).to_have_value("duplicate")
    expect(console.see("#close-ticket [name=disposition]:checked")).to_have_count(0)
    console.press("Enter")
    expect(console.see("#close-ticket .dialog-problem")).to_have_text("Pilih dulu bagaimana berakhirnya.")
    assert office.ticket(ticket)["state"] == "dispatched"
    console.press("Escape")
    expect(console.entry).to_be_focused()
    console.see(".work-actions", "Tutup tiket").locator('[data-action="close"]').click()
    console.press("ArrowDown", "Enter")
    expect(console.see("#close-ticket")).to_be_hidden()
    assert office.ticket(ticket)["disposition"] == "cancelled"


def test_a_ticket_that_no_agency_has_any_more_is_to_be_sent_again(sent, office):
    console, ticket = sent
    send = console.see('.work-send [data-action="send"]')
    expect(send).to_contain_text("Sudah dikirim")
    office.does("operator1", ticket, "close", disposition="cancelled")
    expect(send).to_contain_text("Buka kembali")
    office.does("operator1", ticket, "reopen", reason="Api menyala lagi")
    expect(send).to_contain_text("Kirim")
    expect(send).not_to_contain_text("Sudah")
    expect(console.see("#send-note")).not_to_contain_text("sudah dikirim")
    expect(console.see("#agencies .agency-choice", "DAMKAR")).to_be_visible()
    console.press("Control+Enter")
    expect(console.toast("Belum terkirim: pilih instansi.")).to_be_visible()
    expect(console.see("#agencies input:focus")).to_have_value("DAMKAR")
    console.press("Space")
    expect(send).to_contain_text("Kirim ke 1 instansi")
    console.press("Control+Enter")
    expect(send).to_contain_text("Sudah dikirim")
    assert office.ticket(ticket)["state"] == "dispatched"


def test_a_ticket_that_every_agency_declined_is_to_be_sent_again(sent, office):
    console, ticket = sent
    for agency in ("DAMKAR", "PLN"):
        number = next(one["id"] for one in office.ticket(ticket)["assignments"] if one["agency"] == agency)
        office.of(agency.lower()).post(f"/api/v1/assignments/{number}/decline", {"reason_code": "no_unit"})
    expect(console.assignment("PLN")).to_contain_text("ditolak")
    expect(console.see('.work-send [data-action="send"]')).not_to_contain_text("Sudah")
