"""Fifteen people see one fire and call: one ticket, one alarm for the agency, one row on the screen, nobody lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.screens import WIDE_DESK

pytestmark = [pytest.mark.real, pytest.mark.timeout(150)]

WORDS = "kebakaran rumah dpn pasar rau, api besar"
CALLERS = 15


def attach_by_hand(console, exchange, call, words):
    """The call is answered at the seat; the operator types, and joins it with one key."""
    exchange.answered(call, "op1")
    expect(console.see("#work-title")).to_contain_text(call.ticket)
    console.hear(words)
    expect(console.see("#similar")).to_contain_text("Mungkin sama")
    expect(console.see("#similar")).to_contain_text("Gabungkan")


def fire(console, exchange, office):
    """The first caller's ticket, on its way to DAMKAR."""
    first = exchange.ring("081211110000")
    exchange.answered(first, "op1")
    expect(console.see("#work-title")).to_contain_text(first.ticket)
    console.hear(WORDS)
    expect(console.chosen("places")).to_contain_text("Pasar Induk Rau")
    expect(console.see("#similar-note")).to_have_text("Tiket serupa dalam 1000 m, 90 mnt: tidak ada.")
    console.press("Control+Enter")
    expect(console.assignment("DAMKAR")).to_be_visible()
    exchange.ended(first, answered=True)
    office.agency_does("DAMKAR", first.ticket, "acknowledge", "en-route")
    console.see('[data-action="leave"]').click()
    return first


def test_a_surge_of_fifteen_calls_about_one_fire_is_one_row(people, exchange, office):
    console = people.operator()
    first = fire(console, exchange, office)
    sent = len(office.ticket(first.ticket)["assignments"])
    calls = [exchange.ring(f"0812111100{n:02d}") for n in range(1, CALLERS)]

    second = calls[0]
    attach_by_hand(console, exchange, second, "kebakaran pasar rau, asap hitam")
    expect(console.see("#similar")).to_contain_text("tempat sama")
    expect(console.see("#similar")).to_contain_text("DAMKAR menuju")
    console.picture("many-callers-proposed")
    console.press("Control+g")
    expect(console.see("#joined")).to_contain_text(f"Digabung ke tiket {first.short}")
    expect(console.see("#joined")).to_contain_text("bantuan sudah menuju")
    expect(console.see("#undo-strip")).to_contain_text(f"Digabung ke {first.short}.")
    expect(console.see("#own")).to_contain_text(f"digabung ke {first.short}")
    expect(console.see('[data-field="call-state"]')).to_have_text("Tersambung")
    console.picture("many-callers-joined")

    # The undo gives everything back, and the key joins it again.
    console.press("Control+z")
    expect(console.see("#joined")).to_be_hidden()
    expect(console.entry).to_have_value("kebakaran pasar rau, asap hitam")
    expect(console.see("#similar")).to_contain_text("Gabungkan")
    console.press("Control+g")
    expect(console.see("#joined")).to_be_visible()

    # What this caller says later reaches the crew's telephone at once, without the number.
    task = next(one["id"] for one in office.ticket(first.ticket)["assignments"] if one["agency"] == "DAMKAR")
    phone = people.responder("damkar", f"/agency/{task}")
    expect(phone.see("#further")).to_contain_text("2 orang melaporkan kejadian ini")
    console.entry.focus()
    console.page.keyboard.type(", ada ibu di lantai dua")
    console.press("Control+Enter")
    expect(phone.see("#further")).to_contain_text("ada ibu di lantai dua")
    assert "0812" not in phone.page.inner_text("body")
    exchange.ended(second, answered=True)
    expect(console.see("#own")).not_to_contain_text(second.short)
    console.see('[data-action="leave"]').click()

    for call in calls[1:]:
        exchange.answered(call, "op2")
        office.does("operator2", call.ticket, "claim")
        office.does("operator2", call.ticket, "attach", to=first.ticket, words="api di pasar rau")
    expect(console.see("#ringing [data-key]")).to_have_count(0)
    row = console.see(f'#tickets [data-key="{first.ticket}"]')
    expect(row).to_contain_text(f"+{CALLERS - 1}")
    expect(console.see("#tickets [data-key]")).to_have_count(1)
    row.click()
    expect(console.see("#callers-section")).to_contain_text(f"+{CALLERS - 1} penelepon")
    expect(console.see("#callers .caller-row")).to_have_count(CALLERS - 1)
    expect(console.see("#callers .caller-row").first).to_contain_text("0812-1111-0001")
    console.see("#callers-section").scroll_into_view_if_needed()
    console.picture("many-callers-list")

    ticket = office.ticket(first.ticket)
    assert len(ticket["assignments"]) == sent, "agencies are alerted once"
    assert len({call["number"] for one in ticket["joined"] for call in one["calls"]}) == CALLERS - 1
    assert office.of("operator1").get("/api/v1/board").json()["open"]["total"] == 1


def test_a_caller_who_means_something_else_is_parted_again_in_english_on_a_wide_screen(people, exchange, office):
    console = people.operator(2, size=WIDE_DESK, locale="en-GB")
    console.in_language("en")
    console.open("/console")
    fires = [one for one in office.of("operator2").get("/api/v1/tickets?state=open").json()["items"] if one["joined"]]
    parted = fires[0]["joined"][-1]["number"]
    console.see(f'#tickets [data-key="{fires[0]["number"]}"]').click()
    row = console.see(f'#callers [data-key="{parted}"]')
    row.scroll_into_view_if_needed()
    row.get_by_role("button", name="Separate").click()
    expect(row).to_have_count(0)
    expect(console.see(f'#own [data-key="{parted}"]')).to_be_visible()
    console.see(f'#own [data-key="{parted}"]').click()
    expect(console.entry).to_have_value("api di pasar rau")
    console.press("End")
    console.hear(" kebakaran")
    expect(console.see("#similar")).to_contain_text("Perhaps the same")
    console.press("Control+g")
    expect(console.see("#joined")).to_contain_text("Joined to ticket")
